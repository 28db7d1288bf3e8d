//! What to invoke, and the rules its arguments must keep.
//!
//! The rules are those of the Lambda API reference for `Invoke` (patterns and
//! lengths of the service model) and of the Lambda quotas page (payload sizes).
//! They are checked here, before anything is signed or sent, so that a refusal
//! costs no round trip and names the argument.

use std::fmt;

use crate::call::function_name::{self, FunctionName};
use crate::error::ArgumentError;
use crate::json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Most bytes of payload for a synchronous invocation and a dry run: 6 MB.
pub const MAX_PAYLOAD: usize = 6_291_456;
/// Most bytes of payload for an `Event` invocation: 1 MB.
pub const MAX_EVENT_PAYLOAD: usize = 1_048_576;
/// Most bytes of base64 in `client-context`.
pub const MAX_CLIENT_CONTEXT: usize = 3_583;

/// How the function is invoked: `X-Amz-Invocation-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvocationType {
    /// Wait for the function and return what it returned.
    #[default]
    RequestResponse,
    /// Queue the event and return at once.
    Event,
    /// Check arguments and permission; run nothing.
    DryRun,
}

wit_enum!(InvocationType: RequestResponse, Event, DryRun);

impl InvocationType {
    /// The value of the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestResponse => "RequestResponse",
            Self::Event => "Event",
            Self::DryRun => "DryRun",
        }
    }

    /// The HTTP status of its success.
    pub fn status(self) -> u16 {
        match self {
            Self::RequestResponse => 200,
            Self::Event => 202,
            Self::DryRun => 204,
        }
    }
}

/// Whether the end of the execution log is returned: `X-Amz-Log-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogType {
    /// No log.
    #[default]
    None,
    /// The last 4 KB of the execution log.
    Tail,
}

wit_enum!(LogType: None, Tail);

impl LogType {
    /// The value of the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Tail => "Tail",
        }
    }
}

/// What to invoke, and with what: the `request` record of the WIT package.
///
/// `Debug` shows sizes instead of the payload and the client context.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// A name, a partial ARN or a full ARN, each with or without a qualifier.
    pub function_name: String,
    /// The event: JSON, or empty.
    pub payload: Vec<u8>,
    /// Its SHA-256 in lower-case hex, where the caller knows it. A wrong one makes a
    /// signature that Lambda refuses.
    pub payload_sha256: Option<String>,
    /// Absent sends no header, which means `RequestResponse`.
    pub invocation_type: Option<InvocationType>,
    /// Absent sends no header, which means `None`.
    pub log_type: Option<LogType>,
    /// A version or an alias.
    pub qualifier: Option<String>,
    /// Data about the client for the function's context object, in base64.
    pub client_context: Option<String>,
    /// The tenant, for functions with tenant isolation.
    pub tenant_id: Option<String>,
    /// A name for the execution, for durable functions.
    pub durable_execution_name: Option<String>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("function_name", &self.function_name)
            .field("payload_len", &self.payload.len())
            .field("payload_sha256", &self.payload_sha256.is_some())
            .field("invocation_type", &self.invocation_type)
            .field("log_type", &self.log_type)
            .field("qualifier", &self.qualifier)
            .field(
                "client_context_len",
                &self.client_context.as_ref().map(String::len),
            )
            .field("tenant_id", &self.tenant_id)
            .field("durable_execution_name", &self.durable_execution_name)
            .finish()
    }
}

