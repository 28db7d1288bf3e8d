//! The examples, by the commands of the README. That of Rust is in its own crate, which
//! builds the program.

use std::os::unix::fs::symlink;

use lambda_invocation_tests::hosts::PYTHON;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::readme::{Shell, commands};
use lambda_invocation_tests::venv::Venv;
use lambda_invocation_tests::{canary, wasmtime};
use serde_json::{Value, json};

#[test]
fn python() {
    let venv = or_skip!(Venv::of(PYTHON));
    let shell = Shell::new([]);
    let python = venv.python();
    let installed = python.ancestors().nth(2).unwrap();
    symlink(installed, shell.folder().join("venv")).unwrap();
    let mut commands = commands("From Python");
    // Done above, from the same requirements.
    let installing = commands.remove(0);
    assert!(installing.contains("--requirement examples/python/requirements.txt"));
    let mut failing = commands[0].replace(" echo ", " fail ");
    failing.push_str(" && echo succeeded");
    let missing = commands[0].replace(" echo ", " no-such-function ");
    commands.extend([failing, missing]);

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
fn composition() {
    let program = or_skip!(wasmtime::program(wasmtime::PACKAGE));
    let shell = Shell::new(program.parent().map(Into::into));
    let mut commands = commands("In a composition");
    // `cargo xtask test` does it.
    assert_eq!(commands.remove(0), "cargo xtask compose");
    let ungranted = commands[0].replace(" -Shttp", "");
    assert_ne!(ungranted, commands[0]);
    commands.push(ungranted);

    let ran = shell.run(&commands);
    let report: Value = serde_json::from_str(ran[0].output()).unwrap();
    assert_eq!(report["event"], json!({"report": "nightly"}));
    assert_eq!(shell.endpoint.invocations().len(), 1);
    assert_eq!(ran[1].code, 1, "{ran:#?}");
    assert!(ran[1].stderr.contains("wasi:http"), "{ran:#?}");
    assert!(
        ran.iter().all(|ran| !canary::is_in(&ran.stderr)),
        "{ran:#?}"
    );
}
