//! The AWS provider's own tests of its surfaces, through the Pulumi provider. The resource's
//! go over its states, the others call a function of the package.

use std::collections::{BTreeMap, BTreeSet};

use lambda_invocation_tests::acceptance::PULUMI;
use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::{Stack, TYPE, urn};
use serde_json::{Value, json};

use crate::one;

const BASIC: &str = r#"{"key1":"value1","key2":"value2"}"#;
const CHANGED: &str = r#"{"key1":"valueB","key2":"value2"}"#;
const COMPLEX: &str =
    r#"{"key1":{"subkey1":"subvalue1"},"key2":{"subkey2":"subvalue2","subkey3":{"a":"b"}}}"#;
const HASH: &str = "ff45cc3835165307ef414c23ca2c6f67";

/// What a resource is at one step after the other, and what the function gets.
struct Case {
    name: &'static str,
    /// Outputs of an older release, which are there before the first step.
    before: Value,
    steps: Vec<Value>,
    sent: Vec<String>,
}

fn plain(input: &str) -> Value {
    json!({"functionName": "identity", "input": input})
}

fn with(mut inputs: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        inputs[name] = value.clone();
    }
    inputs
}

fn crud(input: &str) -> Value {
    with(plain(input), &json!({"lifecycleScope": "CRUD"}))
}

/// An event under CRUD, its keys in their order.
fn event(input: &str, key: &str, action: &str, before: &str) -> String {
    let mut event: BTreeMap<String, Value> = serde_json::from_str(input).unwrap();
    let before: Value = serde_json::from_str(before).unwrap();
    let lifecycle = json!({"action": action, "prev_input": before});
    event.insert(key.to_owned(), lifecycle);
    serde_json::to_string(&event).unwrap()
}

