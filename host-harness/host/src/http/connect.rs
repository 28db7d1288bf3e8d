//! From a URI to a connection: look the name up, check the addresses, connect, and
//! shake hands, each with an error of its own.
//!
//! Whatever fails here failed before a byte of a request was written.

use std::future;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{self, Connected, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;

use super::tls::Tls;
use super::{Failed, error, tunnel};
use crate::egress::{Origin, is_metadata_address};
use crate::proxy::{Proxy, Server};

/// How long a silent connection stays before the system probes it, and between probes.
/// Calls may wait 15 minutes for a function, and NAT gateways forget idle connections
/// after about 6.
const KEEPALIVE: Duration = Duration::from_secs(30);

tokio::task_local! {
    /// The connect timeout of the request that a connection is made for. The pool
    /// between the two knows of URIs only.
    pub(super) static CONNECT_TIMEOUT: Duration;
}

/// A connection with the endpoint or with a proxy, with TLS or without.
pub(super) type Peer = MaybeHttpsStream<TokioIo<TcpStream>>;

/// A connection that requests are sent on.
pub(super) struct Connection {
    /// With the endpoint, with TLS or without.
    stream: MaybeHttpsStream<Peer>,
    /// Whether a proxy is at the other end, to forward requests.
    forwarded: bool,
    _counted: Counted,
}

/// How many connections a client has made, and how many of them are open.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) made: AtomicU64,
    pub(crate) open: AtomicU64,
}

/// An open connection.
struct Counted(Arc<Counts>);

impl Counted {
    fn new(counts: &Arc<Counts>) -> Self {
        counts.made.fetch_add(1, Ordering::Relaxed);
        counts.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counts))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Looks a name up. The ports of its answers mean nothing.
pub(super) type Resolver = Arc<dyn Fn(&str) -> Looking + Send + Sync>;
/// A lookup under way.
pub(super) type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// The system's resolver.
pub(super) fn system(name: &str) -> Looking {
    let name = name.to_owned();
    Box::pin(async move { Ok(lookup_host((name, 0)).await?.collect()) })
}

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    tls: Arc<Tls>,
    resolver: Resolver,
    /// The origins for which link-local addresses are no mistake; without it, all.
    allowed: Option<Arc<[Origin]>>,
    proxy: Proxy,
    counts: Arc<Counts>,
}

impl Connector {
    /// `allowed` are the origins for which link-local addresses are no mistake; without it,
    /// they are none anywhere.
    pub(super) fn new(
        tls: Tls,
        resolver: Resolver,
        allowed: Option<Arc<[Origin]>>,
        proxy: Proxy,
    ) -> Self {
        Self {
            tls: Arc::new(tls),
            resolver,
            allowed,
            proxy,
            counts: Arc::default(),
        }
    }

    #[cfg(feature = "serve")]
    pub(super) fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    async fn connect(self, uri: Uri, limit: Duration) -> Result<Connection, Failed> {
        // The furthest instant there is would overflow; a day is as good as never.
        let deadline = Instant::now() + limit.min(Duration::from_secs(86_400));
        let Some(server) = self.proxy.server(&uri) else {
            let stream = self.straight(&uri, deadline).await?;
            return Ok(self.made(stream, false));
        };
        match timeout_at(deadline, self.through(server, &uri, deadline)).await {
            Ok(Err(failed)) if !failed.is_connection_timeout() => Err(failed),
            Ok(Ok(connection)) => Ok(connection),
            _ => {
                let waited = limit.as_millis();
                let what = format!("the proxy {server} did not answer within {waited} ms");
                Err(Failed::by_proxy(ErrorCode::DestinationUnavailable, what))
            }
        }
    }

    /// Connects to the endpoint itself.
    async fn straight(
        &self,
        uri: &Uri,
        deadline: Instant,
    ) -> Result<MaybeHttpsStream<Peer>, ErrorCode> {
        let addresses = timeout_at(deadline, self.resolve(uri))
            .await
            .unwrap_or(Err(ErrorCode::DnsTimeout))?;
        let handshake = async {
            let peer = MaybeHttpsStream::Http(tcp(uri, addresses, deadline).await?);
            if is_https(uri) {
                handshake(self.tls.config().await?, uri, peer).await
            } else {
                Ok(MaybeHttpsStream::Http(peer))
            }
        };
        timeout_at(deadline, handshake)
            .await
            .unwrap_or(Err(ErrorCode::ConnectionTimeout))
    }

