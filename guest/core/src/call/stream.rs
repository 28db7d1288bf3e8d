//! The answer to InvokeWithResponseStream, as it comes.
//!
//! [`Invocation::next`] has read its head, and decided on everything that may be repeated.
//! From here on the function has run, so every failure says so and none is repeated.
//!
//! ```text
//! ResponseStream::new --> next_event --> Some(event), ..., Complete
//!                            ^   |
//!                            |   +--> None: more has to arrive
//!                           feed
//! ```

use std::fmt;

use crate::call::event_stream::{Decoder, Frame};
use crate::call::invocation::Invocation;
use crate::call::response::{MAX_REPORT, RawResponse, Response, decode_log, text, unlike_lambda};
use crate::call::{function_error, service_error};
use crate::error::{Error, FunctionError, TransportError, TransportPhase};
use crate::json::{self, Value};

pub use crate::call::event_stream::MAX_FRAME;

/// An event of a stream: the `stream-event` variant of the WIT package.
///
/// `Debug` shows the length of a chunk.
#[derive(Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// The next bytes of what the function returns.
    Chunk(Vec<u8>),
    /// The function is done; nothing follows.
    Complete(Completion),
}

impl fmt::Debug for StreamEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chunk(bytes) => f.debug_tuple("Chunk").field(&bytes.len()).finish(),
            Self::Complete(completion) => completion.fmt(f),
        }
    }
}

