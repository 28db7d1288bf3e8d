//! A resource from its first preview to its end, in the engine's order.

use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::{Stack, UNKNOWN, secret};
use serde_json::{Value, json};

use crate::{one, with_options};

const NOTHING: [&str; 0] = [];

#[test]
fn create_only_invokes_once_and_again_when_it_is_replaced() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let first = json!({"functionName": "identity", "input": "{ \"a\": 1 }\n"});

    let preview = stack.preview(one(first.clone()));
    assert_eq!(preview.done(), ["create it"]);
    let outputs = &preview.0["outputs"]["it"];
    assert_eq!(outputs["result"], UNKNOWN);
    assert_eq!(outputs["qualifier"], "$LATEST");
    assert_eq!(outputs["lifecycleScope"], "CREATE_ONLY");
    assert_eq!(local.payloads(), NOTHING);

    let up = stack.up(one(first.clone()));
    assert_eq!(up.done(), ["create it"]);
    // Byte for byte.
    assert_eq!(local.payloads(), ["{ \"a\": 1 }\n"]);
    let kept = stack.state("it");
    assert_eq!(kept["outputs"]["result"], "{ \"a\": 1 }\n");
    assert_eq!(kept["outputs"]["terraformKey"], "tf");
    assert_eq!(kept["outputs"]["region"], local.region());
    let id = kept["id"].as_str().unwrap();
    assert!(id.starts_with("identity,$LATEST,"), "{id}");

    for stage in ["preview", "up"] {
        let mut again = one(first.clone());
        again["do"] = stage.into();
        let answer = stack.ask(again);
        assert_eq!(answer["steps"], json!([{"op": "same", "name": "it"}]));
        assert_eq!(answer["outputs"]["it"]["result"], "{ \"a\": 1 }\n");
    }
    assert_eq!(local.payloads(), NOTHING);

    let second = one(json!({"functionName": "identity", "input": "2"}));
    let preview = stack.preview(second.clone());
    assert_eq!(
        preview.done(),
        ["replace it", "create-replacement it", "delete-replaced it"]
    );
    assert_eq!(preview.diff(), json!({"input": "UPDATE_REPLACE"}));
    assert_eq!(preview.0["steps"][0]["replaces"], json!(["input"]));
    assert_eq!(preview.0["outputs"]["it"]["result"], UNKNOWN);
    assert_eq!(local.payloads(), NOTHING);
    assert_eq!(
        stack.up(second).done(),
        ["replace it", "create-replacement it", "delete-replaced it"]
    );
    assert_eq!(local.payloads(), ["2"]);

    // What only says how to call, or is only kept, invokes nothing.
    let third = json!({
        "functionName": "identity", "input": "2", "timeout": 60, "maxAttempts": 1,
        "pulumiKey": "other", "tenantId": "blue", "clientContext": "e30=", "logType": "None",
    });
    let up = stack.up(one(third));
    assert_eq!(up.done(), ["update it"]);
    assert_eq!(
        up.diff(),
        json!({
            "clientContext": "ADD", "logType": "ADD", "maxAttempts": "ADD", "pulumiKey": "ADD",
            "tenantId": "ADD", "terraformKey": "UPDATE", "timeout": "ADD",
        })
    );
    let outputs = stack.state("it")["outputs"].clone();
    assert_eq!(outputs["result"], "2");
    assert_eq!(outputs["terraformKey"], "other");
    assert_eq!(outputs["timeout"], 60.0);

    assert_eq!(stack.destroy().done(), ["delete it"]);
    assert_eq!(local.payloads(), NOTHING);
}

