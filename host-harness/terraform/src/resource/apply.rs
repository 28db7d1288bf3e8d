//! Doing what was planned: `ApplyResourceChange`.

use lambda_invocation_core::lifecycle::{PlanOptions, State};
use lambda_invocation_engine::{Applied, CallOptions, Event, Failure, Problem, Unanswered};

use super::desired::Desired;
use super::state;
use super::unanswered::{self, Open};
use crate::diagnostics::Diagnostics;
use crate::protocol::resource::{ApplyRequest, ApplyResponse};
use crate::provider::{Provider, malformed, members};
use crate::value::{Members, Value};

/// Creates, updates or deletes.
pub async fn apply(provider: &Provider, request: ApplyRequest) -> ApplyResponse {
    let prior = request.prior_state.clone();
    let private = request.planned_private.clone();
    match try_apply(provider, request).await {
        Ok(Outcome {
            state,
            problem,
            unanswered,
            settled,
        }) => ApplyResponse {
            new_state: Some(state.encode()),
            private: match unanswered {
                Some(open) => unanswered::note(&private, &open),
                None if settled => unanswered::forget(private),
                // What was not known before is not known now.
                None => private,
            },
            diagnostics: problem.map(Diagnostics::from).unwrap_or_default().into(),
        },
        // Nothing was done.
        Err(problem) => ApplyResponse {
            new_state: prior,
            private,
            diagnostics: Diagnostics::from(problem).into(),
        },
    }
}

/// The state that Terraform is to keep. One that is created and comes with a problem is
/// tainted.
struct Outcome {
    state: Value,
    problem: Option<Problem>,
    /// What was sent and gave no answer that can be kept, so that it is to be settled before
    /// it is sent again.
    unanswered: Option<Open>,
    /// Whether the state is what came of a request that was answered, so that an earlier one
    /// that was not is of no interest any more.
    settled: bool,
}

impl Outcome {
    fn new(state: Value, problem: Option<Problem>) -> Self {
        Self {
            state,
            problem,
            unanswered: None,
            settled: false,
        }
    }

    fn settled(state: Value, problem: Option<Problem>) -> Self {
        Self {
            settled: true,
            ..Self::new(state, problem)
        }
    }

    /// The state of before, because of a failure.
    fn kept(prior: Value, failure: Failure, event: Event, again: impl Fn(&str) -> bool) -> Self {
        let of_prior = |name| match &prior {
            Value::Map(members) => members.get(name).and_then(Value::as_text),
            _ => None,
        };
        let open = Open {
            unanswered: Unanswered::now(event, false),
            id: of_prior("id").unwrap_or_default().to_owned(),
            region: of_prior("region").map(str::to_owned),
        };
        match failure.unanswered {
            false => Self::new(prior, Some(failure.problem)),
            true => {
                let again = again(&open.id);
                Self::new(prior, None).unanswered(open, failure.problem, again)
            }
        }
    }

    /// The same, with what was not answered and what to do about it.
    fn unanswered(self, open: Open, mut problem: Problem, again: bool) -> Self {
        open.advise(&mut problem, again);
        Self {
            problem: Some(problem),
            unanswered: Some(open),
            ..self
        }
    }
}

async fn try_apply(provider: &Provider, request: ApplyRequest) -> Result<Outcome, Problem> {
    let decode = |value| Value::decode(value).map_err(|_| malformed());
    let prior = decode(request.prior_state.as_ref())?;
    let prior_state = match &prior {
        Value::Map(members) => Some(state::read(members)?),
        _ => None,
    };
    let planned = match decode(request.planned_state.as_ref())? {
        Value::Map(planned) => planned,
        _ => return Ok(delete(provider, prior, prior_state).await),
    };
    let config = members(request.config.as_ref())?;
    let mut desired = Desired::read(&config);
    if let Some(problem) = desired.problems.pop() {
        return Err(problem);
    }
    if let Some(region) = planned.get("region").and_then(Value::as_text) {
        desired.config.region = Some(region.to_owned());
    }
    Ok(match prior_state {
        None => create(provider, planned, desired).await,
        Some(prior_state) => update(provider, prior, prior_state, planned, desired).await,
    })
}

