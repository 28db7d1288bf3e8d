//! States for invocations that exist elsewhere.

#![cfg(test)]

use lambda_invocation_core::lifecycle::{
    Apply, Attribute, Config, LifecycleScope, PlanAction, PlanOptions, Reason, ReplaceOrder,
    import_state, plan,
};

const HASH: &str = "b326b5062b2f0e69046810717534cb09";

#[test]
fn a_comma_id_an_underscore_id_and_a_region_all_import() {
    for (id, qualifier, region) in [
        (format!("f,$LATEST,{HASH}"), "$LATEST", None),
        (format!("f_$LATEST_{HASH}"), "$LATEST", None),
        (
            format!("f,PROD,{HASH}@eu-west-1"),
            "PROD",
            Some("eu-west-1"),
        ),
        (
            format!("f_7_{HASH}@us-gov-west-1"),
            "7",
            Some("us-gov-west-1"),
        ),
        (
            format!("f,7,{HASH}@eusc-de-east-1"),
            "7",
            Some("eusc-de-east-1"),
        ),
    ] {
        let state = import_state(&id).unwrap();
        assert_eq!(state.version, 1, "{id}");
        assert_eq!(state.id, format!("f,{qualifier},{HASH}"));
        assert_eq!(
            state.config,
            Config {
                function_name: "f".to_owned(),
                qualifier: Some(qualifier.to_owned()),
                region: region.map(str::to_owned),
                ..Config::default()
            }
        );
        assert_eq!(state.result, "");
        assert!(state.imported);
        assert_eq!(state.deposed, None);
    }
}

#[test]
fn an_id_that_does_not_import_is_refused() {
    for id in [
        "",
        "@",
        "f",
        "f,42",
        "f@us-east-1",
        &format!("f,42,{HASH}@"),
        &format!("f,42,{HASH}@nowhere"),
        &format!("f,42,{HASH}@us-east-1@us-east-1"),
    ] {
        assert!(import_state(id).is_err(), "{id}");
    }
}

fn desired() -> Config {
    Config {
        function_name: "f".to_owned(),
        input: r#"{"a":1}"#.to_owned(),
        qualifier: Some("PROD".to_owned()),
        ..Config::default()
    }
}

/// Terraform replaces under `CREATE_ONLY` (with a deletion under an empty key) and
/// sends an update under `CRUD`.
#[test]
fn importing_never_invokes_whatever_the_first_apply_adopts() {
    let id = format!("f,PROD,{HASH}");
    for scope in [
        None,
        Some(LifecycleScope::CreateOnly),
        Some(LifecycleScope::Crud),
    ] {
        for order in [ReplaceOrder::DeleteFirst, ReplaceOrder::CreateFirst] {
            for region in [None, Some("us-east-1".to_owned())] {
                let desired = Config {
                    lifecycle_scope: scope,
                    region,
                    replace_order: Some(order),
                    terraform_key: Some("k".to_owned()),
                    tenant_id: Some("t".to_owned()),
                    triggers: vec![("x".to_owned(), "1".to_owned())],
                    ..desired()
                };
                let state = import_state(&id).unwrap();
                let planned = plan(Some(&state), Some(&desired), &PlanOptions::default()).unwrap();
                assert_eq!(planned.action, PlanAction::Update);
                assert_eq!(planned.reasons.first(), Some(&Reason::Imported));
                assert_eq!(planned.requests, []);
                assert!(planned.result_known);

                let apply = Apply::new(Some(state), Some(&desired), false).unwrap();
                assert_eq!(apply.next_request(), None);
                let adopted = apply.finish().unwrap();
                assert!(!adopted.imported);
                assert_eq!(adopted.id, id);
                assert_eq!(adopted.config, desired.normalised());

                let again = plan(Some(&adopted), Some(&desired), &PlanOptions::default()).unwrap();
                assert_eq!(again.action, PlanAction::NoOp);
            }
        }
    }
}

#[test]
fn an_import_with_nothing_left_to_adopt_still_becomes_an_ordinary_state() {
    let desired = Config {
        input: String::new(),
        ..desired()
    };
    let state = import_state(&format!("f,PROD,{HASH}")).unwrap();
    assert_eq!(
        plan(Some(&state), Some(&desired), &PlanOptions::default())
            .unwrap()
            .reasons,
        [Reason::Imported]
    );
    let apply = Apply::new(Some(state), Some(&desired), false).unwrap();
    assert!(!apply.finish().unwrap().imported);
}

#[test]
fn an_import_in_a_region_stays_there_under_a_configuration_that_names_none() {
    let state = import_state(&format!("f,PROD,{HASH}@eu-west-1")).unwrap();
    let apply = Apply::new(Some(state), Some(&desired()), false).unwrap();
    let adopted = apply.finish().unwrap();
    assert_eq!(adopted.config.region.as_deref(), Some("eu-west-1"));
    assert_eq!(
        plan(Some(&adopted), Some(&desired()), &PlanOptions::default())
            .unwrap()
            .action,
        PlanAction::NoOp
    );
}

#[test]
fn deleting_an_import_forgets_it_because_its_scope_is_unknown() {
    let state = import_state(&format!("f,PROD,{HASH}")).unwrap();
    let planned = plan(Some(&state), None, &PlanOptions::default()).unwrap();
    assert_eq!(planned.action, PlanAction::Forget);
    assert_eq!(planned.requests, []);
    let apply = Apply::new(Some(state), None, false).unwrap();
    assert_eq!(apply.finish(), None);
}

#[test]
fn replacing_an_import_creates_the_new_and_deletes_nothing() {
    for (change, reason) in [
        (
            Config {
                function_name: "g".to_owned(),
                ..desired()
            },
            Attribute::FunctionName,
        ),
        (
            Config {
                qualifier: None,
                ..desired()
            },
            Attribute::Qualifier,
        ),
        (
            Config {
                region: Some("us-east-1".to_owned()),
                ..desired()
            },
            Attribute::Region,
        ),
    ] {
        for order in [ReplaceOrder::DeleteFirst, ReplaceOrder::CreateFirst] {
            let desired = Config {
                lifecycle_scope: Some(LifecycleScope::Crud),
                replace_order: Some(order),
                ..change.clone()
            };
            let state = import_state(&format!("f,PROD,{HASH}@eu-west-1")).unwrap();
            let planned = plan(Some(&state), Some(&desired), &PlanOptions::default()).unwrap();
            assert_eq!(planned.action, PlanAction::Replace, "{reason}");
            assert_eq!(planned.reasons, [Reason::Changed(reason)]);
            let events: Vec<_> = planned.requests.iter().map(|r| r.event.as_str()).collect();
            assert_eq!(events, ["create"]);
        }
    }
}