#[test]
fn crud_tells_the_function_of_every_event() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let crud = |input: &str, trigger: &str| {
        one(json!({
            "functionName": "identity:PROD", "input": {"key": input},
            "lifecycleScope": "CRUD", "triggers": {"a.b": trigger},
        }))
    };
    assert_eq!(stack.up(crud("1", "x")).done(), ["create it"]);
    let created = r#"{"key":"1","tf":{"action":"create","prev_input":null}}"#;
    assert_eq!(local.payloads(), [created]);

    let preview = stack.preview(crud("2", "x"));
    assert_eq!(preview.done(), ["update it"]);
    assert_eq!(preview.diff(), json!({"input": "UPDATE"}));
    assert_eq!(preview.0["outputs"]["it"]["result"], UNKNOWN);
    assert_eq!(local.payloads(), NOTHING);
    stack.up(crud("2", "x")).done();
    let updated = r#"{"key":"2","tf":{"action":"update","prev_input":{"key":"1"}}}"#;
    assert_eq!(local.payloads(), [updated]);
    assert_eq!(stack.state("it")["outputs"]["result"], updated);

    // The new one is created before the old one is deleted.
    let replaced = stack.up(crud("3", "y"));
    assert_eq!(
        replaced.done(),
        ["replace it", "create-replacement it", "delete-replaced it"]
    );
    assert_eq!(
        replaced.diff(),
        json!({"triggers[\"a.b\"]": "UPDATE_REPLACE", "input": "UPDATE"})
    );
    assert_eq!(
        local.payloads(),
        [
            r#"{"key":"3","tf":{"action":"create","prev_input":null}}"#,
            r#"{"key":"2","tf":{"action":"delete","prev_input":{"key":"2"}}}"#,
        ]
    );

    stack.ask(json!({"do": "refresh"}));
    assert_eq!(stack.up(crud("3", "y")).done(), ["same it"]);
    assert_eq!(local.payloads(), NOTHING);

    assert_eq!(stack.destroy().done(), ["delete it"]);
    assert_eq!(
        local.payloads(),
        [r#"{"key":"3","tf":{"action":"delete","prev_input":{"key":"3"}}}"#]
    );
}

#[test]
fn the_old_one_is_deleted_first_where_the_program_says_so() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let program = |trigger: &str, ms: Value| {
        crate::with_options(
            json!({
                "functionName": "sleep", "input": {"ms": ms},
                "lifecycleScope": "CRUD", "triggers": {"a": trigger},
            }),
            json!({"deleteBeforeReplace": true}),
        )
    };
    stack.up(program("x", json!(1))).done();
    local.payloads();
    let preview = stack.preview(program("y", json!(1)));
    assert_eq!(
        preview.done(),
        ["replace it", "delete-replaced it", "create-replacement it"]
    );
    assert_eq!(local.payloads(), NOTHING);
    let created = r#"{"ms":1,"tf":{"action":"create","prev_input":null}}"#;
    let deleted = r#"{"ms":1,"tf":{"action":"delete","prev_input":{"ms":1}}}"#;
    stack.up(program("y", json!(1))).done();
    assert_eq!(local.payloads(), [deleted, created]);

    // The function fails for a text in the place of a number: the old one is gone, and the
    // next update creates only.
    let said = stack.up(program("z", json!("long"))).error();
    assert!(
        said.contains("Lambda function sleep ran and failed"),
        "{said}"
    );
    assert_eq!(local.payloads().len(), 2);
    assert_eq!(stack.state("it"), Value::Null);
    assert_eq!(stack.up(program("z", json!(1))).done(), ["create it"]);
    assert_eq!(local.payloads(), [created]);
}

#[test]
fn what_is_not_known_yet_is_planned_for_the_most() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let known = json!({
        "functionName": "identity", "input": {"key": "1"}, "lifecycleScope": "CRUD",
    });
    stack.up(one(known.clone())).done();
    local.payloads();
    for (name, value, steps) in [
        ("input", json!({"key": UNKNOWN}), &["update it"][..]),
        ("input", secret(UNKNOWN), &["update it"]),
        (
            "functionName",
            json!(UNKNOWN),
            &["replace it", "create-replacement it", "delete-replaced it"],
        ),
        (
            "triggers",
            json!({"a": UNKNOWN}),
            &["replace it", "create-replacement it", "delete-replaced it"],
        ),
    ] {
        let mut inputs = known.clone();
        inputs[name] = value;
        let preview = stack.preview(one(inputs));
        assert_eq!(preview.done(), steps, "{name}");
        let result = &preview.0["outputs"]["it"]["result"];
        assert!(result.to_string().contains(UNKNOWN), "{name}");
    }
    // A fault that the unknown does not hide is found.
    let mut wrong = known;
    wrong["functionName"] = UNKNOWN.into();
    wrong["lifecycleScope"] = "ALL".into();
    let said = stack.preview(one(wrong)).error();
    assert!(said.contains("lifecycleScope"), "{said}");
    assert_eq!(local.payloads(), NOTHING);
}

