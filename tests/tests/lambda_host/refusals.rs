//! Exit codes 3 to 5: the service refused, the connection broke, the host forbids it.

use std::time::Duration;

use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::server::{self, Server};
use serde_json::Value;

use crate::{local, remote};

#[test]
fn what_the_service_refuses_is_told_in_one_line() {
    let table: &[(&[&str], &str)] = &[
        (
            &["nothing", "--payload", "{}"],
            "ResourceNotFoundException (HTTP 404)",
        ),
        (
            &["echo:NEXT", "--payload", "{}"],
            "ResourceNotFoundException (HTTP 404)",
        ),
        (
            &["throttle", "--payload", "{}", "--retry", "never"],
            "throttled (ReservedFunctionConcurrentInvocationLimitExceeded)",
        ),
        (
            &[
                "flaky",
                "--payload",
                r#"{"status":502,"code":"KMSDisabledException"}"#,
            ],
            "KMSDisabledException (HTTP 502)",
        ),
    ];
    for (arguments, expected) in table {
        let run = LambdaHost::new(["invoke", "--local"])
            .args(*arguments)
            .run();
        let line = run.refusal(3);
        assert!(line.contains(expected), "{arguments:?}: {line}");
    }
}

#[test]
fn an_error_is_a_json_document_where_one_is_asked_for() {
    let run = local("nothing")
        .args(["--payload", "{}", "--output", "json"])
        .run();
    assert_eq!(run.code, 3, "{run:#?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let error = &document["error"]["service"];
    assert_eq!(error["code"], "ResourceNotFoundException", "{document}");
    assert_eq!(error["status"], 404, "{document}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
}

#[test]
fn a_refused_connection_is_told_in_one_line() {
    let (url, _bound) = server::refusing();
    let run = remote("f", &url)
        .args(["--payload", "{}", "--retry", "never"])
        .run();
    let line = run.refusal(4);
    assert!(line.contains("nothing was sent"), "{line}");
}

#[test]
fn a_server_that_never_answers_is_waited_for_as_long_as_allowed() {
    let server = Server::start(|mut connection| connection.wait_for_the_client());
    let run = remote("f", server.url())
        .args(["--payload", "{}", "--timeout", "1s"])
        .run();
    let line = run.refusal(4);
    assert!(line.contains("timed out after 1000 ms"), "{line}");
    assert!(run.took >= Duration::from_secs(1), "{run:#?}");
}

/// Where machines get their own credentials is not where functions are invoked.
#[test]
fn an_endpoint_the_host_does_not_permit_is_denied() {
    let metadata = "https://169.254.169.254";
    let call = || {
        remote("f", metadata)
            .args(["--payload", "{}", "--retry", "never"])
            .args(["--connect-timeout", "200ms", "--timeout", "5s"])
    };
    let run = call().run();
    let line = run.refusal(5);
    assert!(line.contains("denied by the host"), "{line}");
    assert!(
        line.contains(metadata) && line.contains("--allow"),
        "{line}"
    );

    // Nobody is there, but now the host would let it through.
    call().args(["--allow", metadata]).run().refusal(4);
}
