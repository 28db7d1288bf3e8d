//! Why a command did not do what it should: an [`Error`] of the library, or what only
//! a command line can run into.

use std::borrow::Cow;
use std::fmt;

use lambda_invocation_core::error::Error;

/// Why a command did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// An error of the library, or an argument that it never got to see.
    Error(Error),
    /// Faults of a configuration, in its order; not empty.
    Faults(Vec<Error>),
    /// The state file is locked, was changed underneath, or cannot be written.
    Conflict(String),
}

impl Failure {
    /// What to say about it, if it were one error.
    pub fn error(&self) -> Cow<'_, str> {
        match self {
            Self::Error(error) => Cow::Owned(error.to_string()),
            Self::Faults(faults) => {
                let faults: Vec<String> = faults.iter().map(Error::to_string).collect();
                Cow::Owned(faults.join("; "))
            }
            Self::Conflict(text) => Cow::Borrowed(text),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error())
    }
}
