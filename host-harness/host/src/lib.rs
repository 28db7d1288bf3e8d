//! Embeds the `lambda-invocation` component: calls AWS Lambda from Rust through a
//! sandboxed WebAssembly plugin, without an AWS SDK.
//!
//! A [`Host`] loads the component once. Each call runs in a fresh instance, which sees the
//! arguments of that call, two clocks and random bytes, and can connect to one HTTP
//! origin: the Lambda endpoint of the call. Compiled code is cached on disk, and
//! connections are pooled.
//!
//! ```no_run
//! use lambda_invocation_core::call::connection::{Connection, Credentials};
//! use lambda_invocation_core::call::request::{LogType, Request};
//! use lambda_invocation_host::Host;
//! use lambda_invocation_local::LocalEndpoint;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::load("target/components/lambda-invocation.wasm")?;
//!
//! // A Lambda on this machine. For the real one, leave `endpoint_url` out and take the
//! // credentials from `credentials::resolve`.
//! let lambda = LocalEndpoint::builder().start().await?;
//! let keys = lambda.credentials();
//! let connection = Connection {
//!     region: Some(lambda.region().to_owned()),
//!     endpoint_url: Some(lambda.url()),
//!     credentials: Some(Credentials {
//!         access_key_id: keys.access_key_id.clone(),
//!         secret_access_key: keys.secret_access_key.clone(),
//!         session_token: keys.session_token.clone(),
//!     }),
//!     deadline_ms: Some(10_000),
//!     ..Connection::default()
//! };
//!
//! let request = Request {
//!     function_name: "echo".to_owned(),
//!     payload: br#"{"name":"world"}"#.to_vec(),
//!     log_type: Some(LogType::Tail),
//!     ..Request::default()
//! };
//! let response = host.invoke(request, connection).await?;
//! assert_eq!(response.status_code, 200);
//! match response.function_error {
//!     None => println!("{}", String::from_utf8_lossy(&response.payload)),
//!     Some(error) => println!("the function failed: {:?}", error.error_type),
//! }
//! # Ok(())
//! # }
//! ```
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
//! an origin is and which ones a component can reach. The crate `lambda-invocation-local`
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
mod signing;
mod spares;
mod state;

/// The code in the README compiles.
#[cfg(all(doctest, feature = "aws-config"))]
#[doc = include_str!("../../../README.md")]
struct Readme;

pub use builder::{ComponentSource, HostBuilder};
pub use error::{ApplyError, CallError, LoadError};
pub use host::Host;
pub use inspect::{Inspection, Interface, Permission};
