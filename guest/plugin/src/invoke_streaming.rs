//! Interface `invoke-streaming`.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::stream::StreamEvent;
use lambda_invocation_core::error::Error;
use lambda_invocation_wasi::StreamingCall;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::invoke_streaming::{
    Guest, GuestResponseStream, ResponseStream,
};

impl Guest for Plugin {
    type ResponseStream = StreamingCall;

    fn invoke_streaming(
        request: Request,
        connection: Option<Connection>,
    ) -> Result<ResponseStream, Error> {
        let connection = connection.unwrap_or_default();
        lambda_invocation_wasi::invoke_streaming(request, connection).map(ResponseStream::new)
    }
}

impl GuestResponseStream for StreamingCall {
    fn head(&self) -> Response {
        StreamingCall::head(self)
    }

    fn next(&self) -> Result<StreamEvent, Error> {
        StreamingCall::next(self)
    }
}
