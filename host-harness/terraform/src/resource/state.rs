//! The component's state and Terraform's.

use lambda_invocation_core::lifecycle::{Config, State, id};
use lambda_invocation_engine::{Arguments, Problem};

use crate::value::{Members, Value};

/// The component's state, from the attributes that Terraform keeps.
///
/// # Errors
///
/// When they hold what no version of the resource writes.
pub fn read(members: &Members) -> Result<State, Problem> {
    Arguments::of(members).state()
}

/// Writes what an apply made true over what was planned: what only the provider knows.
pub fn write(state: &State, region: Option<String>, planned: &mut Members) {
    let config = &state.config;
    for (name, value) in [
        ("qualifier", config.qualifier().into()),
        ("region", region.or_else(|| config.region.clone()).into()),
        ("id", state.id.as_str().into()),
        ("result", state.result.as_str().into()),
    ] {
        let planned = planned.entry(name.to_owned()).or_insert(Value::Unknown);
        if *planned == Value::Unknown {
            *planned = value;
        }
    }
}

/// The id of an invocation whose input must not leave a trace: the hash is that of an empty
/// input.
pub fn id_without_input(config: &Config) -> String {
    id::of_payload(&config.function_name, config.qualifier(), b"")
}
