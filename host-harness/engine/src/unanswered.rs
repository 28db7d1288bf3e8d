//! What was sent and gave no answer that could be kept: it is not sent again before the user
//! says what came of it. A provider keeps a note of it with the resource.

use std::env;

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::lifecycle::{
    ChangePlan, LifecycleEvent, LifecycleScope, PlanAction, State,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::engine::Engine;
use crate::problem::Problem;
use crate::settings::CallOptions;

/// The variable of the environment by which the user says that an event is to be sent again:
/// it holds the ids of the invocations, with white space between them.
pub const RUN_AGAIN: &str = "LAMBDA_RUN_AGAIN";

/// What the function was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// That the invocation is created.
    Create,
    /// That its input changes.
    Update,
    /// That it goes.
    Delete,
}

impl Event {
    /// Whether a plan sends it or, where attributes are unknown, may send it. `prior` is what
    /// was planned from. The creation inside a replacement is not looked at: it is one of
    /// another invocation.
    pub fn is_sent_by(self, plan: &ChangePlan, prior: Option<&State>) -> bool {
        let sends = !plan.requests.is_empty();
        match (self, plan.action) {
            (Self::Create, PlanAction::Create) => true,
            (Self::Update, PlanAction::Update) => sends || !plan.result_known,
            (Self::Delete, PlanAction::Delete) => sends,
            (Self::Delete, PlanAction::Replace) if sends => {
                let mut requests = plan.requests.iter();
                requests.any(|request| request.event == LifecycleEvent::Delete)
            }
            // Attributes are unknown: what is deleted is told of it as its own scope says.
            (Self::Delete, PlanAction::Replace) => {
                prior.is_some_and(|prior| prior.config.lifecycle_scope() == LifecycleScope::Crud)
            }
            _ => false,
        }
    }

    /// Its name in a CRUD event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// An event that was sent and gave no answer that could be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// The event.
    pub event: Event,
    /// Whether the function is known to have run.
    pub ran: bool,
    /// When, in UTC.
    pub at: String,
}

impl Unanswered {
    /// One that is over now.
    pub fn now(event: Event, ran: bool) -> Self {
        let now = OffsetDateTime::now_utc();
        let now = now.replace_nanosecond(0).unwrap_or(now);
        Self {
            event,
            ran,
            at: now.format(&Rfc3339).unwrap_or_default(),
        }
    }

    /// The note to keep: `update at 2026-08-30T12:36:00Z`.
    pub fn to_note(&self) -> String {
        let ran = if self.ran { "ran " } else { "" };
        format!("{} {ran}at {}", self.event.as_str(), self.at)
    }

    /// Reads a note. What is none says nothing.
    pub fn from_note(note: &str) -> Option<Self> {
        let (sent, at) = note.split_once("at ")?;
        let mut words = sent.split_whitespace();
        let named = words.next()?;
        let event = [Event::Create, Event::Update, Event::Delete]
            .into_iter()
            .find(|event| event.as_str() == named)?;
        Some(Self {
            event,
            ran: words.next() == Some("ran"),
            at: at.to_owned(),
        })
    }

    /// What to tell the user before it is sent again, which it is not. `settle` says how to
    /// keep what ran, and what to do where it did not.
    pub fn problem(&self, settle: &str) -> Problem {
        let event = match self.event {
            Event::Create => "creation",
            Event::Update => "update",
            Event::Delete => "deletion",
        };
        let (ran, why) = match self.ran {
            true => ("ran", "ran, but its answer could not be kept"),
            false => (
                "may have run",
                "was not answered, so the function may have run: look into its log",
            ),
        };
        let mut problem = Problem {
            argument: None,
            summary: format!("An earlier {event} {ran}"),
            detail: format!("The {event} that was sent at {} {why}.", self.at),
        };
        problem.advise(&format!("{HELD} {settle}"));
        problem
    }
}

/// What is said of an event beside how to settle it.
pub const HELD: &str = "It is not sent again before you say what came of it.";

