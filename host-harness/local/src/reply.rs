//! Refusals of the Lambda service and its front end, in the form each takes on
//! the wire.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::{Either, Full};
use serde_json::{Map, Value};

use super::stream::{self, Pieces};

/// What an answer's body is: whole, or a stream.
pub(super) type Body = Either<Full<Bytes>, Pieces>;

/// The request's id, on every answer. Lambda writes it `x-amzn-RequestId`; HTTP
/// names have no case.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// The X-Ray trace, on every answer.
pub(super) const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
/// The error code of a refusal.
pub(super) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// How long to wait, in milliseconds; read by the AWS SDKs' standard retry mode.
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("x-amz-retry-after");

/// Lambda's refusal to do what was asked, or its failure to do so. The function
/// did not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: Cow<'static, str>,
    /// Never a credential, the payload or the client context.
    pub(super) message: Cow<'static, str>,
    /// `Reason` in the body of a throttle.
    pub(super) reason: Option<String>,
    /// `Retry-After`, in seconds.
    pub(super) retry_after: Option<u64>,
    /// `x-amz-retry-after`, in milliseconds.
    pub(super) retry_after_ms: Option<u64>,
    /// Whether the front end refuses, before the Lambda service is asked. It
    /// writes `message` and no `Type`.
    front_end: bool,
}

impl Refusal {
    /// A refusal of the Lambda service.
    pub(super) fn service(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            reason: None,
            retry_after: None,
            retry_after_ms: None,
            front_end: false,
        }
    }

    /// A refusal of the front end, which authenticates and routes.
    pub(super) fn front_end(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            front_end: true,
            ..Self::service(status, code, message)
        }
    }

    /// An argument that breaks the service model: `argument` as the model names
    /// it, `constraint` the rule. The value is left out, as Lambda does for
    /// members that may be sensitive.
    pub(super) fn validation(argument: &str, constraint: &str) -> Self {
        Self::service(
            StatusCode::BAD_REQUEST,
            "ValidationException",
            format!(
                "1 validation error detected: Value at '{argument}' failed to satisfy constraint: {constraint}"
            ),
        )
    }

    /// The answer without what every answer has ([`stamp`]).
    pub(super) fn into_response(self) -> Response<Body> {
        let mut body = Map::new();
        // The member's case is not one across Lambda's errors; SDKs accept both.
        let lower_case =
            self.front_end || matches!(self.status.as_u16(), 400 | 409 | 413 | 415 | 429);
        let member = if lower_case { "message" } else { "Message" };
        body.insert(member.to_owned(), self.message.into());
        if !self.front_end {
            let side = if self.status.is_server_error() {
                "Service"
            } else {
                "User"
            };
            body.insert("Type".to_owned(), side.into());
        }
        if let Some(reason) = self.reason {
            body.insert("Reason".to_owned(), reason.into());
        }
        let mut response = json(self.status, Value::Object(body).to_string());
        let headers = response.headers_mut();
        set(headers, ERROR_TYPE, self.code.as_ref());
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(ms) = self.retry_after_ms {
            headers.insert(RETRY_AFTER_MS, ms.into());
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// An answer with a JSON body.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::Left(Full::new(body.into())));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::Left(Full::default()));
    *response.status_mut() = status;
    response
}

/// An answer that is written while it is sent.
pub(super) fn event_stream(body: Pieces) -> Response<Body> {
    let mut response = Response::new(Body::Right(body));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(stream::CONTENT_TYPE),
    );
    response
}

/// Adds what every answer has. The date is the endpoint's own, which may be set
/// to run wrong, since clients measure clock skew by it.
pub(super) fn stamp(headers: &mut HeaderMap, date: &str, request_id: &str, trace_id: &str) {
    set(headers, header::DATE, date);
    set(headers, REQUEST_ID, request_id);
    set(headers, TRACE_ID, trace_id);
}

/// Sets a header, or leaves it out where the value may not stand in one.
pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn body(refusal: Refusal) -> String {
        let bytes = refusal.into_response().into_body().collect().await;
        String::from_utf8(bytes.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn bodies_have_the_members_lambda_gives_them() {
        let service = |status: u16| {
            Refusal::service(StatusCode::from_u16(status).unwrap(), "AnyException", "why")
        };
        let front_end = Refusal::front_end(StatusCode::FORBIDDEN, "AnyException", "why");
        let table = [
            (service(400), r#"{"Type":"User","message":"why"}"#),
            (service(403), r#"{"Message":"why","Type":"User"}"#),
            (service(404), r#"{"Message":"why","Type":"User"}"#),
            (service(413), r#"{"Type":"User","message":"why"}"#),
            (service(500), r#"{"Message":"why","Type":"Service"}"#),
            (service(502), r#"{"Message":"why","Type":"Service"}"#),
            (front_end, r#"{"message":"why"}"#),
        ];
        for (refusal, expected) in table {
            let body = body(refusal).await;
            // The order of members depends on what else is in the build.
            let members = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(members(&body), members(expected));
        }
    }
}
