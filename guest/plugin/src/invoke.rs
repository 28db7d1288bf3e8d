//! Interface `invoke`.

use lambda_invocation_core::call::response;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::invoke::{
    Connection, Error, Guest, RawResponse, Request, Response, SignedRequest,
};
use crate::convert::connection as convert;

impl Guest for Plugin {
    fn invoke(request: Request, connection: Option<Connection>) -> Result<Response, Error> {
        let response = lambda_invocation_wasi::invoke(request.into(), convert(connection))?;
        Ok(response.into())
    }

    fn prepare(request: Request, connection: Option<Connection>) -> Result<SignedRequest, Error> {
        let signed = lambda_invocation_wasi::prepare(request.into(), convert(connection))?;
        Ok(signed.into())
    }

    fn interpret(response: RawResponse) -> Result<Response, Error> {
        Ok(response::interpret(response.into())?.into())
    }
}
