//! Why a call did not succeed: the cases a caller can act on.
//!
//! One case here is one case of `variant error` in `wit/types.wit`, where each is
//! documented, and so are the records: the plugin's bindings use these types for them.
//! No text ever holds a credential, nor the payload or the input, unless the
//! service's own message quotes them; the function's own answer is carried by
//! [`FunctionFailure`] alone, whose `Debug` shows its length only.

use std::borrow::Cow;
use std::fmt;

use crate::call::quote;

/// Most characters of a function's name for an error, in a line of text.
const MAX_NAME: usize = 256;

/// Why a call did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Error {
    /// An argument was refused; nothing was sent.
    InvalidArgument(ArgumentError),
    /// No credentials were found; the text names the places looked at.
    NoCredentials(String),
    /// Neither the connection nor the environment names a region.
    NoRegion,
    /// The host does not let the component make this call.
    DeniedByHost(HostDenial),
    /// The network, or the host's HTTP stack, failed.
    Transport(TransportError),
    /// A time limit ran out.
    Timeout(TimeoutError),
    /// Lambda asked to slow down.
    Throttled(ThrottlingError),
    /// Lambda, or its front end, refused or failed.
    Service(ServiceError),
    /// The response was larger than Lambda may send; it was discarded.
    ResponseTooLarge(ResponseLimit),
    /// The function ran and failed where its success was required.
    FunctionFailed(FunctionFailure),
    /// Anything else. For people; do not match on it.
    Other(String),
}

/// An argument was refused before anything was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct ArgumentError {
    /// The argument's name as in the WIT package, for example `function-name`.
    pub argument: String,
    /// The rule it breaks. Never the value.
    pub reason: String,
}

/// The host's policy stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct HostDenial {
    /// Scheme and authority the call needed.
    pub url: String,
    /// What to grant, and where common hosts keep that setting.
    pub hint: String,
}

/// Where in the exchange a transport failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum TransportPhase {
    /// Name lookup or connection.
    Connect,
    /// TLS handshake or certificate.
    Tls,
    /// Writing the request.
    Request,
    /// Reading the response, or a connection that broke after the request.
    Response,
    /// The host refused for want of resources, or failed in itself.
    Host,
}

wit_enum!(TransportPhase: Connect, Tls, Request, Response, Host);

/// The network, or the host's HTTP stack, failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct TransportError {
    /// Where it failed.
    pub phase: TransportPhase,
    /// The host's words for it.
    pub detail: String,
    /// Whether the function may have run, in any attempt of the call.
    pub maybe_ran: bool,
    /// Attempts that the call made; 0 before the first one.
    pub attempts: u32,
}

/// Which time limit ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum TimeoutPhase {
    /// The connect timeout.
    Connect,
    /// The response timeout.
    Response,
    /// The deadline of the whole call.
    Deadline,
}

wit_enum!(TimeoutPhase: Connect, Response, Deadline);

/// A time limit ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct TimeoutError {
    /// The limit that ran out.
    pub phase: TimeoutPhase,
    /// Its value in milliseconds.
    pub after_ms: u32,
    /// Whether the function may have run, in any attempt of the call.
    pub maybe_ran: bool,
    /// Attempts that the call made; 0 before the first one.
    pub attempts: u32,
}

/// Lambda asked to slow down, and the permitted attempts are used up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct ThrottlingError {
    /// Which limit was hit, or else the error code.
    pub reason: String,
    /// How long Lambda asked to wait, in milliseconds, where it said so.
    pub retry_after_ms: Option<u32>,
    /// Lambda's message.
    pub message: String,
    /// The request id to quote to AWS support.
    pub request_id: Option<String>,
    /// Whether an earlier attempt of the call may have run the function.
    pub maybe_ran: bool,
    /// Attempts that the call made.
    pub attempts: u32,
}

/// Lambda, or its front end, refused or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct ServiceError {
    /// The error code; an open set.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// Lambda's message.
    pub message: String,
    /// What to do about it, for the codes where that is known.
    pub hint: Option<String>,
    /// The request id to quote to AWS support.
    pub request_id: Option<String>,
    /// Whether the function may have run, in any attempt of the call.
    pub maybe_ran: bool,
    /// Attempts that the call made.
    pub attempts: u32,
}

/// A response was larger than Lambda may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct ResponseLimit {
    /// The limit, in bytes.
    pub limit: u64,
}

/// A function ran and failed, as its runtime reported it.
///
/// `Debug` leaves out the message and the stack trace: they are the function's
/// own words and may hold what it was given.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct FunctionError {
    /// `X-Amz-Function-Error`: `Unhandled` or `Handled`. At most 128 characters of visible
    /// ASCII, whatever was sent.
    pub kind: String,
    /// The runtime's name for the error.
    pub error_type: Option<String>,
    /// The runtime's message: compact JSON where that is not text.
    pub error_message: Option<String>,
    /// One frame an entry, in the runtime's own order and wording. Causes follow with their
    /// frames, each after an entry `Caused by: TYPE: MESSAGE`.
    pub stack_trace: Vec<String>,
}

