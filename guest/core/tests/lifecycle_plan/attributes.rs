//! What a change of each attribute leads to.

use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::PlanAction::{NoOp, Replace, Update};
use lambda_invocation_core::lifecycle::{Config, PlanAction, PlanOptions, ReplaceOrder, plan};

use crate::{CREATED, DELETED, change, config, lines, reasons, state};

struct Row {
    attribute: &'static str,
    change: fn(&mut Config),
    create_only: (PlanAction, &'static [&'static str]),
    crud: (PlanAction, &'static [&'static str]),
}

/// One row an attribute: the table at the head of `effect.rs`.
const ROWS: [Row; 15] = [
    Row {
        attribute: "nothing",
        change: |_| {},
        create_only: (NoOp, &[]),
        crud: (NoOp, &[]),
    },
    Row {
        attribute: "function-name",
        change: |c| c.function_name = "g".to_owned(),
        create_only: (Replace, &["create g PROD eu-west-1 t {\"a\":1}"]),
        crud: (
            Replace,
            &[
                DELETED,
                "create g PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"create\",\"prev_input\":null}}",
            ],
        ),
    },
    Row {
        attribute: "qualifier",
        change: |c| c.qualifier = Some("DEV".to_owned()),
        create_only: (Replace, &["create f DEV eu-west-1 t {\"a\":1}"]),
        crud: (
            Replace,
            &[
                DELETED,
                "create f DEV eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"create\",\"prev_input\":null}}",
            ],
        ),
    },
    Row {
        attribute: "qualifier",
        change: |c| c.qualifier = None,
        create_only: (Replace, &["create f $LATEST eu-west-1 t {\"a\":1}"]),
        crud: (
            Replace,
            &[
                DELETED,
                "create f $LATEST eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"create\",\"prev_input\":null}}",
            ],
        ),
    },
    Row {
        attribute: "region",
        change: |c| c.region = Some("us-east-1".to_owned()),
        create_only: (Replace, &["create f PROD us-east-1 t {\"a\":1}"]),
        crud: (
            Replace,
            &[
                DELETED,
                "create f PROD us-east-1 t {\"a\":1,\"tf\":{\"action\":\"create\",\"prev_input\":null}}",
            ],
        ),
    },
    Row {
        attribute: "triggers",
        change: |c| c.triggers = vec![("x".to_owned(), "2".to_owned())],
        create_only: (Replace, &[CREATED]),
        crud: (
            Replace,
            &[
                DELETED,
                "create f PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"create\",\"prev_input\":null}}",
            ],
        ),
    },
    Row {
        attribute: "triggers",
        change: |c| c.triggers = Vec::new(),
        create_only: (Replace, &[CREATED]),
        crud: (
            Replace,
            &[
                DELETED,
                "create f PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"create\",\"prev_input\":null}}",
            ],
        ),
    },
    Row {
        attribute: "input",
        change: |c| c.input = r#"{"a":2}"#.to_owned(),
        create_only: (Replace, &["create f PROD eu-west-1 t {\"a\":2}"]),
        crud: (
            Update,
            &[
                "update f PROD eu-west-1 t {\"a\":2,\"tf\":{\"action\":\"update\",\"prev_input\":{\"a\":1}}}",
            ],
        ),
    },
    // No comparison of what JSON means: a change of spacing is a change.
    Row {
        attribute: "input",
        change: |c| c.input = r#"{ "a":1 }"#.to_owned(),
        create_only: (Replace, &["create f PROD eu-west-1 t { \"a\":1 }"]),
        crud: (
            Update,
            &[
                "update f PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"update\",\"prev_input\":{\"a\":1}}}",
            ],
        ),
    },
    Row {
        attribute: "terraform-key",
        change: |c| c.terraform_key = Some("k".to_owned()),
        create_only: (Update, &[]),
        crud: (
            Update,
            &[
                "update f PROD eu-west-1 t {\"a\":1,\"k\":{\"action\":\"update\",\"prev_input\":{\"a\":1}}}",
            ],
        ),
    },
    Row {
        attribute: "tenant-id",
        change: |c| c.tenant_id = Some("u".to_owned()),
        create_only: (Update, &[]),
        crud: (
            Update,
            &[
                "update f PROD eu-west-1 u {\"a\":1,\"tf\":{\"action\":\"update\",\"prev_input\":{\"a\":1}}}",
            ],
        ),
    },
    Row {
        attribute: "tenant-id",
        change: |c| c.tenant_id = None,
        create_only: (Update, &[]),
        crud: (
            Update,
            &[
                "update f PROD eu-west-1 - {\"a\":1,\"tf\":{\"action\":\"update\",\"prev_input\":{\"a\":1}}}",
            ],
        ),
    },
    Row {
        attribute: "nothing",
        change: |c| c.replace_order = Some(ReplaceOrder::CreateFirst),
        create_only: (NoOp, &[]),
        crud: (NoOp, &[]),
    },
    // Spelling a default out, and taking a region away, are no changes.
    Row {
        attribute: "nothing",
        change: |c| c.terraform_key = Some("tf".to_owned()),
        create_only: (NoOp, &[]),
        crud: (NoOp, &[]),
    },
    Row {
        attribute: "nothing",
        change: |c| c.region = None,
        create_only: (NoOp, &[]),
        crud: (NoOp, &[]),
    },
];

#[test]
fn each_attribute_has_its_effect_under_each_scope() {
    for row in ROWS {
        for (scope, (action, requests)) in [(CreateOnly, row.create_only), (Crud, row.crud)] {
            let prior = config(scope);
            let mut desired = prior.clone();
            (row.change)(&mut desired);
            let planned = change(&prior, &desired);
            let at = format!("{} under {scope:?}", row.attribute);
            assert_eq!(planned.action, action, "{at}");
            assert_eq!(lines(&planned), requests, "{at}");
            assert_eq!(planned.result_known, requests.is_empty(), "{at}");
            let expected: &[&str] = match action {
                NoOp => &[],
                _ => &[row.attribute],
            };
            assert_eq!(reasons(&planned), expected, "{at}");
        }
    }
}

#[test]
fn the_order_of_triggers_is_no_change() {
    let pairs = [("a", "1"), ("b", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let mut prior = config(Crud);
    prior.triggers = pairs.to_vec();
    let mut desired = prior.clone();
    desired.triggers.reverse();
    assert_eq!(change(&prior, &desired).action, NoOp);
    // Not even against a state somebody else wrote, in the order they liked.
    let mut unordered = state(&prior);
    unordered.config.triggers.reverse();
    assert_eq!(
        plan(Some(&unordered), Some(&prior), &PlanOptions::default())
            .unwrap()
            .action,
        NoOp
    );
}

#[test]
fn the_strongest_effect_wins_and_only_its_attributes_are_the_reasons() {
    let prior = config(Crud);
    let mut desired = prior.clone();
    desired.input = "{}".to_owned();
    desired.tenant_id = None;
    desired.triggers = Vec::new();
    desired.function_name = "g".to_owned();
    let planned = change(&prior, &desired);
    assert_eq!(planned.action, Replace);
    assert_eq!(reasons(&planned), ["function-name", "triggers"]);
}
