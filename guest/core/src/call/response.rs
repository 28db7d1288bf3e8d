//! What Lambda answered, read from the HTTP response.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::call::request::{InvocationType, Operation};
use crate::call::{event_stream, function_error, quote, service_error};
use crate::error::{Error, FunctionError, ServiceError};
use crate::json::{self, Value};

/// Most bytes of a response body that are read: Lambda's limit of 6,291,556 bytes
/// and headroom for a body that a proxy padded.
pub const MAX_RESPONSE: u64 = 6_356_992;

/// Most bytes of JSON that are taken apart: in memory it grows to many times its
/// length, and hosts limit a component's memory. Reports of errors are far shorter.
pub(crate) const MAX_REPORT: usize = 1_048_576;

/// As deep as the reports of runtimes nest: the report, the cause of its cause and a cause
/// or two more, the stack, a frame, and what has no place in a frame.
const REPORT_LEVELS: usize = 8;

/// Longest version or ARN kept, in characters.
const MAX_HEADER: usize = 1_024;

const UNEXPECTED_CONTENT: &str = "UnexpectedContent";
const EXECUTED_VERSION: &str = "x-amz-executed-version";
const FUNCTION_ERROR: &str = "x-amz-function-error";

/// A response as it came: the `raw-response` record of the WIT package.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RawResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in any case.
    pub headers: Vec<(String, String)>,
    /// The body after any transfer encoding was removed.
    pub body: Vec<u8>,
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl RawResponse {
    /// The first header of that name, which must be in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether more than the head is needed to know what came of the request: where Lambda
    /// refused it, where the function failed, and where nothing says that it is Lambda's. Lambda
    /// answers an event with 202 and nothing more; a page is not an answer of its. A stream
    /// says all of it by itself.
    pub(crate) fn needs_body(&self, operation: Operation) -> bool {
        match self.status {
            200 if operation == Operation::InvokeWithResponseStream => false,
            200 => self.header(FUNCTION_ERROR).is_some() || self.header(EXECUTED_VERSION).is_none(),
            204 => false,
            _ => true,
        }
    }

    fn take_header(&mut self, name: &str) -> Option<String> {
        self.headers
            .iter_mut()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| std::mem::take(value))
    }
}

/// What Lambda answered: the `response` record of the WIT package.
///
/// `Debug` shows sizes instead of the payload and the log.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct Response {
    /// 200 for `RequestResponse`, 202 for `Event`, 204 for `DryRun`.
    pub status_code: u16,
    /// What the function returned, unchanged.
    #[cfg_attr(
        feature = "serde",
        serde(flatten, serialize_with = "crate::serde_bytes::payload")
    )]
    pub payload: Vec<u8>,
    /// The version that ran.
    pub executed_version: Option<String>,
    /// The end of the log in base64, as sent.
    pub log_result: Option<String>,
    /// The end of the log, decoded.
    pub log_tail: Option<String>,
    /// Set when the function ran and failed.
    pub function_error: Option<FunctionError>,
    /// Lambda's id of the request.
    pub request_id: Option<String>,
    /// The ARN of the execution, for durable functions.
    pub durable_execution_arn: Option<String>,
    /// How many requests this call took, retries included.
    pub attempts: u32,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status_code", &self.status_code)
            .field("payload_len", &self.payload.len())
            .field("executed_version", &self.executed_version)
            .field("log_result_len", &self.log_result.as_ref().map(String::len))
            .field("function_error", &self.function_error)
            .field("request_id", &self.request_id)
            .field("durable_execution_arn", &self.durable_execution_arn)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// Reads the response to an invocation of that type.
///
/// # Errors
///
/// [`Error::Throttled`] and [`Error::Service`] for every status but the one of the type's
/// success, and for an answer that is not Lambda's in spite of its status.
pub fn interpret(raw: RawResponse, invocation_type: InvocationType) -> Result<Response, Error> {
    read(raw, Operation::Invoke, invocation_type, &[])
}

/// [`interpret`] without `secrets` of the request in any error text, where a server
/// quotes what it was sent.
pub(crate) fn read(
    raw: RawResponse,
    operation: Operation,
    invocation_type: InvocationType,
    secrets: &[&str],
) -> Result<Response, Error> {
    if !(200..400).contains(&raw.status) {
        return Err(service_error::read(&raw, secrets));
    }
    let Some((code, message)) = foreign(&raw, operation, invocation_type) else {
        return Ok(success(raw, secrets));
    };
    let request_id = service_error::request_id(&raw, secrets);
    Err(unlike_lambda(raw.status, code, message, request_id))
}

