//! The body of an answer: in pieces, so that hyper holds no more of it than a caller takes.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use super::connection::Gate;
use super::record::Record;

/// Longest piece.
const PIECE: usize = 64 * 1024;

type Error = Box<dyn StdError + Send + Sync>;

/// The body of an answer. Dropped before its end, the caller has left, unless it broke off.
pub(super) struct Answer {
    inner: UnsyncBoxBody<Bytes, Error>,
    /// What has come and was not handed over.
    rest: Bytes,
    sent: u64,
    /// How long it is, where it is known.
    expected: Option<u64>,
    is_over: bool,
    /// What broke it off, until what came before is on its way.
    broken: Option<Error>,
    has_broken: bool,
    /// How long a caller may take.
    time: Duration,
    /// When the caller must have taken it: all of it, or, where nobody knows how long it is,
    /// what has come of it. A time that no clock reaches is none.
    until: Option<Instant>,
    record: Arc<Record>,
    gate: Arc<Gate>,
}

impl Answer {
    /// An answer to a request of that method, for which its caller has so much time.
    pub(super) fn of<B>(
        response: Response<B>,
        method: &Method,
        time: Duration,
        record: Arc<Record>,
        gate: Arc<Gate>,
    ) -> Response<Self>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        let length = response.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        // RFC 9110 section 6.4.1: these have none, whatever the headers say.
        let expected = match response.status() {
            _ if method == Method::HEAD => Some(0),
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => Some(0),
            _ => length.or_else(|| response.body().size_hint().exact()),
        };
        response.map(|body| Self {
            inner: body.map_err(Into::into).boxed_unsync(),
            rest: Bytes::new(),
            sent: 0,
            expected,
            is_over: false,
            broken: None,
            has_broken: false,
            time,
            until: after(time),
            record,
            gate,
        })
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if let Some(error) = this.broken.take() {
            return Poll::Ready(Some(Err(error)));
        }
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        this.rest = data;
                        // A stream lasts as long as its function writes.
                        if this.expected.is_none() {
                            this.until = after(this.time);
                        }
                    }
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                Some(Err(error)) => {
                    // At an error hyper drops what it has not sent. A caller is to see that an
                    // answer had begun.
                    this.broken = Some(error);
                    // The component gives a caller up who is late.
                    if !is_past(this.until) {
                        this.has_broken = true;
                        this.record.broke_off();
                    }
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None => {
                    this.is_over = true;
                    return Poll::Ready(None);
                }
            }
        }
        // It counts for a caller who takes a piece now and then, too.
        if is_past(this.until) {
            return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())));
        }
        let piece = this.rest.split_to(PIECE.min(this.rest.len()));
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        this.sent = this.sent.saturating_add(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.rest.is_empty() && self.sent == 0 {
            true => self.inner.size_hint(),
            false => SizeHint::default(),
        }
    }
}

fn after(time: Duration) -> Option<Instant> {
    Instant::now().checked_add(time)
}

fn is_past(time: Option<Instant>) -> bool {
    time.is_some_and(|time| Instant::now() > time)
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.record.sent(self.sent);
        // hyper asks for no more than a known length.
        let is_ours = self.is_over
            || self.has_broken
            || self.expected.is_some_and(|expected| self.sent >= expected)
            || self.is_end_stream();
        if !is_ours {
            self.record.caller_left();
        }
        self.gate.end();
    }
}
