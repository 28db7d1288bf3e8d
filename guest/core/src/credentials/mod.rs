//! Credentials that neither the connection nor the environment holds, and that are
//! therefore fetched: what to ask, whom, and what the answers mean. Sending and
//! reading files is the caller's.
//!
//! The order, and a file each:
//!
//! | source | asked when | needs |
//! | --- | --- | --- |
//! | the connection, the environment | always first: [`crate::call::settings`] | nothing |
//! | [`profile`] | the shared files hold the profile `AWS_PROFILE`, or `default` | files, STS for roles |
//! | [`web_identity`] | `AWS_WEB_IDENTITY_TOKEN_FILE` is set | files, STS |
//! | [`container`] | `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `_FULL_URI` is set | HTTP; files for a token file |
//! | [`instance_metadata`] | `AWS_EC2_METADATA_DISABLED` is `false` | HTTP |
//!
//! It is the order of the AWS SDK for Rust. The first source that is configured
//! decides: where it fails, that is the error, because the next one would be somebody
//! else. A component that reads no files leaves out the two that need them.
//!
//! No text here quotes an answer, but for the message of an error of STS, and that
//! without the secrets that were sent.

mod answer;
pub mod container;
pub mod instance_metadata;
pub mod profile;
mod question;
pub mod shared_config;
pub mod sts;
pub mod web_identity;

use std::time::Duration;

pub use answer::Fetched;
pub use question::{Method, Question};

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

/// The error for when no source is configured. `files` says what became of the sources
/// that need files, where the component reads any.
pub fn none_found(files: Option<&str>) -> Error {
    let files = files.unwrap_or("profiles and web identity need files, which this component does not read (lambda-host does)");
    let parts = [
        "neither the connection nor the environment holds any: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones); ",
        files,
        "; AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set; instance metadata is asked only with AWS_EC2_METADATA_DISABLED=false",
    ];
    Error::NoCredentials(parts.concat())
}

/// The error for when a source that is configured does not give credentials.
#[cold]
#[inline(never)]
pub(crate) fn refused(source: &str, reason: &str) -> Error {
    Error::NoCredentials([source, ": ", reason].concat())
}

/// Whether `text` can be the value of a header, and no line break in it begins another
/// one.
fn is_header_value(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'))
}
