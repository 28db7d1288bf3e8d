//! The provider itself: its configuration, and its end.

use prost::Message;

use super::{Diagnostic, DynamicValue};

#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct ValidateProviderRequest {
    #[prost(message, optional, tag = "1")]
    pub config: Option<DynamicValue>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct ValidateProviderResponse {
    #[prost(message, repeated, tag = "2")]
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct ConfigureRequest {
    #[prost(string, tag = "1")]
    pub terraform_version: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<DynamicValue>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct ConfigureResponse {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct StopResponse {
    /// Why it does not stop; empty where it does.
    #[prost(string, tag = "1")]
    pub error: String,
}
