//! Passing an answer on as it comes: no more of it is held than a piece.
//!
//! Once the head is sent, no status can say that the rest is missing. So what breaks off, or
//! ends with the function's error, has no proper end: HTTP clients see an answer that is not
//! complete.

use std::io::{self, Write as _};
use std::time::Duration;

use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::stream::StreamEvent;
use lambda_invocation_core::error::Error;
use lambda_invocation_wasi::StreamingCall;
use lambda_invocation_wasi::bindings::wasi::http::types::{OutgoingBody, ResponseOutparam};

use crate::answer::{Answer, Dialect};
use crate::component::{open, send, timer, write};
use crate::service::finish;

/// Answers with what the call gives. `timeout` is what the caller may take for each piece.
pub fn pass_on(out: ResponseOutparam, call: &StreamingCall, dialect: Dialect, timeout: Duration) {
    let head = call.head();
    let first = match dialect {
        // An SDK reads the events by itself.
        Dialect::Lambda if head.status_code == 200 => Ok(StreamEvent::Chunk(Vec::new())),
        // As long as nothing was written, a status can still say what went wrong.
        _ => call.next(),
    };
    let first = match first {
        Ok(StreamEvent::Chunk(first)) => first,
        Ok(StreamEvent::Complete(completion)) => {
            let response = Response {
                function_error: completion.function_error,
                log_result: completion.log_result,
                ..head
            };
            return send(out, finish(dialect, Ok(response)), timeout);
        }
        Err(error) => return send(out, finish(dialect, Err(error.into())), timeout),
    };
    let Some(body) = open(out, Answer::streamed(head, dialect), None) else {
        return;
    };
    let whole = match body.write() {
        Ok(stream) => {
            let mut piece = Some(first);
            while let Some(bytes) = &piece {
                if !write(&stream, bytes, &timer(timeout)) {
                    // A caller that has left gets no more.
                    return;
                }
                piece = match more(call, dialect) {
                    Ok(piece) => piece,
                    Err(error) => return broken_off(error.as_ref()),
                };
            }
            true
        }
        Err(()) => false,
    };
    if whole {
        let _ = OutgoingBody::finish(body, None);
    }
}

/// The next piece, or nothing where all is well and done. The error is the function's own
/// where there is none.
fn more(call: &StreamingCall, dialect: Dialect) -> Result<Option<Vec<u8>>, Option<Error>> {
    if dialect == Dialect::Lambda {
        return call.next_bytes().map_err(Some);
    }
    match call.next()? {
        StreamEvent::Chunk(bytes) => Ok(Some(bytes)),
        StreamEvent::Complete(completion) => match completion.function_error {
            None => Ok(None),
            Some(_) => Err(None),
        },
    }
}

/// Nobody else can be told.
fn broken_off(error: Option<&Error>) {
    if let Some(error) = error {
        let _ = writeln!(
            io::stderr(),
            "lambda-invocation-service: a stream broke off: {error}"
        );
    }
}
