//! A response's body, with the limit between its pieces.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};
use wasmtime_wasi_http::Error;

use super::error;

/// Passes pieces on as they come, without copying.
pub(super) struct ResponseBody {
    incoming: Incoming,
    is_http2: bool,
    between_bytes: Duration,
    /// Running while a piece is waited for; most small bodies never start it.
    timer: Option<Pin<Box<Sleep>>>,
}

impl ResponseBody {
    pub(super) fn new(incoming: Incoming, version: Version, between_bytes: Duration) -> Self {
        Self {
            incoming,
            is_http2: version == Version::HTTP_2,
            between_bytes,
            timer: None,
        }
    }

    /// Whether the body ended without its end. Over HTTP/2 hyper takes a stream that is reset,
    /// or left behind by GOAWAY, without an error code for one that ended.
    fn is_cut(&self) -> bool {
        self.is_http2
            && !self.incoming.is_end_stream()
            && self.incoming.size_hint().exact() != Some(0)
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) {
            self.timer = None;
            if frame.is_none() && self.is_cut() {
                return Poll::Ready(Some(Err(Error::HttpResponseIncomplete)));
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(|e| error::body(&e).into())));
        }
        let limit = self.between_bytes;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