impl Engine {
    /// Whether the user has said that what may have run may run again: by the retry mode, or
    /// of the invocation with this id.
    pub fn may_run_again(&self, id: &str, call: &CallOptions) -> bool {
        let mode = call.retry_mode.or(self.settings().retry_mode);
        mode == Some(RetryMode::Idempotent)
            || env::var(RUN_AGAIN)
                .is_ok_and(|named| named.split_whitespace().any(|named| named == id))
    }
}

#[cfg(test)]
mod tests {
    use lambda_invocation_core::lifecycle::{Attribute, Config, PlanOptions, plan};

    use super::*;
    use crate::settings::Settings;

    #[test]
    fn a_replacement_sends_the_deletion_of_what_it_replaces() {
        let config = |scope, triggers: &str| Config {
            function_name: "f".to_owned(),
            input: "{}".to_owned(),
            lifecycle_scope: Some(scope),
            triggers: vec![("a".to_owned(), triggers.to_owned())],
            ..Config::default()
        };
        for scope in [LifecycleScope::Crud, LifecycleScope::CreateOnly] {
            let prior = State {
                version: 1,
                id: "f,$LATEST,0".to_owned(),
                config: config(scope, "1"),
                result: "{}".to_owned(),
                imported: false,
                deposed: None,
            };
            let deletes = scope == LifecycleScope::Crud;
            for (triggers, unknown, sent) in [
                ("1", vec![], false),
                ("2", vec![], deletes),
                ("1", vec![Attribute::Triggers], deletes),
            ] {
                let options = PlanOptions {
                    unknown,
                    replace: false,
                };
                let plan = plan(Some(&prior), Some(&config(scope, triggers)), &options).unwrap();
                for event in [Event::Create, Event::Update, Event::Delete] {
                    let expected = sent && event == Event::Delete;
                    assert_eq!(event.is_sent_by(&plan, Some(&prior)), expected, "{event:?}");
                }
            }
            let plan = plan(Some(&prior), None, &PlanOptions::default()).unwrap();
            assert_eq!(Event::Delete.is_sent_by(&plan, Some(&prior)), deletes);
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_anything_else_is_none() {
        for event in [Event::Create, Event::Update, Event::Delete] {
            for ran in [false, true] {
                let noted = Unanswered::now(event, ran);
                assert_eq!(Unanswered::from_note(&noted.to_note()), Some(noted));
            }
        }
        for note in ["", "at ", "read at noon", "update"] {
            assert_eq!(Unanswered::from_note(note), None, "{note}");
        }
    }

    #[test]
    fn what_is_known_to_have_run_is_said_to_have() {
        let mut noted = Unanswered {
            event: Event::Create,
            ran: true,
            at: "2026-08-30T12:36:00Z".to_owned(),
        };
        let problem = noted.problem("Keep it.");
        assert_eq!(problem.summary, "An earlier creation ran");
        assert!(!problem.detail.contains("may have run"), "{problem:?}");
        assert!(
            problem.detail.ends_with(&format!("\n\n{HELD} Keep it.")),
            "{problem:?}"
        );
        noted.ran = false;
        let problem = noted.problem("");
        assert_eq!(problem.summary, "An earlier creation may have run");
        let words = "sent at 2026-08-30T12:36:00Z was not answered";
        assert!(problem.detail.contains(words), "{problem:?}");
    }

    #[test]
    fn a_function_that_may_run_twice_may_run_again() {
        let of = |mode| CallOptions {
            retry_mode: mode,
            ..CallOptions::default()
        };
        for (provider, call, expected) in [
            (None, None, false),
            (Some(RetryMode::Safe), None, false),
            (Some(RetryMode::Idempotent), None, true),
            (Some(RetryMode::Idempotent), Some(RetryMode::Safe), false),
            (None, Some(RetryMode::Idempotent), true),
        ] {
            let engine = Engine::new(Settings {
                retry_mode: provider,
                ..Settings::default()
            });
            assert_eq!(engine.may_run_again("id", &of(call)), expected);
        }
    }
}
