//! Carrying out what `lambda_invocation_core::lifecycle` decides.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::{LogType, Request};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::error::{Error, FunctionFailure};
use lambda_invocation_core::lifecycle::{Apply, ApplyFailure, Config, PlannedRequest, State};

use crate::call::{Call, invoke};
use crate::credentials::Keep;

/// Carries out the plan for `prior`, `desired` and `replace`, and returns the state to keep;
/// none after a deletion. After `most` requests it ends, wherever it is.
///
/// # Errors
///
/// An [`ApplyFailure`] with what stopped it and the state to keep. A function that
/// runs and fails is one, with [`Error::FunctionFailed`].
#[expect(
    clippy::result_large_err,
    reason = "the failure carries the state back, and is made once an apply"
)]
pub fn apply(
    prior: Option<State>,
    desired: Option<&Config>,
    replace: bool,
    most: Option<u32>,
    connection: &Connection,
) -> Result<Option<State>, ApplyFailure> {
    let mut apply = Apply::new(prior, desired, replace)?;
    // The first request is checked when it is sent; one after it must not turn out
    // to be refused when the first has run.
    let refused = apply.requests().skip(1).find_map(|planned| {
        let connection = connection_of(planned, connection);
        Call::new(request(planned), connection, Keep::Yes).err()
    });
    if let Some(error) = refused {
        return Err(apply.failed(error));
    }
    // Without a request there is still a state to change.
    let most = most.map_or(u32::MAX, |most| most.max(1));
    let mut sent = 0;
    while let Some(planned) = apply.next_request().filter(|_| sent < most) {
        sent = sent.saturating_add(1);
        match answer(invoke(request(planned), connection_of(planned, connection))) {
            Ok(answer) => apply = apply.succeeded(answer)?,
            Err(error) => return Err(apply.failed(error)),
        }
    }
    Ok(apply.finish())
}

/// The payload of a function that succeeded.
fn answer(called: Result<Response, Error>) -> Result<Vec<u8>, Error> {
    let response = called?;
    match response.function_error {
        None => Ok(response.payload),
        Some(function_error) => Err(Error::FunctionFailed(FunctionFailure {
            function_error,
            payload: response.payload,
            log_tail: response.log_tail,
        })),
    }
}

fn connection_of(planned: &PlannedRequest, connection: &Connection) -> Connection {
    let mut connection = connection.clone();
    if planned.region.is_some() {
        connection.region.clone_from(&planned.region);
    }
    connection
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