impl fmt::Debug for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionError")
            .field("kind", &self.kind)
            .field("error_type", &self.error_type)
            .field("frames", &self.stack_trace.len())
            .finish_non_exhaustive()
    }
}

/// The function ran and failed where its success was required.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct FunctionFailure {
    /// The error in its structured form.
    pub function_error: FunctionError,
    /// The payload the function answered with, unchanged.
    #[cfg_attr(
        feature = "serde",
        serde(flatten, serialize_with = "crate::serde_bytes::payload")
    )]
    pub payload: Vec<u8>,
    /// The end of the execution log, decoded, where it was asked for.
    pub log_tail: Option<String>,
}

impl fmt::Debug for FunctionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionFailure")
            .field("function_error", &self.function_error)
            .field("payload_len", &self.payload.len())
            .finish_non_exhaustive()
    }
}

impl ArgumentError {
    /// `argument` as in the WIT package, `reason` the rule it breaks.
    pub fn new(
        argument: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::refused(argument.into(), reason.into())
    }

    /// One copy of it, out of the way, for the many callers of [`ArgumentError::new`].
    #[cold]
    #[inline(never)]
    fn refused(argument: Cow<'static, str>, reason: Cow<'static, str>) -> Self {
        Self {
            argument: argument.into_owned(),
            reason: reason.into_owned(),
        }
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {}: {}", self.argument, self.reason)
    }
}

impl std::error::Error for ArgumentError {}

impl From<ArgumentError> for Error {
    fn from(error: ArgumentError) -> Self {
        Self::InvalidArgument(error)
    }
}

impl Error {
    /// [`Error::InvalidArgument`] of an [`ArgumentError::new`].
    pub fn invalid(
        argument: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        ArgumentError::new(argument, reason).into()
    }

    /// Whether the function may have run, or may still be running.
    pub fn maybe_ran(&self) -> bool {
        match self {
            Self::Transport(e) => e.maybe_ran,
            Self::Timeout(e) => e.maybe_ran,
            Self::Throttled(e) => e.maybe_ran,
            Self::Service(e) => e.maybe_ran,
            Self::InvalidArgument(_)
            | Self::NoCredentials(_)
            | Self::NoRegion
            | Self::DeniedByHost(_) => false,
            Self::ResponseTooLarge(_) | Self::FunctionFailed(_) | Self::Other(_) => true,
        }
    }

