//! Credentials that neither the connection nor the environment holds, and that are
//! therefore fetched: what to ask, whom, and what the answers mean. Sending and
//! reading files is the caller's.
//!
//! [`chain`] decides which source counts; a file each says what that one needs:
//! [`profile`] (with [`shared_config`], [`sso`], [`process`] and [`sts`] for roles),
//! [`web_identity`], [`container`] and [`instance_metadata`].
//!
//! No text here quotes an answer, but for the message of an error of STS, and that
//! without the secrets that were sent.

mod answer;
pub mod chain;
pub mod container;
pub mod instance_metadata;
pub mod process;
pub mod profile;
mod question;
pub mod read;
pub mod shared_config;
pub mod sso;
pub mod sts;
pub mod web_identity;

use std::time::Duration;

pub use answer::Fetched;
pub use question::{Question, unanswered};

use self::chain::Files;
use crate::error::Error;

/// How often a request for credentials is made, the first time included: as in
/// botocore and the AWS SDK for Rust.
pub const TRIES: u32 = 3;
/// Most bytes of an answer that are read. Real ones have one or two thousand.
pub const MAX_ANSWER: u64 = 65_536;
/// Most bytes of a token file that are read: more than a header may hold anywhere.
pub const MAX_TOKEN: u64 = 65_536;
/// How long before they expire credentials are no longer used. A call signed with them
/// must arrive, and the sources have new ones ready by then.
pub const REFRESH_BEFORE: Duration = Duration::from_secs(5 * 60);

/// Whether a call failed because its credentials had expired. Nothing ran, so that those
/// which were fetched can be fetched anew and the call made once more.
pub fn have_expired(error: &Error) -> bool {
    matches!(error, Error::Service(e) if matches!(e.code.as_str(), "ExpiredToken" | "ExpiredTokenException"))
}

/// The error for when no source is configured. `files` is what the program reads of files,
/// if it does, and `instance` says why instance metadata is of no use.
pub fn none_found(files: Option<&dyn Files>, instance: &str) -> Error {
    let files = match files {
        Some(files) => [&files.searched(), "; AWS_WEB_IDENTITY_TOKEN_FILE is not set"].concat(),
        None => "profiles and web identity need files, which this component does not read (lambda-host does)".to_owned(),
    };
    let parts = [
        "neither the call nor the environment holds any: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones), or name a profile (--profile, AWS_PROFILE); ",
        &files,
        "; AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set; ",
        instance,
    ];
    Error::NoCredentials(parts.concat())
}

/// The error for when a source that is configured does not give credentials.
#[cold]
#[inline(never)]
pub(crate) fn refused(source: &str, reason: &str) -> Error {
    Error::NoCredentials([source, ": ", reason].concat())
}

/// Names the profile in the error of a source that it configures.
#[cold]
pub fn of_profile(profile: &str, error: Error) -> Error {
    match error {
        Error::NoCredentials(text) => Error::NoCredentials(format!("profile {profile:?}: {text}")),
        other => other,
    }
}

/// Names what configures a web identity in the error of it: the profile, or the environment.
#[cold]
pub fn of_web_identity(profile: Option<&str>, error: Error) -> Error {
    match (profile, error) {
        (Some(profile), error) => of_profile(profile, error),
        (None, Error::NoCredentials(text)) => {
            refused("AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN", &text)
        }
        (None, other) => other,
    }
}

/// The error for a source of a profile that only a host can ask: `which` it is, and that a
/// component cannot.
pub fn needs_a_host(profile: &str, which: &str) -> Error {
    let text = [
        which,
        ": use lambda-host, or pass credentials in the environment, as aws configure export-credentials prints them",
    ];
    of_profile(profile, Error::NoCredentials(text.concat()))
}

/// Whether `text` can be the value of a header, and no line break in it begins another
/// one.
fn is_header_value(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'))
}
