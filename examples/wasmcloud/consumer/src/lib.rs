//! An HTTP component that invokes Lambda functions and needs neither network nor
//! credentials: it imports `lambda:invocation/invoke`, and the plugin it is linked to
//! has both.
//!
//! - `POST /FUNCTION` invokes the function with the body as payload and answers with
//!   what the function returned; 502 when the function or the call failed.
//! - `GET /around/AUTHORITY` tries to reach that address without the plugin. Where the
//!   host grants this component nothing, it answers 403.

#[allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package example:consumer;

            world consumer {
                import lambda:invocation/invoke@0.1.0;
                import wasi:http/outgoing-handler@0.2.4;
                export wasi:http/incoming-handler@0.2.4;
            }
        ",
        generate_all,
    });

    // The names of component exports are no symbols a native linker accepts; the
    // crate still builds there, for clippy and the IDE.
    #[cfg(target_family = "wasm")]
    use super::Consumer;
    #[cfg(target_family = "wasm")]
    export!(Consumer);
}

use bindings::exports::wasi::http::incoming_handler::Guest;
use bindings::lambda::invocation::invoke::{Request, invoke};
use bindings::lambda::invocation::types::Error;
use bindings::wasi::http::outgoing_handler;
use bindings::wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingRequest,
    OutgoingResponse, ResponseOutparam, Scheme,
};
use bindings::wasi::io::streams::StreamError;

/// Lambda's own limit for a synchronous payload, in bytes.
const MOST: usize = 6 * 1024 * 1024;

/// The component.
struct Consumer;

/// A status and a body.
struct Answer(u16, Vec<u8>);

impl Answer {
    fn text(status: u16, text: impl Into<String>) -> Self {
        Self(status, text.into().into_bytes())
    }
}

impl Guest for Consumer {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let answer = match (request.method(), path.trim_start_matches('/')) {
            (Method::Get, path) => match path.strip_prefix("around/") {
                Some(authority) => around(authority),
                None => Answer::text(404, "POST /FUNCTION, or GET /around/AUTHORITY"),
            },
            (Method::Post, function) => match body(request) {
                Ok(payload) => through_the_plugin(function, payload),
                Err(answer) => answer,
            },
            _ => Answer::text(405, "GET or POST"),
        };
        send(answer, out);
    }
}

/// What the component is for.
fn through_the_plugin(function: &str, payload: Vec<u8>) -> Answer {
    let request = Request {
        function_name: function.to_owned(),
        payload,
        payload_sha256: None,
        invocation_type: None,
        log_type: None,
        qualifier: None,
        client_context: None,
        tenant_id: None,
        durable_execution_name: None,
    };
    // No connection: region and credentials are the plugin's, and stay there.
    match invoke(&request, None) {
        Ok(response) if response.function_error.is_some() => Answer(502, response.payload),
        Ok(response) => Answer(200, response.payload),
        Err(error) => Answer::text(502, name(&error)),
    }
}

/// The case alone: what went wrong with AWS is not the caller's business.
fn name(error: &Error) -> &'static str {
    match error {
        Error::InvalidArgument(_) => "invalid-argument",
        Error::NoCredentials(_) => "no-credentials",
        Error::NoRegion => "no-region",
        Error::DeniedByHost(_) => "denied-by-host",
        Error::Transport(_) => "transport",
        Error::Timeout(_) => "timeout",
        Error::Throttled(_) => "throttled",
        Error::Service(_) => "service",
        Error::ResponseTooLarge(_) => "response-too-large",
        Error::FunctionFailed(_) => "function-failed",
        Error::Other(_) => "other",
    }
}

/// What the component must not be able to do.
fn around(authority: &str) -> Answer {
    let request = OutgoingRequest::new(Fields::new());
    if request.set_scheme(Some(&Scheme::Http)).is_err()
        || request.set_authority(Some(authority)).is_err()
        || request.set_path_with_query(Some("/")).is_err()
    {
        return Answer::text(400, "not an authority");
    }
    let sent = outgoing_handler::handle(request, None).and_then(|future| {
        future.subscribe().block();
        match future.get() {
            Some(Ok(answer)) => answer,
            _ => Err(ErrorCode::InternalError(None)),
        }
    });
    match sent {
        Ok(response) => Answer::text(200, format!("reached: HTTP {}", response.status())),
        Err(ErrorCode::HttpRequestDenied) => Answer::text(403, "denied by the host"),
        Err(code) => Answer::text(502, format!("not reached: {code}")),
    }
}

/// The whole body, or why it is not read.
fn body(request: IncomingRequest) -> Result<Vec<u8>, Answer> {
    let broken = || Answer::text(400, "the body did not arrive");
    let body = request.consume().map_err(|()| broken())?;
    let stream = body.stream().map_err(|()| broken())?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return Err(broken()),
        }
        if bytes.len() > MOST {
            return Err(Answer::text(413, "more than Lambda takes"));
        }
    }
    // A stream that outlives its body is a trap.
    drop(stream);
    drop(IncomingBody::finish(body));
    Ok(bytes)
}

fn send(Answer(status, bytes): Answer, out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response
        .set_status_code(status)
        .and_then(|()| response.body());
    ResponseOutparam::set(out, Ok(response));
    let Ok(body) = body else { return };
    let Ok(stream) = body.write() else { return };
    // The most that WASI lets one call write.
    for piece in bytes.chunks(4096) {
        if stream.blocking_write_and_flush(piece).is_err() {
            // The client has left.
            return;
        }
    }
    drop(stream);
    // So has it here.
    let _ = OutgoingBody::finish(body, None);
}
