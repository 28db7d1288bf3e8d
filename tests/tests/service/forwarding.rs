//! What is forwarded.

use std::thread;

use lambda_invocation_tests::or_skip;
use serde_json::json;

use super::{BEARER, SESSION, lambda, local};

#[test]
fn every_argument_reaches_lambda_and_no_credential_of_the_caller_does() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let reply = service.post(
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aecho/invocations?Qualifier=PROD",
        &[
            SESSION,
            ("authorization", "Bearer another"),
            ("content-type", "application/octet-stream"),
            ("x-amz-invocation-type", "RequestResponse"),
            ("x-amz-log-type", "Tail"),
            ("x-amz-client-context", "eyJhIjoxfQ=="),
            ("x-amz-tenant-id", "a  b"),
            ("x-amz-durable-execution-name", "order-17"),
            ("x-amz-date", "20000101T000000Z"),
            ("amz-sdk-invocation-id", "the-caller"),
            ("cookie", "caller=1"),
        ],
        br#"{"n":1}"#,
    );
    assert_eq!(reply.status, 200, "{reply:#?}");
    assert_eq!(reply.header("x-amz-executed-version"), Some("1"));
    assert!(reply.header("x-amz-log-result").is_some(), "{reply:#?}");
    assert!(reply.header("x-amzn-requestid").is_some(), "{reply:#?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let payload = reply.json();
    assert_eq!(payload["event"], json!({"n": 1}));
    let saw = &payload["saw"];
    assert_eq!(saw["qualifier"], "PROD");
    assert_eq!(saw["client_context"], json!({"a": 1}));

    let invocations = lambda.invocations();
    let [invocation] = invocations.as_slice() else {
        panic!("{invocations:#?}");
    };
    let sent = |name: &str| {
        let value = invocation.headers.get(name)?;
        Some(value.to_str().expect("visible ASCII").to_owned())
    };
    assert_eq!(sent("x-amz-tenant-id").as_deref(), Some("a  b"));
    assert_eq!(
        sent("x-amz-durable-execution-name").as_deref(),
        Some("order-17")
    );
    assert!(
        sent("authorization")
            .unwrap()
            .starts_with("AWS4-HMAC-SHA256")
    );
    assert_eq!(sent("x-amz-security-token"), None);
    assert_eq!(sent("cookie"), None);
    assert_ne!(sent("amz-sdk-invocation-id").as_deref(), Some("the-caller"));
}

#[test]
fn events_and_dry_runs_are_answered_without_a_body() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    for path in ["/invoke/echo", "/2015-03-31/functions/echo/invocations"] {
        for (kind, status) in [("Event", 202), ("DryRun", 204)] {
            let reply = service.post(path, &[BEARER, ("x-amz-invocation-type", kind)], b"{}");
            assert_eq!((reply.status, &*reply.body), (status, ""), "{reply:#?}");
        }
    }
}

#[test]
fn callers_at_the_same_time_get_their_own_answers() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    thread::scope(|scope| {
        for caller in 0..16 {
            let service = &service;
            scope.spawn(move || {
                for call in 0..4 {
                    let payload = format!("[{caller},{call}]");
                    let reply = service.post("/invoke/identity", &[BEARER], payload.as_bytes());
                    assert_eq!((reply.status, reply.body), (200, payload));
                }
            });
        }
    });
}