    /// What the cases for a failed attempt say of the whole call: whether the function may
    /// have run, and how many attempts were made.
    pub(crate) fn of_the_call(&mut self) -> Option<(&mut bool, &mut u32)> {
        match self {
            Self::Transport(e) => Some((&mut e.maybe_ran, &mut e.attempts)),
            Self::Timeout(e) => Some((&mut e.maybe_ran, &mut e.attempts)),
            Self::Throttled(e) => Some((&mut e.maybe_ran, &mut e.attempts)),
            Self::Service(e) => Some((&mut e.maybe_ran, &mut e.attempts)),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    /// One line for people: what happened, why, and what to do next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidArgument(e) => e.fmt(f),
            Self::NoCredentials(places) => write!(f, "no credentials: {places}"),
            Self::NoRegion => f.write_str(
                "no region: neither the connection nor AWS_REGION, AWS_DEFAULT_REGION or a profile names one; set AWS_REGION or pass --region",
            ),
            Self::DeniedByHost(e) => write!(f, "denied by the host: {}: {}", e.url, e.hint),
            Self::Transport(e) => {
                write!(
                    f,
                    "{}: {}; {}; {}",
                    match e.phase {
                        TransportPhase::Connect => "cannot connect",
                        TransportPhase::Tls => "TLS failed",
                        TransportPhase::Request => "connection broke while sending",
                        TransportPhase::Response => "connection broke while receiving",
                        TransportPhase::Host => "the host's HTTP stack failed",
                    },
                    e.detail,
                    ran_note(e.maybe_ran),
                    transport_advice(e),
                )?;
                write_attempts(f, e.attempts)
            }
            Self::Timeout(e) => {
                write!(
                    f,
                    "timed out after {} ms {}; {}; {}",
                    e.after_ms,
                    match e.phase {
                        TimeoutPhase::Connect => "waiting for a connection",
                        TimeoutPhase::Response => "waiting for the response",
                        TimeoutPhase::Deadline => "in total, retries included",
                    },
                    ran_note(e.maybe_ran),
                    timeout_advice(e),
                )?;
                write_attempts(f, e.attempts)
            }
            Self::Throttled(e) => {
                write!(f, "throttled ({})", e.reason)?;
                if !e.message.is_empty() {
                    write!(f, ": {}", e.message.trim_end_matches('.'))?;
                }
                match e.retry_after_ms {
                    Some(ms) => write!(f, "; try again in {ms} ms")?,
                    None => f.write_str("; try again later")?,
                }
                write!(f, ", {}", throttling_advice(&e.reason))?;
                write_maybe_ran(f, e.maybe_ran)?;
                write_attempts(f, e.attempts)?;
                write_request_id(f, e.request_id.as_deref())
            }
            Self::Service(e) => {
                write!(f, "{} (HTTP {})", e.code, e.status)?;
                if !e.message.is_empty() {
                    write!(f, ": {}", e.message.trim_end_matches('.'))?;
                }
                if let Some(hint) = &e.hint {
                    write!(f, "; {hint}")?;
                }
                write_maybe_ran(f, e.maybe_ran)?;
                write_attempts(f, e.attempts)?;
                write_request_id(f, e.request_id.as_deref())
            }
            Self::ResponseTooLarge(e) => write!(
                f,
                "the response is larger than {} bytes, the most Lambda may send; the function may have run; check that the endpoint is Lambda's (AWS_ENDPOINT_URL_LAMBDA, --endpoint-url)",
                e.limit
            ),
            Self::FunctionFailed(e) => {
                // A function may call its errors what it likes.
                let name = |text: &str| quote::clean(text, &[], MAX_NAME);
                write!(f, "the function failed ({}", name(&e.function_error.kind))?;
                if let Some(error_type) = &e.function_error.error_type {
                    write!(f, ", {}", name(error_type))?;
                }
                f.write_str("); its answer is in the payload")
            }
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

fn ran_note(maybe_ran: bool) -> &'static str {
    if maybe_ran {
        "the request may have reached Lambda, so the function may have run"
    } else {
        "nothing was sent, so the function did not run"
    }
}

/// What to do when no answer came, by how far the request got.
fn transport_advice(error: &TransportError) -> &'static str {
    match (error.phase, error.maybe_ran) {
        (TransportPhase::Connect, false) => {
            "check the endpoint (AWS_REGION, AWS_ENDPOINT_URL_LAMBDA, --endpoint-url) and the way to it: DNS, routes, firewalls"
        }
        (TransportPhase::Tls, false) => {
            "check that the endpoint (AWS_ENDPOINT_URL_LAMBDA, --endpoint-url) is the right one and speaks TLS, that the host trusts whoever issued its certificate (SSL_CERT_FILE for lambda-host), and that the clock is right"
        }
        (_, false) => "try again when the host is less busy",
        (_, true) => "look into the function's log before trying again",
    }
}

/// What to do about a limit that ran out, with the names it is set by.
fn timeout_advice(error: &TimeoutError) -> &'static str {
    match error.phase {
        TimeoutPhase::Deadline if !error.maybe_ran => {
            "what did not answer is the source of the credentials or the way to the endpoint: check both, or raise deadline-ms (--timeout)"
        }
        TimeoutPhase::Connect => {
            "check that the host can reach the endpoint (firewall, VPC endpoint), or raise connect-timeout-ms (--connect-timeout)"
        }
        TimeoutPhase::Response => {
            "set response-timeout-ms (--response-timeout) above the function's own timeout, or invoke it as an Event and do not wait"
        }
        TimeoutPhase::Deadline => {
            "set deadline-ms (--timeout) above the function's own timeout and the waits between attempts, or invoke it as an Event and do not wait"
        }
    }
}

/// What to do about a limit of Lambda's beside waiting, by the reasons of its model.
fn throttling_advice(reason: &str) -> &'static str {
    match reason {
        "ReservedFunctionConcurrentInvocationLimitExceeded"
        | "ReservedFunctionInvocationRateLimitExceeded" => {
            "or raise the function's reserved concurrency: at 0 it never runs"
        }
        "ConcurrentInvocationLimitExceeded" | "FunctionInvocationRateLimitExceeded" => {
            "or raise the account's quota of concurrent executions in this region"
        }
        _ => "call less often, or allow more attempts (AWS_MAX_ATTEMPTS, --max-attempts)",
    }
}

fn write_maybe_ran(f: &mut fmt::Formatter<'_>, maybe_ran: bool) -> fmt::Result {
    if maybe_ran {
        f.write_str("; the function may have run: look into its log before trying again")?;
    }
    Ok(())
}

/// One attempt is what everybody expects.
fn write_attempts(f: &mut fmt::Formatter<'_>, attempts: u32) -> fmt::Result {
    if attempts > 1 {
        write!(f, "; {attempts} attempts were made")?;
    }
    Ok(())
}

fn write_request_id(f: &mut fmt::Formatter<'_>, id: Option<&str>) -> fmt::Result {
    match id {
        Some(id) => write!(f, " (request id {id})"),
        None => Ok(()),
    }
}
