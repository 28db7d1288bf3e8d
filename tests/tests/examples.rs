//! The examples and the service, by the commands of their pages. The example in Rust is
//! tested in its own crate, which builds the program.

#![cfg(test)]

use lambda_invocation_tests::readme::{Ran, Shell, commands, installed};
use lambda_invocation_tests::venv::{AWSCLI, Venv};
use lambda_invocation_tests::{canary, or_skip, wasmtime};
use serde_json::{Value, json};

#[test]
fn python() {
    let mut commands = commands("docs/hosts.md", "Python");
    let install = commands.remove(0);
    let folder = or_skip!(installed(
        "example-python",
        &install,
        &["python/requirements.txt"]
    ));
    let failing = commands[0].replace(" echo ", " fail ");
    let missing = commands[0].replace(" echo ", " no-such-function ");
    commands.extend([failing, missing]);

    let shell = Shell::new().link("venv", &folder.join("venv"));
    let ran = shell.run(&commands);
    let answer: Value = serde_json::from_str(ran[0].output()).unwrap();
    assert_eq!(answer["event"], json!({"name": "world"}));
    assert_eq!(ran[1].code, 1, "{ran:#?}");
    assert!(ran[1].stderr.contains("the function failed: "), "{ran:#?}");
    assert_eq!(ran[2].code, 1, "{ran:#?}");
    assert!(ran[2].stderr.contains("error: service: "), "{ran:#?}");
    assert!(
        ran.iter().all(|ran| !canary::is_in(&ran.stderr)),
        "{ran:#?}"
    );
}

#[test]
fn python_says_what_is_missing() {
    let commands = commands("docs/hosts.md", "Python");
    let folder = or_skip!(installed(
        "example-python",
        &commands[0],
        &["python/requirements.txt"]
    ));
    let bare = "venv/bin/python examples/python/invoke.py";
    assert!(commands[1].starts_with(bare));
    let without_region = format!("unset AWS_REGION; {}", commands[1]);
    let shell = Shell::new().link("venv", &folder.join("venv"));
    let ran = shell.run(&[bare.to_owned(), without_region]);
    for (ran, said) in ran.iter().zip(["usage: ", "error: AWS_REGION is not set"]) {
        assert_ne!(ran.code, 0, "{ran:#?}");
        assert!(ran.stderr.starts_with(said), "{ran:#?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:#?}");
    }
}

#[test]
fn composition() {
    let program = or_skip!(wasmtime::program(wasmtime::PACKAGE));
    let shell = Shell::new().program(&program);
    let mut commands = commands("docs/hosts.md", "Compositions");
    let ungranted = commands[1].replace(" -Shttp", "");
    assert_ne!(ungranted, commands[1]);
    commands.push(ungranted);

    let ran = shell.run(&commands);
    let report: Value = serde_json::from_str(ran[1].output()).unwrap();
    assert_eq!(report["event"], json!({"report": "nightly"}));
    assert_eq!(shell.endpoint.invocations().len(), 1);
    assert_eq!(ran[2].code, 1, "{ran:#?}");
    assert!(ran[2].stderr.contains("wasi:http"), "{ran:#?}");
    assert!(
        ran.iter().all(|ran| !canary::is_in(&ran.stderr)),
        "{ran:#?}"
    );
}

#[test]
fn the_command_component_under_the_wasmtime_cli() {
    let program = or_skip!(wasmtime::program(wasmtime::PACKAGE));
    let shell = Shell::new().program(&program);
    let keys = canary::keys();
    shell.write(
        ".aws/config",
        &format!(
            "[profile dev]\nregion = {}\nendpoint_url = {}\naws_access_key_id = {}\n\
             aws_secret_access_key = {}\naws_session_token = {}\n",
            lambda_invocation_tests::hosts::endpoint::REGION,
            shell.endpoint.url(),
            keys.access_key_id,
            keys.secret_access_key,
            keys.session_token.unwrap_or_default()
        ),
    );
    let ran = shell.run(&commands("docs/hosts.md", "wasmtime CLI"));
    let [by_variables, by_profile] = ran.as_slice() else {
        panic!("{ran:#?}");
    };
    let answer: Value = serde_json::from_str(by_variables.output()).unwrap();
    assert_eq!(answer["event"], json!({"name": "world"}));
    let answer: Value = serde_json::from_str(by_profile.output()).unwrap();
    assert_eq!(answer["event"], json!({}));
    assert_eq!(shell.endpoint.invocations().len(), 2);
}

#[test]
fn the_service_of_lambda_host() {
    for tool in ["curl", "openssl"] {
        let found = std::process::Command::new(tool).arg("--version").output();
        or_skip!(found.map_err(|error| format!("cannot run {tool}: {error}")));
    }
    let shell = Shell::new().program(&lambda_invocation_tests::build::lambda_host());
    let mut all = commands("docs/service.md", "lambda-host serve");
    all.extend(commands("docs/service.md", "Streamed answers"));
    let ran = shell.run(&all);
    let answers = ran.iter().map(Ran::output).filter(|out| !out.is_empty());
    assert_eq!(
        answers.collect::<Vec<_>>(),
        [r#"{"name":"world"}"#; 2],
        "{ran:#?}"
    );
    // The endpoint within the program has answered.
    assert_eq!(shell.endpoint.invocations().len(), 0);
}

/// All blocks in one shell, as a reader would type them.
#[test]
fn the_service() {
    let program = or_skip!(wasmtime::program(wasmtime::PACKAGE));
    let aws = or_skip!(Venv::of(AWSCLI)).python();
    for tool in ["curl", "openssl"] {
        let found = std::process::Command::new(tool).arg("--version").output();
        or_skip!(found.map_err(|error| format!("cannot run {tool}: {error}")));
    }
    let shell = Shell::new()
        .program(&program)
        .script("aws", &format!("exec '{}' -m awscli \"$@\"", aws.display()));
    let ran = shell.run(&commands("docs/service.md", "wasmtime serve"));
    let said = r#"{"name":"world"}"#;
    for ran in &ran {
        ran.output();
    }
    let answers: Vec<&str> = ran
        .iter()
        .map(Ran::output)
        .filter(|out| !out.is_empty())
        .collect();
    let [curl, aws] = answers.as_slice() else {
        panic!("{ran:#?}");
    };
    assert_eq!(*curl, said);
    assert!(aws.contains("\"StatusCode\": 200"), "{aws}");
    assert_eq!(shell.read("out.json"), said);
}