impl Request {
    /// Checks every argument and returns the parsed function name.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] with the first argument that breaks a rule.
    pub fn check(&self) -> Result<FunctionName<'_>, ArgumentError> {
        let name = self.check_all_but_payload()?;
        check_payload(&self.payload, self.invocation_type)?;
        Ok(name)
    }

    fn check_all_but_payload(&self) -> Result<FunctionName<'_>, ArgumentError> {
        let name = FunctionName::parse(&self.function_name)?;
        if let Some(qualifier) = &self.qualifier {
            check_qualifier(qualifier)?;
            if name.qualifier.is_some_and(|named| named != qualifier) {
                return Err(ArgumentError::new(
                    "qualifier",
                    "function-name already names another version or alias; give only one of them",
                ));
            }
        }
        if let Some(context) = &self.client_context {
            check_client_context(context)?;
        }
        if let Some(tenant) = &self.tenant_id {
            check_tenant_id(tenant)?;
        }
        if let Some(name) = &self.durable_execution_name {
            check_durable_execution_name(name)?;
        }
        if let Some(hash) = &self.payload_sha256 {
            check_payload_sha256(hash)?;
        }
        Ok(name)
    }
}

/// An operation of Lambda's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Operation {
    /// The answer comes as a whole.
    #[default]
    Invoke,
    /// The answer comes piece by piece, in an event stream.
    InvokeWithResponseStream,
}

impl Operation {
    /// What stands in its path before the function's name, and behind it.
    pub(crate) fn path(self) -> (&'static str, &'static str) {
        match self {
            Self::Invoke => ("/2015-03-31/functions/", "/invocations"),
            Self::InvokeWithResponseStream => {
                ("/2021-11-15/functions/", "/response-streaming-invocations")
            }
        }
    }
}

/// A request to send, with what is known of its payload.
#[derive(Debug)]
pub struct Outgoing {
    pub(crate) request: Request,
    pub(crate) operation: Operation,
    /// How many bytes are sent, where the payload need not be read: it is JSON for certain,
    /// as a plan has read it, or it lies elsewhere. Megabytes take milliseconds to read.
    unread: Option<usize>,
}

impl Outgoing {
    /// A request whose payload is JSON for certain.
    pub(crate) fn of_json(request: Request) -> Self {
        Self {
            unread: Some(request.payload.len()),
            ..request.into()
        }
    }

    /// A request whose payload lies elsewhere: what it has is empty, and its
    /// `payload_sha256` says what is signed for. `payload_len` is what is sent.
    pub fn without_payload(request: Request, payload_len: usize) -> Self {
        Self {
            unread: Some(payload_len),
            ..request.into()
        }
    }

    /// The same, for InvokeWithResponseStream.
    #[must_use]
    pub fn streaming(self) -> Self {
        Self {
            operation: Operation::InvokeWithResponseStream,
            ..self
        }
    }

    /// As [`Request::check`], but for what only a payload that is not read could show.
    pub(crate) fn check(&self) -> Result<FunctionName<'_>, ArgumentError> {
        let name = self.request.check_all_but_payload()?;
        if self.operation == Operation::InvokeWithResponseStream {
            check_streaming(&self.request)?;
        }
        match self.unread {
            Some(len) => check_payload_len(len, self.request.invocation_type)?,
            None => check_payload(&self.request.payload, self.request.invocation_type)?,
        }
        Ok(name)
    }
}

impl From<Request> for Outgoing {
    fn from(request: Request) -> Self {
        Self {
            unread: None,
            operation: Operation::Invoke,
            request,
        }
    }
}

/// What the model of InvokeWithResponseStream lacks.
fn check_streaming(request: &Request) -> Result<(), ArgumentError> {
    if request.invocation_type == Some(InvocationType::Event) {
        return Err(ArgumentError::new(
            "invocation-type",
            "must be RequestResponse or DryRun: nobody waits for the answer to an Event, so it has no stream",
        ));
    }
    if request.durable_execution_name.is_some() {
        return Err(ArgumentError::new(
            "durable-execution-name",
            "is for Invoke: a durable execution has no stream",
        ));
    }
    Ok(())
}

/// Checks what is to be sent: its length, and that it is JSON where it is not empty.
///
/// # Errors
///
/// [`ArgumentError`] with the rule that it breaks.
pub fn check_payload(
    payload: &[u8],
    invocation_type: Option<InvocationType>,
) -> Result<(), ArgumentError> {
    check_payload_len(payload.len(), invocation_type)?;
    if payload.is_empty() {
        return Ok(());
    }
    check_json(payload).map_err(|reason| ArgumentError::new("payload", reason))
}

