//! What is refused before anything is sent.

use std::fs;

use lambda_invocation_command::exit;

use crate::desk::{CANARY, Desk, crud};

#[test]
fn a_configuration_that_speaks_of_no_invocation_deletes_none() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    desk.write(
        "config.toml",
        "[ephemeral.a]\nfunction_name = 'f'\npayload = '1'\n",
    );
    for run in [desk.plan(), desk.apply()] {
        let said = run.failed(exit::USAGE);
        assert!(
            said.contains("there is no [invocation.NAME] table"),
            "{said}"
        );
    }
    assert_eq!(desk.kept(), ["a"]);
    desk.write("config.toml", "[invocation]");
    desk.apply().ok();
    assert!(desk.kept().is_empty());
}

#[test]
fn all_faults_of_a_configuration_are_told_at_once_and_nothing_is_sent() {
    let config = format!(
        "{}[invocation.bad]\nfunction_name = 'f'\nlifecycle_scope = 'CRUD'\nqualifier = 'not one'\ninput = '[\"{CANARY}\"]'\n[invocation.worse]\nfunction_name = 'f'\ninput = '{CANARY}'\n",
        crud("good", "")
    );
    let mut desk = Desk::with(&config);
    for run in [desk.plan(), desk.apply()] {
        let said = run.failed(exit::USAGE);
        let lines: Vec<&str> = said.lines().collect();
        let starts = [
            "[invocation.bad] qualifier: must be ",
            "[invocation.bad] input: must be a JSON object under crud",
            "[invocation.worse] input: must be valid JSON",
        ];
        assert_eq!(lines.len(), starts.len(), "{said}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with("error: invalid config: "), "{line}");
            assert!(line.contains(&format!("config.toml: {start}")), "{line}");
        }
        assert!(!said.contains(CANARY), "{said}");
    }
    assert!(desk.sent().is_empty());
    assert!(!desk.path("state.json").exists());
}

#[test]
fn what_lambda_would_refuse_is_refused_before_the_first_invocation() {
    let long = "x".repeat(6_291_456);
    for (table, fault) in [
        (
            "[invocation.z]\nfunction_name = 'not a name'\ninput = ''\n".to_owned(),
            "[invocation.z] function_name: ",
        ),
        (
            format!("[invocation.z]\nfunction_name = 'f'\ninput = '\"{long}\"'\n"),
            "[invocation.z] input: ",
        ),
    ] {
        let mut desk = Desk::with(&[crud("a", ""), table].concat());
        let said = desk.apply().failed(exit::USAGE);
        assert!(said.contains(fault) && said.len() < 1_000, "{said}");
        assert!(desk.sent().is_empty());
    }
}

#[test]
fn a_state_of_a_newer_release_or_of_terraform_is_not_touched() {
    for (text, part) in [
        (
            r#"{"version":2,"serial":1,"resources":[]}"#,
            "newer release",
        ),
        (
            r#"{"version":4,"terraform_version":"1.14.0","serial":1}"#,
            "--from-terraform",
        ),
    ] {
        let mut desk = Desk::with(&crud("a", ""));
        desk.write("state.json", text);
        for run in [desk.plan(), desk.apply(), desk.destroy()] {
            let said = run.failed(exit::USAGE);
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(fs::read_to_string(desk.path("state.json")).unwrap(), text);
        assert!(desk.sent().is_empty());
    }
}
