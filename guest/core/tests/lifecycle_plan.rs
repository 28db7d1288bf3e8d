//! The decision table: what each change of an attribute leads to.

#![cfg(test)]

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::PlanAction::{
    Create, Delete, Forget, NoOp, Replace, Update,
};
use lambda_invocation_core::lifecycle::{
    ChangePlan, Config, Deposed, LifecycleScope, PlanAction, PlanOptions, PlannedRequest,
    ReplaceOrder, State, plan,
};

fn config(scope: LifecycleScope) -> Config {
    Config {
        function_name: "f".to_owned(),
        input: r#"{"a":1}"#.to_owned(),
        qualifier: Some("PROD".to_owned()),
        region: Some("eu-west-1".to_owned()),
        tenant_id: Some("t".to_owned()),
        lifecycle_scope: Some(scope),
        triggers: vec![("x".to_owned(), "1".to_owned())],
        ..Config::default()
    }
}

fn state(config: &Config) -> State {
    State {
        version: 1,
        id: "f,PROD,0".to_owned(),
        config: config.normalised(),
        result: "\"old\"".to_owned(),
        imported: false,
        deposed: None,
    }
}

fn change(prior: &Config, desired: &Config) -> ChangePlan {
    plan(Some(&state(prior)), Some(desired), &PlanOptions::default()).unwrap()
}

/// `EVENT FUNCTION QUALIFIER REGION TENANT PAYLOAD`
fn line(request: &PlannedRequest) -> String {
    format!(
        "{} {} {} {} {} {}",
        request.event.as_str(),
        request.function_name,
        request.qualifier,
        request.region.as_deref().unwrap_or("-"),
        request.tenant_id.as_deref().unwrap_or("-"),
        request.payload
    )
}

fn lines(plan: &ChangePlan) -> Vec<String> {
    plan.requests.iter().map(line).collect()
}

fn reasons(plan: &ChangePlan) -> Vec<&'static str> {
    plan.reasons.iter().map(|reason| reason.as_str()).collect()
}

struct Row {
    attribute: &'static str,
    change: fn(&mut Config),
    create_only: (PlanAction, &'static [&'static str]),
    crud: (PlanAction, &'static [&'static str]),
}

const CREATED: &str = "create f PROD eu-west-1 t {\"a\":1}";
const DELETED: &str =
    "delete f PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"delete\",\"prev_input\":{\"a\":1}}}";

/// One row an attribute: the table at the head of `plan.rs`.
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
fn a_deletion_invokes_under_crud_and_forgets_under_create_only() {
    let planned = plan(Some(&state(&config(Crud))), None, &PlanOptions::default()).unwrap();
    assert_eq!((planned.action, planned.result_known), (Delete, true));
    assert_eq!(lines(&planned), [DELETED]);

    let planned = plan(
        Some(&state(&config(CreateOnly))),
        None,
        &PlanOptions::default(),
    )
    .unwrap();
    assert_eq!((planned.action, planned.result_known), (Forget, true));
    assert_eq!(planned.requests, []);
}

#[test]
fn nothing_and_nothing_is_nothing() {
    let planned = plan(None, None, &PlanOptions::default()).unwrap();
    assert_eq!(planned.action, NoOp);
    assert_eq!(planned.requests, []);
}

#[test]
fn an_owed_deletion_comes_first_whatever_else_is_due() {
    let old = Config {
        function_name: "old".to_owned(),
        ..config(Crud)
    };
    let prior = State {
        deposed: Some(Deposed {
            id: "old,PROD,0".to_owned(),
            config: old,
        }),
        ..state(&config(Crud))
    };
    let mut updated = config(Crud);
    updated.input = "{}".to_owned();
    let mut replaced = config(Crud);
    replaced.triggers = Vec::new();
    let mut created_first = replaced.clone();
    created_first.replace_order = Some(ReplaceOrder::CreateFirst);
    for (desired, action, events, why, result_known) in [
        (
            Some(config(Crud)),
            Replace,
            vec!["delete old"],
            vec!["deposed"],
            true,
        ),
        (
            Some(config(CreateOnly)),
            Replace,
            vec!["delete old"],
            vec!["deposed", "lifecycle-scope"],
            true,
        ),
        (
            Some(updated),
            Replace,
            vec!["delete old", "update f"],
            vec!["deposed", "input"],
            false,
        ),
        (
            Some(replaced),
            Replace,
            vec!["delete old", "delete f", "create f"],
            vec!["deposed", "triggers"],
            false,
        ),
        (
            Some(created_first),
            Replace,
            vec!["delete old", "create f", "delete f"],
            vec!["deposed", "triggers"],
            false,
        ),
        (None, Delete, vec!["delete old", "delete f"], vec![], true),
    ] {
        let planned = plan(Some(&prior), desired.as_ref(), &PlanOptions::default()).unwrap();
        let found: Vec<_> = planned
            .requests
            .iter()
            .map(|r| format!("{} {}", r.event.as_str(), r.function_name))
            .collect();
        assert_eq!(found, events);
        assert_eq!(planned.action, action);
        assert_eq!(reasons(&planned), why);
        assert_eq!(planned.result_known, result_known);
    }
}

#[test]
fn an_owed_deletion_makes_forgetting_a_deletion() {
    let prior = State {
        deposed: Some(Deposed {
            id: "f,PROD,0".to_owned(),
            config: config(Crud),
        }),
        ..state(&config(CreateOnly))
    };
    let planned = plan(Some(&prior), None, &PlanOptions::default()).unwrap();
    assert_eq!(planned.action, Delete);
    assert_eq!(lines(&planned), [DELETED]);
}

fn argument(error: Error) -> (String, String) {
    match error {
        Error::InvalidArgument(error) => (error.argument, error.reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_state_of_another_version_is_sent_to_upgrade_state() {
    for version in [0, 2] {
        let prior = State {
            version,
            ..state(&config(Crud))
        };
        let (argument, reason) =
            argument(plan(Some(&prior), None, &PlanOptions::default()).unwrap_err());
        assert_eq!(argument, "prior");
        assert!(reason.contains("upgrade-state"), "{reason}");
    }
}

#[test]
fn a_stored_input_no_request_can_be_built_from_is_told_without_showing_it() {
    for stored in ["[\"canary\"]", "canary"] {
        let mut prior = config(Crud);
        prior.input = stored.to_owned();
        for desired in [None, Some(config(CreateOnly))] {
            let error = plan(
                Some(&state(&prior)),
                desired.as_ref(),
                &PlanOptions::default(),
            )
            .unwrap_err();
            let (argument, reason) = argument(error);
            assert_eq!(argument, "prior");
            assert!(!reason.contains("canary"), "{reason}");
        }
    }
}

#[test]
fn debug_shows_neither_payload_nor_result() {
    let mut desired = config(Crud);
    desired.input = r#"{"a":"canary"}"#.to_owned();
    let planned = plan(
        Some(&state(&config(Crud))),
        Some(&desired),
        &PlanOptions::default(),
    )
    .unwrap();
    assert!(!format!("{planned:?}").contains("canary"));
    let kept = State {
        result: "canary".to_owned(),
        ..state(&desired)
    };
    assert!(!format!("{kept:?}").contains("canary"));
}
