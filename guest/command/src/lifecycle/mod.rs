//! The `lifecycle` commands.

mod apply;
mod change;
mod difference;
mod import;
mod intent;
mod report;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::PlanAction;
use serde_json::{Map, Value, json};

use self::change::Change;
use crate::config::{self, ConfigFile, Invocation, did_you_mean};
use crate::failure::Failure;
use crate::grammar::{Answers, ChangeOptions, Files, Lifecycle, Output};
use crate::render::Streams;
use crate::run::Session;
use crate::state::{self, Entry, StateFile};
use crate::{exit, json};

/// Runs a command and returns its exit code.
///
/// # Errors
///
/// When an output stream cannot be written to.
pub fn run(verb: Lifecycle, mut session: Session<'_, '_>) -> io::Result<u8> {
    let session = &mut session;
    let outcome = match verb {
        Lifecycle::Plan {
            files,
            options,
            detailed_exitcode,
        } => plan(&files, &options, detailed_exitcode, session),
        Lifecycle::Apply {
            files,
            options,
            auto_approve,
        } => apply(&files, &options, auto_approve, session),
        Lifecycle::Destroy {
            config,
            state,
            answers,
            auto_approve,
        } => destroy(config.as_deref(), &state, &answers, auto_approve, session),
        Lifecycle::Show { name, state } => show(name.as_deref(), &state, session),
        Lifecycle::Import(import) => import::run(&import, session),
    };
    match outcome {
        Ok(code) => Ok(code),
        Err(Stop::Failure(failure)) => session.streams.failure(&failure, session.output),
        Err(Stop::Output(error)) => Err(error),
    }
}

