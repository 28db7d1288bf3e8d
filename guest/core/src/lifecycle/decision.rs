//! The one decision behind [`plan`](super::plan()) and [`Apply`](super::Apply): what is
//! done, why, and step by step how.

use super::config::{Config, LifecycleScope, ReplaceOrder};
use super::effect::{Effect, Effects};
use super::payload::{self, Input, InputFault};
use super::plan::{LifecycleEvent, PlanAction, PlanOptions, PlannedRequest, Reason, Replacement};
use super::state::{Deposed, STATE_VERSION, State};
use super::validate;
use crate::error::ArgumentError;

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
) -> Result<Decision, ArgumentError> {
    let desired = desired
        .map(|config| Desired::check(config, options))
        .transpose()?;
    if prior.is_some_and(|prior| prior.version != STATE_VERSION) {
        return Err(ArgumentError::new(
            "prior",
            "its version is not 1; pass it to upgrade-state first",
        ));
    }
    match (prior, desired) {
        (None, None) => Ok(Decision::without_reason(PlanAction::NoOp, Vec::new())),
        (None, Some(desired)) => Ok(create(&desired, options)),
        (Some(prior), None) => delete(prior),
        (Some(prior), Some(desired)) => change(prior, &desired, options),
    }
}

/// A configuration that has been checked.
struct Desired<'a> {
    config: &'a Config,
    /// Its input, read: under `crud`, if it is known.
    input: Option<Input>,
}

impl<'a> Desired<'a> {
    /// Refuses it for its first fault.
    fn check(config: &'a Config, options: &'a PlanOptions) -> Result<Self, ArgumentError> {
        let check = validate::known(config, &options.unknown);
        match check.faults.into_iter().next() {
            Some(fault) => Err(ArgumentError::new(fault.attribute.as_str(), fault.message)),
            None => Ok(Self {
                config,
                input: check.input,
            }),
        }
    }

    /// The request that tells the function of an event.
    fn request(&self, event: LifecycleEvent, config: &Config, previous: &str) -> PlannedRequest {
        let payload = match &self.input {
            Some(input) => input.payload(event, previous),
            // Under `create-only` the input itself.
            None => config.input.clone(),
        };
        request(event, config, payload)
    }

    fn creation(&self) -> PlannedRequest {
        self.request(LifecycleEvent::Create, self.config, "null")
    }
}

fn create(desired: &Desired<'_>, options: &PlanOptions) -> Decision {
    let steps = if options.unknown.is_empty() {
        vec![Step {
            request: Some(desired.creation()),
            then: Then::Invoked(desired.config.normalised()),
        }]
    } else {
        Vec::new()
    };
    Decision {
        result_known: false,
        ..Decision::without_reason(PlanAction::Create, steps)
    }
}

fn delete(prior: &State) -> Result<Decision, ArgumentError> {
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

fn change(
    prior: &State,
    desired: &Desired<'_>,
    options: &PlanOptions,
) -> Result<Decision, ArgumentError> {
    let effects = Effects::of(prior, desired.config, options);
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
                then: Then::Store(in_place(prior, desired.config)),
            }),
            Effect::Invoke => {
                let config = in_place(prior, desired.config);
                let previous = payload::previous(&prior.config.input).map_err(in_prior_input)?;
                steps.push(Step {
                    request: Some(desired.request(LifecycleEvent::Update, &config, &previous)),
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

fn owed_deletion(prior: &State) -> Result<Vec<Step>, ArgumentError> {
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
fn replacement(
    prior: &State,
    desired: &Desired<'_>,
    steps: &mut Vec<Step>,
) -> Result<(), ArgumentError> {
    let create = Some(desired.creation());
    let delete = delete_request(&prior.config)?;
    let config = desired.config.normalised();
    match (config.replace_order(), delete) {
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

/// None where a deletion is not announced to the function: under `create-only`, and
/// where the scope is unknown because the state is an import's.
fn delete_request(prior: &Config) -> Result<Option<PlannedRequest>, ArgumentError> {
    let event = LifecycleEvent::Delete;
    match prior.lifecycle_scope() {
        LifecycleScope::CreateOnly => Ok(None),
        LifecycleScope::Crud => {
            let input = Input::read(&prior.input, prior.terraform_key()).map_err(in_prior_input)?;
            let previous = match prior.input.as_str() {
                "" => "null",
                _ => input.as_str(),
            };
            let payload = input.payload(event, previous);
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
        client_context: config.client_context.clone(),
        payload,
    }
}

fn in_prior_input(fault: InputFault) -> ArgumentError {
    ArgumentError::new("prior", format!("the input in the stored state {fault}"))
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
