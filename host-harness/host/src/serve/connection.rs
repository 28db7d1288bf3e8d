//! A caller's connection, as hyper reads it: one head at a time, each within its time.
//!
//! hyper drops a length that stands beside a transfer coding without a word, so heads are looked
//! at before it gets them. It is given a head only as a whole, and what follows only once it has
//! said how long the body is; so what is looked at as a head is what hyper takes for one.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::head;

/// Longest head, and most bytes of an answer that hyper holds for a caller.
pub(super) const MAX_HEAD: usize = 64 * 1024;
/// Most bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// How long callers may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// To send the head of a request.
    pub(super) head: Duration,
    /// Between two requests.
    pub(super) idle: Duration,
    /// To take what hyper holds of an answer.
    pub(super) answer: Duration,
}

/// The length of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Known(u64),
    /// It is sent in chunks. No other request follows on the connection.
    Chunks,
}

/// What the connection and who answers its requests tell each other.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Of the head that was read last.
    has_length_and_coding: bool,
    /// Of the request that was begun last.
    body: Option<Length>,
    /// Whether a request is being answered.
    is_answering: bool,
    waker: Option<Waker>,
}

impl Gate {
    /// A request begins, whose body has this length. Returns whether its head has both a length
    /// and a transfer coding.
    pub(super) fn begin(&self, length: Length) -> bool {
        let mut state = self.lock();
        state.body = Some(length);
        state.is_answering = true;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        state.has_length_and_coding
    }

    /// The answer has been taken, or given up.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.is_answering = false;
        // The time until the next request begins.
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// A head.
    Head,
    /// The head was found, and so much of it is still to be handed over.
    Found(usize),
    /// A body, of which so much is to come.
    Body(u64),
    /// A body in chunks, and nothing after it.
    Rest,
}

/// A connection.
pub(super) struct Connection<S> {
    stream: S,
    gate: Arc<Gate>,
    times: Times,
    reading: Reading,
    /// What was read and not handed over.
    buffer: Vec<u8>,
    /// How much of it has been handed over.
    taken: usize,
    /// How much of it was searched for the end of a head.
    searched: usize,
    /// Running while a head is waited for.
    head_timer: Option<Pin<Box<Sleep>>>,
    /// Whether that is for a head that has begun.
    has_begun: bool,
    /// Running while an answer waits to be taken.
    answer_timer: Option<Pin<Box<Sleep>>>,
}

impl<S> Connection<S> {
    pub(super) fn new(stream: S, gate: Arc<Gate>, times: Times) -> Self {
        Self {
            stream,
            gate,
            times,
            reading: Reading::Head,
            buffer: Vec::new(),
            taken: 0,
            searched: 0,
            head_timer: Some(Box::pin(sleep(times.head))),
            has_begun: true,
            answer_timer: None,
        }
    }

    fn unread(&self) -> &[u8] {
        self.buffer.get(self.taken..).unwrap_or_default()
    }

    /// Hands over what is there, and at most so much. Returns how much that was.
    fn hand_over(&mut self, most: usize, to: &mut ReadBuf<'_>) -> usize {
        let most = most.min(to.remaining());
        let unread = self.unread();
        let piece = unread.get(..most).unwrap_or(unread);
        let length = piece.len();
        to.put_slice(piece);
        self.taken = self.taken.saturating_add(length);
        if self.unread().is_empty() {
            self.buffer.clear();
            self.taken = 0;
        }
        length
    }

    /// Goes on to the next head.
    fn expect_head(&mut self) {
        self.reading = Reading::Head;
        self.searched = 0;
        self.head_timer = None;
        self.has_begun = false;
    }
}

