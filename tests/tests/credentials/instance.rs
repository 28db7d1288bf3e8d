//! The metadata service of an instance.

use lambda_invocation_tests::canary;
use lambda_invocation_tests::ministack::MiniStack;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;

use crate::{answer, document, echo, fails, refused, respond, succeeds};

/// A metadata service whose three answers are those given.
fn metadata(token: String, role: String, credentials: String) -> Server {
    respond(move |request| {
        let line = request.head.lines().next().unwrap_or_default();
        let ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds");
        let carried = request.header("x-aws-ec2-metadata-token");
        match (line, ttl, carried) {
            ("PUT /latest/api/token HTTP/1.1", Some("21600"), None) => token.clone(),
            (
                "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1",
                None,
                Some("the-token=="),
            ) => role.clone(),
            (
                "GET /latest/meta-data/iam/security-credentials/a+role@x HTTP/1.1",
                None,
                Some("the-token=="),
            ) => credentials.clone(),
            _ => answer("401 Unauthorized", ""),
        }
    })
}

#[test]
fn an_instance_is_asked_on_request_and_only_then() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let service = metadata(
        answer("200 OK", "the-token=="),
        answer("200 OK", "a+role@x\n"),
        answer("200 OK", &document(&ministack.made.session)),
    );
    for unasked in [None, Some("true")] {
        let mut run = or_skip!(refused()).env("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url());
        if let Some(value) = unasked {
            run = run.env("AWS_EC2_METADATA_DISABLED", value);
        }
        fails(run, &["AWS_EC2_METADATA_DISABLED=false"]);
    }
    assert_eq!(service.connections(), 0);
    let run = or_skip!(echo(ministack))
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url())
        .env("AWS_EC2_METADATA_DISABLED", "false");
    succeeds(run);
    assert_eq!(service.connections(), 3);
}

#[test]
fn what_an_instance_answers_wrongly_is_one_line_without_secrets() {
    let token = || answer("200 OK", "the-token==");
    let role = || answer("200 OK", "a+role@x");
    let full = || answer("200 OK", &document(&canary::keys()));
    let html = || answer("200 OK", "<html><body>cAnArY");
    let table = [
        (
            answer("403 Forbidden", "cAnArY"),
            role(),
            full(),
            "HTTP 403",
        ),
        (html(), role(), full(), "not one word"),
        (answer("200 OK", ""), role(), full(), "not one word"),
        (token(), answer("404 Not Found", ""), full(), "has no role"),
        (token(), html(), full(), "not one word"),
        (token(), role(), html(), "lacks AccessKeyId"),
        (token(), role(), answer("404 Not Found", ""), "HTTP 404"),
        (
            token(),
            role(),
            answer("200 OK", r#"{"Code":"AssumeRoleUnauthorizedAccess"}"#),
            "Code is not Success",
        ),
    ];
    for (token, role, credentials, text) in table {
        let run = or_skip!(refused());
        let service = metadata(token, role, credentials);
        let run = run
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url())
            .env("AWS_EC2_METADATA_DISABLED", "false");
        fails(run, &["instance metadata: ", text]);
    }
}
