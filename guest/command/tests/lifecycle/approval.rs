//! Whoever sits at a terminal is asked before anything is sent.

use std::io::Cursor;

use lambda_invocation_command::exit;

use crate::desk::{CANARY, Desk, crud};

impl Desk {
    fn at_a_terminal(config: &str, types: &str) -> Self {
        let mut desk = Self::with(config);
        desk.types = Some(Cursor::new(types.to_owned()));
        desk
    }
}

#[test]
fn only_yes_is_taken_for_an_answer() {
    for (types, done) in [
        ("yes\n", true),
        (" yes \r\n", true),
        ("y\n", false),
        ("YES\n", false),
        ("no\n", false),
        ("\n", false),
        // Ctrl-D.
        ("", false),
    ] {
        let mut desk = Desk::at_a_terminal(&crud("a", ""), types);
        let run = desk.apply();
        assert_eq!(run.out, "");
        assert!(
            run.err.starts_with(
                "  + a will be created\n      create to a ($LATEST): 62 bytes\nplan: 1 to be created; 1 request\nDo this? Only \"yes\" is taken for an answer: "
            ),
            "{run:#?}"
        );
        assert!(!run.err.contains(CANARY), "{run:#?}");
        assert_eq!(run.code, if done { exit::DONE } else { exit::INTERRUPTED });
        assert_eq!(run.err.ends_with("nothing was done\n"), !done, "{run:#?}");
        assert_eq!(desk.sent().len(), usize::from(done), "{types}");
        assert_eq!(desk.path("state.json").exists(), done);
    }
}

#[test]
fn a_destroy_asks_too_and_nobody_is_asked_without_a_change_or_with_auto_approve() {
    let mut desk = Desk::at_a_terminal(&crud("a", ""), "");
    desk.run("lifecycle apply --config config.toml --state state.json --auto-approve")
        .ok();
    assert_eq!(desk.apply().ok().err, "1 unchanged\n");
    desk.sent();
    let said = desk.destroy().failed(exit::INTERRUPTED);
    assert!(said.starts_with("  - a will be deleted\n"), "{said}");
    assert!(desk.sent().is_empty());
    desk.run("lifecycle destroy --state state.json --auto-approve")
        .ok();
    assert_eq!(desk.sent(), ["delete a"]);
}
