//! What a request says beside its path: the headers of Invoke and its payload, checked.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::reply::Refusal;

/// Most bytes of a payload, synchronous: 6 MB.
const MAX_SYNC_PAYLOAD: usize = 6_291_456;
/// Most bytes of a payload, asynchronous: 1 MB.
const MAX_ASYNC_PAYLOAD: usize = 1_048_576;
/// Most bytes of `X-Amz-Client-Context`, as base64.
const MAX_CLIENT_CONTEXT: usize = 3_583;

pub(super) const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");
const LOG_TYPE: HeaderName = HeaderName::from_static("x-amz-log-type");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("x-amz-client-context");
const TENANT_ID: HeaderName = HeaderName::from_static("x-amz-tenant-id");
const DURABLE_EXECUTION_NAME: HeaderName = HeaderName::from_static("x-amz-durable-execution-name");
const SDK_INVOCATION_ID: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

impl InvocationType {
    pub(super) const ALL: [(&'static str, Self); 3] = [
        ("Event", Self::Event),
        ("RequestResponse", Self::RequestResponse),
        ("DryRun", Self::DryRun),
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::RequestResponse => "RequestResponse",
            Self::Event => "Event",
            Self::DryRun => "DryRun",
        }
    }

    pub(super) fn max_payload(self) -> usize {
        match self {
            Self::RequestResponse | Self::DryRun => MAX_SYNC_PAYLOAD,
            Self::Event => MAX_ASYNC_PAYLOAD,
        }
    }
}

/// The arguments that travel in headers, checked.
pub(super) struct Arguments<'a> {
    pub(super) invocation_type: InvocationType,
    pub(super) log_tail: bool,
    pub(super) client_context: Option<Value>,
    pub(super) tenant_id: Option<&'a str>,
    pub(super) durable_execution_name: Option<&'a str>,
    /// Empty when absent: it is not an argument, and not checked.
    pub(super) sdk_invocation_id: &'a str,
}

impl<'a> Arguments<'a> {
    pub(super) fn read(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        check_content_type(headers)?;
        let invocation_type = one_of(
            headers,
            &INVOCATION_TYPE,
            "invocationType",
            &InvocationType::ALL,
        )?;
        let log_tail = one_of(
            headers,
            &LOG_TYPE,
            "logType",
            &[("None", false), ("Tail", true)],
        )?;
        let tenant_id = matching(headers, &TENANT_ID, "tenantId", 256, |b| {
            b.is_ascii_alphanumeric() || b"._:/=+-@ ".contains(&b)
        })?;
        let durable_execution_name = matching(
            headers,
            &DURABLE_EXECUTION_NAME,
            "durableExecutionName",
            64,
            |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_',
        )?;
        Ok(Self {
            invocation_type: invocation_type.unwrap_or(InvocationType::RequestResponse),
            log_tail: log_tail.unwrap_or(false),
            client_context: client_context(headers)?,
            tenant_id,
            durable_execution_name,
            sdk_invocation_id: headers
                .get(SDK_INVOCATION_ID)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default(),
        })
    }
}

/// Accepts what the SDKs send for a payload: nothing, JSON, or the bytes that the
/// service model says it is.
fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    let accepted = matches!(
        media_type,
        "application/json"
            | "application/x-amz-json-1.0"
            | "application/x-amz-json-1.1"
            | "application/octet-stream"
            | "binary/octet-stream"
    );
    if accepted || media_type.ends_with("+json") {
        return Ok(());
    }
    Err(Refusal::service(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UnsupportedMediaTypeException",
        "The content type of the Invoke request body is not JSON.",
    ))
}

/// Client context: a JSON object in base64.
fn client_context(headers: &HeaderMap) -> Result<Option<Value>, Refusal> {
    let refused = |message: Cow<'static, str>| {
        Refusal::service(
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            message,
        )
    };
    let Some(encoded) = headers.get(CLIENT_CONTEXT) else {
        return Ok(None);
    };
    if encoded.len() > MAX_CLIENT_CONTEXT {
        return Err(refused(
            format!("Client context must be no more than {MAX_CLIENT_CONTEXT} bytes.").into(),
        ));
    }
    STANDARD
        .decode(encoded.as_bytes())
        .ok()
        .and_then(|json| serde_json::from_slice::<Value>(&json).ok())
        .filter(Value::is_object)
        .map(Some)
        .ok_or_else(|| refused("Client context must be a valid Base64-encoded JSON object.".into()))
}

/// The payload as the function gets it: JSON text, `{}` when there is none.
pub(super) fn event(payload: &[u8]) -> Result<&str, Refusal> {
    let refused = |why: &dyn fmt::Display| {
        Refusal::service(
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            format!("Could not parse request body into json: {why}"),
        )
    };
    if payload.is_empty() {
        return Ok("{}");
    }
    // Neither error quotes what it found.
    let text = std::str::from_utf8(payload).map_err(|e| refused(&e))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|e| refused(&e))?;
    Ok(text)
}

/// The header's value out of a closed set, `None` when it was not sent.
pub(super) fn one_of<T: Copy>(
    headers: &HeaderMap,
    name: &HeaderName,
    argument: &str,
    set: &[(&str, T)],
) -> Result<Option<T>, Refusal> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    match set.iter().find(|(name, _)| value == name) {
        Some((_, meaning)) => Ok(Some(*meaning)),
        None => {
            let names: Vec<&str> = set.iter().map(|(name, _)| *name).collect();
            Err(Refusal::validation(
                argument,
                &format!("Member must satisfy enum value set: [{}]", names.join(", ")),
            ))
        }
    }
}

/// The header's value if it has 1 to `max` bytes, all of them `allowed`.
fn matching<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    argument: &str,
    max: usize,
    allowed: fn(u8) -> bool,
) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(text) if (1..=max).contains(&text.len()) && text.bytes().all(allowed) => Ok(Some(text)),
        _ => Err(Refusal::validation(
            argument,
            &format!(
                "Member must have length 1 to {max} and only characters of the service model's pattern"
            ),
        )),
    }
}
