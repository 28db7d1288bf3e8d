//! `ephemeral open`: an answer that is kept nowhere.

use std::collections::BTreeSet;

use lambda_invocation_command::exit;
use lambda_invocation_core::error::FunctionError;
use serde_json::json;

use crate::desk::{Desk, seed};

#[test]
fn an_ephemeral_result_goes_to_standard_output_and_nowhere_else() {
    let mut desk = Desk::with(&seed("ephemeral.toml"));
    let run = desk
        .run("ephemeral open secret_generator --config config.toml")
        .ok();
    assert_eq!(
        (run.out.as_str(), run.err.as_str()),
        ("{\"key\":\"secret\"}\n", "")
    );
    assert_eq!(desk.names(), BTreeSet::from(["config.toml".to_owned()]));
    let json = desk
        .run("ephemeral open secret_generator --config config.toml --output json")
        .ok();
    assert_eq!(
        json.json(),
        json!({
            "result": "{\"key\":\"secret\"}\n", "status-code": 200, "executed-version": "1",
            "request-id": "id",
        })
    );
}

#[test]
fn every_ephemeral_example_of_the_documentation_opens() {
    let mut desk = Desk::with(&seed("ephemeral.toml"));
    desk.write("basic.json", &seed("ephemeral-basic.json"));
    desk.run("ephemeral open --config basic.json").ok();
    for name in [
        "secret_generator",
        "resource_calculator",
        "compliance_validator",
        "external_config",
        "credentials",
        "error_handling",
        "logging",
    ] {
        desk.run(&format!("ephemeral open {name} --config config.toml"))
            .ok();
    }
    let opened = &desk.world.opened;
    assert_eq!(opened[0].payload, r#"{"key1":"value1"}"#);
    assert_eq!(
        opened[1].payload,
        r#"{"environment":"dev","length":32,"service":"api"}"#
    );
    assert_eq!(opened[2].qualifier.as_deref(), Some("PROD"));
    // {"source":"terraform","version":"1.0"}
    let context = "eyJzb3VyY2UiOiJ0ZXJyYWZvcm0iLCJ2ZXJzaW9uIjoiMS4wIn0=";
    assert_eq!(opened[4].client_context.as_deref(), Some(context));
    assert_eq!(opened.len(), 8);
}

#[test]
fn a_failed_function_is_told_with_its_report_and_log() {
    let mut desk = Desk::with("[ephemeral.a]\nfunction_name = 'f'\npayload = '1'\n");
    desk.world.opens.function_error = Some(FunctionError {
        kind: "Unhandled".to_owned(),
        error_message: Some("why".to_owned()),
        ..FunctionError::default()
    });
    // "a line"
    desk.world.opens.log_result = Some("YSBsaW5l".to_owned());
    let run = desk.run("ephemeral open --config config.toml");
    assert_eq!(run.code, exit::FUNCTION_FAILED);
    assert_eq!(run.out, desk.world.opens.result);
    assert_eq!(
        run.err,
        "--- log tail\na line\n---\nthe function failed (Unhandled): why\n"
    );
}

#[test]
fn one_table_of_several_has_to_be_named_and_faults_are_placed() {
    let table = |name: &str, payload: &str| {
        format!("[ephemeral.{name}]\nfunction_name = 'f'\npayload = '{payload}'\n")
    };
    let both = [table("one", "1"), table("two", "1")].concat();
    for (config, line, part) in [
        (both.as_str(), "", "name one of [ephemeral]: one, two"),
        (
            &both,
            "twoo",
            "there is no [ephemeral.twoo]; did you mean two?",
        ),
        ("[invocation]", "", "there is no [ephemeral.NAME] table"),
        (&table("a", ""), "", "[ephemeral.a] payload: must be JSON"),
        (&table("a", "sekrit"), "", "[ephemeral.a] payload: not JSON"),
    ] {
        let mut desk = Desk::with(config);
        let said = desk
            .run(&format!("ephemeral open {line} --config config.toml"))
            .failed(exit::USAGE);
        assert!(said.contains(&format!("config.toml: {part}")), "{said}");
        assert!(!said.contains("sekrit"), "{said}");
        assert!(desk.world.opened.is_empty());
    }
}
