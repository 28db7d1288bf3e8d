//! Every error that a user can act on, produced end to end by a server or a host that
//! really gives it: `docs/errors.md` holds what `lambda-host` says of each, and is written
//! anew when `UPDATE_DOCS` is set.
//!
//! Everything secret in these runs carries a mark (the keys, the token of the container
//! endpoint, the payload, what servers answer), and nothing that is printed may.

#![cfg(test)]

mod cases;
mod debug;
mod stage;

use std::any::Any;
use std::path::Path;
use std::time::Duration;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::{LambdaHost, Run};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::{self, Server};
use lambda_invocation_tests::wasmtime::Wasmtime;
use serde_json::Value;

use crate::cases::CASES;
use crate::stage::*;

const HOUR: Duration = Duration::from_secs(3_600);
const DID_NOT_RUN: &str = "nothing was sent, so the function did not run";
const MAY_HAVE_RUN: &str = "the request may have reached Lambda, so the function may have run";

/// A situation, and what is to be said of it.
struct Case {
    /// The situation, for people.
    name: &'static str,
    /// The exit code, as in the README.
    code: i32,
    /// The case of `types.error` that the JSON document has it under.
    case: &'static str,
    /// What the line must say, among others: what happened, why, and the names of the
    /// variables and options to set.
    says: &'static [&'static str],
    /// The command, made anew for each run.
    command: fn() -> Staged,
}

/// A command, and what must live as long as it runs.
struct Staged(LambdaHost, Box<dyn Any>);

const HEAD: &str = "\
# Errors, and what to do about them

What `lambda-host` says in each situation: what happened, why, whether the function may have run, and what to set. A
test makes every situation really happen and holds these lines. The exit code is the one of the
[README](../README.md); the name beside it is the case of `error` in [`wit/types.wit`](../wit/types.wit), under which
`--output json` has the same as data. `HOME`, `PORT`, `ID`, `TIME` and `WHY` stand for what differs from run to run.
";

#[test]
fn every_error_says_what_happened_why_and_what_to_do() {
    let mut found = HEAD.to_owned();
    let mut faults = Vec::new();
    for case in CASES {
        let Staged(command, _alive) = (case.command)();
        let run = command.run();
        no_secret_is_in(case, &run);
        let line = run.refusal(case.code);
        let unsaid = case.says.iter().filter(|text| !line.contains(**text));
        faults.extend(unsaid.map(|text| format!("{}: {text:?} is not in {line:?}", case.name)));
        let line = normal(line);
        found += &format!(
            "\n## {}\n\nExit code {}, `{}`.\n\n```text\n{line}\n```\n",
            case.name, case.code, case.case
        );
        verbose_says_it_too(case, &line);
    }
    assert!(faults.is_empty(), "{faults:#?}");
    compare(&found);
}

/// With `-v` and `--output json` the line is the same; only where the credentials came
/// from and what the call met on its way are added, and the error as a document.
fn verbose_says_it_too(case: &Case, line: &str) {
    let Staged(command, _alive) = (case.command)();
    let run = command.args(["-v", "--output", "json"]).run();
    no_secret_is_in(case, &run);
    assert_eq!(run.code, case.code, "{}: {run:#?}", case.name);
    let mut lines = run.stderr.lines();
    let mut first = lines.next().unwrap_or_default();
    if case.case != "no-credentials" {
        assert_eq!(
            first, "credentials: environment variables, key id …MPLE",
            "{}",
            case.name
        );
        first = lines.next().unwrap_or_default();
    }
    while ["throttled", "HTTP 503"].contains(&first) {
        first = lines.next().unwrap_or_default();
    }
    assert_eq!(normal(first), line, "{}", case.name);
    assert_eq!(lines.next(), None, "{}: {run:#?}", case.name);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(
        document["error"].get(case.case).is_some(),
        "{}: {document}",
        case.name
    );
}

