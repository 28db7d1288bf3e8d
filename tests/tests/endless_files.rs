//! Files that a user names and that never end, or are far too large: each is refused in one
//! line that names it, within a moment and with little memory.

#![cfg(test)]

use std::time::Duration;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::LambdaHost;

/// The arguments, the variables, the exit code, and what the line names and says.
type Row<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], i32, [&'a str; 2]);

#[test]
fn what_never_ends_is_refused() {
    const ENDLESS: &str = "/dev/zero";
    const INVOKE: &[&str] = &["invoke", "f", "--endpoint-url", "http://127.0.0.1:1"];
    let rows: [Row<'_>; 11] = [
        (
            &["invoke", "f", "-f", ENDLESS],
            &[],
            2,
            ["payload", "6,291,456"],
        ),
        (
            &[
                "lifecycle",
                "plan",
                "--config",
                ENDLESS,
                "--state",
                "state.json",
            ],
            &[],
            2,
            [ENDLESS, "more than 67108864 bytes"],
        ),
        (
            &["lifecycle", "show", "--state", ENDLESS],
            &[],
            2,
            [ENDLESS, "not a regular file"],
        ),
        (
            &[
                "lifecycle",
                "import",
                "a",
                "--from-terraform",
                ENDLESS,
                "--state",
                "state.json",
            ],
            &[],
            2,
            [ENDLESS, "more than 67108864 bytes"],
        ),
        (
            &["--component", ENDLESS, "prepare", "f"],
            &[],
            2,
            [ENDLESS, "more than 67108864 bytes"],
        ),
        (
            INVOKE,
            &[("AWS_CONFIG_FILE", ENDLESS)],
            2,
            [ENDLESS, "it is not a file"],
        ),
        (
            INVOKE,
            &[("AWS_SHARED_CREDENTIALS_FILE", ENDLESS)],
            2,
            [ENDLESS, "it is not a file"],
        ),
        (
            INVOKE,
            &[
                ("AWS_WEB_IDENTITY_TOKEN_FILE", ENDLESS),
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r"),
            ],
            2,
            ["AWS_WEB_IDENTITY_TOKEN_FILE", "it is not a file"],
        ),
        (
            INVOKE,
            &[
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", ENDLESS),
            ],
            2,
            ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "it is not a file"],
        ),
        (
            INVOKE,
            &[("AWS_CA_BUNDLE", ENDLESS)],
            2,
            ["AWS_CA_BUNDLE", "more than 4194304 bytes"],
        ),
        (
            INVOKE,
            &[("SSL_CERT_FILE", ENDLESS)],
            2,
            ["SSL_CERT_FILE", "not a file"],
        ),
    ];
    for (arguments, variables, code, says) in rows {
        let mut run = LambdaHost::new(arguments).env("AWS_REGION", "us-east-1");
        let is_credentials = variables.iter().any(|(name, _)| {
            name.contains("TOKEN_FILE") || name.contains("CONFIG") || name.contains("SHARED")
        });
        if !is_credentials {
            run = run.keys(&canary::keys());
        }
        for (name, value) in variables {
            run = run.env(name, value);
        }
        let run = run.run();
        let line = run.refusal(code);
        for part in says {
            assert!(line.contains(part), "{arguments:?} {variables:?}: {line}");
        }
        assert!(run.took < Duration::from_secs(60), "{run:#?}");
    }
}
