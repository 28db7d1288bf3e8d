//! Ctrl-C during an apply.

use std::rc::Rc;

use lambda_invocation_command::exit;
use lambda_invocation_command::interrupt::{Interrupt, Order};

use crate::desk::{Desk, chain, crud};

/// Interrupts during each request from this one on.
fn interrupt_at(desk: &mut Desk, at: usize) {
    desk.interrupt = Rc::default();
    let interrupt = Rc::clone(&desk.interrupt);
    desk.world.before = Box::new(move |number, _| {
        if number == at {
            assert_eq!(interrupt.request(), Order::Wait);
        }
        Ok(())
    });
}

#[test]
fn an_interruption_stops_after_the_invocation_under_way_and_keeps_it() {
    let mut desk = Desk::with(&chain());
    interrupt_at(&mut desk, 1);
    let said = desk.apply().failed(exit::INTERRUPTED);
    assert!(
        said.ends_with("2 created\ninterrupted; not reached: 1; run it again to go on\n"),
        "{said}"
    );
    assert_eq!(desk.kept(), ["second", "third"]);
    let json = desk.run("lifecycle apply --config config.toml --state state.json --output json");
    assert_eq!(json.code, exit::INTERRUPTED);
    assert_eq!(json.json()["invocation"].as_object().unwrap().len(), 2);

    desk.interrupt = Rc::default();
    desk.sent();
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create first"]);
}

#[test]
fn an_interruption_during_the_last_invocation_changes_nothing() {
    let mut desk = Desk::with(&crud("a", ""));
    interrupt_at(&mut desk, 0);
    desk.apply().ok();
    assert_eq!(desk.kept(), ["a"]);
}

/// Then nothing is under way that has to be saved.
#[test]
fn before_and_after_an_apply_an_interruption_ends_the_program() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    let end = Order::End { calling: false };
    assert_eq!(Interrupt::default().request(), end);
    assert_eq!(desk.interrupt.request(), end);
}
