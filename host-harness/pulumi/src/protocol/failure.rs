//! What an error carries beside its text: `google.rpc.Status`, from [`status.proto`], and a
//! resource that exists all the same.
//!
//! [`status.proto`]: https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto

use prost::Message;

use super::values::Struct;

#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub code: i32,
    #[prost(string, tag = "2")]
    pub message: String,
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<Any>,
}

/// `google.protobuf.Any`: a message and its name.
#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct Any {
    #[prost(string, tag = "1")]
    pub type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

/// The state that the engine keeps although the operation failed.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ErrorResourceInitFailed {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(message, optional, tag = "2")]
    pub properties: Option<Struct>,
    #[prost(string, repeated, tag = "3")]
    pub reasons: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub inputs: Option<Struct>,
}

impl ErrorResourceInitFailed {
    pub const TYPE_URL: &str = "type.googleapis.com/pulumirpc.ErrorResourceInitFailed";
}
