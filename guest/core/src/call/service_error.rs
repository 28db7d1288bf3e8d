//! Error answers of Lambda and of its front end.
//!
//! The code stands in the header `x-amzn-ErrorType` or in the body as `code` or
//! `__type`, with a suffix after `:` or a namespace before `#`; the message in
//! `Message` or `message`. A body of XML has `Code` and `Message`, or the code as the name of
//! its outermost element. The set of codes is open (the service itself sends
//! `RequestEntityTooLargeException`, which its model does not name), so an unknown
//! one is passed on.

use std::borrow::Cow;

use crate::call::quote::clean;
use crate::call::response::{Members, RawResponse, members, text};
use crate::call::retry::{self, Ran};
use crate::error::{Error, ServiceError, ThrottlingError};

/// Longest message kept, in characters: what AWS sends is far shorter, and what
/// stands between may send anything.
const MAX_MESSAGE: usize = 1_024;
/// Longest code or reason kept, in characters.
const MAX_CODE: usize = 128;

/// The text AWS puts before the canonical request in a signature error. What
/// follows quotes the signed headers, the session token among them.
const CANONICAL_STRING: &str = "The Canonical String";

/// Reads an answer with an error status; `secrets` appear in no text of it.
pub fn read(raw: &RawResponse, secrets: &[&str]) -> Error {
    let body = Body::of(&raw.body);
    let code = match code_of(&code(raw, &body)) {
        "" => format!("Http{}", raw.status),
        code => clean(code, secrets, MAX_CODE),
    };
    let message = message(&body);
    let message = match message.split_once(CANONICAL_STRING) {
        Some((before, _)) => before,
        None => &message,
    };
    let message = clean(message, secrets, MAX_MESSAGE);
    let request_id = request_id(raw, secrets);
    if retry::is_throttling(raw.status, &code) {
        return Error::Throttled(ThrottlingError {
            reason: match body.text("Reason") {
                Some(reason) => clean(&reason, secrets, MAX_CODE),
                None => code,
            },
            retry_after_ms: retry_after_ms(raw),
            message,
            request_id,
            maybe_ran: false,
            attempts: 0,
        });
    }
    Error::Service(ServiceError {
        maybe_ran: retry::of_answer(raw.status, &code).0 == Ran::Maybe,
        hint: hint(raw.status, &code, &message).map(str::to_owned),
        code,
        status: raw.status,
        message,
        request_id,
        attempts: 0,
    })
}

/// The id AWS gave the request, fit for a line of text as in [`clean`].
pub(crate) fn request_id(raw: &RawResponse, secrets: &[&str]) -> Option<String> {
    let sent = raw
        .header("x-amzn-requestid")
        .or_else(|| raw.header("x-amz-request-id"))?;
    Some(clean(sent, secrets, MAX_CODE))
}

/// The body of an error.
enum Body<'a> {
    Json(Members<'a>),
    /// As the front end answers where it does not know which service is meant, or whatever
    /// else is not XML: then no element is found in it.
    Xml(&'a str),
}

impl<'a> Body<'a> {
    fn of(body: &'a [u8]) -> Self {
        match std::str::from_utf8(body) {
            Ok(text) if text.trim_ascii_start().starts_with('<') => Self::Xml(text),
            _ => Self::Json(members(body)),
        }
    }

    /// The text of a member or an element.
    fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Json(members) => text(members, name).map(Cow::Borrowed),
            Self::Xml(text) => {
                let (_, rest) = text.split_once(["<", name, ">"].concat().as_str())?;
                let (text, _) = rest.split_once('<')?;
                let mut text = text.to_owned();
                for (entity, c) in ENTITIES {
                    text = text.replace(entity, c);
                }
                Some(text.into())
            }
        }
    }

    /// The name of the outermost element where that is a code, as in `<AException>`.
    fn root(&self) -> Option<&'a str> {
        let &Self::Xml(mut rest) = self else {
            return None;
        };
        loop {
            (_, rest) = rest.split_once('<')?;
            if !matches!(rest.as_bytes().first(), Some(b'?' | b'!')) {
                break;
            }
        }
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        rest.get(..length)
            .filter(|name| name.ends_with("Exception"))
    }
}

/// In this order: what an ampersand begins after it is unescaped is text.
const ENTITIES: [(&str, &str); 5] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&apos;", "'"),
    ("&amp;", "&"),
];

/// A code as it is sent.
fn code<'a>(raw: &'a RawResponse, body: &'a Body<'_>) -> Cow<'a, str> {
    raw.header("x-amzn-errortype")
        .filter(|sent| !sent.is_empty())
        .map(Cow::Borrowed)
        .or_else(|| match body {
            Body::Json(_) => body.text("code").or_else(|| body.text("__type")),
            Body::Xml(_) => body.text("Code").or_else(|| body.root().map(Cow::Borrowed)),
        })
        .unwrap_or_default()
}

/// A code without what is sent around it.
fn code_of(sent: &str) -> &str {
    let code = sent.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().trim()
}

