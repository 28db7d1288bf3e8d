//! Reading a request, making the call and writing the answer over `wasi:http`.
//!
//! WASI's rules shape this module, as they do the transport of `lambda-invocation-wasi`:
//! children are dropped before their parents, or the host traps.

use std::io::{self, Write as _};
use std::mem;
use std::time::Duration;

use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_wasi::bindings::wasi::cli::environment;
use lambda_invocation_wasi::bindings::wasi::clocks::monotonic_clock;
use lambda_invocation_wasi::bindings::wasi::http::types::{
    Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use lambda_invocation_wasi::bindings::wasi::io::poll::{Pollable, poll};
use lambda_invocation_wasi::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};

use crate::answer::Answer;
use crate::bindings::exports::wasi::http::incoming_handler::Guest;
use crate::failure::Failure;
use crate::headers::Headers;
use crate::service::{Accepted, Begun, Head, begin, finish};
use crate::stream;

/// Largest piece asked of a stream at once.
const READ_CHUNK: u64 = 1024 * 1024;
/// Most bytes that are read of a body that is not wanted.
const MAX_DRAIN: u64 = 16 * 1024 * 1024;
/// How long to wait for a client beyond what it was promised: to take a refusal, and to
/// send the rest of a body that is not wanted.
const COURTESY: Duration = Duration::from_secs(2);

/// The component.
pub struct Component;

impl Guest for Component {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        // More than the first call changes nothing.
        lambda_invocation_wasi::use_files(None);
        let environment = Environment::new(environment::get_environment());
        let body = Body::of(&request);
        match begin(&head(&request), &environment) {
            Begun::Closed(answer) => {
                drop(body);
                send(out, answer, COURTESY);
            }
            Begun::Answered(answer) => {
                send(out, answer, COURTESY);
                body.drain();
            }
            Begun::Accepted(accepted) => {
                let (dialect, body_timeout) = (accepted.dialect, accepted.body_timeout);
                let streaming = accepted.streaming;
                let read = body.read(&accepted).map(|payload| {
                    let mut request = accepted.arguments.request;
                    request.payload = payload;
                    (request, accepted.connection)
                });
                if streaming {
                    let called = read.and_then(|(request, connection)| {
                        let called = lambda_invocation_wasi::invoke_streaming(request, connection);
                        Ok(called?)
                    });
                    match called {
                        Ok(call) => stream::pass_on(out, &call, dialect, body_timeout),
                        Err(failure) => send(out, finish(dialect, Err(failure)), body_timeout),
                    }
                } else {
                    let outcome = read.and_then(|(request, connection)| {
                        Ok(lambda_invocation_wasi::invoke(request, connection)?)
                    });
                    send(out, finish(dialect, outcome), body_timeout);
                }
                body.drain();
            }
        }
    }
}

fn head(request: &IncomingRequest) -> Head {
    Head {
        method: match request.method() {
            Method::Get => "GET".to_owned(),
            Method::Head => "HEAD".to_owned(),
            Method::Post => "POST".to_owned(),
            // No route has another one.
            _ => String::new(),
        },
        path_and_query: request.path_with_query().unwrap_or_default(),
        headers: Headers::new(request.headers().entries()),
    }
}

/// The body of a request.
struct Body {
    /// Before its parent, as fields are dropped in this order. `None` where the host
    /// gave none.
    stream: Option<InputStream>,
    _body: Option<IncomingBody>,
}

impl Body {
    fn of(request: &IncomingRequest) -> Self {
        let body = request.consume().ok();
        Self {
            stream: body.as_ref().and_then(|body| body.stream().ok()),
            _body: body,
        }
    }

