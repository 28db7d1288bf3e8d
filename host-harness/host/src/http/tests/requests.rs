//! What is sent and answered, as it is.

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use wasmtime_wasi_http::Error;

use super::*;
use super::{LONG, PATIENT, Then, answering, client, exchange, listen, read_request};

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
