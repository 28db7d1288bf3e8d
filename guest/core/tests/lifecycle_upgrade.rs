//! Terraform's states, brought over.

#![cfg(test)]

use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::{
    Config, PlanAction, PlanOptions, ReplaceOrder, State, plan, upgrade_state,
};

const HASH: &str = "ff45cc3835165307ef414c23ca2c6f67";

fn basic() -> State {
    State {
        version: 1,
        id: format!("f,$LATEST,{HASH}"),
        config: Config {
            function_name: "f".to_owned(),
            input: r#"{"key1":"value1","key2":"value2"}"#.to_owned(),
            qualifier: Some("$LATEST".to_owned()),
            region: None,
            terraform_key: Some("tf".to_owned()),
            tenant_id: None,
            client_context: None,
            lifecycle_scope: Some(CreateOnly),
            triggers: Vec::new(),
            replace_order: Some(ReplaceOrder::DeleteFirst),
        },
        result: r#"{"key3":"value3"}"#.to_owned(),
        imported: false,
        deposed: None,
    }
}

/// Upstream: TestAccLambdaInvocation_UpgradeState_Pre_v5_1_0, a state of 4.65.0.
#[test]
fn upgrade_state_pre_v5_1_0() {
    let json = r#"{
        "function_name": "f",
        "id": "f_$LATEST_ff45cc3835165307ef414c23ca2c6f67",
        "input": "{\"key1\":\"value1\",\"key2\":\"value2\"}",
        "qualifier": "$LATEST",
        "result": "{\"key3\":\"value3\"}",
        "triggers": null
    }"#;
    assert_eq!(upgrade_state(0, json).unwrap(), basic());
}

/// Upstream: TestAccLambdaInvocation_UpgradeState_v5_83_0.
#[test]
fn upgrade_state_v5_83_0() {
    let json = r#"{
        "function_name": "f",
        "id": "f_$LATEST_ff45cc3835165307ef414c23ca2c6f67",
        "input": "{\"key1\":\"value1\",\"key2\":\"value2\"}",
        "lifecycle_scope": "CREATE_ONLY",
        "qualifier": "$LATEST",
        "result": "{\"key3\":\"value3\"}",
        "terraform_key": "tf",
        "triggers": null
    }"#;
    assert_eq!(upgrade_state(0, json).unwrap(), basic());
}

#[test]
fn a_state_of_version_1_keeps_every_attribute() {
    let json = r#"{
        "function_name": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "id": "arn:aws:lambda:eu-west-1:123456789012:function:f,7,5d9b1aafb76a925212c69e5de1fd5e19",
        "input": "{\"n\":9007199254740993}",
        "lifecycle_scope": "CRUD",
        "qualifier": "7",
        "region": "eu-west-1",
        "result": "null",
        "tenant_id": "t",
        "client_context": "e30=",
        "terraform_key": "k",
        "triggers": {"b": "2", "a": "1"},
        "attribute_of_a_later_release": [1, {}]
    }"#;
    assert_eq!(
        upgrade_state(1, json).unwrap(),
        State {
            version: 1,
            id: "arn:aws:lambda:eu-west-1:123456789012:function:f,7,5d9b1aafb76a925212c69e5de1fd5e19"
                .to_owned(),
            config: Config {
                function_name: "arn:aws:lambda:eu-west-1:123456789012:function:f".to_owned(),
                input: r#"{"n":9007199254740993}"#.to_owned(),
                qualifier: Some("7".to_owned()),
                region: Some("eu-west-1".to_owned()),
                terraform_key: Some("k".to_owned()),
                tenant_id: Some("t".to_owned()),
                client_context: Some("e30=".to_owned()),
                lifecycle_scope: Some(Crud),
                triggers: [("a", "1"), ("b", "2")]
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .to_vec(),
                replace_order: Some(ReplaceOrder::DeleteFirst),
            },
            result: "null".to_owned(),
            imported: false,
            deposed: None,
        }
    );
}

