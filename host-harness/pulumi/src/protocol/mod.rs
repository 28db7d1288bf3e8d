//! The messages of Pulumi's provider protocol, as far as they are used.
//!
//! Field numbers are those of [`provider.proto`] and [`plugin.proto`] as of Pulumi 3.272. A
//! field that is neither read nor written here is left out: protobuf skips what it does not
//! know. `google.protobuf.Struct` is in [`values`], and what an error carries in [`failure`].
//!
//! Messages with values in them have no `Debug`: values are nobody's to print.
//!
//! [`provider.proto`]: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
//! [`plugin.proto`]: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/plugin.proto

pub mod failure;
pub mod function;
pub mod provider;
pub mod resource;
pub mod values;

use prost::Message;

/// A message without fields, whatever its name.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Empty {}

/// An argument that breaks a rule.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct CheckFailure {
    /// A property path.
    #[prost(string, tag = "1")]
    pub property: String,
    #[prost(string, tag = "2")]
    pub reason: String,
}
