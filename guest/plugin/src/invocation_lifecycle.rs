//! Interface `invocation-lifecycle`.

use lambda_invocation_core::lifecycle;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::invocation_lifecycle::{
    ApplyFailure, ChangePlan, Config, Connection, Diagnostic, Error, Guest, PlanOptions, State,
};
use crate::convert::connection as convert;

impl Guest for Plugin {
    fn validate(config: Config) -> Vec<Diagnostic> {
        lifecycle::validate(&config.into())
            .into_iter()
            .map(Into::into)
            .collect()
    }

    fn plan(
        prior: Option<State>,
        desired: Option<Config>,
        options: PlanOptions,
    ) -> Result<ChangePlan, Error> {
        let (prior, desired) = (prior.map(Into::into), desired.map(Into::into));
        Ok(lifecycle::plan(prior.as_ref(), desired.as_ref(), &options.into())?.into())
    }

    fn apply(
        prior: Option<State>,
        desired: Option<Config>,
        replace: bool,
        max_requests: Option<u32>,
        connection: Option<Connection>,
    ) -> Result<Option<State>, ApplyFailure> {
        let (prior, desired) = (prior.map(Into::into), desired.map(Into::into));
        let connection = convert(connection);
        let desired = desired.as_ref();
        let state =
            lambda_invocation_wasi::apply(prior, desired, replace, max_requests, &connection)?;
        Ok(state.map(Into::into))
    }

    fn import_state(id: String) -> Result<State, Error> {
        Ok(lifecycle::import_state(&id)?.into())
    }

    fn upgrade_state(version: u32, json: String) -> Result<State, Error> {
        Ok(lifecycle::upgrade_state(version, &json)?.into())
    }
}
