//! One request and its response over `wasi:http`.
//!
//! WASI's rules shape this module: a write takes no more than `check-write` permits,
//! and children are dropped before their parents (a pollable before its stream, a
//! stream before its body, a body before its response), or the host traps.

use std::time::Duration;

use lambda_invocation_core::call::endpoint::{Endpoint, Scheme};
use lambda_invocation_core::call::invocation::Head;
use lambda_invocation_core::call::response::RawResponse;
use lambda_invocation_core::call::wasi_http::{BROKEN_RESPONSE, Limits};
use lambda_invocation_core::error::{
    Error, HostDenial, ResponseLimit, TimeoutPhase, TransportError, TransportPhase,
};

use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    self as http, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, OutgoingBody,
    OutgoingRequest, RequestOptions,
};
use crate::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use crate::error_code;
use crate::wait::{self, Deadline, Timer};

/// Largest piece asked of the response stream at once.
const READ_CHUNK: u64 = 1024 * 1024;

/// One request but for its content, and the limits on it.
pub(crate) struct Exchange<'a> {
    pub(crate) method: http::Method,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) limits: Limits,
}

/// Sends a request and waits for the head of its response.
///
/// # Errors
///
/// `Transport`, `Timeout`, `DeniedByHost`, `ResponseTooLarge`, and `InvalidArgument`
/// when the host does not accept the endpoint.
pub(crate) fn send(
    exchange: &Exchange<'_>,
    head: Head,
    content: &[u8],
    deadline: &Deadline<'_>,
) -> Result<IncomingResponse, Error> {
    let request = request(exchange, head, content.len())?;
    let body = request
        .body()
        .map_err(|()| broken("the host gave no request body", false))?;
    // What the host takes at once is there when it sends the head: a small request then
    // leaves in one piece.
    let unwritten = Writing::start(body, content, exchange)?.permitted()?;
    let future = outgoing_handler::handle(request, Some(options(exchange.limits)))
        .map_err(|code| error_code::to_error(&code, exchange))?;
    if let Some(writing) = unwritten {
        writing.rest(&future, deadline)?;
    }
    wait_for_response(&future, exchange, deadline)
}

fn request(exchange: &Exchange<'_>, head: Head, length: usize) -> Result<OutgoingRequest, Error> {
    let endpoint = exchange.endpoint;
    let mut entries: Vec<(String, Vec<u8>)> = head
        .headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into_bytes()))
        .collect();
    // Without it the host sends the body in chunks, which Lambda does not accept.
    entries.push(("content-length".to_owned(), length.to_string().into_bytes()));
    let fields = Fields::from_list(&entries).map_err(|_| {
        Error::DeniedByHost(HostDenial {
            url: endpoint.origin(),
            hint: "the host forbids a header that a signed request needs (authorization, x-amz-*): allow it"
                .to_owned(),
        })
    })?;
    let request = OutgoingRequest::new(fields);
    let scheme = match endpoint.scheme {
        Scheme::Http => http::Scheme::Http,
        Scheme::Https => http::Scheme::Https,
    };
    request
        .set_method(&exchange.method)
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(Some(&endpoint.authority)))
        .and_then(|()| request.set_path_with_query(Some(&head.path_and_query)))
        .map_err(|()| Error::invalid("endpoint-url", "the host does not accept this URL"))?;
    Ok(request)
}

/// A host that does not support a timeout says so; the timers in [`wait`] then
/// stand alone.
fn options(limits: Limits) -> RequestOptions {
    let options = RequestOptions::new();
    let response = Some(wait::nanos(limits.response));
    let _ = options.set_connect_timeout(Some(wait::nanos(limits.connect)));
    let _ = options.set_first_byte_timeout(response);
    // Later than the timer here, which says what happened: for a body that stalls, hosts
    // give no code.
    let between_bytes = limits.response.saturating_add(Duration::from_secs(1));
    let _ = options.set_between_bytes_timeout(Some(wait::nanos(between_bytes)));
    options
}

