//! Interface `invocation-lifecycle`.

use lambda_invocation_core::connection::Connection as CoreConnection;
use lambda_invocation_core::error::{Error as CoreError, FunctionFailure};
use lambda_invocation_core::lifecycle::{self, Apply, PlannedRequest};
use lambda_invocation_core::request::{LogType, Request};

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::invocation_lifecycle::{
    ApplyFailure, ChangePlan, Config, Connection, Diagnostic, Error, Guest, State,
};
use crate::convert::connection as convert;

impl Guest for Plugin {
    fn validate(config: Config) -> Vec<Diagnostic> {
        lifecycle::validate(&config.into())
            .into_iter()
            .map(Into::into)
            .collect()
    }

    fn plan(prior: Option<State>, desired: Option<Config>) -> Result<ChangePlan, Error> {
        let (prior, desired) = (prior.map(Into::into), desired.map(Into::into));
        Ok(lifecycle::plan(prior.as_ref(), desired.as_ref())?.into())
    }

    fn apply(
        prior: Option<State>,
        desired: Option<Config>,
        connection: Option<Connection>,
    ) -> Result<Option<State>, ApplyFailure> {
        let desired = desired.map(Into::into);
        let apply = Apply::new(prior.map(Into::into), desired.as_ref())?;
        Ok(carry_out(apply, &convert(connection))?.map(Into::into))
    }

    fn import_state(id: String) -> Result<State, Error> {
        Ok(lifecycle::import_state(&id)?.into())
    }

    fn upgrade_state(version: u32, json: String) -> Result<State, Error> {
        Ok(lifecycle::upgrade_state(version, &json)?.into())
    }
}

#[expect(
    clippy::result_large_err,
    reason = "the failure carries the state back, and is made once an apply"
)]
fn carry_out(
    mut apply: Apply,
    connection: &CoreConnection,
) -> Result<Option<lifecycle::State>, lifecycle::ApplyFailure> {
    // The first request is checked when it is sent; one after it must not turn out
    // to be refused when the first has run.
    let refused = apply
        .requests()
        .skip(1)
        .find_map(|planned| request(planned).check().err());
    if let Some(error) = refused {
        return Err(apply.failed(error));
    }
    while let Some(planned) = apply.next_request() {
        let mut connection = connection.clone();
        if let Some(region) = &planned.region {
            connection.region = Some(region.clone());
        }
        match lambda_invocation_wasi::invoke(request(planned), connection) {
            Ok(response) => match response.function_error {
                None => apply = apply.succeeded(response.payload)?,
                Some(function_error) => {
                    let failure = FunctionFailure {
                        function_error,
                        payload: response.payload,
                        log_tail: response.log_tail,
                    };
                    return Err(apply.failed(CoreError::FunctionFailed(Box::new(failure))));
                }
            },
            Err(error) => return Err(apply.failed(error)),
        }
    }
    apply.finish()
}

fn request(planned: &PlannedRequest) -> Request {
    Request {
        function_name: planned.function_name.clone(),
        payload: planned.payload.clone().into_bytes(),
        log_type: Some(LogType::Tail),
        qualifier: Some(planned.qualifier.clone()),
        tenant_id: planned.tenant_id.clone(),
        ..Request::default()
    }
}