/// How the function ended: the `completion` record of the WIT package.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct Completion {
    /// Set when the function failed, perhaps after it had returned a part.
    pub function_error: Option<FunctionError>,
    /// What the service sent about it, unchanged.
    pub error_details: Option<String>,
    /// The end of the log in base64, as sent.
    pub log_result: Option<String>,
    /// The end of the log, decoded.
    pub log_tail: Option<String>,
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completion")
            .field("function_error", &self.function_error)
            .field(
                "error_details_len",
                &self.error_details.as_ref().map(String::len),
            )
            .field("log_result_len", &self.log_result.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

/// A stream whose head has arrived.
pub struct ResponseStream {
    /// For what is said of all of its attempts.
    invocation: Invocation,
    head: Response,
    decoder: Decoder,
    is_over: bool,
}

impl fmt::Debug for ResponseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream")
            .field("head", &self.head)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

impl ResponseStream {
    /// The stream behind the head that `invocation` has read.
    pub fn new(invocation: Invocation, head: Response) -> Self {
        Self {
            invocation,
            head,
            decoder: Decoder::default(),
            is_over: false,
        }
    }

    /// The head: a response without a payload.
    pub fn head(&self) -> &Response {
        &self.head
    }

    pub(crate) fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// Adds what has arrived of the body, cut anywhere.
    pub fn feed(&mut self, bytes: Vec<u8>) {
        self.decoder.feed(bytes);
    }

    /// The next event that has arrived whole; none where more is needed.
    ///
    /// # Errors
    ///
    /// [`Error::Service`] and [`Error::Throttled`] for an error that the service sends within
    /// the stream, and [`Error::Service`] for what is none of its events: code
    /// `UnexpectedFrame` or `UnexpectedEvent`. [`Error::Other`] once the stream is over.
    pub fn next_event(&mut self) -> Result<Option<StreamEvent>, Error> {
        if self.is_over {
            return Err(is_over());
        }
        let event = match self.decoder.next() {
            Ok(None) => return Ok(None),
            Ok(Some(frame)) => self.read(frame),
            Err(fault) => Err(self.unexpected("UnexpectedFrame", fault)),
        };
        self.is_over = !matches!(event, Ok(StreamEvent::Chunk(_)));
        event.map(Some)
    }

    /// What it means that the body has come to its end: all is well only where none was to
    /// come, as after a dry run.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] for a stream without its completion.
    pub fn end(&mut self) -> Result<StreamEvent, Error> {
        if self.is_over {
            return Err(is_over());
        }
        self.is_over = true;
        if self.head.status_code != 200 {
            return Ok(StreamEvent::Complete(Completion::default()));
        }
        let detail = if self.decoder.is_within_frame() {
            "the stream ended within a frame"
        } else {
            "the stream ended before its completion"
        };
        Err(self.failed(Error::Transport(TransportError {
            phase: TransportPhase::Response,
            detail: detail.to_owned(),
            maybe_ran: true,
            attempts: 0,
        })))
    }

    /// The error for a body that could not be read on, or was not in time.
    pub fn failed(&mut self, mut error: Error) -> Error {
        self.is_over = true;
        if let Some((maybe_ran, attempts)) = error.of_the_call() {
            *maybe_ran = true;
            *attempts = self.head.attempts;
        }
        error
    }

    fn read(&mut self, frame: Frame) -> Result<StreamEvent, Error> {
        match (frame.message_type.as_deref(), frame.name.as_deref()) {
            (Some("event"), Some("PayloadChunk")) => Ok(StreamEvent::Chunk(frame.payload)),
            (Some("event"), Some("InvokeComplete")) => {
                match completion(&frame.payload, &self.invocation.secrets()) {
                    Some(mut completion) => {
                        // Emulators say it before, as in an answer of Invoke.
                        let said_before = self.head.function_error.take();
                        completion.function_error = completion.function_error.or(said_before);
                        Ok(StreamEvent::Complete(completion))
                    }
                    None => Err(self.unexpected(
                        "UnexpectedEvent",
                        "the event InvokeComplete is not a JSON object of at most 1 MiB",
                    )),
                }
            }
            (Some("exception" | "error"), Some(_)) => Err(self.refused(frame)),
            _ => Err(self.unexpected(
                "UnexpectedEvent",
                "the stream has an event that is neither PayloadChunk nor InvokeComplete",
            )),
        }
    }

    /// An error that the service sends once the function has begun.
    fn refused(&mut self, frame: Frame) -> Error {
        let body = match &frame.error_message {
            Some(message) => {
                let mut body = "{\"message\":".to_owned();
                json::write_string(message, &mut body);
                body.push('}');
                body.into_bytes()
            }
            None => frame.payload,
        };
        let named = |name: &str, value: Option<String>| Some((name.to_owned(), value?));
        let headers = [
            named("x-amzn-errortype", frame.name),
            named("x-amzn-requestid", self.head.request_id.clone()),
        ];
        let raw = RawResponse {
            status: self.head.status_code,
            headers: headers.into_iter().flatten().collect(),
            body,
        };
        let error = service_error::read(&raw, &self.invocation.secrets());
        self.failed(error)
    }

    fn unexpected(&mut self, code: &str, message: &str) -> Error {
        let error = unlike_lambda(
            self.head.status_code,
            code,
            message.to_owned(),
            self.head.request_id.clone(),
        );
        self.failed(error)
    }
}

fn is_over() -> Error {
    Error::Other("the stream is over".to_owned())
}

/// Reads an `InvokeComplete`: `ErrorCode`, `ErrorDetails` and `LogResult`, none of which need
/// be there.
fn completion(payload: &[u8], secrets: &[&str]) -> Option<Completion> {
    if payload.len() > MAX_REPORT {
        return None;
    }
    let json = std::str::from_utf8(payload).ok()?;
    let Ok(Value::Object(members)) = Value::parse_levels(json, 1) else {
        return None;
    };
    let member = |name| text(&members, name).filter(|text| !text.is_empty());
    let (code, details) = (member("ErrorCode"), member("ErrorDetails"));
    let log_result = member("LogResult");
    let function_error = code.or(details).map(|_| {
        // The details are the runtime's report, or a text.
        let report = details.unwrap_or_default();
        let mut error = function_error::read(code.unwrap_or_default(), report.as_bytes(), secrets);
        if error.error_type.is_none() && error.error_message.is_none() {
            error.error_message = details.map(str::to_owned);
        }
        error
    });
    Some(Completion {
        function_error,
        error_details: details.map(str::to_owned),
        log_tail: log_result.and_then(decode_log),
        log_result: log_result.map(str::to_owned),
    })
}
