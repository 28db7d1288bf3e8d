//! `google.protobuf.Struct`, from [`struct.proto`].
//!
//! [`struct.proto`]: https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/struct.proto

use std::collections::BTreeMap;

use prost::{Message, Oneof};

/// An object.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct Struct {
    #[prost(btree_map = "string, message", tag = "1")]
    pub fields: BTreeMap<String, StructValue>,
}

/// A value of JSON.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct StructValue {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6")]
    pub kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
#[prost(skip_debug)]
pub enum Kind {
    /// The number of the enumeration's only member, which is 0.
    #[prost(int32, tag = "1")]
    Null(i32),
    #[prost(double, tag = "2")]
    Number(f64),
    #[prost(string, tag = "3")]
    String(String),
    #[prost(bool, tag = "4")]
    Bool(bool),
    #[prost(message, tag = "5")]
    Struct(Struct),
    #[prost(message, tag = "6")]
    List(ListValue),
}

/// An array.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ListValue {
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<StructValue>,
}
