//! Why a command did not do what it should: an [`Error`] of the library, or what only
//! a command line can run into.

use std::fmt;

use lambda_invocation_core::error::Error;

use crate::state::Intent;

/// Why a command did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// An error of the library, or an argument that it never got to see.
    Error(Error),
    /// Faults of a configuration, in its order; not empty.
    Faults(Vec<Error>),
    /// The state file is locked, was changed underneath, or cannot be written.
    Conflict(String),
    /// Invocations whose outcome is not known, and which are not sent again before it is;
    /// not empty.
    Unanswered(Vec<Unanswered>),
}

/// An invocation whose outcome is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Its name.
    pub name: String,
    /// What was about to be sent.
    pub intent: Intent,
}

impl fmt::Display for Unanswered {
    /// What is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, intent } = self;
        write!(
            f,
            "{name}: no answer to the {} of {} that was sent to {}: the function may have run",
            intent.event.as_str(),
            intent.at,
            intent.function_name,
        )
    }
}

impl Unanswered {
    /// What the user can do about it.
    pub fn advice(&self) -> String {
        let name = &self.name;
        format!(
            "look into the function's log, then say which it was: --ran {name}[=RESULT] if it ran, --run-again {name} to send it again"
        )
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl fmt::Display for Failure {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |parts: Vec<String>| parts.join("; ");
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Faults(faults) => {
                f.write_str(&join(faults.iter().map(Error::to_string).collect()))
            }
            Self::Conflict(text) => f.write_str(text),
            Self::Unanswered(all) => {
                let lines = all.iter().map(|one| format!("{one}; {}", one.advice()));
                f.write_str(&join(lines.collect()))
            }
        }
    }
}
