//! One call whose requests somebody else sends: interface `exchange`.
//!
//! It is the same [`Invocation`] as behind `invoke`, and says the same words. Only what
//! differs is here: the payload never comes in, the answer's body only where it is needed,
//! and the time that is left is told rather than kept.

use std::fmt;
use std::mem;
use std::time::Duration;

use crate::call::connection::Connection;
use crate::call::invocation::{Invocation, METHOD, Step as After, Unsigned};
use crate::call::request::{InvocationType, LogType, Outgoing, Request as WholeRequest};
use crate::call::response::{RawResponse, Response};
use crate::call::settings::{self, Environment};
use crate::call::signer::Signer;
use crate::call::stream::{ResponseStream, StreamEvent};
use crate::call::wasi_http::{Failure, naming};
use crate::credentials::have_expired;
use crate::error::{Error, TimeoutError, TimeoutPhase};

/// What to invoke, with a payload that lies elsewhere: the `request` record.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// A name, a partial ARN or a full ARN, each with or without a qualifier.
    pub function_name: String,
    /// How many bytes the payload has.
    pub payload_len: u64,
    /// The payload's SHA-256 in lower-case hex.
    pub payload_sha256: String,
    /// Absent sends no header, which means `RequestResponse`.
    pub invocation_type: Option<InvocationType>,
    /// Absent sends no header, which means `None`.
    pub log_type: Option<LogType>,
    /// A version or an alias.
    pub qualifier: Option<String>,
    /// Data about the client for the function's context object, in base64.
    pub client_context: Option<String>,
    /// The tenant, for functions with tenant isolation.
    pub tenant_id: Option<String>,
    /// A name for the execution, for durable functions.
    pub durable_execution_name: Option<String>,
    /// Whether the operation is InvokeWithResponseStream; absent means Invoke.
    pub streaming: Option<bool>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("function_name", &self.function_name)
            .field("payload_len", &self.payload_len)
            .field("invocation_type", &self.invocation_type)
            .field("log_type", &self.log_type)
            .field("qualifier", &self.qualifier)
            .field("tenant_id", &self.tenant_id)
            .field("durable_execution_name", &self.durable_execution_name)
            .field("streaming", &self.streaming)
            .finish_non_exhaustive()
    }
}

/// A request to send, and the limits on it: the `attempt` record.
///
/// `Debug` leaves out the headers: they hold credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Always `POST`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Every header but `host` and `content-length`. Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Milliseconds to wait for a connection.
    pub connect_timeout_ms: u32,
    /// Milliseconds to wait for the response to begin, and for each further piece of it.
    pub response_timeout_ms: u32,
    /// Milliseconds that are left of the whole call, where it has a limit.
    pub deadline_ms: Option<u32>,
    /// Most bytes of the response's body that are read.
    pub max_response_len: u64,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .field("response_timeout_ms", &self.response_timeout_ms)
            .field("deadline_ms", &self.deadline_ms)
            .finish_non_exhaustive()
    }
}

/// A response, whole or without its body: the `answer` record.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in any case.
    pub headers: Vec<(String, String)>,
    /// Absent where the sender keeps it.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_len", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// What to do after an attempt: the `step` variant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "one at a time, and taken apart at once"
)]
pub enum Step {
    /// The call is over, or its stream begins: see [`Exchange::read`]. The payload is empty
    /// where the body stayed elsewhere.
    Done(Response),
    /// Pass the same answer again, with its body.
    ReadBody,
    /// Make another attempt after so many milliseconds.
    Repeat(u32),
    /// The credentials have expired: see [`Exchange::renew`].
    RenewCredentials,
}

/// A call on its way.
#[derive(Debug)]
pub struct Exchange {
    state: State,
}

#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "it is mostly the large one, and lies behind a pointer already"
)]
enum State {
    /// With what it failed with where the credentials have expired.
    Open(Invocation, Option<Error>),
    /// The head of its stream has arrived.
    Streaming(ResponseStream),
    /// With what is still to be said of it.
    Over(Option<Error>),
}

