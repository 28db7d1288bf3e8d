//! Answers that come from here and not from the component: in the forms in which it answers.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use super::limits::Full as NoPlace;
use super::outcome::Outcome;

/// Why a request does not reach the component, or why it got no answer of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no place for it.
    NoPlace(NoPlace),
    /// It has both a length and a transfer coding.
    LengthAndCoding,
    /// It does not say whom it is for.
    NoHost,
    /// HTTP/1.0 ends a stream by closing the connection, so one that broke off looks complete.
    OldStream,
    /// The component ended without an answer.
    NoAnswer {
        /// Whether it had sent anything.
        maybe_ran: bool,
    },
}

/// Seconds until it is worth while to try again: calls take tenths of a second mostly.
const RETRY_AFTER_SECONDS: u32 = 1;

impl Refusal {
    fn words(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoPlace(NoPlace::All) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailableException",
                "the service answers as many requests as it may; nothing was sent",
            ),
            Self::NoPlace(NoPlace::Token) => (
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                "as many requests with this token are under way as there may be; nothing was sent",
            ),
            Self::LengthAndCoding => (
                StatusCode::BAD_REQUEST,
                "InvalidRequestContentException",
                "a request has a content-length or a transfer-encoding, not both",
            ),
            Self::NoHost => (
                StatusCode::BAD_REQUEST,
                "InvalidRequestContentException",
                "the request has no host header that can be read",
            ),
            Self::OldStream => (
                StatusCode::HTTP_VERSION_NOT_SUPPORTED,
                "InvalidRequestContentException",
                "a streamed answer needs HTTP/1.1",
            ),
            // As the component does, so that no SDK repeats it.
            Self::NoAnswer { maybe_ran: true } => (
                StatusCode::FAILED_DEPENDENCY,
                "ServiceException",
                "the service failed before Lambda's answer was complete, and its log says why; the function may have run",
            ),
            Self::NoAnswer { maybe_ran: false } => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "ServiceException",
                "the service cannot make this call; its log says why",
            ),
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::NoPlace(NoPlace::All) => Outcome::Overloaded,
            Self::NoPlace(NoPlace::Token) => Outcome::TokenLimit,
            Self::LengthAndCoding | Self::NoHost | Self::OldStream => Outcome::Refused,
            Self::NoAnswer { .. } => Outcome::Trapped,
        }
    }

    /// The answer to a request for this path.
    pub(super) fn answer(self, path: &str) -> Response<Full<Bytes>> {
        let (status, code, message) = self.words();
        let maybe_ran = matches!(self, Self::NoAnswer { maybe_ran: true });
        let side = if status.is_server_error() {
            "Service"
        } else {
            "User"
        };
        // SDKs begin every path with a date. Their errors have the member's name in either case.
        let for_sdk = path.starts_with("/20");
        let body = if for_sdk {
            json!({"Type": side, "Message": message, "message": message})
        } else {
            json!({"error": {
                "type": code,
                "message": message,
                "request_id": null,
                "function_may_have_run": maybe_ran,
            }})
        };
        let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if for_sdk {
            headers.insert("x-amzn-errortype", HeaderValue::from_static(code));
        }
        match self {
            Self::NoPlace(_) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
            }
            // Where the next request begins is anybody's guess.
            Self::LengthAndCoding => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::NoHost | Self::OldStream | Self::NoAnswer { .. } => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use http_body_util::BodyExt as _;
    use serde_json::Value;

    #[tokio::test]
    async fn each_has_its_status_and_says_whether_to_come_again() {
        for (refusal, status, retry, ran) in [
            (Refusal::NoPlace(NoPlace::All), 503, true, false),
            (Refusal::NoPlace(NoPlace::Token), 429, true, false),
            (Refusal::LengthAndCoding, 400, false, false),
            (Refusal::NoHost, 400, false, false),
            (Refusal::NoAnswer { maybe_ran: false }, 500, false, false),
            (Refusal::OldStream, 505, false, false),
            (Refusal::NoAnswer { maybe_ran: true }, 424, false, true),
        ] {
            for path in ["/invoke/f", "/2015-03-31/functions/f/invocations"] {
                let answer = refusal.answer(path);
                assert_eq!(answer.status(), status, "{refusal:?}");
                let headers = answer.headers().clone();
                assert_eq!(headers.contains_key("retry-after"), retry, "{refusal:?}");
                let body = answer.into_body().collect().await.unwrap().to_bytes();
                let body: Value = serde_json::from_slice(&body).unwrap();
                let message = if path.starts_with("/invoke") {
                    assert_eq!(body["error"]["function_may_have_run"], ran, "{body}");
                    &body["error"]["message"]
                } else {
                    assert!(headers.contains_key("x-amzn-errortype"), "{headers:?}");
                    &body["Message"]
                };
                let message = message.as_str().unwrap();
                let says_so = message.ends_with("; the function may have run");
                assert_eq!(says_so, ran, "{body}");
            }
        }
    }
}
