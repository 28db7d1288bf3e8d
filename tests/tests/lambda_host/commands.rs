//! `prepare`, `local` and `inspect`, and how the program starts and ends.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_tests::build;
use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::{Keys, LambdaHost};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::venv::{AWSCLI, Venv};
use rustix::process::Signal;
use serde_json::json;

use crate::{header, local};

#[test]
fn prepare_prints_the_same_signed_request_every_time() {
    let prepare = || {
        LambdaHost::new(["prepare", "my-function:PROD", "--payload", "{}"])
            .args(["--region", "us-east-1", "--at", "2026-08-30T12:36:00Z"])
            .keys(&Keys {
                access_key_id: "AKIDEXAMPLE".to_owned(),
                secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
                session_token: None,
            })
            .run()
    };
    let first = prepare();
    assert_eq!(first.output(), prepare().output());
    assert_eq!(first.stderr, "");
    let request = first.json();
    assert_eq!(request["method"], "POST");
    assert_eq!(
        request["url"],
        "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/my-function%3APROD/invocations"
    );
    assert_eq!(
        STANDARD.decode(request["body"].as_str().unwrap()).unwrap(),
        b"{}"
    );
    assert_eq!(
        request["canonical-request"],
        "POST\n/2015-03-31/functions/my-function%253APROD/invocations\n\n\
         host:lambda.us-east-1.amazonaws.com\nx-amz-date:20260830T123600Z\n\n\
         host;x-amz-date\n\
         44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    );
    // Signature and hash are those of an independent implementation.
    assert_eq!(
        request["string-to-sign"],
        "AWS4-HMAC-SHA256\n20260830T123600Z\n20260830/us-east-1/lambda/aws4_request\nf5a4bfced8c2022d0fec77b8b43c3e1e6fadc80f9dd3ce57ef20737a44f1e214"
    );
    let authorization = header(&request, "authorization");
    assert_eq!(
        authorization,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260830/us-east-1/lambda/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=45f214aa768ce2acfc24a7a1261d3fd7b32a5fae5e8f9fa8f57d6c99230ea4fa"
    );
}

#[test]
fn prepare_sends_nothing() {
    let server = Server::start(|_| Ok(()));
    let run = LambdaHost::new(["prepare", "f", "--payload", "{}", "--region", "us-east-1"])
        .args(["--endpoint-url", server.url()])
        .keys(&canary::keys())
        .run();
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn the_local_endpoint_serves_other_programs() {
    let mut endpoint = LambdaHost::new(["local", "--region", "eu-west-1"]).start();
    // What a shell evaluates.
    let settings: BTreeMap<String, String> = BufReader::new(endpoint.child.stdout.take().unwrap())
        .lines()
        .take(5)
        .map(|line| {
            let line = line.unwrap();
            let setting = line.strip_prefix("export ").unwrap();
            let (name, value) = setting.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let call = || {
        settings.iter().fold(
            LambdaHost::new(["invoke", "echo", "--payload", r#"{"n":1}"#]),
            |host, (name, value)| host.env(name, value),
        )
    };
    assert_eq!(settings["AWS_DEFAULT_REGION"], "eu-west-1");
    assert_eq!(call().run().json()["event"], json!({"n": 1}));

    let run = call().env("AWS_SECRET_ACCESS_KEY", "wrong").run();
    let line = run.refusal(3);
    assert!(
        line.contains("InvalidSignatureException (HTTP 403)"),
        "{line}"
    );

    let run = call()
        .args(["--at", "2020-01-01T00:00:00Z", "--retry", "never"])
        .run();
    assert!(run.refusal(3).contains("Signature expired"), "{run:#?}");

    assert_eq!(endpoint.interrupt(), 0);
}

#[test]
fn a_command_is_run_with_the_variables_of_the_local_endpoint_and_ends_it() {
    let local = |line: &str| {
        LambdaHost::new(["local", "--", "sh", "-c", line])
            .env("PATH", std::env::var_os("PATH").unwrap())
            // Of somebody else.
            .env("AWS_PROFILE", "prod")
            .env("AWS_SESSION_TOKEN", "token")
    };
    let program = build::lambda_host();
    let invoke = format!(
        "{} invoke identity --payload '{{\"n\":1}}'",
        program.display()
    );
    let run = local(&invoke).run();
    assert_eq!((run.output(), run.stderr.as_str()), (r#"{"n":1}"#, ""));
    assert_eq!(local("exit 7").run().code, 7);
    assert_eq!(local("kill -9 $$").run().code, 137);

    let run = LambdaHost::new(["local", "--", "/no/such/program"]).run();
    let line = run.refusal(2);
    assert!(line.contains("/no/such/program"), "{line}");

    // A signal reaches the command, whose end is awaited.
    let mut running = local("trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done").start();
    let mut lines = BufReader::new(running.child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    running.signal(Signal::TERM);
    assert_eq!(running.wait(), 3);
}

#[test]
fn the_aws_cli_invokes_with_the_variables_of_the_local_endpoint() {
    let python = or_skip!(Venv::of(AWSCLI)).python();
    let line = format!(
        "'{}' -m awscli lambda invoke --function-name identity --payload '{{\"n\":1}}' out.json >&2 && cat out.json",
        python.display()
    );
    let run = LambdaHost::new(["local", "--region", "eu-west-1", "--", "sh", "-c", &line])
        .env("PATH", std::env::var_os("PATH").unwrap())
        .run();
    assert_eq!(run.output(), "{\"n\":1}", "{run:#?}");
}

#[test]
fn the_component_is_found_inside_the_program_or_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("lambda-host");
    fs::copy(build::lambda_host(), &program).unwrap();
    let run = || {
        LambdaHost::installed(&program)
            .args(["invoke", "identity", "--local", "--payload", "1"])
            .run()
    };
    // These tests are built like the program: with the component inside, or without.
    if option_env!("LAMBDA_COMPONENT_TO_EMBED").is_some() {
        assert_eq!(run().output(), "1");
        return;
    }
    let line = run();
    let line = line.refusal(2);
    assert!(line.contains("lambda-invocation.wasm"), "{line}");
    assert!(line.contains("--component"), "{line}");

    let component = directory.path().join("lambda-invocation.wasm");
    fs::copy(build::component(), component).unwrap();
    assert_eq!(run().output(), "1");
}

#[test]
fn what_is_no_component_is_refused_in_one_clear_line() {
    for content in [
        &b""[..],
        b"\0asm\x01\0\0\0",
        b"\0asm\x0d\0\x01\0",
        b"#!/bin/sh\n",
    ] {
        let run = local("echo")
            .args(["--payload", "{}", "--component", "other.wasm"])
            .file("other.wasm", content)
            .run();
        let line = run.refusal(2);
        assert!(line.contains("component"), "{line}");
    }
}

#[test]
fn inspect_lists_what_the_component_asks_of_its_host() {
    let run = LambdaHost::new(["inspect"]).run();
    let said = run.output();
    for name in [
        "wasi:http/outgoing-handler",
        "wasi:clocks/wall-clock",
        "wasi:random/random",
        "lambda:invocation/invoke",
    ] {
        assert!(said.contains(name), "{run:#?}");
    }
}
