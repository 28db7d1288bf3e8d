//! Invocations that were made elsewhere: imports, and states of `aws.lambda.Invocation`.

use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::Stack;
use serde_json::{Value, json};

use crate::{one, with_options};

const NOTHING: [&str; 0] = [];
const HASH: &str = "b326b5062b2f0e69046810717534cb09";

#[test]
fn an_import_adopts_the_programs_inputs_without_invoking() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let id = format!("identity,PROD,{HASH}");
    let inputs = |input: &str| {
        json!({
            "functionName": "identity", "qualifier": "PROD", "input": {"key": input},
            "lifecycleScope": "CRUD", "pulumiKey": "lifecycle", "timeout": 60,
        })
    };
    let imported = with_options(inputs("1"), json!({"import": format!("{id}@us-east-1")}));
    assert_eq!(
        stack.preview(imported.clone()).done(),
        ["import it", "same it"]
    );
    assert_eq!(stack.up(imported).done(), ["import it", "same it"]);
    assert_eq!(stack.state("it")["id"], id);
    // In later runs the option may stay or go.
    assert_eq!(stack.up(one(inputs("1"))).done(), ["same it"]);
    stack.ask(json!({"do": "refresh"}));
    assert_eq!(stack.up(one(inputs("1"))).done(), ["same it"]);
    assert_eq!(local.payloads(), NOTHING);

    // A change after that is one.
    let up = stack.up(one(inputs("2")));
    assert_eq!(up.done(), ["update it"]);
    assert_eq!(up.diff(), json!({"input": "UPDATE"}));
    assert_eq!(
        local.payloads(),
        [r#"{"key":"2","lifecycle":{"action":"update","prev_input":{"key":"1"}}}"#]
    );
    stack.destroy().done();
    assert_eq!(
        local.payloads(),
        [r#"{"key":"2","lifecycle":{"action":"delete","prev_input":{"key":"2"}}}"#]
    );

    // One that is deleted before it was changed is told so, too.
    let imported = with_options(inputs("3"), json!({"import": id}));
    stack.up(imported).done();
    stack.destroy().done();
    assert_eq!(
        local.payloads(),
        [r#"{"key":"3","lifecycle":{"action":"delete","prev_input":{"key":"3"}}}"#]
    );
}

#[test]
fn the_command_pulumi_import_gets_inputs_that_pass_the_check() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let id = format!("identity_$LATEST_{HASH}");
    let read = stack.call("Read", Some("ReadRequest"), json!({"id": id}))["answer"].clone();
    assert_eq!(read["id"], format!("identity,$LATEST,{HASH}"));
    assert_eq!(
        read["inputs"],
        json!({"functionName": "identity", "qualifier": "$LATEST", "input": ""})
    );
    let checked = stack.call(
        "Check",
        Some("CheckRequest"),
        json!({"news": read["inputs"]}),
    );
    assert_eq!(checked["answer"]["failures"], Value::Null, "{checked}");
    // What the user then writes for the input is what it was.
    let diff = stack.call(
        "Diff",
        Some("DiffRequest"),
        json!({
            "id": read["id"], "olds": read["properties"], "old_inputs": read["inputs"],
            "news": {"functionName": "identity", "qualifier": "$LATEST", "input": "1"},
        }),
    );
    assert_eq!(diff["answer"]["changes"], "DIFF_NONE", "{diff}");
    // Another function is another invocation.
    let other = with_options(
        json!({"functionName": "echo", "input": "1"}),
        json!({"import": id}),
    );
    assert_eq!(
        stack.preview(other).done()[..2],
        ["import it", "replace it"]
    );
    for wrong in ["identity", "identity,PROD", "identity,PROD,x@nowhere"] {
        let read = stack.call("Read", Some("ReadRequest"), json!({"id": wrong}));
        let said = read["failed"].as_str().unwrap();
        assert!(said.contains("Invalid id"), "{said}");
    }
    assert_eq!(local.payloads(), NOTHING);
}

/// What `pulumi-aws` keeps.
fn aws(scope: &str) -> Value {
    let id = format!("identity,$LATEST,{HASH}");
    let input = r#"{"key1":"value1"}"#;
    json!({
        "urn:pulumi:dev::example::aws:lambda/invocation:Invocation::it": {
            "type": "aws:lambda/invocation:Invocation",
            "id": id,
            "inputs": {
                "__defaults": ["qualifier", "terraformKey"], "functionName": "identity",
                "input": input, "lifecycleScope": scope, "qualifier": "$LATEST", "terraformKey": "tf",
            },
            "outputs": {
                "__meta": "{\"schema_version\":\"1\"}", "functionName": "identity", "id": id,
                "input": input, "lifecycleScope": scope, "qualifier": "$LATEST",
                "region": "us-east-1", "result": "\"old\"", "tenantId": "", "terraformKey": "tf",
                "triggers": null,
            },
        },
    })
}

#[test]
fn a_state_of_aws_is_taken_over_by_its_alias_without_invoking() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let alias =
        json!({"aliases": ["urn:pulumi:dev::example::aws:lambda/invocation:Invocation::it"]});
    let inputs = |value: &str, scope: &str| json!({"functionName": "identity", "input": format!(r#"{{"key1":"{value}"}}"#), "lifecycleScope": scope});
    for scope in ["CREATE_ONLY", "CRUD"] {
        stack.ask(json!({"do": "set-state", "state": aws(scope)}));
        let what = with_options(inputs("value1", scope), alias.clone());
        assert_eq!(stack.up(what).done(), ["same it"], "{scope}");
        assert_eq!(stack.state("it")["outputs"]["result"], "\"old\"");
        assert_eq!(local.payloads(), NOTHING);
    }
    let changed = with_options(inputs("valueB", "CRUD"), alias);
    assert_eq!(stack.up(changed).done(), ["update it"]);
    assert_eq!(
        local.payloads(),
        [r#"{"key1":"valueB","tf":{"action":"update","prev_input":{"key1":"value1"}}}"#]
    );
    let outputs = stack.state("it")["outputs"].clone();
    assert_eq!(outputs["__meta"], Value::Null, "{outputs}");
    assert_eq!(outputs["tenantId"], Value::Null, "{outputs}");
}
