//! What an apply leaves when a function fails.

use lambda_invocation_command::exit;

use crate::desk::{CANARY, Desk, chain, crud, seed};

#[test]
fn a_failure_stops_is_explained_and_keeps_what_was_done() {
    let mut desk = Desk::with(&chain());
    desk.fail(&["second"]);
    let said = desk.apply().failed(exit::FUNCTION_FAILED);
    for part in [
        "third: created after ",
        "second: creating...\nsecond: failed after ",
        "--- log tail\na line of the log\n---\n",
        "the function failed (Unhandled): ValueError: no such?[31m thing\n    in handler, line 1\n",
        "1 created\nstopped; not reached: 1; run it again to go on\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(CANARY) && !said.contains('\u{1b}'), "{said}");
    assert_eq!(desk.kept(), ["third"]);
    assert_eq!(desk.sent(), ["create third", "create second"]);

    desk.fail(&[]);
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create second", "create first"]);
}

#[test]
fn a_failed_update_is_tried_again_with_the_same_previous_input() {
    let mut desk = Desk::with(&seed("resource-crud.toml"));
    desk.apply().ok();
    let before = desk.state();
    desk.write("config.toml", &seed("resource-crud-updated.toml"));
    desk.fail(&["echo"]);
    desk.sent();
    desk.apply().failed(exit::FUNCTION_FAILED);
    assert_eq!(desk.state()["invocations"], before["invocations"]);
    let first = desk.world.sent.pop().unwrap();
    desk.fail(&[]);
    desk.apply().ok();
    assert_eq!(desk.world.sent.pop(), Some(first));
}

#[test]
fn a_half_finished_replacement_says_which_half_and_the_next_apply_does_the_other() {
    for (order, broken, completed, next, rest) in [
        ("", "create a", "delete", "create", vec!["create a"]),
        (
            "create_before_destroy = true",
            "delete a",
            "create",
            "delete",
            vec!["delete a"],
        ),
    ] {
        let mut desk = Desk::with(&crud("a", order));
        desk.apply().ok();
        desk.write(
            "config.toml",
            &crud("a", &format!("{order}\ntriggers.x = 1")),
        );
        desk.fail(&[broken]);
        desk.sent();
        let said = desk.apply().failed(exit::FUNCTION_FAILED);
        let line = format!(
            "a: before that, {completed} succeeded, and is saved; the next apply begins with {next}\n"
        );
        assert!(said.contains(&line), "{said}");
        desk.sent();
        desk.fail(&[]);
        desk.apply().ok();
        assert_eq!(desk.sent(), rest, "{order}");
        desk.apply().ok();
        assert!(desk.sent().is_empty());
    }
}
