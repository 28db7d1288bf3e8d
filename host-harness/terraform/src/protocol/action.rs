//! Actions.

use prost::{Message, Oneof};

use super::{ClientCapabilities, Deferred, Diagnostic, DynamicValue};

#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct ActionRequest {
    #[prost(string, tag = "1")]
    pub action_type: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<DynamicValue>,
    #[prost(message, optional, tag = "3")]
    pub client_capabilities: Option<ClientCapabilities>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct PlanActionResponse {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
    #[prost(message, optional, tag = "2")]
    pub deferred: Option<Deferred>,
}

/// One message of the stream that `InvokeAction` answers with.
#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct Event {
    #[prost(oneof = "EventKind", tags = "1, 2")]
    pub kind: Option<EventKind>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
#[prost(skip_debug)]
pub enum EventKind {
    #[prost(message, tag = "1")]
    Progress(Progress),
    /// The last one.
    #[prost(message, tag = "2")]
    Completed(Completed),
}

#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct Progress {
    #[prost(string, tag = "1")]
    pub message: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Completed {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
}
