//! What a provider offers: `GetProviderSchema` and `GetMetadata`.

use std::collections::HashMap;

use prost::{Enumeration, Message};

use super::Diagnostic;

#[derive(Clone, PartialEq, Message)]
pub struct GetMetadataResponse {
    #[prost(message, optional, tag = "1")]
    pub server_capabilities: Option<ServerCapabilities>,
    #[prost(message, repeated, tag = "3")]
    pub data_sources: Vec<TypeName>,
    #[prost(message, repeated, tag = "4")]
    pub resources: Vec<TypeName>,
    #[prost(message, repeated, tag = "6")]
    pub ephemeral_resources: Vec<TypeName>,
    #[prost(message, repeated, tag = "9")]
    pub actions: Vec<TypeName>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct TypeName {
    #[prost(string, tag = "1")]
    pub type_name: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct GetProviderSchemaResponse {
    #[prost(message, optional, tag = "1")]
    pub provider: Option<Schema>,
    #[prost(map = "string, message", tag = "2")]
    pub resource_schemas: HashMap<String, Schema>,
    #[prost(map = "string, message", tag = "3")]
    pub data_source_schemas: HashMap<String, Schema>,
    #[prost(message, repeated, tag = "4")]
    pub diagnostics: Vec<Diagnostic>,
    #[prost(message, optional, tag = "6")]
    pub server_capabilities: Option<ServerCapabilities>,
    #[prost(map = "string, message", tag = "8")]
    pub ephemeral_resource_schemas: HashMap<String, Schema>,
    #[prost(map = "string, message", tag = "11")]
    pub action_schemas: HashMap<String, ActionSchema>,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ServerCapabilities {
    /// `PlanResourceChange` is called for destroying, too.
    #[prost(bool, tag = "1")]
    pub plan_destroy: bool,
    /// `GetProviderSchema` need not be called in every process.
    #[prost(bool, tag = "2")]
    pub get_provider_schema_optional: bool,
    #[prost(bool, tag = "3")]
    pub move_resource_state: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct ActionSchema {
    #[prost(message, optional, tag = "1")]
    pub schema: Option<Schema>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Schema {
    #[prost(int64, tag = "1")]
    pub version: i64,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Block {
    #[prost(message, repeated, tag = "2")]
    pub attributes: Vec<Attribute>,
    #[prost(message, repeated, tag = "3")]
    pub block_types: Vec<NestedBlock>,
    #[prost(string, tag = "4")]
    pub description: String,
    #[prost(enumeration = "StringKind", tag = "5")]
    pub description_kind: i32,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Attribute {
    #[prost(string, tag = "1")]
    pub name: String,
    /// A type constraint in JSON.
    #[prost(bytes = "vec", tag = "2")]
    pub r#type: Vec<u8>,
    #[prost(string, tag = "3")]
    pub description: String,
    #[prost(bool, tag = "4")]
    pub required: bool,
    #[prost(bool, tag = "5")]
    pub optional: bool,
    #[prost(bool, tag = "6")]
    pub computed: bool,
    #[prost(bool, tag = "7")]
    pub sensitive: bool,
    #[prost(enumeration = "StringKind", tag = "8")]
    pub description_kind: i32,
    #[prost(bool, tag = "11")]
    pub write_only: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct NestedBlock {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block>,
    #[prost(enumeration = "Nesting", tag = "3")]
    pub nesting: i32,
    #[prost(int64, tag = "5")]
    pub max_items: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum Nesting {
    Invalid = 0,
    Single = 1,
    List = 2,
    Set = 3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum StringKind {
    Plain = 0,
    Markdown = 1,
}
