//! Calls that the host sends: the component says what, to whom and whether again.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use lambda_invocation_core::call::connection::{Connection, RetryMode};
use lambda_invocation_core::call::request::{self, Request};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::wasi_http::Failure;
use tokio::time::{sleep, timeout};
use wasmtime::component::ResourceAny;
use wasmtime::{Result as Trapping, Store};
use wasmtime_wasi_http::WasiBody;

use super::send;
use super::streaming::Out;
use super::{Host, hashed, reason};
use crate::bindings::exports::lambda::invocation::exchange::{self, Answer, Attempt, Guest, Step};
use crate::bindings::exports::lambda::invocation::types;
use crate::convert;
use crate::egress::Policy;
use crate::error::CallError;
use crate::http::{Hooks, ProxyNote, Setback};
use crate::instances::Owner;
use crate::provider::Asked;
use crate::shared::{STEP, Shared, Stop};
use crate::state::State;

/// Which instances a call may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those of all calls with its credentials.
    Shared,
    /// One to itself, of which nothing is left.
    Own,
}

impl Host {
    /// Invokes a function, sending what the component signs. With `out`, the answer is read as
    /// it comes, and put there.
    pub(super) async fn exchange(
        &self,
        request: Request,
        connection: Connection,
        whose: Whose,
        out: Option<Out>,
    ) -> Result<Response, CallError> {
        request::check_payload(&request.payload, request.invocation_type)?;
        let (asked, connection) = self.asked(connection).await?;
        self.exchange_as(&asked, request, connection, whose, out)
            .await
    }

    /// The same with credentials that have been asked for, and a payload that has been
    /// checked.
    pub(super) async fn exchange_as(
        &self,
        asked: &Asked<'_>,
        request: Request,
        connection: Connection,
        whose: Whose,
        out: Option<Out>,
    ) -> Result<Response, CallError> {
        let owner = match whose {
            Whose::Shared => Some(Owner::of(&connection)),
            Whose::Own => None,
        };
        let in_step = out.as_ref().map(|out| Arc::clone(&out.in_step));
        let run = async move |call: &Call<'_>, connection| {
            call.run(request, connection, owner, out).await
        };
        let in_step = in_step.unwrap_or_default();
        self.in_turn(asked, connection, in_step, run).await
    }

    /// Says what is wrong with a request, and sends nothing.
    pub(super) async fn check(
        &self,
        asked: &Asked<'_>,
        request: Request,
        connection: Connection,
    ) -> Result<(), CallError> {
        let owner = Some(Owner::of(&connection));
        let begin = async |call: &Call<'_>, connection| {
            let connection = self.given(connection, [None])?;
            let (request, _) = outline(request, false);
            call.begin(&request, &connection.0, owner).await.map(drop)
        };
        self.in_turn(asked, connection, Arc::default(), begin).await
    }

    /// Runs a call when it is its turn, for as long as it may take.
    async fn in_turn<R>(
        &self,
        asked: &Asked<'_>,
        connection: Connection,
        in_step: Arc<AtomicBool>,
        run: impl AsyncFnOnce(&Call<'_>, Connection) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let scope = self.scope(&connection, [None]);
        let inner = &*self.inner;
        // It is never closed, so there is always a turn to come.
        let _turn = Arc::clone(&inner.turns).acquire_owned().await.ok();
        let _ticking = inner.ticker.tick();
        let call = Call {
            host: self,
            asked,
            policy: Policy {
                endpoints: scope.endpoints,
                allowed: Arc::clone(&inner.allowed),
            },
            note: scope.note,
            mode: connection.retry.unwrap_or_default().mode,
            maybe_ran: AtomicBool::new(false),
            in_step,
            began: Instant::now(),
        };
        let called = timeout(scope.limit, run(&call, connection)).await;
        called.unwrap_or_else(|_| {
            Err(CallError::TimeLimit {
                after: scope.limit,
                maybe_ran: call.maybe_ran.load(Ordering::Relaxed),
            })
        })
    }
}

/// What stays the same over a call's attempts.
struct Call<'a> {
    host: &'a Host,
    asked: &'a Asked<'a>,
    policy: Policy,
    note: ProxyNote,
    /// What is repeated: under all modes but one, only what certainly ran nothing.
    mode: RetryMode,
    /// Whether an attempt may have reached Lambda: for when the component can no longer say.
    maybe_ran: AtomicBool,
    /// Whether the component runs for it right now.
    in_step: Arc<AtomicBool>,
    began: Instant,
}

/// What follows from an attempt.
#[allow(
    clippy::large_enum_variant,
    reason = "one at a time, and taken apart at once"
)]
enum After {
    /// With what is still to be read.
    Done(Response, Option<WasiBody>),
    Repeat(Duration),
    Renew,
}

