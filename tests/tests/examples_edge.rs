//! Hosts without `wasi:http`: `examples/edge` with `fetch`, on Node and in Chromium, and
//! `examples/python/exchange.py` with `urllib`, as `docs/hosts.md` runs them.

#![cfg(test)]

use std::fs;
use std::io;

use lambda_invocation_docs::root;
use lambda_invocation_tests::chromium::Chromium;
use lambda_invocation_tests::hosts::endpoint::{Endpoint, REGION};
use lambda_invocation_tests::jco::Example;
use lambda_invocation_tests::readme::{Ran, Shell, commands, installed};
use lambda_invocation_tests::server::{Connection, Server};
use lambda_invocation_tests::{canary, or_skip};
use serde_json::{Value, json};

const PAGE: &str = "docs/hosts.md";

/// The command of the page that invokes with this program, and the shell to run it in.
fn worker() -> Result<(String, Shell), String> {
    let example = Example::edge()?;
    // The others install and build it.
    let command = commands("docs/hosts.md", "Edge runtimes and browsers")[2].clone();
    assert!(command.starts_with("node "));
    Ok((command, Shell::within(&example.root)))
}

fn python() -> Result<(String, Shell), String> {
    let install = &commands(PAGE, "Python")[0];
    let folder = installed("example-python", install, &["python/requirements.txt"])?;
    let command = commands("docs/hosts.md", "Edge runtimes and browsers")[3].clone();
    assert!(command.starts_with("venv/bin/python "));
    let shell = Shell::new().link("venv", &folder.join("venv"));
    Ok((command, shell))
}

#[test]
fn a_worker_invokes_with_fetch() {
    let (command, shell) = or_skip!(worker());
    answers_and_tells_failures_apart(&command, &shell);
}

#[test]
fn python_invokes_with_urllib() {
    let (command, shell) = or_skip!(python());
    answers_and_tells_failures_apart(&command, &shell);
}

fn answers_and_tells_failures_apart(command: &str, shell: &Shell) {
    let calling = |function: &str| command.replace(" echo ", &format!(" {function} "));
    let ran = shell.run(&[command.to_owned(), calling("fail"), calling("missing")]);
    let answer: Value = serde_json::from_str(ran[0].output()).unwrap();
    assert_eq!(answer["event"], json!({"name": "world"}));
    assert_ne!(ran[1].code, 0, "{ran:#?}");
    assert!(ran[1].stdout.contains("errorMessage"), "{ran:#?}");
    assert_ne!(ran[2].code, 0, "{ran:#?}");
    assert!(said(&ran[2]).contains("ResourceNotFoundException"));
    assert_eq!(shell.endpoint.invocations().len(), 3);
    let keys = |ran: &Ran| canary::is_in(&ran.stdout) || canary::is_in(&ran.stderr);
    assert!(!ran.iter().any(keys), "{ran:#?}");
}

fn said(ran: &Ran) -> String {
    [&*ran.stdout, &*ran.stderr].concat()
}

#[test]
fn a_worker_is_not_repeated_where_the_function_may_have_run() {
    let (command, shell) = or_skip!(worker());
    repeats_what_did_not_run_alone(&command, &shell);
}

#[test]
fn python_is_not_repeated_where_the_function_may_have_run() {
    let (command, shell) = or_skip!(python());
    repeats_what_did_not_run_alone(&command, &shell);
}

fn repeats_what_did_not_run_alone(command: &str, shell: &Shell) {
    type Behaviour = fn(Connection) -> io::Result<()>;
    let closing: Behaviour = |mut connection| connection.read_request().map(drop);
    let cut: Behaviour = |mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1")?;
        connection.finish()
    };
    let redirecting: Behaviour = |mut connection| {
        connection.read_request()?;
        connection.send(
            "HTTP/1.1 307 X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        )?;
        connection.finish()
    };
    let throttling: Behaviour = |mut connection| {
        connection.read_request()?;
        connection.send(
            "HTTP/1.1 429 X\r\nx-amz-retry-after: 1\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
        )?;
        connection.finish()
    };
    for (behaviour, case, requests) in [
        (closing, "transport", 1),
        (cut, "transport", 1),
        (redirecting, "UnexpectedRedirect", 1),
        (throttling, "throttled", 3),
    ] {
        let server = Server::start(behaviour);
        // In a file, where the shell leaves ports as they are.
        shell.write("url", server.url());
        let there = format!("AWS_ENDPOINT_URL_LAMBDA=$(cat url) {command}");
        let ran = shell.run(&[there]).remove(0);
        assert_ne!(ran.code, 0, "{ran:#?}");
        assert!(said(&ran).contains(case), "{case}: {ran:#?}");
        assert_eq!(server.connections(), requests, "{case}: {ran:#?}");
    }
}

#[test]
fn a_page_invokes_with_fetch() {
    let example = or_skip!(Example::edge());
    let chromium = or_skip!(Chromium::install());
    let endpoint = Endpoint::start();
    let keys = canary::keys();
    let mut environment = vec![
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", endpoint.url()),
        ("AWS_ACCESS_KEY_ID", keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key),
    ];
    environment.extend(keys.session_token.map(|token| ("AWS_SESSION_TOKEN", token)));
    let invoke =
        |function, payload| chromium.invoke(&example.directory, &environment, function, payload);
    assert_eq!(invoke("identity", r#"{"a":1}"#).trim(), r#"{"a":1}"#);
    assert_eq!(invoke("missing", "{}").trim(), "service");
    let seen = endpoint.invocations();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].status, Some(200));
}

#[test]
fn each_is_shorter_than_80_lines() {
    for file in [
        "edge/lambda.mjs",
        "edge/worker.mjs",
        "edge/page.html",
        "python/exchange.py",
    ] {
        let text = fs::read_to_string(root().join("examples").join(file)).unwrap();
        assert!(text.lines().count() < 80, "{file}");
    }
}
