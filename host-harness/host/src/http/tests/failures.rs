//! What goes wrong has a code of its own.

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::*;
use super::{PATIENT, SHORT, Then, answering, client, failure, listen, post};

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
    let code = client().send(request, PATIENT).await.unwrap_err().code;
    assert_eq!(
        format!("{code:?}"),
        format!("{:?}", ErrorCode::ConnectionTerminated)
    );
}
