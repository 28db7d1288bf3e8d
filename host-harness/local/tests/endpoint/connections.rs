//! Connections: many, broken, and full of rubbish.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{Client, call, invoke, start};

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let endpoint = start().await;
    let mut first = Client::connect(&endpoint).await;
    for n in 0..3 {
        assert_eq!(
            first.call(&invoke("identity", n.to_string())).await.text(),
            n.to_string()
        );
    }
    let mut second = Client::connect(&endpoint).await;
    second.call(&invoke("echo", "{}")).await;
    let connections: Vec<u64> = endpoint
        .invocations()
        .iter()
        .map(|i| i.connection)
        .collect();
    assert_eq!(connections, [1, 1, 1, 2]);
    assert_eq!(endpoint.counters().connections, 2);
    assert_eq!(endpoint.counters().requests, 4);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    let mut wire = Vec::new();
    for n in 0..50 {
        wire.extend(invoke("identity", n.to_string()).bytes(&endpoint));
    }
    client.send(&wire).await;
    for n in 0..50 {
        assert_eq!(client.receive().await.unwrap().text(), n.to_string());
    }
}

#[tokio::test]
async fn garbage_never_stops_the_endpoint() {
    let endpoint = start().await;
    let signed = invoke("echo", "{}").bytes(&endpoint);
    let long = [b"GET /".to_vec(), vec![b'a'; 1 << 20]].concat();
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x-h: 1\r\n".repeat(5_000));
    let nul = signed
        .iter()
        .map(|b| if *b == b':' { 0 } else { *b })
        .collect();
    let garbage: Vec<Vec<u8>> = vec![
        vec![],
        vec![0; 10_000],
        (0..=255).collect(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"POST\r\n\r\n".to_vec(),
        b"POST / HTTP/9.9\r\n\r\n".to_vec(),
        b"POST /2015-03-31/functions/%/invocations HTTP/1.1\r\n\r\n".to_vec(),
        b"POST /2015-03-31/functions/%ff%00/invocations?Qualifier=%ff HTTP/1.0\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_vec(),
        b"POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        b"POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n".to_vec(),
        long,
        many.into_bytes(),
        nul,
    ];
    let halves = (0..signed.len())
        .step_by(37)
        .map(|end| signed[..end].to_vec());
    for bytes in garbage.into_iter().chain(halves) {
        let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
        // The endpoint may close the connection while this is written.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        // It must let go of the connection, with an answer or without.
        let _ = timeout(Duration::from_secs(20), read)
            .await
            .expect("a closed connection");
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    assert_eq!(endpoint.counters().ran, 0);
    assert_eq!(call(&endpoint, invoke("echo", "{}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_functions_sleep_at_once() {
    let endpoint = start().await;
    let request = invoke("sleep", r#"{"ms":300}"#).bytes(&endpoint);
    let started = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client = Client::connect(&endpoint).await;
        client.send(&request).await;
        clients.push(client);
    }
    for client in &mut clients {
        assert_eq!(client.receive().await.unwrap().status, 200);
    }
    // One after another they would take a minute.
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_a_trace() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    client
        .send(&invoke("sleep", r#"{"ms":60000}"#).bytes(&endpoint))
        .await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while endpoint.counters().ran == 0 {
        assert!(Instant::now() < deadline, "the function never ran");
        sleep(Duration::from_millis(5)).await;
    }
    drop(client);
    let invocation = &endpoint.invocations()[0];
    assert_eq!(invocation.status, None);
    assert!(invocation.executed_version.is_some());
    assert!(!invocation.finished);
}
