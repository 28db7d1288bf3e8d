//! Credentials that neither the connection nor the environment holds, and that are
//! therefore fetched: what to ask, whom, and what the answers mean. Sending and
//! reading files is the caller's.
//!
//! The order, and a file each:
//!
//! | source | asked when | needs |
//! | --- | --- | --- |
//! | the connection, the environment | always first: [`crate::settings`] | nothing |
//! | [`profile`] | the shared files hold the profile `AWS_PROFILE`, or `default` | files, STS for roles |
//! | [`web_identity`] | `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN` are set | files, STS |
//! | [`container`] | `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `_FULL_URI` is set | HTTP; files for a token file |
//! | [`instance_metadata`] | `AWS_EC2_METADATA_DISABLED` is `false` | HTTP |
//!
//! It is the order of the AWS SDK for Rust. The first source that is configured
//! decides: where it fails, that is the error, because the next one would be somebody
//! else. A component that reads no files leaves out the two that need them.
//!
//! No text here quotes an answer, but for the message of an error, without the secrets
//! that were sent.

pub mod container;
pub mod instance_metadata;
pub mod profile;
pub mod shared_config;
pub mod sts;
mod timestamp;
pub mod web_identity;

use std::fmt;
use std::time::Duration;

use zeroize::Zeroize as _;

use crate::connection::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{Error, TimeoutError, TimeoutPhase, TransportPhase};
use crate::invocation::Head;
use crate::json::Value;
use crate::response::{Members, RawResponse, text};
use crate::service_error::clean;

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
/// How long services on the machine may take: as in botocore and the AWS SDK for Rust.
pub(crate) const LOCAL_TIMEOUT: Duration = Duration::from_secs(2);

/// Credentials as a source gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What to sign with.
    pub credentials: Credentials,
    /// When they expire, since the epoch. What is without an end may change at any
    /// time, and is not kept.
    pub expires: Option<Duration>,
}

impl Fetched {
    /// Whether they can be used again at `now`.
    pub fn is_fresh(&self, now: Duration) -> bool {
        self.expires
            .is_some_and(|expires| now.saturating_add(REFRESH_BEFORE) < expires)
    }
}

/// The method of a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `PUT`.
    Put,
    /// `POST`.
    Post,
}

/// A request that a source answers. Wiped on drop; `Debug` shows neither headers nor
/// body: they hold tokens.
pub struct Question {
    /// Who asks, for texts.
    pub source: &'static str,
    /// The method.
    pub method: Method,
    /// Where to send.
    pub endpoint: Endpoint,
    /// Path, query and headers.
    pub head: Head,
    /// The body; mostly empty.
    pub body: Vec<u8>,
    /// How long to wait for a connection, and then for each piece of the answer.
    pub timeout: Duration,
}

impl Question {
    fn get(source: &'static str, endpoint: Endpoint, path_and_query: String) -> Self {
        Self {
            source,
            method: Method::Get,
            endpoint,
            head: Head {
                path_and_query,
                headers: Vec::new(),
            },
            body: Vec::new(),
            timeout: LOCAL_TIMEOUT,
        }
    }

    /// The error for when there was no answer.
    ///
    /// What the caller can act on stays what it is: the host's denial, and the deadline
    /// of the call, which did not reach Lambda.
    pub fn unanswered(&self, error: Error) -> Error {
        let reason = match error {
            Error::DeniedByHost(_) => return error,
            Error::Timeout(e) if e.phase == TimeoutPhase::Deadline => {
                return Error::Timeout(TimeoutError { sent: false, ..e });
            }
            Error::Timeout(_) => "no answer within the time limit".to_owned(),
            Error::Transport(e) => e.detail,
            Error::ResponseTooLarge { .. } => "the answer has more than 65,536 bytes".to_owned(),
            Error::InvalidArgument(e) => e.reason.into_owned(),
            other => other.to_string(),
        };
        refused(self.source, &[&self.endpoint.origin(), ": ", &reason])
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("source", &self.source)
            .field("method", &self.method)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        for (_, value) in &mut self.head.headers {
            value.zeroize();
        }
        self.body.zeroize();
    }
}

/// Whether a call failed because its credentials had expired. Nothing ran, so that those
/// which were fetched can be fetched anew and the call made once more.
pub fn have_expired(error: &Error) -> bool {
    const CODES: &[&str] = &["ExpiredToken", "ExpiredTokenException"];
    matches!(error, Error::Service(e) if CODES.contains(&e.code.as_str()))
}

