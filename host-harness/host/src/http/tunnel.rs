//! A tunnel through a proxy, to an `https` endpoint.

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use tokio::task::JoinSet;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;

use super::Failed;
use super::connect::Peer;
use crate::proxy::{Server, port_of};

/// Has the proxy at the other end of `peer` connect to the endpoint of `uri`. What is
/// returned is a connection with that endpoint.
///
/// hyper-util's `Tunnel` does the same, but does not say with which status a proxy refuses.
pub(super) async fn open(peer: Peer, uri: &Uri, server: &Server) -> Result<Peer, Failed> {
    let host = uri.host().unwrap_or_default();
    let authority = format!("{host}:{}", port_of(uri));
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(&authority)
        .header(HOST, &authority);
    if let Some(authorization) = server.authorization() {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let broken = |error: hyper::Error| {
        let what = if error.is_parse() {
            format!("what the proxy {server} answered is not HTTP")
        } else {
            format!("the proxy {server} closed the connection")
        };
        Failed::by_proxy(ErrorCode::DestinationUnavailable, what)
    };
    let (mut sender, connection) = http1::handshake(peer).await.map_err(broken)?;
    // Its task ends with this function, if it did not end before.
    let mut driving = JoinSet::new();
    driving.spawn(connection.with_upgrades());
    let response = sender.send_request(request).await.map_err(broken)?;
    if !response.status().is_success() {
        return Err(refused(response.status(), server, uri));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(broken)?;
    match upgraded.downcast::<Peer>() {
        // In TLS it is ours to speak first.
        Ok(parts) if parts.read_buf.is_empty() => Ok(parts.io),
        _ => Err(Failed::by_proxy(
            ErrorCode::DestinationUnavailable,
            format!("what the proxy {server} answered is no tunnel"),
        )),
    }
}

/// Whether an answer to a request that a proxy forwards is the proxy's own refusal: one of the
/// statuses for that, without a header that AWS sends with every answer.
pub(super) fn refuses<B>(response: &Response<B>) -> bool {
    const OF_AWS: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-errortype"];
    let status = response.status();
    status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        || matches!(status.as_u16(), 403 | 405 | 451)
            && !OF_AWS
                .iter()
                .any(|name| response.headers().contains_key(*name))
}

/// What it means that a proxy answers a request for `uri` with a status.
pub(super) fn refused(status: StatusCode, server: &Server, uri: &Uri) -> Failed {
    let answered = status.as_u16();
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED if server.authorization().is_some() => {
            Failed::refused(
                uri,
                &format!(
                    "the proxy {server} does not accept the user and the password that it was given (HTTP {answered})"
                ),
            )
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Failed::refused(
            uri,
            &format!(
                "the proxy {server} wants a user and a password (HTTP {answered}): write its URL as http://USER:PASSWORD@HOST:PORT"
            ),
        ),
        status if status.is_client_error() => Failed::refused(
            uri,
            &format!("the proxy {server} does not let the call through (HTTP {answered})"),
        ),
        _ => Failed::by_proxy(
            ErrorCode::DestinationUnavailable,
            format!("the proxy {server} cannot reach it (HTTP {answered})"),
        ),
    }
}
