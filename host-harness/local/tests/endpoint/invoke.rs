//! The operation Invoke: what it takes, and what it answers.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::client::{Client, call, invoke, start};

#[tokio::test]
async fn echo_returns_the_event_and_what_it_saw() {
    let endpoint = start().await;
    let reply = call(&endpoint, invoke("echo", r#"{"name":"world"}"#)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(reply.header("x-amz-function-error"), None);
    assert_eq!(reply.header("x-amz-log-result"), None);
    assert_eq!(
        reply.json(),
        json!({
            "event": { "name": "world" },
            "saw": {
                "function": "echo",
                "executed_version": "$LATEST",
                "invocation_type": "RequestResponse",
            },
        })
    );

    let request = invoke("echo", "[1]")
        .qualifier("PROD")
        .header(
            "x-amz-client-context",
            STANDARD.encode(r#"{"custom":{"a":"b"}}"#),
        )
        .header("x-amz-tenant-id", "blue  team")
        .header("x-amz-durable-execution-name", "order-7");
    let reply = call(&endpoint, request).await;
    assert_eq!(
        reply.json(),
        json!({
            "event": [1],
            "saw": {
                "function": "echo",
                "qualifier": "PROD",
                "executed_version": "1",
                "invocation_type": "RequestResponse",
                "client_context": { "custom": { "a": "b" } },
                "tenant_id": "blue  team",
                "durable_execution_name": "order-7",
            },
        })
    );
    let arn = reply.header("x-amz-durable-execution-arn").unwrap();
    let start = "arn:aws:lambda:us-east-1:000000000000:function:echo:1/durable-execution/order-7/";
    assert!(arn.starts_with(start), "{arn}");
}

#[tokio::test]
async fn the_events_bytes_are_kept() {
    let endpoint = start().await;
    let event = "{ \"b\":12345678901234567890.50, \"a\" : \"\\u00e9<é>\", \"b\": 1e999 }";
    let reply = call(&endpoint, invoke("identity", event)).await;
    assert_eq!(reply.text(), event);
    let reply = call(&endpoint, invoke("echo", event)).await;
    assert!(
        reply
            .text()
            .starts_with(&format!(r#"{{"event":{event},"saw":"#))
    );
}

#[tokio::test]
async fn a_function_without_a_payload_gets_an_empty_object() {
    let endpoint = start().await;
    assert_eq!(call(&endpoint, invoke("identity", "")).await.text(), "{}");
}

#[tokio::test]
async fn a_deeply_nested_payload_is_an_event_like_any_other() {
    let endpoint = start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        call(&endpoint, invoke("identity", &deep)).await.text(),
        deep
    );
    let reply = call(&endpoint, invoke("sleep", &deep)).await;
    assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
}

#[tokio::test]
async fn an_event_is_accepted_and_runs_in_the_background() {
    let endpoint = start().await;
    let request = invoke("sleep", r#"{"ms":150}"#).header("x-amz-invocation-type", "Event");
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.status, 202);
    assert!(reply.body.is_empty());
    assert_eq!(reply.header("x-amz-executed-version"), None);
    let accepted = &endpoint.invocations()[0];
    assert!(!accepted.finished);
    assert_eq!(accepted.executed_version.as_deref(), Some("$LATEST"));

    let deadline = Instant::now() + Duration::from_secs(10);
    while !endpoint.invocations()[0].finished {
        assert!(Instant::now() < deadline, "the function never ended");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_runs_nothing() {
    let endpoint = start().await;
    let dry = |label: &str| invoke(label, "{}").header("x-amz-invocation-type", "DryRun");
    let reply = call(&endpoint, dry("echo")).await;
    assert_eq!(reply.status, 204);
    assert!(reply.body.is_empty());
    assert_eq!(call(&endpoint, dry("nope")).await.status, 404);
    assert_eq!(endpoint.counters().ran, 0);
    assert_eq!(endpoint.invocations()[0].executed_version, None);
}

#[tokio::test]
async fn the_log_tail_comes_when_asked_for() {
    let endpoint = start().await;
    let request = || invoke("log", r#"{"lines":["one","zwei é"]}"#);
    let reply = call(&endpoint, request().header("x-amz-log-type", "Tail")).await;
    assert_eq!(reply.text(), "null");
    let log = STANDARD
        .decode(reply.header("x-amz-log-result").unwrap())
        .unwrap();
    let log = String::from_utf8(log).unwrap();
    let id = reply.header("x-amzn-requestid").unwrap();
    let start = format!(
        "START RequestId: {id} Version: $LATEST\none\nzwei é\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: "
    );
    assert!(log.starts_with(&start), "{log}");

    let without = call(&endpoint, request().header("x-amz-log-type", "None")).await;
    assert_eq!(without.header("x-amz-log-result"), None);
}

#[tokio::test]
async fn every_form_of_a_name_runs_the_version_it_names() {
    let endpoint = start().await;
    let table = [
        ("echo", None, "$LATEST"),
        ("echo", Some("%24LATEST"), "$LATEST"),
        ("echo", Some("PROD"), "1"),
        ("echo%3APROD", None, "1"),
        ("echo:PROD", None, "1"),
        ("echo%3A1", Some("1"), "1"),
        ("000000000000%3Afunction%3Aecho", None, "$LATEST"),
        (
            "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aecho%3A1",
            None,
            "1",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:echo:PROD",
            None,
            "1",
        ),
    ];
    for (label, qualifier, version) in table {
        let mut request = invoke(label, "{}");
        if let Some(qualifier) = qualifier {
            request = request.qualifier(qualifier);
        }
        let reply = call(&endpoint, request).await;
        assert_eq!(reply.status, 200, "{label}: {}", reply.text());
        assert_eq!(
            reply.header("x-amz-executed-version"),
            Some(version),
            "{label}"
        );
    }
}

#[tokio::test]
async fn every_answer_has_its_ids() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    let mut ids = HashSet::new();
    for request in [
        invoke("echo", "{}"),
        invoke("echo", "{}").header("x-amz-invocation-type", "Event"),
        invoke("echo", "{}").header("x-amz-invocation-type", "DryRun"),
        invoke("nope", "{}"),
        invoke("throttle", "{}"),
        invoke("echo", "not json"),
    ] {
        let reply = client.call(&request).await;
        let id = reply.header("x-amzn-requestid").unwrap();
        assert_eq!(id.len(), 36);
        assert!(ids.insert(id.to_owned()));
        assert!(
            reply
                .header("x-amzn-trace-id")
                .unwrap()
                .starts_with("Root=1-")
        );
        assert!(reply.header("date").unwrap().ends_with(" GMT"));
    }
    let kept: HashSet<String> = endpoint
        .invocations()
        .into_iter()
        .map(|i| i.request_id)
        .collect();
    assert_eq!(kept, ids);
}
