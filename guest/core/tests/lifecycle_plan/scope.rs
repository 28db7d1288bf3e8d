//! Changes of the scope, and beside it.

use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::PlanAction::{Replace, Update};

use crate::{DELETED, change, config, lines, reasons};

/// Upstream: TestAccLambdaInvocation_lifecycle_scopeCreateOnlyToCRUD.
#[test]
fn create_only_to_crud_sends_an_update_whose_previous_input_is_the_same() {
    let planned = change(&config(CreateOnly), &config(Crud));
    assert_eq!(planned.action, Update);
    assert_eq!(reasons(&planned), ["lifecycle-scope"]);
    assert_eq!(
        lines(&planned),
        [
            "update f PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"update\",\"prev_input\":{\"a\":1}}}"
        ]
    );
    assert!(!planned.result_known);
}

#[test]
fn create_only_to_crud_with_another_input_sends_one_update() {
    let mut desired = config(Crud);
    desired.input = r#"{"a":2}"#.to_owned();
    for (old, prev_input) in [("{\"a\":1}", "{\"a\":1}"), ("[1]", "[1]"), ("", "null")] {
        let mut prior = config(CreateOnly);
        prior.input = old.to_owned();
        let planned = change(&prior, &desired);
        assert_eq!(planned.action, Update);
        assert_eq!(reasons(&planned), ["input", "lifecycle-scope"]);
        assert_eq!(
            planned.requests[0].payload,
            format!(r#"{{"a":2,"tf":{{"action":"update","prev_input":{prev_input}}}}}"#)
        );
    }
}

/// Terraform invokes with the bare input.
#[test]
fn crud_to_create_only_does_not_invoke() {
    let planned = change(&config(Crud), &config(CreateOnly));
    assert_eq!(planned.action, Update);
    assert_eq!(reasons(&planned), ["lifecycle-scope"]);
    assert_eq!(planned.requests, []);
    assert!(planned.result_known);
}

#[test]
fn crud_to_create_only_with_another_input_deletes_by_the_prior_scope_and_creates_by_the_new() {
    let mut desired = config(CreateOnly);
    desired.input = "[2]".to_owned();
    let planned = change(&config(Crud), &desired);
    assert_eq!(planned.action, Replace);
    assert_eq!(reasons(&planned), ["input"]);
    assert_eq!(lines(&planned), [DELETED, "create f PROD eu-west-1 t [2]"]);
}

#[test]
fn key_only_and_tenant_only_changes_do_not_invoke_under_create_only() {
    let prior = config(CreateOnly);
    let mut desired = prior.clone();
    desired.terraform_key = Some("k".to_owned());
    desired.tenant_id = None;
    let planned = change(&prior, &desired);
    assert_eq!(planned.action, Update);
    assert_eq!(reasons(&planned), ["terraform-key", "tenant-id"]);
    assert_eq!(planned.requests, []);
}