/// The command component under the wasmtime CLI, whose HTTP stack and exit codes are not
/// ours: what a user can act on is the same.
#[test]
fn the_command_component_says_what_to_do_as_well() {
    let (refusing, _socket) = server::refusing();
    let (full, _queue) = server::full();
    let (stalled, untrusted) = (silent(), self_signed());
    let url = |server: &Server| server.url().to_owned();
    for (name, endpoint, arguments, says) in [
        (
            "no region",
            url(&stalled),
            &[][..],
            &["no region", "AWS_REGION", "--region"][..],
        ),
        (
            "DNS failure",
            "https://lambda.nowhere.invalid".to_owned(),
            &["--region", "us-east-1", "--connect-timeout", "60s"],
            &["cannot connect", DID_NOT_RUN, "AWS_ENDPOINT_URL_LAMBDA"],
        ),
        (
            "refused",
            refusing,
            &["--region", "us-east-1"],
            &["cannot connect", DID_NOT_RUN, "AWS_ENDPOINT_URL_LAMBDA"],
        ),
        (
            "TLS failure",
            untrusted,
            &["--region", "us-east-1"],
            &["TLS", DID_NOT_RUN, "--endpoint-url"],
        ),
        (
            "timed out: connecting",
            full,
            &["--region", "us-east-1", "--connect-timeout", "300ms"],
            &["after 300 ms", "connect-timeout"],
        ),
        (
            "timed out: the response",
            url(&stalled),
            &["--region", "us-east-1", "--response-timeout", "300ms"],
            &["after 300 ms", MAY_HAVE_RUN, "--response-timeout"],
        ),
        (
            "timed out: the deadline",
            url(&stalled),
            &["--region", "us-east-1", "--timeout", "300ms"],
            &["after 300 ms in total", MAY_HAVE_RUN, "--timeout"],
        ),
    ] {
        let run = or_skip!(Wasmtime::new(["invoke", "echo", "--retry", "never"]))
            .args(["--payload", &canary::payload(), "--endpoint-url", &endpoint])
            .args(arguments)
            .keys(&canary::keys())
            .run();
        let line = run.refusal(1);
        for text in says {
            assert!(line.contains(text), "{name}: {text:?} is not in {line:?}");
        }
        assert!(!canary::is_in(line), "{name}: {line}");
    }
}

#[track_caller]
fn no_secret_is_in(case: &Case, run: &Run) {
    assert!(
        !canary::is_in(&run.stdout) && !canary::is_in(&run.stderr),
        "{}: {run:#?}",
        case.name
    );
}

/// The line without what differs from run to run: ports, ids, times, the home, and the
/// words of the system's resolver.
fn normal(line: &str) -> String {
    let temporary = std::env::temp_dir().join(".tmp");
    let temporary = temporary.to_str().unwrap();
    let line = replaced_after(temporary, |c| c.is_ascii_alphanumeric(), "", line);
    let line = line.replace(temporary, "HOME");
    let line = replaced_after("127.0.0.1:", |c| c.is_ascii_digit(), "PORT", &line);
    let line = replaced_after("(request id ", |c| c != ')', "ID", &line);
    let resolver = "failed to lookup address information: ";
    let line = replaced_after(resolver, |c| c != ';', "WHY", &line);
    let times: Vec<&str> = line
        .split(|c: char| !c.is_ascii_alphanumeric())
        // As in 20260830T123600Z.
        .filter(|word| word.len() == 16 && word.ends_with('Z') && word.get(8..9) == Some("T"))
        .collect();
    let mut timeless = line.clone();
    for time in times {
        timeless = timeless.replace(time, "TIME");
    }
    timeless
}

/// `line` with `new` for what follows `before` at once and is made of such characters.
fn replaced_after(before: &str, of: fn(char) -> bool, new: &str, line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once(before) {
        out += &[head, before, new].concat();
        rest = tail.trim_start_matches(of);
    }
    out + rest
}

fn compare(found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (expected, found) in expected.lines().zip(found.lines()) {
        assert_eq!(expected, found, "UPDATE_DOCS=1 writes docs/errors.md anew");
    }
    assert_eq!(
        expected.len(),
        found.len(),
        "docs/errors.md is not what is said: run \
         UPDATE_DOCS=1 cargo test -p lambda-invocation-tests --test error_messages"
    );
}
