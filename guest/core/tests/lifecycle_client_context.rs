//! The client context of a managed invocation: it goes with every request, and a change of it
//! sends nothing by itself.

#![cfg(test)]

use lambda_invocation_core::lifecycle::{
    Attribute, Config, LifecycleScope, PlanAction, PlanOptions, Reason, State, plan,
};

fn config(context: Option<&str>) -> Config {
    Config {
        function_name: "f".to_owned(),
        input: "{}".to_owned(),
        client_context: context.map(str::to_owned),
        lifecycle_scope: Some(LifecycleScope::Crud),
        ..Config::default()
    }
}

fn state(context: Option<&str>) -> State {
    State {
        version: 1,
        id: "f,$LATEST,99914b932bd37a50b983c5e7c90ae93b".to_owned(),
        config: config(context).normalised(),
        result: "null".to_owned(),
        imported: false,
        deposed: None,
    }
}

/// The context of each request of a plan.
fn sent(prior: Option<&State>, desired: Option<&Config>) -> Vec<Option<String>> {
    let plan = plan(prior, desired, &PlanOptions::default()).unwrap();
    let requests = plan.requests.into_iter();
    requests.map(|request| request.client_context).collect()
}

fn some(context: &str) -> Option<String> {
    Some(context.to_owned())
}

#[test]
fn it_goes_with_every_request_that_of_the_state_with_a_deletion() {
    let prior = state(Some("e30="));
    let desired = config(Some("W10="));
    assert_eq!(sent(None, Some(&desired)), [some("W10=")]);
    assert_eq!(sent(Some(&prior), None), [some("e30=")]);
    let replaced = Config {
        function_name: "g".to_owned(),
        ..desired
    };
    assert_eq!(
        sent(Some(&prior), Some(&replaced)),
        [some("e30="), some("W10=")]
    );
}

#[test]
fn a_change_of_it_is_stored_and_sends_nothing() {
    for (old, new) in [
        (None, Some("e30=")),
        (Some("e30="), Some("W10=")),
        (Some("e30="), None),
    ] {
        let plan = plan(
            Some(&state(old)),
            Some(&config(new)),
            &PlanOptions::default(),
        )
        .unwrap();
        assert_eq!(plan.action, PlanAction::Update);
        assert_eq!(plan.requests, []);
        assert!(plan.result_known);
        assert_eq!(plan.reasons, [Reason::Changed(Attribute::ClientContext)]);
    }
}
