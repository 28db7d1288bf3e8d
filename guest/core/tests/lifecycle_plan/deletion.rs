//! Deletions, and those that a failed replacement still owes.

use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::PlanAction::{Delete, Forget, Replace};
use lambda_invocation_core::lifecycle::{Config, Deposed, PlanOptions, ReplaceOrder, State, plan};

use crate::{DELETED, config, lines, reasons, state};

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
