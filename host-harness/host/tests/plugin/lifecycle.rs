//! Managed invocations: plan, apply, and states from elsewhere.

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{
    Attribute, Config, LifecycleScope, PlanAction, PlanOptions, Reason,
};
use lambda_invocation_host::{ApplyError, Host};

use super::{both, connection, host, local};

#[tokio::test]
async fn a_resource_is_planned_applied_changed_and_destroyed() {
    for host in both() {
        managed_by(host).await;
    }
}

async fn managed_by(host: Host) {
    let endpoint = local().await;
    let config = Config {
        function_name: "echo".to_owned(),
        input: r#"{"a":1}"#.to_owned(),
        lifecycle_scope: Some(LifecycleScope::Crud),
        ..Config::default()
    };
    assert!(
        host.lifecycle_validate(config.clone())
            .await
            .unwrap()
            .is_empty()
    );
    let plan = host
        .lifecycle_plan(None, Some(config.clone()), PlanOptions::default())
        .await
        .unwrap();
    assert_eq!(plan.action, PlanAction::Create);
    let state = host
        .lifecycle_apply(None, Some(config.clone()), false, connection(&endpoint))
        .await
        .unwrap()
        .unwrap();
    let changed = Config {
        input: r#"{"a":2}"#.to_owned(),
        ..config
    };
    let plan = host
        .lifecycle_plan(
            Some(state.clone()),
            Some(changed.clone()),
            PlanOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(
        (plan.action, &*plan.reasons),
        (PlanAction::Update, &[Reason::Changed(Attribute::Input)][..])
    );
    let state = host
        .lifecycle_apply(Some(state), Some(changed), false, connection(&endpoint))
        .await
        .unwrap();
    let gone = host
        .lifecycle_apply(state, None, false, connection(&endpoint))
        .await
        .unwrap();
    assert_eq!(gone, None);
    assert_eq!(endpoint.invocations().len(), 3);
}

#[tokio::test]
async fn a_failed_apply_returns_the_state_to_keep() {
    let (host, endpoint) = (host(), local().await);
    let config = Config {
        function_name: "fail".to_owned(),
        input: "{}".to_owned(),
        ..Config::default()
    };
    let error = host
        .lifecycle_apply(None, Some(config), false, connection(&endpoint))
        .await
        .unwrap_err();
    let ApplyError::Failed(failure) = error else {
        panic!("{error:?}");
    };
    assert!(matches!(failure.error, Error::FunctionFailed(_)));
    assert_eq!(failure.state, None);
}

#[tokio::test]
async fn a_state_is_imported_and_upgraded() {
    let host = host();
    let id = "echo,$LATEST,b326b5062b2f0e69046810717534cb09";
    let state = host.lifecycle_import(id).await.unwrap();
    assert!(state.imported);
    let json = r#"{"function_name":"echo","id":"echo_$LATEST_b326b5062b2f0e69046810717534cb09","input":"{}","qualifier":"$LATEST","result":"1","triggers":null}"#;
    let state = host.lifecycle_upgrade(0, json).await.unwrap();
    assert_eq!(state.result, "1");
}
