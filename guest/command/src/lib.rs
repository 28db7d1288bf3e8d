//! The command line of `lambda-invocation`.
//!
//! It exists once and serves two programs: `lambda-host`, which embeds the plugin in
//! wasmtime, and the command component, which any WASI host runs. [`grammar`] is what
//! a user can type, [`run`] what happens then, given some [`run::Lambda`] to do it
//! with; [`render`] is what the user sees, and [`exit`] what a script does.
//!
//! Managed invocations have two files: [`config`] says what there should be, and
//! [`state`] what there is.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]

pub mod config;
mod dependency_order;
mod ephemeral;
pub mod exit;
pub mod failure;
mod file;
pub mod grammar;
pub mod help;
pub mod interrupt;
pub mod json;
mod json_text;
mod lifecycle;
mod payload;
pub mod render;
pub mod run;
pub mod state;

use lambda_invocation_core::call::settings::Environment;

/// The variables of this process. Those that are not UTF-8 are ignored.
pub fn environment() -> Environment {
    Environment::new(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    )
}
