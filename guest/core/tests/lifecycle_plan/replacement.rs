//! Where the requests of a change go.

use lambda_invocation_core::lifecycle::LifecycleScope::Crud;
use lambda_invocation_core::lifecycle::{Config, ReplaceOrder};

use crate::{change, config, lines};

#[test]
fn a_replacement_deletes_with_everything_the_prior_state_says() {
    let prior = Config {
        terraform_key: Some("old".to_owned()),
        ..config(Crud)
    };
    let desired = Config {
        function_name: "g".to_owned(),
        input: "{}".to_owned(),
        qualifier: Some("2".to_owned()),
        region: Some("us-east-1".to_owned()),
        terraform_key: Some("new".to_owned()),
        tenant_id: Some("u".to_owned()),
        triggers: Vec::new(),
        ..config(Crud)
    };
    let delete = "delete f PROD eu-west-1 t {\"a\":1,\"old\":{\"action\":\"delete\",\"prev_input\":{\"a\":1}}}";
    let create = "create g 2 us-east-1 u {\"new\":{\"action\":\"create\",\"prev_input\":null}}";
    for (order, requests) in [
        (None, [delete, create]),
        (Some(ReplaceOrder::DeleteFirst), [delete, create]),
        (Some(ReplaceOrder::CreateFirst), [create, delete]),
    ] {
        let desired = Config {
            replace_order: order,
            ..desired.clone()
        };
        assert_eq!(lines(&change(&prior, &desired)), requests);
    }
}

/// As in Terraform, where the provider's own region is what an absent one means.
#[test]
fn a_replacement_without_a_region_is_created_in_the_connections() {
    let mut desired = config(Crud);
    desired.region = None;
    desired.triggers = Vec::new();
    let planned = change(&config(Crud), &desired);
    assert_eq!(
        planned.requests[0].region.as_deref(),
        Some("eu-west-1"),
        "deletion"
    );
    assert_eq!(planned.requests[1].region, None, "creation");
}

#[test]
fn an_update_without_a_region_goes_where_the_invocation_is() {
    let mut desired = config(Crud);
    desired.region = None;
    desired.input = "{}".to_owned();
    let planned = change(&config(Crud), &desired);
    assert_eq!(planned.requests[0].region.as_deref(), Some("eu-west-1"));
}