fn message<'a>(body: &'a Body<'_>) -> Cow<'a, str> {
    body.text("message")
        .or_else(|| body.text("Message"))
        .or_else(|| body.text("errorMessage"))
        .unwrap_or_default()
}

/// `x-amz-retry-after` counts milliseconds, `Retry-After` (RFC 9110 section 10.2.3)
/// seconds; its date form is not used by Lambda and ignored.
pub(crate) fn retry_after_ms(raw: &RawResponse) -> Option<u32> {
    let number = |name| raw.header(name)?.trim().parse::<u64>().ok();
    let ms = number("x-amz-retry-after")
        .or_else(|| Some(number("retry-after")?.saturating_mul(1_000)))?;
    Some(u32::try_from(ms).unwrap_or(u32::MAX))
}

/// What to do about an error, by code; the rows with a text narrow a code by its
/// message.
const HINTS: &[(&str, &str, &str)] = &[
    (
        "UnrecognizedClientException",
        "",
        "the access key id is unknown to AWS, or temporary credentials lack their session token: check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN",
    ),
    (
        "InvalidClientTokenId",
        "",
        "the access key id is unknown to AWS: check AWS_ACCESS_KEY_ID",
    ),
    (
        "InvalidSignatureException",
        "Signature expired",
        "the clock is behind by more than 5 minutes, or the request took as long to arrive: set the host's clock right (NTP)",
    ),
    (
        "InvalidSignatureException",
        "Signature not yet current",
        "the clock is ahead by more than 5 minutes: set the host's clock right (NTP)",
    ),
    (
        "InvalidSignatureException",
        "Credential should be scoped to a valid region",
        "the region is not the endpoint's: check AWS_REGION (--region) and AWS_ENDPOINT_URL_LAMBDA (--endpoint-url)",
    ),
    (
        "InvalidSignatureException",
        "",
        "the secret does not belong to the access key id, or something on the way changed the request: check AWS_SECRET_ACCESS_KEY or the profile",
    ),
    (
        "SignatureDoesNotMatch",
        "",
        "the secret does not belong to the access key id: check AWS_SECRET_ACCESS_KEY or the profile",
    ),
    (
        "RequestTimeTooSkewed",
        "",
        "the clock is off by more than 5 minutes: set the host's clock right (NTP)",
    ),
    (
        "ExpiredTokenException",
        "",
        "the temporary credentials have expired: obtain new ones (aws sso login, AssumeRole); in the environment all of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN change",
    ),
    (
        "ExpiredToken",
        "",
        "the temporary credentials have expired: obtain new ones (aws sso login, AssumeRole); in the environment all of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN change",
    ),
    (
        "MissingAuthenticationTokenException",
        "",
        "the signature did not arrive: a proxy may drop the Authorization header, or the endpoint is not Lambda's",
    ),
    (
        "IncompleteSignatureException",
        "",
        "the signature arrived damaged: a proxy may change the Authorization header",
    ),
    (
        "AccessDeniedException",
        "Unable to determine service/operation name",
        "AWS knows no operation at the request's path: take the path out of the endpoint URL (AWS_ENDPOINT_URL_LAMBDA, --endpoint-url), or check that it is Lambda's",
    ),
    (
        "AccessDeniedException",
        "",
        "grant the caller lambda:InvokeFunction on this function and qualifier, in its own policy or in the function's",
    ),
    (
        "ResourceNotFoundException",
        "",
        "no such function, version or alias in this account and region: check the name, the qualifier, AWS_REGION (--region) and which account the credentials belong to",
    ),
    (
        "KMSAccessDeniedException",
        "",
        "the function's role was deleted and recreated, which breaks its grant on the KMS key: switch the function to another role and back, or recreate the function",
    ),
    (
        "RequestTooLargeException",
        "",
        "the payload is over Lambda's limit: pass large data through S3 and send its key",
    ),
    (
        "RequestEntityTooLargeException",
        "",
        "the payload is over Lambda's limit: pass large data through S3 and send its key",
    ),
    (
        "SerializedRequestEntityTooLargeException",
        "",
        "the payload is over Lambda's limit: pass large data through S3 and send its key",
    ),
    (
        "CodeArtifactUserPendingException",
        "",
        "the function is still being initialised: try again in a minute",
    ),
    (
        "ResourceNotReadyException",
        "",
        "the function is inactive or still being created: try again in a minute",
    ),
    (
        "ResourceConflictException",
        "",
        "the function is being changed: try again when the change is complete",
    ),
];

fn hint(status: u16, code: &str, message: &str) -> Option<&'static str> {
    let known = HINTS
        .iter()
        .find(|(c, text, _)| *c == code && message.contains(text))
        .map(|(_, _, hint)| *hint);
    // Some errors of Lambda's own are 403, too, and not about the caller.
    let modelled = || retry::ERRORS.iter().any(|rule| rule.code == code);
    known.or_else(|| {
        (status == 403 && !modelled()).then_some(
            "AWS refused the caller: check the credentials, and that a policy grants lambda:InvokeFunction",
        )
    })
}
