//! Calls whose answer is read as it comes.
//!
//! A task of its own makes the call, and waits with each event until the last one was taken:
//! so a stream is not held, whoever sends it and however slowly it is read.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::stream::StreamEvent;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::exchange::Whose;
use super::{Host, hashed};
use crate::bindings::exports::lambda::invocation::types;
use crate::builder::Transport;
use crate::error::CallError;

/// An answer that is arriving: see [`Host::invoke_streaming`].
///
/// Dropping it ends the call and closes its connection. The function may go on to run.
pub struct ResponseStream {
    head: Response,
    events: mpsc::Receiver<StreamEvent>,
    /// Until it has ended.
    task: Option<Task>,
}

impl fmt::Debug for ResponseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream")
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

impl ResponseStream {
    /// What Lambda said before the first piece: status, version and request id. The payload
    /// is empty.
    pub fn head(&self) -> &Response {
        &self.head
    }

    /// Waits for the next event; nothing comes after [`StreamEvent::Complete`].
    ///
    /// Dropping the future loses no event.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] for a stream that breaks off, is late, or is not as Lambda sends
    /// it, and the host's own cases. The function may have run in every one of them, and what
    /// was given of the answer is a part of it.
    pub async fn next(&mut self) -> Result<Option<StreamEvent>, CallError> {
        if let Some(event) = self.events.recv().await {
            return Ok(Some(event));
        }
        let Some(task) = &mut self.task else {
            return Ok(None);
        };
        let ended = task.ended().await;
        self.task = None;
        ended.map(|()| None)
    }
}

/// The task that makes the call; it ends with this value, and by itself where the stream is
/// dropped.
struct Task(JoinHandle<Result<(), CallError>>);

impl Task {
    async fn ended(&mut self) -> Result<(), CallError> {
        (&mut self.0).await.unwrap_or_else(|error| {
            Err(CallError::Trapped {
                reason: format!("the task of the call ended: {error}"),
                maybe_ran: true,
            })
        })
    }
}

/// Where a call puts its answer.
pub(super) struct Out {
    head: Option<oneshot::Sender<Response>>,
    events: mpsc::Sender<StreamEvent>,
    /// Set while the component runs in an instance that other calls share: dropped there, it
    /// would be lost for them.
    pub(super) in_step: Arc<AtomicBool>,
}

impl Out {
    pub(super) fn begin(&mut self, head: Response) {
        if let Some(begin) = self.head.take() {
            // Nobody waits: the task is about to end.
            let _ = begin.send(head);
        }
    }

    /// Whether there is more to be read.
    pub(super) async fn put(&self, event: types::StreamEvent) -> bool {
        let event = StreamEvent::from(event);
        let more = matches!(event, StreamEvent::Chunk(_));
        self.events.send(event).await.is_ok() && more
    }
}

impl Host {
    /// Invokes a function by InvokeWithResponseStream and waits for its answer to begin. What
    /// it writes is then read piece by piece.
    ///
    /// ```no_run
    /// # use lambda_invocation_host::{Connection, Host, Request, StreamEvent};
    /// # async fn read(host: Host, request: Request) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut stream = host.invoke_streaming(request, Connection::default()).await?;
    /// while let Some(event) = stream.next().await? {
    ///     match event {
    ///         StreamEvent::Chunk(bytes) => println!("{} bytes", bytes.len()),
    ///         StreamEvent::Complete(completion) => println!("{:?}", completion.function_error),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The call is bounded by the connection's deadline, or an hour, the time included that
    /// its reader takes; each piece by the response timeout. Memory is bounded, too: one frame
    /// of the stream, 16 MB at most, and twice that while its buffer grows. A call takes its turn
    /// ([`HostBuilder::max_concurrent_calls`](crate::HostBuilder::max_concurrent_calls)) until
    /// its stream is over or dropped.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke), and [`CallError::Failed`] with `InvalidArgument` for an
    /// `Event` and for a durable execution, which have no stream.
    pub async fn invoke_streaming(
        &self,
        request: Request,
        connection: Connection,
    ) -> Result<ResponseStream, CallError> {
        let (begin, head) = oneshot::channel();
        let (put, events) = mpsc::channel(1);
        let out = Out {
            head: Some(begin),
            events: put.clone(),
            in_step: Arc::default(),
        };
        let host = self.clone();
        let in_step = Arc::clone(&out.in_step);
        let mut task = Task(tokio::spawn(async move {
            let call = host.stream(request, connection, out);
            unless_left(call, put.closed(), &in_step)
                .await
                .unwrap_or(Ok(()))
        }));
        if let Ok(head) = head.await {
            return Ok(ResponseStream {
                head,
                events,
                task: Some(task),
            });
        }
        task.ended().await?;
        Err(CallError::Trapped {
            reason: "it ended without an answer".to_owned(),
            maybe_ran: true,
        })
    }

    async fn stream(
        self,
        request: Request,
        connection: Connection,
        mut out: Out,
    ) -> Result<(), CallError> {
        if self.inner.transport == Transport::Host {
            let call = self.exchange(request, connection, Whose::Shared, Some(out));
            return call.await.map(drop);
        }
        let (asked, connection) = self.asked(connection).await?;
        let scope = self.scope(&connection, [None]);
        let note = scope.note.clone();
        let request = hashed(request).into();
        let connection = self.given(connection, [None])?;
        self.call(scope, async move |callee| {
            let (store, interface) = callee.invoke_streaming()?;
            let begun = interface.call_invoke_streaming(&mut *store, &request, Some(&connection.0));
            let stream = match begun.await? {
                Ok(stream) => stream,
                Err(error) => return Ok(Err(error)),
            };
            let resource = interface.response_stream();
            out.begin(resource.call_head(&mut *store, stream).await?.into());
            let ended = loop {
                let event = match resource.call_next(&mut *store, stream).await? {
                    Ok(event) => event,
                    Err(error) => break Err(error),
                };
                if !out.put(event).await {
                    break Ok(());
                }
            };
            stream.resource_drop_async(store).await?;
            Ok(ended)
        })
        .await?
        .map_err(|error| CallError::Failed(note.explain(asked.failed(error))))
    }
}

/// What the call gives; nothing where its reader has left before. It then ends there, but not
/// while it is `in_step`.
async fn unless_left<R>(
    call: impl Future<Output = R>,
    left: impl Future<Output = ()>,
    in_step: &AtomicBool,
) -> Option<R> {
    let mut call = pin!(call);
    let mut left = pin!(left);
    let mut has_left = false;
    poll_fn(|context| {
        if let Poll::Ready(given) = call.as_mut().poll(context) {
            return Poll::Ready(Some(given));
        }
        has_left = has_left || left.as_mut().poll(context).is_ready();
        if has_left && !in_step.load(Ordering::Relaxed) {
            return Poll::Ready(None);
        }
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn a_call_whose_reader_has_left_ends_behind_the_step_that_it_is_in() {
        let in_step = AtomicBool::new(true);
        let steps = AtomicBool::new(false);
        let call = async {
            yield_now().await;
            yield_now().await;
            steps.store(true, Ordering::Relaxed);
            in_step.store(false, Ordering::Relaxed);
            pending::<()>().await;
        };
        assert_eq!(unless_left(call, ready(()), &in_step).await, None);
        assert!(steps.load(Ordering::Relaxed));
        let whole = unless_left(ready(1), pending(), &in_step).await;
        assert_eq!(whole, Some(1));
    }
}
