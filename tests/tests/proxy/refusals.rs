//! Proxies that do not do what they are asked to.

use std::io;

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
