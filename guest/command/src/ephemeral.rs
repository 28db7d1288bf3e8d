//! `ephemeral open`: a result that goes to standard output and nowhere else.

use std::io;
use std::path::Path;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;

use crate::config::{self, ConfigFile, did_you_mean};
use crate::grammar::Ephemeral;
use crate::render::RAN;
use crate::run::{Lambda, Session};

pub fn run(verb: Ephemeral, session: Session<'_, '_>) -> io::Result<u8> {
    let Ephemeral::Open { name, config } = verb;
    match open(
        name.as_deref(),
        &config,
        &mut *session.lambda,
        session.connection,
    ) {
        Ok(opened) => {
            let streams = session.streams;
            let written = streams.opened(&opened, session.output);
            Ok(written.unwrap_or_else(|error| streams.lost(&error, RAN)))
        }
        Err(error) => session.streams.error(&error, session.output),
    }
}

fn open(
    name: Option<&str>,
    path: &Path,
    lambda: &mut dyn Lambda,
    connection: Connection,
) -> Result<Opened, Error> {
    let file = ConfigFile::read(path)?;
    let (name, config) = choose(file, name).map_err(|reason| config::fault(path, &reason))?;
    lambda
        .open(config, connection)
        .map_err(|error| config::in_table(error, path, config::Kind::Ephemeral, &name))
}

/// The table of that name, or the only one.
fn choose(file: ConfigFile, name: Option<&str>) -> Result<(String, EphemeralConfig), String> {
    let tables = file.ephemerals;
    let names: Vec<&str> = tables.keys().map(String::as_str).collect();
    let chosen = match (name, names.as_slice()) {
        (Some(name), names) if names.contains(&name) => name.to_owned(),
        (Some(name), names) => {
            return Err(format!(
                "there is no [ephemeral.{name}]{}",
                did_you_mean(name, names.iter().copied())
            ));
        }
        (None, [only]) => (*only).to_owned(),
        (None, []) => return Err("there is no [ephemeral.NAME] table".to_owned()),
        (None, names) => return Err(format!("name one of [ephemeral]: {}", names.join(", "))),
    };
    let mut tables = tables.into_iter();
    tables
        .find(|(name, _)| *name == chosen)
        .ok_or_else(|| "there is no such table".to_owned())
}
