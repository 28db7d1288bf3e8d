//! What fuzzing calls: for each thing that is read from outside, a function that reads any
//! bytes as it and fails where what must hold does not.
//!
//! Two programs call them. `cargo xtask fuzz` gives them to libFuzzer, which looks for inputs
//! that reach more of the code, for as long as you like: its targets are in `fuzz/`. The
//! test `smoke` gives them the seeds of `fuzz/seeds/` and some thousands of changes of each,
//! the same ones each time, and needs no other toolchain.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a finding is reported"
)]

mod config;
mod credentials;
mod endpoint;
mod exchange;
mod json;
mod message;
mod payload;
mod plan;
mod profile;
mod response;
mod settings;
mod state;

/// A function that reads any bytes.
pub type Body = fn(&[u8]);

/// Every target by its name, which is that of its seeds and of its program in `fuzz/`.
pub const TARGETS: &[(&str, Body)] = &[
    ("config", config::run),
    ("credentials", credentials::run),
    ("endpoint", endpoint::run),
    ("exchange", exchange::run),
    ("json", json::run),
    ("payload", payload::run),
    ("plan", plan::run),
    ("profile", profile::run),
    #[cfg(feature = "providers")]
    (
        "pulumi_message",
        pulumi_resource_lambda_invocation::fuzz::message,
    ),
    ("response", response::run),
    ("service_request", lambda_invocation_service::fuzz::request),
    ("settings", settings::run),
    ("state", state::run),
    #[cfg(feature = "providers")]
    (
        "terraform_message",
        terraform_provider_lambda::fuzz::message,
    ),
    #[cfg(feature = "providers")]
    ("terraform_value", terraform_provider_lambda::fuzz::value),
];

/// Runs a target by its name.
///
/// # Panics
///
/// With a finding, and when there is no such target.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    let (_, body) = target.unwrap_or_else(|| panic!("no target {name}"));
    body(data);
}
