//! What can go wrong: while a component is loaded, and while it is called.
//!
//! No text here holds a credential, a payload or an environment variable.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use lambda_invocation_core::error::{ArgumentError, Error};
use lambda_invocation_core::lifecycle::{ApplyFailure, State};

/// Why a component could not be loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// A file could not be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program was built without the component of this file name, and none lies beside it.
    NotBundled(&'static str),
    /// The bytes are not a valid component; the text says what is wrong.
    Component(String),
    /// The component imports something that the host does not provide, or does not export
    /// what its world does. The text names both.
    World(String),
    /// The directory for compiled code cannot be used.
    Cache {
        /// The directory.
        directory: PathBuf,
        /// Why.
        reason: String,
    },
    /// The additional root certificates are not PEM, or hold no certificate.
    RootCertificates,
    /// An option has a value that cannot work; the text names both.
    Option(&'static str),
    /// WebAssembly cannot be run on this machine; the text says why.
    Engine(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::NotBundled(file) => write!(
                f,
                "{file} is neither inside this program nor beside it: build it with cargo xtask build and name its file, or have it embedded while this program is built"
            ),
            Self::Component(reason) => write!(f, "not a WebAssembly component: {reason}"),
            Self::World(reason) => write!(f, "the component does not fit the world {reason}"),
            Self::Cache { directory, reason } => write!(
                f,
                "cannot keep compiled code in {}: {reason}",
                directory.display()
            ),
            Self::RootCertificates => {
                f.write_str("the additional root certificates are not PEM certificates")
            }
            Self::Option(reason) => f.write_str(reason),
            Self::Engine(reason) => write!(f, "cannot run WebAssembly here: {reason}"),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The component returned an error: the usual case.
    Failed(Error),
    /// The component trapped.
    Trapped {
        /// What WebAssembly reports, for example `unreachable`.
        reason: String,
        /// Whether the function may have run. How far the call got is known only where the
        /// host sends ([`Transport::Host`](crate::Transport::Host)), and where nothing can be
        /// sent, as for a plan; else it is `true`.
        maybe_ran: bool,
    },
    /// The component needed more memory than its limit, and was stopped.
    MemoryLimit {
        /// The limit, in bytes.
        limit: usize,
        /// As for a trap.
        maybe_ran: bool,
    },
    /// The call took longer than it may, and was stopped.
    TimeLimit {
        /// The limit.
        after: Duration,
        /// As for a trap.
        maybe_ran: bool,
    },
}

impl CallError {
    /// Whether the function may have run, or may still be running.
    pub fn maybe_ran(&self) -> bool {
        match self {
            Self::Failed(error) => error.maybe_ran(),
            Self::Trapped { maybe_ran, .. }
            | Self::MemoryLimit { maybe_ran, .. }
            | Self::TimeLimit { maybe_ran, .. } => *maybe_ran,
        }
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ArgumentError> for CallError {
    fn from(error: ArgumentError) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ran = if self.maybe_ran() {
            "the request may have reached Lambda, so the function may have run"
        } else {
            "nothing was sent, so the function did not run"
        };
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Trapped { reason, .. } => write!(f, "the component trapped: {reason}; {ran}"),
            Self::MemoryLimit { limit, .. } => write!(
                f,
                "the component needed more than its {limit} bytes of memory; {ran}"
            ),
            Self::TimeLimit { after, .. } => write!(
                f,
                "the component was stopped after {} s, the host's limit for a call; {ran}",
                after.as_secs_f64()
            ),
        }
    }
}

impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // Not the error itself: Display shows it already.
            Self::Failed(error) => error.source(),
            _ => None,
        }
    }
}

/// Why an apply did not finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyError {
    /// A step failed. Keep the state that comes with it: it holds what was done before.
    Failed(Box<ApplyFailure>),
    /// The component was stopped in the middle. [`CallError::maybe_ran`] says whether a
    /// request may have reached Lambda that was not answered.
    Stopped {
        /// Why.
        error: CallError,
        /// The last state that is known: the prior one, or where the host sends
        /// ([`Transport::Host`](crate::Transport::Host)), that after the last request that
        /// was answered.
        state: Option<Box<State>>,
    },
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.error.fmt(f),
            Self::Stopped { error, .. } => error.fmt(f),
        }
    }
}

impl std::error::Error for ApplyError {}
