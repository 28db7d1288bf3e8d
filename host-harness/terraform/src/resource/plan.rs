//! What an apply would do: `ValidateResourceConfig` and `PlanResourceChange`.

use lambda_invocation_core::lifecycle::{
    Attribute, ChangePlan, LifecycleScope, PlanAction, PlanOptions, Reason, State,
};
use lambda_invocation_engine::{Event, Problem};

use super::desired::Desired;
use super::state;
use super::unanswered::{self, Open};
use crate::diagnostics::{Diagnostics, path};
use crate::protocol::resource::{PlanRequest, PlanResponse};
use crate::protocol::{AttributePath, ValidateRequest};
use crate::provider::{Provider, malformed, members};
use crate::value::{Members, Value};

/// Checks a block. Nothing is known of the provider's configuration.
pub async fn validate(provider: &Provider, request: ValidateRequest) -> Diagnostics {
    let members = match members(request.config.as_ref()) {
        Ok(members) => members,
        Err(problem) => return problem.into(),
    };
    let desired = Desired::read(&members);
    let mut diagnostics = Diagnostics::default();
    let of_input = if desired.write_only {
        "input_wo"
    } else {
        "input"
    };
    for problem in desired.problems {
        diagnostics.error(problem);
    }
    if !diagnostics.is_empty() {
        return diagnostics;
    }
    let options = PlanOptions {
        unknown: desired.unknown,
        replace: false,
    };
    match provider.engine().validate(desired.config, options).await {
        Ok(problems) => {
            for problem in problems {
                diagnostics.error(problem.renamed(Attribute::Input.as_str(), of_input));
            }
        }
        Err(problem) => diagnostics.error(problem),
    }
    diagnostics
}

/// Plans a creation, a change or a destruction.
pub async fn plan(provider: &Provider, request: PlanRequest) -> PlanResponse {
    let private = request.prior_private.clone();
    match try_plan(provider, request).await {
        Ok(planned) => PlanResponse {
            planned_state: Some(planned.state.encode()),
            requires_replace: planned.requires_replace,
            planned_private: private,
            diagnostics: planned.warnings.into(),
        },
        Err(problem) => PlanResponse {
            diagnostics: Diagnostics::from(problem).into(),
            ..PlanResponse::default()
        },
    }
}

/// What Terraform is to expect.
struct Planned {
    state: Value,
    requires_replace: Vec<AttributePath>,
    warnings: Diagnostics,
}

async fn try_plan(provider: &Provider, request: PlanRequest) -> Result<Planned, Problem> {
    let decode = |value| Value::decode(value).map_err(|_| malformed());
    let prior = match decode(request.prior_state.as_ref())? {
        Value::Map(members) => Some(members),
        _ => None,
    };
    let open = unanswered::read(&request.prior_private, prior.as_ref());
    let prior_state = prior.as_ref().map(state::read).transpose()?;
    if decode(request.proposed_new_state.as_ref())? == Value::Null {
        let call = prior.as_ref().map(|members| Desired::read(members).call);
        // What cannot be deleted is better known now.
        let plan = provider
            .engine()
            .plan(prior_state.clone(), None, PlanOptions::default())
            .await?;
        let again =
            |id: &str| (provider.engine()).may_run_again(id, &call.clone().unwrap_or_default());
        return Ok(Planned {
            state: Value::Null,
            requires_replace: Vec::new(),
            warnings: hold(
                open,
                |event| event.is_sent_by(&plan, prior_state.as_ref()),
                again,
            )?,
        });
    }
    let config = members(request.config.as_ref())?;
    let mut desired = Desired::read(&config);
    if let Some(problem) = desired.problems.pop() {
        return Err(problem);
    }
    let change = Change {
        prior: prior.zip(prior_state),
        config,
        desired,
    };
    change.plan(provider, open).await
}

/// Refuses to send an event again that was not answered, unless `again` allows it, and warns
/// of it where the plan does not send it.
fn hold(
    open: Option<Open>,
    sends: impl Fn(Event) -> bool,
    again: impl Fn(&str) -> bool,
) -> Result<Diagnostics, Problem> {
    let mut warnings = Diagnostics::default();
    if let Some(open) = open
        && !again(&open.id)
    {
        let problem = open.problem();
        if sends(open.unanswered.event) {
            return Err(problem);
        }
        warnings.warning(problem);
    }
    Ok(warnings)
}

/// A change, from what is to what shall be.
struct Change {
    /// As Terraform keeps it, and as the component does.
    prior: Option<(Members, State)>,
    config: Members,
    desired: Desired,
}

