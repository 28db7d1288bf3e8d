//! What may be repeated, and when.
//!
//! Invoke is not idempotent, so the question is not whether an error is temporary
//! but whether the function may have run. [`ERRORS`] answers it for every modelled
//! error of the operation, [`of_status`] for the rest.

use std::time::Duration;

use crate::call::connection::RetryMode;
use crate::error::{Error, TimeoutPhase, TransportPhase};

/// Whether the function may have run when this error is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// Certainly not.
    No,
    /// Perhaps.
    Maybe,
}

/// The mildest mode under which an error is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Under none: trying again cannot help.
    Never,
    /// Under `safe`.
    Safe,
    /// Under `safe`, with the longer waits of throttling.
    Throttled,
    /// Under `idempotent`.
    Idempotent,
}

impl Repeat {
    fn allowed(self, mode: RetryMode) -> bool {
        match self {
            Self::Never => false,
            Self::Safe | Self::Throttled => mode != RetryMode::Never,
            Self::Idempotent => mode == RetryMode::Idempotent,
        }
    }
}

/// A service error, and what it means for repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The HTTP status the model gives it.
    pub status: u16,
    /// Its code.
    pub code: &'static str,
    /// Whether the function may have run.
    pub ran: Ran,
    /// When it is repeated.
    pub repeat: Repeat,
}

const fn rule(status: u16, code: &'static str, ran: Ran, repeat: Repeat) -> Rule {
    Rule {
        status,
        code,
        ran,
        repeat,
    }
}

/// The 45 errors the service model lists for Invoke.
pub const ERRORS: &[Rule] = &[
    rule(
        400,
        "InvalidParameterValueException",
        Ran::No,
        Repeat::Never,
    ),
    rule(
        400,
        "InvalidRequestContentException",
        Ran::No,
        Repeat::Never,
    ),
    rule(400, "ModeNotSupportedException", Ran::No, Repeat::Never),
    rule(400, "NoPublishedVersionException", Ran::No, Repeat::Never),
    rule(400, "RecursiveInvocationException", Ran::No, Repeat::Never),
    rule(400, "SnapStartException", Ran::No, Repeat::Never),
    rule(402, "ServiceQuotaExceededException", Ran::No, Repeat::Never),
    rule(403, "EFSMountFailureException", Ran::No, Repeat::Never),
    rule(403, "S3FilesMountFailureException", Ran::No, Repeat::Never),
    rule(404, "ResourceNotFoundException", Ran::No, Repeat::Never),
    rule(408, "EFSMountConnectivityException", Ran::No, Repeat::Never),
    rule(408, "EFSMountTimeoutException", Ran::No, Repeat::Never),
    rule(
        408,
        "S3FilesMountConnectivityException",
        Ran::No,
        Repeat::Never,
    ),
    rule(408, "S3FilesMountTimeoutException", Ran::No, Repeat::Never),
    rule(408, "SnapStartTimeoutException", Ran::No, Repeat::Never),
    rule(
        409,
        "CodeArtifactUserDeletedException",
        Ran::No,
        Repeat::Never,
    ),
    rule(
        409,
        "CodeArtifactUserFailedException",
        Ran::No,
        Repeat::Never,
    ),
    rule(
        409,
        "CodeArtifactUserPendingException",
        Ran::No,
        Repeat::Safe,
    ),
    rule(
        409,
        "DurableExecutionAlreadyStartedException",
        Ran::No,
        Repeat::Never,
    ),
    rule(409, "ResourceConflictException", Ran::No, Repeat::Never),
    rule(409, "RuntimeAliasDeletedException", Ran::No, Repeat::Never),
    rule(
        409,
        "RuntimeVersionDeletedException",
        Ran::No,
        Repeat::Never,
    ),
    rule(409, "SnapStartNotReadyException", Ran::No, Repeat::Safe),
    rule(
        409,
        "SnapStartRegenerationFailureException",
        Ran::No,
        Repeat::Never,
    ),
    rule(410, "EFSIOException", Ran::Maybe, Repeat::Never),
    rule(413, "RequestTooLargeException", Ran::No, Repeat::Never),
    rule(
        413,
        "SerializedRequestEntityTooLargeException",
        Ran::No,
        Repeat::Never,
    ),
    rule(415, "UnsupportedMediaTypeException", Ran::No, Repeat::Never),
    rule(429, "TooManyRequestsException", Ran::No, Repeat::Throttled),
    rule(500, "ServiceException", Ran::Maybe, Repeat::Idempotent),
    rule(502, "EC2AccessDeniedException", Ran::No, Repeat::Never),
    rule(502, "EC2ThrottledException", Ran::No, Repeat::Throttled),
    rule(
        502,
        "EC2UnexpectedException",
        Ran::Maybe,
        Repeat::Idempotent,
    ),
    rule(502, "ENILimitReachedException", Ran::No, Repeat::Never),
    rule(502, "ENINotReadyException", Ran::No, Repeat::Safe),
    rule(502, "InvalidRuntimeException", Ran::No, Repeat::Never),
    rule(
        502,
        "InvalidSecurityGroupIDException",
        Ran::No,
        Repeat::Never,
    ),
    rule(502, "InvalidSubnetIDException", Ran::No, Repeat::Never),
    rule(502, "InvalidZipFileException", Ran::No, Repeat::Never),
    rule(502, "KMSAccessDeniedException", Ran::No, Repeat::Never),
    rule(502, "KMSDisabledException", Ran::No, Repeat::Never),
    rule(502, "KMSInvalidStateException", Ran::No, Repeat::Never),
    rule(502, "KMSNotFoundException", Ran::No, Repeat::Never),
    rule(502, "ResourceNotReadyException", Ran::No, Repeat::Safe),
    rule(
        502,
        "SubnetIPAddressLimitReachedException",
        Ran::No,
        Repeat::Never,
    ),
];

