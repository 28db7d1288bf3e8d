//! World `service` of the WIT package: an HTTP service that signs and forwards
//! invocations for callers who have no AWS credentials.
//!
//! Every decision is a function of the request's head and the environment, without
//! I/O, and has a table test:
//!
//! ```text
//! head -> route      which path
//!      -> settings   the environment variables
//!      -> access     who calls, and which function
//!      -> arguments  the headers of the Invoke API
//!      -> (body, call)
//!      -> failure    what went wrong, fit for callers
//!      -> answer     status, headers, body
//! ```
//!
//! `service` strings them together; `component` does the reading, the calling and the
//! writing. Nothing is kept from one request to the next but fetched credentials, which
//! belong to the service and not to a caller: some hosts use an instance for many.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]
#![allow(
    clippy::result_large_err,
    reason = "a failure ends the request, and on wasm32 it is half as large"
)]

lambda_invocation_wasi::component! {
    path: "../../wit",
    world: "lambda:invocation/service",
    imports: all,
    mod bindings exports component::Component;
}

mod access;
mod allowed;
mod answer;
mod arguments;
mod component;
mod failure;
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
pub mod fuzz;
mod headers;
mod route;
mod service;
mod settings;
mod stream;
#[cfg(test)]
mod tests;
