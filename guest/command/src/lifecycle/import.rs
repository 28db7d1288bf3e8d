//! `lifecycle import`: taking over what exists elsewhere.

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::State;
use serde_json::json;

use super::Stop;
use crate::config::{ConfigFile, did_you_mean, fault, is_name};
use crate::exit;
use crate::grammar::{Import, Output};
use crate::run::{Lambda, Session};
use crate::state::{self, Entry, StateFile};

pub fn run(import: &Import, session: &mut Session<'_, '_>) -> Result<u8, Stop> {
    let name = import.name.as_str();
    if !is_name(name) {
        return Err(Error::invalid("name", "must have letters, digits, '_' and '-' only").into());
    }
    let depends_on = depends_on(import)?;
    let mut file = StateFile::open(&import.state)?;
    if file.document().invocations.contains_key(name) {
        return Err(Error::invalid(
            "name",
            format!(
                "{} already holds an invocation \"{name}\"",
                import.state.display()
            ),
        )
        .into());
    }
    let state = state(import, session.lambda)?;
    let id = state.id.clone();
    let entry = Entry {
        state: Some(state),
        depends_on,
        intent: None,
    };
    super::say_who_can_read(&import.state, session)?;
    file.set(name, Some(entry.clone()))?;
    match session.output {
        Output::Json => {
            let document = json!({"invocation": {name: entry}});
            session.streams.document(&document)?;
        }
        Output::Payload => {
            let line = format!("{name}: imported ({id})");
            session.streams.say(None, &line)?;
        }
    }
    Ok(exit::DONE)
}

/// An import that the configuration does not know would be forgotten by the next
/// apply.
fn depends_on(import: &Import) -> Result<Vec<String>, Error> {
    let Some(path) = &import.config else {
        return Ok(Vec::new());
    };
    let invocations = ConfigFile::read(path)?.invocations.unwrap_or_default();
    match invocations.get(&import.name) {
        Some(invocation) => Ok(invocation.depends_on.clone()),
        None => Err(fault(
            path,
            &format!(
                "there is no [invocation.{}]{}",
                import.name,
                did_you_mean(&import.name, invocations.keys().map(String::as_str))
            ),
        )),
    }
}

fn state(import: &Import, lambda: &mut dyn Lambda) -> Result<State, Error> {
    match (&import.from_terraform, &import.id) {
        (Some(path), address) => {
            let (version, attributes) =
                state::read_terraform(path, &import.name, address.as_deref())?;
            lambda.upgrade_state(version, &attributes)
        }
        (None, Some(id)) => lambda.import_state(id),
        (None, None) => Err(Error::invalid("id", "is missing")),
    }
}
