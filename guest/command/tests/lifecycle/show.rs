//! `lifecycle show`: what a state holds.

use lambda_invocation_command::exit;
use serde_json::json;

use crate::desk::{Desk, crud};

#[test]
fn show_lists_the_state_prints_one_result_and_knows_json() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "depends_on = ['a']")].concat());
    desk.apply().ok();
    let list = desk.run("lifecycle show --state state.json").ok();
    assert_eq!(list.err, "");
    assert!(list.out.starts_with("a: a,$LATEST,"), "{list:#?}");
    assert!(
        list.out.ends_with("7 bytes of result\n2 invocations\n"),
        "{list:#?}"
    );

    let one = desk.run("lifecycle show b --state state.json").ok();
    assert_eq!((one.out.as_str(), one.err.as_str()), ("{\"n\":1}", ""));

    let all = desk
        .run("lifecycle show --state state.json --output json")
        .ok();
    assert_eq!(
        all.json(),
        json!({"invocation": desk.state()["invocations"]})
    );
    let one = desk
        .run("lifecycle show b --state state.json --output json")
        .ok();
    assert_eq!(
        one.json(),
        json!({"invocation": {"b": desk.state()["invocations"]["b"]}})
    );

    let said = desk
        .run("lifecycle show bb --state state.json")
        .failed(exit::USAGE);
    assert!(
        said.contains("holds no invocation \"bb\"; did you mean b?"),
        "{said}"
    );
    let empty = desk.run("lifecycle show --state missing.json").ok();
    assert_eq!(empty.out, "the state holds no invocations\n");
}