#[test]
fn changes_that_are_to_be_ignored_are() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let inputs = |input: &str, a: &str, b: &str| json!({"functionName": "identity", "input": input, "triggers": {"a": a, "b": b}});
    stack.up(one(inputs("1", "x", "x"))).done();
    for ignored in [json!(["input", "triggers"]), json!(["input", "triggers.a"])] {
        let options = json!({"ignoreChanges": ignored});
        let what = with_options(inputs("2", "y", "x"), options);
        assert_eq!(stack.preview(what.clone()).done(), ["same it"], "{ignored}");
        assert_eq!(stack.up(what).done(), ["same it"], "{ignored}");
    }
    let options = json!({"ignoreChanges": ["input", "triggers.a"]});
    let up = stack.up(with_options(inputs("2", "y", "z"), options));
    assert_eq!(up.diff(), json!({"triggers.b": "UPDATE_REPLACE"}));
    assert_eq!(local.payloads(), ["1", "1"]);
    // A provider is told as well, by engines that leave it to it.
    let olds = stack.state("it")["outputs"].clone();
    let diff = stack.call(
        "Diff",
        Some("DiffRequest"),
        json!({
            "id": "identity,$LATEST,c4ca4238a0b923820dcc509a6f75849b", "olds": olds,
            "news": {"functionName": "identity", "input": "9", "triggers": {"a": "9"}},
            "ignoreChanges": ["[\"input\"]", "triggers.a", "triggers[\"b\"]", "triggers.", "none.of.it"],
        }),
    );
    assert_eq!(diff["answer"]["changes"], "DIFF_NONE", "{diff}");
    let diff = stack.call(
        "Diff",
        Some("DiffRequest"),
        json!({
            "id": "identity,$LATEST,c4ca4238a0b923820dcc509a6f75849b", "olds": olds,
            "news": {"functionName": "echo", "input": "9"}, "ignoreChanges": ["*"],
        }),
    );
    assert_eq!(diff["answer"]["changes"], "DIFF_NONE", "{diff}");
}

#[test]
fn a_secret_stays_one() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let inputs =
        |input: serde_json::Value| one(json!({"functionName": "identity", "input": input}));
    stack.up(inputs(json!("\"CANARY\""))).done();
    assert_eq!(stack.state("it")["outputs"]["result"], "\"CANARY\"");

    // Marking it changes what is kept, and invokes nothing.
    let marked = stack.up(inputs(secret("\"CANARY\"")));
    assert_eq!(marked.done(), ["update it"]);
    assert_eq!(marked.diff(), json!({"input": "UPDATE"}));
    assert_eq!(local.payloads(), ["\"CANARY\""]);
    let kept = stack.state("it")["outputs"].clone();
    assert_eq!(kept["input"], secret("\"CANARY\""));
    assert_eq!(kept["result"], secret("\"CANARY\""));

    // One within a value makes a secret of all of it.
    let within = inputs(json!({"password": secret("CANARY")}));
    stack.up(within.clone()).done();
    let kept = stack.state("it")["outputs"].clone();
    assert_eq!(kept["input"], secret("{\"password\":\"CANARY\"}"));
    assert_eq!(kept["result"], kept["input"]);
    assert_eq!(stack.up(within).done(), ["same it"]);

    // A result that the user marks stays marked by an update that invokes nothing.
    let options = json!({"secretOutputs": ["result"]});
    let own = |timeout: u32| json!({"functionName": "identity", "input": "1", "timeout": timeout});
    stack.up(with_options(own(1), options.clone())).done();
    let up = stack.preview(with_options(own(2), options));
    assert_eq!(up.done(), ["update it"]);
    assert_eq!(up.0["outputs"]["it"]["result"], secret("1"));
}

#[test]
fn another_region_of_the_provider_replaces_what_names_none() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    stack
        .up(one(json!({"functionName": "identity", "input": "1"})))
        .done();
    let mut kept = stack.ask(json!({"do": "state"}));
    drop(stack);
    let config = json!({"region": "eu-central-1", "maxAttempts": "2", "useFipsEndpoint": "false"});
    let announced = lambda_invocation_tests::pulumi::announced();
    let (mut moved, started) = Stack::start(&local, &announced, &config).unwrap();
    assert_eq!(started["configured"]["acceptSecrets"], true, "{started}");
    moved.ask(json!({"do": "set-state", "state": kept["state"].take()}));
    for (region, steps) in [
        (
            None,
            &["replace it", "create-replacement it", "delete-replaced it"][..],
        ),
        (Some(local.region()), &["update it"]),
    ] {
        let preview = moved.preview(one(
            json!({"functionName": "identity", "input": "1", "region": region}),
        ));
        // To name the region that it is in is no change of the invocation.
        let steps = if region.is_some() {
            &["same it"][..]
        } else {
            steps
        };
        assert_eq!(preview.done(), steps);
    }
}
