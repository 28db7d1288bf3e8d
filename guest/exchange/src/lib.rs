//! World `exchange-plugin` of the WIT package: the interface `exchange` alone, for hosts that
//! send requests themselves. It imports clocks and random bytes, and nothing else.
//!
//! Its records are core's types, as in the plugin. Nothing is decided here.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::exchange::{Answer, Attempt, Request, Step};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::signer::Signer;
use lambda_invocation_core::call::stream::StreamEvent;
use lambda_invocation_core::call::wasi_http::Failure;
use lambda_invocation_core::error::Error;
use lambda_invocation_wasi::ExchangeCall;

use crate::bindings::exports::lambda::invocation::exchange::{Guest, GuestCall};

lambda_invocation_wasi::component! {
    path: "../../wit",
    world: "lambda:invocation/exchange-plugin",
    imports: clocks_and_random,
    records: {
        "lambda:invocation/exchange@0.1.0/request": lambda_invocation_core::call::exchange::Request,
        "lambda:invocation/exchange@0.1.0/attempt": lambda_invocation_core::call::exchange::Attempt,
        "lambda:invocation/exchange@0.1.0/answer": lambda_invocation_core::call::exchange::Answer,
        "lambda:invocation/exchange@0.1.0/transport-failure": lambda_invocation_core::call::wasi_http::TransportFailure,
        "lambda:invocation/exchange@0.1.0/failure": lambda_invocation_core::call::wasi_http::Failure,
        "lambda:invocation/exchange@0.1.0/step": lambda_invocation_core::call::exchange::Step,
        "lambda:invocation/exchange@0.1.0/signer": lambda_invocation_core::call::signer::Signer,
    },
    mod bindings exports Exchange;
}

#[global_allocator]
#[cfg(target_family = "wasm")]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// The component.
struct Exchange;

impl Guest for Exchange {
    type Call = ExchangeCall;
}

impl GuestCall for ExchangeCall {
    fn new(request: Request, connection: Option<Connection>) -> Self {
        let nothing = Environment::default();
        ExchangeCall::new(request, connection.unwrap_or_default(), &nothing)
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
