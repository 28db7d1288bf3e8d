//! What a user can type.

use clap::Parser as _;
use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::settings::Environment;

use crate::desk::Cli;

#[test]
fn commands_without_their_files_are_refused() {
    for (line, understood) in [
        (
            "lifecycle plan --config c --state s --detailed-exitcode --replace a --replace b",
            true,
        ),
        ("lifecycle plan --config c", false),
        ("lifecycle plan --state s", false),
        ("lifecycle apply --config c --state s --output json", true),
        ("lifecycle apply --config c", false),
        (
            "lifecycle apply --config c --state s --detailed-exitcode",
            false,
        ),
        ("lifecycle destroy --state s", true),
        ("lifecycle destroy --config c --state s", true),
        ("lifecycle destroy --config c", false),
        ("lifecycle show --state s", true),
        ("lifecycle show a --state s", true),
        ("lifecycle show", false),
        ("lifecycle import a id --state s", true),
        ("lifecycle import a id --state s --config c", true),
        ("lifecycle import a --from-terraform f --state s", true),
        (
            "lifecycle import a address --from-terraform f --state s",
            true,
        ),
        ("lifecycle import a --state s", false),
        ("lifecycle import a id", false),
        ("lifecycle", false),
        ("ephemeral open --config c", true),
        ("ephemeral open a --config c --region eu-central-1", true),
        ("ephemeral open a", false),
        ("ephemeral", false),
    ] {
        let words = std::iter::once("lambda-host").chain(line.split(' '));
        assert_eq!(Cli::try_parse_from(words).is_ok(), understood, "{line}");
    }
}

#[test]
fn half_a_retry_policy_leaves_the_other_half_to_the_environment() {
    use RetryMode::{Idempotent, Never, Safe};
    let environment = |attempts: &str, mode: &str| {
        Environment::new(vec![
            ("AWS_MAX_ATTEMPTS".to_owned(), attempts.to_owned()),
            ("AWS_RETRY_MODE".to_owned(), mode.to_owned()),
        ])
    };
    for (options, attempts, mode, policy) in [
        ("", "1", "never", Some(None)),
        ("--retry idempotent", "", "", Some(Some((Idempotent, 3)))),
        (
            "--retry idempotent",
            "1",
            "off",
            Some(Some((Idempotent, 1))),
        ),
        ("--max-attempts 5", "1", "off", Some(Some((Never, 5)))),
        ("--max-attempts 5", "1", "standard", Some(Some((Safe, 5)))),
        ("--max-attempts 5", "many", "", None),
        ("--retry safe", "many", "", None),
        (
            "--retry safe --max-attempts 2",
            "many",
            "off",
            Some(Some((Safe, 2))),
        ),
    ] {
        let line = format!("lambda-host invoke f {options}");
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let connection = cli.common.connection(&environment(attempts, mode));
        let found = connection.ok().map(|connection| {
            connection
                .retry
                .map(|retry| (retry.mode, retry.max_attempts))
        });
        assert_eq!(found, policy, "{line}, {attempts}, {mode}");
    }
}
