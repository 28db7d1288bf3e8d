//! Events that were sent and not answered. The note of one is among the outputs, until it is
//! settled; no comparison that would send it again succeeds.
//!
//! A deletion leaves none: the engine keeps the outputs as they were.

use lambda_invocation_core::lifecycle::ChangePlan;
use lambda_invocation_engine::{Engine, Event, HELD, Problem, RUN_AGAIN, Unanswered, Value as _};

use super::before::Before;
use super::desired::Desired;
use crate::value::Members;

/// The output that holds the note. Outputs with such names are the provider's own: Pulumi
/// does not show them.
const NOTE: &str = "__unanswered";

/// Adds the note.
pub fn note(outputs: &mut Members, unanswered: &Unanswered) {
    outputs.insert(NOTE.to_owned(), unanswered.to_note().into());
}

/// Takes the note out of the outputs, where there is one.
pub fn take(outputs: &mut Members) -> Option<Unanswered> {
    Unanswered::from_note(outputs.remove(NOTE)?.as_text()?)
}

/// Adds to what went wrong just now what to do about it. `again` is whether it may run again.
pub fn advise(problem: &mut Problem, event: Event, id: &str, again: bool) {
    let next = match event {
        Event::Create => "replaces the resource",
        Event::Update => "makes the change again",
        Event::Delete => "deletes it again",
    };
    problem.advise(&match (again, event) {
        (true, _) => format!("The next update {next}, which invokes the function again."),
        (false, Event::Delete) => format!(
            "The next update {next}, which invokes the function again. {}",
            settle(event, id)
        ),
        (false, _) => format!("{HELD} {}", settle(event, id)),
    });
}

/// Refuses to send again what was not answered. `plan` is what would be done.
///
/// # Errors
///
/// What to tell the user then.
pub async fn hold(
    engine: &Engine,
    before: &Before,
    desired: &Desired,
    plan: &ChangePlan,
) -> Result<(), Problem> {
    let Some(unanswered) = &before.unanswered else {
        return Ok(());
    };
    let id = &before.state.id;
    let repeats = match unanswered.event {
        // It is replaced. Where it is not known yet what that sends, it may be the same.
        Event::Create => {
            !desired.unknown.is_empty() || engine.id_of_creation(&desired.config).await == *id
        }
        other => other.is_sent_by(plan, Some(&before.state)),
    };
    if repeats && !engine.may_run_again(id, &desired.call) {
        return Err(unanswered.problem(&settle(unanswered.event, id)));
    }
    Ok(())
}

fn settle(event: Event, id: &str) -> String {
    const DELETE: &str = "take the resource out of the state by pulumi state delete";
    let import =
        format!("If it ran, {DELETE}, and import it with the id {id}, which invokes nothing.");
    match event {
        Event::Create => {
            format!("{import} If it did not run, {DELETE}, and run pulumi up.")
        }
        Event::Update => format!(
            "{import} If it did not run, run pulumi up with {RUN_AGAIN}='{id}' in the environment of that one run, which sends it again."
        ),
        Event::Delete => format!("Look into the function's log: if it ran, {DELETE}."),
    }
}
