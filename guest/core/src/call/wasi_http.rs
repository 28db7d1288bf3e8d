//! What each error of `wasi:http` means for a request.
//!
//! The question behind the table is whether the request may have reached Lambda:
//! only where it certainly did not may a call be repeated unasked. Where hosts use
//! one code for both, the answer is that it may have.
//!
//! Guests and hosts have a type of their own for the codes; [`wasi_http_failure!`] is the
//! one table for both.

use std::time::Duration;

use crate::call::endpoint::Endpoint;
use crate::call::quote::clean;
use crate::error::{
    Error, HostDenial, ResponseLimit, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};

pub use crate::wasi_http_failure;

/// How a response whose body breaks off is told. Hosts of `wasi:http` mostly give no code
/// for it.
pub const BROKEN_RESPONSE: &str = "the connection broke within the response";

/// Longest words of a host's HTTP stack that are kept, in characters.
const MAX_DETAIL: usize = 512;

/// What a server may take, and send.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the connection.
    pub connect: Duration,
    /// For the response to begin, and for each further piece.
    pub response: Duration,
    /// Bytes of the response's body.
    pub body: u64,
}

/// What a code means: the `failure` variant of the WIT package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The host does not let the request out.
    Denied,
    /// The host does not accept the URL.
    Url,
    /// The response has more bytes than are read.
    TooLarge,
    /// A limit ran out.
    Timeout(TimeoutPhase),
    /// The network, or the host's HTTP stack, failed.
    Transport(TransportFailure),
}

/// The network, or an HTTP stack, failed: the `transport-failure` record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportFailure {
    /// Where it failed.
    pub phase: TransportPhase,
    /// The stack's words for it.
    pub detail: String,
    /// Whether anything of the request may have been written.
    pub maybe_ran: bool,
}

impl Failure {
    /// The error for a request to `endpoint` with these limits.
    pub fn into_error(self, endpoint: &Endpoint, limits: &Limits) -> Error {
        match self {
            Self::Denied => denied(endpoint),
            Self::Url => Error::invalid("endpoint-url", "the host does not accept this URL"),
            Self::TooLarge => Error::ResponseTooLarge(ResponseLimit { limit: limits.body }),
            Self::Timeout(phase) => {
                let limit = match phase {
                    TimeoutPhase::Connect => limits.connect,
                    _ => limits.response,
                };
                Error::Timeout(TimeoutError {
                    phase,
                    after_ms: u32::try_from(limit.as_millis()).unwrap_or(u32::MAX),
                    // jco's WASI shim reports by `connection-timeout` whatever keeps a
                    // connection silent for as long, a function that is at work among it.
                    maybe_ran: true,
                    attempts: 0,
                })
            }
            Self::Transport(failure) => Error::Transport(TransportError {
                phase: failure.phase,
                detail: failure.detail,
                maybe_ran: failure.maybe_ran,
                attempts: 0,
            }),
        }
    }
}

/// Names the endpoint where it cannot be reached, which is mostly not the one that was
/// meant.
pub fn naming(mut error: Error, endpoint: &Endpoint) -> Error {
    if let Error::Transport(e) = &mut error
        && !e.maybe_ran
    {
        e.detail = format!("{}: {}", endpoint.origin(), e.detail);
    }
    error
}

/// Makes the words of a host's HTTP stack fit for a line, without `secrets` of the request: a
/// stack quotes the header that it does not take.
pub(crate) fn quoted(mut error: Error, secrets: &[&str]) -> Error {
    if let Error::Transport(e) = &mut error {
        e.detail = clean(&e.detail, secrets, MAX_DETAIL);
    }
    error
}

fn denied(endpoint: &Endpoint) -> Error {
    let url = endpoint.origin();
    Error::DeniedByHost(HostDenial {
        hint: format!(
            "allow outgoing requests to {url}: --allow in lambda-host, allowed_outbound_hosts in Spin, allowedHosts in wasmCloud"
        ),
        url,
    })
}

