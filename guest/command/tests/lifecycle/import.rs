//! `lifecycle import`: taking over what exists elsewhere.

use lambda_invocation_command::exit;
use serde_json::json;

use crate::desk::{CANARY, Desk, crud};

#[test]
fn an_import_sends_nothing_now_or_at_the_next_apply() {
    let mut desk = Desk::with(&crud("a", "qualifier = 'PROD'"));
    let id = format!("a,PROD,{}", "0".repeat(32));
    let import = format!("lifecycle import a {id} --config config.toml --state state.json");
    let run = desk.run(&import).ok();
    assert_eq!(run.err, format!("a: imported ({id})\n"));
    assert_eq!(run.out, "");
    assert_eq!(desk.state()["invocations"]["a"]["state"]["imported"], true);
    let plan = desk.plan().ok().out;
    assert!(
        plan.contains("~ a will be updated because it was imported, and "),
        "{plan}"
    );
    desk.apply().ok();
    assert_eq!(desk.state()["invocations"]["a"]["state"]["imported"], false);
    assert!(desk.sent().is_empty());

    let said = desk.run(&import).failed(exit::USAGE);
    assert!(said.contains("already holds an invocation \"a\""), "{said}");
}

#[test]
fn an_import_that_goes_wrong_changes_nothing() {
    let id = format!("a,PROD,{}", "0".repeat(32));
    for (line, part) in [
        ("a sekrit", "invalid id: "),
        ("b ID --config config.toml", "there is no [invocation.b]"),
        ("a.b ID", "must have letters"),
        ("a --from-terraform missing.tfstate", "missing.tfstate: "),
    ] {
        let mut desk = Desk::with(&crud("a", ""));
        let line = line.replace("ID", &id);
        let run = desk.run(&format!("lifecycle import {line} --state state.json"));
        let said = run.failed(exit::USAGE);
        assert!(said.contains(part), "{said}");
        assert!(!desk.path("state.json").exists());
    }
}

#[test]
fn a_resource_of_terraform_is_taken_over_with_its_input_and_result() {
    let mut desk = Desk::with(&crud("a", ""));
    let hash = "0".repeat(32);
    let attributes = json!({
        "id": format!("a,$LATEST,{hash}"), "function_name": "a", "qualifier": "$LATEST",
        "input": format!("{{\"a\":\"{CANARY}\"}}"), "result": "{\"n\":7}", "lifecycle_scope": "CRUD",
        "terraform_key": "tf", "triggers": null, "region": "eu-central-1", "tenant_id": null,
    });
    let file = json!({"version": 4, "terraform_version": "1.14.0", "resources": [{
        "mode": "managed", "type": "aws_lambda_invocation", "name": "a",
        "instances": [{"schema_version": 1, "attributes": attributes}],
    }]});
    desk.write("terraform.tfstate", &file.to_string());
    let run = desk
        .run("lifecycle import a --from-terraform terraform.tfstate --state state.json")
        .ok();
    assert!(!run.err.contains(CANARY), "{run:#?}");
    assert_eq!(
        desk.run("lifecycle show a --state state.json").ok().out,
        "{\"n\":7}"
    );
    assert_eq!(desk.apply().ok().err, "1 unchanged\n");
    assert!(desk.sent().is_empty());
}
