//! What the program says of itself.

use std::process::Command;

fn lambda_host(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lambda-host"))
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn every_command_has_a_help_that_names_it() {
    for command in [
        &["invoke"][..],
        &["prepare"],
        &["lifecycle", "plan"],
        &["lifecycle", "apply"],
        &["ephemeral", "open"],
        &["local"],
        &["inspect"],
    ] {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let (code, help) = lambda_host(&arguments);
        assert_eq!(code, Some(0), "{command:?}");
        let usage = format!("Usage: lambda-host {}", command.join(" "));
        assert!(help.contains(&usage), "{command:?}: {help}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let expected = format!("lambda-host {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(lambda_host(&["--version"]), (Some(0), expected));
}
