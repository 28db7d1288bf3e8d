//! The component's state and Terraform's.

use lambda_invocation_core::lifecycle::{Config, LifecycleScope, STATE_VERSION, State, id};
use lambda_invocation_engine::Problem;

use crate::arguments::Arguments;
use crate::value::{Members, Value};

/// The component's state, from the attributes that Terraform keeps.
///
/// # Errors
///
/// When they hold what no version of the resource writes.
pub fn read(members: &Members) -> Result<State, Problem> {
    let mut arguments = Arguments::of(members);
    let scope = arguments.text("lifecycle_scope");
    let input = arguments.text("input");
    // An import knows neither, and anything else knows both, or at least the scope.
    let imported = scope.is_none() && input.is_none();
    let lifecycle_scope = scope
        .map(|scope| LifecycleScope::parse(&scope))
        .transpose()
        .map_err(|_| {
            Problem::of_argument(
                "lifecycle_scope",
                "the state holds neither CREATE_ONLY nor CRUD",
            )
        })?;
    let config = Config {
        function_name: arguments.text("function_name").unwrap_or_default(),
        input: input.unwrap_or_default(),
        qualifier: arguments.text("qualifier"),
        region: arguments.text("region"),
        terraform_key: arguments.text("terraform_key"),
        tenant_id: arguments.text("tenant_id"),
        lifecycle_scope,
        triggers: arguments.pairs("triggers"),
        replace_order: None,
    };
    Ok(State {
        version: STATE_VERSION,
        id: arguments.text("id").unwrap_or_default(),
        result: arguments.text("result").unwrap_or_default(),
        config: if imported {
            config
        } else {
            config.normalised()
        },
        imported,
        deposed: None,
    })
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
