//! Exit codes 0 and 1: the function answered, or failed.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_tests::server::Server;
use serde_json::{Value, json};

use crate::{json_of_length, local, remote};

#[test]
fn standard_output_is_the_payload_and_nothing_else() {
    let run = local("echo")
        .args(["--payload", r#"{"name":"world"}"#])
        .run();
    assert_eq!(run.json()["event"], json!({"name": "world"}));
    assert_eq!(run.stderr, "");
}

#[test]
fn a_payload_goes_there_and_back_byte_for_byte() {
    for payload in [
        r#"{ "b": 1.50, "a" : [ 12345678901234567890, -0.0, 1e400 ] }"#,
        r#""<&>\u00e9 é \ud83d\ude00""#,
        " null\n",
        "0",
    ] {
        assert_eq!(
            local("identity")
                .args(["--payload", payload])
                .run()
                .output(),
            payload
        );
    }
}

#[test]
fn a_payload_is_read_from_a_file_or_from_standard_input() {
    let payload = "{\n  \"from\": \"elsewhere\"\n}\n";
    let from_file = local("identity")
        .file("event.json", payload)
        .args(["--payload-file", "event.json"])
        .run();
    assert_eq!(from_file.output(), payload);
    let from_stdin = local("identity")
        .args(["--payload-file", "-"])
        .stdin(payload)
        .run();
    assert_eq!(from_stdin.output(), payload);
}

#[test]
fn the_largest_payload_goes_through() {
    let payload = json_of_length(6_291_456);
    let run = local("identity")
        .args(["--payload-file", "-"])
        .stdin(payload.clone())
        .run();
    assert!(
        run.output() == payload,
        "{} bytes came back",
        run.stdout.len()
    );
}

#[test]
fn the_largest_response_comes_through() {
    let run = local("big")
        .args(["--payload", r#"{"bytes":6291556}"#])
        .run();
    assert_eq!(run.output().len(), 6_291_556);
}

#[test]
fn a_call_without_a_payload_sends_none() {
    let run = local("identity").run();
    assert_eq!(run.code, 0, "{run:#?}");
}

#[test]
fn an_event_prints_nothing_and_says_so() {
    let run = local("echo")
        .args(["--payload", "{}", "--invocation-type", "Event"])
        .run();
    assert_eq!(run.output(), "");
    assert!(run.stderr.contains("queued"), "{run:#?}");
}

#[test]
fn a_dry_run_prints_nothing_and_says_so() {
    let run = local("fail")
        .args(["--payload", "{}", "--invocation-type", "DryRun"])
        .run();
    assert_eq!(run.output(), "");
    assert!(run.stderr.contains("nothing ran"), "{run:#?}");
}

#[test]
fn logs_go_to_standard_error_decoded() {
    let run = local("log")
        .args(["--payload", r#"{"lines":["first line","zweite Zeile: ü"]}"#])
        .args(["--log-type", "Tail"])
        .run();
    assert_eq!(run.output(), "null");
    assert!(run.stderr.contains("first line\n"), "{run:#?}");
    assert!(run.stderr.contains("zweite Zeile: ü\n"), "{run:#?}");
}

#[test]
fn every_argument_reaches_the_function() {
    let run = local("echo:PROD")
        .args(["--payload", "{}", "--qualifier", "PROD"])
        .args(["--client-context", r#"{"custom":{"k":"v"}}"#])
        .args(["--tenant-id", "tenant  one"])
        .args(["--durable-execution-name", "order-17"])
        .run();
    let saw = &run.json()["saw"];
    assert_eq!(saw["qualifier"], "PROD", "{run:#?}");
    assert_eq!(saw["executed_version"], "1");
    assert_eq!(saw["client_context"], json!({"custom": {"k": "v"}}));
    assert_eq!(saw["tenant_id"], "tenant  one");
    assert_eq!(saw["durable_execution_name"], "order-17");
}

#[test]
fn every_form_of_name_reaches_the_function() {
    for (name, version) in [
        ("echo", "$LATEST"),
        ("echo:1", "1"),
        ("echo:PROD", "1"),
        ("echo:$LATEST", "$LATEST"),
        ("123456789012:function:echo", "$LATEST"),
        ("123456789012:function:echo:PROD", "1"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:echo",
            "$LATEST",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:echo:PROD",
            "1",
        ),
    ] {
        let run = local(name).args(["--payload", "{}"]).run();
        let saw = &run.json()["saw"];
        assert_eq!(saw["executed_version"], version, "{name}: {run:#?}");
    }
}

#[test]
fn the_json_document_has_the_keys_of_the_wit_package() {
    let run = local("log")
        .args(["--payload", r#"{"lines":"a line"}"#])
        .args(["--log-type", "Tail", "--output", "json"])
        .run();
    let document = run.json();
    let keys: BTreeSet<&str> = document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "attempts",
        "executed-version",
        "log-result",
        "log-tail",
        "payload",
        "request-id",
        "status-code",
    ];
    assert_eq!(keys, BTreeSet::from(expected));
    assert_eq!(document["status-code"], 200);
    assert_eq!(document["payload"], "null");
    assert_eq!(document["executed-version"], "$LATEST");
    assert_eq!(document["attempts"], 1);
    let sent = STANDARD
        .decode(document["log-result"].as_str().unwrap())
        .unwrap();
    assert_eq!(document["log-tail"], String::from_utf8(sent).unwrap());
}

#[test]
fn a_payload_that_is_not_text_is_in_base64() {
    let server = Server::start(|mut connection| {
        connection.read_request()?;
        connection.send(
            b"HTTP/1.1 200 OK\r\nx-amz-executed-version: 1\r\ncontent-length: 4\r\n\r\n\x00\xff\xfe\x80",
        )?;
        connection.finish()
    });
    let run = remote("f", server.url())
        .args(["--payload", "{}", "--output", "json"])
        .run();
    let document = run.json();
    assert_eq!(
        document["payload-base64"],
        STANDARD.encode(b"\x00\xff\xfe\x80")
    );
    assert_eq!(document.get("payload"), None);
}

#[test]
fn what_is_throttled_at_first_succeeds_in_the_end() {
    let run = local("throttle")
        .args([
            "--payload",
            r#"{"times":1,"retry_after_ms":10,"retry_after":0}"#,
        ])
        .args(["--output", "json"])
        .run();
    let document = run.json();
    assert_eq!(document["attempts"], 2);
    assert_eq!(document["payload"], r#"{"attempts":2}"#);
}

#[test]
fn what_is_throttled_is_told_while_it_waits() {
    for (transport, told) in [
        ("host", "throttled, trying again in "),
        ("component", "throttled\n"),
    ] {
        let run = local("throttle")
            .args(["--payload", r#"{"times":1,"retry_after":0}"#])
            .args(["--verbose", "--transport", transport])
            .run();
        assert_eq!(run.json()["attempts"], 2);
        assert!(run.stderr.contains(told), "{transport}: {}", run.stderr);
    }
}

#[test]
fn what_may_have_run_is_repeated_only_with_retry_idempotent() {
    for event in [r#"{"fail":2}"#, r#"{"fail":2,"drop":true}"#] {
        let run = local("flaky")
            .args(["--payload", event, "--retry", "idempotent"])
            .run();
        assert_eq!(run.json()["attempts"], 3);
    }
    local("flaky")
        .args(["--payload", r#"{"fail":1}"#])
        .run()
        .refusal(3);
    local("flaky")
        .args(["--payload", r#"{"fail":1,"drop":true}"#])
        .run()
        .refusal(4);
}

#[test]
fn a_function_that_fails_is_told_from_a_call_that_fails() {
    let run = local("fail")
        .args(["--payload", r#"{"message":"no such colour"}"#])
        .run();
    assert_eq!(run.code, 1, "{run:#?}");
    let payload: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(payload["errorMessage"], "no such colour");
    let mut lines = run.stderr.lines();
    let first = lines.next().unwrap();
    assert!(
        first.starts_with("the function failed (Unhandled): "),
        "{run:#?}"
    );
    assert!(first.ends_with(": no such colour"), "{run:#?}");
    assert!(lines.next().unwrap().starts_with("    "), "{run:#?}");
}

#[test]
fn the_failures_of_every_runtime_are_read() {
    for runtime in [
        "python", "node", "java", "go", "go-panic", "dotnet", "ruby", "custom", "exit",
    ] {
        let event = json!({"runtime": runtime, "message": "why it failed"}).to_string();
        let run = local("fail")
            .args(["--payload", &event, "--output", "json"])
            .run();
        assert_eq!(run.code, 1, "{runtime}: {run:#?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let error = &document["function-error"];
        assert!(error["kind"].is_string(), "{runtime}: {error}");
        assert!(error["error-message"].is_string(), "{runtime}: {error}");
        assert!(document["payload"].is_string(), "{runtime}: {document}");
    }
}

#[test]
fn a_function_that_runs_out_of_time_has_failed() {
    let run = local("sleep")
        .args(["--payload", r#"{"ms":5000,"timeout":1}"#])
        .run();
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("Sandbox.Timedout"), "{run:#?}");
    assert!(
        run.stderr.contains("Task timed out after 1.00 seconds"),
        "{run:#?}"
    );
}
