//! What the errors of TCP, TLS and HTTP are in terms of `wasi:http`.
//!
//! A component decides by them whether it may repeat a call, so the line that must
//! never blur is the one between "nothing of the request was written" and "it may have
//! arrived". On this side of it stand the codes of connecting; on the other
//! `connection-terminated`, `HTTP-response-incomplete`, `HTTP-protocol-error` and the
//! timeouts of responses.
//!
//! | what happened                                             | code                              | written |
//! |-----------------------------------------------------------|-----------------------------------|---------|
//! | the name lookup failed, or ran out of time                | `DNS-error`, `DNS-timeout`        | no      |
//! | the name has only addresses of metadata services          | `destination-IP-prohibited`       | no      |
//! | refused, reset while connecting                           | `connection-refused`              | no      |
//! | no route                                                  | `destination-IP-unroutable`       | no      |
//! | not connected, TLS included, within the connect timeout   | `connection-timeout`              | no      |
//! | no free port, no free file descriptor                     | `connection-limit-reached`        | no      |
//! | the certificate was not accepted                          | `TLS-certificate-error`           | no      |
//! | the server ended the handshake with an alert              | `TLS-alert-received`              | no      |
//! | it does not speak TLS, or not ours                        | `TLS-protocol-error`              | no      |
//! | a connection closed before the request was begun          | `destination-unavailable`         | no      |
//! | the server refused an HTTP/2 stream unprocessed           | `connection-limit-reached`        | no      |
//! | the server went away (GOAWAY) before it processed it      | `destination-unavailable`         | no      |
//! | closed or reset after the request was begun               | `connection-terminated`           | maybe   |
//! | no response within the first-byte timeout                 | `HTTP-response-timeout`           | maybe   |
//! | the response's head is no HTTP                            | `HTTP-protocol-error`             | yes     |
//! | its head is larger than is read                           | `HTTP-response-header-section-size` | yes   |
//! | its body ended early                                      | `HTTP-response-incomplete`        | yes     |
//! | nothing more of its body within the between-bytes timeout | `connection-read-timeout`         | yes     |
//! | a proxy refused with a status below 500                   | `HTTP-request-denied`[^1]         | no      |
//! | a proxy refused otherwise, spoke no HTTP or did not answer | `destination-unavailable`        | no      |
//!
//! [^1]: A component is told another code, see [`Failed::told`].

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io};

use http::Uri;
use http::uri::Authority;
use hyper_util::client::legacy;
#[cfg(feature = "aws-config")]
use lambda_invocation_core::call::{
    endpoint::Endpoint,
    wasi_http::{Limits, wasi_http_failure},
};
use lambda_invocation_core::error::{Error, TransportError, TransportPhase};
use rustls::CertificateError;
use wasmtime_wasi_http::p2::bindings::http::types::{
    DnsErrorPayload, ErrorCode, TlsAlertReceivedPayload,
};

use crate::proxy::Server;

/// Why there is no response.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    /// In terms of `wasi:http`.
    pub(super) code: ErrorCode,
    /// What a proxy has to do with it.
    pub(super) proxy: Option<ByProxy>,
}

/// What a proxy has to do with a failure, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ByProxy {
    /// It, or the way to it, is why.
    Why(String),
    /// It does not let the request through, and will not the next time. With the origin that
    /// the request was for.
    Refuses(String),
}

impl Failed {
    /// A proxy is why.
    pub(super) fn by_proxy(code: ErrorCode, what: String) -> Self {
        Self {
            code,
            proxy: Some(ByProxy::Why(what)),
        }
    }

    /// A proxy refuses a request for `uri`.
    pub(super) fn refused(uri: &Uri, what: &str) -> Self {
        let scheme = uri.scheme_str().unwrap_or("http");
        let authority = uri.authority().map_or("", Authority::as_str);
        Self {
            code: ErrorCode::HttpRequestDenied,
            proxy: Some(ByProxy::Refuses(format!("{scheme}://{authority}: {what}"))),
        }
    }

    /// It happened beyond a proxy, or on the way there, if none is named yet.
    pub(super) fn through(mut self, server: &Server) -> Self {
        let through = || ByProxy::Why(format!("through the proxy {server}"));
        self.proxy.get_or_insert_with(through);
        self
    }

    pub(super) fn is_connection_timeout(&self) -> bool {
        matches!(self.code, ErrorCode::ConnectionTimeout)
    }

    /// What a component is told, and what it cannot be.
    ///
    /// `wasi:http` has no code for what a proxy refuses. The host's own refusal is an error in
    /// which attempts are not counted; TLS that fails is the one that counts them and is not
    /// repeated.
    pub(crate) fn told(self, note: &ProxyNote) -> ErrorCode {
        let code = match &self.proxy {
            Some(ByProxy::Refuses(_)) => ErrorCode::TlsProtocolError,
            _ => self.code,
        };
        note.set(self.proxy);
        code
    }

    /// In core's terms, for a request to `endpoint` with these limits.
    #[cfg(feature = "aws-config")]
    pub(crate) fn into_error(self, endpoint: &Endpoint, limits: &Limits) -> Error {
        let note = ProxyNote::default();
        let code = self.told(&note);
        note.explain(wasi_http_failure!(ErrorCode, &code).into_error(endpoint, limits))
    }
}

impl From<ErrorCode> for Failed {
    fn from(code: ErrorCode) -> Self {
        Self { code, proxy: None }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.code)
    }
}

impl StdError for Failed {}

/// What a proxy has to do with the failure of a call's last request, for the call's error to
/// say.
#[derive(Clone, Default)]
pub(crate) struct ProxyNote(Arc<Mutex<Option<ByProxy>>>);

