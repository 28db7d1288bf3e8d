//! What an apply would do, and why: the decision table and the requests that follow.

#![cfg(test)]

mod attributes;
mod creation;
mod deletion;
mod faults;
mod replacement;
mod scope;

use lambda_invocation_core::lifecycle::{
    ChangePlan, Config, LifecycleScope, PlanOptions, PlannedRequest, State, plan,
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

const CREATED: &str = "create f PROD eu-west-1 t {\"a\":1}";
const DELETED: &str =
    "delete f PROD eu-west-1 t {\"a\":1,\"tf\":{\"action\":\"delete\",\"prev_input\":{\"a\":1}}}";
