//! A call from its arguments to its answer.

use std::time::Duration;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::invocation::{Invocation, SignedRequest, Step, Unsigned};
use lambda_invocation_core::call::request::{Outgoing, Request};
use lambda_invocation_core::call::response::{RawResponse, Response};
use lambda_invocation_core::call::settings::{self, Environment};
use lambda_invocation_core::call::stream::ResponseStream;
use lambda_invocation_core::call::wasi_http::naming;
use lambda_invocation_core::credentials::chain::Files;
use lambda_invocation_core::credentials::have_expired as credentials_have_expired;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;

use crate::bindings::wasi::cli::environment;
use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use crate::bindings::wasi::http::types::{self as http, IncomingResponse};
use crate::bindings::wasi::random::random::get_random_u64;
use crate::credentials::{self, Caller, Keep};
use crate::profile_files;
use crate::streaming::StreamingCall;
use crate::transport::{self, Exchange, Source};
use crate::wait::{self, Deadline};

/// Invokes a function and waits for the answer, repeating what the connection's
/// retry policy allows.
///
/// Credentials that are neither in the connection nor in the environment are fetched,
/// and kept for later calls until shortly before they expire.
///
/// # Errors
///
/// Every case of [`Error`] but `FunctionFailed`.
pub fn invoke(request: Request, connection: Connection) -> Result<Response, Error> {
    Call::new(request.into(), connection, Keep::Yes)?.run()
}

/// Invokes a function for its answer alone. Nothing is kept, credentials included.
///
/// # Errors
///
/// As [`invoke`].
pub fn open(config: EphemeralConfig, connection: Connection) -> Result<Opened, Error> {
    let (request, connection) = config.into_request(connection)?;
    Ok(Call::new(request.into(), connection, Keep::No)?
        .run()?
        .into())
}

/// Signs a request without sending it. Its credentials may be fetched, as for
/// [`invoke`].
///
/// # Errors
///
/// `InvalidArgument`, `NoCredentials` and `NoRegion`; `Timeout` and `DeniedByHost` on
/// the way to the credentials.
pub fn prepare(request: Request, connection: Connection) -> Result<SignedRequest, Error> {
    let call = Call::new(request.into(), connection, Keep::Yes)?;
    Ok(call.invocation.prepare(now())?)
}

/// A call whose arguments are in order and whose credentials are there, with nothing
/// sent to Lambda yet.
pub(crate) struct Call {
    invocation: Invocation,
    environment: Environment,
    /// What the component reads of files, where it does.
    files: Option<Box<dyn Files>>,
    deadline: Deadline<'static>,
    /// By the monotonic clock.
    started: u64,
    /// Where the credentials were fetched, and may be again.
    fetched: Option<Keep>,
    /// An answer that is read as it comes.
    unread: Option<IncomingResponse>,
}

impl Call {
    pub(crate) fn new(
        request: Outgoing,
        mut connection: Connection,
        keep: Keep,
    ) -> Result<Self, Error> {
        let mut environment = environment();
        let files = profile_files::look(&environment)?;
        if let Some(files) = &files {
            files.add_endpoints(&mut environment)?;
        }
        let given = connection.take_signer()?;
        if connection.region.is_none() && settings::region_in(&environment).is_none() {
            let region = files.as_ref().and_then(|files| files.region());
            connection.region = region.map(str::to_owned);
        }
        let unsigned = Unsigned::new(request, connection, &environment, random())?;
        let started = monotonic_clock::now();
        let deadline = Deadline::start(unsigned.settings().deadline);
        let (signer, fetched) = match given {
            Some(signer) => (signer, None),
            None => {
                let caller = Caller {
                    environment: &environment,
                    files: files.as_deref(),
                    settings: unsigned.settings(),
                    deadline: &deadline,
                };
                let (credentials, renewable) = credentials::find(caller, keep)?;
                (credentials.into(), renewable.then_some(keep))
            }
        };
        Ok(Self {
            invocation: unsigned.with_signer(signer)?,
            environment,
            files,
            deadline,
            started,
            fetched,
            unread: None,
        })
    }

    /// Makes the call, and stops where its answer begins.
    pub(crate) fn run_to_stream(mut self) -> Result<StreamingCall, Error> {
        let head = self.run()?;
        let Some(response) = self.unread else {
            return Err(Error::Other("the host gave no response".to_owned()));
        };
        let place = (
            self.invocation.settings().endpoint.clone(),
            self.invocation.limits(),
        );
        let mut stream = ResponseStream::new(self.invocation, head);
        let source = Source::of(response).map_err(|error| stream.failed(error))?;
        Ok(StreamingCall::new(stream, source, place, self.deadline))
    }

    pub(crate) fn run(&mut self) -> Result<Response, Error> {
        loop {
            let outcome = self.attempt();
            let elapsed = Duration::from_nanos(monotonic_clock::now().saturating_sub(self.started));
            match self.invocation.next(outcome, now(), elapsed) {
                Step::Repeat(pause) => wait::sleep(pause),
                Step::Done(Err(error)) if credentials_have_expired(&error) => {
                    // Whatever comes of this call, the next one needs others.
                    credentials::forget();
                    // Where others are not to be had, the call's own error still says what
                    // became of it: an earlier attempt may have run.
                    if !self.renew().unwrap_or(false) {
                        return Err(error);
                    }
                }
                Step::Done(answer) => return answer,
            }
        }
    }

    fn attempt(&mut self) -> Result<RawResponse, Error> {
        let head = self.invocation.attempt(now())?;
        let endpoint = self.invocation.settings().endpoint.clone();
        let exchange = Exchange {
            method: http::Method::Post,
            endpoint: &endpoint,
            limits: self.invocation.limits(),
        };
        let response = transport::send(&exchange, head, self.invocation.payload(), &self.deadline)
            .map_err(|error| naming(error, &endpoint))?;
        if self.invocation.is_streaming() {
            let head = transport::head(&response);
            if !self.invocation.needs_body(&head) {
                self.unread = Some(response);
                return Ok(head);
            }
        }
        let buffer = self.invocation.take_payload(response.status());
        transport::read(
            response,
            buffer.unwrap_or_default(),
            &exchange,
            &self.deadline,
        )
    }

    /// Fetches the credentials anew, where they were fetched and the retry policy
    /// leaves an attempt to use them.
    fn renew(&mut self) -> Result<bool, Error> {
        let Some(keep) = self.fetched.filter(|_| self.invocation.may_renew()) else {
            return Ok(false);
        };
        let caller = Caller {
            environment: &self.environment,
            files: self.files.as_deref(),
            settings: self.invocation.settings(),
            deadline: &self.deadline,
        };
        let (credentials, _) = credentials::find(caller, keep)?;
        self.invocation.renew(credentials)?;
        Ok(true)
    }
}

/// The component's environment variables.
pub fn environment() -> Environment {
    Environment::new(environment::get_environment())
}

/// For a call's id, and for jitter.
pub(crate) fn random() -> [u8; 16] {
    (u128::from(get_random_u64()) << 64 | u128::from(get_random_u64())).to_le_bytes()
}

/// The time since the epoch by the host's clock.
pub(crate) fn now() -> Duration {
    let now = wall_clock::now();
    Duration::new(now.seconds, now.nanoseconds.min(999_999_999))
}
