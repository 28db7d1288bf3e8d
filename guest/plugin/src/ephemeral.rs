//! Interface `ephemeral`.

use lambda_invocation_core::error::Error as CoreError;
use lambda_invocation_core::request::Request;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::ephemeral::{
    Connection, EphemeralConfig, Error, Guest, Opened,
};
use crate::convert::connection as convert;
use crate::wipe;

impl Guest for Plugin {
    fn open(config: EphemeralConfig, connection: Option<Connection>) -> Result<Opened, Error> {
        wipe::everything_freed_from_now_on();
        let opened = open(config, connection);
        wipe::stack();
        Ok(opened?)
    }
}

// Not inlined, so that its frame lies where `wipe::stack` wipes.
#[inline(never)]
fn open(config: EphemeralConfig, connection: Option<Connection>) -> Result<Opened, CoreError> {
    if config.payload.is_empty() {
        return Err(CoreError::invalid("payload", "must be JSON, and not empty"));
    }
    let mut connection = convert(connection);
    if config.region.is_some() {
        connection.region = config.region;
    }
    let request = Request {
        function_name: config.function_name,
        payload: config.payload.into_bytes(),
        log_type: config.log_type.map(Into::into),
        qualifier: config.qualifier,
        client_context: config.client_context,
        tenant_id: config.tenant_id,
        ..Request::default()
    };
    let response = lambda_invocation_wasi::invoke(request, connection)?;
    Ok(Opened {
        result: text(response.payload),
        status_code: response.status_code,
        executed_version: response.executed_version,
        function_error: response.function_error.map(Into::into),
        log_result: response.log_result,
        request_id: response.request_id,
    })
}

fn text(payload: Vec<u8>) -> String {
    String::from_utf8(payload)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
