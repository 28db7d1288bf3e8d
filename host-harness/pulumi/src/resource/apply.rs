//! Doing it: `Create`, `Update` and `Delete`.

use lambda_invocation_core::lifecycle::{Attribute, PlanAction, PlanOptions, State};
use lambda_invocation_engine::grpc::Status;
use lambda_invocation_engine::{
    Applied, CallOptions, Event, Failure, Problem, Success, Unanswered,
};

use super::before::Before;
use super::desired::Desired;
use super::diff::Change;
use super::outputs::{Result as Kept, outputs};
use super::unanswered;
use crate::failure;
use crate::protocol::Empty;
use crate::protocol::resource::{
    CreateRequest, CreateResponse, DeleteRequest, UpdateRequest, UpdateResponse,
};
use crate::provider::Provider;
use crate::value::{Members, Value, decode, encode};

/// `Create`
pub async fn create(provider: &Provider, request: CreateRequest) -> Result<CreateResponse, Status> {
    let inputs = decode(request.properties);
    let mut desired = Desired::read(&inputs);
    if let Some(first) = desired.failures.pop() {
        return Err(failure::misused(&format!(
            "{}: {}",
            first.path, first.reason
        )));
    }
    let engine = provider.engine();
    if !desired.awaits(Attribute::Region) {
        engine
            .fill_region(None, &mut desired.config)
            .await
            .map_err(failure::known)?;
    }
    if request.preview {
        let options = PlanOptions {
            unknown: desired.unknown.clone(),
            replace: false,
        };
        let plan = engine
            .plan(None, Some(desired.config.clone()), options)
            .await
            .map_err(failure::known)?;
        let result = match plan.result_known {
            true => Kept::None,
            false => Kept::Unknown,
        };
        return Ok(CreateResponse {
            id: String::new(),
            properties: Some(encode(outputs(&inputs, &desired, result, false))),
        });
    }
    expect_known(&desired)?;
    let call = within(desired.call.clone(), request.timeout);
    let _call = provider.begin().await?;
    let Applied { state, failure } = engine
        .apply(None, Some(desired.config.clone()), &call)
        .await;
    let (problem, id, result) = match (state, failure) {
        // The function ran, and is not to run again.
        (Some(state), Some(failure)) if failure.completed => {
            (failure.problem, state.id, Kept::Text(state.result))
        }
        (Some(state), failure) => {
            let unmet = || unmet(&desired.success, &state);
            match failure.map(|failure| failure.problem).or_else(unmet) {
                None => {
                    let result = Kept::Text(state.result);
                    return Ok(CreateResponse {
                        id: state.id,
                        properties: Some(encode(outputs(&inputs, &desired, result, false))),
                    });
                }
                // Its result does not count: the next update replaces it.
                Some(problem) => (problem, state.id, Kept::None),
            }
        }
        (
            None,
            Some(Failure {
                problem,
                unanswered: true,
                ..
            }),
        ) => {
            let id = engine.id_of_creation(&desired.config).await;
            let mut kept = outputs(&inputs, &desired, Kept::None, false);
            unanswered::note(&mut kept, &Unanswered::now(Event::Create, false));
            let again = engine.may_run_again(&id, &desired.call);
            let mut problem = problem;
            unanswered::advise(&mut problem, Event::Create, &id, again);
            return Err(failure::exists(id, inputs, kept, problem));
        }
        (None, Some(failure)) => return Err(failure::known(failure.problem)),
        (None, None) => return Err(Status::internal("the component created nothing")),
    };
    let kept = outputs(&inputs, &desired, result, false);
    Err(failure::exists(id, inputs, kept, problem))
}

/// The outputs of before. One that was imported has no result, which is none of a creation.
fn kept_members(before: &Before) -> Members {
    let mut members = before.members.clone();
    if !before.unsettled && !members.contains_key("result") {
        members.insert("result".to_owned(), before.state.result.as_str().into());
    }
    members
}