/// Why a command ends before its end.
enum Stop {
    /// It cannot do what it should.
    Failure(Failure),
    /// Nobody reads what it writes.
    Output(io::Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failure(error.into())
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn plan(
    files: &Files,
    options: &ChangeOptions,
    detailed_exitcode: bool,
    session: &mut Session<'_, '_>,
) -> Result<u8, Stop> {
    let wanted = read_invocations(&files.config)?;
    let mut document = state::read(&files.state)?;
    for (name, entry) in intent::settle(&document, &options.answers)? {
        document.set(&name, entry);
    }
    let changes = change::plan(wanted, &document, &options.replace, files, session.lambda)?;
    let unanswered = intent::unanswered(&document);
    match session.output {
        Output::Json => {
            let entries = changes.iter().map(|change| {
                let plan = json::plan(&change.plan, change.prior.as_ref());
                (change.name.clone(), plan)
            });
            let entries: Map<String, Value> = entries.collect();
            let mut document = json!({"invocation": entries});
            if let (false, Some(document)) = (unanswered.is_empty(), document.as_object_mut()) {
                document.insert("unanswered".to_owned(), json::unanswered(&unanswered));
            }
            session.streams.document(&document)?;
        }
        Output::Payload => report::plan(
            &changes,
            &unanswered,
            options.show_inputs,
            session.streams,
            Streams::print,
        )?,
    }
    let mut actions = changes.iter().map(|change| change.plan.action);
    let changed = actions.any(|action| action != PlanAction::NoOp) || !unanswered.is_empty();
    Ok(if detailed_exitcode && changed {
        exit::CHANGES
    } else {
        exit::DONE
    })
}

fn apply(
    files: &Files,
    options: &ChangeOptions,
    auto_approve: bool,
    session: &mut Session<'_, '_>,
) -> Result<u8, Stop> {
    let wanted = read_invocations(&files.config)?;
    let mut file = StateFile::open(&files.state)?;
    settle(&mut file, &options.answers)?;
    let changes = change::plan(
        wanted,
        file.document(),
        &options.replace,
        files,
        session.lambda,
    )?;
    if !auto_approve && !approved(&changes, options.show_inputs, session)? {
        return Ok(exit::INTERRUPTED);
    }
    say_who_can_read(&files.state, session)?;
    apply::carry_out(changes, &mut file, Some(&files.config), session)
}

fn destroy(
    config: Option<&Path>,
    state: &Path,
    answers: &Answers,
    auto_approve: bool,
    session: &mut Session<'_, '_>,
) -> Result<u8, Stop> {
    let wanted = match config {
        Some(config) => ConfigFile::read(config)?.invocations.unwrap_or_default(),
        None => BTreeMap::new(),
    };
    let mut file = StateFile::open(state)?;
    settle(&mut file, answers)?;
    let changes = change::destroy(&wanted, file.document(), state, session.lambda)?;
    if !auto_approve && !approved(&changes, false, session)? {
        return Ok(exit::INTERRUPTED);
    }
    say_who_can_read(state, session)?;
    apply::carry_out(changes, &mut file, config, session)
}

/// Says that a state is written without the permissions that it has elsewhere, where that is
/// so: the inputs and results in it may be secrets.
fn say_who_can_read(state: &Path, session: &mut Session<'_, '_>) -> io::Result<()> {
    if !cfg!(target_os = "wasi") {
        return Ok(());
    }
    let line = format!(
        "note: WASI has no file permissions, so {} can be read by whom the host's umask lets; if its inputs or results are secret, run the host with umask 077",
        state.display()
    );
    session.streams.say(None, &line)
}

/// Asks whoever sits at the terminal, if somebody does and there is anything to do.
fn approved(
    changes: &[Change],
    show_inputs: bool,
    session: &mut Session<'_, '_>,
) -> io::Result<bool> {
    let mut actions = changes.iter().map(|change| change.plan.action);
    let Some(terminal) = session.terminal.as_mut() else {
        return Ok(true);
    };
    if actions.all(|action| action == PlanAction::NoOp) {
        return Ok(true);
    }
    let streams = &mut *session.streams;
    report::plan(changes, &[], show_inputs, streams, Streams::say)?;
    write!(
        streams.err,
        "Do this? Only \"yes\" is taken for an answer: "
    )?;
    streams.err.flush()?;
    let mut answer = String::new();
    terminal.read_line(&mut answer)?;
    let yes = answer.trim() == "yes";
    if !yes {
        streams.say(None, "nothing was done")?;
    }
    Ok(yes)
}

/// Saves what the user says of invocations that were not answered, and refuses to go on
/// while anything is open.
fn settle(file: &mut StateFile, answers: &Answers) -> Result<(), Failure> {
    for (name, entry) in intent::settle(file.document(), answers)? {
        file.set(&name, entry)?;
    }
    match intent::unanswered(file.document()) {
        open if open.is_empty() => Ok(()),
        open => Err(Failure::Unanswered(open)),
    }
}

fn show(name: Option<&str>, path: &Path, session: &mut Session<'_, '_>) -> Result<u8, Stop> {
    let document = state::read(path)?;
    let entries: Vec<(&String, &Entry)> = document
        .invocations
        .iter()
        .filter(|(entry, _)| name.is_none_or(|name| name == *entry))
        .collect();
    if let (Some(name), []) = (name, entries.as_slice()) {
        let near = did_you_mean(name, document.invocations.keys().map(String::as_str));
        let reason = format!(
            "{}: it holds no invocation \"{name}\"{near}",
            path.display()
        );
        return Err(Error::invalid("state", reason).into());
    }
    if let (Some(_), Output::Payload, [(_, entry)]) = (name, session.output, entries.as_slice()) {
        let result = entry.state.as_ref().map(|state| state.result.as_bytes());
        session.streams.payload(result.unwrap_or_default())?;
        return Ok(exit::DONE);
    }
    match session.output {
        Output::Payload => report::entries(&entries, session.streams)?,
        Output::Json => {
            let entries = entries
                .iter()
                .map(|(name, entry)| ((*name).clone(), json!(entry)));
            let entries: Map<String, Value> = entries.collect();
            session.streams.document(&json!({"invocation": entries}))?;
        }
    }
    Ok(exit::DONE)
}

/// The managed invocations of a file. One that does not speak of any is more likely
/// the wrong file than a wish to delete them all.
fn read_invocations(path: &Path) -> Result<BTreeMap<String, Invocation>, Failure> {
    ConfigFile::read(path)?.invocations.ok_or_else(|| {
        config::fault(
            path,
            "there is no [invocation.NAME] table; to delete every invocation use lifecycle destroy",
        )
        .into()
    })
}
