//! The `lifecycle` commands.

mod apply;
mod change;
mod import;
mod report;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::PlanAction;
use serde_json::{Map, Value, json};

use crate::config::{self, ConfigFile, Invocation, did_you_mean};
use crate::failure::Failure;
use crate::grammar::{Files, Lifecycle, Output};
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
            detailed_exitcode,
            replace,
        } => plan(&files, detailed_exitcode, &replace.names, session),
        Lifecycle::Apply { files, replace } => apply(&files, &replace.names, session),
        Lifecycle::Destroy { config, state } => destroy(config.as_deref(), &state, session),
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
    detailed_exitcode: bool,
    replace: &[String],
    session: &mut Session<'_, '_>,
) -> Result<u8, Stop> {
    let wanted = read_invocations(&files.config)?;
    let document = state::read(&files.state)?;
    let changes = change::plan(wanted, &document, replace, files, session.lambda)?;
    match session.output {
        Output::Json => {
            let entries = changes.iter().map(|change| {
                let plan = json::plan(&change.plan, change.prior.as_ref());
                (change.name.clone(), plan)
            });
            let entries: Map<String, Value> = entries.collect();
            session.streams.document(&json!({"invocation": entries}))?;
        }
        Output::Payload => report::plan(&changes, session.streams)?,
    }
    let changed = changes
        .iter()
        .any(|change| change.plan.action != PlanAction::NoOp);
    Ok(if detailed_exitcode && changed {
        exit::CHANGES
    } else {
        exit::DONE
    })
}

fn apply(files: &Files, replace: &[String], session: &mut Session<'_, '_>) -> Result<u8, Stop> {
    let wanted = read_invocations(&files.config)?;
    let mut file = StateFile::open(&files.state)?;
    let changes = change::plan(wanted, file.document(), replace, files, session.lambda)?;
    apply::carry_out(changes, &mut file, Some(&files.config), session)
}

fn destroy(config: Option<&Path>, state: &Path, session: &mut Session<'_, '_>) -> Result<u8, Stop> {
    let wanted = match config {
        Some(config) => ConfigFile::read(config)?.invocations.unwrap_or_default(),
        None => BTreeMap::new(),
    };
    let mut file = StateFile::open(state)?;
    let changes = change::destroy(&wanted, file.document(), state, session.lambda)?;
    apply::carry_out(changes, &mut file, config, session)
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
