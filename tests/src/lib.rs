//! What the end-to-end tests stand on: the built program and component, peers that
//! are not ours, and servers that misbehave.
//!
//! The tests are in `tests/`, one file a theme:
//!
//! - `lambda_host/`: the program's streams and exit codes, against its own local
//!   endpoint.
//! - `ministack.rs`: MiniStack, a Lambda endpoint written by others.
//! - `hostile/`: servers that break the rules.
//! - `credentials/`: the command component and every source of credentials.
//! - `profiles/`: configuration files, beside botocore, `docs/credentials.md`.
//! - `proxy/`: HTTP proxies.
//! - `conformance/`: the AWS provider's own tests, `docs/conformance.md`.
//! - `error_messages/`: every error, really made to happen, `docs/errors.md`.
//! - `lifecycle_crash.rs`: an apply that is ended by signals, or by a full disk.
//! - `endless_files.rs`: files that never end.
//! - `hosts.rs`: the matrix of hosts and cases, `docs/hosts.md`.
//! - `packaging/`: what is released, and the files of GitHub.
//! - `examples_manifests.rs`: the manifests in `examples/`.
//! - `terraform/`: real Terraforms and our provider.
//! - `pulumi/`: programs of Pulumi's real SDKs and our provider.
//! - `service/`: the service component under `wasmtime serve` and under `lambda-host serve`,
//!   and real clients.
//! - `readme.rs`, `demo.rs`, `invoke_exports.rs`, `examples*.rs`: commands of the README
//!   and of the pages in `docs/`, as they stand there.
//!
//! They run what `cargo xtask build` and `cargo build` left in the target directory, and
//! need a Unix: sockets and processes are made to misbehave by its means.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends by a panic"
)]

pub mod acceptance;
pub mod build;
pub mod canary;
pub mod cdk;
pub mod chromium;
pub mod client;
pub mod daemon;
pub mod hosts;
pub mod jco;
pub mod lambda_host;
pub mod load;
pub mod local;
pub mod ministack;
pub mod nginx;
pub mod node;
pub mod npm_registry;
pub mod peer;
pub mod pulumi;
pub mod readme;
pub mod recorder;
pub mod registry;
pub mod server;
pub mod service;
pub mod soak;
pub mod terraform;
pub mod venv;
pub mod wash;
pub mod wasmtime;
pub mod wkg;
