//! Interface `invocation-lifecycle`.

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::invocation_lifecycle::{
    ApplyFailure, ChangePlan, Config, Connection, Diagnostic, Error, Guest, State,
};

fn unavailable() -> Error {
    Error::Other("invocation-lifecycle is not implemented in this version".to_owned())
}

impl Guest for Plugin {
    fn validate(_: Config) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn plan(_: Option<State>, _: Option<Config>) -> Result<ChangePlan, Error> {
        Err(unavailable())
    }

    fn apply(
        prior: Option<State>,
        _: Option<Config>,
        _: Option<Connection>,
    ) -> Result<Option<State>, ApplyFailure> {
        Err(ApplyFailure {
            error: unavailable(),
            state: prior,
            completed: Vec::new(),
        })
    }

    fn import_state(_: String) -> Result<State, Error> {
        Err(unavailable())
    }

    fn upgrade_state(_: u32, _: String) -> Result<State, Error> {
        Err(unavailable())
    }
}
