//! Without a state.

use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::PlanAction::{Create, NoOp};
use lambda_invocation_core::lifecycle::{Config, PlanOptions, plan};

use crate::{CREATED, config, lines};

#[test]
fn without_a_state_there_is_a_creation() {
    for (desired, request) in [
        (config(CreateOnly), CREATED),
        (
            config(Crud),
            "create f PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"create\",\"prev_input\":null}}",
        ),
        (
            Config {
                function_name: "f".to_owned(),
                ..Config::default()
            },
            "create f $LATEST - - ",
        ),
        // Terraform would send $LATEST beside it, which Lambda refuses.
        (
            Config {
                function_name: "f:PROD".to_owned(),
                ..Config::default()
            },
            "create f:PROD PROD - - ",
        ),
    ] {
        let planned = plan(None, Some(&desired), &PlanOptions::default()).unwrap();
        assert_eq!(planned.action, Create);
        assert_eq!(lines(&planned), [request]);
        assert!(planned.reasons.is_empty());
        assert!(!planned.result_known);
    }
}

#[test]
fn create_only_sends_the_input_byte_for_byte() {
    let input = "\n{ \"b\":1.0, \"a\":\"\\u003c\", \"b\":12345678901234567890 }\n";
    let mut desired = config(CreateOnly);
    desired.input = input.to_owned();
    assert_eq!(
        plan(None, Some(&desired), &PlanOptions::default())
            .unwrap()
            .requests[0]
            .payload,
        input
    );
}

#[test]
fn nothing_and_nothing_is_nothing() {
    let planned = plan(None, None, &PlanOptions::default()).unwrap();
    assert_eq!(planned.action, NoOp);
    assert_eq!(planned.requests, []);
}
