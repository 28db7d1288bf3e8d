//! Ctrl-C during an apply.

use std::cell::RefCell;
use std::rc::Rc;

use lambda_invocation_command::exit;

use crate::desk::{Desk, chain, crud};

#[test]
fn an_interruption_stops_after_the_invocation_under_way_and_keeps_it() {
    let mut desk = Desk::with(&chain());
    let sent = Rc::new(RefCell::new(0));
    let count = Rc::clone(&sent);
    desk.world.before = Box::new(move |_, _| {
        *count.borrow_mut() += 1;
        Ok(())
    });
    let seen = Rc::clone(&sent);
    desk.interrupted = Box::new(move || *seen.borrow() == 2);
    let said = desk.apply().failed(exit::INTERRUPTED);
    assert!(
        said.ends_with("2 created\ninterrupted; not reached: 1; run it again to go on\n"),
        "{said}"
    );
    assert_eq!(desk.kept(), ["second", "third"]);
    let json = desk.run("lifecycle apply --config config.toml --state state.json --output json");
    assert_eq!(json.code, exit::INTERRUPTED);
    assert_eq!(json.json()["invocation"].as_object().unwrap().len(), 2);

    desk.interrupted = Box::new(|| false);
    desk.sent();
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create first"]);
}

#[test]
fn an_interruption_after_the_last_invocation_changes_nothing() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    desk.interrupted = Box::new(|| true);
    desk.apply().ok();
}
