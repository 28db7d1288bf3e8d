//! The `credential_process` of a profile: what it prints, and what to say when it fails.
//! Running it is the caller's.
//!
//! Rules: "Process credential provider" in the AWS SDKs and Tools Reference Guide.

use std::fmt;
use std::time::Duration;

use super::answer::Parts;
use super::{Fetched, of_profile, refused};
use crate::call::response::{members, text};
use crate::error::Error;
use crate::json::Value;

/// How long it may run: as in the AWS SDK for Go. The call's deadline may end it before.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// How long credentials are kept that come without an end: as in the AWS SDK for Rust.
const KEPT: Duration = Duration::from_secs(15 * 60);

const SOURCE: &str = "credential_process";

/// A program to run. `Debug` leaves out the command: there may be secrets among its
/// arguments.
#[derive(Clone, PartialEq, Eq)]
pub struct Process {
    /// The profile that says so.
    pub profile: String,
    /// The command line, for a shell.
    pub command: String,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

impl Process {
    /// Reads what it printed on standard output. What has no end is to be kept for 15
    /// minutes.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] with what is wrong with that.
    pub fn read(&self, output: &[u8], now: Duration) -> Result<Fetched, Error> {
        let members = members(output);
        let fetched = match members.get("Version") {
            Some(Value::Literal("1")) => Parts {
                access_key_id: text(&members, "AccessKeyId"),
                secret_access_key: text(&members, "SecretAccessKey"),
                session_token: text(&members, "SessionToken"),
                expiration: text(&members, "Expiration"),
            }
            .check(SOURCE, now)
            .map(|fetched| fetched.or_until(now.saturating_add(KEPT))),
            Some(_) => Err(refused(SOURCE, "the Version of its output is not 1")),
            None => Err(refused(
                SOURCE,
                "its output is not a JSON object with a Version: run it to see",
            )),
        };
        fetched.map_err(|error| of_profile(&self.profile, error))
    }

    /// The error for when it gave no output to read. What it says itself is not repeated.
    pub fn failed(&self, reason: &str) -> Error {
        of_profile(&self.profile, refused(SOURCE, reason))
    }
}