fn check_payload_len(
    len: usize,
    invocation_type: Option<InvocationType>,
) -> Result<(), ArgumentError> {
    let (limit, rule) = match invocation_type {
        Some(InvocationType::Event) => (
            MAX_EVENT_PAYLOAD,
            "more than 1,048,576 bytes (1 MB), the limit for invocation type Event: pass large data through S3 and send its key",
        ),
        Some(InvocationType::RequestResponse | InvocationType::DryRun) | None => (
            MAX_PAYLOAD,
            "more than 6,291,456 bytes (6 MB), the limit for a synchronous invocation: pass large data through S3 and send its key",
        ),
    };
    if len > limit {
        return Err(ArgumentError::new("payload", rule));
    }
    Ok(())
}

/// Checks that `bytes` are one JSON value in UTF-8, at any depth of nesting.
///
/// The reason says where the fault is, never what stands there.
pub fn check_json(bytes: &[u8]) -> Result<(), String> {
    json::check(bytes).map_err(|fault| format!("not JSON: {fault}"))
}

/// `\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`, 1 to 128 characters.
pub fn check_qualifier(qualifier: &str) -> Result<(), ArgumentError> {
    let sound = matches!(qualifier, "$LATEST" | "$LATEST.PUBLISHED")
        || qualifier
            .bytes()
            .all(|b| function_name::is_word(b) || b == b'$');
    if qualifier.is_empty() || qualifier.len() > 128 || !sound {
        return Err(ArgumentError::new(
            "qualifier",
            "must be a version or an alias: 1 to 128 letters, digits, '-', '_' or '$', or $LATEST.PUBLISHED",
        ));
    }
    Ok(())
}

fn check_payload_sha256(hash: &str) -> Result<(), ArgumentError> {
    let digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if hash.len() != 64 || !hash.bytes().all(digit) {
        return Err(ArgumentError::new(
            "payload-sha256",
            "must be the payload's SHA-256 as 64 hex digits in lower case; leave it out to have it computed",
        ));
    }
    Ok(())
}

/// Base64 of at least a byte, no longer than [`MAX_CLIENT_CONTEXT`].
pub fn check_client_context(context: &str) -> Result<(), ArgumentError> {
    const ARGUMENT: &str = "client-context";
    if context.len() > MAX_CLIENT_CONTEXT {
        return Err(ArgumentError::new(
            ARGUMENT,
            "more than 3,583 bytes of base64",
        ));
    }
    match STANDARD.decode(context) {
        Ok(decoded) if !decoded.is_empty() => Ok(()),
        _ => Err(ArgumentError::new(
            ARGUMENT,
            "must be base64 (standard alphabet, with padding) and not empty",
        )),
    }
}

/// `[a-zA-Z0-9\._:\/=+\-@ ]+`, 1 to 256 characters.
pub fn check_tenant_id(tenant: &str) -> Result<(), ArgumentError> {
    let sound = tenant
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._:/=+-@ ".contains(&b));
    if tenant.is_empty() || tenant.len() > 256 || !sound {
        return Err(ArgumentError::new(
            "tenant-id",
            "must be 1 to 256 letters, digits, spaces or any of . _ : / = + - @",
        ));
    }
    // Servers strip these, so the tenant would not be the one meant.
    if tenant.starts_with(' ') || tenant.ends_with(' ') {
        return Err(ArgumentError::new(
            "tenant-id",
            "must not begin or end with a space: HTTP does not carry it",
        ));
    }
    Ok(())
}

/// `[a-zA-Z0-9-_]+`, 1 to 64 characters.
fn check_durable_execution_name(name: &str) -> Result<(), ArgumentError> {
    if name.is_empty() || name.len() > 64 || !name.bytes().all(function_name::is_word) {
        return Err(ArgumentError::new(
            "durable-execution-name",
            "must be 1 to 64 letters, digits, '-' or '_'",
        ));
    }
    Ok(())
}
