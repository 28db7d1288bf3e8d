//! The functions `invoke` and `open`.

use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::{Stack, secret};
use serde_json::{Value, json};

const NOTHING: [&str; 0] = [];

#[test]
fn invoke_returns_all_that_lambda_says() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let answer = stack.invoke(
        "invoke",
        json!({"functionName": "log:PROD", "payload": {"lines": "written"}, "logType": "Tail"}),
        false,
    );
    let returned = &answer["return"];
    assert_eq!(returned["result"], "null", "{answer}");
    assert_eq!(returned["statusCode"], 200.0);
    assert_eq!(returned["executedVersion"], "1");
    assert_eq!(returned["attempts"], 1.0);
    let tail = returned["logTail"].as_str().unwrap();
    assert!(tail.contains("written"), "{tail}");
    for (kind, status) in [("Event", 202.0), ("DryRun", 204.0)] {
        let answer = stack.invoke(
            "invoke",
            json!({"functionName": "identity", "payload": "1", "invocationType": kind}),
            false,
        );
        assert_eq!(answer["return"]["statusCode"], status, "{answer}");
    }

    let failing = json!({"functionName": "fail", "payload": {"message": "no such order"}});
    let said = stack.invoke("invoke", failing.clone(), false)["failed"].clone();
    let said = said.as_str().unwrap();
    assert!(
        said.contains("Lambda function fail ran and failed"),
        "{said}"
    );
    let mut returning = failing;
    returning["returnFunctionError"] = true.into();
    for name in ["invoke", "open"] {
        let answer = stack.invoke(name, returning.clone(), false);
        let error = &answer["return"]["functionError"];
        assert_eq!(error["kind"], "Unhandled", "{answer}");
        assert_eq!(error["errorType"], "ValueError");
        assert_eq!(error["errorMessage"], "no such order");
        assert!(error["stackTrace"].is_array(), "{error}");
    }
}

#[test]
fn what_may_hold_a_secret_is_one() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let plain = json!({"functionName": "identity", "payload": {"key": "1"}});
    let marked = json!({"functionName": "identity", "payload": {"key": secret("1")}});
    let result = secret("{\"key\":\"1\"}");
    for (name, arguments, expected) in [
        ("invoke", &plain, json!("{\"key\":\"1\"}")),
        ("invoke", &marked, result.clone()),
        ("open", &plain, result.clone()),
        ("open", &marked, result),
    ] {
        let answer = stack.invoke(name, arguments.clone(), false);
        assert_eq!(answer["return"]["result"], expected, "{name}");
        assert_eq!(answer["return"]["statusCode"], 200.0, "{name}");
    }
}

#[test]
fn nothing_is_invoked_in_a_preview_unless_it_is_asked_for() {
    let local = Local::start();
    let asked = json!({"functionName": "identity", "payload": "1", "invokeInPreview": true});
    let plain = json!({"functionName": "identity", "payload": "1"});
    let unknown = |secret: bool| json!({"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "secret": secret});
    let mut stack = or_skip!(Stack::new(&local));
    for (name, secret) in [("invoke", false), ("open", true)] {
        let answer = stack.invoke(name, plain.clone(), true);
        let returned = answer["return"].as_object().unwrap();
        assert_eq!(returned["result"], unknown(secret), "{name}");
        assert_eq!(returned["statusCode"], unknown(false), "{name}");
        assert_eq!(local.payloads(), NOTHING);
        stack.invoke(name, asked.clone(), true);
        assert_eq!(local.payloads(), ["1"]);
    }

    // An engine that cannot take such an answer, or does not say what it is asking for.
    for (announced, preview, words) in [
        (
            json!({"invoke_with_preview": true}),
            true,
            "has no unknown results of functions",
        ),
        (json!({}), false, "does not say whether this is a preview"),
    ] {
        let (mut stack, started) = Stack::start(&local, &announced, &json!({})).unwrap();
        assert_eq!(started["handshake"]["acceptsOutputsInInvoke"], Value::Null);
        let answer = stack.invoke("invoke", plain.clone(), preview);
        let said = answer["failed"].as_str().unwrap();
        assert!(said.contains(words), "{said}");
        assert!(said.contains("invokeInPreview: true"), "{said}");
        assert_eq!(local.payloads(), NOTHING);
        let answer = stack.invoke("invoke", asked.clone(), preview);
        assert_eq!(answer["return"]["result"], "1", "{answer}");
        assert_eq!(local.payloads(), ["1"]);
    }
}

#[test]
fn what_is_wrong_with_an_argument_is_said_at_its_path() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for (name, arguments, path, reason) in [
        ("invoke", json!({}), "functionName", "must be set"),
        (
            "open",
            json!({"functionName": "f"}),
            "[\"payload\"]",
            "must be set",
        ),
        (
            "invoke",
            json!({"functionName": "f", "payload": {"n": 1e300}}),
            "[\"payload\"].n",
            "beyond 2^53",
        ),
        (
            "invoke",
            json!({"functionName": "f", "payload": "CANARY"}),
            "[\"payload\"]",
            "JSON",
        ),
        (
            "invoke",
            json!({"functionName": "f", "invocationType": "Later"}),
            "invocationType",
            "must be one of RequestResponse, Event, DryRun",
        ),
        (
            "open",
            json!({"functionName": "f", "payload": "1", "clientContext": "CANARY!"}),
            "[\"clientContext\"]",
            "",
        ),
        (
            "open",
            json!({"functionName": "f", "payload": "1", "invocationType": "Event"}),
            "invocationType",
            "there is no such property",
        ),
    ] {
        let answer = stack.invoke(name, arguments, false);
        let failures = answer["failures"].as_array().unwrap();
        assert_eq!(failures.len(), 1, "{path}: {answer}");
        assert_eq!(failures[0]["property"], path, "{answer}");
        let text = failures[0]["reason"].as_str().unwrap();
        assert!(!text.contains("CANARY"), "{text}");
        let (text, reason) = (text.to_lowercase(), reason.to_lowercase());
        assert!(text.contains(&reason), "{text}");
    }
    let other = stack.invoke("other", json!({}), false);
    let said = other["failed"].as_str().unwrap();
    assert!(
        said.contains("there is no function lambda-invocation:index:other"),
        "{said}"
    );
    assert_eq!(local.payloads(), NOTHING);
}
