//! Signature Version 4, checked as AWS checks it.
//!
//! The canonical request is built here from what arrived, by the published rules
//! ("Create a signed AWS API request", IAM User Guide), and shares no code with
//! the signer in the component: a mistake made there must not be made here too.
//! Only the `Authorization` header is read; a presigned URL counts as unsigned.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{self, HeaderMap, HeaderName};
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest as _, Sha256};

use super::credentials::Credentials;
use super::date;
use super::reply::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// How far the request's clock may be from the endpoint's, either way, in
/// minutes.
const WINDOW_MINUTES: i64 = 5;

/// The unreserved characters of RFC 3986 stay; all else is encoded.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// As [`UNRESERVED`], for a path whose segments are encoded one by one.
const PATH: AsciiSet = UNRESERVED.remove(b'/');

/// The part of a request that is signed, as it came off the wire.
pub(super) struct Received<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) payload: &'a [u8],
}

/// Checks requests for one service in one region against one pair of keys.
pub(super) struct Verifier {
    region: String,
    service: &'static str,
    credentials: Credentials,
    /// When the session token ends, in seconds since 1970.
    session_expires: Option<i64>,
    /// The last signing key with its date: one derivation a day instead of one a
    /// request.
    signing_key: Mutex<Option<(String, [u8; 32])>>,
}

impl Verifier {
    pub(super) fn new(
        region: String,
        service: &'static str,
        credentials: Credentials,
        session_expires: Option<i64>,
    ) -> Self {
        Self {
            region,
            service,
            credentials,
            session_expires,
            signing_key: Mutex::new(None),
        }
    }

    /// Accepts a request signed with these credentials for this service and
    /// region at about `now` (seconds since 1970), and refuses any other in the
    /// words of AWS.
    pub(super) fn verify(&self, request: &Received<'_>, now: i64) -> Result<(), Refusal> {
        let authorization = match single(request.headers, &header::AUTHORIZATION)? {
            Some(text) => Authorization::parse(text)?,
            None => {
                return Err(Refusal::front_end(
                    StatusCode::FORBIDDEN,
                    "MissingAuthenticationTokenException",
                    "Missing Authentication Token",
                ));
            }
        };
        let amz_date = single(request.headers, &X_AMZ_DATE)?.ok_or_else(|| {
            incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        })?;
        let signed_at = date::parse_basic(amz_date)
            .ok_or_else(|| incomplete("Date must be in ISO-8601 'basic format'."))?;

        self.check_scope(&authorization.scope, amz_date)?;
        self.check_keys(authorization.access_key_id, request.headers, now)?;
        check_window(signed_at, now)?;
        check_signed_headers(&authorization.signed_headers, request.headers)?;

        let canonical = canonical_request(request, &authorization.signed_headers);
        let to_sign = string_to_sign(&canonical, amz_date, &authorization.scope);
        let signature = hex(&hmac(&self.key(authorization.scope.date), to_sign.as_bytes()));
        if same(signature.as_bytes(), authorization.signature.as_bytes()) {
            Ok(())
        } else {
            Err(invalid_signature(
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method. \
                 Consult the service documentation for details.",
            ))
        }
    }

    fn check_scope(&self, scope: &Scope<'_>, amz_date: &str) -> Result<(), Refusal> {
        if scope.terminator != TERMINATOR {
            return Err(invalid_signature(
                "Credential should be scoped with a valid terminator: 'aws4_request'.",
            ));
        }
        if scope.region != self.region {
            return Err(invalid_signature(format!(
                "Credential should be scoped to a valid region. This endpoint is in '{}'.",
                self.region
            )));
        }
        if scope.service != self.service {
            return Err(invalid_signature(format!(
                "Credential should be scoped to correct service: '{}'.",
                self.service
            )));
        }
        if amz_date.get(..8) != Some(scope.date) {
            return Err(invalid_signature(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
            ));
        }
        Ok(())
    }