impl ProxyNote {
    /// For the next request.
    pub(crate) fn clear(&self) {
        self.set(None);
    }

    fn set(&self, what: Option<ByProxy>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// The call's error, with it.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let note = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (error, &*note) {
            (Error::Transport(e), Some(ByProxy::Refuses(what))) => {
                Error::Transport(TransportError {
                    phase: TransportPhase::Connect,
                    detail: what.clone(),
                    ..e
                })
            }
            (Error::Transport(e), Some(ByProxy::Why(what))) => Error::Transport(TransportError {
                detail: format!("{} ({what})", e.detail),
                ..e
            }),
            (error, _) => error,
        }
    }
}

/// A name that was not found.
pub(super) fn dns(error: &io::Error) -> ErrorCode {
    if is_out_of_descriptors(error) {
        return ErrorCode::ConnectionLimitReached;
    }
    ErrorCode::DnsError(DnsErrorPayload {
        // The resolver's own words tell a name that does not exist from a resolver
        // that does not answer.
        rcode: Some(error.to_string()),
        info_code: None,
    })
}

/// A TCP connection that was not made. The last of its addresses counts.
pub(super) fn connect(error: &(dyn StdError + 'static)) -> ErrorCode {
    use io::ErrorKind as Kind;
    let Some(error) = find::<io::Error>(error) else {
        return ErrorCode::DestinationUnavailable;
    };
    if is_out_of_descriptors(error) {
        return ErrorCode::ConnectionLimitReached;
    }
    match error.kind() {
        Kind::ConnectionRefused | Kind::ConnectionReset | Kind::ConnectionAborted => {
            ErrorCode::ConnectionRefused
        }
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => {
            ErrorCode::DestinationIpUnroutable
        }
        Kind::TimedOut => ErrorCode::ConnectionTimeout,
        // All local ports are in use.
        Kind::AddrNotAvailable | Kind::AddrInUse => ErrorCode::ConnectionLimitReached,
        _ => ErrorCode::DestinationUnavailable,
    }
}

/// `ENFILE` and `EMFILE`, or `WSAEMFILE`, which have no kind of their own.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) { &[10_024] } else { &[23, 24] };
    error
        .raw_os_error()
        .is_some_and(|code| codes.contains(&code))
}

/// A handshake that failed.
pub(super) fn tls(error: &io::Error) -> ErrorCode {
    match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            tracing::debug!("server certificate not accepted: {}", certificate(reason));
            ErrorCode::TlsCertificateError
        }
        Some(rustls::Error::NoCertificatesPresented) => ErrorCode::TlsCertificateError,
        Some(rustls::Error::AlertReceived(alert)) => {
            ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
                alert_id: Some((*alert).into()),
                alert_message: Some(format!("{alert:?}")),
            })
        }
        _ => ErrorCode::TlsProtocolError,
    }
}

/// Short names for the usual reasons; the long ones quote the certificate.
fn certificate(reason: &CertificateError) -> &'static str {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "not valid yet"
        }
        CertificateError::UnknownIssuer => "unknown issuer",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "for another name"
        }
        CertificateError::Revoked => "revoked",
        _ => "unsound",
    }
}

/// A request without a response.
pub(super) fn request(error: &legacy::Error) -> Failed {
    // Without a connection's data it was never handed to one.
    if error.connect_info().is_none() {
        return find::<Failed>(error)
            .cloned()
            .unwrap_or_else(|| ErrorCode::DestinationUnavailable.into());
    }
    sent(error).into()
}

/// A request that was handed to a connection.
fn sent(error: &legacy::Error) -> ErrorCode {
    let cause = find::<hyper::Error>(error);
    // Handed to a connection, and given back untouched.
    if cause.is_some_and(hyper::Error::is_canceled) {
        return ErrorCode::DestinationUnavailable;
    }
    let Some(cause) = cause else {
        return ErrorCode::ConnectionTerminated;
    };
    if let Some(h2) = find::<h2::Error>(cause) {
        return http2(h2);
    }
    if cause.is_parse_too_large() {
        ErrorCode::HttpResponseHeaderSectionSize(None)
    } else if cause.is_parse() {
        ErrorCode::HttpProtocolError
    } else {
        ErrorCode::ConnectionTerminated
    }
}

fn http2(error: &h2::Error) -> ErrorCode {
    // Streams with this error are those that the server said it will not process, which RFC
    // 9113 section 8.7 guarantees to be safe to repeat. Of others it is not the error.
    if error.is_go_away() && error.is_remote() {
        return ErrorCode::DestinationUnavailable;
    }
    match error.reason() {
        // RFC 9113 section 8.7: not processed at all.
        Some(h2::Reason::REFUSED_STREAM) if error.is_remote() => ErrorCode::ConnectionLimitReached,
        Some(h2::Reason::PROTOCOL_ERROR | h2::Reason::HTTP_1_1_REQUIRED) => {
            ErrorCode::HttpProtocolError
        }
        _ => ErrorCode::ConnectionTerminated,
    }
}

/// A response's body that broke.
pub(super) fn body(error: &hyper::Error) -> ErrorCode {
    if error.is_incomplete_message() {
        return ErrorCode::HttpResponseIncomplete;
    }
    if find::<h2::Error>(error).is_some() {
        return ErrorCode::HttpResponseIncomplete;
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        // Chunks that are none.
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            ErrorCode::HttpProtocolError
        }
        _ => ErrorCode::HttpResponseIncomplete,
    }
}

/// The first error of a type in a chain.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An io::Error is a layer of its own around what it was made from.
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