impl Change {
    async fn plan(mut self, provider: &Provider, open: Option<Open>) -> Result<Planned, Problem> {
        self.fill_region(provider).await?;
        let open = match open {
            Some(open) if self.prior.is_some() => {
                provider.unanswered.forget(&open);
                // Terraform shows no tainted resource here, so this one is to be kept.
                (open.unanswered.event != Event::Create).then_some(open)
            }
            // The second plan of a replacement, which `-replace` may have asked for.
            Some(open) if open.unanswered.event == Event::Delete => Some(open),
            _ => provider.unanswered.repeated(provider, &self.desired).await,
        };
        let replace = self.forget_stored_input();
        let options = PlanOptions {
            unknown: self.desired.unknown.clone(),
            replace,
        };
        let prior = self.prior.as_ref().map(|(_, state)| state.clone());
        let plan = provider
            .engine()
            .plan(prior, Some(self.desired.config.clone()), options)
            .await?;
        let again = |id: &str| provider.engine().may_run_again(id, &self.desired.call);
        // A creation is the second half of a replacement where a deletion is open.
        let sends = |event: Event| match self.prior.as_ref() {
            Some((_, prior)) => event.is_sent_by(&plan, Some(prior)),
            None => true,
        };
        let warnings = hold(open, sends, again)?;
        Ok(Planned {
            requires_replace: requires_replace(&plan),
            warnings,
            state: Value::Map(self.planned(&plan)),
        })
    }

    /// Fills in the provider's region where the block names none, as hashicorp/aws does.
    async fn fill_region(&mut self, provider: &Provider) -> Result<(), Problem> {
        let config = &mut self.desired.config;
        if config.region.is_some() || self.desired.unknown.contains(&Attribute::Region) {
            return Ok(());
        }
        if provider.awaits_region() {
            self.desired.unknown.push(Attribute::Region);
            return Ok(());
        }
        let prior = self.prior.as_mut().map(|(_, prior)| prior);
        provider.engine().fill_region(prior, config).await
    }

    /// Where the input was not stored, it cannot be compared: its version is instead.
    /// Returns whether that asks for a replacement.
    fn forget_stored_input(&mut self) -> bool {
        const VERSION: &str = "input_wo_version";
        let Some((members, prior)) = &self.prior else {
            return false;
        };
        let was_write_only = !prior.imported && prior.config.input.is_empty();
        if !(self.desired.write_only && was_write_only) {
            return false;
        }
        self.desired.config.input.clear();
        self.desired
            .unknown
            .retain(|name| *name != Attribute::Input);
        members.get(VERSION) != self.config.get(VERSION)
    }

    /// The state that Terraform is to expect.
    fn planned(self, plan: &ChangePlan) -> Members {
        let desired = self.desired.config.normalised();
        let is_unknown = |attribute| self.desired.unknown.contains(&attribute);
        let prior = |name: &str| {
            let members = self.prior.as_ref().map(|(members, _)| members);
            members.and_then(|members| members.get(name)).cloned()
        };
        let mut planned = self.config;
        planned.insert("input_wo".to_owned(), Value::Null);
        for (name, value) in [
            // A name that is not known yet may bring its qualifier along.
            (
                "qualifier",
                match is_unknown(Attribute::FunctionName) {
                    true => Value::Unknown,
                    false => desired.qualifier.into(),
                },
            ),
            ("terraform_key", desired.terraform_key.into()),
            (
                "lifecycle_scope",
                desired.lifecycle_scope.map(LifecycleScope::as_str).into(),
            ),
            (
                "region",
                match is_unknown(Attribute::Region) {
                    true => Value::Unknown,
                    // One that was never stored is no reason to change the state.
                    false if plan.action == PlanAction::NoOp => {
                        prior("region").unwrap_or_else(|| desired.region.into())
                    }
                    false => desired.region.into(),
                },
            ),
        ] {
            let planned = planned.entry(name.to_owned()).or_insert(Value::Null);
            if *planned == Value::Null {
                *planned = value;
            }
        }
        let kept = |name| match plan.result_known {
            true => prior(name).unwrap_or(Value::Null),
            false => Value::Unknown,
        };
        let result = match self.desired.store_result {
            Some(true) => kept("result"),
            Some(false) => Value::Null,
            None => Value::Unknown,
        };
        planned.insert("id".to_owned(), kept("id"));
        planned.insert("result".to_owned(), result);
        planned
    }
}

/// Where Terraform finds what makes a change a replacement.
fn requires_replace(plan: &ChangePlan) -> Vec<AttributePath> {
    if plan.action != PlanAction::Replace {
        return Vec::new();
    }
    plan.reasons
        .iter()
        .filter_map(|reason| match reason {
            Reason::Changed(attribute) | Reason::Unknown(attribute) => {
                Some(path(attribute.as_str()))
            }
            Reason::Requested => Some(path("input_wo_version")),
            Reason::Imported | Reason::Deposed => None,
        })
        .collect()
}
