//! Signature Version 4.
//!
//! The canonical request is built here, because [`prepare`](crate::invocation)
//! must show it and the public interface of `aws-sigv4` does not; key derivation
//! and signature are that crate's. Its own signer and the AWS signing test suite
//! check this module in `tests/sigv4_suite.rs` and `tests/sigv4_lambda.rs`.
//!
//! Rules: "Create a signed AWS API request" in the IAM User Guide. Paths are
//! encoded once more in the canonical form, as for every service but S3. Dot
//! segments are not removed: no path of this crate holds one.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::connection::Credentials;
use crate::{hex, percent};

/// A point in time as the signature writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningTime {
    time: SystemTime,
    /// `YYYYMMDDTHHMMSSZ`.
    amz_date: String,
}

impl SigningTime {
    /// The instant `since_epoch` after 1970-01-01T00:00:00Z. What lies beyond the
    /// year 9999 is taken as the epoch; no server accepts either.
    pub fn new(since_epoch: Duration) -> Self {
        let at = i64::try_from(since_epoch.as_secs())
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        let time = at.map_or(SystemTime::UNIX_EPOCH, SystemTime::from);
        let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let amz_date = format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        );
        Self { time, amz_date }
    }

    /// `YYYYMMDDTHHMMSSZ`, the value of `X-Amz-Date`.
    pub fn amz_date(&self) -> &str {
        &self.amz_date
    }

    /// `YYYYMMDD`, the first part of the credential scope.
    fn date(&self) -> &str {
        self.amz_date.get(..8).unwrap_or_default()
    }
}

/// What a signature covers. It has no `Debug`: a session token is among the headers.
#[derive(Clone, Copy)]
pub struct Signable<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path as on the wire, percent-encoded once.
    pub path: &'a str,
    /// Query parameters, not encoded.
    pub query: &'a [(&'a str, &'a str)],
    /// Every header to be signed, names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
    /// SHA-256 of the body in lower-case hex.
    pub payload_hash: &'a str,
}

/// Who signs, for what and when.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The credentials to sign with.
    pub credentials: &'a Credentials,
    /// The region in the credential scope.
    pub region: &'a str,
    /// The service in the credential scope: `lambda`.
    pub service: &'a str,
    /// The time of the signature.
    pub time: &'a SigningTime,
}

/// A signature and what led to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// The value of the `Authorization` header.
    pub authorization: String,
    /// The canonical request.
    pub canonical_request: String,
    /// The string to sign.
    pub string_to_sign: String,
}

/// Lower-case hex of the SHA-256 of `bytes`.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes))
}

/// Signs a request.
pub fn sign(request: &Signable<'_>, scope: &Scope<'_>) -> Signed {
    let headers = sorted(
        request
            .headers
            .iter()
            .map(|(name, value)| (*name, collapse_spaces(value))),
        |a, b| a.0 <= b.0,
    );
    let signed_headers = signed_headers(&headers);
    let canonical_request = canonical_request(request, &headers, &signed_headers);
    let credential_scope = format!(
        "{}/{}/{}/aws4_request",
        scope.time.date(),
        scope.region,
        scope.service
    );
    let string_to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{credential_scope}\n{}",
        scope.time.amz_date(),
        sha256_hex(canonical_request.as_bytes())
    );
    let key = generate_signing_key(
        &scope.credentials.secret_access_key,
        scope.time.time,
        scope.region,
        scope.service,
    );
    let signature = calculate_signature(key, string_to_sign.as_bytes());
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{credential_scope}, SignedHeaders={signed_headers}, Signature={signature}",
        scope.credentials.access_key_id
    );
    Signed {
        authorization,
        canonical_request,
        string_to_sign,
    }
}

/// A header: its name in lower case, and its value in canonical form.
type Header<'a> = (&'a str, Cow<'a, str>);

/// An insertion sort: pairs are few, and those that compare equal keep their order,
/// as the values of one header must.
fn sorted<P>(pairs: impl Iterator<Item = P>, before: fn(&P, &P) -> bool) -> Vec<P> {
    let mut out: Vec<P> = Vec::with_capacity(8);
    for pair in pairs {
        let at = out.partition_point(|other| before(other, &pair));
        out.insert(at, pair);
    }
    out
}

fn signed_headers(sorted: &[Header<'_>]) -> String {
    let mut out = String::with_capacity(128);
    let mut previous = None;
    for (name, _) in sorted {
        if previous == Some(name) {
            continue;
        }
        if previous.is_some() {
            out.push(';');
        }
        out.push_str(name);
        previous = Some(name);
    }
    out
}

fn canonical_request(
    request: &Signable<'_>,
    sorted_headers: &[Header<'_>],
    signed_headers: &str,
) -> String {
    let values: usize = sorted_headers.iter().map(|(_, value)| value.len()).sum();
    let mut out = String::with_capacity(values.saturating_add(512));
    out.push_str(request.method);
    out.push('\n');
    percent::encode_into(&mut out, request.path, b"/");
    out.push('\n');
    out.push_str(&canonical_query(request.query));
    out.push('\n');
    let mut previous = None;
    for (name, value) in sorted_headers {
        if previous == Some(name) {
            out.push(',');
        } else {
            if previous.is_some() {
                out.push('\n');
            }
            out.push_str(name);
            out.push(':');
        }
        out.push_str(value);
        previous = Some(name);
    }
    out.push_str("\n\n");
    out.push_str(signed_headers);
    out.push('\n');
    out.push_str(request.payload_hash);
    out
}

/// Encoded pairs, sorted by encoded name and then value. It serves the wire as
/// well: the two forms of a query are the same.
pub fn canonical_query(query: &[(&str, &str)]) -> String {
    let pairs = query
        .iter()
        .map(|(name, value)| (percent::encode(name), percent::encode(value)));
    let mut out = String::new();
    for (name, value) in sorted(pairs, |a, b| a <= b) {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&name);
        out.push('=');
        out.push_str(&value);
    }
    out
}

/// Leading and trailing spaces go, runs of spaces inside become one.
fn collapse_spaces(value: &str) -> Cow<'_, str> {
    if value.bytes().all(|b| b.is_ascii_graphic()) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    for word in value.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word.trim());
    }
    Cow::Owned(out)
}
