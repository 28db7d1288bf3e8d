//! The examples of the documentation of Terraform and Pulumi.

use crate::desk::{Desk, seed};

#[test]
fn the_payloads_of_the_crud_example_are_exact_and_in_order() {
    let mut desk = Desk::with(&seed("resource-crud.toml"));
    desk.apply().ok();
    desk.write("config.toml", &seed("resource-crud-updated.toml"));
    desk.apply().ok();
    desk.destroy().ok();
    let members = |url: &str| {
        format!(
            r#""credentials":{{"password":"secret123","username":"admin"}},"database_url":"{url}.us-west-2.rds.amazonaws.com:5432","resource_name":"database_setup""#
        )
    };
    let (old, new) = (members("mydb.cluster-xyz"), members("mydb-new.cluster-abc"));
    let payloads: Vec<&str> = desk
        .world
        .sent
        .iter()
        .map(|sent| sent.payload.as_str())
        .collect();
    assert_eq!(
        payloads,
        [
            format!(r#"{{{old},"tf":{{"action":"create","prev_input":null}}}}"#),
            format!(r#"{{{new},"tf":{{"action":"update","prev_input":{{{old}}}}}}}"#),
            format!(r#"{{{new},"tf":{{"action":"delete","prev_input":{{{new}}}}}}}"#),
        ]
    );
    assert!(desk.kept().is_empty());
}

#[test]
fn every_example_of_the_documentation_applies_and_settles() {
    for (config, updated, payloads) in [
        (
            "resource-basic.toml",
            None,
            vec![
                r#"{"config":{"debug":false,"environment":"production"},"operation":"initialize"}"#,
            ],
        ),
        (
            "resource-triggers.toml",
            None,
            vec![
                r#"{"batch_id":"7f3c2a1e-batch","environment":"production","operation":"process_data"}"#,
            ],
        ),
        (
            "pulumi-triggers.json",
            None,
            vec![r#"{"key1":"value1","key2":"value2"}"#],
        ),
        (
            "pulumi-crud.json",
            Some("pulumi-crud-updated.json"),
            vec![
                r#"{"key1":"value1","key2":"value2","tf":{"action":"create","prev_input":null}}"#,
                r#"{"key1":"valueB","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#,
                r#"{"key1":"valueB","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"valueB","key2":"value2"}}}"#,
            ],
        ),
    ] {
        let mut desk = Desk::new();
        for file in [Some(config), updated].into_iter().flatten() {
            desk.write(file, &seed(file));
            let apply = format!("lifecycle apply --config {file} --state state.json");
            desk.run(&apply).ok();
            assert_eq!(desk.run(&apply).ok().err, "1 unchanged\n", "{file}");
        }
        desk.destroy().ok();
        let sent: Vec<&str> = desk
            .world
            .sent
            .iter()
            .map(|sent| sent.payload.as_str())
            .collect();
        assert_eq!(sent, payloads, "{config}");
    }
}