/// A body that is being written, from where it lies.
struct Writing<'a> {
    // The stream is dropped before its body.
    stream: Option<OutputStream>,
    body: OutgoingBody,
    rest: &'a [u8],
    exchange: &'a Exchange<'a>,
}

impl<'a> Writing<'a> {
    fn start(
        body: OutgoingBody,
        content: &'a [u8],
        exchange: &'a Exchange<'a>,
    ) -> Result<Self, Error> {
        let stream = if content.is_empty() {
            None
        } else {
            let stream = body.write();
            Some(stream.map_err(|()| broken("the host gave no request stream", false))?)
        };
        Ok(Self {
            stream,
            body,
            rest: content,
            exchange,
        })
    }

    /// Writes what is permitted without waiting, and returns what is left to do.
    fn permitted(mut self) -> Result<Option<Self>, Error> {
        match self.step() {
            Progress::Waiting => Ok(Some(self)),
            Progress::Closed => Ok(None),
            Progress::Done => self.finish().map(|()| None),
        }
    }

    /// Writes what is left.
    ///
    /// A server may answer before it has read everything, or close; then the rest is not
    /// written, and the response future tells which it was.
    fn rest(
        mut self,
        future: &FutureIncomingResponse,
        deadline: &Deadline<'_>,
    ) -> Result<(), Error> {
        loop {
            match self.step() {
                Progress::Done => return self.finish(),
                Progress::Closed => return Ok(()),
                Progress::Waiting => {}
            }
            let Some(stream) = &self.stream else {
                return Ok(());
            };
            let (writable, answered) = (stream.subscribe(), future.subscribe());
            let timer = Timer::start(TimeoutPhase::Response, self.exchange.limits.response);
            wait::ready(&[&writable, &answered], Some(&timer), deadline)?;
            if answered.ready() {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Progress {
        let Some(stream) = &self.stream else {
            return Progress::Done;
        };
        while !self.rest.is_empty() {
            let permit = match stream.check_write() {
                Ok(0) => return Progress::Waiting,
                Ok(permit) => usize::try_from(permit).unwrap_or(usize::MAX),
                Err(_) => return Progress::Closed,
            };
            let (piece, after) = self
                .rest
                .split_at_checked(permit)
                .unwrap_or((self.rest, &[]));
            if stream.write(piece).is_err() {
                return Progress::Closed;
            }
            self.rest = after;
        }
        Progress::Done
    }

    fn finish(mut self) -> Result<(), Error> {
        self.stream = None;
        OutgoingBody::finish(self.body, None)
            .map_err(|code| error_code::to_error(&code, self.exchange))
    }
}

/// How far writing a body has come.
enum Progress {
    /// All of it is written.
    Done,
    /// The host takes no more for now.
    Waiting,
    /// The host takes no more at all.
    Closed,
}

fn wait_for_response(
    future: &FutureIncomingResponse,
    exchange: &Exchange<'_>,
    deadline: &Deadline<'_>,
) -> Result<IncomingResponse, Error> {
    let answered = future.subscribe();
    let timer = Timer::start(TimeoutPhase::Response, exchange.limits.response);
    wait::ready(&[&answered], Some(&timer), deadline)?;
    match future.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(code))) => Err(error_code::to_error(&code, exchange)),
        Some(Err(())) | None => Err(broken("the host gave no response", true)),
    }
}

/// Reads a response to its end, into the memory of `buffer`.
///
/// # Errors
///
/// `Transport`, `Timeout` and `ResponseTooLarge`.
pub(crate) fn read(
    response: IncomingResponse,
    buffer: Vec<u8>,
    exchange: &Exchange<'_>,
    deadline: &Deadline<'_>,
) -> Result<RawResponse, Error> {
    let RawResponse {
        status, headers, ..
    } = head(&response);
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<u64>().ok());
    let limit = exchange.limits.body;
    if length.is_some_and(|length| length > limit) {
        return Err(Error::ResponseTooLarge(ResponseLimit { limit }));
    }
    let source = Source::of(response)?;
    let body = read_body(&source, length, buffer, exchange, deadline).map_err(after_response)?;
    Ok(RawResponse {
        status,
        headers,
        body,
    })
}

