//! Requests through a proxy, and proxies that misbehave.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::error::ByProxy;
use super::tls::tls;
use super::*;
use super::{OK, PATIENT, SHORT, exchange, listen, post, read_request};
use crate::proxy::Proxy;

/// The head of each request that a proxy got.
type Heads = Arc<Mutex<Vec<String>>>;

/// Reads a head.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Leads wherever it is asked to this address.
async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(mut client: S, to: SocketAddr, heads: Heads) {
    let head = read_head(&mut client).await;
    heads.lock().unwrap().push(head);
    let mut target = TcpStream::connect(to).await.unwrap();
    let answer = b"HTTP/1.1 200 Connection established\r\nvia: a proxy\r\n\r\n";
    client.write_all(answer).await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut target).await;
}

async fn tunnelling(to: SocketAddr) -> (SocketAddr, Heads) {
    let heads = Heads::default();
    let record = Arc::clone(&heads);
    let address = listen(move |stream| tunnel(stream, to, Arc::clone(&record))).await;
    (address, heads)
}

/// Answers requests until the client leaves.
async fn answering_all(acceptor: TlsAcceptor) -> SocketAddr {
    listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                while read_request(&mut stream).await {
                    stream.write_all(OK).await.unwrap();
                }
            }
        }
    })
    .await
}

fn client_through(proxy: &str, roots: Vec<CertificateDer<'static>>) -> Client {
    let proxy = Proxy::default().https(proxy).unwrap().http(proxy).unwrap();
    Client::new(roots, Arc::new([]), PoolOptions::default(), proxy)
}

#[tokio::test]
async fn a_tunnel_leads_to_a_name_that_only_the_proxy_knows_and_is_used_again() {
    let (trusted, acceptor) = tls("lambda.test", b"http/1.1");
    let (proxy, heads) = tunnelling(answering_all(acceptor).await).await;
    let client = client_through(&format!("http://me:p%40w@{proxy}"), vec![trusted]);
    for _ in 0..2 {
        let (status, _) = exchange(&client, "https://lambda.test/", PATIENT)
            .await
            .unwrap();
        assert_eq!(status, 200);
    }
    let heads = heads.lock().unwrap();
    let [head] = heads.as_slice() else {
        panic!("{heads:?}");
    };
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], "CONNECT lambda.test:443 HTTP/1.1");
    assert!(lines.contains(&"host: lambda.test:443"), "{head}");
    assert!(
        lines.contains(&"proxy-authorization: Basic bWU6cEB3"),
        "{head}"
    );
}

#[tokio::test]
async fn a_proxy_can_be_spoken_to_over_tls() {
    let (endpoint, acceptor) = tls("lambda.test", b"http/1.1");
    let to = answering_all(acceptor).await;
    let (own, acceptor) = tls("localhost", b"http/1.1");
    let heads = Heads::default();
    let record = Arc::clone(&heads);
    let port = listen(move |stream| {
        let (acceptor, record) = (acceptor.clone(), Arc::clone(&record));
        async move {
            let stream = acceptor.accept(stream).await.unwrap();
            tunnel(stream, to, record).await;
        }
    })
    .await
    .port();
    let proxy = format!("https://localhost:{port}");
    let client = client_through(&proxy, vec![endpoint, own]);
    let answer = exchange(&client, "https://lambda.test:8443/", PATIENT).await;
    assert_eq!(answer.unwrap().0, 200);
    assert!(heads.lock().unwrap()[0].starts_with("CONNECT lambda.test:8443 "));
}

#[tokio::test]
async fn a_plain_request_is_forwarded_with_its_whole_uri() {
    let heads = Heads::default();
    let record = Arc::clone(&heads);
    let proxy = listen(move |mut stream| {
        let record = Arc::clone(&record);
        async move {
            let head = read_head(&mut stream).await;
            record.lock().unwrap().push(head);
            stream.read_exact(&mut [0; 2]).await.unwrap();
            stream.write_all(OK).await.unwrap();
        }
    })
    .await;
    let client = client_through(&format!("me:pw@{proxy}"), Vec::new());
    let uri = "http://lambda.test:9000/path?query";
    assert_eq!(exchange(&client, uri, PATIENT).await.unwrap().0, 200);
    let head = heads.lock().unwrap()[0].clone();
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], format!("POST {uri} HTTP/1.1"));
    assert!(lines.contains(&"host: lambda.test:9000"), "{head}");
    assert!(
        lines.contains(&"proxy-authorization: Basic bWU6cHc="),
        "{head}"
    );
}

#[tokio::test]
async fn what_is_excepted_does_not_see_the_proxys_credentials() {
    let heads = Heads::default();
    let record = Arc::clone(&heads);
    let endpoint = listen(move |mut stream| {
        let record = Arc::clone(&record);
        async move {
            let head = read_head(&mut stream).await;
            record.lock().unwrap().push(head);
            stream.write_all(OK).await.unwrap();
        }
    })
    .await;
    let client = client_through("http://me:pw@127.0.0.1:1", Vec::new());
    let answer = exchange(&client, &format!("http://{endpoint}/"), PATIENT).await;
    assert_eq!(answer.unwrap().0, 200);
    let head = heads.lock().unwrap()[0].clone();
    assert!(!head.contains("proxy-authorization"), "{head}");
}

