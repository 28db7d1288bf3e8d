//! Why a command did not do what it should: an [`Error`] of the library, or what only
//! a command line can run into.

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

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl fmt::Display for Failure {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Faults(faults) => {
                let faults: Vec<String> = faults.iter().map(Error::to_string).collect();
                f.write_str(&faults.join("; "))
            }
            Self::Conflict(text) => f.write_str(text),
        }
    }
}
