//! A call of Lambda's Invoke API: what is asked, where it goes, how it is signed, and what
//! the answer means.

mod clock_skew;
pub mod connection;
pub mod endpoint;
mod event_stream;
pub mod exchange;
mod function_error;
pub mod function_name;
pub mod invocation;
pub mod quote;
pub mod request;
pub mod response;
pub mod retry;
mod sender;
pub(crate) mod service_error;
pub mod settings;
pub mod sign;
pub mod signer;
pub mod stream;
pub mod wasi_http;