    /// Knows the caller: the access key id, and the session token where there is
    /// one.
    fn check_keys(
        &self,
        access_key_id: &str,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<(), Refusal> {
        let token = single(headers, &X_AMZ_SECURITY_TOKEN)?;
        let token_matches = match (&self.credentials.session_token, token) {
            (None, None) => true,
            (Some(expected), Some(sent)) => same(expected.as_bytes(), sent.as_bytes()),
            _ => false,
        };
        if access_key_id != self.credentials.access_key_id || !token_matches {
            return Err(Refusal::front_end(
                StatusCode::FORBIDDEN,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ));
        }
        if token.is_some() && self.session_expires.is_some_and(|end| now >= end) {
            return Err(Refusal::front_end(
                StatusCode::FORBIDDEN,
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ));
        }
        Ok(())
    }

    /// The signing key of a day.
    fn key(&self, date: &str) -> [u8; 32] {
        let mut last = self
            .signing_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((day, key)) if day == date => *key,
            _ => {
                let secret = &self.credentials.secret_access_key;
                let key = signing_key(secret, date, &self.region, self.service);
                *last = Some((date.to_owned(), key));
                key
            }
        }
    }
}

/// `Authorization: AWS4-HMAC-SHA256 Credential=.., SignedHeaders=.., Signature=..`
struct Authorization<'a> {
    access_key_id: &'a str,
    scope: Scope<'a>,
    /// In the order sent.
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

/// The credential scope: what a signature is good for.
pub(super) struct Scope<'a> {
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(text: &'a str) -> Result<Self, Refusal> {
        let parameters = text
            .strip_prefix(ALGORITHM)
            .filter(|rest| rest.is_empty() || rest.starts_with(' '))
            .ok_or_else(|| {
                incomplete("Unsupported AWS 'algorithm': the Authorization header must start with 'AWS4-HMAC-SHA256'.")
            })?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for parameter in parameters.split(',').map(str::trim) {
            if parameter.is_empty() {
                continue;
            }
            let place = match parameter.split_once('=') {
                Some(("Credential", value)) => credential.replace(value),
                Some(("SignedHeaders", value)) => signed_headers.replace(value),
                Some(("Signature", value)) => signature.replace(value),
                _ => return Err(incomplete("Authorization header has an unknown parameter.")),
            };
            if place.is_some() {
                return Err(incomplete("Authorization header has a parameter twice."));
            }
        }
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (credential, signed_headers, signature)
        else {
            let missing = [
                ("Credential", credential),
                ("Signature", signature),
                ("SignedHeaders", signed_headers),
            ];
            let sentences: Vec<String> = missing
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| format!("Authorization header requires '{name}' parameter."))
                .collect();
            return Err(incomplete(sentences.join(" ")));
        };
        let elements: Vec<&str> = credential.split('/').collect();
        let [access_key_id, date, region, service, terminator] = elements[..] else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };
        Ok(Self {
            access_key_id,
            scope: Scope {
                date,
                region,
                service,
                terminator,
            },
            signed_headers: signed_headers.split(';').collect(),
            signature,
        })
    }
}

/// Refuses a request whose date is more than five minutes off.
fn check_window(signed_at: i64, now: i64) -> Result<(), Refusal> {
    let window = WINDOW_MINUTES * 60;
    let (signed, current) = (date::basic(signed_at), date::basic(now));
    if signed_at < now - window {
        let limit = date::basic(now - window);
        return Err(invalid_signature(format!(
            "Signature expired: {signed} is now earlier than {limit} ({current} - {WINDOW_MINUTES} min.)"
        )));
    }
    if signed_at > now + window {
        let limit = date::basic(now + window);
        return Err(invalid_signature(format!(
            "Signature not yet current: {signed} is still later than {limit} ({current} + {WINDOW_MINUTES} min.)"
        )));
    }
    Ok(())
}

