//! The one decision behind [`plan`](super::plan()) and [`Apply`](super::Apply): what is
//! done, why, and step by step how.

use super::config::{Config, LifecycleScope, ReplaceOrder};
use super::effect::{Effect, Effects};
use super::payload::{self, PayloadFault};
use super::plan::{LifecycleEvent, PlanAction, PlanOptions, PlannedRequest, Reason, Replacement};
use super::state::{Deposed, STATE_VERSION, State};
use super::validate;
use crate::error::Error;

/// A plan together with what each request makes true.
pub(super) struct Decision {
    pub(super) action: PlanAction,
    pub(super) replace: Replacement,
    pub(super) reasons: Vec<Reason>,
    pub(super) result_known: bool,
    /// Empty where an attribute is unknown.
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

/// Decides what is done, from the arguments of [`plan`](super::plan()).
pub(super) fn decide(
    prior: Option<&State>,
    desired: Option<&Config>,
    options: &PlanOptions,
) -> Result<Decision, Error> {
    let faults = desired.map(|desired| validate::known(desired, &options.unknown));
    if let Some(fault) = faults.unwrap_or_default().into_iter().next() {
        return Err(Error::invalid(fault.attribute.as_str(), fault.message));
    }
    if prior.is_some_and(|prior| prior.version != STATE_VERSION) {
        return Err(Error::invalid(
            "prior",
            "its version is not 1; pass it to upgrade-state first",
        ));
    }
    match (prior, desired) {
        (None, None) => Ok(Decision::without_reason(PlanAction::NoOp, Vec::new())),
        (None, Some(desired)) => create(desired, options),
        (Some(prior), None) => delete(prior),
        (Some(prior), Some(desired)) => change(prior, desired, options),
    }
}

fn create(desired: &Config, options: &PlanOptions) -> Result<Decision, Error> {
    let steps = if options.unknown.is_empty() {
        vec![Step {
            request: Some(create_request(desired)?),
            then: Then::Invoked(desired.normalised()),
        }]
    } else {
        Vec::new()
    };
    Ok(Decision {
        result_known: false,
        ..Decision::without_reason(PlanAction::Create, steps)
    })
}

fn delete(prior: &State) -> Result<Decision, Error> {
    let mut steps = owed_deletion(prior)?;
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
    Ok(Decision::without_reason(action, steps))
}

fn change(prior: &State, desired: &Config, options: &PlanOptions) -> Result<Decision, Error> {
    let effects = Effects::of(prior, desired, options);
    // Making up for a deletion is the second half of a replacement.
    let (action, replace) = match (effects.most, effects.least) {
        _ if prior.deposed.is_some() => (PlanAction::Replace, Replacement::Certain),
        (Effect::Nothing, _) => (PlanAction::NoOp, Replacement::None),
        (Effect::Store | Effect::Invoke, _) => (PlanAction::Update, Replacement::None),
        (Effect::Replace, Effect::Replace) => (PlanAction::Replace, Replacement::Certain),
        (Effect::Replace, _) => (PlanAction::Replace, Replacement::Possible),
    };
    let mut steps = Vec::new();
    if options.unknown.is_empty() {
        // Before anything else: the room it takes may be what the rest needs.
        steps = owed_deletion(prior)?;
        match effects.most {
            Effect::Nothing => {}
            Effect::Store => steps.push(Step {
                request: None,
                then: Then::Store(in_place(prior, desired)),
            }),
            Effect::Invoke => {
                let config = in_place(prior, desired);
                steps.push(Step {
                    request: Some(update_request(&prior.config, &config)?),
                    then: Then::Invoked(config),
                });
            }
            Effect::Replace => replacement(prior, desired, &mut steps)?,
        }
    }
    Ok(Decision {
        action,
        replace,
        reasons: effects.reasons,
        result_known: effects.most < Effect::Invoke,
        steps,
    })
}

fn owed_deletion(prior: &State) -> Result<Vec<Step>, Error> {
    let Some(Deposed { config, .. }) = &prior.deposed else {
        return Ok(Vec::new());
    };
    Ok(vec![Step {
        request: delete_request(config)?,
        then: Then::DropDeposed,
    }])
}

/// Both halves of a replacement.
///
/// The half that deletes, like every deletion, goes where the prior state says, with its
/// input and key, and sends something only if the prior scope is `crud`. The scope of an
/// imported state is unknown, so it is forgotten.
fn replacement(prior: &State, desired: &Config, steps: &mut Vec<Step>) -> Result<(), Error> {
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
    /// Neither a creation nor a deletion needs one.
    fn without_reason(action: PlanAction, steps: Vec<Step>) -> Self {
        Self {
            action,
            replace: Replacement::None,
            reasons: Vec::new(),
            result_known: true,
            steps,
        }
    }
}