/// A response without its body.
pub(crate) fn head(response: &IncomingResponse) -> RawResponse {
    let headers = response.headers().entries().into_iter();
    RawResponse {
        status: response.status(),
        headers: headers.map(|(name, value)| (name, lossy(value))).collect(),
        body: Vec::new(),
    }
}

/// A body that is read as it comes.
pub(crate) struct Source {
    // Children before their parents, as fields are dropped in this order.
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
}

impl Source {
    pub(crate) fn of(response: IncomingResponse) -> Result<Self, Error> {
        let body = response
            .consume()
            .map_err(|()| broken("the host gave no response body", true))?;
        let stream = body
            .stream()
            .map_err(|()| broken("the host gave no response stream", true))?;
        Ok(Self {
            stream,
            _body: body,
            _response: response,
        })
    }

    /// Ends the reading. Where the body's end is there, as it is behind the last event of a
    /// stream, the host sees it and keeps the connection.
    pub(crate) fn finish(self) {
        let _ = self.stream.read(1);
    }

    /// The next piece, or `None` at the end.
    pub(crate) fn next(
        &self,
        exchange: &Exchange<'_>,
        deadline: &Deadline<'_>,
    ) -> Result<Option<Vec<u8>>, Error> {
        read_piece(&self.stream, exchange, deadline)
    }
}

/// A header's value as text. One that is no UTF-8 is still there: that a function failed is
/// told by a header alone.
fn lossy(value: Vec<u8>) -> String {
    String::from_utf8(value)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Whatever its code says of others, this request was answered.
fn after_response(mut error: Error) -> Error {
    match &mut error {
        Error::Transport(e) => e.maybe_ran = true,
        Error::Timeout(e) => e.maybe_ran = true,
        _ => {}
    }
    error
}

fn read_body(
    source: &Source,
    length: Option<u64>,
    buffer: Vec<u8>,
    exchange: &Exchange<'_>,
    deadline: &Deadline<'_>,
) -> Result<Vec<u8>, Error> {
    let limit = exchange.limits.body;
    let mut received = buffer;
    received.clear();
    // Where the length is known, the end need not be waited for.
    while length.is_none_or(|length| size(&received) < length) {
        let Some(piece) = source.next(exchange, deadline)? else {
            break;
        };
        if size(&received).saturating_add(size(&piece)) > limit {
            return Err(Error::ResponseTooLarge(ResponseLimit { limit }));
        }
        if received.is_empty() {
            let expected = usize::try_from(length.unwrap_or(0)).unwrap_or(0);
            if received.capacity() < expected.max(piece.len()) {
                // Most responses are one piece, which is then not copied.
                received = piece;
                received.reserve_exact(expected.saturating_sub(received.len()));
                continue;
            }
        }
        received.extend_from_slice(&piece);
    }
    match length {
        Some(length) if size(&received) != length => {
            Err(broken("the response ended before its content-length", true))
        }
        _ => Ok(received),
    }
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The next piece of the body, or `None` at its end.
fn read_piece(
    stream: &InputStream,
    exchange: &Exchange<'_>,
    deadline: &Deadline<'_>,
) -> Result<Option<Vec<u8>>, Error> {
    loop {
        match stream.read(READ_CHUNK) {
            Ok(piece) if !piece.is_empty() => return Ok(Some(piece)),
            Ok(_) => {
                let timer = Timer::start(TimeoutPhase::Response, exchange.limits.response);
                let readable = stream.subscribe();
                wait::ready(&[&readable], Some(&timer), deadline)?;
            }
            Err(StreamError::Closed) => return Ok(None),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(match http::http_error_code(&error) {
                    Some(code) => error_code::to_error(&code, exchange),
                    None => broken(BROKEN_RESPONSE, true),
                });
            }
        }
    }
}

fn broken(detail: &str, maybe_ran: bool) -> Error {
    Error::Transport(TransportError {
        phase: if maybe_ran {
            TransportPhase::Response
        } else {
            TransportPhase::Host
        },
        detail: detail.to_owned(),
        maybe_ran,
        attempts: 0,
    })
}