fn cases() -> Vec<Case> {
    let case = |name, steps: Vec<Value>, sent: &[&str]| Case {
        name,
        before: Value::Null,
        steps,
        sent: sent.iter().map(ToString::to_string).collect(),
    };
    let created = event(BASIC, "tf", "create", "null");
    let deleted = event(BASIC, "tf", "delete", BASIC);
    let triggered = |value: &str| with(plain(BASIC), &json!({"triggers": {"of": value}}));
    let keyed = with(crud(BASIC), &json!({"terraformKey": "custom_key"}));
    let failing = |lines: Value| json!({"functionName": "log", "input": {"lines": lines}, "lifecycleScope": "CRUD"});
    let old = |more: Value| {
        with(
            json!({"functionName": "identity", "input": BASIC, "qualifier": "$LATEST", "result": "\"old\""}),
            &more,
        )
    };
    vec![
        case(
            "TestAccLambdaInvocation_basic",
            vec![plain(BASIC), plain(BASIC)],
            &[BASIC],
        ),
        case(
            "TestAccLambdaInvocation_qualifier",
            vec![with(plain(BASIC), &json!({"qualifier": "1"}))],
            &[BASIC],
        ),
        case(
            "TestAccLambdaInvocation_complex",
            vec![plain(COMPLEX)],
            &[COMPLEX],
        ),
        case(
            "TestAccLambdaInvocation_triggers",
            vec![
                triggered("value3"),
                triggered("value3"),
                triggered("value4"),
            ],
            &[BASIC, BASIC],
        ),
        case(
            "TestAccLambdaInvocation_lifecycle_scopeCRUDCreate",
            vec![crud(BASIC)],
            &[&created, &deleted],
        ),
        case(
            "TestAccLambdaInvocation_lifecycle_scopeCRUDUpdateInput",
            vec![crud(BASIC), crud(CHANGED), crud(CHANGED)],
            &[
                &created,
                &event(CHANGED, "tf", "update", BASIC),
                &event(CHANGED, "tf", "delete", CHANGED),
            ],
        ),
        case(
            "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyUpdateInput",
            vec![plain(BASIC), plain(CHANGED), plain(CHANGED)],
            &[BASIC, CHANGED],
        ),
        case(
            "TestAccLambdaInvocation_lifecycle_scopeCRUDDestroy",
            vec![crud(BASIC)],
            &[&created, &deleted],
        ),
        case(
            "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyToCRUD",
            vec![plain(BASIC), crud(BASIC), crud(BASIC)],
            &[BASIC, &event(BASIC, "tf", "update", BASIC), &deleted],
        ),
        case(
            "TestAccLambdaInvocation_terraformKey",
            vec![keyed.clone(), keyed],
            &[
                &event(BASIC, "custom_key", "create", "null"),
                &event(BASIC, "custom_key", "delete", BASIC),
            ],
        ),
        case(
            "TestAccLambdaInvocation_tenantID",
            vec![with(plain(BASIC), &json!({"tenantId": "test-tenant-123"}))],
            &[BASIC],
        ),
        case(
            "CRUD update failure (provider PR #43566)",
            // The second fails, and the third is what the first was.
            vec![failing(json!("x")), failing(json!(1)), failing(json!("x"))],
            &[
                &event(r#"{"lines":"x"}"#, "tf", "create", "null"),
                &event(r#"{"lines":1}"#, "tf", "update", r#"{"lines":"x"}"#),
                &event(r#"{"lines":"x"}"#, "tf", "delete", r#"{"lines":"x"}"#),
            ],
        ),
        Case {
            before: old(json!({"triggers": null})),
            ..case(
                "TestAccLambdaInvocation_UpgradeState_Pre_v5_1_0",
                vec![plain(BASIC)],
                &[],
            )
        },
        Case {
            before: old(json!({"lifecycleScope": "CREATE_ONLY", "terraformKey": "tf"})),
            ..case(
                "TestAccLambdaInvocation_UpgradeState_v5_83_0",
                vec![plain(BASIC)],
                &[],
            )
        },
        Case {
            before: old(
                json!({"input": "", "lifecycleScope": "CRUD", "result": "", "terraformKey": "tf"}),
            ),
            ..case(
                "TestBuildInputPanic",
                vec![],
                &[r#"{"tf":{"action":"delete","prev_input":null}}"#],
            )
        },
    ]
}

#[test]
fn the_tests_of_the_resource_pass() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for Case {
        name,
        before,
        steps,
        sent,
    } in cases()
    {
        if !before.is_null() {
            let id = format!("identity_$LATEST_{HASH}");
            let kept = json!({"type": TYPE, "id": id, "inputs": {}, "outputs": before});
            stack.ask(json!({"do": "set-state", "state": {urn("it"): kept}}));
        }
        for (number, inputs) in steps.iter().enumerate() {
            let up = stack.up(one(inputs.clone()));
            if inputs["input"]["lines"] == 1 {
                let said = up.error();
                assert!(
                    said.contains("Lambda function log ran and failed"),
                    "{said}"
                );
                let kept = stack.state("it");
                assert_eq!(kept["outputs"]["input"], r#"{"lines":"x"}"#, "{name}");
                continue;
            }
            let done = up.done();
            if number > 0 && steps[number - 1] == *inputs {
                assert_eq!(done, ["same it"], "{name}");
            }
            let result = &stack.state("it")["outputs"]["result"];
            match before.is_null() {
                true => assert!(result.is_string(), "{name}: {result}"),
                false => assert_eq!(result, "\"old\"", "{name}"),
            }
        }
        stack.destroy().done();
        assert_eq!(local.payloads(), sent, "{name}");
        assert_eq!(stack.state("it"), Value::Null, "{name}");
    }
}

#[test]
fn the_tests_of_ids_pass() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for (id, parts) in [
        ("ABCDEF", None),
        ("ABCDEF,42", None),
        ("ABCDEF,,", None),
        ("ABCDEF,42,invalid_hash", None),
        ("ABCDEF,42,HASH", Some(("ABCDEF", "42"))),
        ("ABC_DEF,42,HASH", Some(("ABC_DEF", "42"))),
        ("ABCDEF,$LATEST,HASH", Some(("ABCDEF", "$LATEST"))),
        ("ABC_DEF,$LATEST,HASH", Some(("ABC_DEF", "$LATEST"))),
        ("ABC_DEF_1234,567,HASH", Some(("ABC_DEF_1234", "567"))),
        (
            "my_test_function,$LATEST,HASH",
            Some(("my_test_function", "$LATEST")),
        ),
    ] {
        let id = id.replace("HASH", HASH);
        let read = stack.call("Read", Some("ReadRequest"), json!({"id": id}));
        match parts {
            None => assert!(read["failed"].is_string(), "{id}: {read}"),
            Some((name, qualifier)) => {
                let properties = &read["answer"]["properties"];
                assert_eq!(properties["functionName"], name, "{id}");
                assert_eq!(properties["qualifier"], qualifier, "{id}");
                assert_eq!(read["answer"]["id"], id);
            }
        }
    }
}

/// The functions that stand for the other surfaces: arguments beside the name and the
/// payload, and what comes back.
const CALLS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "TestAccLambdaInvocationEphemeral_basic",
        "open",
        BASIC,
        "{}",
        r#"{"statusCode":200.0,"executedVersion":"$LATEST"}"#,
    ),
    (
        "TestAccLambdaInvokeAction_basic",
        "invoke",
        BASIC,
        "{}",
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_withQualifier",
        "invoke",
        BASIC,
        r#"{"qualifier":"1"}"#,
        r#"{"executedVersion":"1"}"#,
    ),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "invoke",
        BASIC,
        r#"{"invocationType":"RequestResponse"}"#,
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "invoke",
        BASIC,
        r#"{"invocationType":"Event"}"#,
        r#"{"statusCode":202.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "invoke",
        BASIC,
        r#"{"invocationType":"DryRun"}"#,
        r#"{"statusCode":204.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_logTypes",
        "invoke",
        BASIC,
        r#"{"logType":"None"}"#,
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_logTypes",
        "invoke",
        BASIC,
        r#"{"logType":"Tail"}"#,
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_clientContext",
        "invoke",
        BASIC,
        r#"{"clientContext":"eyJjdXN0b20iOnsiYSI6MX19"}"#,
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_complexPayload",
        "invoke",
        COMPLEX,
        "{}",
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvokeAction_tenantId",
        "invoke",
        BASIC,
        r#"{"tenantId":"tenant-1"}"#,
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvocationDataSource_basic",
        "invoke",
        BASIC,
        "{}",
        r#"{"statusCode":200.0}"#,
    ),
    (
        "TestAccLambdaInvocationDataSource_qualifier",
        "invoke",
        BASIC,
        r#"{"qualifier":"1"}"#,
        r#"{"executedVersion":"1"}"#,
    ),
    (
        "TestAccLambdaInvocationDataSource_complex",
        "invoke",
        COMPLEX,
        "{}",
        r#"{"statusCode":200.0}"#,
    ),
];

#[test]
fn the_tests_of_ephemeral_action_and_data_source_pass() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for (name, function, payload, arguments, expected) in CALLS {
        let arguments: Value = serde_json::from_str(arguments).unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        let asked = json!({"functionName": "identity", "payload": payload});
        let answer = stack.invoke(function, with(asked, &arguments), false);
        let returned = &answer["return"];
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(&returned[member], value, "{name}: {answer}");
        }
        if returned["statusCode"] == 200.0 {
            let result = &returned["result"];
            let result = result.get("value").unwrap_or(result);
            assert_eq!(result, payload, "{name}");
        }
        let tail = arguments["logType"] == "Tail";
        assert_eq!(returned["logTail"].is_string(), tail, "{name}: {answer}");
    }
}

#[test]
fn every_name_of_the_column_is_run() {
    let elsewhere = ["TestParseRecordID", "TestInvocationResourceIDCreation"];
    let cases = cases();
    let run: BTreeSet<&str> = cases
        .iter()
        .map(|case| case.name)
        .chain(CALLS.iter().map(|call| call.0))
        .chain(elsewhere)
        .collect();
    let column: BTreeSet<&str> = PULUMI.iter().map(|(name, _)| *name).collect();
    assert_eq!(run, column);
}