/// The error for an answer that is not as Lambda gives it. The function may have run.
pub(crate) fn unlike_lambda(
    status: u16,
    code: &str,
    message: String,
    request_id: Option<String>,
) -> Error {
    Error::Service(ServiceError {
        code: code.to_owned(),
        status,
        message,
        hint: Some(
            "check that the endpoint (AWS_ENDPOINT_URL_LAMBDA, --endpoint-url) is Lambda's, and that no proxy answers in its place"
                .to_owned(),
        ),
        request_id,
        maybe_ran: true,
        attempts: 0,
    })
}

/// What is not as Lambda answers, though the status is no error's: a code and a message.
/// Behind it the function may have run all the same.
fn foreign(
    raw: &RawResponse,
    operation: Operation,
    invocation_type: InvocationType,
) -> Option<(&'static str, String)> {
    let status = invocation_type.status();
    if raw.status >= 300 {
        let message = "the endpoint answered with a redirect, which is never followed";
        return Some(("UnexpectedRedirect", message.to_owned()));
    }
    if raw.status != status {
        let status = status.to_string();
        let message = [
            "Lambda answers ",
            invocation_type.as_str(),
            " with ",
            &status,
        ];
        return Some(("UnexpectedStatus", message.concat()));
    }
    // Nobody asked for one.
    let coded = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("content-encoding")
            && !["", "identity"].contains(&value.trim().to_ascii_lowercase().as_str())
    };
    if raw.headers.iter().any(coded) {
        let message = "the answer has a content-encoding, which Lambda's never have";
        return Some(("UnexpectedContentEncoding", message.to_owned()));
    }
    if operation == Operation::InvokeWithResponseStream && status == 200 {
        let content_type = raw.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is_stream = media_type.eq_ignore_ascii_case(event_stream::CONTENT_TYPE);
        let message = "the answer is not an event stream, as InvokeWithResponseStream gives it";
        return (!is_stream).then(|| (UNEXPECTED_CONTENT, message.to_owned()));
    }
    // A custom runtime may return what it likes. But then Lambda says so: the emulators that
    // leave these headers out run what returns JSON.
    let is_lambdas = |name| raw.header(name).is_some();
    let nothing_is_right = invocation_type != InvocationType::RequestResponse;
    if is_lambdas(EXECUTED_VERSION)
        || is_lambdas(FUNCTION_ERROR)
        || raw.body.is_empty() && nothing_is_right
        || json::check(&raw.body).is_ok()
    {
        return None;
    }
    let message = "the answer is not JSON, and has no header of Lambda's";
    Some((UNEXPECTED_CONTENT, message.to_owned()))
}

/// The members of a JSON object.
pub(crate) type Members<'a> = BTreeMap<Cow<'a, str>, Value<'a>>;

/// The report of an error in `body`; no members where it is something else or too
/// long.
pub(crate) fn members(body: &[u8]) -> Members<'_> {
    let body = if body.len() <= MAX_REPORT { body } else { &[] };
    let report = std::str::from_utf8(body).map(|text| Value::parse_levels(text, REPORT_LEVELS));
    match report {
        Ok(Ok(Value::Object(members))) => members,
        _ => Members::new(),
    }
}

/// A member's text, where it is one.
pub(crate) fn text<'a>(members: &'a Members<'_>, key: &str) -> Option<&'a str> {
    match members.get(key)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn success(mut raw: RawResponse, secrets: &[&str]) -> Response {
    let log_result = raw.take_header("x-amz-log-result");
    let mut header = |name| Some(quote::cleaned(raw.take_header(name)?, secrets, MAX_HEADER));
    let executed_version = header(EXECUTED_VERSION);
    let durable_execution_arn = header("x-amz-durable-execution-arn");
    let function_error = raw
        .header(FUNCTION_ERROR)
        .map(|kind| function_error::read(kind, &raw.body, secrets));
    Response {
        status_code: raw.status,
        executed_version,
        log_tail: log_result.as_deref().and_then(decode_log),
        log_result,
        function_error,
        request_id: service_error::request_id(&raw, secrets),
        durable_execution_arn,
        attempts: 1,
        payload: raw.body,
    }
}

/// Lambda cuts the log at 4 KB without regard to characters, so the first one may
/// be broken; it is replaced rather than the whole log refused.
pub(crate) fn decode_log(log_result: &str) -> Option<String> {
    let bytes = STANDARD.decode(log_result.trim()).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
