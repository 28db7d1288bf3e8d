//! Everything that decides in `lambda-invocation`, and nothing that touches the
//! world: no WASI, no clock, no sockets, no environment. What a decision depends on
//! comes in as an argument, so that every decision has a table test.
//!
//! Data flows one way:
//!
//! ```text
//! Request + Connection + Environment
//!    -> settings   merge, resolve the endpoint, find credentials
//!    -> credentials  what to ask for them, elsewhere, where there are none
//!    -> request    check the arguments
//!    -> invocation encode, sign        -> (send, elsewhere)
//!    -> response   decode, classify    -> Response or Error
//!    -> retry      try again, or be done
//! ```

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

mod clock_skew;
pub mod connection;
pub mod credentials;
pub mod endpoint;
pub mod ephemeral;
pub mod error;
mod function_error;
pub mod function_name;
mod hex;
pub mod invocation;
pub mod json;
pub mod json_check;
pub mod lifecycle;
pub mod percent;
pub mod request;
pub mod response;
pub mod retry;
mod search;
mod service_error;
pub mod settings;
mod sha256;
pub mod sign;
