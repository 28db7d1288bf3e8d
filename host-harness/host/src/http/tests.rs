//! The client against servers that misbehave, one way each.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
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
    Client::new(roots, Arc::new([]), PoolOptions::default())
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
        Err(code) => Err(format!("{:?}", Error::from(code))),
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

#[tokio::test]
async fn what_a_server_does_after_the_request_has_its_own_code() {
    let mut huge = b"HTTP/1.1 200 OK\r\nx-huge: ".to_vec();
    huge.resize(2 * 1024 * 1024, b'x');
    let sized = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc";
    let chunk = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc";
    let no_chunk = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n";
    let brief = RequestOptions {
        first_byte_timeout: Some(SHORT),
        between_bytes_timeout: Some(SHORT),
        ..PATIENT
    };
    for (case, reply, then, options, code) in [
        (
            "closes",
            &b""[..],
            Then::Close,
            PATIENT,
            "ConnectionTerminated",
        ),
        ("resets", b"", Then::Reset, PATIENT, "ConnectionTerminated"),
        (
            "says nothing",
            b"",
            Then::Stall,
            brief,
            "HttpResponseTimeout",
        ),
        (
            "half a head, closes",
            b"HTTP/1.1 200",
            Then::Close,
            PATIENT,
            "ConnectionTerminated",
        ),
        (
            "half a head, stalls",
            b"HTTP/1.1 200",
            Then::Stall,
            brief,
            "HttpResponseTimeout",
        ),
        (
            "another protocol",
            b"220 ready\r\n\r\n",
            Then::Stall,
            PATIENT,
            "HttpProtocolError",
        ),
        (
            "huge head",
            &huge,
            Then::Stall,
            PATIENT,
            "HttpResponseHeaderSectionSize(None)",
        ),
        (
            "half a body, closes",
            sized,
            Then::Close,
            PATIENT,
            "HttpResponseIncomplete",
        ),
        (
            "half a body, resets",
            sized,
            Then::Reset,
            PATIENT,
            "HttpResponseIncomplete",
        ),
        (
            "half a body, stalls",
            sized,
            Then::Stall,
            brief,
            "ConnectionReadTimeout",
        ),
        (
            "half a chunk, closes",
            chunk,
            Then::Close,
            PATIENT,
            "HttpResponseIncomplete",
        ),
        (
            "half a chunk, stalls",
            chunk,
            Then::Stall,
            brief,
            "ConnectionReadTimeout",
        ),
        (
            "no chunk",
            no_chunk,
            Then::Stall,
            PATIENT,
            "HttpProtocolError",
        ),
    ] {
        let address = answering(reply.to_vec(), then).await;
        let uri = format!("http://{address}/");
        assert_eq!(failure(&client(), &uri, options).await, code, "{case}");
    }
}