/// Refuses a request that leaves `host` or an `x-amz-*` header unsigned: whoever
/// stands between could change it.
fn check_signed_headers(signed: &[&str], headers: &HeaderMap) -> Result<(), Refusal> {
    if !signed.contains(&"host") {
        return Err(invalid_signature(
            "'host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    for name in headers.keys().map(HeaderName::as_str) {
        if name.starts_with("x-amz-") && !signed.contains(&name) {
            return Err(invalid_signature(format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            )));
        }
    }
    Ok(())
}

/// The canonical request: method, path, query, signed headers with their names,
/// and the payload's hash, a line each. Header values need not be text.
pub(super) fn canonical_request(request: &Received<'_>, signed_headers: &[&str]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(512);
    for line in [
        request.method,
        &canonical_path(request.path),
        &canonical_query(request.query),
    ] {
        canonical.extend_from_slice(line.as_bytes());
        canonical.push(b'\n');
    }
    for name in signed_headers {
        canonical.extend_from_slice(name.as_bytes());
        canonical.push(b':');
        for (index, value) in request.headers.get_all(*name).iter().enumerate() {
            if index > 0 {
                canonical.push(b',');
            }
            push_collapsed(&mut canonical, value.as_bytes());
        }
        canonical.push(b'\n');
    }
    canonical.push(b'\n');
    canonical.extend_from_slice(signed_headers.join(";").as_bytes());
    canonical.push(b'\n');
    canonical.extend_from_slice(hex(&Sha256::digest(request.payload)).as_bytes());
    canonical
}

/// Date, scope and the canonical request's hash, a line each.
pub(super) fn string_to_sign(canonical: &[u8], amz_date: &str, scope: &Scope<'_>) -> String {
    format!(
        "{ALGORITHM}\n{amz_date}\n{}/{}/{}/{}\n{}",
        scope.date,
        scope.region,
        scope.service,
        scope.terminator,
        hex(&Sha256::digest(canonical))
    )
}

/// The key of one day, region and service.
pub(super) fn signing_key(secret: &str, date: &str, region: &str, service: &str) -> [u8; 32] {
    let day = hmac(format!("AWS4{secret}").as_bytes(), date.as_bytes());
    let region = hmac(&day, region.as_bytes());
    let service = hmac(&region, service.as_bytes());
    hmac(&service, TERMINATOR.as_bytes())
}

/// The path without empty and dot segments, each segment encoded once more than
/// on the wire: every service but S3 encodes twice.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut normal = format!("/{}", segments.join("/"));
    if !segments.is_empty() && path.ends_with('/') {
        normal.push('/');
    }
    percent_encode(normal.as_bytes(), &PATH).to_string()
}

/// The query's names and values encoded by RFC 3986 and sorted by their bytes.
fn canonical_query(query: &str) -> String {
    let encode = |text: &str| {
        let decoded: Vec<u8> = percent_decode_str(text).collect();
        percent_encode(&decoded, &UNRESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(name), encode(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Appends a header value without the spaces around it and with one space for
/// each run of them inside.
fn push_collapsed(out: &mut Vec<u8>, value: &[u8]) {
    let mut words = value.split(|b| *b == b' ').filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// The value of a header that may stand once only, and must be text.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(incomplete(format!(
            "The header '{name}' must be there once, in ASCII."
        ))),
    }
}

#[allow(
    clippy::expect_used,
    reason = "HMAC takes keys of every length (RFC 2104); the Result serves other MACs"
)]
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(
        String::with_capacity(bytes.len().saturating_mul(2)),
        |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        },
    )
}

/// Compares in a time that depends on the lengths only, so that a signature
/// cannot be guessed byte by byte.
fn same(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y));
    a.len() == b.len() && std::hint::black_box(difference) == 0
}

fn invalid_signature(message: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::front_end(StatusCode::FORBIDDEN, "InvalidSignatureException", message)
}

fn incomplete(message: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::front_end(
        StatusCode::BAD_REQUEST,
        "IncompleteSignatureException",
        message,
    )
}
