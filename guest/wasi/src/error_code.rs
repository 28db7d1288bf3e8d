//! The codes of `wasi:http` for errors, in the bindings' own type:
//! [`lambda_invocation_core::call::wasi_http`] says what each means.

use lambda_invocation_core::call::wasi_http::wasi_http_failure;
use lambda_invocation_core::error::Error;

use crate::bindings::wasi::http::types::ErrorCode;
use crate::transport::Exchange;

/// The error for a code of the host's.
pub(crate) fn to_error(code: &ErrorCode, exchange: &Exchange<'_>) -> Error {
    wasi_http_failure!(ErrorCode, code).into_error(exchange.endpoint, &exchange.limits)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lambda_invocation_core::call::endpoint::{Endpoint, Scheme};

    use super::*;
    use crate::bindings::wasi::http::types::Method;
    use lambda_invocation_core::call::wasi_http::Limits;

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
