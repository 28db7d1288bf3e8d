//! Changes being carried out, one after the other: each request is written down before it
//! is sent, and its outcome saved before the next.

use std::io;
use std::path::Path;
use std::time::Instant;

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{
    ApplyFailure, LifecycleEvent, PlanAction, PlannedRequest, State,
};
use serde_json::{Map, Value, json};

use super::Stop;
use super::change::Change;
use super::intent;
use super::report::{self, Tally};
use crate::config::{self, Kind};
use crate::failure::{Failure, Unanswered};
use crate::grammar::Output;
use crate::render::Color;
use crate::run::{Session, Unapplied};
use crate::state::{Entry, StateFile};
use crate::{exit, json};

/// Carries the changes out and returns the exit code. Stops at the first failure.
pub fn carry_out(
    changes: Vec<Change>,
    file: &mut StateFile,
    config: Option<&Path>,
    session: &mut Session<'_, '_>,
) -> Result<u8, Stop> {
    let interrupt = session.interrupt;
    let _waits = interrupt.wait();
    let mut run = Run {
        file,
        config,
        session,
        entries: Map::new(),
        tally: Tally::default(),
        ended: None,
    };
    let mut not_reached = 0_usize;
    for change in changes {
        let idle = change.plan.action == PlanAction::NoOp;
        if run.ended.is_none() && !idle && interrupt.is_wanted() {
            run.ended = Some(Ended::Interrupted);
        }
        match run.ended {
            Some(_) if idle => {}
            Some(_) => not_reached = not_reached.saturating_add(1),
            None if idle => run.keep(change)?,
            None => run.change(change)?,
        }
    }
    run.end(not_reached).map_err(Stop::Output)
}

/// Why a run ended before its last change.
enum Ended {
    /// The user wanted it.
    Interrupted,
    /// A change failed.
    Failed(Failure),
    /// A change was sent, and what became of it is not known.
    Unanswered(Failure, Box<Unanswered>),
}

impl Ended {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Interrupted => None,
            Self::Failed(failure) | Self::Unanswered(failure, _) => Some(failure),
        }
    }

    /// What is left to do, and what has to be done before.
    fn what_next(&self, not_reached: usize) -> Vec<String> {
        let mut lines = Vec::new();
        if let Self::Unanswered(_, unanswered) = self {
            let (name, advice) = (&unanswered.name, unanswered.advice());
            lines.push(format!("{name}: it is not sent again by itself; {advice}"));
        }
        let word = match self {
            Self::Interrupted => "interrupted",
            Self::Failed(_) | Self::Unanswered(..) => "stopped",
        };
        if not_reached > 0 {
            lines.push(format!(
                "{word}; not reached: {not_reached}; run it again to go on"
            ));
        }
        lines
    }
}

/// How far a change came.
#[derive(Default)]
struct Progress {
    /// What is true now.
    state: Option<State>,
    /// The requests that succeeded.
    completed: Vec<LifecycleEvent>,
}

/// Why a change was not carried out to its end.
enum Halt {
    /// The user wanted it.
    Interrupted,
    /// A request failed; the state is saved.
    Failed(Error),
    /// The state cannot be saved; perhaps a request failed, too.
    Unsaved(Option<Error>, Failure),
    /// The request was sent, and what became of it is not known.
    Unanswered(Error, Unanswered),
}

impl Halt {
    /// How it is spoken of.
    fn word(&self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Failed(_) | Self::Unsaved(..) => "failed",
            Self::Unanswered(..) => "no answer",
        }
    }
}

struct Run<'r, 'a, 's> {
    file: &'r mut StateFile,
    config: Option<&'r Path>,
    session: &'r mut Session<'a, 's>,
    /// For `--output json`.
    entries: Map<String, Value>,
    tally: Tally,
    /// Present when nothing more is to be done.
    ended: Option<Ended>,
}

