//! Proxies that do not do what they are asked to.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::server::{self, Connection, Server};

use crate::stage::answering;

fn call(proxy: &str) -> LambdaHost {
    LambdaHost::new(["invoke", "echo", "--payload", &canary::payload()])
        .args(["--region", "us-east-1", "--retry", "never"])
        .args(["--connect-timeout", "700ms"])
        .env("HTTPS_PROXY", proxy)
        .keys(&canary::keys())
}

/// Its line must say this of the proxy, and that nothing ran.
#[track_caller]
fn says(proxy: &str, what: &str) {
    let run = call(proxy).run();
    let line = run.refusal(4);
    let what = what.replace("PROXY", proxy);
    assert!(line.contains(&what), "{line}");
    assert!(
        line.contains("https://lambda.us-east-1.amazonaws.com"),
        "{line}"
    );
    assert!(line.contains("so the function did not run"), "{line}");
    assert!(!canary::is_in(line), "{line}");
}

#[test]
fn one_that_is_not_there() {
    let (url, _held) = server::refusing();
    says(&url, "connection refused (the proxy PROXY)");
    says("http://proxy.test:3128", "(the proxy PROXY)");
}

#[test]
fn one_that_never_answers() {
    let silent = Server::start(|mut connection: Connection| connection.wait_for_the_client());
    says(silent.url(), "the proxy PROXY did not answer within 700 ms");
    let (url, _held) = server::full();
    says(&url, "the proxy PROXY did not answer within 700 ms");
}

#[test]
fn one_that_answers_rubbish() {
    let rubbish = Server::start(|mut connection: Connection| -> io::Result<()> {
        connection.read_request()?;
        connection.send("220 smtp.test ESMTP\r\n")?;
        connection.finish()
    });
    says(rubbish.url(), "what the proxy PROXY answered is not HTTP");
    let closing = Server::start(|mut connection: Connection| connection.read_request().map(drop));
    says(closing.url(), "the proxy PROXY closed the connection");
    let endless = Server::start(|mut connection: Connection| -> io::Result<()> {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\nx-filler: ")?;
        connection.send_for_ever(&[b'x'; 65_536], std::time::Duration::ZERO)
    });
    says(endless.url(), "what the proxy PROXY answered is not HTTP");
}

#[test]
fn one_that_refuses() {
    for (status, what) in [
        (
            "403 Forbidden",
            "the proxy PROXY does not let the call through (HTTP 403)",
        ),
        (
            "502 Bad Gateway",
            "the proxy PROXY cannot reach it (HTTP 502)",
        ),
    ] {
        let proxy = answering(status, "<html>no</html>".to_owned());
        says(proxy.url(), what);
    }
}

/// A proxy that forwards, as far as can be told: the first request is answered so, and further
/// ones are refused.
fn refusing_the_second(first: &'static str) -> Server {
    let requests = AtomicUsize::new(0);
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        connection.read_request()?;
        let refusal = "HTTP/1.1 403 Forbidden\r\nvia: 1.1 proxy\r\ncontent-type: text/html\r\ncontent-length: 15\r\nconnection: close\r\n\r\n<html>no</html>";
        match requests.fetch_add(1, Ordering::SeqCst) {
            0 => connection.send(first)?,
            _ => connection.send(refusal)?,
        }
        connection.finish()
    })
}

#[test]
fn one_that_refuses_a_plain_request_is_not_taken_for_aws_and_attempts_before_count() {
    const THROTTLED: &str = "HTTP/1.1 429 Too Many Requests\r\nx-amzn-errortype: TooManyRequestsException\r\nx-amzn-requestid: 1\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    const NOT_RUN: &str = "nothing was sent, so the function did not run";
    const MAY_HAVE_RUN: &str = "the function may have run";
    for transport in ["component", "host"] {
        for (mode, first, ran) in [
            ("safe", THROTTLED, NOT_RUN),
            ("idempotent", "", MAY_HAVE_RUN),
        ] {
            let proxy = refusing_the_second(first);
            let run = LambdaHost::new(["invoke", "echo", "--payload", &canary::payload()])
                .args(["--region", "us-east-1", "--retry", mode])
                .args(["--transport", transport])
                .args(["--endpoint-url", "http://lambda.test", "--allow-http"])
                .env("HTTP_PROXY", proxy.url())
                .keys(&canary::keys())
                .run();
            let line = run.refusal(4);
            let refuses = format!(
                "cannot connect: http://lambda.test: the proxy {} does not let the call through (HTTP 403)",
                proxy.url()
            );
            assert!(line.contains(&refuses), "{line}");
            assert!(line.contains(ran), "{line}");
            assert!(line.contains("2 attempts were made"), "{line}");
            assert!(!line.contains("lambda:InvokeFunction"), "{line}");
            assert_eq!(proxy.connections(), 2, "{line}");
        }
    }
}
