//! The peer's end of a connection, and what is counted at it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authority::Pki;

pub type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

pub const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull";

#[derive(Default)]
pub struct Tally {
    pub connections: AtomicU32,
    pub runs: AtomicU32,
}

pub struct Link {
    pub stream: TcpStream,
    pub pki: Arc<Pki>,
    pub tally: Arc<Tally>,
}

impl Link {
    /// TLS as it should be, with HTTP/1.1.
    pub async fn tls(self) -> io::Result<Secure> {
        let identity = self.pki.good();
        self.tls_as(identity).await
    }

    /// TLS with this certificate, and HTTP/1.1.
    pub async fn tls_as(self, identity: Identity) -> io::Result<Secure> {
        self.tls_with(config(identity, rustls::ALL_VERSIONS, b"http/1.1"))
            .await
    }

    pub async fn tls_with(self, config: ServerConfig) -> io::Result<Secure> {
        let stream = TlsAcceptor::from(Arc::new(config)).accept(self.stream);
        Ok(Secure {
            stream: stream.await?,
            tally: self.tally,
        })
    }
}

/// A connection with TLS.
pub struct Secure {
    pub stream: TlsStream<TcpStream>,
    pub tally: Arc<Tally>,
}

impl Secure {
    /// Reads a whole request of HTTP/1.1, and so runs the function.
    pub async fn run(&mut self) -> io::Result<()> {
        read_request(&mut self.stream).await?;
        self.tally.runs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// What the client sends, until it closes.
    pub async fn drain(&mut self) -> io::Result<()> {
        let mut piece = [0; 4096];
        while self.stream.read(&mut piece).await? > 0 {}
        Ok(())
    }
}

/// A server that offers `alpn`, or none where that is empty.
pub fn config(
    (chain, key): Identity,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[u8],
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap();
    let mut config = config
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    if !alpn.is_empty() {
        config.alpn_protocols = vec![alpn.to_vec()];
    }
    config
}

/// Reads a whole request of HTTP/1.1.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut seen = Vec::new();
    let head = loop {
        if let Some(at) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        some(stream, &mut seen).await?;
    };
    let text = String::from_utf8_lossy(&seen[..head]).to_ascii_lowercase();
    let (_, rest) = text.split_once("content-length:").expect("a length");
    let length: usize = rest.lines().next().unwrap().trim().parse().unwrap();
    while seen.len() < head + length {
        some(stream, &mut seen).await?;
    }
    Ok(())
}

/// Appends what comes, and fails at the end.
pub async fn some(stream: &mut (impl AsyncRead + Unpin), seen: &mut Vec<u8>) -> io::Result<()> {
    match stream.read_buf(seen).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
