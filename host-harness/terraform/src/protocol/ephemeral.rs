//! Ephemeral resources.

use prost::Message;

use super::{ClientCapabilities, Deferred, Diagnostic, DynamicValue};

#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct OpenRequest {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<DynamicValue>,
    #[prost(message, optional, tag = "3")]
    pub client_capabilities: Option<ClientCapabilities>,
}

/// `renew_at` is never set, so `RenewEphemeralResource` is never called.
#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct OpenResponse {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
    #[prost(message, optional, tag = "3")]
    pub result: Option<DynamicValue>,
    #[prost(message, optional, tag = "5")]
    pub deferred: Option<Deferred>,
}

/// What closing answers.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct CloseResponse {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
}