/// Answers the first request with these bytes and waits for the client to leave.
async fn saying(reply: &'static [u8]) -> SocketAddr {
    listen(move |mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(reply).await.unwrap();
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await
}

#[tokio::test]
async fn what_a_proxy_does_is_said_and_nothing_was_sent() {
    const HTTPS: &str = "https://lambda.test/";
    const HTTP: &str = "http://lambda.test/";
    const WANTED: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";
    let silent = listen(|stream| async move {
        let _held_open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let plain = listen(|mut stream| async move {
        let _ = stream.write_all(b"220 smtp.test ESMTP\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    // Bound, so that nobody else gets the port, and not listening.
    let held = TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let refusing = held.local_addr().unwrap();
    let brief = RequestOptions {
        connect_timeout: Some(SHORT),
        ..PATIENT
    };
    for (user, proxy, uri, options, code, says) in [
        (
            "",
            refusing,
            HTTPS,
            PATIENT,
            "ConnectionRefused",
            "the proxy URL",
        ),
        (
            "",
            refusing,
            HTTP,
            PATIENT,
            "ConnectionRefused",
            "the proxy URL",
        ),
        (
            "",
            saying(WANTED).await,
            HTTPS,
            PATIENT,
            "HttpRequestDenied",
            "the proxy URL wants a user and a password (HTTP 407): write its URL as http://USER:PASSWORD@HOST:PORT",
        ),
        (
            "me:CANARY@",
            saying(WANTED).await,
            HTTPS,
            PATIENT,
            "HttpRequestDenied",
            "the proxy URL does not accept the user and the password that it was given (HTTP 407)",
        ),
        (
            "me:CANARY@",
            saying(WANTED).await,
            HTTP,
            PATIENT,
            "HttpRequestDenied",
            "the proxy URL does not accept the user and the password that it was given (HTTP 407)",
        ),
        (
            "",
            saying(b"HTTP/1.1 403 Forbidden\r\n\r\nno").await,
            HTTPS,
            PATIENT,
            "HttpRequestDenied",
            "the proxy URL does not let the call through (HTTP 403)",
        ),
        (
            "",
            saying(b"HTTP/1.1 403 Forbidden\r\n\r\nno").await,
            HTTP,
            PATIENT,
            "HttpRequestDenied",
            "the proxy URL does not let the call through (HTTP 403)",
        ),
        (
            "",
            saying(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await,
            HTTPS,
            PATIENT,
            "DestinationUnavailable",
            "the proxy URL cannot reach it (HTTP 502)",
        ),
        (
            "",
            saying(b"HTTP/1.1 301 Moved\r\nlocation: http://elsewhere/\r\n\r\n").await,
            HTTPS,
            PATIENT,
            "DestinationUnavailable",
            "the proxy URL cannot reach it (HTTP 301)",
        ),
        (
            "",
            saying(b"220 smtp.test ESMTP\r\n\r\n").await,
            HTTPS,
            PATIENT,
            "DestinationUnavailable",
            "what the proxy URL answered is not HTTP",
        ),
        (
            "",
            saying(b"").await,
            HTTPS,
            PATIENT,
            "DestinationUnavailable",
            "the proxy URL closed the connection",
        ),
        (
            "",
            saying(b"HTTP/1.1 200 OK\r\n\r\nand more").await,
            HTTPS,
            PATIENT,
            "DestinationUnavailable",
            "what the proxy URL answered is no tunnel",
        ),
        (
            "",
            silent,
            HTTPS,
            brief,
            "DestinationUnavailable",
            "the proxy URL did not answer within 200 ms",
        ),
        // A tunnel to something that does not speak TLS.
        (
            "",
            tunnelling(plain).await.0,
            HTTPS,
            PATIENT,
            "TlsProtocolError",
            "through the proxy URL",
        ),
    ] {
        let client = client_through(&format!("http://{user}{proxy}"), Vec::new());
        let body = Bytes::from_static(b"{}");
        let failed = client.send(post(uri, &body), options).await.unwrap_err();
        assert_eq!(failed.to_string(), format!("ErrorCode::{code}"), "{says}");
        let url = format!("http://{proxy}");
        let says = says.replacen("URL", &url, 1);
        let said = match failed.proxy {
            Some(ByProxy::Why(said)) => said,
            Some(ByProxy::Refuses(said)) => {
                let origin = uri.trim_end_matches('/');
                assert_eq!(said, format!("{origin}: {says}"));
                says.clone()
            }
            None => String::new(),
        };
        assert_eq!(said, says, "{uri}");
    }
}

#[tokio::test]
async fn what_aws_refuses_through_a_proxy_that_forwards_is_its_answer() {
    for header in ["x-amzn-requestid: 1", "x-amzn-ErrorType: E"] {
        let reply = format!("HTTP/1.1 403 Forbidden\r\n{header}\r\ncontent-length: 0\r\n\r\n");
        let proxy = saying(reply.leak().as_bytes()).await;
        let client = client_through(&format!("http://{proxy}"), Vec::new());
        let answer = exchange(&client, "http://lambda.test/", PATIENT).await;
        assert_eq!(answer.unwrap().0, 403, "{header}");
    }
}
