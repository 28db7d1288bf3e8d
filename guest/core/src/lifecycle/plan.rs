//! What an apply would do, and why. The table behind it is in `effect.rs`.

use std::fmt;

use super::attribute::Attribute;
use super::config::Config;
use super::decision::{Decision, decide};
use super::state::State;
use crate::call::connection::Connection;
use crate::call::request::{LogType, Outgoing, Request};
use crate::error::ArgumentError;

/// What an apply would do on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum PlanAction {
    /// Nothing; the state stays as it is.
    NoOp,
    /// Invoke for the first time.
    Create,
    /// Change in place. Without requests, only the state changes.
    Update,
    /// Delete and create, or finish doing so.
    Replace,
    /// Invoke a last time, then drop the state.
    Delete,
    /// Drop the state without invoking.
    Forget,
}

/// What a single request tells the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum LifecycleEvent {
    /// It came into being.
    Create,
    /// Its input changed.
    Update,
    /// It is going away.
    Delete,
}

impl LifecycleEvent {
    /// The value of `action` in the payload.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One invocation an apply would make.
///
/// `Debug` shows the length of the payload only.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct PlannedRequest {
    /// The event it stands for.
    pub event: LifecycleEvent,
    /// The function it goes to.
    pub function_name: String,
    /// The version or alias it goes to; always sent, `$LATEST` included.
    pub qualifier: String,
    /// The region; absent means the connection's.
    pub region: Option<String>,
    /// The tenant it is sent for.
    pub tenant_id: Option<String>,
    /// The client context it is sent with.
    pub client_context: Option<String>,
    /// The exact text sent.
    pub payload: String,
}

impl PlannedRequest {
    /// Checks what the plan has not: what holds for every request.
    ///
    /// # Errors
    ///
    /// As [`Request::check`].
    pub fn check(&self) -> Result<(), ArgumentError> {
        Outgoing::from(self).check().map(|_| ())
    }

    /// The connection that it is made over: `connection`, in the region of its own where it
    /// has one.
    #[must_use]
    pub fn connection(&self, connection: &Connection) -> Connection {
        let mut connection = connection.clone();
        if self.region.is_some() {
            connection.region.clone_from(&self.region);
        }
        connection
    }
}

impl From<&PlannedRequest> for Request {
    /// The log is asked for, so that a failure can show its end.
    fn from(planned: &PlannedRequest) -> Self {
        Self {
            function_name: planned.function_name.clone(),
            payload: planned.payload.clone().into_bytes(),
            log_type: Some(LogType::Tail),
            qualifier: Some(planned.qualifier.clone()),
            tenant_id: planned.tenant_id.clone(),
            client_context: planned.client_context.clone(),
            ..Self::default()
        }
    }
}

impl From<&PlannedRequest> for Outgoing {
    fn from(planned: &PlannedRequest) -> Self {
        Self::of_json(planned.into())
    }
}

impl fmt::Debug for PlannedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlannedRequest")
            .field("event", &self.event)
            .field("function_name", &self.function_name)
            .field("qualifier", &self.qualifier)
            .field("region", &self.region)
            .field("tenant_id", &self.tenant_id)
            .field("payload_len", &self.payload.len())
            .finish()
    }
}

/// What a plan is to take into account beside the two configurations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanOptions {
    /// The attributes of the desired configuration whose value is not known yet. They
    /// count as changed, and what the configuration holds for them is not looked at.
    pub unknown: Vec<Attribute>,
    /// Replace, even if no change asks for it: Terraform's `-replace`.
    pub replace: bool,
}

/// Whether an apply replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// No.
    None,
    /// It depends on the value of an attribute that is not known yet.
    Possible,
    /// Yes, whatever the unknown attributes turn out to be.
    Certain,
}

/// Why an apply does what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The attribute is not what it was.
    Changed(Attribute),
    /// The attribute is not known yet, and may turn out not to be what it was.
    Unknown(Attribute),
    /// [`PlanOptions::replace`] asks for it.
    Requested,
    /// The prior state is an import's, which is now adopted.
    Imported,
    /// An old invocation of a failed replacement still has to be deleted.
    Deposed,
}

impl Reason {
    /// The attribute, where it is about one.
    pub fn attribute(self) -> Option<Attribute> {
        match self {
            Self::Changed(attribute) | Self::Unknown(attribute) => Some(attribute),
            Self::Requested | Self::Imported | Self::Deposed => None,
        }
    }

    /// The attribute's name, or else the case's: `input`, `requested`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed(attribute) | Self::Unknown(attribute) => attribute.as_str(),
            Self::Requested => "requested",
            Self::Imported => "imported",
            Self::Deposed => "deposed",
        }
    }
}

/// What an apply would do, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePlan {
    /// The change on the whole; the strongest of those that unknown attributes leave
    /// open.
    pub action: PlanAction,
    /// Whether the invocation is replaced: not [`Replacement::None`] exactly when
    /// `action` is [`PlanAction::Replace`].
    pub replace: Replacement,
    /// What led to `action`; weaker changes beside it are left out.
    pub reasons: Vec<Reason>,
    /// The invocations, in order. Empty where an attribute is unknown: what is sent then
    /// depends on its value.
    pub requests: Vec<PlannedRequest>,
    /// Whether `result` after the apply is known now: false when the apply sends a
    /// creation or an update, or may do so. What a deletion returns is nobody's result.
    pub result_known: bool,
}

/// Says what [`Apply`](super::Apply) would do with the same arguments. Absent
/// `prior` creates; absent `desired` deletes.
///
/// # Errors
///
/// [`ArgumentError`]: on an attribute of `desired`, with its first fault;
/// or on `prior` when it is of another version than
/// [`STATE_VERSION`](super::STATE_VERSION), or a request cannot be built from the input
/// it holds.
pub fn plan(
    prior: Option<&State>,
    desired: Option<&Config>,
    options: &PlanOptions,
) -> Result<ChangePlan, ArgumentError> {
    let Decision {
        action,
        replace,
        reasons,
        result_known,
        steps,
    } = decide(prior, desired, options)?;
    Ok(ChangePlan {
        action,
        replace,
        reasons,
        requests: steps.into_iter().filter_map(|step| step.request).collect(),
        result_known,
    })
}
