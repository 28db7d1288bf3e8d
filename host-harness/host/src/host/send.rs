//! One attempt of a call that the host sends: what the component signed goes out as it
//! stands, if the policy permits it, and what comes back stays here.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use lambda_invocation_core::call::response::MAX_RESPONSE;
use lambda_invocation_core::call::wasi_http::{
    BROKEN_RESPONSE, Failure, TransportFailure, wasi_http_failure,
};
use lambda_invocation_core::error::{TimeoutPhase, TransportPhase};
use tokio::time::{Instant, timeout, timeout_at};
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use crate::bindings::exports::lambda::invocation::exchange::Attempt;
use crate::egress::Policy;
use crate::http::{Client, Hooks, ProxyNote};

/// A response that has arrived: whole, or, where it is read as it comes, its head.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Those that are text.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// What is still to be read.
    pub(crate) stream: Option<WasiBody>,
}

impl Client {
    /// Sends an attempt with this payload, and reads its response.
    ///
    /// # Errors
    ///
    /// What the component is to be told; `note` has what it cannot be. Nothing is sent to
    /// where `policy` does not permit it, nor with a header that is the HTTP stack's own.
    pub(crate) async fn exchange(
        &self,
        attempt: &Attempt,
        payload: Bytes,
        policy: &Policy,
        note: &ProxyNote,
        streaming: bool,
    ) -> Result<Answer, Failure> {
        note.clear();
        let request = request(attempt, payload, policy)?;
        let response_timeout = Some(millis(attempt.response_timeout_ms));
        let options = RequestOptions {
            connect_timeout: Some(millis(attempt.connect_timeout_ms)),
            first_byte_timeout: response_timeout,
            between_bytes_timeout: response_timeout,
        };
        let exchange = async {
            let response = self.send(request, options).await;
            let response = response.map_err(|failed| {
                let code = failed.told(note);
                wasi_http_failure!(ErrorCode, &code)
            })?;
            match streaming && response.status().is_success() {
                true => Ok(begun(response)),
                false => read(response, attempt.max_response_len).await,
            }
        };
        match attempt.deadline_ms {
            None => exchange.await,
            Some(left) => timeout(millis(left), exchange)
                .await
                .unwrap_or(Err(Failure::Timeout(TimeoutPhase::Deadline))),
        }
    }
}

fn request(
    attempt: &Attempt,
    payload: Bytes,
    policy: &Policy,
) -> Result<Request<WasiBody>, Failure> {
    let uri: Uri = attempt.url.parse().map_err(|_| Failure::Url)?;
    if !policy.permits(&uri) {
        tracing::debug!("egress denied");
        return Err(Failure::Denied);
    }
    let len = payload.len();
    let body = Full::new(payload).map_err(|never| match never {});
    let mut request = Request::new(body.boxed_unsync());
    *request.method_mut() =
        Method::from_bytes(attempt.method.as_bytes()).map_err(|_| Failure::Denied)?;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    for (name, value) in &attempt.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Failure::Denied)?;
        let value = HeaderValue::from_str(value).map_err(|_| Failure::Denied)?;
        if Hooks::forbids(&name) {
            return Err(Failure::Denied);
        }
        headers.append(name, value);
    }
    headers.insert(CONTENT_LENGTH, len.into());
    Ok(request)
}

/// The whole response. `limit` is the component's word: it may lower what a host reads into
/// its own memory, and not raise it.
async fn read(response: Response<WasiBody>, limit: u64) -> Result<Answer, Failure> {
    let limit = limit.min(MAX_RESPONSE);
    let (head, mut incoming) = response.into_parts();
    let length = head.headers.get(CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|length| length.to_str().ok()?.trim().parse().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(Failure::TooLarge);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let expected = usize::try_from(length.unwrap_or(0)).unwrap_or(0);
    let mut body = Vec::with_capacity(expected);
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        let Some(piece) = frame.data_ref() else {
            continue;
        };
        if body.len().saturating_add(piece.len()) > limit {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(piece);
    }
    Ok(Answer {
        status: head.status.as_u16(),
        headers: texts(&head.headers),
        body,
        stream: None,
    })
}

/// A response whose body is left to be read.
fn begun(response: Response<WasiBody>) -> Answer {
    let (head, body) = response.into_parts();
    Answer {
        status: head.status.as_u16(),
        headers: texts(&head.headers),
        body: Vec::new(),
        stream: Some(body),
    }
}

/// The next bytes of a body, or nothing at its end.
pub(crate) async fn piece(
    body: &mut WasiBody,
    until: Option<Instant>,
) -> Result<Option<Vec<u8>>, Failure> {
    let next = async {
        loop {
            match body.frame().await.transpose().map_err(|e| broken(&e))? {
                None => return Ok(None),
                // Trailers end a body, too.
                Some(frame) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Ok(Some(data.into())),
                    Err(_) => return Ok(None),
                },
            }
        }
    };
    match until {
        None => next.await,
        // Where data is there, `timeout_at` does not look at the time.
        Some(until) if until <= Instant::now() => Err(Failure::Timeout(TimeoutPhase::Deadline)),
        Some(until) => timeout_at(until, next)
            .await
            .unwrap_or(Err(Failure::Timeout(TimeoutPhase::Deadline))),
    }
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    // One that is no UTF-8 is still there: that a function failed is told by a header alone.
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    };
    headers.iter().map(text).collect()
}

/// A response that ends before its end.
fn broken(error: &Error) -> Failure {
    match error {
        Error::ConnectionReadTimeout => Failure::Timeout(TimeoutPhase::Response),
        _ => Failure::Transport(TransportFailure {
            phase: TransportPhase::Response,
            detail: BROKEN_RESPONSE.to_owned(),
            maybe_ran: true,
        }),
    }
}

fn millis(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http_body::{Body, Frame};

    use super::*;

    /// A body that never ends.
    struct Endless;

    impl Body for Endless {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            let piece = Bytes::from_static(&[b' '; 65_536]);
            Poll::Ready(Some(Ok(Frame::data(piece))))
        }
    }

    fn whole(len: u64) -> WasiBody {
        let body = Full::new(vec![b' '; usize::try_from(len).unwrap()].into());
        body.map_err(|never| match never {}).boxed_unsync()
    }

    #[tokio::test]
    async fn no_component_makes_the_host_read_more_than_lambda_sends() {
        let endless = || Endless.boxed_unsync();
        let table = [
            ("what fits", u64::MAX, None, whole(MAX_RESPONSE), true),
            ("too much", u64::MAX, None, whole(MAX_RESPONSE + 1), false),
            ("no end", u64::MAX, None, endless(), false),
            (
                "a length beyond memory",
                u64::MAX,
                Some(u64::MAX),
                endless(),
                false,
            ),
            (
                "half of that",
                u64::MAX,
                Some(u64::MAX / 2),
                endless(),
                false,
            ),
            (
                "one byte more",
                u64::MAX,
                Some(MAX_RESPONSE + 1),
                endless(),
                false,
            ),
            ("a lower limit", 10, None, whole(10), true),
            ("more than that", 10, None, whole(11), false),
        ];
        for (case, limit, length, body, fits) in table {
            let mut response = Response::new(body);
            if let Some(length) = length {
                response.headers_mut().insert(CONTENT_LENGTH, length.into());
            }
            let answer = read(response, limit).await;
            match fits {
                true => assert!(answer.is_ok(), "{case}"),
                false => assert!(matches!(answer, Err(Failure::TooLarge)), "{case}"),
            }
        }
    }
}
