//! World `service` of the WIT package: an HTTP service that signs and forwards
//! invocations for callers who have no AWS credentials.
//!
//! Every decision is a function of the request's head and the environment, without
//! I/O, and has a table test:
//!
//! ```text
//! head -> route      which of the three paths
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

#[allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lambda:invocation/service",
        with: {
            "wasi:io/poll@0.2.4": lambda_invocation_wasi::bindings::wasi::io::poll,
            "wasi:io/error@0.2.4": lambda_invocation_wasi::bindings::wasi::io::error,
            "wasi:io/streams@0.2.4": lambda_invocation_wasi::bindings::wasi::io::streams,
            "wasi:clocks/monotonic-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::monotonic_clock,
            "wasi:clocks/wall-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::wall_clock,
            "wasi:cli/environment@0.2.4": lambda_invocation_wasi::bindings::wasi::cli::environment,
            "wasi:random/random@0.2.4": lambda_invocation_wasi::bindings::wasi::random::random,
            "wasi:http/types@0.2.4": lambda_invocation_wasi::bindings::wasi::http::types,
            "wasi:http/outgoing-handler@0.2.4": lambda_invocation_wasi::bindings::wasi::http::outgoing_handler,
        },
    });

    // The names of component exports are no symbols a native linker accepts; the
    // crate still builds there, for its tests.
    #[cfg(target_family = "wasm")]
    use super::component::Component;
    #[cfg(target_family = "wasm")]
    export!(Component);
}

mod access;
mod allowed;
mod answer;
mod arguments;
mod component;
mod failure;
mod headers;
mod route;
mod service;
mod settings;
#[cfg(test)]
mod tests;