impl Exchange {
    /// Checks the arguments and fixes everything that stays the same over the attempts; the
    /// first attempt says what is wrong with them. `random` are 16 random bytes.
    pub fn new(
        request: Request,
        connection: Connection,
        environment: &Environment,
        random: [u8; 16],
    ) -> Self {
        Self {
            state: match begin(outgoing(request), connection, environment, random) {
                Ok(invocation) => State::Open(invocation, None),
                Err(error) => State::Over(Some(error)),
            },
        }
    }

    /// The next request, signed for `now`: the time since the epoch. `elapsed` is how long
    /// ago the call began.
    ///
    /// # Errors
    ///
    /// Before the first attempt, as [`Unsigned::new`] and
    /// [`Unsigned::with_signer`], and [`Error::NoCredentials`]: none are fetched. Then
    /// [`Error::Timeout`] where the deadline leaves no time, and what came of the call where
    /// expired credentials were not renewed. The call is over then.
    pub fn attempt(&mut self, now: Duration, elapsed: Duration) -> Result<Attempt, Error> {
        let attempt = match &mut self.state {
            State::Open(invocation, None) => attempt(invocation, now, elapsed),
            State::Open(_, error) | State::Over(error) => Err(error.take().unwrap_or_else(is_over)),
            State::Streaming(_) => Err(is_over()),
        };
        attempt.inspect_err(|_| self.state = State::Over(None))
    }

    /// What follows from an attempt's outcome, `elapsed` after the call began and at `now`.
    ///
    /// # Errors
    ///
    /// Every case of [`Error`] that `invoke` has. The call is over then.
    pub fn next(
        &mut self,
        outcome: Result<Answer, Failure>,
        now: Duration,
        elapsed: Duration,
    ) -> Result<Step, Error> {
        let State::Open(invocation, expired) = &mut self.state else {
            return Err(is_over());
        };
        let outcome = match outcome {
            Ok(answer) => {
                let withheld = answer.body.is_none();
                let response = RawResponse {
                    status: answer.status,
                    headers: answer.headers,
                    body: answer.body.unwrap_or_default(),
                };
                if withheld && invocation.needs_body(&response) {
                    return Ok(Step::ReadBody);
                }
                Ok(response)
            }
            Err(failure) => Err(failed(invocation, failure)),
        };
        let step = match invocation.next(outcome, now, elapsed) {
            After::Repeat(wait) => return Ok(Step::Repeat(ms(wait))),
            After::Done(Err(error)) if have_expired(&error) && invocation.may_renew() => {
                *expired = Some(error);
                return Ok(Step::RenewCredentials);
            }
            After::Done(done) => done,
        };
        let state = mem::replace(&mut self.state, State::Over(None));
        let head = step?;
        if let State::Open(invocation, _) = state
            && invocation.is_streaming()
        {
            self.state = State::Streaming(ResponseStream::new(invocation, head.clone()));
        }
        Ok(Step::Done(head))
    }

    /// The events that have arrived whole with `piece`, the next bytes of a stream's body, or
    /// nothing at its end. What is wrong after some events, the next reading says.
    ///
    /// # Errors
    ///
    /// As [`ResponseStream::next_event`] and [`ResponseStream::end`], and what `piece` says. The
    /// call is over then.
    pub fn read(
        &mut self,
        piece: Result<Option<Vec<u8>>, Failure>,
    ) -> Result<Vec<StreamEvent>, Error> {
        let stream = match &mut self.state {
            State::Streaming(stream) => stream,
            State::Over(error) => return Err(error.take().unwrap_or_else(is_over)),
            State::Open(..) => return Err(Error::Other("no stream has begun".to_owned())),
        };
        let mut events = Vec::new();
        let outcome = match piece {
            Ok(Some(bytes)) => {
                stream.feed(bytes);
                loop {
                    match stream.next_event() {
                        Ok(Some(event @ StreamEvent::Chunk(_))) => events.push(event),
                        Ok(Some(completion)) => break Ok(Some(completion)),
                        Ok(None) => return Ok(events),
                        Err(error) => break Err(error),
                    }
                }
            }
            Ok(None) => stream.end().map(Some),
            Err(failure) => {
                let error = failed(stream.invocation(), failure);
                Err(stream.failed(error))
            }
        };
        let outcome = outcome.map(|completion| events.extend(completion));
        self.state = State::Over(None);
        match outcome {
            Err(error) if events.is_empty() => return Err(error),
            Err(error) => self.state = State::Over(Some(error)),
            Ok(()) => {}
        }
        Ok(events)
    }

