//! World `plugin` of the WIT package: the three interfaces, exported.
//!
//! A file an interface, and `convert` for the types between WIT and core. Nothing
//! is decided here.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]

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
        world: "lambda:invocation/plugin",
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
    // crate still builds there, for clippy and the IDE.
    #[cfg(target_family = "wasm")]
    use super::Plugin;
    #[cfg(target_family = "wasm")]
    export!(Plugin);
}

mod convert;
mod ephemeral;
mod invocation_lifecycle;
mod invoke;
mod wipe;

/// The component.
struct Plugin;
