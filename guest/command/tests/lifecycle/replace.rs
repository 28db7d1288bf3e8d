//! `--replace`: a replacement that no change asks for.

use lambda_invocation_command::exit;

use crate::desk::{Desk, crud};

#[test]
fn a_replacement_can_be_asked_for_and_keeps_its_order() {
    for (order, events) in [
        ("", ["delete a", "create a"]),
        ("create_before_destroy = true", ["create a", "delete a"]),
    ] {
        let mut desk = Desk::with(&[crud("a", order), crud("b", "")].concat());
        desk.apply().ok();
        desk.sent();
        let files = "--config config.toml --state state.json --replace a";
        let plan = desk.run(&format!("lifecycle plan {files}")).ok().out;
        assert!(
            plan.contains(" a will be replaced because you asked for it\n"),
            "{plan}"
        );
        let before = desk.state();
        desk.run(&format!("lifecycle apply {files}")).ok();
        assert_eq!(desk.sent(), events);
        let mut after = desk.state();
        after["invocations"]["a"]["state"]["result"] =
            before["invocations"]["a"]["state"]["result"].clone();
        after["serial"] = before["serial"].clone();
        assert_eq!(after, before);
        assert_eq!(desk.apply().ok().err, "2 unchanged\n");
    }
}

#[test]
fn a_replacement_that_was_asked_for_and_failed_leaves_no_trace_in_the_state() {
    for (order, broken, rest) in [
        ("", "delete a", vec![]),
        ("", "create a", vec!["create a"]),
        ("create_before_destroy = true", "create a", vec![]),
        ("create_before_destroy = true", "delete a", vec!["delete a"]),
    ] {
        let mut desk = Desk::with(&crud("a", &format!("triggers.x = 1\n{order}")));
        desk.apply().ok();
        desk.fail(&[broken]);
        desk.run("lifecycle apply --config config.toml --state state.json --replace a")
            .failed(exit::FUNCTION_FAILED);
        assert!(!desk.state().to_string().contains("--replace"));
        desk.fail(&[]);
        desk.sent();
        desk.apply().ok();
        assert_eq!(desk.sent(), rest, "{order} {broken}");
    }
}

#[test]
fn only_what_is_there_can_be_replaced() {
    let mut desk = Desk::with(&crud("first", ""));
    let apply = "lifecycle apply --config config.toml --state state.json --replace";
    let said = desk.run(&format!("{apply} frist")).failed(exit::USAGE);
    assert!(
        said.contains("no invocation \"frist\"; did you mean first?"),
        "{said}"
    );
    // Not there yet: it is created anyway.
    desk.run(&format!("{apply} first")).ok();
    assert_eq!(desk.sent(), ["create first"]);
    desk.write(
        "state.json",
        "{\"version\":1,\"serial\":1,\"invocations\":{}}",
    );
    let id = format!("first,$LATEST,{}", "0".repeat(32));
    desk.run(&format!("lifecycle import first {id} --state state.json"))
        .ok();
    let said = desk.run(&format!("{apply} first")).failed(exit::USAGE);
    assert!(said.contains("is imported"), "{said}");
    assert!(desk.sent().is_empty());
}
