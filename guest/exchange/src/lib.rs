//! World `exchange-plugin` of the WIT package: the interface `exchange` alone, for hosts that
//! send requests themselves. It imports clocks and random bytes, and nothing else.
//!
//! Its records are core's types, as in the plugin. Nothing is decided here.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::exchange::{Answer, Attempt, Request, Step};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::signer::Signer;
use lambda_invocation_core::call::wasi_http::Failure;
use lambda_invocation_core::error::Error;
use lambda_invocation_wasi::ExchangeCall;

use crate::bindings::exports::lambda::invocation::exchange::{Guest, GuestCall};

lambda_invocation_wasi::component! {
    path: "../../wit",
    world: "lambda:invocation/exchange-plugin",
    imports: {
        "wasi:io/poll@0.2.4": lambda_invocation_wasi::bindings::wasi::io::poll,
        "wasi:clocks/monotonic-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::monotonic_clock,
        "wasi:clocks/wall-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::wall_clock,
        "wasi:random/random@0.2.4": lambda_invocation_wasi::bindings::wasi::random::random,
    },
    with: {
        "lambda:invocation/types@0.1.0/invocation-type": lambda_invocation_core::call::request::InvocationType,
        "lambda:invocation/types@0.1.0/log-type": lambda_invocation_core::call::request::LogType,
        "lambda:invocation/types@0.1.0/credentials": lambda_invocation_core::call::connection::Credentials,
        "lambda:invocation/types@0.1.0/signing-key": lambda_invocation_core::call::connection::SigningKey,
        "lambda:invocation/types@0.1.0/derived-credentials": lambda_invocation_core::call::connection::DerivedCredentials,
        "lambda:invocation/types@0.1.0/retry-mode": lambda_invocation_core::call::connection::RetryMode,
        "lambda:invocation/types@0.1.0/retry-policy": lambda_invocation_core::call::connection::RetryPolicy,
        "lambda:invocation/types@0.1.0/connection": lambda_invocation_core::call::connection::Connection,
        "lambda:invocation/types@0.1.0/function-error": lambda_invocation_core::error::FunctionError,
        "lambda:invocation/types@0.1.0/argument-error": lambda_invocation_core::error::ArgumentError,
        "lambda:invocation/types@0.1.0/host-denial": lambda_invocation_core::error::HostDenial,
        "lambda:invocation/types@0.1.0/transport-phase": lambda_invocation_core::error::TransportPhase,
        "lambda:invocation/types@0.1.0/transport-error": lambda_invocation_core::error::TransportError,
        "lambda:invocation/types@0.1.0/timeout-phase": lambda_invocation_core::error::TimeoutPhase,
        "lambda:invocation/types@0.1.0/timeout-error": lambda_invocation_core::error::TimeoutError,
        "lambda:invocation/types@0.1.0/throttling-error": lambda_invocation_core::error::ThrottlingError,
        "lambda:invocation/types@0.1.0/service-error": lambda_invocation_core::error::ServiceError,
        "lambda:invocation/types@0.1.0/response-limit": lambda_invocation_core::error::ResponseLimit,
        "lambda:invocation/types@0.1.0/function-failure": lambda_invocation_core::error::FunctionFailure,
        "lambda:invocation/types@0.1.0/error": lambda_invocation_core::error::Error,
        "lambda:invocation/types@0.1.0/response": lambda_invocation_core::call::response::Response,
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

    fn renew(&self, signer: Option<Signer>) {
        ExchangeCall::renew(self, signer);
    }
}