    /// Connects to the endpoint through a proxy.
    async fn through(
        &self,
        server: &Server,
        uri: &Uri,
        deadline: Instant,
    ) -> Result<Connection, Failed> {
        let failed = |code| Failed::by_proxy(code, format!("the proxy {server}"));
        let addresses = self.lookup(server.uri()).await.map_err(failed)?;
        let peer = tcp(server.uri(), addresses, deadline).await;
        let peer = peer.map_err(failed)?;
        let peer = if is_https(server.uri()) {
            let config = self.tls.config_of_http1().await?;
            let peer = handshake(config, server.uri(), peer).await;
            peer.map_err(failed)?
        } else {
            MaybeHttpsStream::Http(peer)
        };
        if !is_https(uri) {
            return Ok(self.made(MaybeHttpsStream::Http(peer), true));
        }
        let peer = tunnel::open(peer, uri, server).await?;
        let stream = handshake(self.tls.config().await?, uri, peer).await;
        let stream = stream.map_err(|code| Failed::from(code).through(server))?;
        Ok(self.made(stream, false))
    }

    fn made(&self, stream: MaybeHttpsStream<Peer>, forwarded: bool) -> Connection {
        Connection {
            stream,
            forwarded,
            _counted: Counted::new(&self.counts),
        }
    }

    /// The addresses to try: those that were looked up, and passed. No name is looked up again
    /// to connect.
    pub(super) async fn resolve(&self, uri: &Uri) -> Result<Vec<SocketAddr>, ErrorCode> {
        let origin = Origin::of(uri).ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let found = self.lookup(uri).await?;
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

    /// The addresses of a host.
    async fn lookup(&self, uri: &Uri) -> Result<Vec<SocketAddr>, ErrorCode> {
        let host = bare_host(uri).ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let found = match host.parse::<IpAddr>() {
            // The port is set from the URI by the TCP connector.
            Ok(ip) => vec![SocketAddr::new(ip, 0)],
            Err(_) => (self.resolver)(host).await.map_err(|e| error::dns(&e))?,
        };
        if found.is_empty() {
            return Err(ErrorCode::DestinationNotFound);
        }
        Ok(found)
    }
}

/// Connects to one of the addresses.
async fn tcp(
    uri: &Uri,
    addresses: Vec<SocketAddr>,
    deadline: Instant,
) -> Result<TokioIo<TcpStream>, ErrorCode> {
    let mut tcp = HttpConnector::new_with_resolver(Resolved(addresses));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE));
    // Divided over the addresses, so that one that does not answer leaves time for the
    // next.
    tcp.set_connect_timeout(Some(deadline.saturating_duration_since(Instant::now())));
    tcp.call(uri.clone()).await.map_err(|e| error::connect(&e))
}

/// TLS with the host of `uri`.
async fn handshake<S: Read + Write + Unpin>(
    config: Arc<ClientConfig>,
    uri: &Uri,
    stream: S,
) -> Result<MaybeHttpsStream<S>, ErrorCode> {
    let host = bare_host(uri).ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let stream = TlsConnector::from(config)
        .connect(name, TokioIo::new(stream))
        .await
        .map_err(|e| error::tls(&e))?;
    Ok(MaybeHttpsStream::Https(TokioIo::new(stream)))
}

fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS)
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
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, Failed>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let limit = CONNECT_TIMEOUT
            .try_with(|limit| *limit)
            .unwrap_or(super::DEFAULT_CONNECT_TIMEOUT);
        Box::pin(self.clone().connect(uri, limit))
    }
}

impl connect::Connection for Connection {
    fn connected(&self) -> Connected {
        // A proxy that forwards requests is told whole URIs.
        self.stream.connected().proxy(self.forwarded)
    }
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl Write for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
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
