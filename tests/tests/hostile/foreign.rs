//! Answers that are not what was asked, and headers that are not text.

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::Run;
use lambda_invocation_tests::server::Server;
use serde_json::Value;

use crate::{answering, bounded, call};

const MAY_HAVE_RUN: &str = "the function may have run";

/// A call of that type, answered so.
fn typed(invocation_type: &str, answer: &'static str) -> Run {
    let server = Server::start(move |mut connection| {
        connection.read_request()?;
        connection.send(answer)?;
        connection.finish()
    });
    let run = call(server.url())
        .args(["--payload", &canary::payload()])
        .args(["--invocation-type", invocation_type, "--output", "json"])
        .run();
    assert_eq!(server.connections(), 1, "the call was repeated: {run:#?}");
    bounded(run)
}

#[test]
fn a_success_of_another_invocation_type_is_an_error_after_which_the_function_may_have_run() {
    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
    for (invocation_type, answer) in [("DryRun", OK), ("Event", OK), ("RequestResponse", ACCEPTED)]
    {
        let run = typed(invocation_type, answer);
        assert_eq!(run.code, 3, "{run:#?}");
        assert!(run.stderr.contains("UnexpectedStatus"), "{run:#?}");
        assert!(run.stderr.contains(MAY_HAVE_RUN), "{run:#?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let error = &document["error"]["service"];
        assert_eq!(error["maybe-ran"], true, "{document}");
        assert_eq!(error["attempts"], 1, "{document}");
    }
}

#[test]
fn what_is_coded_or_not_lambdas_is_no_payload() {
    for (headers, body, code) in [
        (
            "x-amz-executed-version: 1\r\ncontent-encoding: gzip",
            "{}",
            "UnexpectedContentEncoding",
        ),
        (
            "content-type: text/html",
            "<html>Sign in</html>",
            "UnexpectedContent",
        ),
        ("x-amzn-requestid: r1", "", "UnexpectedContent"),
    ] {
        let length = body.len();
        let run = answering(format!(
            "HTTP/1.1 200 OK\r\n{headers}\r\ncontent-length: {length}\r\n\r\n{body}"
        ));
        let line = run.refusal(3);
        assert!(line.contains(code), "{line}");
        assert!(line.contains(MAY_HAVE_RUN), "{line}");
        assert!(line.contains("--endpoint-url"), "{line}");
    }
}

#[test]
fn a_function_error_header_that_is_not_text_is_a_failure_all_the_same() {
    let answer =
        b"HTTP/1.1 200 OK\r\nx-amz-function-error: \xff\xfe\r\ncontent-length: 2\r\n\r\n{}";
    let run = answering(answer);
    assert_eq!(run.code, 1, "{run:#?}");
    assert_eq!(run.stderr, "the function failed (Unhandled)\n");
}

#[test]
fn what_is_said_of_a_failure_is_short_and_steers_no_terminal() {
    let report = format!(
        r#"{{"errorType":"\u202eE\u001b[31m","errorMessage":"a\nb\u2028c\u2066{}","stackTrace":["x\u200fy"]}}"#,
        "m".repeat(100_000)
    );
    let length = report.len();
    let kind = "k".repeat(50_000);
    let answer = format!(
        "HTTP/1.1 200 OK\r\nx-amz-function-error: {kind}\r\ncontent-length: {length}\r\n\r\n{report}"
    );
    let run = answering(answer);
    assert_eq!(run.code, 1, "{run:#?}");
    assert_eq!(run.stderr.lines().count(), 2, "{:.300}", run.stderr);
    assert!(run.stderr.len() < 10_000, "{}", run.stderr.len());
    let steers =
        |c: char| c != '\n' && c.is_control() || "\u{200f}\u{2028}\u{202e}\u{2066}".contains(c);
    assert!(!run.stderr.contains(steers), "{:.300}", run.stderr);
    assert!(run.stderr.contains("?E?[31m"), "{:.300}", run.stderr);
}
