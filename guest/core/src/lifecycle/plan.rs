//! What an apply does, and why: the decision table.
//!
//! | changed attribute | `create-only` | `crud` | after an import |
//! | --- | --- | --- | --- |
//! | `function-name`, `qualifier`, `region` | replace | replace | replace |
//! | `triggers` | replace | replace | store |
//! | `input` | replace | invoke | store |
//! | `lifecycle-scope` | store | invoke | store |
//! | `terraform-key`, `tenant-id` | store | invoke | store |
//! | `replace-order` | nothing | nothing | store |
//!
//! The column is that of the desired scope; the strongest effect of all changed
//! attributes wins. *Invoke* sends `update`; *store* changes the state and sends
//! nothing. Where the table stores, Terraform invokes, though nobody asked for it:
//! with the bare input for the three attributes under `CREATE_ONLY`, and with an
//! update or a replacement after an import.
//!
//! The half of a replacement that deletes, like every deletion, goes where the
//! prior state says, with its input and key, and sends something only if the prior
//! scope is `crud`. The scope of an imported state is unknown, so it is forgotten.

use std::fmt;

use super::config::{Config, LifecycleScope, ReplaceOrder};
use super::payload::{self, PayloadFault};
use super::state::{Deposed, STATE_VERSION, State};
use super::validate::validate;
use crate::error::Error;

/// What an apply would do on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The exact text sent.
    pub payload: String,
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

/// What an apply would do, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePlan {
    /// The change on the whole.
    pub action: PlanAction,
    /// The attributes whose change led to it, in the WIT package's spelling: those
    /// with the strongest effect. `imported` stands for a state that is adopted,
    /// `deposed` for a deletion that is made up for.
    pub reasons: Vec<&'static str>,
    /// The invocations, in order.
    pub requests: Vec<PlannedRequest>,
    /// Whether `result` after the apply is known now: false when the apply sends a
    /// creation or an update. What a deletion returns is nobody's result.
    pub result_known: bool,
}

/// Says what [`Apply`](super::Apply) would do with the same arguments. Absent
/// `prior` creates; absent `desired` deletes.
///
/// # Errors
///
/// [`Error::InvalidArgument`]: on an attribute of `desired`, with its first fault;
/// or on `prior` when it is of another version than [`STATE_VERSION`], or a request
/// cannot be built from the input it holds.
pub fn plan(prior: Option<&State>, desired: Option<&Config>) -> Result<ChangePlan, Error> {
    let Decision {
        action,
        reasons,
        steps,
    } = decide(prior, desired)?;
    let requests: Vec<_> = steps.into_iter().filter_map(|step| step.request).collect();
    Ok(ChangePlan {
        action,
        reasons,
        result_known: requests
            .iter()
            .all(|request| request.event == LifecycleEvent::Delete),
        requests,
    })
}

/// What the change of an attribute leads to, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Nothing,
    Store,
    Invoke,
    Replace,
}

/// One row of the table at the head of this file.
struct Rule {
    attribute: &'static str,
    changed: fn(&State, &Config) -> bool,
    create_only: Effect,
    crud: Effect,
    imported: Effect,
}

const RULES: [Rule; 9] = {
    use Effect::{Invoke, Nothing, Replace, Store};
    [
        Rule {
            attribute: "function-name",
            changed: |prior, desired| prior.config.function_name != desired.function_name,
            create_only: Replace,
            crud: Replace,
            imported: Replace,
        },
        Rule {
            attribute: "qualifier",
            changed: |prior, desired| prior.config.qualifier() != desired.qualifier(),
            create_only: Replace,
            crud: Replace,
            imported: Replace,
        },
        Rule {
            attribute: "region",
            changed: region_changed,
            create_only: Replace,
            crud: Replace,
            imported: Replace,
        },
        Rule {
            attribute: "triggers",
            changed: |prior, desired| prior.config.triggers() != desired.triggers(),
            create_only: Replace,
            crud: Replace,
            imported: Store,
        },
        Rule {
            attribute: "input",
            changed: |prior, desired| prior.config.input != desired.input,
            create_only: Replace,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: "lifecycle-scope",
            changed: |prior, desired| prior.config.lifecycle_scope() != desired.lifecycle_scope(),
            create_only: Store,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: "terraform-key",
            changed: |prior, desired| prior.config.terraform_key() != desired.terraform_key(),
            create_only: Store,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: "tenant-id",
            changed: |prior, desired| prior.config.tenant_id != desired.tenant_id,
            create_only: Store,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: "replace-order",
            changed: |prior, desired| prior.config.replace_order() != desired.replace_order(),
            create_only: Nothing,
            crud: Nothing,
            imported: Store,
        },
    ]
};

