//! Every source of credentials in turn: the command component under the wasmtime CLI,
//! with MiniStack for Lambda and STS, and servers of our own for containers and
//! instances, which hand out what MiniStack accepts.

#![cfg(test)]

mod container;
mod environment;
mod expiry;
mod instance;
mod profile;
mod web_identity;

use std::io;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::server::{Connection, Request, Server};
use lambda_invocation_tests::wasmtime::Wasmtime;
use serde_json::json;

/// All that a component can say of its failure: `wasi:cli/exit` of WASI 0.2 knows no
/// numbers.
const FAILED: i32 = 1;

/// An invocation of MiniStack's `echo`, without credentials. The variable points STS
/// there as well.
fn echo(ministack: &MiniStack) -> Result<Wasmtime, String> {
    let run = Wasmtime::new(["invoke", "echo", "--payload", "{}"])?;
    Ok(run
        .args(["--region", REGION])
        .env("AWS_ENDPOINT_URL", &ministack.url))
}

/// An invocation that must end before anything is sent to Lambda.
fn refused() -> Result<Wasmtime, String> {
    let run = Wasmtime::new(["invoke", "echo", "--region", "us-east-1"])?;
    Ok(run.args(["--endpoint-url", "http://127.0.0.1:1"]))
}

#[track_caller]
fn succeeds(run: Wasmtime) {
    let run = run.run();
    assert_eq!(run.json()["event"], json!({}));
    assert_eq!(run.stderr, "");
}

/// Checks the one line that a call without credentials ends with.
#[track_caller]
fn fails(run: Wasmtime, texts: &[&str]) {
    let run = run.run();
    let line = run.refusal(FAILED);
    for text in texts {
        assert!(line.contains(text), "{text:?} is not in {line:?}");
    }
    assert!(!canary::is_in(line), "{line}");
}

/// An answer with a body, in one piece.
fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A server that answers each request with what `respond` makes of it.
fn respond(respond: impl Fn(&Request) -> String + Send + Sync + 'static) -> Server {
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        let request = connection.read_request()?;
        let response = respond(&request);
        connection.send(response)?;
        connection.finish()
    })
}

/// What a container or an instance is given, to expire in an hour or so.
fn document(keys: &Keys) -> String {
    json!({
        "Code": "Success",
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Token": keys.session_token,
        "Expiration": "2999-01-01T00:00:00Z",
    })
    .to_string()
}
