//! No secret is printed.

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::Run;
use lambda_invocation_tests::server::{self, Server};

use crate::remote;

/// Every way to fail that there is a code for, as talkative as can be.
#[test]
fn no_failure_shows_a_secret() {
    let silent = Server::start(|mut connection| connection.wait_for_the_client());
    let closing = Server::start(|_| Ok(()));
    let forbidding = Server::start(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")?;
        connection.finish()
    });
    let (refusing, _bound) = server::refusing();
    let (payload, unclosed) = (canary::payload(), canary::payload().replace('}', ""));
    let with = |url: &str, payload: &str, more: &[&str]| {
        remote("f", url)
            .args(["-v", "--timeout", "1s", "--payload", payload])
            .args(more)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .run()
    };
    let runs: Vec<Run> = vec![
        with(silent.url(), &payload, &[]),
        with(closing.url(), &payload, &[]),
        with(forbidding.url(), &payload, &[]),
        with(&refusing, &payload, &[]),
        with(silent.url(), &unclosed, &[]),
        with(silent.url(), &payload, &["--qualifier", "a b"]),
        with(silent.url(), &payload, &["--client-context", &unclosed]),
        with(silent.url(), &payload, &["--component", "missing.wasm"]),
    ];
    for run in runs {
        assert_ne!(run.code, 0, "{run:#?}");
        assert!(!canary::is_in(&run.stdout), "{run:#?}");
        assert!(!canary::is_in(&run.stderr), "{run:#?}");
    }
}