/// An absent region is whichever the connection has, and a plan does not know that
/// one. Taking it for a change would replace every invocation brought over from
/// Terraform, whose states always name a region though configurations rarely do.
/// For the same reason the region of an import without one is simply not known.
fn region_changed(prior: &State, desired: &Config) -> bool {
    let unknown = prior.imported && prior.config.region.is_none();
    !unknown && desired.region.is_some() && prior.config.region != desired.region
}

/// A plan together with what each request makes true.
pub(super) struct Decision {
    action: PlanAction,
    reasons: Vec<&'static str>,
    pub(super) steps: Vec<Step>,
}

/// A request, if one is due, and what is true once it has succeeded.
pub(super) struct Step {
    pub(super) request: Option<PlannedRequest>,
    pub(super) then: Then,
}

/// What a step does to the state.
pub(super) enum Then {
    /// The owed deletion is made.
    DropDeposed,
    /// Nothing is left to manage.
    DropState,
    /// The same invocation, under another configuration.
    Store(Config),
    /// The function was invoked with this configuration.
    Invoked(Config),
    /// As [`Then::Invoked`], while the incarnation before still has to be deleted.
    InvokedBeforeDelete(Config),
}

/// The one decision behind [`plan`] and [`Apply`](super::Apply).
pub(super) fn decide(prior: Option<&State>, desired: Option<&Config>) -> Result<Decision, Error> {
    if let Some(fault) = desired.map(validate).unwrap_or_default().into_iter().next() {
        return Err(Error::invalid(fault.attribute, fault.message));
    }
    let Some(prior) = prior else {
        return Ok(match desired {
            None => Decision::new(PlanAction::NoOp, Vec::new(), Vec::new()),
            Some(desired) => Decision::new(
                PlanAction::Create,
                Vec::new(),
                vec![Step {
                    request: Some(create_request(desired)?),
                    then: Then::Invoked(desired.normalised()),
                }],
            ),
        });
    };
    if prior.version != STATE_VERSION {
        return Err(Error::invalid(
            "prior",
            "its version is not 1; pass it to upgrade-state first",
        ));
    }
    // Before anything else: the room it takes may be what the rest needs.
    let mut steps = Vec::new();
    if let Some(Deposed { config, .. }) = &prior.deposed {
        steps.push(Step {
            request: delete_request(config)?,
            then: Then::DropDeposed,
        });
    }
    match desired {
        None => {
            steps.push(Step {
                request: delete_request(&prior.config)?,
                then: Then::DropState,
            });
            let invokes = steps.iter().any(|step| step.request.is_some());
            let action = if invokes {
                PlanAction::Delete
            } else {
                PlanAction::Forget
            };
            Ok(Decision::new(action, Vec::new(), steps))
        }
        Some(desired) => decide_change(prior, desired, steps),
    }
}

fn decide_change(prior: &State, desired: &Config, mut steps: Vec<Step>) -> Result<Decision, Error> {
    let (mut effect, mut reasons) = strongest_effect(prior, desired);
    if prior.imported && effect <= Effect::Store {
        effect = Effect::Store;
        reasons.insert(0, "imported");
    }
    if prior.deposed.is_some() {
        reasons.insert(0, "deposed");
    }
    let action = match effect {
        Effect::Nothing if prior.deposed.is_some() => PlanAction::Replace,
        Effect::Nothing => PlanAction::NoOp,
        Effect::Store => {
            steps.push(Step {
                request: None,
                then: Then::Store(in_place(prior, desired)),
            });
            PlanAction::Update
        }
        Effect::Invoke => {
            let config = in_place(prior, desired);
            steps.push(Step {
                request: Some(update_request(&prior.config, &config)?),
                then: Then::Invoked(config),
            });
            PlanAction::Update
        }
        Effect::Replace => {
            replace(prior, desired, &mut steps)?;
            PlanAction::Replace
        }
    };
    Ok(Decision::new(action, reasons, steps))
}

