//! How long a payload may be.

use crate::client::{Client, invoke, start};

/// A JSON string of that many bytes.
fn json_string(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes - 2))
}

#[tokio::test]
async fn payloads_are_accepted_up_to_lambdas_limits_and_refused_beyond() {
    let endpoint = start().await;
    let table = [
        ("RequestResponse", 6_291_456, 200),
        ("RequestResponse", 6_291_457, 413),
        ("DryRun", 6_291_457, 413),
        ("Event", 1_048_576, 202),
        ("Event", 1_048_577, 413),
    ];
    for (invocation_type, bytes, status) in table {
        let request =
            invoke("identity", json_string(bytes)).header("x-amz-invocation-type", invocation_type);
        let limit = if invocation_type == "Event" {
            1_048_576
        } else {
            6_291_456
        };
        for wire in [request.bytes(&endpoint), request.chunked(&endpoint)] {
            let mut client = Client::connect(&endpoint).await;
            client.send(&wire).await;
            let reply = client.receive().await.unwrap();
            assert_eq!(reply.status, status, "{invocation_type} {bytes}");
            if status == 413 {
                assert_eq!(reply.code(), Some("RequestEntityTooLargeException"));
                assert_eq!(
                    reply.message(),
                    format!(
                        "Request must be smaller than {limit} bytes for the InvokeFunction operation"
                    )
                );
            }
        }
    }
}

#[tokio::test]
async fn a_length_over_the_limit_is_refused_before_the_body_comes() {
    let endpoint = start().await;
    for expect in ["", "expect: 100-continue\r\n"] {
        let mut client = Client::connect(&endpoint).await;
        client.send(&invoke("echo", "").head(&endpoint)).await;
        client
            .send(format!("{expect}content-length: 99999999999\r\n\r\n").as_bytes())
            .await;
        assert_eq!(client.receive().await.unwrap().status, 413, "{expect}");
    }
    let refused = endpoint.invocations();
    assert_eq!(
        refused[0].error_code.as_deref(),
        Some("RequestEntityTooLargeException")
    );
    assert!(refused[0].payload.is_empty());
}

#[tokio::test]
async fn a_connection_is_usable_after_a_body_that_was_too_large() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    let request = invoke("identity", json_string(7_000_000));
    assert_eq!(client.call(&request).await.status, 413);
    assert_eq!(client.call(&invoke("identity", "1")).await.text(), "1");
}

#[tokio::test]
async fn whoever_waits_for_100_continue_gets_it() {
    let endpoint = start().await;
    let request = invoke("identity", "[1]");
    let mut client = Client::connect(&endpoint).await;
    let head = request.head(&endpoint);
    client.send(&head).await;
    client
        .send(b"expect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        .await;
    assert_eq!(client.receive().await.unwrap().status, 100);
    client.send(b"[1]").await;
    assert_eq!(client.receive().await.unwrap().text(), "[1]");
}
