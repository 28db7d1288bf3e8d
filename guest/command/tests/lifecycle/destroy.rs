//! `lifecycle destroy`: the end of everything in a state.

use lambda_invocation_command::exit;

use crate::desk::{Desk, chain, crud};

#[test]
fn a_destroy_goes_backwards_and_forgets_without_a_call_under_create_only() {
    let basic = "[invocation.basic]\nfunction_name = 'f'\ninput = ''\ndepends_on = ['first']\n";
    let mut desk = Desk::with(&[chain(), basic.to_owned()].concat());
    desk.apply().ok();
    desk.sent();
    let said = desk.destroy().ok().err;
    assert_eq!(
        desk.sent(),
        ["delete first", "delete second", "delete third"]
    );
    assert!(
        said.starts_with("basic: forgetting...\nbasic: forgotten after "),
        "{said}"
    );
    assert!(said.ends_with("\n3 deleted, 1 forgotten\n"), "{said}");
    assert!(desk.kept().is_empty());
    assert_eq!(desk.destroy().ok().err, "nothing to do\n");
}

#[test]
fn a_destroy_takes_a_newer_order_from_a_configuration() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "")].concat());
    desk.apply().ok();
    desk.sent();
    desk.write(
        "config.toml",
        &[crud("a", "depends_on = ['b']"), crud("b", "")].concat(),
    );
    desk.run("lifecycle destroy --config config.toml --state state.json")
        .ok();
    assert_eq!(desk.sent(), ["delete a", "delete b"]);
}

#[test]
fn a_failed_deletion_keeps_the_state() {
    let mut desk = Desk::with(&chain());
    desk.apply().ok();
    desk.fail(&["second"]);
    desk.destroy().failed(exit::FUNCTION_FAILED);
    assert_eq!(desk.kept(), ["second", "third"]);
    // Again, with nothing done before it: nothing is said about that.
    let said = desk.destroy().failed(exit::FUNCTION_FAILED);
    assert!(!said.contains("nothing to do"), "{said}");
    desk.fail(&[]);
    desk.sent();
    desk.destroy().ok();
    assert_eq!(desk.sent(), ["delete second", "delete third"]);
}
