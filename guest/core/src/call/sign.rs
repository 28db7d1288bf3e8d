//! Signature Version 4.
//!
//! `aws-sigv4` derives the key and signs. The canonical request is built here, as
//! [`prepare`](crate::call::invocation::Invocation::prepare) shows it, and the crate's own
//! signer gives out only the signature. `tests/sigv4_suite.rs` and `tests/sigv4_lambda.rs`
//! compare this module with the AWS signing test suite, botocore and that signer.
//!
//! Rules: "Create a signed AWS API request" in the IAM User Guide. Paths are
//! encoded once more in the canonical form, as for every service but S3. Dot
//! segments are not removed: no path of this crate holds one.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// A signing key.
pub type Key = [u8; 32];
/// The last part of the credential scope.
const TERMINATOR: &str = "aws4_request";

/// What is percent-encoded in a path segment or a query: all but the unreserved characters
/// of RFC 3986.
pub(crate) const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same for a whole path.
const PATH: &AsciiSet = &COMPONENT.remove(b'/');

/// A point in time as the signature writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningTime {
    at: SystemTime,
    /// `YYYYMMDDTHHMMSSZ`.
    amz_date: String,
}

impl SigningTime {
    /// The instant `since_epoch` after 1970-01-01T00:00:00Z. What lies beyond the
    /// year 9999 is taken as the epoch; no server accepts either.
    pub fn new(since_epoch: Duration) -> Self {
        let at = i64::try_from(since_epoch.as_secs())
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let mut amz_date = String::with_capacity(16);
        let year = u8::try_from(at.year().rem_euclid(100)).unwrap_or_default();
        let century = u8::try_from(at.year().div_euclid(100)).unwrap_or_default();
        push_two_digits(&mut amz_date, century);
        push_two_digits(&mut amz_date, year);
        push_two_digits(&mut amz_date, at.month().into());
        push_two_digits(&mut amz_date, at.day());
        amz_date.push('T');
        push_two_digits(&mut amz_date, at.hour());
        push_two_digits(&mut amz_date, at.minute());
        push_two_digits(&mut amz_date, at.second());
        amz_date.push('Z');
        Self {
            at: at.into(),
            amz_date,
        }
    }

    /// `YYYYMMDDTHHMMSSZ`, the value of `X-Amz-Date`.
    pub fn amz_date(&self) -> &str {
        &self.amz_date
    }

    /// `YYYYMMDD`, the first part of the credential scope.
    pub fn date(&self) -> &str {
        self.amz_date.get(..8).unwrap_or_default()
    }
}

/// A number below 100, as two digits.
fn push_two_digits(out: &mut String, number: u8) {
    for digit in [number / 10, number % 10] {
        out.push(char::from(b'0'.wrapping_add(digit)));
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

/// Who signs, for what and when. It has no `Debug`: the key is secret.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The id of the access key.
    pub access_key_id: &'a str,
    /// The key for that day, region and service: [`key`].
    pub key: &'a Key,
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
    // Into place: `hex::encode` pushes digit by digit, a third of the time of a short hash.
    let mut digits = vec![0; 64];
    hex::encode_to_slice(Sha256::digest(bytes), &mut digits)
        .ok()
        .and_then(|()| String::from_utf8(digits).ok())
        // Never used: 32 bytes are 64 ASCII digits.
        .unwrap_or_default()
}

/// Derives the key for a day, a region and a service.
pub fn key(secret: &str, region: &str, service: &str, time: &SigningTime) -> Zeroizing<Key> {
    let key = v4::generate_signing_key(secret, time.at, region, service);
    // An HMAC-SHA256 has this length.
    Zeroizing::new(Key::try_from(key.as_ref()).unwrap_or_default())
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
    let credential_scope = [
        scope.time.date(),
        "/",
        scope.region,
        "/",
        scope.service,
        "/",
        TERMINATOR,
    ]
    .concat();
    let string_to_sign = [
        ALGORITHM,
        "\n",
        scope.time.amz_date(),
        "\n",
        &credential_scope,
        "\n",
        &sha256_hex(canonical_request.as_bytes()),
    ]
    .concat();
    let signature = v4::calculate_signature(scope.key, string_to_sign.as_bytes());
    let authorization = [
        ALGORITHM,
        " Credential=",
        scope.access_key_id,
        "/",
        &credential_scope,
        ", SignedHeaders=",
        &signed_headers,
        ", Signature=",
        &signature,
    ]
    .concat();
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
    out.extend(utf8_percent_encode(request.path, PATH));
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
    let encode = |text| utf8_percent_encode(text, COMPONENT).to_string();
    let pairs = query
        .iter()
        .map(|(name, value)| (encode(name), encode(value)));
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
