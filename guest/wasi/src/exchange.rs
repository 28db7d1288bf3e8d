//! A call that the host sends: core's, with the clocks it needs.

use std::cell::RefCell;
use std::time::Duration;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::exchange::{Answer, Attempt, Exchange, Request, Step};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::signer::Signer;
use lambda_invocation_core::call::stream::StreamEvent;
use lambda_invocation_core::call::wasi_http::Failure;
use lambda_invocation_core::error::Error;

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::call::{now, random};

/// The resource `call` of interface `exchange`.
///
/// Handles lead to it, so that its functions have no exclusive reference.
#[derive(Debug)]
pub struct ExchangeCall {
    exchange: RefCell<Exchange>,
    /// By the monotonic clock.
    started: u64,
}

impl ExchangeCall {
    /// Begins a call. `environment` is that of the component, where it has one.
    pub fn new(request: Request, connection: Connection, environment: &Environment) -> Self {
        let exchange = Exchange::new(request, connection, environment, random());
        Self {
            exchange: RefCell::new(exchange),
            started: monotonic_clock::now(),
        }
    }

    /// The request to send.
    ///
    /// # Errors
    ///
    /// As [`Exchange::attempt`].
    pub fn attempt(&self) -> Result<Attempt, Error> {
        let mut exchange = self.exchange.borrow_mut();
        exchange.attempt(now(), self.elapsed())
    }

    /// What follows from its outcome.
    ///
    /// # Errors
    ///
    /// As [`Exchange::next`].
    pub fn next(&self, outcome: Result<Answer, Failure>) -> Result<Step, Error> {
        let mut exchange = self.exchange.borrow_mut();
        exchange.next(outcome, now(), self.elapsed())
    }

    /// The events that are whole with the next piece of a stream.
    ///
    /// # Errors
    ///
    /// As [`Exchange::read`].
    pub fn read(&self, piece: Result<Option<Vec<u8>>, Failure>) -> Result<Vec<StreamEvent>, Error> {
        self.exchange.borrow_mut().read(piece)
    }

    /// Has further attempts signed by another signer.
    pub fn renew(&self, signer: Option<Signer>) {
        self.exchange.borrow_mut().renew(signer);
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(monotonic_clock::now().saturating_sub(self.started))
    }
}
