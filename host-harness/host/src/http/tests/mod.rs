//! The client against servers that misbehave, one way each.

mod connections;
mod dns;
mod failures;
mod proxy;
mod requests;
mod tls;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::Error;

use super::*;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(20);
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Timeouts that do not run out.
const PATIENT: RequestOptions = RequestOptions {
    connect_timeout: Some(LONG),
    first_byte_timeout: Some(LONG),
    between_bytes_timeout: Some(LONG),
};

fn client() -> Client {
    client_trusting(Vec::new())
}

fn client_trusting(roots: Vec<CertificateDer<'static>>) -> Client {
    Client::new(
        roots,
        Arc::new([]),
        PoolOptions::default(),
        Proxy::default(),
    )
}

fn post(uri: &str, body: &Bytes) -> Request<WasiBody> {
    let body = Full::new(body.clone()).map_err(|e: Infallible| match e {});
    Request::post(uri).body(body.boxed_unsync()).unwrap()
}

/// The status and the body, or the error's name.
async fn exchange(
    client: &Client,
    uri: &str,
    options: RequestOptions,
) -> Result<(u16, Bytes), String> {
    let body = Bytes::from_static(b"{}");
    match client.send(post(uri, &body), options).await {
        Ok(response) => {
            let status = response.status().as_u16();
            match response.into_body().collect().await {
                Ok(body) => Ok((status, body.to_bytes())),
                Err(error) => Err(format!("{error:?}")),
            }
        }
        Err(failed) => Err(format!("{:?}", Error::from(failed.code))),
    }
}

async fn failure(client: &Client, uri: &str, options: RequestOptions) -> String {
    match exchange(client, uri, options).await {
        Ok((status, _)) => panic!("{uri} answered {status}"),
        Err(error) => error,
    }
}

/// Hands each connection to `handle`.
async fn listen<F: Future<Output = ()> + Send + 'static>(
    handle: impl Fn(TcpStream) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream));
        }
    });
    address
}

/// Reads one request of the size that [`exchange`] sends; false at the end.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n{}") {
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => request.extend_from_slice(&piece[..n]),
            _ => return false,
        }
    }
    true
}

#[derive(Clone, Copy)]
enum Then {
    Close,
    Reset,
    Stall,
}

/// Answers one request with these bytes.
async fn answering(reply: Vec<u8>, then: Then) -> SocketAddr {
    listen(move |mut stream| {
        let reply = reply.clone();
        async move {
            assert!(read_request(&mut stream).await);
            stream.write_all(&reply).await.unwrap();
            match then {
                Then::Close => {}
                Then::Reset => {
                    // Else the client may lose what it has not read yet.
                    sleep(SHORT).await;
                    stream.set_zero_linger().unwrap();
                }
                Then::Stall => std::future::pending().await,
            }
        }
    })
    .await
}
