//! The command line of `lambda-invocation`.
//!
//! It exists once and serves two programs: `lambda-host`, which embeds the plugin in
//! wasmtime, and the command component, which any WASI host runs. [`grammar`] is what
//! a user can type, [`run`] what happens then, given some [`run::Lambda`] to do it
//! with; [`render`] is what the user sees, and [`exit`] what a script does.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

pub mod exit;
pub mod grammar;
pub mod json;
pub mod render;
pub mod run;
