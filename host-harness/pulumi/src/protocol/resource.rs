//! Resources.

use std::collections::BTreeMap;

use prost::{Enumeration, Message};

use super::CheckFailure;
use super::values::Struct;

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct CheckRequest {
    #[prost(message, optional, tag = "3")]
    pub news: Option<Struct>,
    #[prost(string, tag = "7")]
    pub r#type: String,
    #[prost(string, tag = "1")]
    pub urn: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct CheckResponse {
    #[prost(message, optional, tag = "1")]
    pub inputs: Option<Struct>,
    #[prost(message, repeated, tag = "2")]
    pub failures: Vec<CheckFailure>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct DiffRequest {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub urn: String,
    /// The outputs before.
    #[prost(message, optional, tag = "3")]
    pub olds: Option<Struct>,
    /// The inputs now.
    #[prost(message, optional, tag = "4")]
    pub news: Option<Struct>,
    #[prost(string, repeated, tag = "5")]
    pub ignore_changes: Vec<String>,
    #[prost(message, optional, tag = "6")]
    pub old_inputs: Option<Struct>,
    #[prost(string, tag = "8")]
    pub r#type: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct DiffResponse {
    /// The properties that make it a replacement.
    #[prost(string, repeated, tag = "1")]
    pub replaces: Vec<String>,
    /// The properties that no update changes.
    #[prost(string, repeated, tag = "2")]
    pub stables: Vec<String>,
    #[prost(bool, tag = "3")]
    pub delete_before_replace: bool,
    #[prost(enumeration = "Changes", tag = "4")]
    pub changes: i32,
    /// The properties that differ.
    #[prost(string, repeated, tag = "5")]
    pub diffs: Vec<String>,
    /// The same by their paths.
    #[prost(btree_map = "string, message", tag = "6")]
    pub detailed_diff: BTreeMap<String, PropertyDiff>,
    #[prost(bool, tag = "7")]
    pub has_detailed_diff: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum Changes {
    Unknown = 0,
    None = 1,
    Some = 2,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct PropertyDiff {
    #[prost(enumeration = "DiffKind", tag = "1")]
    pub kind: i32,
    /// Whether the path is one of the inputs, not of the outputs.
    #[prost(bool, tag = "2")]
    pub input_diff: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum DiffKind {
    Add = 0,
    AddReplace = 1,
    Delete = 2,
    DeleteReplace = 3,
    Update = 4,
    UpdateReplace = 5,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct CreateRequest {
    #[prost(string, tag = "1")]
    pub urn: String,
    #[prost(message, optional, tag = "2")]
    pub properties: Option<Struct>,
    /// In seconds; 0 is none.
    #[prost(double, tag = "3")]
    pub timeout: f64,
    #[prost(bool, tag = "4")]
    pub preview: bool,
    #[prost(string, tag = "6")]
    pub r#type: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct CreateResponse {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(message, optional, tag = "2")]
    pub properties: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ReadRequest {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub urn: String,
    /// The outputs, in a refresh.
    #[prost(message, optional, tag = "3")]
    pub properties: Option<Struct>,
    #[prost(message, optional, tag = "4")]
    pub inputs: Option<Struct>,
    #[prost(string, tag = "6")]
    pub r#type: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ReadResponse {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(message, optional, tag = "2")]
    pub properties: Option<Struct>,
    #[prost(message, optional, tag = "3")]
    pub inputs: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct UpdateRequest {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub urn: String,
    /// The outputs before.
    #[prost(message, optional, tag = "3")]
    pub olds: Option<Struct>,
    /// The inputs now.
    #[prost(message, optional, tag = "4")]
    pub news: Option<Struct>,
    /// In seconds; 0 is none.
    #[prost(double, tag = "5")]
    pub timeout: f64,
    #[prost(string, repeated, tag = "6")]
    pub ignore_changes: Vec<String>,
    #[prost(bool, tag = "7")]
    pub preview: bool,
    #[prost(message, optional, tag = "8")]
    pub old_inputs: Option<Struct>,
    #[prost(string, tag = "10")]
    pub r#type: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct UpdateResponse {
    #[prost(message, optional, tag = "1")]
    pub properties: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct DeleteRequest {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub urn: String,
    /// The outputs.
    #[prost(message, optional, tag = "3")]
    pub properties: Option<Struct>,
    /// In seconds; 0 is none.
    #[prost(double, tag = "4")]
    pub timeout: f64,
    #[prost(message, optional, tag = "5")]
    pub old_inputs: Option<Struct>,
    #[prost(string, tag = "7")]
    pub r#type: String,
}
