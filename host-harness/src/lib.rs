//! x
#[allow(missing_docs, unsafe_code, clippy::all, reason = "generated code")]
mod bindings;
pub mod egress;
mod http;
pub mod local;
