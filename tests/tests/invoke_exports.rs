//! `wasmtime run --invoke` on the plugin: every exported function, by the commands of
//! `docs/invoke-exports.md`.

#![cfg(test)]

use lambda_invocation_host::Host;
use lambda_invocation_tests::readme::{Ran, Shell, commands};
use lambda_invocation_tests::{build, canary, or_skip, wasmtime};

/// What each command of the page prints, by the function it calls.
const PRINTS: &[(&str, &[&str])] = &[
    ("invoke", &["ok({status-code: 200, payload: [123, 34"]),
    (
        "prepare",
        &[
            "ok({method: \"POST\"",
            "/functions/echo%3APROD/invocations\"",
        ],
    ),
    (
        "interpret",
        &["ok({status-code: 200, payload: [123, 125], executed-version: some(\"1\")"],
    ),
    (
        "validate",
        &["[{attribute: terraform-key, message: \"must not be empty\"}]"],
    ),
    (
        "plan",
        &["ok({action: create", "payload: \"{\\\"a\\\": 1}\""],
    ),
    (
        "apply",
        &[
            "ok(some({version: 1, id: \"identity,$LATEST,",
            "result: \"{\\\"a\\\": 1}\"",
        ],
    ),
    (
        "import-state",
        &["ok({version: 1, id: \"identity,PROD,", "imported: true"],
    ),
    (
        "upgrade-state",
        &["ok({version: 1, id: \"identity,PROD,", "imported: false"],
    ),
    ("open", &["ok({result: \"{}\", status-code: 200"]),
];

fn page() -> Vec<String> {
    commands("docs/invoke-exports.md", "Every function")
}

/// The function that a command calls.
fn function(ran: &Ran) -> Option<&str> {
    let (_, argument) = ran.command.split_once("plugin '")?;
    Some(argument.split_once('(')?.0)
}

#[test]
fn every_exported_function_can_be_called_by_its_bare_name() {
    let program = or_skip!(wasmtime::program(wasmtime::PACKAGE));
    let shell = Shell::new().program(&program);
    let ran = shell.run(&page());
    let called: Vec<&str> = ran.iter().filter_map(function).collect();
    let named: Vec<&str> = PRINTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(called, named, "commands of the page");
    for ran in &ran {
        let Some(name) = function(ran) else { continue };
        let (_, prints) = PRINTS.iter().find(|(n, _)| *n == name).unwrap();
        let output = ran.output();
        assert!(prints.iter().all(|text| output.contains(text)), "{ran:#?}");
        assert_eq!(ran.stderr, "", "{ran:#?}");
        // `prepare` prints the session token: it is a header of the request.
        assert!(name == "prepare" || !canary::is_in(output), "{ran:#?}");
    }
}

#[test]
fn the_page_calls_all_that_the_component_exports() {
    let host = Host::load(build::component()).unwrap();
    let inspection = host.inspect();
    let mut exported: Vec<&str> = inspection
        .exports
        .iter()
        .flat_map(|interface| &interface.functions)
        .map(String::as_str)
        // Those of a resource cannot be called so, nor what gives one.
        .filter(|function| !function.starts_with('[') && *function != "invoke-streaming")
        .collect();
    let mut named: Vec<&str> = PRINTS.iter().map(|(name, _)| *name).collect();
    exported.sort_unstable();
    named.sort_unstable();
    assert_eq!(exported, named);
}

#[test]
fn an_error_is_printed_and_the_exit_status_is_0_all_the_same() {
    let program = or_skip!(wasmtime::program(wasmtime::PACKAGE));
    let shell = Shell::new().program(&program);
    let mut commands = page();
    commands.truncate(2);
    let wrong = commands[1].replace("\"echo\"", "\"no-such-function\"");
    assert_ne!(wrong, commands[1]);
    commands[1] = wrong;
    let ran = shell.run(&commands);
    let output = ran[1].output();
    assert!(
        output.starts_with("err(service({code: \"ResourceNotFoundException\""),
        "{ran:#?}"
    );
}
