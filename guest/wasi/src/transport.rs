//! One request and its response over `wasi:http`.
//!
//! WASI's rules shape this module: a write takes no more than `check-write` permits,
//! and children are dropped before their parents (a pollable before its stream, a
//! stream before its body, a body before its response), or the host traps.

use lambda_invocation_core::endpoint::{Endpoint, Scheme};
use lambda_invocation_core::error::{
    Error, HostDenial, TimeoutPhase, TransportError, TransportPhase,
};
use lambda_invocation_core::invocation::{Head, Invocation};
use lambda_invocation_core::response::{MAX_RESPONSE, RawResponse};
use lambda_invocation_core::settings::Settings;

use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    self as http, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, OutgoingBody,
    OutgoingRequest, RequestOptions,
};
use crate::bindings::wasi::io::streams::{InputStream, StreamError};
use crate::error_code;
use crate::wait::{self, Deadline, Timer};

/// Largest piece asked of the response stream at once.
const READ_CHUNK: u64 = 1024 * 1024;

/// Sends an attempt and reads the whole response.
///
/// # Errors
///
/// `Transport`, `Timeout`, `DeniedByHost`, `ResponseTooLarge`, and `InvalidArgument`
/// when the host does not accept the endpoint.
pub(crate) fn send(
    invocation: &Invocation,
    head: Head,
    deadline: &Deadline,
) -> Result<RawResponse, Error> {
    let (settings, payload) = (invocation.settings(), invocation.payload());
    let request = request(invocation.endpoint(), head, payload.len())?;
    let body = request
        .body()
        .map_err(|()| broken("the host gave no request body", false))?;
    let future = outgoing_handler::handle(request, Some(options(settings)))
        .map_err(|code| error_code::to_error(&code, settings))?;
    write(body, payload, &future, settings, deadline)?;
    let response = wait_for_response(&future, settings, deadline)?;
    read(response, settings, deadline)
}

fn request(endpoint: &Endpoint, head: Head, length: usize) -> Result<OutgoingRequest, Error> {
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
        .set_method(&http::Method::Post)
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(Some(&endpoint.authority)))
        .and_then(|()| request.set_path_with_query(Some(&head.path_and_query)))
        .map_err(|()| Error::invalid("endpoint-url", "the host does not accept this URL"))?;
    Ok(request)
}

/// A host that does not support a timeout says so; the timers in [`wait`] then
/// stand alone.
fn options(settings: &Settings) -> RequestOptions {
    let options = RequestOptions::new();
    let response = Some(wait::nanos(settings.response_timeout));
    let _ = options.set_connect_timeout(Some(wait::nanos(settings.connect_timeout)));
    let _ = options.set_first_byte_timeout(response);
    let _ = options.set_between_bytes_timeout(response);
    options
}

/// Writes the payload from where it lies.
///
/// A server may answer before it has read everything, or close; then the rest is not
/// written, and the response future tells which it was.
fn write(
    body: OutgoingBody,
    payload: &[u8],
    future: &FutureIncomingResponse,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<(), Error> {
    let mut rest = payload;
    if !rest.is_empty() {
        let stream = body
            .write()
            .map_err(|()| broken("the host gave no request stream", true))?;
        let writable = stream.subscribe();
        let answered = future.subscribe();
        while !rest.is_empty() {
            let Ok(permit) = stream.check_write() else {
                return Ok(());
            };
            if permit == 0 {
                let timer = Timer::start(TimeoutPhase::Response, settings.response_timeout);
                wait::ready(&[&writable, &answered], Some(&timer), deadline)?;
                if answered.ready() {
                    return Ok(());
                }
                continue;
            }
            let permit = usize::try_from(permit).unwrap_or(usize::MAX);
            let (piece, after) = rest.split_at_checked(permit).unwrap_or((rest, &[]));
            if stream.write(piece).is_err() {
                return Ok(());
            }
            rest = after;
        }
    }
    OutgoingBody::finish(body, None).map_err(|code| error_code::to_error(&code, settings))
}

fn wait_for_response(
    future: &FutureIncomingResponse,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<IncomingResponse, Error> {
    let answered = future.subscribe();
    if !answered.ready() {
        let timer = Timer::start(TimeoutPhase::Response, settings.response_timeout);
        wait::ready(&[&answered], Some(&timer), deadline)?;
    }
    match future.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(code))) => Err(error_code::to_error(&code, settings)),
        Some(Err(())) | None => Err(broken("the host gave no response", true)),
    }
}

fn read(
    response: IncomingResponse,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<RawResponse, Error> {
    let status = response.status();
    let headers: Vec<(String, String)> = response
        .headers()
        .entries()
        .into_iter()
        .filter_map(|(name, value)| Some((name, String::from_utf8(value).ok()?)))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_RESPONSE) {
        return Err(Error::ResponseTooLarge {
            limit: MAX_RESPONSE,
        });
    }
    let body = response
        .consume()
        .map_err(|()| broken("the host gave no response body", true))?;
    let body = read_body(&body, length, settings, deadline)?;
    Ok(RawResponse {
        status,
        headers,
        body,
    })
}

fn read_body(
    body: &IncomingBody,
    length: Option<u64>,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<Vec<u8>, Error> {
    let stream = body
        .stream()
        .map_err(|()| broken("the host gave no response stream", true))?;
    let mut received = Vec::new();
    while let Some(piece) = read_piece(&stream, settings, deadline)? {
        let total = u64::try_from(received.len().saturating_add(piece.len())).unwrap_or(u64::MAX);
        if total > MAX_RESPONSE {
            return Err(Error::ResponseTooLarge {
                limit: MAX_RESPONSE,
            });
        }
        if received.is_empty() {
            // Most responses are one piece, which is then not copied.
            received = piece;
            let expected = usize::try_from(length.unwrap_or(0)).unwrap_or(0);
            received.reserve_exact(expected.saturating_sub(received.len()));
        } else {
            received.extend_from_slice(&piece);
        }
    }
    match length {
        Some(length) if u64::try_from(received.len()) != Ok(length) => {
            Err(broken("the response ended before its content-length", true))
        }
        _ => Ok(received),
    }
}

/// The next piece of the body, or `None` at its end.
fn read_piece(
    stream: &InputStream,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<Option<Vec<u8>>, Error> {
    loop {
        match stream.read(READ_CHUNK) {
            Ok(piece) if !piece.is_empty() => return Ok(Some(piece)),
            Ok(_) => {
                let timer = Timer::start(TimeoutPhase::Response, settings.response_timeout);
                let readable = stream.subscribe();
                wait::ready(&[&readable], Some(&timer), deadline)?;
            }
            Err(StreamError::Closed) => return Ok(None),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(match http::http_error_code(&error) {
                    Some(code) => error_code::to_error(&code, settings),
                    None => broken("the connection broke within the response", true),
                });
            }
        }
    }
}

fn broken(detail: &str, sent: bool) -> Error {
    Error::Transport(TransportError {
        phase: if sent {
            TransportPhase::Response
        } else {
            TransportPhase::Host
        },
        detail: detail.to_owned(),
        sent,
    })
}