    /// Reads the payload, within its limits.
    fn read(&self, accepted: &Accepted) -> Result<Vec<u8>, Failure> {
        let broken = || Failure::argument(["the payload is not complete"]);
        let stream = self.stream.as_ref().ok_or_else(broken)?;
        let over = timer(accepted.body_timeout);
        let (limit, declared) = (accepted.arguments.limit, accepted.arguments.declared);
        let mut payload = Vec::new();
        loop {
            match stream.read(READ_CHUNK) {
                Ok(piece) => {
                    if piece.is_empty() {
                        poll(&[&stream.subscribe(), &over]);
                    }
                    if payload.len().saturating_add(piece.len()) > limit {
                        return Err(Failure::too_large(limit));
                    }
                    if payload.is_empty() {
                        // Most payloads are one piece, which is then not copied.
                        payload = piece;
                        let expected = declared.unwrap_or(0);
                        payload.reserve_exact(expected.saturating_sub(payload.len()));
                    } else {
                        payload.extend_from_slice(&piece);
                    }
                    // It counts for a caller who sends a byte now and then, too.
                    if over.ready() {
                        return Err(Failure::new(
                            408,
                            "RequestTimeoutException",
                            "the payload took too long to arrive",
                        ));
                    }
                }
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(_)) => return Err(broken()),
            }
        }
        match declared {
            Some(declared) if declared != payload.len() => Err(broken()),
            _ => Ok(payload),
        }
    }

    /// Reads what is left and throws it away: a sender that finds the connection closed
    /// on it may never read the answer.
    fn drain(&self) {
        let Some(stream) = &self.stream else { return };
        let over = timer(COURTESY);
        let mut left = MAX_DRAIN;
        while left > 0 && !over.ready() {
            match stream.skip(READ_CHUNK) {
                Ok(0) => {
                    poll(&[&stream.subscribe(), &over]);
                }
                Ok(skipped) => left = left.saturating_sub(skipped),
                Err(_) => return,
            }
        }
    }
}

/// Sends an answer, for whose body the caller has so much time.
pub(crate) fn send(out: ResponseOutparam, mut answer: Answer, timeout: Duration) {
    let content = mem::take(&mut answer.body);
    // A caller that has left gets no more; the call has been made.
    if let Some(body) = open(out, answer, Some(content.len())) {
        if let Ok(stream) = body.write() {
            write(&stream, &content, &timer(timeout));
        }
        let _ = OutgoingBody::finish(body, None);
    }
}

/// Sends the head of an answer, and gives the body to write: of that length, where it is
/// known.
pub(crate) fn open(
    out: ResponseOutparam,
    answer: Answer,
    length: Option<usize>,
) -> Option<OutgoingBody> {
    if let Some(line) = &answer.log {
        // Nothing is left to do where the host takes no lines.
        let _ = writeln!(
            io::stderr(),
            "lambda-invocation-service: HTTP {}: {line}",
            answer.status
        );
    }
    let fields = Fields::new();
    // RFC 9110 section 8.6: a 204 has none.
    let length = length.filter(|_| answer.status != 204);
    let length = length.map(|length| ("content-length", length.to_string()));
    for (name, value) in answer.headers.into_iter().chain(length) {
        // A header that a host does not like is not worth an answer.
        let _ = fields.append(name, value.as_bytes());
    }
    let response = OutgoingResponse::new(fields);
    let _ = response.set_status_code(answer.status);
    let body = response.body();
    ResponseOutparam::set(out, Ok(response));
    body.ok()
}

/// Writes what is left, and says whether the caller has taken all of it in time.
pub(crate) fn write(stream: &OutputStream, mut rest: &[u8], over: &Pollable) -> bool {
    while !rest.is_empty() {
        let Ok(permit) = stream.check_write() else {
            return false;
        };
        if permit == 0 {
            poll(&[&stream.subscribe(), over]);
            // It counts for a caller who takes a piece now and then, too.
            if over.ready() {
                return false;
            }
            continue;
        }
        let permit = usize::try_from(permit).unwrap_or(usize::MAX);
        let (piece, after) = rest.split_at_checked(permit).unwrap_or((rest, &[]));
        if stream.write(piece).is_err() {
            return false;
        }
        rest = after;
    }
    true
}

pub(crate) fn timer(duration: Duration) -> Pollable {
    monotonic_clock::subscribe_duration(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