impl<S: AsyncRead + Unpin> Connection<S> {
    /// Reads some more. Returns whether there was more.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut chunk = [0; CHUNK];
        let mut chunk = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk))?;
        if self.taken > 0 {
            self.buffer.drain(..self.taken.min(self.buffer.len()));
            self.taken = 0;
        }
        self.buffer.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(!chunk.filled().is_empty()))
    }

    /// Reads until a head is whole. Returns whether there is one.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let unread = self.unread();
            let found = head::end(unread, self.searched);
            // hyper says what it thinks of one that is too long.
            let found = found.or((unread.len() >= MAX_HEAD).then_some(unread.len()));
            if let Some(length) = found {
                let head = unread.get(..length).unwrap_or(unread);
                let mut state = self.gate.lock();
                state.has_length_and_coding = head::has_length_and_coding(head);
                state.body = None;
                drop(state);
                self.reading = Reading::Found(length);
                self.head_timer = None;
                return Poll::Ready(Ok(true));
            }
            let length = unread.len();
            self.searched = length;
            let mut state = self.gate.lock();
            // A caller who sends nothing while a function runs does nothing wrong.
            if state.is_answering {
                state.waker = Some(cx.waker().clone());
                drop(state);
                self.head_timer = None;
            } else {
                drop(state);
                if length > 0 && !self.has_begun {
                    self.has_begun = true;
                    self.head_timer = None;
                }
                let limit = match self.has_begun {
                    true => self.times.head,
                    false => self.times.idle,
                };
                let timer = self
                    .head_timer
                    .get_or_insert_with(|| Box::pin(sleep(limit)));
                if timer.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Ok(false));
                }
            }
            if !ready!(self.poll_more(cx))? {
                return Poll::Ready(Ok(false));
            }
        }
    }

    fn poll_body(
        &mut self,
        most: u64,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.unread().is_empty() && !ready!(self.poll_more(cx))? {
            return Poll::Ready(Ok(0));
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Poll::Ready(Ok(self.hand_over(most, to)))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match this.reading {
                Reading::Head => {
                    if !ready!(this.poll_head(cx))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Reading::Found(0) => {
                    let mut state = this.gate.lock();
                    let Some(length) = state.body else {
                        state.waker = Some(cx.waker().clone());
                        return Poll::Pending;
                    };
                    drop(state);
                    match length {
                        Length::Known(0) => this.expect_head(),
                        Length::Known(length) => this.reading = Reading::Body(length),
                        Length::Chunks => this.reading = Reading::Rest,
                    }
                }
                Reading::Found(left) => {
                    let given = this.hand_over(left, to);
                    this.reading = Reading::Found(left.saturating_sub(given));
                    return Poll::Ready(Ok(()));
                }
                Reading::Body(left) => {
                    let given = ready!(this.poll_body(left, cx, to))?;
                    match left.saturating_sub(u64::try_from(given).unwrap_or(u64::MAX)) {
                        0 => this.expect_head(),
                        left => this.reading = Reading::Body(left),
                    }
                    return Poll::Ready(Ok(()));
                }
                Reading::Rest => {
                    return this.poll_body(u64::MAX, cx, to).map_ok(drop);
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Connection<S> {
    /// Bounds how long a caller takes for all that hyper holds, however often it takes some.
    fn timed<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let ready @ Poll::Ready(_) = poll(Pin::new(&mut self.stream), cx) {
            return ready;
        }
        let limit = self.times.answer;
        let timer = self
            .answer_timer
            .get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.timed(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.timed(cx, |stream, cx| stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.timed(cx, |stream, cx| stream.poll_flush(cx));
        if flushed.is_ready() {
            // hyper flushes when it has written all that it has.
            self.answer_timer = None;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.timed(cx, |stream, cx| stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    const TIMES: Times = Times {
        head: Duration::from_millis(100),
        idle: Duration::from_millis(100),
        answer: Duration::from_millis(100),
    };

    /// What one read gives.
    async fn read<S: AsyncRead + Unpin>(connection: &mut Connection<S>) -> String {
        let mut bytes = vec![0; 1_000];
        let length = connection.read(&mut bytes).await.unwrap();
        bytes.truncate(length);
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn requests_are_handed_over_one_by_one() {
        let (mut caller, stream) = duplex(1_000);
        let gate = Arc::<Gate>::default();
        let mut connection = Connection::new(stream, Arc::clone(&gate), TIMES);
        caller
            .write_all(b"POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\nPOST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /d")
            .await
            .unwrap();
        let head = "POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\n";
        assert_eq!(read(&mut connection).await, head);
        // Nothing before it is known how long the body is.
        let early = tokio::time::timeout(Duration::from_millis(20), read(&mut connection)).await;
        assert!(early.is_err(), "{early:?}");
        assert!(!gate.begin(Length::Known(3)));
        assert_eq!(read(&mut connection).await, "abc");
        gate.end();
        assert_eq!(read(&mut connection).await, "GET /b HTTP/1.1\r\n\r\n");
        assert!(!gate.begin(Length::Known(0)));
        gate.end();
        let head = read(&mut connection).await;
        assert!(
            head.starts_with("POST /c ") && head.ends_with("\r\n\r\n"),
            "{head}"
        );
        assert!(gate.begin(Length::Chunks));
        assert_eq!(read(&mut connection).await, "0\r\n\r\nGET /d");
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_ends_the_connection_and_a_function_that_runs_does_not() {
        for sent in ["", "GET / HTTP/1.1\r\n"] {
            let (mut caller, stream) = duplex(1_000);
            let gate = Arc::<Gate>::default();
            let mut connection = Connection::new(stream, Arc::clone(&gate), TIMES);
            caller.write_all(sent.as_bytes()).await.unwrap();
            assert_eq!(read(&mut connection).await, "", "{sent}");
        }
        let (mut caller, stream) = duplex(1_000);
        let gate = Arc::<Gate>::default();
        let mut connection = Connection::new(stream, Arc::clone(&gate), TIMES);
        let request = "GET / HTTP/1.1\r\n\r\n";
        caller.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(read(&mut connection).await, request);
        gate.begin(Length::Known(0));
        // The end of the answer has it read on by itself.
        let reading = tokio::spawn(async move { read(&mut connection).await });
        tokio::time::sleep(3 * TIMES.idle).await;
        assert!(!reading.is_finished());
        gate.end();
        assert_eq!(reading.await.unwrap(), "");
    }

    #[tokio::test]
    async fn an_answer_that_is_not_taken_ends_the_connection() {
        let (_caller, stream) = duplex(100);
        let mut connection = Connection::new(stream, Arc::default(), TIMES);
        let error = connection.write_all(&[b'x'; 1_000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