impl Call<'_> {
    async fn run(
        &self,
        request: Request,
        connection: Connection,
        owner: Option<Owner>,
        out: Option<Out>,
    ) -> Result<Response, CallError> {
        // For further credentials of the same kind.
        let place = self.asked.may_ask_again().then(|| Connection {
            credentials: None,
            ..connection.clone()
        });
        let connection = self.host.given(connection, [None])?;
        let streaming = out.is_some();
        let (request, payload) = outline(request, streaming);
        let (mut begun, mut attempt) = self.begin(&request, &connection.0, owner).await?;
        drop(connection);
        loop {
            let left = attempt
                .deadline_ms
                .map(|ms| Duration::from_millis(ms.into()));
            let until = left.map(|left| tokio::time::Instant::now() + left);
            let answered = self.send(&attempt, payload.clone(), streaming).await;
            let status = answered.as_ref().ok().map(|answer| answer.status);
            match self.after(&mut begun, answered).await? {
                After::Done(head, body) => {
                    if let (Some(body), Some(mut out)) = (body, out) {
                        out.begin(head.clone());
                        self.read(&begun, body, until, &out).await?;
                    }
                    return Ok(head);
                }
                After::Repeat(pause) => {
                    self.nothing_ran();
                    if let Some(told) = &self.host.watcher {
                        let wait = Some(pause);
                        told(&Setback { status, wait });
                    }
                    sleep(pause).await;
                }
                After::Renew => {
                    self.nothing_ran();
                    let signer = match &place {
                        Some(place) => self.other_signer(place).await,
                        None => None,
                    };
                    // It has now seen both credentials, and begins no call with either.
                    begun.instance.retire();
                    let signer = signer.as_ref().map(|signer| &signer.0);
                    let renewed = self.step(&begun.instance, async |store, guest| {
                        guest.call().call_renew(store, begun.call, signer).await
                    });
                    renewed.await?;
                }
            }
            let signed = self.step(&begun.instance, async |store, guest| {
                guest.call().call_attempt(store, begun.call).await
            });
            attempt = self.told(signed.await?)?;
        }
    }

    /// Begins the call in an instance, with its first attempt.
    async fn begin(
        &self,
        request: &exchange::Request,
        connection: &types::Connection,
        owner: Option<Owner>,
    ) -> Result<(Begun, Attempt), CallError> {
        loop {
            let instance = match owner {
                Some(owner) => self.host.inner.shared.join(owner),
                None => Arc::default(),
            };
            instance.begin();
            let started = self.run_in(&instance, async |store, guest| {
                let guest = guest.call();
                let call = guest.call_constructor(&mut *store, request, Some(connection));
                let call = call.await?;
                Ok((call, guest.call_attempt(store, call).await?))
            });
            let (call, attempt) = match started.await {
                // Nothing has been done in it.
                Err(Stop::Lost) => continue,
                started => started.map_err(|stop| self.stopped(&stop))?,
            };
            let begun = Begun {
                instance,
                call,
                is_over: false,
            };
            return Ok((begun, self.told(attempt)?));
        }
    }

    async fn send(
        &self,
        attempt: &Attempt,
        payload: Bytes,
        streaming: bool,
    ) -> Result<send::Answer, Failure> {
        self.maybe_ran.store(true, Ordering::Relaxed);
        let client = &self.host.inner.client;
        let exchange = client.exchange(attempt, payload, &self.policy, &self.note, streaming);
        let answered = exchange.await;
        let not_sent = match &answered {
            Err(Failure::Transport(e)) => !e.maybe_ran,
            Err(Failure::Denied | Failure::Url) => true,
            _ => false,
        };
        if not_sent {
            self.nothing_ran();
        }
        answered
    }

    /// Puts it down that the last attempt ran nothing. Under `idempotent`, one before it may
    /// have.
    fn nothing_ran(&self) {
        if self.mode != RetryMode::Idempotent {
            self.maybe_ran.store(false, Ordering::Relaxed);
        }
    }

    /// Asks the component what follows; the answer's body it gets only where it wants it.
    async fn after(
        &self,
        begun: &mut Begun,
        answered: Result<send::Answer, Failure>,
    ) -> Result<After, CallError> {
        let (mut outcome, mut body, stream) = match answered {
            Ok(answer) => {
                let head = Answer {
                    status: answer.status,
                    headers: answer.headers,
                    body: None,
                };
                (Ok(head), answer.body, answer.stream)
            }
            Err(failure) => (Err(failure.into()), Vec::new(), None),
        };
        let is_streamed = stream.is_some();
        let call = begun.call;
        let next = self.step(&begun.instance, async |store, guest| {
            let guest = guest.call();
            let mut next = guest.call_next(&mut *store, call, outcome.as_ref()).await?;
            if let (Ok(Step::ReadBody), Ok(answer)) = (&next, &mut outcome) {
                answer.body = Some(mem::take(&mut body));
                next = guest.call_next(&mut *store, call, Ok(answer)).await?;
            }
            let is_over = match &next {
                Ok(Step::Done(_)) => !is_streamed,
                Ok(_) => false,
                Err(_) => true,
            };
            if is_over {
                call.resource_drop_async(store).await?;
            }
            Ok((next, is_over))
        });
        let (next, is_over) = next.await?;
        begun.is_over = is_over;
        Ok(match self.told(next)? {
            Step::Done(response) => {
                let mut response = Response::from(response);
                if response.payload.is_empty() {
                    response.payload = body;
                }
                After::Done(response, stream)
            }
            Step::Repeat(ms) => After::Repeat(Duration::from_millis(ms.into())),
            Step::RenewCredentials => After::Renew,
            Step::ReadBody => {
                return Err(CallError::Trapped {
                    reason: "it asked for a body that it had been given".to_owned(),
                    maybe_ran: true,
                });
            }
        })
    }

    /// Has the component read a stream as it arrives.
    async fn read(
        &self,
        begun: &Begun,
        mut body: WasiBody,
        until: Option<tokio::time::Instant>,
        out: &Out,
    ) -> Result<(), CallError> {
        loop {
            let piece = send::piece(&mut body, until).await.map_err(Into::into);
            let read = self.step(&begun.instance, async |store, guest| {
                let piece = match &piece {
                    Ok(bytes) => Ok(bytes.as_deref()),
                    Err(failure) => Err(failure),
                };
                let guest = guest.call();
                let events = guest.call_read(&mut *store, begun.call, piece).await?;
                // What is wrong behind a chunk is told by the next reading, which must not
                // wait for more to arrive.
                let behind = match events.as_deref() {
                    Ok([.., types::StreamEvent::Chunk(_)]) => {
                        let read = guest.call_read(store, begun.call, Ok(Some(&[])));
                        read.await?.map(drop)
                    }
                    _ => Ok(()),
                };
                Ok((events, behind))
            });
            let (events, behind) = read.await?;
            for event in self.told(events)? {
                if !out.put(event).await {
                    return Ok(());
                }
            }
            self.told(behind)?;
        }
    }

    /// Who signs where the credentials have expired; nobody, where others are not to be had.
    async fn other_signer(&self, place: &Connection) -> Option<convert::Signer> {
        let credentials = self.asked.again(place, self.began.elapsed()).await?;
        let connection = Connection {
            credentials: Some(credentials),
            ..place.clone()
        };
        convert::Signer::of(self.host.given(connection, [None]).ok()?)
    }

    /// Runs functions of an instance that has begun the call.
    async fn step<R>(
        &self,
        instance: &Shared,
        functions: impl AsyncFnOnce(&mut Store<State>, &Guest) -> Trapping<R>,
    ) -> Result<R, CallError> {
        let ran = self.run_in(instance, functions).await;
        ran.map_err(|stop| self.stopped(&stop))
    }

    async fn run_in<R>(
        &self,
        instance: &Shared,
        functions: impl AsyncFnOnce(&mut Store<State>, &Guest) -> Trapping<R>,
    ) -> Result<R, Stop> {
        let inner = &*self.host.inner;
        let new_store = || {
            let nowhere = Policy {
                endpoints: Vec::new(),
                allowed: Arc::from([]),
            };
            let note = ProxyNote::default();
            inner.new_store(Hooks::new(inner.client.clone(), nowhere, note))
        };
        self.in_step.store(true, Ordering::Relaxed);
        let ran = instance.run(&inner.plugin, new_store, functions).await;
        self.in_step.store(false, Ordering::Relaxed);
        ran
    }

    /// What the component's own error is for the caller.
    fn told<R>(&self, said: Result<R, types::Error>) -> Result<R, CallError> {
        said.map_err(|error| CallError::Failed(self.note.explain(self.asked.failed(error))))
    }

    fn stopped(&self, stop: &Stop) -> CallError {
        let maybe_ran = self.maybe_ran.load(Ordering::Relaxed);
        let trapped = |reason| CallError::Trapped { reason, maybe_ran };
        match stop {
            Stop::Trapped(error) => trapped(reason(error)),
            Stop::Lost => trapped("in another call with the same credentials".to_owned()),
            Stop::Memory => CallError::MemoryLimit {
                limit: self.host.inner.memory_limit,
                maybe_ran,
            },
            Stop::Time => CallError::TimeLimit {
                after: STEP,
                maybe_ran,
            },
        }
    }
}

/// A call, and the instance that keeps its state.
struct Begun {
    instance: Arc<Shared>,
    call: ResourceAny,
    is_over: bool,
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.is_over {
            self.instance.abandon(self.call);
        }
    }
}

/// What the component is told of a request, and what it is not.
fn outline(request: Request, streaming: bool) -> (exchange::Request, Bytes) {
    let request = hashed(request);
    let outline = exchange::Request {
        function_name: request.function_name,
        payload_len: u64::try_from(request.payload.len()).unwrap_or(u64::MAX),
        payload_sha256: request.payload_sha256.unwrap_or_default(),
        invocation_type: request.invocation_type.map(Into::into),
        log_type: request.log_type.map(Into::into),
        qualifier: request.qualifier,
        client_context: request.client_context,
        tenant_id: request.tenant_id,
        durable_execution_name: request.durable_execution_name,
        streaming: Some(streaming),
    };
    (outline, request.payload.into())
}
