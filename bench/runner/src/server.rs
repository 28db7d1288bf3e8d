//! What all peers talk to: an endpoint that answers at once with what it was sent. It
//! verifies nothing, so that it does not decide the outcome, and has a thread of its own.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{oneshot, watch};
use tokio_rustls::TlsAcceptor;

/// A function that answers after 50 milliseconds.
pub const SLOW: &str = "slow";
/// How long [`SLOW`] takes.
pub const SLOW_TAKES: Duration = Duration::from_millis(50);
/// A function that answers with what it was sent.
pub const ECHO: &str = "echo";
/// A function that answers when it is told to: [`Server::release`].
pub const HELD: &str = "held";

/// What it has seen.
#[derive(Debug, Default)]
pub struct Counts {
    /// TCP connections.
    pub connections: AtomicUsize,
    /// TLS handshakes that were finished.
    pub handshakes: AtomicUsize,
    /// TLS connections that are open.
    open: AtomicUsize,
    /// Most TLS connections that were open at the same time.
    pub most_open: AtomicUsize,
    /// Requests.
    pub requests: AtomicUsize,
    /// Requests that wait for [`Server::release`].
    pub held: AtomicUsize,
}

impl Counts {
    /// TLS connections that are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

/// Stopped on drop.
pub struct Server {
    address: SocketAddr,
    tls_address: SocketAddr,
    ca: String,
    counts: Arc<Counts>,
    release: watch::Sender<bool>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on two ports of the loopback address: plain, and with TLS.
    pub fn start() -> Result<Self> {
        let (ca, tls) = certificates()?;
        let counts = Arc::new(Counts::default());
        let (release, released) = watch::channel(false);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let shared = Shared {
            counts: Arc::clone(&counts),
            released,
        };
        let thread = std::thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let listeners = listen().and_then(|plain| Ok((plain, listen()?)));
                    match listeners {
                        Ok((plain, secure)) => {
                            let _ = tell.send(
                                plain
                                    .local_addr()
                                    .and_then(|p| Ok((p, secure.local_addr()?))),
                            );
                            tokio::spawn(accept(plain, None, shared.clone()));
                            tokio::spawn(accept(secure, Some(tls), shared));
                            let _ = stopped.await;
                        }
                        Err(error) => {
                            let _ = tell.send(Err(error));
                        }
                    }
                });
            })?;
        let (address, tls_address) = told.recv().context("the server did not start")??;
        Ok(Self {
            address,
            tls_address,
            ca,
            counts,
            release,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn url(&self, tls: bool) -> String {
        if tls {
            format!("https://localhost:{}", self.tls_address.port())
        } else {
            format!("http://{}", self.address)
        }
    }

    /// The certificate of its CA, in PEM.
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// What it has seen.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Lets every call of [`HELD`] end, and those to come.
    pub fn release(&self) {
        self.release.send_replace(true);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Clone)]
struct Shared {
    counts: Arc<Counts>,
    released: watch::Receiver<bool>,
}

/// With room for a burst of connections, which would otherwise be told to try again in
/// a second.
fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(4096)
}

async fn accept(listener: TcpListener, tls: Option<Arc<ServerConfig>>, shared: Shared) {
    loop {
        let Ok((tcp, _)) = listener.accept().await else {
            // Out of descriptors: those in use are given back in a moment.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = tcp.set_nodelay(true);
        shared.counts.connections.fetch_add(1, Ordering::Relaxed);
        let (tls, shared) = (tls.clone(), shared.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(tcp, shared).await,
                Some(tls) => {
                    if let Ok(stream) = TlsAcceptor::from(tls).accept(tcp).await {
                        let counts = Arc::clone(&shared.counts);
                        counts.handshakes.fetch_add(1, Ordering::Relaxed);
                        let open = counts.open.fetch_add(1, Ordering::Relaxed) + 1;
                        counts.most_open.fetch_max(open, Ordering::Relaxed);
                        serve(stream, shared).await;
                        counts.open.fetch_sub(1, Ordering::Relaxed);
                    }
                }
            }
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Shared) {
    let service = service_fn(|request| answer(request, shared.clone()));
    // A client that goes away is no concern of ours.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    mut shared: Shared,
) -> Result<Response<Full<Bytes>>, Infallible> {
    shared.counts.requests.fetch_add(1, Ordering::Relaxed);
    // /2015-03-31/functions/NAME/invocations
    let name = request.uri().path().split('/').nth(3).unwrap_or_default();
    let (slow, held) = (name == SLOW, name == HELD);
    let body = match request.into_body().collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    if slow {
        tokio::time::sleep(SLOW_TAKES).await;
    }
    if held {
        shared.counts.held.fetch_add(1, Ordering::Relaxed);
        let _ = shared.released.wait_for(|released| *released).await;
    }
    Ok(Response::builder()
        .header("content-type", "application/json")
        .header("x-amzn-requestid", "7bfdee8a-9633-474f-a507-238e92ab975d")
        .header("x-amz-executed-version", "$LATEST")
        .header(
            "x-amzn-trace-id",
            "root=1-6740a6c5-0f1e2d3c4b5a69788796a5b4;sampled=0",
        )
        .body(Full::new(body))
        .unwrap_or_default())
}

/// A CA, and a certificate of it for `localhost`.
fn certificates() -> Result<(String, Arc<ServerConfig>)> {
    let ca_key = rcgen::KeyPair::generate()?;
    let mut ca = rcgen::CertificateParams::new(Vec::<String>::new())?;
    // Without names of their own the two would look like one, signed by itself.
    ca.distinguished_name
        .push(rcgen::DnType::CommonName, "bench CA");
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = ca.self_signed(&ca_key)?;
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate()?;
    let mut leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
    leaf.distinguished_name
        .push(rcgen::DnType::CommonName, "localhost");
    let leaf = leaf.signed_by(&key, &issuer)?;
    let chain = vec![CertificateDer::from(leaf)];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // As Lambda's own endpoints, for all peers alike.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((certificate.pem(), Arc::new(config)))
}
