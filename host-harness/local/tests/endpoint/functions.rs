//! The built-in functions.

use std::time::Duration;

use lambda_invocation_local::{FUNCTIONS, LocalEndpoint};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::{Client, call, invoke, start};

#[tokio::test]
async fn fail_throws_in_the_shape_of_each_runtime() {
    let endpoint = start().await;
    let table = [
        ("python", "ValueError", "stackTrace"),
        ("node", "Error", "trace"),
        ("java", "java.lang.IllegalArgumentException", "stackTrace"),
        ("go", "errorString", ""),
        ("go-panic", "string", "stackTrace"),
        ("dotnet", "ArgumentException", "stackTrace"),
        ("ruby", "Function<StandardError>", "stackTrace"),
        ("custom", "HandlerError", ""),
        ("exit", "Runtime.ExitError", ""),
    ];
    for (runtime, error_type, stack) in table {
        let event = json!({ "runtime": runtime, "message": "no such luck" });
        let reply = call(&endpoint, invoke("fail", event.to_string())).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
        let body = reply.json();
        assert_eq!(body["errorType"], error_type, "{runtime}");
        let message = body["errorMessage"].as_str().unwrap();
        assert!(message == "no such luck" || runtime == "exit", "{message}");
        let frames = body
            .get(stack)
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        assert_eq!(frames > 0, !stack.is_empty(), "{runtime}");
    }
    let names: Vec<&str> = table.iter().map(|(name, ..)| *name).collect();
    let unknown = call(&endpoint, invoke("fail", r#"{"runtime":"cobol"}"#)).await;
    assert_eq!(
        unknown.json()["errorMessage"],
        format!("runtime must be one of {}", names.join(", "))
    );

    let default = call(&endpoint, invoke("fail", "")).await.json();
    assert_eq!(default["errorType"], "ValueError");
    assert!(endpoint.invocations().iter().all(|i| i.function_error));
}

#[tokio::test]
async fn an_event_that_a_function_cannot_read_makes_it_fail() {
    let endpoint = start().await;
    let table = [
        ("fail", r#"{"runtime":"cobol"}"#),
        ("fail", r#"{"message":1}"#),
        ("sleep", "{}"),
        ("sleep", "[]"),
        ("sleep", "null"),
        ("sleep", r#"{"ms":-1}"#),
        ("sleep", r#"{"ms":1.5}"#),
        ("sleep", r#"{"ms":1e400}"#),
        ("sleep", r#"{"ms":1,"timeout":901}"#),
        ("sleep", r#"{"ms":1,"timeout":-1}"#),
        ("sleep", r#"{"ms":1,"timeout":"1"}"#),
        ("log", "{}"),
        ("log", r#"{"lines":[1]}"#),
        ("log", r#"{"lines":{}}"#),
        ("big", "{}"),
        ("big", r#"{"bytes":1}"#),
        ("throttle", r#"{"times":"many"}"#),
        ("throttle", r#"{"retry_after":99999999}"#),
        ("throttle", r#"{"reason":7}"#),
        ("flaky", r#"{"status":200}"#),
        ("flaky", r#"{"status":99999}"#),
        ("flaky", r#"{"code":"a b"}"#),
        ("flaky", r#"{"code":""}"#),
        ("flaky", r#"{"fail":-1}"#),
        ("flaky", r#"{"drop":1}"#),
    ];
    for (function, event) in table {
        let reply = call(&endpoint, invoke(function, event)).await;
        assert_eq!(reply.status, 200, "{function} {event}");
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        assert_eq!(
            reply.json()["errorType"],
            "ValueError",
            "{function} {event}"
        );
    }
}

#[tokio::test]
async fn the_example_of_every_function_works() {
    let endpoint = start().await;
    for function in FUNCTIONS {
        let request = invoke(function.name, function.example);
        let reply = call(&endpoint, request).await;
        let expected = match function.name {
            "throttle" => 429,
            "flaky" => 502,
            _ => 200,
        };
        assert_eq!(reply.status, expected, "{}", function.name);
        let failed = reply.header("x-amz-function-error").is_some();
        assert_eq!(failed, function.name == "fail", "{}", function.name);
    }
}

#[tokio::test]
async fn sleep_takes_its_time() {
    let endpoint = start().await;
    let started = Instant::now();
    let reply = call(&endpoint, invoke("sleep", r#"{"ms":80}"#)).await;
    assert!(started.elapsed() >= Duration::from_millis(80));
    assert_eq!(reply.json(), json!({ "slept_ms": 80 }));
}

#[tokio::test]
async fn sleep_beyond_its_timeout_is_cut_off() {
    let endpoint = start().await;
    let request = invoke("sleep", r#"{"ms":3600000,"timeout":0.05}"#);
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
    let id = reply.header("x-amzn-requestid").unwrap();
    assert_eq!(
        reply.json(),
        json!({
            "errorType": "Sandbox.Timedout",
            "errorMessage": format!("RequestId: {id} Error: Task timed out after 0.05 seconds"),
        })
    );
}

#[tokio::test]
async fn big_is_as_long_as_asked_up_to_lambdas_limit() {
    let endpoint = start().await;
    for bytes in [2, 3, 70_000, 6_291_556] {
        let event = json!({ "bytes": bytes });
        let reply = call(&endpoint, invoke("big", event.to_string())).await;
        assert_eq!(reply.body.len(), bytes);
        assert!(reply.json().is_string());
    }
    for bytes in [6_291_557, u64::MAX] {
        let event = json!({ "bytes": bytes });
        let reply = call(&endpoint, invoke("big", event.to_string())).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        assert_eq!(
            reply.json(),
            json!({
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            })
        );
    }
}

#[tokio::test]
async fn throttle_answers_429_as_often_as_asked_for_each_call() {
    let endpoint = start().await;
    let reply = call(&endpoint, invoke("throttle", "{}")).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.code(), Some("TooManyRequestsException"));
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(
        reply.json(),
        json!({
            "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
            "Type": "User",
            "message": "Rate Exceeded.",
        })
    );

    let event = json!({
        "times": 2, "reason": "CallerRateLimitExceeded", "retry_after": 0, "retry_after_ms": 30,
    });
    let attempt = |id: &'static str| {
        invoke("throttle", event.to_string()).header("amz-sdk-invocation-id", id)
    };
    for (id, status) in [("a", 429), ("b", 429), ("a", 429), ("a", 200), ("b", 429)] {
        let reply = call(&endpoint, attempt(id)).await;
        assert_eq!(reply.status, status, "{id}");
        if status == 200 {
            assert_eq!(reply.json(), json!({ "attempts": 3 }));
        } else {
            assert_eq!(reply.header("x-amz-retry-after"), Some("30"));
            assert_eq!(reply.json()["Reason"], "CallerRateLimitExceeded");
        }
    }
    // The function itself ran once.
    assert_eq!(endpoint.counters().ran, 1);
}

#[tokio::test]
async fn flaky_fails_as_often_as_asked_with_the_error_asked_for() {
    let endpoint = start().await;
    let event = r#"{"fail":2,"status":502,"code":"ENINotReadyException"}"#;
    let attempt = || invoke("flaky", event).header("amz-sdk-invocation-id", "a");
    for _ in 0..2 {
        let reply = call(&endpoint, attempt()).await;
        assert_eq!(reply.status, 502);
        assert_eq!(reply.code(), Some("ENINotReadyException"));
        assert_eq!(reply.json()["Type"], "Service");
    }
    assert_eq!(
        call(&endpoint, attempt()).await.json(),
        json!({ "attempts": 3 })
    );
}

#[tokio::test]
async fn flaky_can_break_the_connection_after_it_ran() {
    let endpoint = start().await;
    let request = invoke("flaky", r#"{"drop":true}"#).header("amz-sdk-invocation-id", "a");
    let mut client = Client::connect(&endpoint).await;
    client.send(&request.bytes(&endpoint)).await;
    assert!(client.receive().await.is_none());
    let broken = &endpoint.invocations()[0];
    assert_eq!(broken.status, None);
    assert!(broken.executed_version.is_some());
    assert_eq!(
        call(&endpoint, request).await.json(),
        json!({ "attempts": 2 })
    );
}

#[tokio::test]
async fn a_function_can_be_added_that_always_answers_the_same() {
    let endpoint = LocalEndpoint::builder()
        .answer("config-fetcher", r#"{"replicas":3}"#)
        .answer("identity", "0")
        .start()
        .await
        .unwrap();
    for (name, answer) in [("config-fetcher", r#"{"replicas":3}"#), ("identity", "0")] {
        let reply = call(&endpoint, invoke(name, "[1]").qualifier("PROD")).await;
        assert_eq!(reply.status, 200, "{name}");
        assert_eq!(reply.body, answer.as_bytes(), "{name}");
        assert_eq!(reply.header("x-amz-executed-version"), Some("1"), "{name}");
    }
    let unknown = call(&endpoint, invoke("config", "1")).await;
    assert_eq!(unknown.status, 404);
}
