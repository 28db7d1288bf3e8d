//! The service behind nginx, with the configuration of `examples/nginx`: what it cannot do
//! itself, the proxy does.

use std::io::Write as _;
use std::os::unix::net::UnixStream;

use lambda_invocation_tests::nginx::Nginx;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::Reply;

use super::load::{ONE, with_room};
use super::{TOKEN, keys, lambda, local, options};

/// A request with the token.
fn request(token: &str, headers: &str, content: &str) -> String {
    format!(
        "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nconnection: close\r\nauthorization: Bearer {token}\r\n{headers}\r\n{content}"
    )
}

fn call(token: &str) -> String {
    request(token, "content-length: 2\r\n", "{}")
}

fn send(nginx: &Nginx, request: &str) -> UnixStream {
    let mut connection = nginx.connect();
    let sent = connection.write_all(request.as_bytes());
    sent.expect("nginx reads");
    connection
}

fn answer(nginx: &Nginx, request: &str) -> Reply {
    Reply::read(send(nginx, request))
}

#[test]
fn silent_and_slow_clients_do_not_reach_the_service() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).option(ONE).start();
    let nginx = or_skip!(Nginx::start(service.url()));
    let slow = |token: &str| request(token, "content-length: 1000\r\n", "");
    // With 1,000 of these, wasmtime alone serves nobody any more.
    let mut held = Vec::new();
    for nobody in 0..300 {
        let slow = slow(&format!("token-of-nobody-{nobody}"));
        held.extend(["", &slow[..40], &slow].map(|start| send(&nginx, start)));
    }
    // One who knows the token.
    held.extend((0..90).map(|_| send(&nginx, &slow(TOKEN))));
    let reply = answer(&nginx, &call(TOKEN));
    assert_eq!(
        (reply.status, &*reply.body),
        (200, "{}"),
        "{}",
        service.log()
    );
}

#[test]
fn one_token_leaves_room_for_the_other() {
    const OTHER: &str = "token-of-the-others";
    let lambda = lambda();
    let endpoint = Server::start(|mut connection| {
        let request = connection.read_request()?;
        if request.body == b"{}" {
            return connection.stall();
        }
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")?;
        connection.finish()
    });
    let options = or_skip!(options(endpoint.url(), lambda.region(), &keys(lambda)))
        .env("LAMBDA_INVOCATION_TOKEN_PREVIOUS", OTHER);
    let service = with_room(options).start();
    let nginx = or_skip!(Nginx::start(service.url()));
    let waiting: Vec<_> = (0..100).map(|_| send(&nginx, &call(TOKEN))).collect();
    // nginx has read those before it reads this one.
    assert_eq!(answer(&nginx, &call(TOKEN)).status, 429);
    let of_the_other = request(OTHER, "content-length: 3\r\n", "[1]");
    let reply = answer(&nginx, &of_the_other);
    assert_eq!(
        (reply.status, &*reply.body),
        (200, "{}"),
        "{}",
        service.log()
    );
    drop(waiting);
}

#[test]
fn a_request_with_a_length_and_chunks_is_refused() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let nginx = or_skip!(Nginx::start(service.url()));
    let hidden = "POST /invoke/identity HTTP/1.1\r\nhost: service\r\n\r\n";
    let chunked = format!("2\r\n{{}}\r\n0\r\n\r\n{hidden}");
    let length = format!("content-length: {}\r\n", chunked.len());
    let chunks = "transfer-encoding: chunked\r\n";
    for headers in [format!("{length}{chunks}"), format!("{chunks}{length}")] {
        let reply = answer(&nginx, &request(TOKEN, &headers, &chunked));
        assert_eq!(reply.status, 400, "{reply:#?}");
    }
    assert_eq!(lambda.counters().requests, 0);
    // Without the length, it is one call.
    let reply = answer(&nginx, &request(TOKEN, chunks, "2\r\n{}\r\n0\r\n\r\n"));
    assert_eq!(
        (reply.status, &*reply.body),
        (200, "{}"),
        "{}",
        service.log()
    );
}

/// Of a proxy that follows the length, this would make one caller's bytes another's
/// request; it gets nothing that its own token does not give it.
#[test]
fn without_a_proxy_the_chunks_count_and_what_follows_needs_a_token() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let hidden = "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let chunked = format!("2\r\n{{}}\r\n0\r\n\r\n{hidden}");
    let headers = format!(
        "transfer-encoding: chunked\r\ncontent-length: {}\r\n",
        chunked.len()
    );
    let request = request(TOKEN, &headers, &chunked).replace("connection: close\r\nauth", "auth");
    let mut connection = service.connect();
    connection
        .write_all(request.as_bytes())
        .expect("a service that reads");
    let replies = Reply::read(connection);
    assert_eq!(replies.status, 200, "{replies:#?}");
    assert!(replies.body.starts_with("{}HTTP/1.1 401 "), "{replies:#?}");
    assert_eq!(lambda.counters().requests, 1);
}
