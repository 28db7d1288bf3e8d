//! Why there is no answer of a function, in words fit for callers.
//!
//! A caller learns what is wrong with the request, and of the rest only that it is not
//! the request. What the operator has to put right goes to standard error.

use std::borrow::Cow;

use lambda_invocation_core::call::retry;
use lambda_invocation_core::error::{Error, ServiceError, ThrottlingError};

/// Why there is no answer of a function.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// The error code: Lambda's own names, where it has one.
    pub code: Cow<'static, str>,
    /// For the caller.
    pub message: String,
    /// Which limit throttled the call; or Lambda's code, where `code` stands in for it.
    pub reason: Option<String>,
    /// Seconds.
    pub retry_after: Option<u32>,
    pub may_have_run: bool,
    /// Lambda's id of the request.
    pub request_id: Option<String>,
    /// Methods to use instead.
    pub allow: Option<&'static str>,
    /// For the operator, in a line.
    pub log: Option<String>,
}

/// Failed Dependency, in place of 408, 429 and any 5xx where the function may have run. AWS SDKs
/// repeat 500, 502, 503 and 504 unasked, botocore also 509, and curl with `--retry` also 408 and
/// 429. None of them repeats this one, which AWS answers where a model that it calls fails.
const MAY_HAVE_RUN: u16 = 424;

/// Codes that AWS SDKs repeat whatever the status is, beside those of throttling: botocore's
/// `_TRANSIENT_ERROR_CODES`, for one.
const TRANSIENT_CODES: &[&str] = &["RequestTimeout", "RequestTimeoutException"];

/// What is told of a failure that is the service's own.
const OWN_FAULT: &str = "the service cannot make this call; its log says why";

/// The arguments of `types.wit` that callers give. The others are the service's
/// configuration.
const ARGUMENTS: &[&str] = &[
    "function-name",
    "qualifier",
    "payload",
    "client-context",
    "tenant-id",
    "invocation-type",
    "durable-execution-name",
];

impl Failure {
    /// A failure before anything ran.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: Cow::Borrowed(code),
            message: message.into(),
            reason: None,
            retry_after: None,
            may_have_run: false,
            request_id: None,
            allow: None,
            log: None,
        }
    }

    /// A 400 for an argument in the path, the query or a header.
    pub fn argument<const N: usize>(message: [&str; N]) -> Self {
        Self::new(400, "InvalidParameterValueException", message.concat())
    }

    /// A 413: more than `limit` bytes of payload.
    pub fn too_large(limit: usize) -> Self {
        // The code that Lambda sends, though its model has another name for it.
        Self::new(
            413,
            "RequestEntityTooLargeException",
            format!("Request must be smaller than {limit} bytes for the InvokeFunction operation"),
        )
    }

    /// The same with a code that no SDK repeats.
    fn with_code_of_its_own(self) -> Self {
        Self {
            reason: self.reason.or_else(|| Some(self.code.into_owned())),
            code: Cow::Borrowed("ServiceException"),
            ..self
        }
    }

    /// A 500 for what the operator has to put right.
    pub fn of_the_service(why: &Error) -> Self {
        Self {
            log: Some(why.to_string()),
            ..Self::new(500, "ServiceException", OWN_FAULT)
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let maybe_ran = error.maybe_ran();
        let failure = match &error {
            Error::InvalidArgument(e) if e.argument == "payload" => {
                Self::new(400, "InvalidRequestContentException", error.to_string())
            }
            Error::InvalidArgument(e) if ARGUMENTS.contains(&e.argument.as_str()) => {
                Self::argument([&error.to_string()])
            }
            Error::InvalidArgument(_) | Error::NoRegion | Error::DeniedByHost(_) => {
                Self::of_the_service(&error)
            }
            // Their source may be there again in a moment.
            Error::NoCredentials(_) => Self {
                log: Some(error.to_string()),
                ..Self::new(503, "ServiceUnavailableException", OWN_FAULT)
            },
            // The detail names the endpoint.
            Error::Transport(e) => Self {
                log: Some(error.to_string()),
                ..Self::new(
                    502,
                    "BadGatewayException",
                    match e.maybe_ran {
                        true => "the connection to Lambda broke before the answer was complete",
                        false => "Lambda cannot be reached",
                    },
                )
            },
            Error::Timeout(e) => Self::new(
                504,
                "GatewayTimeoutException",
                format!("no answer of Lambda within {} ms", e.after_ms),
            ),
            Error::Throttled(e) => throttled(e),
            Error::Service(e) => service(e, &error),
            Error::ResponseTooLarge(_) => Self::new(502, "BadGatewayException", error.to_string()),
            // The first does not come of `invoke`.
            Error::FunctionFailed(_) | Error::Other(_) => Self::of_the_service(&error),
        };
        let failure = match maybe_ran && is_repeated(&failure.code) {
            true => failure.with_code_of_its_own(),
            false => failure,
        };
        Self {
            may_have_run: maybe_ran,
            status: match failure.status {
                408 | 429 | 500..=599 if maybe_ran => MAY_HAVE_RUN,
                status => status,
            },
            retry_after: failure.retry_after.filter(|_| !maybe_ran),
            ..failure
        }
    }
}

/// Whether AWS SDKs repeat a call for the code of its error alone.
fn is_repeated(code: &str) -> bool {
    retry::THROTTLING_CODES.contains(&code) || TRANSIENT_CODES.contains(&code)
}

fn throttled(e: &ThrottlingError) -> Failure {
    // `reason` is the code where the answer gave no reason.
    let is_code = retry::THROTTLING_CODES.contains(&e.reason.as_str());
    let rule = retry::ERRORS.iter().find(|rule| rule.code == e.reason);
    let status = rule.map_or(429, |rule| rule.status);
    Failure {
        code: match is_code {
            true => Cow::Owned(e.reason.clone()),
            false => Cow::Borrowed("TooManyRequestsException"),
        },
        reason: (!is_code).then(|| e.reason.clone()),
        retry_after: e.retry_after_ms.map(|ms| ms.div_ceil(1_000)),
        request_id: e.request_id.clone(),
        ..Failure::new(status, "", message(status, &e.message))
    }
}

/// Lambda's message. What stands between may have sent none.
fn message(status: u16, sent: &str) -> String {
    match sent {
        "" => format!("Lambda answered with HTTP {status}"),
        _ => sent.to_owned(),
    }
}

fn service(e: &ServiceError, error: &Error) -> Failure {
    let failure = match e.status {
        // Its message names the principal that the service is.
        _ if e.code == "AccessDeniedException" => Failure {
            log: Some(error.to_string()),
            ..Failure::new(
                403,
                "AccessDeniedException",
                "AWS does not let this service invoke the function",
            )
        },
        _ if is_about_credentials(e) => Failure::of_the_service(error),
        400..=599 => Failure {
            code: Cow::Owned(e.code.clone()),
            ..Failure::new(e.status, "", message(e.status, &e.message))
        },
        _ => Failure {
            log: Some(error.to_string()),
            ..Failure::new(502, "BadGatewayException", "no answer as Lambda gives it")
        },
    };
    Failure {
        request_id: e.request_id.clone(),
        ..failure
    }
}

/// Whether AWS refuses the service's own signature or credentials. That is nothing a
/// caller can change, and would read as if the caller's own were meant.
fn is_about_credentials(e: &ServiceError) -> bool {
    // What AWS sends with a 400.
    const CODES: &[&str] = &[
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    ];
    let modelled = || retry::ERRORS.iter().any(|rule| rule.code == e.code);
    matches!(e.status, 401 | 403) && !modelled() || CODES.contains(&e.code.as_str())
}
