//! Secrets that Lambda, or what stands in its place, quotes in whatever form are in no output of
//! any program. The service and the providers have this test among their own.

#![cfg(test)]

use lambda_invocation_tests::canary::{self, Quoting};
use lambda_invocation_tests::lambda_host::{LambdaHost, Run};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::wasmtime::Wasmtime;

const CONFIGURATION: &str = r#"{"invocation": {"it": {"function_name": "refused", "input": {}}}}"#;

/// Ways to call, as talkative as can be.
const CALLS: &[&[&str]] = &[
    &["invoke", "refused", "--payload", "{}"],
    &["invoke", "refused", "--payload", "{}", "--output", "json"],
    &["invoke", "fails", "--payload", "{}"],
    &["invoke", "fails", "--payload", "{}", "--output", "json"],
];

#[track_caller]
fn says_nothing_of(quoted: &str, run: &Run, name: &str) {
    for output in [&run.stdout, &run.stderr] {
        assert!(!output.contains(quoted), "{name}: {run:#?}");
    }
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(all.contains("[redacted]"), "{name}: {run:#?}");
}

fn common(url: &str) -> [&str; 6] {
    [
        "--region",
        "us-east-1",
        "--retry",
        "never",
        "--endpoint-url",
        url,
    ]
}

#[test]
fn lambda_host_shows_no_secret_that_is_quoted() {
    let lambda = Quoting::start();
    for (at, (name, text, quoted)) in canary::quotes().into_iter().step_by(3).enumerate() {
        lambda.quote(text);
        let transport = ["component", "host"][at % 2];
        let call = CALLS[at % CALLS.len()];
        let run = LambdaHost::new(call)
            .args(common(lambda.url()))
            .args(["-v", "--transport", transport])
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .keys(&canary::keys())
            .run();
        says_nothing_of(&quoted, &run, &format!("{name}: {call:?}, {transport}"));
    }
}

#[test]
fn the_command_component_shows_no_secret_that_is_quoted() {
    let lambda = Quoting::start();
    for (at, (name, text, quoted)) in canary::quotes().into_iter().step_by(3).enumerate() {
        lambda.quote(text);
        let call = CALLS[at % CALLS.len()];
        let run = or_skip!(Wasmtime::new(call))
            .args(common(lambda.url()))
            .keys(&canary::keys())
            .run();
        says_nothing_of(&quoted, &run, &format!("{name}: {call:?}"));
    }
}

#[test]
fn an_apply_that_fails_keeps_no_secret_that_is_quoted() {
    let lambda = Quoting::start();
    for (name, text, quoted) in canary::quotes().into_iter().step_by(5) {
        lambda.quote(text);
        let host = LambdaHost::new(["lifecycle", "apply", "--config", "it.json"])
            .args(["--state", "state.json", "--auto-approve"])
            .args(common(lambda.url()))
            .file("it.json", CONFIGURATION)
            .keys(&canary::keys());
        let state = host.home().join("state.json");
        let run = host.run();
        assert_ne!(run.code, 0, "{run:#?}");
        says_nothing_of(&quoted, &run, &name);
        let state = std::fs::read_to_string(state).unwrap_or_default();
        assert!(!state.contains(&quoted), "{name}: {state}");
    }
}
