//! The messages of Terraform's plugin protocol, major version 6, as far as they are used.
//!
//! Field numbers are those of [`tfplugin6.proto`] as of protocol 6.11 (Terraform 1.15). A
//! field that no Terraform here reads or writes is left out: protobuf skips what it does
//! not know. Messages that go by the same name in the source as another one carry the name
//! of their call: `PlanResourceChange.Request` is [`resource::PlanRequest`].
//!
//! Messages with values in them have no `Debug`: values are nobody's to print.
//!
//! [`tfplugin6.proto`]: https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin6.proto

pub mod action;
pub mod data_source;
pub mod ephemeral;
pub mod provider;
pub mod resource;
pub mod schema;

use prost::{Enumeration, Message, Oneof};

/// A message without fields, whatever its name.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Empty {}

/// A value of a type that a schema gives, encoded.
#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct DynamicValue {
    #[prost(bytes = "vec", tag = "1")]
    pub msgpack: Vec<u8>,
    /// Where `msgpack` is empty. Terraform does not use it today.
    #[prost(bytes = "vec", tag = "2")]
    pub json: Vec<u8>,
}

/// What a state file holds of a resource, for a provider of any later version.
#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct RawState {
    #[prost(bytes = "vec", tag = "1")]
    pub json: Vec<u8>,
}

/// Something to tell the user.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Diagnostic {
    #[prost(enumeration = "Severity", tag = "1")]
    pub severity: i32,
    #[prost(string, tag = "2")]
    pub summary: String,
    #[prost(string, tag = "3")]
    pub detail: String,
    #[prost(message, optional, tag = "4")]
    pub attribute: Option<AttributePath>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum Severity {
    Invalid = 0,
    Error = 1,
    Warning = 2,
}

/// Where in a value.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct AttributePath {
    #[prost(message, repeated, tag = "1")]
    pub steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Step {
    #[prost(oneof = "Selector", tags = "1, 2, 3")]
    pub selector: Option<Selector>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub enum Selector {
    #[prost(string, tag = "1")]
    AttributeName(String),
    #[prost(string, tag = "2")]
    ElementKeyString(String),
    #[prost(int64, tag = "3")]
    ElementKeyInt(i64),
}

/// What Terraform can do beyond the protocol's first version.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ClientCapabilities {
    #[prost(bool, tag = "1")]
    pub deferral_allowed: bool,
    #[prost(bool, tag = "2")]
    pub write_only_attributes_allowed: bool,
}

/// An answer that has to wait for a later run.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Deferred {
    #[prost(enumeration = "DeferredReason", tag = "1")]
    pub reason: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum DeferredReason {
    Unknown = 0,
    ResourceConfigUnknown = 1,
    ProviderConfigUnknown = 2,
    AbsentPrerequisite = 3,
}

/// The answer of every call that only checks a configuration.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ValidateResponse {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
}

/// What every such call but the provider's own is asked.
#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct ValidateRequest {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<DynamicValue>,
}
