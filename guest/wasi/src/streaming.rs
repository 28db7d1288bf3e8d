//! A call whose answer is read as it comes.

use std::cell::RefCell;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::endpoint::Endpoint;
use lambda_invocation_core::call::request::{Outgoing, Request};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::stream::{ResponseStream, StreamEvent};
use lambda_invocation_core::call::wasi_http::Limits;
use lambda_invocation_core::error::Error;

use crate::bindings::wasi::http::types as http;
use crate::call::Call;
use crate::credentials::Keep;
use crate::transport::{Exchange, Source};
use crate::wait::Deadline;

/// Invokes a function by InvokeWithResponseStream and waits for the head of its answer,
/// repeating what the connection's retry policy allows.
///
/// # Errors
///
/// As [`invoke`](crate::invoke).
pub fn invoke_streaming(request: Request, connection: Connection) -> Result<StreamingCall, Error> {
    let outgoing = Outgoing::from(request).streaming();
    Call::new(outgoing, connection, Keep::Yes)?.run_to_stream()
}

/// The resource `response-stream` of interface `invoke-streaming`.
///
/// Handles lead to it, so that its functions have no exclusive reference.
pub struct StreamingCall {
    inner: RefCell<Inner>,
}

struct Inner {
    stream: ResponseStream,
    /// Until the stream is over.
    source: Option<Source>,
    endpoint: Endpoint,
    limits: Limits,
    deadline: Deadline<'static>,
}

impl StreamingCall {
    pub(crate) fn new(
        stream: ResponseStream,
        source: Source,
        (endpoint, limits): (Endpoint, Limits),
        deadline: Deadline<'static>,
    ) -> Self {
        Self {
            inner: RefCell::new(Inner {
                stream,
                source: Some(source),
                endpoint,
                limits,
                deadline,
            }),
        }
    }

    /// What Lambda said before the first piece.
    pub fn head(&self) -> Response {
        self.inner.borrow().stream.head().clone()
    }

    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// As [`ResponseStream::next_event`] and [`ResponseStream::end`]; `Timeout` and `Transport` of
    /// the way.
    pub fn next(&self) -> Result<StreamEvent, Error> {
        let mut inner = self.inner.borrow_mut();
        let event = inner.next();
        match &event {
            Ok(StreamEvent::Chunk(_)) => {}
            Ok(StreamEvent::Complete(_)) => {
                if let Some(source) = inner.source.take() {
                    source.finish();
                }
            }
            Err(_) => inner.source = None,
        }
        event
    }

    /// Waits for the next bytes of the event stream itself, for who passes it on; nothing at
    /// its end. Not to be mixed with [`next`](Self::next).
    ///
    /// # Errors
    ///
    /// `Timeout` and `Transport`.
    pub fn next_bytes(&self) -> Result<Option<Vec<u8>>, Error> {
        let mut inner = self.inner.borrow_mut();
        inner.more().map_err(|error| inner.stream.failed(error))
    }
}

impl Inner {
    fn next(&mut self) -> Result<StreamEvent, Error> {
        loop {
            if let Some(event) = self.stream.next_event()? {
                return Ok(event);
            }
            match self.more() {
                Ok(Some(bytes)) => self.stream.feed(bytes),
                Ok(None) => return self.stream.end(),
                Err(error) => return Err(self.stream.failed(error)),
            }
        }
    }

    fn more(&self) -> Result<Option<Vec<u8>>, Error> {
        // Where the function writes faster than it is read, there is always something to read.
        self.deadline.check()?;
        let exchange = Exchange {
            method: http::Method::Post,
            endpoint: &self.endpoint,
            limits: self.limits,
        };
        match &self.source {
            Some(source) => source.next(&exchange, &self.deadline),
            None => Ok(None),
        }
    }
}
