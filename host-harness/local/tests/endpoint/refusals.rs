//! What Invoke refuses, and in which words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::client::{Client, call, invoke, start};

#[tokio::test]
async fn functions_and_qualifiers_that_do_not_exist_are_not_found() {
    let endpoint = start().await;
    let table = [
        (
            "nope",
            None,
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nope",
        ),
        (
            "echo",
            Some("TEST"),
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:echo:TEST",
        ),
        (
            "arn:aws:lambda:eu-west-1:000000000000:function:echo",
            None,
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
        ),
    ];
    for (label, qualifier, message) in table {
        let mut request = invoke(label, "{}");
        if let Some(qualifier) = qualifier {
            request = request.qualifier(qualifier);
        }
        let reply = call(&endpoint, request).await;
        assert_eq!(reply.status, 404);
        assert_eq!(reply.code(), Some("ResourceNotFoundException"));
        assert_eq!(reply.json(), json!({ "Type": "User", "Message": message }));
    }
}

#[tokio::test]
async fn arguments_that_break_the_model_are_refused() {
    let endpoint = start().await;
    let long = STANDARD.encode(format!(r#"{{"a":"{}"}}"#, "x".repeat(2_700)));
    let table = [
        (
            "x-amz-invocation-type",
            "Sometimes",
            400,
            "ValidationException",
        ),
        ("x-amz-invocation-type", "event", 400, "ValidationException"),
        ("x-amz-log-type", "All", 400, "ValidationException"),
        ("x-amz-tenant-id", "a*b", 400, "ValidationException"),
        (
            "x-amz-durable-execution-name",
            "a b",
            400,
            "ValidationException",
        ),
        (
            "x-amz-client-context",
            "not base64",
            400,
            "InvalidRequestContentException",
        ),
        (
            "x-amz-client-context",
            "bm90IGpzb24=",
            400,
            "InvalidRequestContentException",
        ),
        (
            "x-amz-client-context",
            "WzFd",
            400,
            "InvalidRequestContentException",
        ),
        (
            "x-amz-client-context",
            &long,
            400,
            "InvalidRequestContentException",
        ),
        (
            "content-type",
            "text/plain",
            415,
            "UnsupportedMediaTypeException",
        ),
        (
            "content-type",
            "application/x-www-form-urlencoded",
            415,
            "UnsupportedMediaTypeException",
        ),
    ];
    for (name, value, status, code) in table {
        let reply = call(&endpoint, invoke("echo", "{}").header(name, value)).await;
        assert_eq!(
            (reply.status, reply.code()),
            (status, Some(code)),
            "{name}: {value}"
        );
        assert!(!reply.message().contains(value), "{}", reply.message());
    }
    assert_eq!(endpoint.counters().ran, 0);
}

#[tokio::test]
async fn the_content_types_that_sdks_send_are_accepted() {
    let endpoint = start().await;
    for media_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/x-amz-json-1.0",
        "application/octet-stream",
        "application/cloudevents+json",
    ] {
        let reply = call(
            &endpoint,
            invoke("echo", "{}").header("content-type", media_type),
        )
        .await;
        assert_eq!(reply.status, 200, "{media_type}");
    }
}

#[tokio::test]
async fn two_different_qualifiers_are_refused() {
    let endpoint = start().await;
    let reply = call(&endpoint, invoke("echo%3A1", "{}").qualifier("PROD")).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.code(), Some("InvalidParameterValueException"));
}

#[tokio::test]
async fn a_payload_that_is_not_json_is_refused_and_not_quoted() {
    let endpoint = start().await;
    for payload in [
        &b"canary"[..],
        b"{\"canary\": }",
        b"{} canary",
        b"\"canary\xff\"",
        b"{canary: 1}",
        b" ",
    ] {
        let reply = call(&endpoint, invoke("echo", payload)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.code(), Some("InvalidRequestContentException"));
        let message = reply.message();
        let start = "Could not parse request body into json: ";
        assert!(message.starts_with(start), "{message}");
        assert!(!message.contains("canary"), "{message}");
    }
}

#[tokio::test]
async fn what_is_not_invoke_is_refused_in_json() {
    let endpoint = start().await;
    let table = [
        ("GET / HTTP/1.1", 404),
        ("POST /2015-03-31/functions HTTP/1.1", 404),
        ("POST /2015-03-31/functions/a/b/invocations HTTP/1.1", 404),
        ("POST /2015-03-31/functions/invocations HTTP/1.1", 404),
        (
            "POST /2021-11-15/functions/a/b/response-streaming-invocations HTTP/1.1",
            404,
        ),
        (
            "GET /2021-11-15/functions/echo/response-streaming-invocations HTTP/1.1",
            405,
        ),
        ("OPTIONS * HTTP/1.1", 404),
        ("GET /2015-03-31/functions/echo/invocations HTTP/1.1", 405),
        ("PURGE /2015-03-31/functions/echo/invocations HTTP/1.1", 405),
        // No name, and no signature: the second comes first.
        ("POST /2015-03-31/functions//invocations HTTP/1.1", 403),
    ];
    for (line, status) in table {
        let mut client = Client::connect(&endpoint).await;
        client
            .send(format!("{line}\r\nhost: a\r\n\r\n").as_bytes())
            .await;
        let reply = client.receive().await.unwrap();
        assert_eq!(reply.status, status, "{line}");
        assert_eq!(reply.header("allow").is_some(), status == 405, "{line}");
        assert!(!reply.message().is_empty());
    }
}
