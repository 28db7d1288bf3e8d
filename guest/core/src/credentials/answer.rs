//! Credentials as a source answers with them.

use std::time::Duration;

use zeroize::Zeroize as _;

use super::{REFRESH_BEFORE, refused};
use crate::call::connection::Credentials;
use crate::call::response::{RawResponse, members, text};
use crate::call::sign::SigningTime;
use crate::error::Error;
use crate::json::Value;

/// Credentials as a source gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What to sign with.
    pub credentials: Credentials,
    /// When they expire, as [`digits`]. What is without an end may change at any time, and
    /// is not kept.
    expires: Option<u64>,
}

impl Fetched {
    /// Credentials that are not to be kept.
    pub fn without_end(credentials: Credentials) -> Self {
        Self {
            credentials,
            expires: None,
        }
    }

    /// Credentials that expire at this time since the epoch.
    pub fn until(credentials: Credentials, expires: Duration) -> Self {
        Self {
            credentials,
            expires: Some(at(expires)),
        }
    }

    /// The same, which expire at this time since the epoch where they have no end.
    pub(super) fn or_until(self, expires: Duration) -> Self {
        Self {
            expires: self.expires.or(Some(at(expires))),
            ..self
        }
    }

    /// Whether they can be used again at `now`.
    pub fn is_fresh(&self, now: Duration) -> bool {
        self.expires
            .is_some_and(|expires| at(now.saturating_add(REFRESH_BEFORE)) < expires)
    }
}

/// What an answer holds, not checked yet.
pub(super) struct Parts<'a> {
    pub(super) access_key_id: Option<&'a str>,
    pub(super) secret_access_key: Option<&'a str>,
    pub(super) session_token: Option<&'a str>,
    pub(super) expiration: Option<&'a str>,
}

impl Parts<'_> {
    pub(super) fn check(self, source: &str, now: Duration) -> Result<Fetched, Error> {
        let fault = match (self.access_key_id, self.secret_access_key) {
            (Some(access_key_id), Some(secret_access_key)) => {
                let fetched = Fetched {
                    credentials: Credentials {
                        access_key_id: access_key_id.to_owned(),
                        secret_access_key: secret_access_key.to_owned(),
                        session_token: self.session_token.map(str::to_owned),
                    },
                    expires: self.expiration.map(digits),
                };
                match fetched.expires {
                    _ if fetched.credentials.unfit_part().is_some() => {
                        "the answer holds credentials that no header can carry"
                    }
                    Some(0) => "the answer's Expiration is not a time in UTC",
                    Some(expires) if expires <= at(now) => {
                        "the answer's credentials have expired, or the host's clock is ahead"
                    }
                    _ => return Ok(fetched),
                }
            }
            _ => "the answer lacks AccessKeyId or SecretAccessKey",
        };
        Err(refused(source, fault))
    }
}

/// The body of an answer.
///
/// # Errors
///
/// [`Error::NoCredentials`] for every status but 200.
pub(super) fn body(source: &str, raw: RawResponse) -> Result<Vec<u8>, Error> {
    if raw.status == 200 {
        return Ok(raw.body);
    }
    Err(refused(
        source,
        &["HTTP ", &raw.status.to_string()].concat(),
    ))
}

/// Reads the JSON that containers and instances answer with.
pub(super) fn read_json(source: &str, raw: RawResponse, now: Duration) -> Result<Fetched, Error> {
    let mut body = body(source, raw)?;
    let members = members(&body);
    let fetched = match members.get("Code") {
        // Only instances send it.
        Some(Value::String(code)) if code != "Success" => {
            Err(refused(source, "the answer's Code is not Success"))
        }
        _ => Parts {
            access_key_id: text(&members, "AccessKeyId"),
            secret_access_key: text(&members, "SecretAccessKey"),
            session_token: text(&members, "Token"),
            expiration: text(&members, "Expiration"),
        }
        .check(source, now),
    };
    drop(members);
    body.zeroize();
    fetched
}

fn at(now: Duration) -> u64 {
    digits(SigningTime::new(now).amz_date())
}

/// The digits of a time to the second, which have the order of the times: those of
/// `2026-08-30T12:36:00Z` in answers (or with `+00:00`, as the AWS CLI writes it), of
/// `20260830T123600Z` in signatures. 0 where it is not 14, or not in UTC.
fn digits(time: &str) -> u64 {
    let utc = time
        .strip_suffix('Z')
        .or_else(|| time.strip_suffix("+00:00"));
    let seconds = utc
        .and_then(|time| time.split('.').next())
        .unwrap_or_default();
    let mut digits = 0_u64;
    let mut count = 0_u32;
    for digit in seconds.chars().filter_map(|c| c.to_digit(10)) {
        digits = digits.wrapping_mul(10).wrapping_add(digit.into());
        count = count.wrapping_add(1);
    }
    if count == 14 { digits } else { 0 }
}
