//! What is wrong with a program's inputs, said at its property before anything is sent.

use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::{Stack, UNKNOWN, secret};
use serde_json::{Value, json};

use crate::one;

/// Inputs with a change.
fn with(name: &str, value: Value) -> Value {
    let mut inputs = json!({"functionName": "identity", "input": {"password": "CANARY"}});
    inputs[name] = value;
    inputs
}

#[test]
fn every_fault_is_said_at_the_path_of_its_property() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let crud = |input: Value| json!({"functionName": "identity", "input": input, "lifecycleScope": "CRUD"});
    let large = json!({"items": [{"id": 9_007_199_254_740_994_u64}], "password": "CANARY"});
    for (inputs, path, reason) in [
        (json!({"input": "1"}), "functionName", "must be set"),
        (
            json!({"functionName": "identity"}),
            "[\"input\"]",
            "must be set",
        ),
        (
            with("functionName", json!(1)),
            "functionName",
            "must be a string",
        ),
        (with("functionName", json!("a b")), "functionName", ""),
        (
            with("input", json!("{\"CANARY\"")),
            "[\"input\"]",
            "must be valid JSON",
        ),
        (
            with("input", secret("{\"CANARY\"")),
            "[\"input\"]",
            "must be valid JSON",
        ),
        (
            with("input", large),
            "[\"input\"].items[0].id",
            "pass the whole event as a JSON string",
        ),
        (
            with(
                "input",
                json!({"a b": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "CANARY"}}),
            ),
            "[\"input\"][\"a b\"]",
            "must not hold an asset",
        ),
        (
            crud(json!("[\"CANARY\"]")),
            "[\"input\"]",
            "must be a JSON object",
        ),
        (
            crud(json!({"tf": "CANARY"})),
            "terraformKey",
            "must not be a key of input",
        ),
        (
            with("lifecycleScope", json!("ALL")),
            "lifecycleScope",
            "must be CREATE_ONLY or CRUD",
        ),
        (with("qualifier", json!("a b")), "qualifier", ""),
        (
            with("clientContext", json!("CANARY!")),
            "[\"clientContext\"]",
            "base64",
        ),
        (
            with("logType", json!("All")),
            "logType",
            "must be one of None, Tail",
        ),
        (
            with("triggers", json!("x")),
            "triggers",
            "must be a map of strings",
        ),
        (
            with("triggers", json!({"a.b": 1, "ok": UNKNOWN})),
            "triggers[\"a.b\"]",
            "must be a string",
        ),
        (
            with("timeout", json!(0)),
            "timeout",
            "must be a number of seconds",
        ),
        (
            with("timeout", json!("soon")),
            "timeout",
            "must be a number",
        ),
        (
            with("retryMode", json!("always")),
            "retryMode",
            "must be one of never, safe, idempotent",
        ),
        (
            with("maxAttempts", json!(11)),
            "maxAttempts",
            "must be a whole number from 1 to 10",
        ),
        (
            with("success", json!({"status": "ok"})),
            "success",
            "is not a JSON pointer",
        ),
        (
            with("function_name", json!("f")),
            "function_name",
            "there is no such property",
        ),
        (
            {
                let mut inputs = with("terraformKey", json!("a"));
                inputs["pulumiKey"] = "b".into();
                inputs
            },
            "pulumiKey",
            "must be the same as terraformKey",
        ),
    ] {
        let preview = stack.preview(one(inputs));
        let said = preview.error();
        let failures = preview.0["steps"][0]["failures"].as_array().unwrap();
        assert_eq!(failures.len(), 1, "{path}: {failures:?}");
        assert_eq!(failures[0]["property"], path, "{failures:?}");
        let text = failures[0]["reason"].as_str().unwrap().to_lowercase();
        assert!(text.contains(&reason.to_lowercase()), "{path}: {text}");
        // Neither does the engine print an input beside it.
        assert!(!said.contains("CANARY"), "{said}");
    }
    assert_eq!(local.payloads().len(), 0);
}

#[test]
fn a_value_is_kept_as_the_text_that_is_sent() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for (input, text) in [
        (
            json!({"b": 1, "a": [1.5, null, true, "x"]}),
            r#"{"a":[1.5,null,true,"x"],"b":1}"#,
        ),
        (json!([]), "[]"),
        (json!(42), "42"),
        (json!(false), "false"),
        (json!(""), ""),
    ] {
        let checked = stack.call(
            "Check",
            Some("CheckRequest"),
            json!({"news": with("input", input)}),
        );
        assert_eq!(checked["answer"]["inputs"]["input"], text, "{checked}");
        assert_eq!(checked["answer"]["failures"], Value::Null, "{checked}");
    }
}

#[test]
fn the_configuration_is_checked_without_printing_a_key() {
    let local = Local::start();
    let announced = lambda_invocation_tests::pulumi::announced();
    for (config, path) in [
        (json!({"accessKey": "CANARY"}), "[\"secretKey\"]"),
        (json!({"secretKey": "CANARY"}), "[\"accessKey\"]"),
        (json!({"token": "CANARY"}), "[\"accessKey\"]"),
        (json!({"useFipsEndpoint": "perhaps"}), "useFipsEndpoint"),
        (json!({"maxAttempts": "0"}), "maxAttempts"),
        (json!({"retryMode": "always"}), "retryMode"),
        (json!({"regoin": "us-east-1"}), "regoin"),
    ] {
        let (_stack, started) = or_skip!(Stack::start(&local, &announced, &config));
        let failures = started["failures"].as_array().unwrap();
        assert_eq!(failures.len(), 1, "{started}");
        assert_eq!(failures[0]["property"], path, "{started}");
        assert!(!started.to_string().contains("CANARY"), "{started}");
    }
}

#[test]
fn a_value_may_be_nested_as_deep_as_the_page_says_and_a_text_deeper() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let nested = |levels: usize| (0..levels).fold(json!(1), |value, _| json!({"a": value}));
    let mut check = |input: Value| {
        stack.call(
            "Check",
            Some("CheckRequest"),
            json!({"news": with("input", input)}),
        )
    };
    let text = nested(30).to_string();
    assert_eq!(check(nested(30))["answer"]["inputs"]["input"], text);
    // The protocol's own limit, whose error is gRPC's.
    let refused = check(nested(60));
    assert!(
        refused["failed"]
            .as_str()
            .unwrap()
            .starts_with("INTERNAL: ")
    );
    let text = nested(60).to_string();
    let taken = check(json!(text));
    assert_eq!(taken["answer"]["inputs"]["input"], text, "{taken}");
}

#[test]
fn inputs_are_checked_before_there_is_a_configuration() {
    let local = Local::start();
    // A provider that is never configured, as what it was to be is refused; and whose
    // environment is of no use.
    let (mut stack, started) = or_skip!(Stack::with_environment(
        &local,
        &lambda_invocation_tests::pulumi::announced(),
        &json!({"retryMode": "always"}),
        &[
            ("AWS_PROFILE", "typo"),
            ("HTTPS_PROXY", "socks5://127.0.0.1:9")
        ],
    ));
    assert_eq!(started["configured"], Value::Null, "{started}");
    let mut check = |news: Value| stack.call("Check", Some("CheckRequest"), json!({"news": news}));
    let checked = check(with("qualifier", json!("PROD")));
    assert_eq!(checked["answer"]["failures"], Value::Null, "{checked}");
    let checked = check(with("lifecycleScope", json!("ALL")));
    let failures = checked["answer"]["failures"].as_array().unwrap();
    assert_eq!(failures[0]["property"], "lifecycleScope", "{checked}");
}