impl Run<'_, '_, '_> {
    /// Nothing to do but to remember what it depends on now.
    fn keep(&mut self, change: Change) -> Result<(), Stop> {
        let entry = json::applied(&change.plan, change.prior.as_ref(), None);
        self.entries.insert(change.name.clone(), entry);
        self.tally.count(change.plan.action);
        let entry = entry_of(change.prior, &change.depends_on);
        if let Err(failure) = self.file.set(&change.name, entry) {
            self.ended = Some(Ended::Failed(failure));
        }
        Ok(())
    }

    fn change(&mut self, mut change: Change) -> Result<(), Stop> {
        let words = report::words(change.plan.action);
        self.say(None, &format!("{}: {}...", change.name, words.doing))?;
        let started = Instant::now();
        let mut progress = Progress {
            state: change.prior.take(),
            completed: Vec::new(),
        };
        let halt = self
            .requests(&change, &mut progress)
            .err()
            .map(|halt| *halt);
        let took = report::seconds(started.elapsed());
        let Progress { state, completed } = progress;
        let stopped = halt.as_ref().map(|halt| json::Stopped {
            unanswered: matches!(halt, Halt::Unanswered(..)),
            completed: &completed,
        });
        let entry = json::applied(&change.plan, state.as_ref(), stopped.as_ref());
        self.entries.insert(change.name.clone(), entry);

        let name = &change.name;
        let Some(halt) = halt else {
            self.tally.count(change.plan.action);
            let id = state.map_or_else(String::new, |state| format!(" ({})", state.id));
            let line = format!("{name}: {} after {took}{id}", words.done);
            return Ok(self.say(Some(Color::Green), &line)?);
        };
        let line = format!("{name}: {} after {took}", halt.word());
        self.say(Some(Color::Red), &line)?;
        if let Some(line) = report::half_done(name, &change.plan, &completed) {
            self.say(None, &line)?;
        }
        let placed = |error| match self.config {
            Some(path) => config::in_table(error, path, Kind::Invocation, name),
            None => error,
        };
        self.ended = Some(match halt {
            Halt::Interrupted => Ended::Interrupted,
            Halt::Failed(error) => Ended::Failed(placed(error).into()),
            Halt::Unanswered(error, unanswered) => {
                Ended::Unanswered(placed(error).into(), Box::new(unanswered))
            }
            Halt::Unsaved(error, conflict) => {
                // Of two failures the one about the state is the one to act on first.
                if let Some(error) = error.map(placed) {
                    self.session.streams.explain_failure(&error.into())?;
                }
                Ended::Failed(conflict)
            }
        });
        Ok(())
    }

    /// Makes the requests of a change.
    fn requests(&mut self, change: &Change, progress: &mut Progress) -> Result<(), Box<Halt>> {
        let unsaved = |failure| Box::new(Halt::Unsaved(None, failure));
        if change.plan.requests.is_empty() {
            self.file.check_ours().map_err(unsaved)?;
            return self.request(change, None, progress);
        }
        for request in &change.plan.requests {
            if !progress.completed.is_empty() && self.session.interrupt.is_wanted() {
                return Err(Box::new(Halt::Interrupted));
            }
            self.request(change, Some(request), progress)?;
        }
        Ok(())
    }

    /// Makes one request, or changes the state where none is needed.
    fn request(
        &mut self,
        change: &Change,
        request: Option<&PlannedRequest>,
        progress: &mut Progress,
    ) -> Result<(), Box<Halt>> {
        let desired = change.desired.as_ref();
        // Once the new one is there, it would be replaced again.
        let replace = change.replace && !progress.completed.contains(&LifecycleEvent::Create);
        let intent = request.map(|request| intent::of(request, desired, replace));
        if intent.is_some() {
            // A state that cannot be written stops the run here, before anything is sent.
            let entry = Entry {
                state: progress.state.clone(),
                depends_on: change.depends_on.clone(),
                intent: intent.clone(),
            };
            self.file
                .set(&change.name, Some(entry))
                .map_err(|failure| Box::new(Halt::Unsaved(None, not_sent(failure))))?;
        }
        let connection = self.session.connection.clone();
        let prior = progress.state.clone();
        let lambda = &mut self.session.lambda;
        let error = match lambda.apply_one(prior, desired, replace, connection) {
            Ok(state) => {
                progress.state = state;
                progress
                    .completed
                    .extend(request.map(|request| request.event));
                None
            }
            Err(Unapplied { failure, maybe_ran }) => {
                let is_open = maybe_ran && !is_answered(&failure);
                if let Some(intent) = intent.filter(|_| is_open) {
                    // The file says so already.
                    let name = change.name.clone();
                    let unanswered = Unanswered { name, intent };
                    return Err(Box::new(Halt::Unanswered(failure.error, unanswered)));
                }
                progress.state = failure.state;
                progress.completed.extend(failure.completed);
                Some(failure.error)
            }
        };
        // Before another word: writing to a stream may fail, too.
        let entry = entry_of(progress.state.clone(), &change.depends_on);
        let saved = match request {
            Some(_) => self.file.set_outcome(&change.name, entry),
            // Nothing ran that could be lost.
            None => self.file.set(&change.name, entry),
        };
        match (saved, error) {
            (Ok(()), None) => Ok(()),
            (Ok(()), Some(error)) => Err(Box::new(Halt::Failed(error))),
            (Err(failure), error) => Err(Box::new(Halt::Unsaved(error, failure))),
        }
    }

    fn say(&mut self, color: Option<Color>, line: &str) -> io::Result<()> {
        self.session.streams.say(color, line)
    }

    fn end(mut self, not_reached: usize) -> io::Result<u8> {
        let ended = self.ended.take();
        let failure = ended.as_ref().and_then(Ended::failure);
        if let Some(failure) = failure {
            self.session.streams.explain_failure(failure)?;
        }
        if failure.is_none() || !self.tally.is_empty() {
            let summary = self.tally.done();
            self.say(None, &summary)?;
        }
        if let Some(ended) = &ended {
            for line in ended.what_next(not_reached) {
                self.say(None, &line)?;
            }
        }
        if self.session.output == Output::Json {
            let mut document = json!({"invocation": self.entries});
            if let (Some(failure), Some(document)) = (failure, document.as_object_mut()) {
                document.insert("error".to_owned(), json::failure_case(failure));
            }
            self.session.streams.document(&document)?;
        }
        Ok(match (&ended, failure) {
            (_, Some(failure)) => exit::failure_code(failure),
            (Some(_), None) => exit::INTERRUPTED,
            (None, None) => exit::DONE,
        })
    }
}

/// Whether it is known how the function ended.
fn is_answered(failure: &ApplyFailure) -> bool {
    matches!(failure.error, Error::FunctionFailed(_)) || !failure.completed.is_empty()
}

fn not_sent(failure: Failure) -> Failure {
    match failure {
        Failure::Conflict(text) => Failure::Conflict(format!("{text}; so nothing was sent")),
        other => other,
    }
}

fn entry_of(state: Option<State>, depends_on: &[String]) -> Option<Entry> {
    state.map(|state| Entry {
        state: Some(state),
        depends_on: depends_on.to_vec(),
        intent: None,
    })
}