/// Codes that ask to slow down whatever their status: the list botocore and the
/// AWS SDK for Rust share.
pub const THROTTLING_CODES: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Whether an answer asks to slow down.
pub(crate) fn is_throttling(status: u16, code: &str) -> bool {
    status == 429 || THROTTLING_CODES.contains(&code)
}

/// When an error is repeated. Whether the function may have run is in the error itself.
pub fn repeat(error: &Error) -> Repeat {
    match error {
        Error::Throttled(_) => Repeat::Throttled,
        Error::Service(e) => of_answer(e.status, &e.code).1,
        Error::Transport(e) => match (e.phase, e.maybe_ran) {
            (TransportPhase::Tls, false) => Repeat::Never,
            (_, false) => Repeat::Safe,
            (_, true) => Repeat::Idempotent,
        },
        Error::Timeout(e) => match (e.phase, e.maybe_ran) {
            (TimeoutPhase::Deadline, _) => Repeat::Never,
            (_, false) => Repeat::Safe,
            (_, true) => Repeat::Idempotent,
        },
        Error::ResponseTooLarge(_)
        | Error::FunctionFailed(_)
        | Error::InvalidArgument(_)
        | Error::NoCredentials(_)
        | Error::NoRegion
        | Error::DeniedByHost(_)
        | Error::Other(_) => Repeat::Never,
    }
}

/// What an answer with an error means.
pub(crate) fn of_answer(status: u16, code: &str) -> (Ran, Repeat) {
    ERRORS
        .iter()
        .find(|rule| rule.code == code)
        .map_or_else(|| of_status(status), |rule| (rule.ran, rule.repeat))
}

/// The rule for a code that is not in [`ERRORS`].
///
/// 408 and 499 come from something between that gave up waiting.
pub fn of_status(status: u16) -> (Ran, Repeat) {
    match status {
        429 => (Ran::No, Repeat::Throttled),
        500 | 502 | 503 | 504 => (Ran::Maybe, Repeat::Idempotent),
        408 | 499 => (Ran::Maybe, Repeat::Never),
        400..=499 => (Ran::No, Repeat::Never),
        _ => (Ran::Maybe, Repeat::Never),
    }
}

/// Longest wait between two attempts.
pub const MAX_BACKOFF: Duration = Duration::from_secs(20);
const BASE_MS: u64 = 50;
const THROTTLED_BASE_MS: u64 = 1_000;

/// How long to wait before the attempt after the `failed`th (counted from 1), or
/// `None` when this error is not to be repeated.
///
/// The wait is that of the AWS SDKs' standard mode: `random * min(base * 2^i, 20 s)`
/// with a base of 50 ms, or 1 s for throttling. `asked_ms`, the wait that the server
/// asks for, lengthens it; where that is more than 20 s the error is not repeated:
/// the caller is told, and can decide.
///
/// `random` is any number; its high 32 bits are used.
pub fn backoff(
    error: &Error,
    mode: RetryMode,
    failed: u32,
    asked_ms: Option<u32>,
    random: u64,
) -> Option<Duration> {
    let repeat = repeat(error);
    if !repeat.allowed(mode) {
        return None;
    }
    let base = if repeat == Repeat::Throttled {
        THROTTLED_BASE_MS
    } else {
        BASE_MS
    };
    let exponent = failed.saturating_sub(1).min(16);
    let ceiling = base
        .saturating_mul(1_u64 << exponent)
        .min(u64::try_from(MAX_BACKOFF.as_millis()).unwrap_or(u64::MAX));
    let jittered = ceiling.saturating_mul(random >> 32) >> 32;
    let asked = asked_ms.map_or(0, u64::from);
    let wait = Duration::from_millis(asked.max(jittered));
    (wait <= MAX_BACKOFF).then_some(wait)
}
