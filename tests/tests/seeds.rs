//! The examples of the providers' documentation: every command in
//! `tests/fixtures/seeds/README.md`, run as it stands there, in that order.

#![cfg(test)]

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use lambda_invocation_tests::build;

const README: &str = include_str!("../fixtures/seeds/README.md");

/// What a command has to say for itself, besides its exit code; by example.
const SAYS: &[(&str, &str)] = &[
    ("basic", "1 created"),
    ("triggers", "1 created"),
    ("invoked again without a change", "1 replaced"),
    ("CRUD: create", "1 created"),
    ("CRUD: update", "1 updated"),
    ("CRUD: delete", "1 deleted"),
    ("Pulumi, triggers", "1 created"),
    ("Pulumi, CRUD: create", "1 created"),
    ("Pulumi, CRUD: update", "1 updated"),
    ("Pulumi, CRUD: delete", "1 deleted"),
    ("function version", r#""qualifier":"1""#),
    ("asynchronous", "queued"),
    ("dry run", "dry run passed"),
    ("log capture", "REPORT RequestId"),
    ("mobile application context", r#""client_id":"mobile-app""#),
    ("error handling (exit code 1)", "no such service"),
    ("logging", "null"),
];

/// The rows of the README: section, example and command.
fn rows() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut section = "";
    let mut rows = Vec::new();
    for line in README.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title;
        }
        let cells: Vec<&str> = line.split(" | ").collect();
        if let [example, command] = cells.as_slice()
            && let Some(command) = command.trim_end_matches(" |").strip_prefix('`')
        {
            rows.push((
                section,
                example.trim_start_matches("| "),
                command.trim_end_matches('`'),
            ));
        }
    }
    rows
}

fn shell(command: &str, directory: &Path) -> Output {
    let program = build::lambda_host();
    let mut path = program.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    Command::new("sh")
        .args(["-c", command])
        .current_dir(directory)
        .env_clear()
        .env("PATH", path)
        .env("HOME", directory)
        .env("XDG_CACHE_HOME", build::target().join("tmp/cache"))
        .env("LAMBDA_COMPONENT", build::component())
        .output()
        .unwrap()
}

#[test]
fn every_example_of_the_documentation_runs_with_one_command() {
    let rows = rows();
    assert_eq!(rows.len(), 11 + 8 + 9, "rows of the README: {rows:?}");
    let directory = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seeds");
    for entry in fs::read_dir(fixtures).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), directory.path().join(entry.file_name())).unwrap();
    }
    for (section, example, command) in rows {
        let output = shell(command, directory.path());
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        let expected = i32::from(example.contains("(exit code 1)"));
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{section}, {example}: {command}\n{said}"
        );
        let says = SAYS
            .iter()
            .find(|(name, _)| *name == example && !(section != "Resource" && *name == "basic"));
        if let Some((_, says)) = says {
            assert!(
                said.contains(says),
                "{section}, {example}: {command}\n{said}"
            );
        }
        // Event and DryRun return nothing, and an apply reports on standard error.
        if command.contains("ephemeral open") || command.contains("show") {
            assert!(!output.stdout.is_empty(), "{section}, {example}: {command}");
        }
    }
}