async fn delete(provider: &Provider, prior: Value, prior_state: Option<State>) -> Outcome {
    // The attributes that say how to call are the state's own.
    let call = match &prior {
        Value::Map(members) => Desired::read(members).call,
        _ => CallOptions::default(),
    };
    let Applied { failure, .. } = provider.engine().apply(prior_state, None, &call).await;
    match failure {
        None => Outcome::settled(Value::Null, None),
        Some(failure) => Outcome::kept(prior, failure, Event::Delete, |id| {
            provider.engine().may_run_again(id, &call)
        }),
    }
}

async fn create(provider: &Provider, mut planned: Members, desired: Desired) -> Outcome {
    let engine = provider.engine();
    let Applied { state, failure } = engine
        .apply(None, Some(desired.config.clone()), &desired.call)
        .await;
    let lost = match failure {
        None => None,
        Some(failure) if failure.completed || failure.unanswered => Some(failure),
        Some(failure) => return Outcome::new(Value::Null, Some(failure.problem)),
    };
    let state = match state {
        Some(state) => state,
        None if lost.is_none() => return Outcome::new(Value::Null, None),
        None => State {
            version: 0,
            id: unanswered::id_of_creation(provider, &desired).await,
            config: desired.config.normalised(),
            result: String::new(),
            imported: false,
            deposed: None,
        },
    };
    let id = match desired.write_only {
        true => state::id_without_input(&state.config),
        false => state.id.clone(),
    };
    planned.insert("id".to_owned(), id.as_str().into());
    keep_result(
        desired.store_result.map(|store| store && lost.is_none()),
        &mut planned,
    );
    state::write(&state, engine.region().await, &mut planned);
    let created = Value::Map(planned);
    match lost {
        None => {
            let unmet = Problem::of_success(&desired.success, &state.result);
            Outcome::settled(created, unmet)
        }
        // With the problem it comes with it is tainted.
        Some(failure) => {
            let again = engine.may_run_again(&id, &desired.call);
            let open = Open {
                unanswered: Unanswered::now(Event::Create, failure.completed),
                id,
                region: state.config.region,
            };
            Outcome::new(created, None).unanswered(open, failure.problem, again)
        }
    }
}

async fn update(
    provider: &Provider,
    prior: Value,
    mut prior_state: State,
    mut planned: Members,
    mut desired: Desired,
) -> Outcome {
    let engine = provider.engine();
    if prior_state.config.region.is_none() {
        prior_state.config.region.clone_from(&desired.config.region);
    }
    // What was not stored was not compared either: see the plan.
    if desired.write_only && prior_state.config.input.is_empty() {
        desired.config.input.clear();
    }
    let options = PlanOptions::default();
    let sends = engine
        .plan(
            Some(prior_state.clone()),
            Some(desired.config.clone()),
            options,
        )
        .await
        .is_ok_and(|plan| !plan.requests.is_empty());
    let Applied { state, failure } = engine
        .apply(
            Some(prior_state),
            Some(desired.config.clone()),
            &desired.call,
        )
        .await;
    if let Some(failure) = failure {
        return match state {
            // The function ran, and is not to run again.
            Some(state) if failure.completed => {
                keep_result(Some(false), &mut planned);
                state::write(&state, engine.region().await, &mut planned);
                Outcome::settled(Value::Map(planned), Some(failure.problem))
            }
            // The state of before, whole: the next plan then makes the update again.
            // Terraform's AWS provider keeps the new input and forgets it.
            _ => Outcome::kept(prior, failure, Event::Update, |id| {
                engine.may_run_again(id, &desired.call)
            }),
        };
    }
    let Some(state) = state else {
        return Outcome::new(Value::Null, None);
    };
    // A result that was not stored, or imported, is not known: there is nothing to compare.
    if (sends || !state.result.is_empty())
        && let Some(problem) = Problem::of_success(&desired.success, &state.result)
    {
        return Outcome {
            settled: sends,
            ..Outcome::new(prior, Some(problem))
        };
    }
    // Nothing that was there before is made up by an update that invokes nothing.
    let stored = desired
        .store_result
        .map(|store| store && !state.result.is_empty());
    keep_result(stored, &mut planned);
    state::write(&state, engine.region().await, &mut planned);
    Outcome {
        settled: sends,
        ..Outcome::new(Value::Map(planned), None)
    }
}

/// A result that is not to be stored is null, also where that was not known before.
fn keep_result(store: Option<bool>, planned: &mut Members) {
    if store == Some(false) {
        planned.insert("result".to_owned(), Value::Null);
    }
}
