//! Interface `invocation-lifecycle`.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::error::ArgumentError;
use lambda_invocation_core::lifecycle::{
    self, ApplyFailure, ChangePlan, Config, Diagnostic, PlanOptions, State,
};

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::invocation_lifecycle::Guest;

impl Guest for Plugin {
    fn validate(config: Config) -> Vec<Diagnostic> {
        lifecycle::validate(&config)
    }

    fn plan(
        prior: Option<State>,
        desired: Option<Config>,
        options: PlanOptions,
    ) -> Result<ChangePlan, ArgumentError> {
        lifecycle::plan(prior.as_ref(), desired.as_ref(), &options)
    }

    fn apply(
        prior: Option<State>,
        desired: Option<Config>,
        replace: bool,
        max_requests: Option<u32>,
        connection: Option<Connection>,
    ) -> Result<Option<State>, ApplyFailure> {
        let connection = connection.unwrap_or_default();
        lambda_invocation_wasi::apply(prior, desired.as_ref(), replace, max_requests, &connection)
    }

    fn import_state(id: String) -> Result<State, ArgumentError> {
        lifecycle::import_state(&id)
    }

    fn upgrade_state(version: u32, json: String) -> Result<State, ArgumentError> {
        lifecycle::upgrade_state(version, &json)
    }
}
