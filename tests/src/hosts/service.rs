//! How a host of the service component is asked for an invocation: by Lambda's own API.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::request::InvocationType;

use super::Call;
use crate::client::{self, Answer};

/// What callers show.
const TOKEN: &str = "a-token-of-the-host-matrix";

/// The environment of the service.
pub(super) fn environment(call: &Call<'_>) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("AWS_REGION", call.region.to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", call.endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", call.keys.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", call.keys.secret_access_key.clone()),
        ("LAMBDA_INVOCATION_TOKEN", TOKEN.to_owned()),
        ("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*".to_owned()),
    ];
    if let Some(token) = &call.keys.session_token {
        variables.push(("AWS_SESSION_TOKEN", token.clone()));
    }
    if let Some(ms) = call.deadline_ms {
        variables.push(("LAMBDA_INVOCATION_TIMEOUT_MS", ms.to_string()));
    }
    variables
}

/// Asks a service that has that environment. Returns what the function answered, and
/// what else the service did.
///
/// # Panics
///
/// When it is no service.
pub(super) fn ask(address: SocketAddr, call: &Call<'_>) -> (Option<Vec<u8>>, String) {
    let bearer = format!("Bearer {TOKEN}");
    let mut headers = vec![("authorization", bearer.as_str())];
    if call.invocation_type != InvocationType::RequestResponse {
        headers.push(("x-amz-invocation-type", call.invocation_type.as_str()));
    }
    if call.tail {
        headers.push(("x-amz-log-type", "Tail"));
    }
    let function = call.function.replace(':', "%3A");
    let line = format!("POST /2015-03-31/functions/{function}/invocations");
    let answer = client::send(address, &line, &headers, call.payload).expect("an answer");
    let mut said = answer.head.clone();
    if let Some(log) = log_tail(&answer) {
        said.push_str(&log);
    }
    if matches!(answer.status, 200 | 202 | 204) {
        (Some(answer.body), said)
    } else {
        said.push_str(&answer.text());
        (None, said)
    }
}

fn log_tail(answer: &Answer) -> Option<String> {
    let (_, encoded) = answer.head.split_once("x-amz-log-result: ")?;
    let decoded = STANDARD.decode(encoded.lines().next()?.trim()).ok()?;
    Some(String::from_utf8_lossy(&decoded).into_owned())
}