#[tokio::test]
async fn a_connection_that_is_not_made_has_its_own_code() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = unused.local_addr().unwrap();
    drop(unused);
    let silent = listen(|stream| async {
        let _open = stream;
        std::future::pending().await
    })
    .await;
    let hanging_up = listen(|stream| async { drop(stream) }).await;
    let brief = RequestOptions {
        connect_timeout: Some(SHORT),
        ..PATIENT
    };
    for (case, uri, options, code) in [
        (
            "refused",
            format!("http://{refusing}/"),
            PATIENT,
            "ConnectionRefused",
        ),
        (
            "silent in the handshake",
            format!("https://{silent}/"),
            brief,
            "ConnectionTimeout",
        ),
        (
            "hangs up in the handshake",
            format!("https://{hanging_up}/"),
            PATIENT,
            "TlsProtocolError",
        ),
        (
            "metadata service",
            "http://169.254.169.254/".to_owned(),
            brief,
            "DestinationIpProhibited",
        ),
        (
            "the same in IPv6",
            "http://[fe80::1]/".to_owned(),
            brief,
            "DestinationIpProhibited",
        ),
        (
            "the same as a number",
            "http://2852039166/".to_owned(),
            PATIENT,
            "DestinationIpProhibited",
        ),
    ] {
        assert_eq!(failure(&client(), &uri, options).await, code, "{case}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_matter_of_dns() {
    let error = failure(&client(), "http://name.invalid/", PATIENT).await;
    assert!(error.starts_with("Dns"), "{error}");
}

#[tokio::test]
async fn a_server_that_goes_away_during_the_upload_may_have_seen_the_request() {
    let address = listen(|mut stream| async move {
        let mut piece = [0; 1024];
        stream.read_exact(&mut piece).await.unwrap();
        stream.set_zero_linger().unwrap();
    })
    .await;
    let body = Bytes::from(vec![b'x'; 16 * 1024 * 1024]);
    let uri = format!("http://{address}/");
    let request = post(&uri, &body);
    let code = client().send(request, PATIENT).await.unwrap_err();
    assert_eq!(
        format!("{code:?}"),
        format!("{:?}", ErrorCode::ConnectionTerminated)
    );
}

/// [`listen`], which counts the connections.
async fn counting<F: Future<Output = ()> + Send + 'static>(
    handle: impl Fn(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let address = listen({
        let connections = Arc::clone(&connections);
        move |stream| {
            connections.fetch_add(1, Ordering::SeqCst);
            handle(stream)
        }
    })
    .await;
    (address, connections)
}

/// A server that answers [`OK`] as often as it is asked, `requests` times a connection;
/// counts its connections.
async fn polite(requests: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    counting(move |mut stream| async move {
        for _ in 0..requests {
            if !read_request(&mut stream).await {
                return;
            }
            stream.write_all(OK).await.unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let (address, connections) = polite(usize::MAX).await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..3 {
        let (status, body) = exchange(&client, &uri, PATIENT).await.unwrap();
        assert_eq!((status, &*body), (200, &b"ok"[..]));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced_unseen() {
    let (address, connections) = polite(1).await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..3 {
        exchange(&client, &uri, PATIENT).await.unwrap();
        // For the close to arrive. At the same moment it would count as maybe sent.
        sleep(SHORT).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

/// As many exchanges at the same time.
async fn burst(client: &Client, uri: &str, calls: usize) {
    let mut tasks = JoinSet::new();
    for _ in 0..calls {
        let (client, uri) = (client.clone(), uri.to_owned());
        tasks.spawn(async move { exchange(&client, &uri, PATIENT).await.unwrap() });
    }
    tasks.join_all().await;
}

/// A server that answers once it has so many requests; counts its connections.
async fn patient(requests: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    let all = Arc::new(tokio::sync::Barrier::new(requests));
    counting(move |mut stream| {
        let all = Arc::clone(&all);
        async move {
            while read_request(&mut stream).await {
                all.wait().await;
                stream.write_all(OK).await.unwrap();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_burst_that_comes_back_finds_all_its_connections() {
    let (address, connections) = patient(100).await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..3 {
        burst(&client, &uri, 100).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 100);
}

#[tokio::test]
async fn no_more_unused_connections_are_kept_than_are_asked_for() {
    for (most, in_all) in [(0, 8), (1, 7), (3, 5)] {
        let (address, connections) = patient(4).await;
        let pool = PoolOptions {
            max_idle_per_origin: most,
            ..PoolOptions::default()
        };
        let client = Client::new(Vec::new(), Arc::new([]), pool);
        let uri = format!("http://{address}/");
        burst(&client, &uri, 4).await;
        burst(&client, &uri, 4).await;
        assert_eq!(connections.load(Ordering::SeqCst), in_all, "{most} kept");
    }
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let (closed, seen) = oneshot::channel();
    let closed = std::sync::Mutex::new(Some(closed));
    let address = listen(move |mut stream| {
        let closed = closed.lock().unwrap().take().unwrap();
        async move {
            assert!(read_request(&mut stream).await);
            stream.write_all(OK).await.unwrap();
            let answered = tokio::time::Instant::now();
            assert!(!read_request(&mut stream).await);
            closed.send(answered.elapsed()).unwrap();
        }
    })
    .await;
    let pool = PoolOptions {
        idle_timeout: SHORT,
        ..PoolOptions::default()
    };
    let client = Client::new(Vec::new(), Arc::new([]), pool);
    let uri = format!("http://{address}/");
    exchange(&client, &uri, PATIENT).await.unwrap();
    let open = timeout(LONG, seen).await.unwrap().unwrap();
    assert!(open >= SHORT / 2, "closed after {open:?}");
    drop(client);
}

#[tokio::test]
async fn a_response_that_is_not_read_to_its_end_takes_its_connection_along() {
    let (address, connections) = counting(|mut stream| async move {
        while read_request(&mut stream).await {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
            stream.write_all(head).await.unwrap();
            let _ = stream.write_all(&[b'x'; 1_000_000]).await;
        }
    })
    .await;
    let (client, uri) = (client(), format!("http://{address}/"));
    for _ in 0..2 {
        let request = post(&uri, &Bytes::from_static(b"{}"));
        let response = client.send(request, PATIENT).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    // Read to its end, the connection is used again.
    for _ in 0..2 {
        let (_, body) = exchange(&client, &uri, PATIENT).await.unwrap();
        assert_eq!(body.len(), 1_000_000);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

/// A body that is written while the request is under way.
struct Written(mpsc::Receiver<Bytes>);

impl http_body::Body for Written {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Error>>> {
        self.0
            .poll_recv(cx)
            .map(|piece| piece.map(|piece| Ok(http_body::Frame::data(piece))))
    }
}

#[tokio::test]
async fn a_request_goes_on_after_its_response_has_begun() {
    let address = listen(|mut stream| async move {
        let mut head = [0; 16];
        stream.read_exact(&mut head).await.unwrap();
        let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
        stream.write_all(begun).await.unwrap();
        assert!(read_request(&mut stream).await);
        stream.write_all(b"ok").await.unwrap();
    })
    .await;
    let uri = format!("http://{address}/");
    let (writer, body) = mpsc::channel(1);
    let request = Request::post(&uri)
        .header("content-length", "6")
        .body(Written(body).boxed_unsync())
        .unwrap();
    let response = client().send(request, PATIENT).await.unwrap();
    // Nobody reads the response meanwhile.
    for piece in ["\r\n", "\r\n", "{}"] {
        let permit = timeout(LONG, writer.reserve()).await.unwrap().unwrap();
        permit.send(Bytes::from_static(piece.as_bytes()));
    }
    drop(writer);
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(&*body.to_bytes(), b"ok");
}

#[tokio::test]
async fn the_host_is_named_as_it_is_signed() {
    let address = listen(|mut stream| async move {
        let mut request = vec![0; 4096];
        let read = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..read]).into_owned();
        let reply = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}",
            request.len()
        );
        stream.write_all(reply.as_bytes()).await.unwrap();
    })
    .await;
    for (path, line) in [("", "/"), ("/", "/"), ("/a%2Fb?c=d", "/a%2Fb?c=d")] {
        let uri = format!("http://{address}{path}");
        let (_, request) = exchange(&client(), &uri, PATIENT).await.unwrap();
        let request = String::from_utf8_lossy(&request).into_owned();
        assert!(
            request.starts_with(&format!("POST {line} HTTP/1.1\r\n")),
            "{request}"
        );
        assert!(
            request.contains(&format!("\r\nhost: {address}\r\n")),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let reply = b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let address = answering(reply.to_vec(), Then::Stall).await;
    let uri = format!("http://{address}/");
    let (status, _) = exchange(&client(), &uri, PATIENT).await.unwrap();
    assert_eq!(status, 307);
}

/// A certificate for `name`, and a server that uses it and offers `alpn`.
fn tls(name: &str, alpn: &[u8]) -> (CertificateDer<'static>, TlsAcceptor) {
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
