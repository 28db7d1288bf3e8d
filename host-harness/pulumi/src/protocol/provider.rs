//! The provider itself: its start, its schema, its configuration.

use prost::Message;

use super::values::Struct;

#[derive(Clone, PartialEq, Eq, Message)]
pub struct PluginInfo {
    #[prost(string, tag = "1")]
    pub version: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct PluginAttach {
    /// The engine's address.
    #[prost(string, tag = "1")]
    pub address: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct HandshakeRequest {
    #[prost(string, tag = "1")]
    pub engine_address: String,
    /// Whether `InvokeRequest` says if it is one of a preview.
    #[prost(bool, tag = "7")]
    pub invoke_with_preview: bool,
    /// Whether the answer to `Invoke` may hold output values, and with them unknown ones.
    #[prost(bool, tag = "13")]
    pub accepts_outputs_in_invoke: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct HandshakeResponse {
    #[prost(bool, tag = "1")]
    pub accept_secrets: bool,
    #[prost(bool, tag = "2")]
    pub accept_resources: bool,
    #[prost(bool, tag = "3")]
    pub accept_outputs: bool,
    #[prost(bool, tag = "7")]
    pub accepts_outputs_in_invoke: bool,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct GetSchemaRequest {
    /// The version of the schema's format: 0 is the only one there is.
    #[prost(int32, tag = "1")]
    pub version: i32,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct GetSchemaResponse {
    #[prost(string, tag = "1")]
    pub schema: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ConfigureRequest {
    #[prost(message, optional, tag = "2")]
    pub args: Option<Struct>,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ConfigureResponse {
    #[prost(bool, tag = "1")]
    pub accept_secrets: bool,
    #[prost(bool, tag = "2")]
    pub supports_preview: bool,
    #[prost(bool, tag = "3")]
    pub accept_resources: bool,
    #[prost(bool, tag = "4")]
    pub accept_outputs: bool,
}
