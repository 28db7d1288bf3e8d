//! What the test files start from.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::invocation::{Invocation, Unsigned};
use lambda_invocation_core::call::request::{InvocationType, Request};
use lambda_invocation_core::call::response::{self, RawResponse, Response};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::error::Error;

/// 2026-08-30T12:36:00Z, the time of the committed vectors.
pub const NOW: Duration = Duration::from_secs(1_788_093_360);

/// The longest secrets and payloads tests look for in texts.
pub const CANARY: &str = "CANARYdoNotPrint";

pub fn credentials(token: Option<&str>) -> Credentials {
    Credentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: token.map(str::to_owned),
    }
}

pub fn connection() -> Connection {
    Connection {
        region: Some("us-east-1".to_owned()),
        credentials: Some(credentials(None)),
        ..Connection::default()
    }
}

pub fn request() -> Request {
    Request {
        function_name: "my-function".to_owned(),
        payload: b"{}".to_vec(),
        ..Request::default()
    }
}

/// A call whose connection holds what signs it.
pub fn try_invocation(
    request: Request,
    mut connection: Connection,
    random: [u8; 16],
) -> Result<Invocation, Error> {
    let signer = connection.take_signer()?.unwrap();
    let call = Unsigned::new(request, connection, &Environment::default(), random)?;
    Ok(call.with_signer(signer)?)
}

pub fn invocation(request: Request, connection: Connection) -> Invocation {
    try_invocation(request, connection, [7; 16]).unwrap()
}

pub fn environment(variables: &[(&str, &str)]) -> Environment {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Environment::new(variables.iter().map(owned).collect())
}

pub fn raw(status: u16, headers: &[(&str, &str)], body: &str) -> RawResponse {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    RawResponse {
        status,
        headers: headers.iter().map(owned).collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// The response to an invocation that waits.
pub fn interpret(raw: RawResponse) -> Result<Response, Error> {
    response::interpret(raw, InvocationType::RequestResponse)
}

/// The argument a refusal names and the rule it gives.
pub fn refusal<T, E>(result: Result<T, E>) -> (String, String)
where
    T: std::fmt::Debug,
    E: Into<Error>,
{
    match result.map_err(Into::into) {
        Err(Error::InvalidArgument(e)) => (e.argument, e.reason),
        other => panic!("not refused: {other:?}"),
    }
}
