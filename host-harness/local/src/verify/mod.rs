//! Signature Version 4, checked as AWS checks it.
//!
//! The canonical request is built here; `aws-sigv4` derives the key and calculates the
//! signature. Only the `Authorization` header is read; a presigned URL counts as unsigned.

mod authorization;
mod canonical;
#[cfg(test)]
mod vectors;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sigv4::sign::v4;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName};
use time::{Date, Duration, OffsetDateTime};

use super::credentials::Credentials;
use super::date;
use super::reply::Refusal;
use authorization::{Authorization, Scope};
pub(super) use canonical::Received;
use canonical::{canonical_request, string_to_sign};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// How far the request's clock may be from the endpoint's, either way, in
/// minutes.
const WINDOW_MINUTES: i64 = 5;

/// Checks requests for one service in one region against one pair of keys.
pub(super) struct Verifier {
    region: String,
    service: &'static str,
    credentials: Credentials,
    /// When the session token ends.
    session_expires: Option<OffsetDateTime>,
    /// The last signing key with its date: one derivation a day instead of one a
    /// request.
    signing_key: Mutex<Option<(Date, Arc<[u8]>)>>,
}

impl Verifier {
    pub(super) fn new(
        region: String,
        service: &'static str,
        credentials: Credentials,
        session_expires: Option<OffsetDateTime>,
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
    /// region at about `now`, and refuses any other in the words of AWS.
    pub(super) fn verify(
        &self,
        request: &Received<'_>,
        now: OffsetDateTime,
    ) -> Result<(), Refusal> {
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
        // The scope is of this date.
        let signature = v4::calculate_signature(self.key(signed_at), to_sign.as_bytes());
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
        now: OffsetDateTime,
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
    fn key(&self, signed_at: OffsetDateTime) -> Arc<[u8]> {
        let mut last = self
            .signing_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((day, key)) if *day == signed_at.date() => Arc::clone(key),
            _ => {
                let secret = &self.credentials.secret_access_key;
                let key =
                    v4::generate_signing_key(secret, signed_at.into(), &self.region, self.service);
                let key = Arc::from(key.as_ref());
                *last = Some((signed_at.date(), Arc::clone(&key)));
                key
            }
        }
    }
}

/// Refuses a request whose date is more than five minutes off.
fn check_window(signed_at: OffsetDateTime, now: OffsetDateTime) -> Result<(), Refusal> {
    let window = Duration::minutes(WINDOW_MINUTES);
    let (earliest, latest) = (now.saturating_sub(window), now.saturating_add(window));
    let words = |state, relation, limit, sign| {
        let (signed_at, limit, now) =
            (date::basic(signed_at), date::basic(limit), date::basic(now));
        Err(invalid_signature(format!(
            "Signature {state}: {signed_at} is {relation} than {limit} ({now} {sign} {WINDOW_MINUTES} min.)"
        )))
    };
    if signed_at < earliest {
        return words("expired", "now earlier", earliest, '-');
    }
    if signed_at > latest {
        return words("not yet current", "still later", latest, '+');
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
