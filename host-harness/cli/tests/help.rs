//! What the program says of itself.

#![cfg(test)]

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
        &["serve"],
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

/// What makes no difference to a command is not in its help, though it is understood.
#[test]
fn the_help_of_a_command_shows_what_matters_to_it() {
    for (command, shown, hidden) in [
        (
            "invoke",
            "--payload-file --region --retry --local --output --transport",
            "",
        ),
        (
            "prepare",
            "--region --timeout --at",
            "--retry --max-attempts",
        ),
        ("lifecycle", "", "--region --retry --local"),
        (
            "lifecycle plan",
            "--config --output --component --timeout",
            "--region --profile --retry",
        ),
        ("ephemeral open", "--config --transport", ""),
        (
            "lifecycle apply",
            "--config --region --retry --local",
            "--transport",
        ),
        (
            "lifecycle show",
            "--state --output",
            "--region --component --timeout",
        ),
        ("local", "--bind --region", "--endpoint-url --timeout --at"),
        (
            "serve",
            "--listen --max-concurrent-requests --region --profile --local --component --timeout",
            "--output --transport --at --retry",
        ),
        ("inspect", "--component", "--region --timeout"),
        ("completions", "", "--region --output"),
    ] {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("--help");
        let (_, help) = lambda_host(&arguments);
        let lists = |option: &str| help.split_whitespace().any(|word| word == option);
        for option in shown.split_whitespace() {
            assert!(lists(option), "{command} {option}: {help}");
        }
        for option in hidden.split_whitespace() {
            assert!(!lists(option), "{command} {option}: {help}");
        }
    }
    for line in [
        "completions bash --region us-east-1",
        "--region us-east-1 completions bash",
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        assert_eq!(lambda_host(&arguments).0, Some(0), "{line}");
    }
}

#[test]
fn the_first_example_of_a_call_reads_a_pipe() {
    for arguments in [&["--help"][..], &["invoke", "--help"]] {
        let (_, help) = lambda_host(arguments);
        let (_, examples) = help.split_once("Examples:\n").unwrap();
        let first = examples.lines().next().unwrap();
        assert!(
            first.contains("| lambda-host invoke my-function -f -"),
            "{first}"
        );
    }
}

#[test]
fn shells_get_a_script_that_completes() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, script) = lambda_host(&["completions", shell]);
        assert_eq!(code, Some(0), "{shell}");
        for word in ["lambda-host", "lifecycle", "payload-file"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
}

#[test]
fn the_version_is_the_packages() {
    let expected = format!("lambda-host {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(lambda_host(&["--version"]), (Some(0), expected));
}
