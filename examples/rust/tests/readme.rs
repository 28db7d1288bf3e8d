//! The command of `docs/hosts.md`.

#![cfg(test)]

use std::path::Path;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::readme::{Shell, commands};
use serde_json::{Value, json};

#[test]
fn the_example_invokes_a_function_and_connects_nowhere_else() {
    let program = Path::new(env!("CARGO_BIN_EXE_lambda-invocation-example-rust"));
    let shell = Shell::new().program(program);
    let mut commands = commands("docs/hosts.md", "Rust");
    let failing = commands[0].replace(" echo ", " fail ");
    // The list holds origins, and this is not an origin: nothing is allowed.
    let elsewhere = format!("AWS_ENDPOINT_URL_LAMBDA=http://localhost/x {}", commands[0]);
    commands.extend([failing, elsewhere]);

    let ran = shell.run(&commands);
    let answer: Value = serde_json::from_str(ran[0].output()).unwrap();
    assert_eq!(answer["event"], json!({"name": "world"}));
    assert_eq!(ran[1].code, 1, "{ran:#?}");
    assert!(ran[1].stderr.contains("the function failed: "), "{ran:#?}");
    assert_eq!(ran[2].code, 1, "{ran:#?}");
    assert!(ran[2].stderr.contains("DeniedByHost"), "{ran:#?}");
    assert_eq!(shell.endpoint.invocations().len(), 2);
    assert!(
        ran.iter().all(|ran| !canary::is_in(&ran.stderr)),
        "{ran:#?}"
    );
}
