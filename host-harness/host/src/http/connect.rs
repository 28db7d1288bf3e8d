//! From a URI to a connection: look the name up, check the addresses, connect, and
//! shake hands, each with an error of its own.
//!
//! Whatever fails here failed before a byte of a request was written.

use std::future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;

use super::error;
use super::tls::Tls;
use crate::egress::{Origin, is_metadata_address};

/// How long a silent connection stays before the system probes it, and between probes.
/// Calls may wait 15 minutes for a function, and NAT gateways forget idle connections
/// after about 6.
const KEEPALIVE: Duration = Duration::from_secs(30);

tokio::task_local! {
    /// The connect timeout of the request that a connection is made for. The pool
    /// between the two knows of URIs only.
    pub(super) static CONNECT_TIMEOUT: Duration;
}

/// A connection, with TLS or without.
pub(super) type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    tls: Arc<Tls>,
    /// The origins for which link-local addresses are no mistake; without it, all.
    allowed: Option<Arc<[Origin]>>,
}

impl Connector {
    /// `allowed` are the origins for which link-local addresses are no mistake; without it,
    /// they are none anywhere.
    pub(super) fn new(tls: Tls, allowed: Option<Arc<[Origin]>>) -> Self {
        Self {
            tls: Arc::new(tls),
            allowed,
        }
    }

    async fn connect(self, uri: Uri, limit: Duration) -> Result<Connection, ErrorCode> {
        // The furthest instant there is would overflow; a day is as good as never.
        let deadline = Instant::now() + limit.min(Duration::from_secs(86_400));
        let addresses = timeout_at(deadline, self.resolve(&uri))
            .await
            .unwrap_or(Err(ErrorCode::DnsTimeout))?;
        let handshake = async {
            let mut tcp = HttpConnector::new_with_resolver(Resolved(addresses));
            tcp.enforce_http(false);
            tcp.set_nodelay(true);
            tcp.set_keepalive(Some(KEEPALIVE));
            tcp.set_keepalive_interval(Some(KEEPALIVE));
            // Divided over the addresses, so that one that does not answer leaves time
            // for the next.
            tcp.set_connect_timeout(Some(deadline.saturating_duration_since(Instant::now())));
            let tcp = tcp
                .call(uri.clone())
                .await
                .map_err(|e| error::connect(&e))?;
            if uri.scheme() == Some(&http::uri::Scheme::HTTPS) {
                self.handshake(&uri, tcp).await
            } else {
                Ok(MaybeHttpsStream::Http(tcp))
            }
        };
        timeout_at(deadline, handshake)
            .await
            .unwrap_or(Err(ErrorCode::ConnectionTimeout))
    }

    /// The addresses to try.
    async fn resolve(&self, uri: &Uri) -> Result<Vec<SocketAddr>, ErrorCode> {
        let origin = Origin::of(uri).ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let host = bare_host(uri).ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let found: Vec<SocketAddr> = match host.parse::<IpAddr>() {
            // The port is set from the URI by the TCP connector.
            Ok(ip) => vec![SocketAddr::new(ip, 0)],
            Err(_) => lookup_host((host, 0))
                .await
                .map_err(|e| error::dns(&e))?
                .collect(),
        };
        if found.is_empty() {
            return Err(ErrorCode::DestinationNotFound);
        }
        let is_allowed = |allowed: &Arc<[Origin]>| allowed.contains(&origin);
        let permitted: Vec<SocketAddr> = if self.allowed.as_ref().is_none_or(is_allowed) {
            found
        } else {
            found
                .into_iter()
                .filter(|address| !is_metadata_address(address.ip()))
                .collect()
        };
        if permitted.is_empty() {
            return Err(ErrorCode::DestinationIpProhibited);
        }
        Ok(permitted)
    }

    async fn handshake(&self, uri: &Uri, tcp: TokioIo<TcpStream>) -> Result<Connection, ErrorCode> {
        let host = bare_host(uri).ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
        let stream = TlsConnector::from(self.tls.config().await?)
            .connect(name, TokioIo::new(tcp))
            .await
            .map_err(|e| error::tls(&e))?;
        Ok(MaybeHttpsStream::Https(TokioIo::new(stream)))
    }
}

/// The host without the brackets of an IPv6 address.
fn bare_host(uri: &Uri) -> Option<&str> {
    let host = uri.host()?;
    Some(
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host),
    )
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = ErrorCode;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, ErrorCode>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ErrorCode>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let limit = CONNECT_TIMEOUT
            .try_with(|limit| *limit)
            .unwrap_or(super::DEFAULT_CONNECT_TIMEOUT);
        Box::pin(self.clone().connect(uri, limit))
    }
}

/// A resolver that knows the answer: addresses are checked before it is asked.
#[derive(Clone)]
struct Resolved(Vec<SocketAddr>);

impl Service<Name> for Resolved {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = future::Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        future::ready(Ok(self.0.clone().into_iter()))
    }
}
