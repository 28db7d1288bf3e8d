//! Embeds the `lambda-invocation` component: calls AWS Lambda from Rust through a
//! sandboxed WebAssembly plugin, without an AWS SDK.
//!
//! A [`Host`] loads the component once. Each call runs in a fresh instance, which sees the
//! arguments of that call, two clocks and random bytes, and can connect to one HTTP
//! origin: the Lambda endpoint of the call. Compiled code is cached on disk, and
//! connections are pooled.
//!
//! ```no_run
//! use lambda_invocation_host::{ComponentSource, Connection, Host, Request};
//! # use lambda_invocation_host::Credentials;
//! # async fn from_my_vault() -> Result<Credentials, std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::builder(ComponentSource::Bundled)
//!     .credentials(from_my_vault)
//!     .build()?;
//! let request = Request {
//!     function_name: "my-function".to_owned(),
//!     payload: br#"{"name":"world"}"#.to_vec(),
//!     ..Request::default()
//! };
//! let connection = Connection { region: Some("eu-central-1".to_owned()), ..Connection::default() };
//! let response = host.invoke(request, connection).await?;
//! println!("{}", String::from_utf8_lossy(&response.payload));
//! # Ok(())
//! # }
//! ```
//!
//! A function that ran and failed is an answer, too: with `function_error` in it. With the
//! feature `aws-config`, `credentials::NativeChain` finds credentials where the AWS tools do.
//! The crate `lambda-invocation-local` is a Lambda endpoint on this machine, for first steps.
//!
//! # What a component can do here
//!
//! | it can                        | limited by                                                          |
//! |-------------------------------|---------------------------------------------------------------------|
//! | send requests                 | [`egress`]: the endpoint of the call, and what [`HostBuilder::allow`] adds |
//! | read environment variables    | [`HostBuilder::env`]; the host's own are not passed on              |
//! | use memory                    | [`HostBuilder::memory_limit`], and some 110 MiB more for request bytes that are written and not yet sent |
//! | use time, computing or waiting | [`HostBuilder::time_limit`]                                        |
//! | run at the same time as others | [`HostBuilder::max_concurrent_calls`]                              |
//!
//! A component that imports files, sockets or standard streams does not load.
//!
//! # Modules
//!
//! [`credentials`] finds credentials where AWS tools keep them. [`egress`] explains what
//! an origin is and which ones a component can reach. `serve`, with the feature of that name,
//! is the HTTP service `lambda-invocation-service.wasm` with all that stands in the open: limits,
//! TLS, an access log and metrics. The crate `lambda-invocation-local`
//! is a Lambda endpoint on this machine, for tests and first steps.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
mod bindings;
mod builder;
mod convert;
#[cfg(feature = "aws-config")]
pub mod credentials;
pub mod egress;
mod engine;
mod error;
mod host;
mod http;
mod inspect;
mod instances;
mod plugin;
mod process;
mod provider;
mod proxy;
#[cfg(feature = "serve")]
pub mod serve;
mod shared;
mod signing;
mod spares;
mod state;

/// The code in the README compiles.
#[cfg(all(doctest, feature = "aws-config"))]
#[doc = include_str!("../../../README.md")]
struct Readme;

pub use builder::{ComponentSource, HostBuilder, Transport};
pub use error::{ApplyError, CallError, LoadError};
pub use host::{Host, ResponseStream};
pub use http::Setback;
pub use inspect::{Inspection, Interface, Permission};
pub use process::forbid_core_dumps;
pub use provider::{CredentialProvider, ProvidingCredentials};
pub use proxy::{Proxy, ProxyError};

// What the signatures above name is core's: an embedder needs no other crate of ours.
pub use lambda_invocation_core::call::connection::{
    Connection, Credentials, RetryMode, RetryPolicy,
};
pub use lambda_invocation_core::call::invocation::SignedRequest;
pub use lambda_invocation_core::call::request::{InvocationType, LogType, Request};
pub use lambda_invocation_core::call::response::{RawResponse, Response};
pub use lambda_invocation_core::call::signer::{DerivedCredentials, SigningKey};
pub use lambda_invocation_core::call::stream::{Completion, StreamEvent};
pub use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
pub use lambda_invocation_core::error::{
    ArgumentError, Error, FunctionError, FunctionFailure, HostDenial, ResponseLimit, ServiceError,
    ThrottlingError, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};
pub use lambda_invocation_core::lifecycle;