/// The [`Failure`] for a reference to an `error-code` of `wasi:http`, whose type in the
/// bindings is `$Code`.
#[macro_export]
macro_rules! wasi_http_failure {
    ($Code:path, $code:expr) => {{
        use $Code as Code;
        use $crate::call::wasi_http::Failure;
        use $crate::error::TimeoutPhase;
        use $crate::error::TransportPhase::{Connect, Host, Request, Response, Tls};
        let code = $code;
        let failed = |phase, maybe_ran, detail: &str| {
            let text = match code {
                Code::DnsError(payload) => payload.rcode.as_deref(),
                Code::TlsAlertReceived(payload) => payload.alert_message.as_deref(),
                Code::InternalError(text) => text.as_deref(),
                _ => None,
            };
            Failure::Transport($crate::call::wasi_http::TransportFailure {
                phase,
                detail: match text {
                    Some(text) => [detail, ": ", text].concat(),
                    None => detail.to_owned(),
                },
                maybe_ran,
            })
        };
        match code {
            Code::HttpRequestDenied | Code::DestinationIpProhibited => Failure::Denied,
            Code::HttpRequestUriInvalid | Code::HttpRequestUriTooLong => Failure::Url,
            Code::HttpResponseBodySize(_) => Failure::TooLarge,
            Code::ConnectionTimeout => Failure::Timeout(TimeoutPhase::Connect),
            Code::ConnectionReadTimeout | Code::HttpResponseTimeout => {
                Failure::Timeout(TimeoutPhase::Response)
            }

            Code::DnsTimeout => failed(Connect, false, "the name lookup timed out"),
            // Hosts report exhausted local ports this way, too.
            Code::DnsError(_) => failed(
                Connect,
                false,
                "the name lookup failed, or no local port was free",
            ),
            Code::DestinationNotFound => failed(Connect, false, "destination not found"),
            Code::DestinationUnavailable => failed(Connect, false, "destination unavailable"),
            Code::DestinationIpUnroutable => failed(Connect, false, "no route to the destination"),
            Code::ConnectionRefused => failed(Connect, false, "connection refused"),

            Code::TlsProtocolError => failed(Tls, false, "TLS protocol error"),
            Code::TlsCertificateError => {
                failed(Tls, false, "the server's certificate was not accepted")
            }
            Code::TlsAlertReceived(_) => failed(Tls, false, "the server sent a TLS alert"),

            Code::ConnectionLimitReached => {
                failed(Host, false, "the host has no connection to spare")
            }

            Code::ConnectionWriteTimeout => failed(Request, true, "writing the request timed out"),
            Code::HttpRequestLengthRequired
            | Code::HttpRequestBodySize(_)
            | Code::HttpRequestMethodInvalid
            | Code::HttpRequestHeaderSectionSize(_)
            | Code::HttpRequestHeaderSize(_)
            | Code::HttpRequestTrailerSectionSize(_)
            | Code::HttpRequestTrailerSize(_) => {
                failed(Request, true, "the host refused the request's form")
            }

            Code::ConnectionTerminated => failed(Response, true, "the connection was closed"),
            Code::HttpResponseIncomplete => failed(Response, true, "the response ended early"),
            Code::HttpResponseHeaderSectionSize(_)
            | Code::HttpResponseHeaderSize(_)
            | Code::HttpResponseTrailerSectionSize(_)
            | Code::HttpResponseTrailerSize(_) => {
                failed(Response, true, "the response's headers are too large")
            }
            Code::HttpResponseTransferCoding(_)
            | Code::HttpResponseContentCoding(_)
            | Code::HttpUpgradeFailed => {
                failed(Response, true, "the response's coding is not understood")
            }
            Code::HttpProtocolError => failed(
                Response,
                true,
                "HTTP protocol error, or a broken connection",
            ),

            Code::LoopDetected => failed(Host, true, "the host detected a loop"),
            Code::ConfigurationError => failed(Host, true, "the host's configuration is at fault"),
            Code::InternalError(_) => failed(Host, true, "the host reported an internal error"),
        }
    }};
}
