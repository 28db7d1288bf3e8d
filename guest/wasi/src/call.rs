//! A call from its arguments to its answer.

use std::time::Duration;

use lambda_invocation_core::connection::Connection;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::invocation::{Invocation, SignedRequest, Step};
use lambda_invocation_core::request::Request;
use lambda_invocation_core::response::Response;
use lambda_invocation_core::settings::{Environment, Settings};

use crate::bindings::wasi::cli::environment;
use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use crate::bindings::wasi::random::random;
use crate::transport;
use crate::wait::{self, Deadline};

/// Invokes a function and waits for the answer, repeating what the connection's
/// retry policy allows.
///
/// # Errors
///
/// Every case of [`Error`] but `FunctionFailed`.
pub fn invoke(request: Request, connection: Connection) -> Result<Response, Error> {
    let mut invocation = new(request, connection)?;
    let started = monotonic_clock::now();
    let deadline = Deadline::start(invocation.settings().deadline);
    loop {
        let head = invocation.attempt(now());
        let outcome = transport::send(&invocation, head, &deadline);
        let elapsed = Duration::from_nanos(monotonic_clock::now().saturating_sub(started));
        match invocation.next(outcome, now(), elapsed) {
            Step::Done(answer) => return answer,
            Step::Repeat(pause) => wait::sleep(pause),
        }
    }
}

/// Invokes a function for its answer alone.
///
/// # Errors
///
/// As [`invoke`].
pub fn open(config: EphemeralConfig, connection: Connection) -> Result<Opened, Error> {
    let (request, connection) = config.into_request(connection)?;
    Ok(invoke(request, connection)?.into())
}

/// Signs a request without sending it.
///
/// # Errors
///
/// `InvalidArgument`, `NoCredentials` and `NoRegion`.
pub fn prepare(request: Request, connection: Connection) -> Result<SignedRequest, Error> {
    Ok(new(request, connection)?.prepare(now()))
}

/// A call whose arguments are in order, with nothing sent yet.
pub(crate) fn new(request: Request, connection: Connection) -> Result<Invocation, Error> {
    let environment = Environment::new(environment::get_environment());
    let settings = Settings::resolve(connection, &environment)?;
    let random = random::get_random_bytes(16);
    let random = <[u8; 16]>::try_from(random)
        .map_err(|_| Error::Other("the host gave too few random bytes".to_owned()))?;
    Invocation::new(request, settings, random)
}

fn now() -> Duration {
    let now = wall_clock::now();
    Duration::new(now.seconds, now.nanoseconds.min(999_999_999))
}
