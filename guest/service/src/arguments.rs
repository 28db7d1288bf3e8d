//! The arguments that the Invoke API has in headers.

use lambda_invocation_core::call::request::{
    InvocationType, LogType, MAX_EVENT_PAYLOAD, MAX_PAYLOAD, Request,
};

use crate::failure::Failure;
use crate::headers::Headers;
use crate::route::Target;

/// An invocation, but for its payload.
pub struct Arguments {
    /// With an empty payload. Its texts are checked when the call is made.
    pub request: Request,
    /// Most bytes of payload.
    pub limit: usize,
    /// How many bytes the caller says will come.
    pub declared: Option<usize>,
}

const INVOCATION_TYPES: &[InvocationType] = &[
    InvocationType::RequestResponse,
    InvocationType::Event,
    InvocationType::DryRun,
];
const LOG_TYPES: &[LogType] = &[LogType::None, LogType::Tail];

/// Reads the headers. What they say about the payload's type is not looked at, as the
/// payload is: it must be JSON.
///
/// # Errors
///
/// 400 for a value that is not one of a set, 413 for a payload that is going to be too
/// large, 415 for one that is encoded.
pub fn read(target: Target, headers: &Headers) -> Result<Arguments, Failure> {
    let invocation_type = one_of(
        headers,
        "x-amz-invocation-type",
        INVOCATION_TYPES,
        |t| t.as_str(),
        "RequestResponse, Event or DryRun",
    )?;
    let log_type = one_of(
        headers,
        "x-amz-log-type",
        LOG_TYPES,
        |t| t.as_str(),
        "None or Tail",
    )?;
    let text = |name| Ok::<_, Failure>(headers.one(name)?.map(str::to_owned));
    let request = Request {
        function_name: target.function_name,
        payload: Vec::new(),
        payload_sha256: None,
        invocation_type,
        log_type,
        qualifier: target.qualifier,
        client_context: text("x-amz-client-context")?,
        tenant_id: text("x-amz-tenant-id")?,
        durable_execution_name: text("x-amz-durable-execution-name")?,
    };
    match headers.one("content-encoding")? {
        None => {}
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => {}
        Some(_) => {
            return Err(Failure::new(
                415,
                "UnsupportedMediaTypeException",
                "the payload must not be compressed",
            ));
        }
    }
    let limit = match invocation_type {
        Some(InvocationType::Event) => MAX_EVENT_PAYLOAD,
        _ => MAX_PAYLOAD,
    };
    let declared = match headers.one("content-length")? {
        None => None,
        // More digits than fit are more bytes than are allowed.
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().unwrap_or(usize::MAX))
        }
        Some(_) => return Err(Failure::argument(["content-length is not a number"])),
    };
    if declared.is_some_and(|declared| declared > limit) {
        return Err(Failure::too_large(limit));
    }
    Ok(Arguments {
        request,
        limit,
        declared,
    })
}

fn one_of<T: Copy>(
    headers: &Headers,
    name: &'static str,
    values: &[T],
    text: fn(T) -> &'static str,
    list: &str,
) -> Result<Option<T>, Failure> {
    let Some(given) = headers.one(name)? else {
        return Ok(None);
    };
    match values.iter().find(|value| text(**value) == given) {
        Some(value) => Ok(Some(*value)),
        None => Err(Failure::argument([name, " must be ", list])),
    }
}
