//! What a caller is answered.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::error::FunctionError;
use lambda_invocation_core::json::Value;

use crate::failure::Failure;
use crate::headers::is_text;

/// Whom an answer is for, which decides its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// An AWS SDK: as Lambda answers.
    Lambda,
    /// A plain HTTP client: what went wrong is told by the status.
    Plain,
}

/// A response, but for `content-length`.
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// A line for the service's own standard error.
    pub log: Option<String>,
}

const JSON: &str = "application/json";
const CONTENT_TYPE: &str = "content-type";
const REQUEST_ID: &str = "x-amzn-requestid";

impl Answer {
    /// An answer with a body of JSON.
    pub fn json(status: u16, body: String) -> Self {
        Self {
            status,
            headers: vec![(CONTENT_TYPE, JSON.to_owned())],
            body: body.into_bytes(),
            log: None,
        }
    }

    /// What Lambda answered, for a caller of that dialect.
    pub fn of_response(response: Response, dialect: Dialect) -> Self {
        let mut answer = match &response.function_error {
            Some(error) if dialect == Dialect::Plain => Self::json(
                502,
                function_error(error, response.request_id.as_deref()).encode(),
            ),
            _ => Self {
                status: response.status_code,
                headers: match response.payload.is_empty() {
                    true => Vec::new(),
                    false => vec![(CONTENT_TYPE, JSON.to_owned())],
                },
                body: response.payload,
                log: None,
            },
        };
        answer.set("x-amz-executed-version", response.executed_version);
        answer.set(
            "x-amz-function-error",
            response.function_error.map(|error| error.kind),
        );
        answer.set("x-amz-log-result", response.log_result);
        answer.set(
            "x-amz-durable-execution-arn",
            response.durable_execution_arn,
        );
        answer.set(REQUEST_ID, response.request_id);
        answer
    }

    /// The head of an answer that is passed on as it comes: the event stream itself, or what
    /// the function writes, of which nobody says what it is.
    pub fn streamed(mut head: Response, dialect: Dialect) -> Self {
        if dialect == Dialect::Plain {
            // How it ends is not known yet.
            head.function_error = None;
        }
        let mut answer = Self::of_response(head, dialect);
        let content_type = match dialect {
            Dialect::Lambda => "application/vnd.amazon.eventstream",
            Dialect::Plain => "application/octet-stream",
        };
        answer.set(CONTENT_TYPE, Some(content_type.to_owned()));
        answer
    }

    /// What went wrong, for a caller of that dialect.
    pub fn of_failure(failure: Failure, dialect: Dialect) -> Self {
        let mut answer = match dialect {
            Dialect::Lambda => as_lambda(&failure),
            Dialect::Plain => as_plain(&failure),
        };
        answer.set("allow", failure.allow.map(str::to_owned));
        answer.set(REQUEST_ID, failure.request_id);
        answer.log = failure.log;
        answer
    }

    /// Adds a header, where there is a value that can stand in one.
    fn set(&mut self, name: &'static str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty() && is_text(value)) {
            self.headers.push((name, value));
        }
    }
}

/// As Lambda and its front end refuse.
fn as_lambda(failure: &Failure) -> Answer {
    // Lambda knows no 401: SDKs are refused with 403.
    let status = if failure.status == 401 {
        403
    } else {
        failure.status
    };
    // The member's case is not one across Lambda's errors; SDKs accept both.
    let message = if matches!(status, 400 | 409 | 413 | 415 | 429) {
        "message"
    } else {
        "Message"
    };
    let side = match status >= 500 || failure.may_have_run {
        true => "Service",
        false => "User",
    };
    let mut said = Cow::Borrowed(&*failure.message);
    if failure.may_have_run {
        said.to_mut().push_str("; the function may have run");
    }
    let mut members = vec![("Type", string(side)), (message, string(&said))];
    if let Some(reason) = &failure.reason {
        members.push(("Reason", string(reason)));
    }
    let mut answer = Answer::json(status, object(members).encode());
    answer.set("x-amzn-errortype", Some(failure.code.clone().into_owned()));
    answer.set(
        "retry-after",
        failure.retry_after.map(|seconds| seconds.to_string()),
    );
    answer
}

fn as_plain(failure: &Failure) -> Answer {
    let mut members = vec![
        ("type", string(&failure.code)),
        ("message", string(&failure.message)),
        ("request_id", or_null(failure.request_id.as_deref())),
        ("function_may_have_run", boolean(failure.may_have_run)),
    ];
    if let Some(reason) = &failure.reason {
        members.push(("reason", string(reason)));
    }
    let mut answer = Answer::json(failure.status, error(members).encode());
    if failure.status == 401 {
        answer.set("www-authenticate", Some("Bearer".to_owned()));
    }
    if failure.status == 429 {
        // Plain clients expect it; where Lambda does not say, a second is what it says
        // mostly.
        let seconds = failure.retry_after.unwrap_or(1).max(1);
        answer.set("retry-after", Some(seconds.to_string()));
    }
    answer
}

/// What the runtime reported of a function that ran and failed.
fn function_error<'a>(function_error: &'a FunctionError, request_id: Option<&'a str>) -> Value<'a> {
    let kind = function_error.kind.as_str();
    let message = function_error.error_message.as_deref();
    let frames = &function_error.stack_trace;
    error(vec![
        (
            "type",
            string(function_error.error_type.as_deref().unwrap_or(kind)),
        ),
        ("message", string(message.unwrap_or("the function failed"))),
        ("function_error", string(kind)),
        (
            "stack_trace",
            Value::Array(frames.iter().map(|frame| string(frame)).collect()),
        ),
        ("request_id", or_null(request_id)),
        ("function_may_have_run", boolean(true)),
    ])
}

fn error<'a>(members: Vec<(&'static str, Value<'a>)>) -> Value<'a> {
    object(vec![("error", object(members))])
}

fn object<'a>(members: Vec<(&'static str, Value<'a>)>) -> Value<'a> {
    let members = members
        .into_iter()
        .map(|(name, value)| (Cow::Borrowed(name), value));
    Value::Object(BTreeMap::from_iter(members))
}

fn string(text: &str) -> Value<'_> {
    Value::String(Cow::Borrowed(text))
}

fn or_null(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::NULL, string)
}

fn boolean(value: bool) -> Value<'static> {
    Value::Literal(if value { "true" } else { "false" })
}