/// Whether asking once more may help.
pub fn may_ask_again(outcome: &Result<RawResponse, Error>) -> bool {
    match outcome {
        Ok(raw) => raw.status == 429 || raw.status >= 500,
        Err(Error::Transport(e)) => e.phase != TransportPhase::Tls,
        Err(Error::Timeout(e)) => e.phase != TimeoutPhase::Deadline,
        Err(_) => false,
    }
}

/// The error for when no source is configured. `files` says what became of the sources
/// that need files, where the component reads any.
pub fn none_found(files: Option<&str>) -> Error {
    let files = files.unwrap_or(
        "this component reads no files, so no profile and no AWS_WEB_IDENTITY_TOKEN_FILE (lambda-host does)",
    );
    let parts = [
        "neither the connection nor the environment holds any: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones); ",
        files,
        "; no container offers any (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set); instance metadata is asked only with AWS_EC2_METADATA_DISABLED=false",
    ];
    Error::NoCredentials(parts.concat())
}

/// The error for when a source that is configured does not give credentials.
#[cold]
#[inline(never)]
pub(crate) fn refused(source: &str, reason: &[&str]) -> Error {
    let mut text = source.to_owned();
    text.push_str(": ");
    text.extend(reason.iter().copied());
    Error::NoCredentials(text)
}

/// The error for an answer with another status than 200, with the message of its JSON,
/// if any.
fn bad_status(source: &str, raw: &RawResponse, secrets: &[&str]) -> Error {
    let said = crate::response::members(&raw.body);
    let said = text(&said, "message")
        .or_else(|| text(&said, "Message"))
        .unwrap_or_default();
    let separator = if said.is_empty() { "" } else { ": " };
    refused(
        source,
        &[
            "HTTP ",
            &raw.status.to_string(),
            separator,
            &clean(said, secrets, 512),
        ],
    )
}

/// Reads the JSON that containers and instances answer with.
fn read_json(
    source: &'static str,
    mut raw: RawResponse,
    secrets: &[&str],
    now: Duration,
) -> Result<Fetched, Error> {
    let fetched = if raw.status == 200 {
        match std::str::from_utf8(&raw.body).map(Value::parse) {
            Ok(Ok(Value::Object(members))) => from_members(source, &members, now),
            _ => Err(refused(source, &["the answer is not a JSON object"])),
        }
    } else {
        Err(bad_status(source, &raw, secrets))
    };
    raw.body.zeroize();
    fetched
}

fn from_members(
    source: &'static str,
    members: &Members<'_>,
    now: Duration,
) -> Result<Fetched, Error> {
    // Only instances send it.
    if let Some(code) = text(members, "Code").filter(|code| *code != "Success") {
        return Err(refused(source, &["it answered ", &clean(code, &[], 128)]));
    }
    Parts {
        access_key_id: text(members, "AccessKeyId"),
        secret_access_key: text(members, "SecretAccessKey"),
        session_token: text(members, "Token"),
        expiration: text(members, "Expiration"),
    }
    .check(source, now)
}

/// What an answer holds, not checked yet.
struct Parts<'a> {
    access_key_id: Option<&'a str>,
    secret_access_key: Option<&'a str>,
    session_token: Option<&'a str>,
    expiration: Option<&'a str>,
}

impl Parts<'_> {
    fn check(self, source: &str, now: Duration) -> Result<Fetched, Error> {
        let required = |name: &str, part: Option<&str>| match part {
            Some(part) => Ok(part.to_owned()),
            None => Err(refused(source, &["the answer lacks ", name])),
        };
        let credentials = Credentials {
            access_key_id: required("AccessKeyId", self.access_key_id)?,
            secret_access_key: required("SecretAccessKey", self.secret_access_key)?,
            session_token: self.session_token.map(str::to_owned),
        };
        if credentials.unfit_part().is_some() {
            return Err(refused(
                source,
                &["the answer holds credentials that no header can carry"],
            ));
        }
        let expires = match self.expiration {
            None => None,
            Some(text) => match timestamp::parse(text) {
                None => return Err(refused(source, &["the answer's Expiration is not a time"])),
                Some(expires) if expires <= now => {
                    return Err(refused(
                        source,
                        &["the answer's credentials have expired, or the host's clock is ahead"],
                    ));
                }
                expires => expires,
            },
        };
        Ok(Fetched {
            credentials,
            expires,
        })
    }
}

/// Whether `text` can be the value of a header: visible ASCII, which leaves out the
/// line breaks that would begin another one.
fn is_header_value(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'))
}
