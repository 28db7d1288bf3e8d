//! What SDKs repeat by themselves: nothing after which the function may have run.

use std::io;

use lambda_invocation_tests::canary::{self, Quoting};
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::{self, Connection, Server};
use lambda_invocation_tests::service::Service;
use serde_json::{Value, json};

use super::clients::{aws_with, boto3};
use super::{BEARER, TOKEN, error, options};

/// What Lambda, or what stands for it, does once it has the request, and what callers are told.
const UPSTREAMS: &[(&str, &str, &str)] = &[
    ("hangs up", "", "BadGatewayException"),
    (
        "breaks off",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        "BadGatewayException",
    ),
    (
        "fails",
        "HTTP/1.1 500 Internal Server Error\r\nx-amzn-errortype: ServiceException\r\ncontent-length: 2\r\n\r\n{}",
        "ServiceException",
    ),
    (
        "fails of EC2",
        "HTTP/1.1 502 Bad Gateway\r\nx-amzn-errortype: EC2UnexpectedException\r\ncontent-length: 2\r\n\r\n{}",
        "EC2UnexpectedException",
    ),
    (
        "is a gateway that times out",
        "HTTP/1.1 504 Gateway Time-out\r\ncontent-length: 2\r\n\r\n{}",
        "Http504",
    ),
    (
        "is a gateway that gives up",
        "HTTP/1.1 408 Request Timeout\r\ncontent-length: 2\r\n\r\n{}",
        "Http408",
    ),
    (
        "is a gateway that gives up, in a code that SDKs repeat",
        "HTTP/1.1 408 Request Timeout\r\nx-amzn-errortype: RequestTimeoutException\r\ncontent-length: 2\r\n\r\n{}",
        "ServiceException",
    ),
    (
        "is none",
        "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
        "BadGatewayException",
    ),
    ("never answers", "...", "GatewayTimeoutException"),
];

fn upstream(answer: &'static str) -> Server {
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        connection.read_request()?;
        if answer == "..." {
            return connection.wait_for_the_client();
        }
        connection.send(answer)?;
        connection.finish()
    })
}

fn service(upstream: &Server) -> Result<Service, String> {
    let keys = Keys {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    };
    // As by default, but for the time.
    let options = options(upstream.url(), "us-east-1", &keys)?;
    let options = options.env("AWS_MAX_ATTEMPTS", "3");
    Ok(options.env("LAMBDA_INVOCATION_TIMEOUT_MS", "2000").start())
}

#[test]
fn boto3_repeats_nothing_that_may_have_run() {
    let calls = json!([{"FunctionName": "f", "Payload": "{}"}]);
    for (upstream_that, answer, code) in UPSTREAMS {
        let upstream = upstream(answer);
        let service = or_skip!(service(&upstream));
        for mode in ["legacy", "standard", "adaptive"] {
            let before = upstream.connections();
            let retries = json!({"mode": mode});
            let answers = or_skip!(boto3(service.url(), TOKEN, &calls, &retries));
            let got = &answers[0];
            assert_eq!(got["status"], 424, "{upstream_that}: {got}");
            assert_eq!(got["code"], *code, "{upstream_that}: {got}");
            let message = got["message"].as_str().unwrap_or_default();
            assert!(message.ends_with("; the function may have run"), "{got}");
            let runs = upstream.connections() - before;
            assert_eq!(runs, 1, "{upstream_that}, {mode}");
        }
    }
}

#[test]
fn boto3_repeats_what_lambda_itself_answers_so_the_status_makes_the_difference() {
    let calls = json!([{"FunctionName": "f", "Payload": "{}"}]);
    let (_, fails, _) = UPSTREAMS[2];
    let upstream = upstream(fails);
    for mode in ["legacy", "standard"] {
        let before = upstream.connections();
        let retries = json!({"mode": mode, "total_max_attempts": 2});
        let answers = or_skip!(boto3(upstream.url(), TOKEN, &calls, &retries));
        assert_eq!(answers[0]["status"], 500);
        assert_eq!(upstream.connections() - before, 2, "{mode}");
    }
}

#[test]
fn the_aws_cli_repeats_nothing_that_may_have_run() {
    for (upstream_that, answer, code) in UPSTREAMS {
        let upstream = upstream(answer);
        let service = or_skip!(service(&upstream));
        let arguments = ["--function-name", "f", "--payload", "{}"];
        let (output, _) = or_skip!(aws_with(&service, TOKEN, &arguments, &[]));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(code), "{upstream_that}: {stderr}");
        assert!(stderr.contains("the function may have run"), "{stderr}");
        assert_eq!(upstream.connections(), 1, "{upstream_that}");
    }
}

#[test]
fn what_did_not_run_has_the_status_that_clients_repeat() {
    let (url, _held) = server::refusing();
    let keys = canary::keys();
    let service = or_skip!(options(&url, "us-east-1", &keys)).start();
    let reply = service.post("/invoke/f", &[BEARER], b"{}");
    assert_eq!(reply.status, 502, "{reply:#?}");
    assert_eq!(error(&reply)["function_may_have_run"], Value::Bool(false));
}

#[test]
fn no_secret_that_upstream_quotes_in_any_form_is_passed_on() {
    let lambda = Quoting::start();
    let service = or_skip!(options(lambda.url(), "us-east-1", &canary::keys())).start();
    for (name, text, quoted) in canary::quotes() {
        lambda.quote(text);
        for path in [
            "/invoke/refused",
            "/2015-03-31/functions/refused/invocations",
            "/invoke/fails",
            "/2015-03-31/functions/fails/invocations",
        ] {
            let reply = service.post(path, &[BEARER], b"{}");
            let said = format!("{}\n{}", reply.head, reply.body);
            assert!(said.contains("[redacted]"), "{name}: {path}: {said}");
            assert!(!said.contains(&quoted), "{name}: {path}: {said}");
        }
    }
    let log = service.log();
    for (name, _, quoted) in canary::quotes() {
        assert!(!log.contains(&quoted), "{name}");
    }
}
