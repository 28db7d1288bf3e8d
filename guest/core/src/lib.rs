//! Everything that decides in `lambda-invocation`, and nothing that touches the
//! world: no WASI, no clock, no sockets, no environment. What a decision depends on
//! comes in as an argument, so that every decision has a table test.
//!
//! Data flows one way:
//!
//! ```text
//! Request + Connection + Environment
//!    -> call::settings    merge, resolve the endpoint, find credentials
//!    -> credentials       what to ask for them, elsewhere, where there are none
//!    -> call::request     check the arguments
//!    -> call::invocation  encode, sign        -> (send, elsewhere)
//!    -> call::response    decode, classify    -> Response or Error
//!    -> call::retry       try again, or be done
//! ```
//!
//! [`lifecycle`] decides what of that a managed invocation needs, and [`ephemeral`] what
//! one needs whose answer is not kept.

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::string_slice))]

#[macro_use]
mod wit_enum;

pub mod call;
pub mod credentials;
pub mod ephemeral;
pub mod error;
pub mod json;
pub mod lifecycle;
#[cfg(feature = "serde")]
mod serde_bytes;
#[cfg(feature = "serde")]
mod serde_pairs;
