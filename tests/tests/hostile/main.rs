//! Servers that break the rules. Whatever they do, the call ends within its time
//! limit, says in one line what happened and whether the function may have run, and
//! is not made a second time.

#![cfg(test)]

mod foreign;
mod leaving;
mod protocol;
mod refusals;
mod repeating;
mod size;
mod slow;

use std::io;
use std::time::Duration;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::{LambdaHost, Run};
use lambda_invocation_tests::server::{Connection, Server};

/// The `--timeout` of every call.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What the program may take beside: to start on a busy machine, and to compile the
/// component the first time.
const SLACK: Duration = Duration::from_secs(20);

const MAY_HAVE_RUN: &str = "the request may have reached Lambda, so the function may have run";
const DID_NOT_RUN: &str = "nothing was sent, so the function did not run";
const DEADLINE: &str = "timed out after 2000 ms in total";
const TOO_LARGE: &str = "the response is larger than 6356992 bytes";

const NULL: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull";

fn call(url: &str) -> LambdaHost {
    LambdaHost::new(["invoke", "f", "--region", "us-east-1", "--timeout", "2s"])
        .args(["--endpoint-url", url])
        .keys(&canary::keys())
}

fn bounded(run: Run) -> Run {
    assert!(run.took < TIMEOUT + SLACK, "{run:#?}");
    assert!(!canary::is_in(&run.stderr), "{run:#?}");
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    assert!(!run.stderr.contains("backtrace"), "{run:#?}");
    run
}

/// Calls a server once.
fn against(behaviour: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static) -> Run {
    same(both_ways(behaviour, canary::payload))
}

/// Calls a server with a payload that no buffer on the way holds.
fn against_with_5_mb(
    behaviour: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static,
) -> Run {
    same(both_ways(behaviour, five_mb))
}

fn five_mb() -> String {
    format!("\"{}\"", "x".repeat(5_000_000))
}

/// Calls a server once with each way of sending.
fn both_ways(
    behaviour: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static,
    payload: fn() -> String,
) -> [Run; 2] {
    let server = Server::start(behaviour);
    ["component", "host"].map(|transport| {
        let before = server.connections();
        let call = call(server.url()).args(["--transport", transport, "--payload-file", "-"]);
        let run = bounded(call.stdin(payload()).run());
        let connections = server.connections() - before;
        assert_eq!(connections, 1, "the call was repeated: {run:#?}");
        run
    })
}

/// The way of sending makes no difference.
#[track_caller]
fn same([by_component, by_host]: [Run; 2]) -> Run {
    assert_eq!(by_host.code, by_component.code, "{by_component:#?}");
    assert_eq!(by_host.stdout, by_component.stdout);
    assert_eq!(by_host.stderr, by_component.stderr);
    by_host
}

/// Answers a request with these bytes, then closes.
fn answering(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Run {
    against(move |mut connection| {
        connection.read_request()?;
        connection.send(&bytes)?;
        connection.finish()
    })
}

/// Answers a request with these bytes, then leaves the connection open.
fn answering_and_staying(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Run {
    against(move |mut connection| {
        connection.read_request()?;
        connection.send(&bytes)?;
        connection.wait_for_the_client()
    })
}

#[track_caller]
fn ran_out_of_time(run: &Run) {
    let line = run.refusal(4);
    assert!(line.contains(DEADLINE), "{line}");
    assert!(line.contains(MAY_HAVE_RUN), "{line}");
    assert!(run.took >= TIMEOUT, "{run:#?}");
}

#[track_caller]
fn broke(run: &Run) {
    let line = run.refusal(4);
    assert!(line.contains(MAY_HAVE_RUN), "{line}");
    assert!(!line.contains(DEADLINE), "{line}");
}

#[track_caller]
fn was_too_large(run: &Run) {
    let line = run.refusal(4);
    assert!(line.contains(TOO_LARGE), "{line}");
}

#[track_caller]
fn returned(run: &Run, payload: &str) {
    assert_eq!(run.output(), payload, "{run:#?}");
}
