//! Plans with attributes whose value is not known yet.

#![cfg(test)]

use lambda_invocation_core::lifecycle::Attribute::{
    FunctionName, Input, LifecycleScope as Scope, Qualifier, Region, ReplaceOrder as Order,
    TenantId, TerraformKey, Triggers,
};
use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::PlanAction::{Create, Delete, NoOp, Replace, Update};
use lambda_invocation_core::lifecycle::Replacement::{Certain, None as No, Possible};
use lambda_invocation_core::lifecycle::{
    Attribute, ChangePlan, Config, Deposed, LifecycleScope, PlanAction, PlanOptions, Reason,
    ReplaceOrder, Replacement, State, import_state, plan,
};

fn config(scope: LifecycleScope) -> Config {
    Config {
        function_name: "f".to_owned(),
        input: r#"{"a":1}"#.to_owned(),
        qualifier: Some("PROD".to_owned()),
        lifecycle_scope: Some(scope),
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

fn unknown(attributes: &[Attribute]) -> PlanOptions {
    PlanOptions {
        unknown: attributes.to_vec(),
        replace: false,
    }
}

/// Action, whether it replaces, and whether the result is known.
type Outcome = (PlanAction, Replacement, bool);

fn outcome(plan: &ChangePlan) -> Outcome {
    (plan.action, plan.replace, plan.result_known)
}

const NOTHING: Outcome = (NoOp, No, true);
const STORE: Outcome = (Update, No, true);
const INVOKE: Outcome = (Update, No, false);
const MAY_REPLACE: Outcome = (Replace, Possible, false);

/// An unknown attribute, and what follows under create-only, under crud, and after an
/// import.
const ROWS: [(Attribute, Outcome, Outcome, Outcome); 9] = [
    (FunctionName, MAY_REPLACE, MAY_REPLACE, MAY_REPLACE),
    (Qualifier, MAY_REPLACE, MAY_REPLACE, MAY_REPLACE),
    // An import without a region may be in any.
    (Region, MAY_REPLACE, MAY_REPLACE, STORE),
    (Triggers, MAY_REPLACE, MAY_REPLACE, STORE),
    (Input, MAY_REPLACE, INVOKE, STORE),
    // Only crud invokes for it, and it may be that.
    (Scope, INVOKE, INVOKE, STORE),
    (TerraformKey, STORE, INVOKE, STORE),
    (TenantId, STORE, INVOKE, STORE),
    (Order, NOTHING, NOTHING, STORE),
];

#[test]
fn each_unknown_attribute_counts_as_changed() {
    for (attribute, create_only, crud, imported) in ROWS {
        let options = unknown(&[attribute]);
        let adopted = Config {
            input: String::new(),
            ..config(CreateOnly)
        };
        let import = import_state("f,PROD,b326b5062b2f0e69046810717534cb09").unwrap();
        for (prior, desired, expected) in [
            (state(&config(CreateOnly)), config(CreateOnly), create_only),
            (state(&config(Crud)), config(Crud), crud),
            (import, adopted, imported),
        ] {
            let planned = plan(Some(&prior), Some(&desired), &options).unwrap();
            assert_eq!(outcome(&planned), expected, "{attribute}");
            assert_eq!(planned.requests, [], "{attribute}");
            let imported = prior.imported && expected == STORE;
            let mut reasons = Vec::new();
            reasons.extend(imported.then_some(Reason::Imported));
            let counts = expected != NOTHING && !(imported && attribute == Region);
            reasons.extend(counts.then_some(Reason::Unknown(attribute)));
            assert_eq!(planned.reasons, reasons, "{attribute}");
        }
    }
}

#[test]
fn a_known_change_that_replaces_makes_it_certain() {
    let prior = state(&config(Crud));
    let desired = Config {
        triggers: vec![("x".to_owned(), "1".to_owned())],
        ..config(Crud)
    };
    let planned = plan(Some(&prior), Some(&desired), &unknown(&[Qualifier, Input])).unwrap();
    assert_eq!(outcome(&planned), (Replace, Certain, false));
    assert_eq!(
        planned.reasons,
        [Reason::Unknown(Qualifier), Reason::Changed(Triggers)]
    );
}

/// An input that changes replaces under create-only and updates under crud.
#[test]
fn an_unknown_scope_is_either() {
    let desired = Config {
        input: "{}".to_owned(),
        ..config(CreateOnly)
    };
    for prior in [config(CreateOnly), config(Crud)] {
        let planned = plan(Some(&state(&prior)), Some(&desired), &unknown(&[Scope])).unwrap();
        assert_eq!(outcome(&planned), (Replace, Possible, false));
        assert_eq!(planned.reasons, [Reason::Changed(Input)]);
    }
}

#[test]
fn a_qualifier_that_comes_with_an_unknown_name_is_no_change_of_its_own() {
    let prior = Config {
        function_name: "f:PROD".to_owned(),
        qualifier: None,
        ..config(Crud)
    };
    let desired = Config {
        function_name: String::new(),
        ..prior.clone()
    };
    let planned = plan(
        Some(&state(&prior)),
        Some(&desired),
        &unknown(&[FunctionName]),
    )
    .unwrap();
    assert_eq!(outcome(&planned), MAY_REPLACE);
    assert_eq!(planned.reasons, [Reason::Unknown(FunctionName)]);
}

/// Upstream: #32118, an unknown input was refused because it is no object.
#[test]
fn unknown_attributes_are_not_checked_and_the_others_are() {
    let nothing = Config {
        lifecycle_scope: Some(Crud),
        ..Config::default()
    };
    let planned = plan(None, Some(&nothing), &unknown(&[FunctionName, Input])).unwrap();
    assert_eq!(outcome(&planned), (Create, No, false));
    assert_eq!(planned.requests, []);

    let sound = config(Crud);
    let with = |change: fn(&mut Config)| {
        let mut config = sound.clone();
        change(&mut config);
        config
    };
    // A configuration with a fault, its attribute, and what else the rule depends on.
    let rows: [(Config, Attribute, &[Attribute]); 10] = [
        (
            with(|c| c.function_name = "a b".to_owned()),
            FunctionName,
            &[],
        ),
        (
            with(|c| c.function_name = "f:DEV".to_owned()),
            Qualifier,
            &[FunctionName],
        ),
        (
            with(|c| c.qualifier = Some("a b".to_owned())),
            Qualifier,
            &[],
        ),
        (with(|c| c.input = "{".to_owned()), Input, &[]),
        (with(|c| c.input = "[]".to_owned()), Input, &[Scope]),
        (
            with(|c| c.input = r#"{"tf":1}"#.to_owned()),
            TerraformKey,
            &[Input, Scope],
        ),
        (with(|c| c.region = Some(String::new())), Region, &[]),
        (with(|c| c.tenant_id = Some(String::new())), TenantId, &[]),
        (
            with(|c| c.client_context = Some("{}".to_owned())),
            Attribute::ClientContext,
            &[],
        ),
        (
            with(|c| c.triggers = vec![("x".to_owned(), "1".to_owned()); 2]),
            Triggers,
            &[],
        ),
    ];
    for (config, at_fault, depends_on) in rows {
        for attribute in Attribute::ALL {
            let planned = plan(None, Some(&config), &unknown(&[attribute]));
            if attribute == at_fault || depends_on.contains(&attribute) {
                assert!(planned.is_ok(), "{at_fault}: {attribute}: {planned:?}");
            } else {
                match planned {
                    Err(e) => assert_eq!(e.argument, at_fault.as_str()),
                    Ok(plan) => panic!("{at_fault}: {attribute}: {plan:?}"),
                }
            }
        }
    }
}

#[test]
fn a_deletion_and_what_is_owed_do_not_depend_on_unknown_attributes() {
    let all = unknown(&Attribute::ALL);
    let prior = state(&config(Crud));
    let planned = plan(Some(&prior), None, &all).unwrap();
    assert_eq!(outcome(&planned), (Delete, No, true));
    assert_eq!(planned.requests.len(), 1);

    let owing = State {
        deposed: Some(Deposed {
            id: "f,PROD,1".to_owned(),
            config: config(Crud),
        }),
        ..prior
    };
    let planned = plan(Some(&owing), Some(&config(Crud)), &unknown(&[Order])).unwrap();
    assert_eq!(outcome(&planned), (Replace, Certain, true));
    assert_eq!(planned.reasons, [Reason::Deposed]);
}

/// Terraform's `-replace`.
#[test]
fn a_replacement_can_be_asked_for() {
    let asked = PlanOptions {
        unknown: Vec::new(),
        replace: true,
    };
    let import = import_state("f,PROD,b326b5062b2f0e69046810717534cb09").unwrap();
    for (prior, scope, events) in [
        (
            state(&config(CreateOnly)),
            CreateOnly,
            [vec!["create"], vec!["create"]],
        ),
        (
            state(&config(Crud)),
            Crud,
            [vec!["delete", "create"], vec!["create", "delete"]],
        ),
        (import, Crud, [vec!["create"], vec!["create"]]),
    ] {
        let orders = [ReplaceOrder::DeleteFirst, ReplaceOrder::CreateFirst];
        for (order, events) in orders.into_iter().zip(events) {
            let desired = Config {
                replace_order: Some(order),
                ..config(scope)
            };
            let planned = plan(Some(&prior), Some(&desired), &asked).unwrap();
            assert_eq!(outcome(&planned), (Replace, Certain, false));
            assert_eq!(planned.reasons, [Reason::Requested]);
            let found: Vec<_> = planned.requests.iter().map(|r| r.event.as_str()).collect();
            assert_eq!(found, events);
        }
    }
    // Beside a change that replaces as well, and without anything to replace.
    let desired = Config {
        function_name: "g".to_owned(),
        ..config(Crud)
    };
    let planned = plan(Some(&state(&config(Crud))), Some(&desired), &asked).unwrap();
    assert_eq!(
        planned.reasons,
        [Reason::Requested, Reason::Changed(FunctionName)]
    );
    let planned = plan(None, Some(&desired), &asked).unwrap();
    assert_eq!(outcome(&planned), (Create, No, false));
    let planned = plan(Some(&state(&config(Crud))), None, &asked).unwrap();
    assert_eq!(planned.action, Delete);
}
