//! TLS, and HTTP/2 over it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;

use super::connections::{burst, counting};
use super::*;
use super::{OK, PATIENT, SHORT, client, client_trusting, exchange, failure, listen, read_request};

/// A certificate for `name`, and a server that uses it and offers `alpn`.
pub fn tls(name: &str, alpn: &[u8]) -> (CertificateDer<'static>, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    config.alpn_protocols = vec![alpn.to_vec()];
    (certificate, TlsAcceptor::from(Arc::new(config)))
}

async fn listen_tls(acceptor: TlsAcceptor) -> SocketAddr {
    listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await
                && read_request(&mut stream).await
            {
                stream.write_all(OK).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_for_the_host() {
    let (trusted, acceptor) = tls("localhost", b"http/1.1");
    let port = listen_tls(acceptor).await.port();
    let by_name = format!("https://localhost:{port}/");
    let by_address = format!("https://127.0.0.1:{port}/");
    let trusting = client_trusting(vec![trusted]);

    let (status, _) = exchange(&trusting, &by_name, PATIENT).await.unwrap();
    assert_eq!(status, 200);
    for (case, client, uri) in [
        ("for another host", &trusting, &by_address),
        ("by nobody known", &client(), &by_name),
    ] {
        let error = failure(client, uri, PATIENT).await;
        assert_eq!(error, "TlsCertificateError", "{case}");
    }
}

#[tokio::test]
async fn an_alert_names_itself() {
    let (trusted, acceptor) = tls("localhost", b"something-else");
    let port = listen_tls(acceptor).await.port();
    let uri = format!("https://localhost:{port}/");
    let error = failure(&client_trusting(vec![trusted]), &uri, PATIENT).await;
    assert!(error.starts_with("TlsAlertReceived"), "{error}");
    assert!(error.contains("NoApplicationProtocol"), "{error}");
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_no_tls() {
    let plain = listen(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = read_request(&mut stream).await;
    })
    .await;
    let uri = format!("https://{plain}/");
    assert_eq!(failure(&client(), &uri, PATIENT).await, "TlsProtocolError");
}

#[tokio::test]
async fn http2_is_spoken_where_tls_agrees_on_it() {
    let (trusted, acceptor) = tls("localhost", b"h2");
    let address = listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(stream).await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((request, mut respond))) = connection.accept().await {
                assert!(!request.headers().contains_key("host"));
                match request.uri().path() {
                    "/" => {
                        let response = http::Response::new(());
                        let mut body = respond.send_response(response, false).unwrap();
                        body.send_data(Bytes::from_static(b"ok"), true).unwrap();
                    }
                    "/refused" => respond.send_reset(h2::Reason::REFUSED_STREAM),
                    _ => respond.send_reset(h2::Reason::INTERNAL_ERROR),
                }
            }
        }
    })
    .await;
    let client = client_trusting(vec![trusted]);
    let uri = |path: &str| format!("https://localhost:{}{path}", address.port());
    let (status, body) = exchange(&client, &uri("/"), PATIENT).await.unwrap();
    assert_eq!((status, &*body), (200, &b"ok"[..]));
    for (path, code) in [
        // Not processed, says RFC 9113 section 8.7.
        ("/refused", "ConnectionLimitReached"),
        ("/broken", "ConnectionTerminated"),
    ] {
        assert_eq!(failure(&client, &uri(path), PATIENT).await, code, "{path}");
    }
}

#[tokio::test]
async fn requests_share_a_connection_of_http2_until_the_server_is_done_with_it() {
    const REQUESTS: usize = 5;
    let (trusted, acceptor) = tls("localhost", b"h2");
    let (address, connections) = counting(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(stream).await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            for _ in 0..REQUESTS {
                let Some(Ok((_, mut respond))) = connection.accept().await else {
                    return;
                };
                let response = http::Response::new(());
                let mut body = respond.send_response(response, false).unwrap();
                body.send_data(Bytes::from_static(b"ok"), true).unwrap();
            }
            // Says GOAWAY, and closes.
            connection.graceful_shutdown();
            while connection.accept().await.is_some() {}
        }
    })
    .await;
    let client = client_trusting(vec![trusted]);
    let uri = format!("https://localhost:{}/", address.port());
    exchange(&client, &uri, PATIENT).await.unwrap();
    burst(&client, &uri, REQUESTS - 1).await;
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    // For the end to arrive.
    sleep(SHORT).await;
    exchange(&client, &uri, PATIENT).await.unwrap();
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}