#[test]
fn attributes_that_are_missing_null_or_blank_take_their_defaults() {
    let missing = format!(r#"{{"function_name":"f","id":"f,$LATEST,{HASH}"}}"#);
    let null = format!(
        r#"{{"function_name":"f","id":"f,$LATEST,{HASH}","input":null,"lifecycle_scope":null,"qualifier":null,"region":null,"result":null,"tenant_id":null,"terraform_key":null,"triggers":null}}"#
    );
    let blank = format!(
        r#"{{"function_name":"f","id":"f,$LATEST,{HASH}","input":"","lifecycle_scope":"","qualifier":"","region":"","result":"","tenant_id":"","triggers":{{}}}}"#
    );
    let mut expected = basic();
    expected.config.input = String::new();
    expected.result = String::new();
    for json in [missing, null, blank] {
        assert_eq!(upgrade_state(0, &json).unwrap(), expected, "{json}");
    }
}

/// The provider fills its own region in; configurations rarely name one.
#[test]
fn a_state_brought_over_invokes_nothing_under_the_configuration_it_was_made_with() {
    let json = format!(
        r#"{{"function_name":"f","id":"f,$LATEST,{HASH}","input":"{{}}","lifecycle_scope":"CRUD","qualifier":"$LATEST","region":"us-east-1","result":"1","tenant_id":"","terraform_key":"tf","triggers":{{"a":"1"}}}}"#
    );
    let state = upgrade_state(1, &json).unwrap();
    let desired = Config {
        function_name: "f".to_owned(),
        input: "{}".to_owned(),
        lifecycle_scope: Some(Crud),
        triggers: vec![("a".to_owned(), "1".to_owned())],
        ..Config::default()
    };
    assert_eq!(
        plan(Some(&state), Some(&desired), &PlanOptions::default())
            .unwrap()
            .action,
        PlanAction::NoOp
    );
}

/// What `terraform import` leaves: nothing but the name and the qualifier.
#[test]
fn a_state_terraform_imported_and_never_applied_is_an_imported_state_that_invokes_nothing() {
    for scope in ["null", "\"\""] {
        let json = format!(
            r#"{{"function_name":"f","id":"f,PROD,{HASH}","input":null,"lifecycle_scope":{scope},"qualifier":"PROD","region":"us-east-1","result":null,"terraform_key":null,"triggers":null}}"#
        );
        let state = upgrade_state(1, &json).unwrap();
        assert!(state.imported);
        assert_eq!(state.config.lifecycle_scope, None);
        let desired = Config {
            function_name: "f".to_owned(),
            qualifier: Some("PROD".to_owned()),
            input: "{}".to_owned(),
            lifecycle_scope: Some(Crud),
            ..Config::default()
        };
        for desired in [Some(&desired), None] {
            assert_eq!(
                plan(Some(&state), desired, &PlanOptions::default())
                    .unwrap()
                    .requests,
                []
            );
        }
    }
}

/// Null takes its default; only a state that lacks the input too is an import's.
#[test]
fn a_state_with_an_input_and_no_scope_is_not_taken_for_an_import() {
    let json = format!(
        r#"{{"function_name":"f","id":"f,$LATEST,{HASH}","input":"{{}}","lifecycle_scope":null}}"#
    );
    let state = upgrade_state(1, &json).unwrap();
    assert!(!state.imported);
    assert_eq!(state.config.lifecycle_scope, Some(CreateOnly));
}

/// The states #31786 is about: an array under what was no scope at all.
#[test]
fn an_array_input_from_before_scopes_can_be_destroyed() {
    let json = format!(
        r#"{{"function_name":"f","id":"f_$LATEST_{HASH}","input":"[1]","qualifier":"$LATEST","result":"1"}}"#
    );
    let state = upgrade_state(0, &json).unwrap();
    assert_eq!(
        plan(Some(&state), None, &PlanOptions::default())
            .unwrap()
            .action,
        PlanAction::Forget
    );
}

#[test]
fn an_id_without_a_hash_is_kept_as_it_is() {
    for id in ["x", "f,$LATEST,", "ééééééééééééééééé"] {
        let json = format!(r#"{{"function_name":"f","id":"{id}"}}"#);
        assert_eq!(upgrade_state(0, &json).unwrap().id, id);
    }
}

#[test]
fn what_is_no_such_state_is_refused_with_the_attributes_name_and_not_its_value() {
    let with = |members: &str| {
        format!(r#"{{"function_name":"canary","id":"canary,$LATEST,{HASH}",{members}}}"#)
    };
    for (version, json, told) in [
        (2, with(r#""input":"{}""#), "invalid version"),
        (u32::MAX, "{}".to_owned(), "invalid version"),
        (1, String::new(), "valid JSON"),
        (1, "{\"canary\"".to_owned(), "valid JSON"),
        (1, "[\"canary\"]".to_owned(), "must be a JSON object"),
        (1, "[".repeat(500) + &"]".repeat(500), "too deep"),
        (1, "{}".to_owned(), "id "),
        (1, r#"{"id":"canary"}"#.to_owned(), "function_name "),
        (
            1,
            r#"{"id":"canary","function_name":""}"#.to_owned(),
            "function_name ",
        ),
        (
            1,
            r#"{"id":["canary"],"function_name":"f"}"#.to_owned(),
            "id ",
        ),
        (1, with(r#""input":{"canary":1}"#), "input "),
        (1, with(r#""result":1"#), "result "),
        (1, with(r#""qualifier":true"#), "qualifier "),
        (1, with(r#""region":[]"#), "region "),
        (1, with(r#""tenant_id":{}"#), "tenant_id "),
        (1, with(r#""terraform_key":1"#), "terraform_key "),
        (1, with(r#""lifecycle_scope":"canary""#), "lifecycle_scope "),
        (1, with(r#""lifecycle_scope":1"#), "lifecycle_scope "),
        (1, with(r#""triggers":["canary"]"#), "triggers "),
        (1, with(r#""triggers":{"canary":1}"#), "triggers "),
    ] {
        let error = upgrade_state(version, &json).unwrap_err().to_string();
        assert!(error.contains(told), "{json}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
}
