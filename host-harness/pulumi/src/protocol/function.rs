//! Functions.

use prost::Message;

use super::CheckFailure;
use super::values::Struct;

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct InvokeRequest {
    #[prost(string, tag = "1")]
    pub tok: String,
    #[prost(message, optional, tag = "2")]
    pub args: Option<Struct>,
    /// Only from an engine whose handshake says so.
    #[prost(bool, tag = "7")]
    pub preview: bool,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct InvokeResponse {
    #[prost(message, optional, tag = "1")]
    pub r#return: Option<Struct>,
    #[prost(message, repeated, tag = "2")]
    pub failures: Vec<CheckFailure>,
}
