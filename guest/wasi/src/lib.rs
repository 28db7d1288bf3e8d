//! How `lambda-invocation-core` reaches the world: one call over `wasi:http`, with
//! the clocks, the environment and the randomness it needs, and before it the requests
//! for credentials. Files are read only where a component has said that it has some:
//! [`use_files`].
//!
//! Only functions that WASI has had since 0.2.0 are used, so that every host of the
//! 0.2 line can link a component made from this.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]

/// The WASI interfaces of world `imports`, generated from `wit/`.
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
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "lambda:invocation/imports",
        generate_all,
    });
}

mod call;
mod component;
mod credentials;
mod error_code;
mod exchange;
mod lifecycle;
mod profile_files;
mod streaming;
mod transport;
mod wait;

pub use call::{environment, invoke, open, prepare};
pub use exchange::ExchangeCall;
pub use lifecycle::apply;
pub use profile_files::use_files;
pub use streaming::{StreamingCall, invoke_streaming};
#[doc(hidden)]
pub use wit_bindgen;
