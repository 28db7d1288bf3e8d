//! Outgoing HTTP: one client for all calls of a host, which keeps connections.
//!
//! It speaks HTTP/1.1, and HTTP/2 where TLS agrees on it. It follows no redirect and
//! decodes no content, so what arrives is what was signed and what comes back is what was
//! sent. It uses the [`Proxy`] that it is given. [`error`] has the table of what can fail.

mod body;
mod connect;
mod error;
mod hooks;
#[cfg(test)]
mod tests;
mod tls;
mod tunnel;
mod watch;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use tokio::time::{sleep, timeout};
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{RequestOptions, WasiBody};

use self::body::ResponseBody;
#[cfg(feature = "serve")]
pub(crate) use self::connect::Counts;
use self::connect::{CONNECT_TIMEOUT, Connector, Resolver};
use self::tls::Tls;
use crate::egress::Origin;
use crate::proxy::Proxy;

pub(crate) use self::error::{Failed, ProxyNote};
#[cfg(feature = "serve")]
pub(crate) use self::hooks::Attempts;
pub(crate) use self::hooks::Hooks;
pub use self::watch::Setback;
pub(crate) use self::watch::Watcher;

/// For components that set none. Ours sets all three.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// See [`DEFAULT_CONNECT_TIMEOUT`]. As in wasmtime.
const DEFAULT_RESPONSE_TIMEOUT: Duration = Duration::from_secs(600);
/// HTTP/2 pings find out that a peer is gone while a call waits for its function, as
/// TCP keep-alive does for HTTP/1.1.
const HTTP2_PING: Duration = Duration::from_secs(30);

/// How connections are kept for later calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PoolOptions {
    /// How long an unused connection is kept.
    pub(crate) idle_timeout: Duration,
    /// Most unused connections kept for an origin.
    pub(crate) max_idle_per_origin: usize,
}

impl Default for PoolOptions {
    /// 20 seconds, as a request on a connection that the server closes at that moment
    /// counts as sent, and servers keep idle connections for a minute and more; and
    /// all connections: little more than there are calls at a time.
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(20),
            max_idle_per_origin: usize::MAX,
        }
    }
}

/// The client. Cloning shares its connections.
#[derive(Clone)]
pub(crate) struct Client {
    inner: legacy::Client<Connector, WasiBody>,
    proxy: Proxy,
    #[cfg(feature = "serve")]
    counts: Arc<Counts>,
}

impl Client {
    /// `allowed` are the origins for which link-local addresses are no mistake.
    pub(crate) fn new(
        extra_roots: Vec<CertificateDer<'static>>,
        allowed: Arc<[Origin]>,
        pool: PoolOptions,
        proxy: Proxy,
    ) -> Self {
        let tls = Tls::new(extra_roots);
        Self::with(tls, Arc::new(connect::system), Some(allowed), pool, proxy)
    }

    /// A client for requests that the host makes itself, to sources of credentials: some of
    /// them have link-local addresses.
    #[cfg(feature = "aws-config")]
    pub(crate) fn for_credentials(extra_roots: Vec<CertificateDer<'static>>, proxy: Proxy) -> Self {
        let (tls, pool) = (Tls::new(extra_roots), PoolOptions::default());
        Self::with(tls, Arc::new(connect::system), None, pool, proxy)
    }

    fn with(
        tls: Tls,
        resolver: Resolver,
        allowed: Option<Arc<[Origin]>>,
        pool: PoolOptions,
        proxy: Proxy,
    ) -> Self {
        let connector = Connector::new(tls, resolver, allowed, proxy.clone());
        #[cfg(feature = "serve")]
        let counts = connector.counts();
        let inner = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(pool.idle_timeout)
            .pool_max_idle_per_host(pool.max_idle_per_origin)
            .http2_keep_alive_interval(HTTP2_PING)
            .http2_keep_alive_timeout(HTTP2_PING)
            .build(connector);
        Self {
            inner,
            proxy,
            #[cfg(feature = "serve")]
            counts,
        }
    }

    /// Its connections.
    #[cfg(feature = "serve")]
    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Sends a request and waits for the head of its response.
    ///
    /// A kept connection that turns out closed before anything was written on it is
    /// replaced unseen.
    pub(crate) async fn send(
        &self,
        mut request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Failed> {
        let server = self.proxy.server(request.uri()).cloned();
        // What is not in a tunnel has the proxy's credentials with it.
        let forwarding = server
            .as_ref()
            .filter(|_| request.uri().scheme_str() == Some("http"));
        if let Some(authorization) = forwarding.and_then(|server| server.authorization()) {
            let headers = request.headers_mut();
            headers.insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        let uri = request.uri().clone();
        let connect = options.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT);
        let first_byte = options
            .first_byte_timeout
            .unwrap_or(DEFAULT_RESPONSE_TIMEOUT);
        let between_bytes = options
            .between_bytes_timeout
            .unwrap_or(DEFAULT_RESPONSE_TIMEOUT);
        let mut connected = capture_connection(&mut request);
        let response = pin!(CONNECT_TIMEOUT.scope(connect, self.inner.request(request)));
        let limit = async {
            let connected = timeout(connect, connected.wait_for_connection_metadata());
            if connected.await.is_err() {
                return ErrorCode::ConnectionTimeout;
            }
            sleep(first_byte).await;
            ErrorCode::HttpResponseTimeout
        };
        tokio::select! {
            // At a tie the connector's own timeout is the one that says more.
            biased;
            response = response => match response {
                Ok(response) => match forwarding {
                    Some(server) if tunnel::refuses(&response) => {
                        Err(tunnel::refused(response.status(), server, &uri))
                    }
                    _ => {
                        let version = response.version();
                        Ok(response.map(|incoming| {
                            ResponseBody::new(incoming, version, between_bytes).boxed_unsync()
                        }))
                    }
                },
                Err(e) => Err(error::request(&e)),
            },
            code = limit => Err(code.into()),
        }
        .map_err(|failed| match &server {
            Some(server) => failed.through(server),
            None => failed,
        })
    }
}
