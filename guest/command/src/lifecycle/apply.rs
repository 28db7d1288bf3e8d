//! Changes being carried out, one after the other, each saved before the next.

use std::io;
use std::path::Path;
use std::time::Instant;

use lambda_invocation_core::lifecycle::{ApplyFailure, PlanAction};
use serde_json::{Map, Value, json};

use super::Stop;
use super::change::Change;
use super::report::{self, Tally};
use crate::config::{self, Kind};
use crate::failure::Failure;
use crate::grammar::Output;
use crate::render::Color;
use crate::run::Session;
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
    };
    let mut changes = changes.into_iter();
    let mut stopped = None;
    let mut interrupted = false;
    let mut not_reached = 0_usize;
    for change in changes.by_ref() {
        let idle = change.plan.action == PlanAction::NoOp;
        if !idle && run.session.interrupt.is_wanted() {
            interrupted = true;
            not_reached = 1;
            break;
        }
        let step = if idle {
            run.keep(change)
        } else {
            run.change(change)
        };
        match step {
            Ok(()) => {}
            Err(Stop::Failure(failure)) => {
                stopped = Some(failure);
                break;
            }
            Err(output) => return Err(output),
        }
    }
    not_reached = changes
        .filter(|change| change.plan.action != PlanAction::NoOp)
        .count()
        .saturating_add(not_reached);
    run.end(stopped, interrupted, not_reached)
        .map_err(Stop::Output)
}

struct Run<'r, 'a, 's> {
    file: &'r mut StateFile,
    config: Option<&'r Path>,
    session: &'r mut Session<'a, 's>,
    /// For `--output json`.
    entries: Map<String, Value>,
    tally: Tally,
}

impl Run<'_, '_, '_> {
    /// Nothing to do but to remember what it depends on now.
    fn keep(&mut self, change: Change) -> Result<(), Stop> {
        let state = change.prior;
        let entry = json::applied(&change.plan, state.as_ref(), None);
        self.entries.insert(change.name.clone(), entry);
        self.tally.count(change.plan.action);
        let depends_on = change.depends_on;
        let entry = state.map(|state| Entry {
            state: Some(state),
            depends_on,
        });
        Ok(self.file.set(&change.name, entry)?)
    }

    fn change(&mut self, change: Change) -> Result<(), Stop> {
        let Change {
            name,
            prior,
            desired,
            depends_on,
            plan,
            replace,
        } = change;
        self.file.check_ours()?;
        let words = report::words(plan.action);
        self.say(None, &format!("{name}: {}...", words.doing))?;
        let started = Instant::now();
        let connection = self.session.connection.clone();
        let outcome = self
            .session
            .lambda
            .apply(prior, desired.as_ref(), replace, connection);
        let took = report::seconds(started.elapsed());
        let (state, failure) = match outcome {
            Ok(state) => (state, None),
            Err(ApplyFailure {
                error,
                state,
                completed,
            }) => (state, Some((error, completed))),
        };
        let completed = failure.as_ref().map(|(_, completed)| completed.as_slice());
        let entry = json::applied(&plan, state.as_ref(), completed);
        self.entries.insert(name.clone(), entry);

        // Before another word: writing to a stream may fail, too.
        let id = state.as_ref().map(|state| state.id.clone());
        let entry = state.map(|state| Entry {
            state: Some(state),
            depends_on,
        });
        let saved = self.file.set_outcome(&name, entry);

        let Some((error, completed)) = failure else {
            self.tally.count(plan.action);
            let id = id.map_or_else(String::new, |id| format!(" ({id})"));
            let line = format!("{name}: {} after {took}{id}", words.done);
            self.say(Some(words.color), &line)?;
            return Ok(saved?);
        };
        self.say(Some(Color::Red), &format!("{name}: failed after {took}"))?;
        if let Some(line) = report::half_done(&name, &plan, &completed) {
            self.say(None, &line)?;
        }
        let error = match self.config {
            Some(path) => config::in_table(error, path, Kind::Invocation, &name),
            None => error,
        };
        if let Err(conflict) = saved {
            // Two failures: the one about the state is the one to act on first.
            let streams = &mut self.session.streams;
            streams.explain_failure(&Failure::Error(error))?;
            return Err(conflict.into());
        }
        Err(error.into())
    }

    fn say(&mut self, color: Option<Color>, line: &str) -> io::Result<()> {
        self.session.streams.say(color, line)
    }

    fn end(
        mut self,
        stopped: Option<Failure>,
        interrupted: bool,
        not_reached: usize,
    ) -> io::Result<u8> {
        if let Some(failure) = &stopped {
            self.session.streams.explain_failure(failure)?;
        }
        if stopped.is_none() || !self.tally.is_empty() {
            let summary = self.tally.done();
            self.say(None, &summary)?;
        }
        if not_reached > 0 {
            let what = if interrupted {
                "interrupted"
            } else {
                "stopped"
            };
            let line = format!("{what}; not reached: {not_reached}; run it again to go on");
            self.say(None, &line)?;
        }
        if self.session.output == Output::Json {
            let mut document = json!({"invocation": self.entries});
            if let (Some(failure), Some(document)) = (&stopped, document.as_object_mut()) {
                document.insert("error".to_owned(), json::failure_case(failure));
            }
            self.session.streams.document(&document)?;
        }
        Ok(match &stopped {
            Some(failure) => exit::failure_code(failure),
            None if interrupted => exit::INTERRUPTED,
            None => exit::DONE,
        })
    }
}