    /// Has the attempts to come signed by another signer, after [`Step::RenewCredentials`].
    /// Without one, or with one that cannot sign, the next attempt is an error.
    pub fn renew(&mut self, signer: Option<Signer>) {
        if let (State::Open(invocation, expired), Some(signer)) = (&mut self.state, signer) {
            *expired = invocation
                .renew(signer)
                .err()
                .map(|error| invocation.of_all_attempts(error.into()));
        }
    }
}

/// For a call that is used after its end.
fn is_over() -> Error {
    Error::Other("the call is over".to_owned())
}

fn outgoing(request: Request) -> Outgoing {
    let payload_len = usize::try_from(request.payload_len).unwrap_or(usize::MAX);
    let streaming = request.streaming == Some(true);
    let request = WholeRequest {
        function_name: request.function_name,
        payload: Vec::new(),
        payload_sha256: Some(request.payload_sha256),
        invocation_type: request.invocation_type,
        log_type: request.log_type,
        qualifier: request.qualifier,
        client_context: request.client_context,
        tenant_id: request.tenant_id,
        durable_execution_name: request.durable_execution_name,
    };
    let outgoing = Outgoing::without_payload(request, payload_len);
    match streaming {
        true => outgoing.streaming(),
        false => outgoing,
    }
}

fn begin(
    request: Outgoing,
    mut connection: Connection,
    environment: &Environment,
    random: [u8; 16],
) -> Result<Invocation, Error> {
    let given = connection.take_signer()?;
    let call = Unsigned::new(request, connection, environment, random)?;
    match (given, settings::credentials_in(environment)?) {
        (Some(signer), _) => Ok(call.with_signer(signer)?),
        (None, Some(credentials)) => Ok(call.with_signer(credentials)?),
        (None, None) => Err(Error::NoCredentials(
            "neither the connection nor the environment holds any, and an exchange asks for none elsewhere: pass credentials or derived-credentials"
                .to_owned(),
        )),
    }
}

fn attempt(
    invocation: &mut Invocation,
    now: Duration,
    elapsed: Duration,
) -> Result<Attempt, Error> {
    let left = invocation.settings().deadline.map(|deadline| {
        let left = ms(deadline.saturating_sub(elapsed));
        if left == 0 {
            Err(out_of_time(deadline, false))
        } else {
            Ok(left)
        }
    });
    let head = match left.transpose() {
        Ok(left) => invocation.attempt(now).map(|head| (head, left)),
        Err(error) => Err(error),
    };
    let (head, deadline_ms) = head.map_err(|error| invocation.of_all_attempts(error))?;
    let limits = invocation.limits();
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    Ok(Attempt {
        method: METHOD.as_str().to_owned(),
        url: invocation.url(),
        headers: head.headers.into_iter().map(owned).collect(),
        connect_timeout_ms: ms(limits.connect),
        response_timeout_ms: ms(limits.response),
        deadline_ms,
        max_response_len: limits.body,
    })
}

fn failed(invocation: &Invocation, failure: Failure) -> Error {
    let settings = invocation.settings();
    match (failure, settings.deadline) {
        (Failure::Timeout(TimeoutPhase::Deadline), Some(deadline)) => out_of_time(deadline, true),
        (failure, _) => naming(
            failure.into_error(&settings.endpoint, &invocation.limits()),
            &settings.endpoint,
        ),
    }
}

fn out_of_time(deadline: Duration, maybe_ran: bool) -> Error {
    Error::Timeout(TimeoutError {
        phase: TimeoutPhase::Deadline,
        after_ms: ms(deadline),
        maybe_ran,
        attempts: 0,
    })
}

fn ms(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
