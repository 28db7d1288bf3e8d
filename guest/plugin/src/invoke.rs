//! Interface `invoke`.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::{InvocationType, Request};
use lambda_invocation_core::call::response::{self, RawResponse, Response};
use lambda_invocation_core::error::Error;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::invoke::Guest;

impl Guest for Plugin {
    fn invoke(request: Request, connection: Option<Connection>) -> Result<Response, Error> {
        lambda_invocation_wasi::invoke(request, connection.unwrap_or_default())
    }

    fn prepare(request: Request, connection: Option<Connection>) -> Result<SignedRequest, Error> {
        lambda_invocation_wasi::prepare(request, connection.unwrap_or_default())
    }

    fn interpret(
        response: RawResponse,
        invocation_type: Option<InvocationType>,
    ) -> Result<Response, Error> {
        response::interpret(response, invocation_type.unwrap_or_default())
    }
}
