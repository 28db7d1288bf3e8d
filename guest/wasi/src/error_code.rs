//! What each error of `wasi:http` means for a request.
//!
//! The question behind the table is whether the request may have reached Lambda:
//! only where it certainly did not may a call be repeated unasked. Where hosts use
//! one code for both, the answer is that it may have.

use lambda_invocation_core::error::{
    Error, HostDenial, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};

use crate::bindings::wasi::http::types::ErrorCode;
use crate::transport::Exchange;

use TransportPhase::{Connect, Host, Request, Response, Tls};

/// The error for a code of the host's.
pub(crate) fn to_error(code: &ErrorCode, exchange: &Exchange<'_>) -> Error {
    use ErrorCode as Code;
    let (phase, maybe_ran, detail) = match code {
        Code::HttpRequestDenied | Code::DestinationIpProhibited => return denied(exchange),
        Code::HttpRequestUriInvalid | Code::HttpRequestUriTooLong => {
            return Error::invalid("endpoint-url", "the host does not accept this URL");
        }
        Code::HttpResponseBodySize(_) => {
            return Error::ResponseTooLarge {
                limit: exchange.limits.body,
            };
        }
        Code::ConnectionTimeout => return timeout(TimeoutPhase::Connect, exchange),
        Code::ConnectionReadTimeout | Code::HttpResponseTimeout => {
            return timeout(TimeoutPhase::Response, exchange);
        }

        Code::DnsTimeout => (Connect, false, "the name lookup timed out"),
        // Hosts report exhausted local ports this way, too.
        Code::DnsError(_) => (
            Connect,
            false,
            "the name lookup failed, or no local port was free",
        ),
        Code::DestinationNotFound => (Connect, false, "destination not found"),
        Code::DestinationUnavailable => (Connect, false, "destination unavailable"),
        Code::DestinationIpUnroutable => (Connect, false, "no route to the destination"),
        Code::ConnectionRefused => (Connect, false, "connection refused"),

        Code::TlsProtocolError => (Tls, false, "TLS protocol error"),
        Code::TlsCertificateError => (Tls, false, "the server's certificate was not accepted"),
        Code::TlsAlertReceived(_) => (Tls, false, "the server sent a TLS alert"),

        Code::ConnectionLimitReached => (Host, false, "the host has no connection to spare"),

        Code::ConnectionWriteTimeout => (Request, true, "writing the request timed out"),
        Code::HttpRequestLengthRequired
        | Code::HttpRequestBodySize(_)
        | Code::HttpRequestMethodInvalid
        | Code::HttpRequestHeaderSectionSize(_)
        | Code::HttpRequestHeaderSize(_)
        | Code::HttpRequestTrailerSectionSize(_)
        | Code::HttpRequestTrailerSize(_) => (Request, true, "the host refused the request's form"),

        Code::ConnectionTerminated => (Response, true, "the connection was closed"),
        Code::HttpResponseIncomplete => (Response, true, "the response ended early"),
        Code::HttpResponseHeaderSectionSize(_)
        | Code::HttpResponseHeaderSize(_)
        | Code::HttpResponseTrailerSectionSize(_)
        | Code::HttpResponseTrailerSize(_) => {
            (Response, true, "the response's headers are too large")
        }
        Code::HttpResponseTransferCoding(_)
        | Code::HttpResponseContentCoding(_)
        | Code::HttpUpgradeFailed => (Response, true, "the response's coding is not understood"),
        Code::HttpProtocolError => (
            Response,
            true,
            "HTTP protocol error, or a broken connection",
        ),

        Code::LoopDetected => (Host, true, "the host detected a loop"),
        Code::ConfigurationError => (Host, true, "the host's configuration is at fault"),
        Code::InternalError(_) => (Host, true, "the host reported an internal error"),
    };
    Error::Transport(TransportError {
        phase,
        detail: detail_with_text(detail, code),
        maybe_ran,
    })
}

/// Adds the host's own words where a code carries them.
fn detail_with_text(detail: &str, code: &ErrorCode) -> String {
    let text = match code {
        ErrorCode::DnsError(payload) => payload.rcode.as_deref(),
        ErrorCode::TlsAlertReceived(payload) => payload.alert_message.as_deref(),
        ErrorCode::InternalError(text) => text.as_deref(),
        _ => None,
    };
    match text {
        Some(text) => format!("{detail}: {text}"),
        None => detail.to_owned(),
    }
}

fn denied(exchange: &Exchange<'_>) -> Error {
    let url = exchange.endpoint.origin();
    Error::DeniedByHost(HostDenial {
        hint: format!(
            "allow outgoing requests to {url}: --allow in lambda-host, allowed_outbound_hosts in Spin, allowedHosts in wasmCloud"
        ),
        url,
    })
}

fn timeout(phase: TimeoutPhase, exchange: &Exchange<'_>) -> Error {
    let limit = match phase {
        TimeoutPhase::Connect => exchange.limits.connect,
        _ => exchange.limits.response,
    };
    Error::Timeout(TimeoutError {
        phase,
        after_ms: u32::try_from(limit.as_millis()).unwrap_or(u32::MAX),
        // jco's WASI shim reports by `connection-timeout` whatever keeps a connection silent
        // for as long, a function that is at work among it.
        maybe_ran: true,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lambda_invocation_core::call::endpoint::{Endpoint, Scheme};

    use super::*;
    use crate::bindings::wasi::http::types::Method;
    use crate::transport::Limits;

    fn to_error(code: &ErrorCode) -> Error {
        let endpoint = Endpoint {
            scheme: Scheme::Https,
            authority: "lambda.us-east-1.amazonaws.com".to_owned(),
            base_path: String::new(),
        };
        let exchange = Exchange {
            method: Method::Post,
            endpoint: &endpoint,
            limits: Limits {
                connect: Duration::from_secs(1),
                response: Duration::from_secs(2),
                body: 3,
            },
        };
        super::to_error(code, &exchange)
    }

    #[test]
    fn only_failures_before_the_request_count_as_not_sent() {
        use ErrorCode::*;
        let not_sent = [
            DnsTimeout,
            DestinationNotFound,
            DestinationUnavailable,
            DestinationIpUnroutable,
            ConnectionRefused,
            ConnectionLimitReached,
            TlsProtocolError,
            TlsCertificateError,
        ];
        let maybe_sent = [
            ConnectionTerminated,
            ConnectionTimeout,
            ConnectionReadTimeout,
            ConnectionWriteTimeout,
            HttpResponseTimeout,
            HttpResponseIncomplete,
            HttpProtocolError,
            ConfigurationError,
            LoopDetected,
            InternalError(None),
        ];
        let sent = |code: &ErrorCode| match to_error(code) {
            Error::Transport(e) => e.maybe_ran,
            Error::Timeout(e) => e.maybe_ran,
            other => panic!("{other:?}"),
        };
        for code in not_sent {
            assert!(!sent(&code), "{code:?}");
        }
        for code in maybe_sent {
            assert!(sent(&code), "{code:?}");
        }
    }

    #[test]
    fn a_denial_names_the_origin_to_allow() {
        for code in [
            ErrorCode::HttpRequestDenied,
            ErrorCode::DestinationIpProhibited,
        ] {
            let Error::DeniedByHost(denial) = to_error(&code) else {
                panic!("{code:?}");
            };
            assert_eq!(denial.url, "https://lambda.us-east-1.amazonaws.com");
            assert!(denial.hint.contains(&denial.url));
        }
    }
}
