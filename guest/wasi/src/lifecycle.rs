//! Carrying out what `lambda_invocation_core::lifecycle` decides.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{Apply, ApplyFailure, Config, PlannedRequest, State};

use crate::call::Call;
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
    let refused = apply
        .requests()
        .skip(1)
        .find_map(|planned| call(planned, connection).err());
    if let Some(error) = refused {
        return Err(apply.failed(error));
    }
    while let Some(planned) = apply.next_of(most) {
        let called = call(planned, connection).and_then(|mut call| call.run());
        apply = apply.called(called)?;
    }
    Ok(apply.finish())
}

fn call(planned: &PlannedRequest, connection: &Connection) -> Result<Call, Error> {
    Call::new(planned.into(), planned.connection(connection), Keep::Yes)
}