fn replace(prior: &State, desired: &Config, steps: &mut Vec<Step>) -> Result<(), Error> {
    let create = Some(create_request(desired)?);
    let delete = delete_request(&prior.config)?;
    let config = desired.normalised();
    match (desired.replace_order(), delete) {
        (ReplaceOrder::CreateFirst, Some(delete)) => {
            steps.push(Step {
                request: create,
                then: Then::InvokedBeforeDelete(config),
            });
            steps.push(Step {
                request: Some(delete),
                then: Then::DropDeposed,
            });
        }
        (ReplaceOrder::CreateFirst, None) => steps.push(Step {
            request: create,
            then: Then::Invoked(config),
        }),
        (ReplaceOrder::DeleteFirst, delete) => {
            steps.push(Step {
                request: delete,
                then: Then::DropState,
            });
            steps.push(Step {
                request: create,
                then: Then::Invoked(config),
            });
        }
    }
    Ok(())
}

/// The strongest effect of all changes, and the attributes that have it.
fn strongest_effect(prior: &State, desired: &Config) -> (Effect, Vec<&'static str>) {
    let mut strongest = Effect::Nothing;
    let mut reasons = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.changed)(prior, desired)) {
        let effect = match desired.lifecycle_scope() {
            _ if prior.imported => rule.imported,
            LifecycleScope::CreateOnly => rule.create_only,
            LifecycleScope::Crud => rule.crud,
        };
        if effect > strongest {
            strongest = effect;
            reasons.clear();
        }
        if effect == strongest && effect > Effect::Nothing {
            reasons.push(rule.attribute);
        }
    }
    (strongest, reasons)
}

/// What is stored when the same invocation goes on under another configuration: it
/// stays in its region unless the configuration says which.
fn in_place(prior: &State, desired: &Config) -> Config {
    let mut config = desired.normalised();
    if config.region.is_none() {
        config.region.clone_from(&prior.config.region);
    }
    config
}

fn create_request(config: &Config) -> Result<PlannedRequest, Error> {
    let event = LifecycleEvent::Create;
    let payload = match config.lifecycle_scope() {
        LifecycleScope::CreateOnly => config.input.clone(),
        LifecycleScope::Crud => payload::crud(event, &config.input, "", config.terraform_key())
            .map_err(in_desired_input)?,
    };
    Ok(request(event, config, payload))
}

/// An update is sent under `crud` alone; see the table.
fn update_request(prior: &Config, desired: &Config) -> Result<PlannedRequest, Error> {
    let event = LifecycleEvent::Update;
    let payload = payload::crud(event, &desired.input, &prior.input, desired.terraform_key())
        .map_err(in_desired_input)?;
    Ok(request(event, desired, payload))
}

/// None where a deletion is not announced to the function: under `create-only`, and
/// where the scope is unknown because the state is an import's.
fn delete_request(prior: &Config) -> Result<Option<PlannedRequest>, Error> {
    let event = LifecycleEvent::Delete;
    match prior.lifecycle_scope() {
        LifecycleScope::CreateOnly => Ok(None),
        LifecycleScope::Crud => {
            let payload = payload::crud(event, &prior.input, &prior.input, prior.terraform_key())
                .map_err(|fault| match fault {
                PayloadFault::Input(fault) | PayloadFault::Previous(fault) => in_prior_input(fault),
            })?;
            Ok(Some(request(event, prior, payload)))
        }
    }
}

fn request(event: LifecycleEvent, config: &Config, payload: String) -> PlannedRequest {
    PlannedRequest {
        event,
        function_name: config.function_name.clone(),
        qualifier: config.qualifier().to_owned(),
        region: config.region.clone(),
        tenant_id: config.tenant_id.clone(),
        payload,
    }
}

fn in_desired_input(fault: PayloadFault) -> Error {
    match fault {
        PayloadFault::Input(fault) => Error::invalid("input", fault.rule()),
        PayloadFault::Previous(fault) => in_prior_input(fault),
    }
}

fn in_prior_input(fault: payload::InputFault) -> Error {
    Error::invalid(
        "prior",
        format!("the input in the stored state {}", fault.rule()),
    )
}

impl Decision {
    fn new(action: PlanAction, reasons: Vec<&'static str>, steps: Vec<Step>) -> Self {
        Self {
            action,
            reasons,
            steps,
        }
    }
}
