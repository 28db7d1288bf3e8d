//! `lifecycle apply`: in which order, and what is said.

use lambda_invocation_command::exit;
use serde_json::json;

use crate::desk::{CANARY, Desk, chain, crud};

#[test]
fn an_apply_goes_by_dependencies_tells_its_progress_and_prints_nothing() {
    let mut desk = Desk::with(&chain());
    let run = desk.apply().ok();
    assert_eq!(run.out, "");
    assert_eq!(
        desk.sent(),
        ["create third", "create second", "create first"]
    );
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines[0], "third: creating...");
    assert!(lines[1].starts_with("third: created after 0."), "{run:#?}");
    assert!(lines[1].contains("s (third,$LATEST,"), "{run:#?}");
    assert_eq!(lines[2], "second: creating...");
    assert_eq!(lines.last(), Some(&"3 created"));
    assert!(!run.err.contains(CANARY));

    let again = desk.apply().ok();
    assert_eq!(again.err, "3 unchanged\n");
    assert!(desk.sent().is_empty());
}

#[test]
fn an_apply_as_json_is_one_document_with_ids_and_results() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "")].concat());
    desk.fail(&["b"]);
    let apply = "lifecycle apply --config config.toml --state state.json --output json";
    let run = desk.run(apply);
    assert_eq!(run.code, exit::FUNCTION_FAILED);
    let id = desk.state()["invocations"]["a"]["state"]["id"].clone();
    let a = json!({"action": "create", "reasons": [], "id": id, "result": "{\"n\":0}"});
    assert_eq!(
        run.json(),
        json!({
            "invocation": {
                "a": a,
                "b": {"action": "create", "reasons": [], "failed": true, "completed": []},
            },
            "error": {"function-failed": {
                "function-error": {
                    "kind": "Unhandled",
                    "error-type": "ValueError",
                    "error-message": "no such\u{1b}[31m thing",
                    "stack-trace": ["in handler, line 1"],
                },
                "payload": "{}",
                "log-tail": "a line of the log",
            }},
        })
    );
    desk.world.before = Box::new(|_, _| Ok(()));
    let document = desk.run(apply).ok().json();
    assert_eq!(document["invocation"]["a"]["action"], "no-op");
    assert_eq!(document["invocation"]["a"]["result"], "{\"n\":0}");
    assert_eq!(document["invocation"]["b"]["result"], "{\"n\":2}");
    assert_eq!(document.get("error"), None);
}

#[test]
fn what_left_the_configuration_is_deleted_first_and_dependents_before_the_rest() {
    let mut desk = Desk::with(&[chain(), crud("other", "")].concat());
    desk.apply().ok();
    desk.sent();
    desk.write(
        "config.toml",
        &[crud("new", ""), crud("other", "triggers.a = 1")].concat(),
    );
    desk.apply().ok();
    assert_eq!(
        desk.sent(),
        [
            "delete first",
            "delete second",
            "delete third",
            "create new",
            "delete other",
            "create other"
        ]
    );
    assert_eq!(desk.kept(), ["new", "other"]);
}

#[test]
fn a_dependency_alone_is_remembered_without_an_invocation() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "")].concat());
    desk.apply().ok();
    desk.write(
        "config.toml",
        &[crud("a", "depends_on = ['b']"), crud("b", "")].concat(),
    );
    assert_eq!(desk.apply().ok().err, "2 unchanged\n");
    assert_eq!(desk.state()["invocations"]["a"]["depends-on"], json!(["b"]));
    desk.sent();
    desk.destroy().ok();
    assert_eq!(desk.sent(), ["delete a", "delete b"]);
}
