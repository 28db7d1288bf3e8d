//! How requests are read.

use std::io::{Read as _, Write as _};

use lambda_invocation_tests::service::{Reply, Service};

use super::{TOKEN, lambda, local};

fn send(service: &Service, text: &str) -> Reply {
    let mut connection = service.connect();
    let sent = connection.write_all(text.as_bytes());
    sent.expect("a service that reads");
    Reply::read(connection)
}

/// What stands in front may have followed the length, and take the rest for another request.
#[test]
fn a_request_with_a_length_and_chunks_is_refused_and_is_the_last() {
    let lambda = lambda();
    let service = local(lambda).expect("our own host").start();
    let hidden = "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let chunked = format!("2\r\n{{}}\r\n0\r\n\r\n{hidden}");
    let length = format!("content-length: {}\r\n", chunked.len());
    for headers in [
        format!("{length}transfer-encoding: chunked\r\n"),
        format!("Transfer-Encoding: chunked\r\n{length}"),
    ] {
        let text = format!(
            "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nauthorization: Bearer {TOKEN}\r\n{headers}\r\n{chunked}"
        );
        let reply = send(&service, &text);
        assert_eq!(reply.status, 400, "{reply:#?}");
        assert_eq!(reply.header("connection"), Some("close"), "{reply:#?}");
        assert!(!reply.body.contains("HTTP/1.1"), "{reply:#?}");
    }
    // With one of them it is a call; what follows chunks is not read.
    let text = format!(
        "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nauthorization: Bearer {TOKEN}\r\ntransfer-encoding: chunked\r\n\r\n{chunked}"
    );
    let reply = send(&service, &text);
    assert_eq!((reply.status, &*reply.body), (200, "{}"), "{reply:#?}");
    assert_eq!(lambda.counters().requests, 1);
}

#[test]
fn requests_that_are_sent_without_waiting_are_answered_in_their_order() {
    let lambda = lambda();
    let service = local(lambda).expect("our own host").start();
    let call = |payload: &str, last: &str| {
        format!(
            "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nauthorization: Bearer {TOKEN}\r\n{last}content-length: {}\r\n\r\n{payload}",
            payload.len()
        )
    };
    let text = [
        call("[1]", ""),
        call("[2]", ""),
        call("[3]", "connection: close\r\n"),
    ];
    let replies = send(&service, &text.concat());
    let all = format!("{}{}", replies.head, replies.body);
    let places: Vec<_> = ["[1]", "[2]", "[3]"].map(|p| all.find(p)).into();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{all}"
    );
    assert_eq!(all.matches("HTTP/1.1 200").count(), 3, "{all}");
}

#[test]
fn who_sends_no_head_or_no_more_requests_is_closed() {
    let lambda = lambda();
    let service = local(lambda)
        .expect("our own host")
        .option("--header-timeout=300ms")
        .option("--idle-timeout=300ms")
        .start();
    for begun in ["", "POST /invoke/identity HTTP/1.1\r\nhost: serv"] {
        let mut connection = service.connect();
        connection.write_all(begun.as_bytes()).unwrap();
        // It ends, without a word.
        let mut got = Vec::new();
        connection.read_to_end(&mut got).unwrap();
        assert_eq!(got, b"", "{begun}");
    }
    let mut connection = service.connect();
    let request = b"GET /healthz HTTP/1.1\r\nhost: service\r\n\r\n";
    connection.write_all(request).unwrap();
    assert_eq!(Reply::read(connection).status, 200);
}

#[test]
fn what_is_no_request_is_refused() {
    let lambda = lambda();
    let service = local(lambda).expect("our own host").start();
    let long = "x".repeat(70_000);
    for (text, status) in [
        (
            "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n".to_owned(),
            400,
        ),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (
            "GET /healthz HTTP/1.1\r\nhost: h\r\ncontent-length: x\r\n\r\n".to_owned(),
            400,
        ),
        (
            format!("GET /healthz HTTP/1.1\r\nhost: h\r\nx: {long}\r\n\r\n"),
            431,
        ),
        ("GET /healthz HTTP/1.0\r\nhost: h\r\n\r\n".to_owned(), 200),
        // Its end would not be told from a stream that broke off.
        (
            "POST /stream/f HTTP/1.0\r\nhost: h\r\ncontent-length: 2\r\n\r\n{}".to_owned(),
            505,
        ),
    ] {
        let reply = send(&service, &text);
        assert_eq!(
            reply.status,
            status,
            "{} {reply:#?}",
            &text[..40.min(text.len())]
        );
    }
    assert_eq!(service.send("HEAD", "/healthz", &[], b"").status, 200);
}
