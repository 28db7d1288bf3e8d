//! The credential endpoint of a container.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::ministack::MiniStack;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::{Connection, Server};
use lambda_invocation_tests::wasmtime::HOME;

use crate::{FAILED, answer, document, echo, fails, refused, respond, succeeds};

#[test]
fn a_container_is_asked_with_the_token_of_the_environment() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let body = document(&ministack.made.session);
    let container = respond(move |request| {
        let asked = request
            .head
            .starts_with("GET /v1/credentials?of=task HTTP/1.1\r\n");
        match (asked, request.header("authorization")) {
            (true, Some("Basic let-me-in")) => answer("200 OK", &body),
            _ => answer("403 Forbidden", ""),
        }
    });
    let uri = format!("{}/v1/credentials?of=task", container.url());
    let run = or_skip!(echo(ministack))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri)
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic let-me-in");
    succeeds(run);
    assert_eq!(container.connections(), 1);
}

#[test]
fn a_token_file_wins_over_the_token_of_the_environment() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let body = document(&ministack.made.session);
    let container = respond(move |request| match request.header("authorization") {
        Some("from-the-file") => answer("200 OK", &body),
        _ => answer("403 Forbidden", ""),
    });
    let run = or_skip!(echo(ministack))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "from-the-environment")
        .env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            &format!("{HOME}/token"),
        )
        .file("token", "from-the-file");
    succeeds(run);
}

#[test]
fn a_container_that_is_not_ready_is_asked_three_times() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let body = document(&ministack.made.session);
    let asked = AtomicUsize::new(0);
    let container = respond(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => answer("500 Internal Server Error", ""),
        1 => answer("429 Too Many Requests", ""),
        _ => answer("200 OK", &body),
    });
    let run = or_skip!(echo(ministack));
    succeeds(run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url()));
    assert_eq!(container.connections(), 3);
}

#[test]
fn what_a_container_answers_wrongly_is_one_line_without_secrets() {
    let secret = canary::keys().secret_access_key;
    let full = document(&canary::keys());
    let table = [
        (answer("404 Not Found", &full), "HTTP 404"),
        (answer("302 Found", &full), "HTTP 302"),
        (answer("503 Service Unavailable", &secret), "HTTP 503"),
        (answer("200 OK", "<html>cAnArY</html>"), "lacks AccessKeyId"),
        (
            answer("200 OK", &full.replace("SecretAccessKey", "x")),
            "lacks",
        ),
        (
            answer("200 OK", &full.replace("2999", "1999")),
            "have expired",
        ),
        (
            answer("200 OK", &full.replace("2999-", "cAnArY")),
            "not a time",
        ),
        (
            answer("200 OK", &full.replace("AKIA", "\\n")),
            "no header can carry",
        ),
        (
            answer("200 OK", &full.replace("Success", "cAnArY")),
            "Code is not Success",
        ),
        (answer("200 OK", &" ".repeat(65_537)), "65,536"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned(),
            "",
        ),
        ("cAnArY\r\n\r\n".to_owned(), ""),
    ];
    for (sent, text) in table {
        let run = or_skip!(refused());
        let container = respond(move |_| sent.clone());
        let run = run
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
            .env(
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                canary::keys().session_token.as_deref().unwrap(),
            );
        fails(
            run,
            &["no credentials: container credentials (AWS_CONTAINER", text],
        );
    }
}

#[test]
fn a_container_that_stalls_does_not_stall_the_call() {
    let stalls: [fn(Connection) -> io::Result<()>; 2] = [
        |mut connection| connection.wait_for_the_client(),
        |mut connection| {
            connection.read_request()?;
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 65536\r\n\r\n")?;
            connection.send_for_ever(b" ", Duration::from_millis(200))
        },
    ];
    for stall in stalls {
        let run = or_skip!(refused());
        let container = Server::start(stall);
        let run = run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
        let run = run.run();
        assert!(
            run.refusal(FAILED).contains("no answer in time"),
            "{run:#?}"
        );
        // Three times two seconds, and the pauses between.
        assert!(run.took < Duration::from_secs(12), "{run:#?}");
        assert_eq!(container.connections(), 3);
    }
}

#[test]
fn the_deadline_of_the_call_holds_for_its_credentials() {
    let run = or_skip!(refused()).args(["--timeout", "700ms"]);
    let container = Server::start(|mut connection| connection.wait_for_the_client());
    let run = run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
    let run = run.run();
    let line = run.refusal(FAILED);
    assert!(line.contains("700 ms in total"), "{line}");
    assert!(line.contains("nothing was sent"), "{line}");
    assert!(run.took < Duration::from_secs(2), "{run:#?}");
}

#[test]
fn a_container_is_not_asked_where_it_must_not_be() {
    let table = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/x"),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.169.254/",
        ),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://a.localhost/"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "ftp://127.0.0.1/"),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@127.0.0.1/"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "cAnArY\r\nx: y"),
    ];
    for (name, value) in table {
        let mut run = or_skip!(refused()).env(name, value);
        if name == "AWS_CONTAINER_AUTHORIZATION_TOKEN" {
            run = run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/");
        }
        fails(run, &[name]);
    }
}

#[test]
fn a_missing_token_file_is_named_by_its_variable() {
    let run = or_skip!(refused())
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/missing");
    fails(run, &["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "]);
}
