//! Interface `exchange`.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::exchange::{Answer, Attempt, Request, Step};
use lambda_invocation_core::call::signer::Signer;
use lambda_invocation_core::call::stream::StreamEvent;
use lambda_invocation_core::call::wasi_http::Failure;
use lambda_invocation_core::error::Error;
use lambda_invocation_wasi::ExchangeCall;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::exchange::{Guest, GuestCall};

impl Guest for Plugin {
    type Call = ExchangeCall;
}

impl GuestCall for ExchangeCall {
    fn new(request: Request, connection: Option<Connection>) -> Self {
        let environment = lambda_invocation_wasi::environment();
        ExchangeCall::new(request, connection.unwrap_or_default(), &environment)
    }

    fn attempt(&self) -> Result<Attempt, Error> {
        ExchangeCall::attempt(self)
    }

    fn next(&self, outcome: Result<Answer, Failure>) -> Result<Step, Error> {
        ExchangeCall::next(self, outcome)
    }

    fn read(&self, piece: Result<Option<Vec<u8>>, Failure>) -> Result<Vec<StreamEvent>, Error> {
        ExchangeCall::read(self, piece)
    }

    fn renew(&self, signer: Option<Signer>) {
        ExchangeCall::renew(self, signer);
    }
}