/// `Update`
pub async fn update(provider: &Provider, request: UpdateRequest) -> Result<UpdateResponse, Status> {
    let before = Before::read(
        &request.id,
        decode(request.olds),
        decode(request.old_inputs),
    )?;
    let inputs = decode(request.news);
    let ignored = &request.ignore_changes;
    let Change {
        before,
        inputs,
        desired,
        plan,
    } = Change::plan(provider, before, inputs, ignored).await?;
    let secret = before.members.get("result").is_some_and(Value::has_secret);
    let sends = !plan.requests.is_empty();
    let after = |result| {
        let mut outputs = outputs(&inputs, &desired, result, secret);
        // What sends nothing settles nothing.
        if let (false, Some(unanswered)) = (sends, &before.unanswered) {
            unanswered::note(&mut outputs, unanswered);
        }
        outputs
    };
    let kept = |result| UpdateResponse {
        properties: Some(encode(after(result))),
    };
    if plan.action == PlanAction::Replace {
        // The engine is told so by `Diff`, and asks for this only where it continues a
        // creation that failed.
        return Err(failure::known(Problem {
            argument: None,
            summary: "The invocation has to be replaced".to_owned(),
            detail: "Nothing was sent. Run pulumi up with --replace and the resource's URN."
                .to_owned(),
        }));
    }
    if request.preview {
        return Ok(kept(match plan.result_known {
            true => Kept::Text(before.state.result),
            false => Kept::Unknown,
        }));
    }
    expect_known(&desired)?;
    let call = within(desired.call.clone(), request.timeout);
    let _call = provider.begin().await?;
    let Applied { state, failure } = provider
        .engine()
        .apply(
            Some(before.state.clone()),
            Some(desired.config.clone()),
            &call,
        )
        .await;
    if let (Some(failure), Some(state)) = (&failure, &state)
        && failure.completed
    {
        // The function ran, and is not to run again.
        let properties = after(Kept::Text(state.result.clone()));
        let problem = failure.problem.clone();
        return Err(failure::exists(
            request.id,
            inputs.clone(),
            properties,
            problem,
        ));
    }
    // With an error the engine keeps the state of before, whole: the next update makes the
    // change again.
    if let Some(Failure {
        mut problem,
        unanswered,
        ..
    }) = failure
    {
        if !unanswered {
            return Err(failure::known(problem));
        }
        // It keeps the error beside that state.
        let mut kept = kept_members(&before);
        unanswered::note(&mut kept, &Unanswered::now(Event::Update, false));
        let again = provider.engine().may_run_again(&request.id, &desired.call);
        unanswered::advise(&mut problem, Event::Update, &request.id, again);
        return Err(failure::exists(
            request.id.clone(),
            inputs.clone(),
            kept,
            problem,
        ));
    }
    let state = state.ok_or_else(|| Status::internal("the component left nothing"))?;
    match unmet(&desired.success, &state) {
        Some(problem) if sends || !state.result.is_empty() => Err(failure::known(problem)),
        _ => Ok(kept(Kept::Text(state.result))),
    }
}

/// `Delete`
pub async fn delete(provider: &Provider, request: DeleteRequest) -> Result<Empty, Status> {
    let before = Before::read(
        &request.id,
        decode(request.properties),
        decode(request.old_inputs),
    )?;
    // The properties that say how to call are the state's own.
    let call = within(options(&before.members), request.timeout);
    let _call = provider.begin().await?;
    let Applied { failure, .. } = provider
        .engine()
        .apply(Some(before.state), None, &call)
        .await;
    match failure {
        None => Ok(Empty {}),
        Some(Failure {
            mut problem,
            unanswered: true,
            ..
        }) => {
            let again = provider.engine().may_run_again(&request.id, &call);
            unanswered::advise(&mut problem, Event::Delete, &request.id, again);
            Err(failure::unanswered(problem))
        }
        Some(failure) => Err(failure::known(failure.problem)),
    }
}

fn options(members: &Members) -> CallOptions {
    Desired::read(members).call
}

/// The engine asks for what has to be sent only once all of it is known.
fn expect_known(desired: &Desired) -> Result<(), Status> {
    match desired.unknown.first() {
        None => Ok(()),
        Some(attribute) => Err(failure::misused(&format!("{attribute} is not known"))),
    }
}

/// Options with the time limit of the resource option `customTimeouts`, where that is less.
fn within(options: CallOptions, seconds: f64) -> CallOptions {
    if seconds <= 0.0 {
        return options;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates"
    )]
    let limit = (seconds * 1000.0).ceil() as u32;
    CallOptions {
        timeout_ms: Some(options.timeout_ms.map_or(limit, |own| own.min(limit))),
        ..options
    }
}

/// What `success` asks for and the result does not hold.
fn unmet(success: &Success, state: &State) -> Option<Problem> {
    Problem::of_success(success, &state.result)
}
