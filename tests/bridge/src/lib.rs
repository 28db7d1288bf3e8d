//! HTTP in front of `lambda:invocation/invoke`, for hosts whose only way to be driven is
//! HTTP: the host matrix links it to the plugin.
//!
//! A request's body is `{"request": ..., "connection": ...}`, names as in WIT, the payload
//! as text. The answer is 200 with what the function answered, or 502 when the call
//! failed; before that comes a line of JSON, a string: all else that there is to say.

#[allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package test:bridge;

            world bridge {
                import lambda:invocation/invoke@0.1.0;
                export wasi:http/incoming-handler@0.2.4;
            }
        ",
        generate_all,
    });

    // The names of component exports are no symbols a native linker accepts; the
    // crate still builds there, for clippy and the IDE.
    #[cfg(target_family = "wasm")]
    use super::Bridge;
    #[cfg(target_family = "wasm")]
    export!(Bridge);
}

use bindings::exports::wasi::http::incoming_handler::Guest;
use bindings::lambda::invocation::invoke::{self, invoke};
use bindings::lambda::invocation::types;
use bindings::wasi::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use bindings::wasi::io::streams::StreamError;
use serde::Deserialize;

/// The component.
struct Bridge;

#[derive(Deserialize)]
struct Call {
    request: Request,
    connection: Connection,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Request {
    function_name: String,
    payload: String,
    invocation_type: Option<String>,
    log_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Connection {
    region: Option<String>,
    endpoint_url: Option<String>,
    credentials: Option<Credentials>,
    deadline_ms: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl Guest for Bridge {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let call = serde_json::from_slice::<Call>(&read(request));
        let (status, said, payload) = match call {
            Err(error) => (400, error.to_string(), Vec::new()),
            Ok(call) => match invoke(
                &to_request(call.request),
                Some(&to_connection(call.connection)),
            ) {
                Ok(response) => (
                    200,
                    format!(
                        "{:?} {}",
                        response.function_error,
                        response.log_tail.unwrap_or_default()
                    ),
                    response.payload,
                ),
                Err(error) => (502, name_and_details(&error), Vec::new()),
            },
        };
        let mut body = serde_json::Value::from(said).to_string().into_bytes();
        body.push(b'\n');
        body.extend_from_slice(&payload);
        send(status, &body, out);
    }
}

/// The case as in WIT, and the fields.
fn name_and_details(error: &types::Error) -> String {
    match error {
        types::Error::DeniedByHost(denial) => format!("denied-by-host {denial:?}"),
        other => format!("{other:?}"),
    }
}

fn to_request(request: Request) -> invoke::Request {
    invoke::Request {
        function_name: request.function_name,
        payload: request.payload.into_bytes(),
        payload_sha256: None,
        invocation_type: request.invocation_type.map(|name| match name.as_str() {
            "event" => types::InvocationType::Event,
            "dry-run" => types::InvocationType::DryRun,
            _ => types::InvocationType::RequestResponse,
        }),
        log_type: request.log_type.map(|name| match name.as_str() {
            "tail" => types::LogType::Tail,
            _ => types::LogType::None,
        }),
        qualifier: None,
        client_context: None,
        tenant_id: None,
        durable_execution_name: None,
    }
}

fn to_connection(connection: Connection) -> types::Connection {
    types::Connection {
        region: connection.region,
        endpoint_url: connection.endpoint_url,
        credentials: connection.credentials.map(|keys| types::Credentials {
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            session_token: keys.session_token,
        }),
        derived_credentials: None,
        use_fips: None,
        use_dualstack: None,
        connect_timeout_ms: None,
        response_timeout_ms: None,
        deadline_ms: connection.deadline_ms,
        retry: None,
        allow_http: None,
        app_id: None,
    }
}

/// The body of a request, or what arrived of it.
fn read(request: IncomingRequest) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Ok(body) = request.consume() else {
        return bytes;
    };
    let Ok(stream) = body.stream() else {
        return bytes;
    };
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(StreamError::Closed | StreamError::LastOperationFailed(_)) => return bytes,
        }
    }
}

fn send(status: u16, bytes: &[u8], out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response
        .set_status_code(status)
        .and_then(|()| response.body());
    ResponseOutparam::set(out, Ok(response));
    let Ok(body) = body else { return };
    let Ok(stream) = body.write() else { return };
    // The most that WASI lets one call write.
    for piece in bytes.chunks(4096) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
    drop(stream);
    // The client may have left.
    let _ = OutgoingBody::finish(body, None);
}
