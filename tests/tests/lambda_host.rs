//! `lambda-host` from its arguments to its streams and its exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_tests::build;
use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::{Keys, LambdaHost, Run};
use lambda_invocation_tests::server::{self, Server};
use serde_json::{Value, json};

/// The program with the endpoint it brings along.
fn local(function: &str) -> LambdaHost {
    LambdaHost::new(["invoke", function, "--local"])
}

/// The program with credentials and a region, and an endpoint of this machine.
fn remote(function: &str, url: &str) -> LambdaHost {
    LambdaHost::new(["invoke", function, "--region", "us-east-1"])
        .args(["--endpoint-url", url])
        .keys(&canary::keys())
}

// 0: done.

#[test]
fn standard_output_is_the_payload_and_nothing_else() {
    let run = local("echo")
        .args(["--payload", r#"{"name":"world"}"#])
        .run();
    assert_eq!(run.json()["event"], json!({"name": "world"}));
    assert_eq!(run.stderr, "");
}

#[test]
fn a_payload_goes_there_and_back_byte_for_byte() {
    for payload in [
        r#"{ "b": 1.50, "a" : [ 12345678901234567890, -0.0, 1e400 ] }"#,
        r#""<&>\u00e9 é \ud83d\ude00""#,
        " null\n",
        "0",
    ] {
        assert_eq!(
            local("identity")
                .args(["--payload", payload])
                .run()
                .output(),
            payload
        );
    }
}

#[test]
fn a_payload_is_read_from_a_file_or_from_standard_input() {
    let payload = "{\n  \"from\": \"elsewhere\"\n}\n";
    let from_file = local("identity")
        .file("event.json", payload)
        .args(["--payload-file", "event.json"])
        .run();
    assert_eq!(from_file.output(), payload);
    let from_stdin = local("identity")
        .args(["--payload-file", "-"])
        .stdin(payload)
        .run();
    assert_eq!(from_stdin.output(), payload);
}

#[test]
fn the_largest_payload_goes_through() {
    let payload = json_of_length(6_291_456);
    let run = local("identity")
        .args(["--payload-file", "-"])
        .stdin(payload.clone())
        .run();
    assert!(
        run.output() == payload,
        "{} bytes came back",
        run.stdout.len()
    );
}

#[test]
fn the_largest_response_comes_through() {
    let run = local("big")
        .args(["--payload", r#"{"bytes":6291556}"#])
        .run();
    assert_eq!(run.output().len(), 6_291_556);
}

#[test]
fn a_call_without_a_payload_sends_none() {
    let run = local("identity").run();
    assert_eq!(run.code, 0, "{run:#?}");
}

#[test]
fn an_event_prints_nothing_and_says_so() {
    let run = local("echo")
        .args(["--payload", "{}", "--invocation-type", "Event"])
        .run();
    assert_eq!(run.output(), "");
    assert!(run.stderr.contains("queued"), "{run:#?}");
}

#[test]
fn a_dry_run_prints_nothing_and_says_so() {
    let run = local("fail")
        .args(["--payload", "{}", "--invocation-type", "DryRun"])
        .run();
    assert_eq!(run.output(), "");
    assert!(run.stderr.contains("nothing ran"), "{run:#?}");
}

#[test]
fn logs_go_to_standard_error_decoded() {
    let run = local("log")
        .args(["--payload", r#"{"lines":["first line","zweite Zeile: ü"]}"#])
        .args(["--log-type", "Tail"])
        .run();
    assert_eq!(run.output(), "null");
    assert!(run.stderr.contains("first line\n"), "{run:#?}");
    assert!(run.stderr.contains("zweite Zeile: ü\n"), "{run:#?}");
}

#[test]
fn every_argument_reaches_the_function() {
    let run = local("echo:PROD")
        .args(["--payload", "{}", "--qualifier", "PROD"])
        .args(["--client-context", r#"{"custom":{"k":"v"}}"#])
        .args(["--tenant-id", "tenant  one"])
        .args(["--durable-execution-name", "order-17"])
        .run();
    let saw = &run.json()["saw"];
    assert_eq!(saw["qualifier"], "PROD", "{run:#?}");
    assert_eq!(saw["executed_version"], "1");
    assert_eq!(saw["client_context"], json!({"custom": {"k": "v"}}));
    assert_eq!(saw["tenant_id"], "tenant  one");
    assert_eq!(saw["durable_execution_name"], "order-17");
}

#[test]
fn every_form_of_name_reaches_the_function() {
    for (name, version) in [
        ("echo", "$LATEST"),
        ("echo:1", "1"),
        ("echo:PROD", "1"),
        ("echo:$LATEST", "$LATEST"),
        ("123456789012:function:echo", "$LATEST"),
        ("123456789012:function:echo:PROD", "1"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:echo",
            "$LATEST",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:echo:PROD",
            "1",
        ),
    ] {
        let run = local(name).args(["--payload", "{}"]).run();
        let saw = &run.json()["saw"];
        assert_eq!(saw["executed_version"], version, "{name}: {run:#?}");
    }
}

#[test]
fn the_json_document_has_the_keys_of_the_wit_package() {
    let run = local("log")
        .args(["--payload", r#"{"lines":"a line"}"#])
        .args(["--log-type", "Tail", "--output", "json"])
        .run();
    let document = run.json();
    let keys: BTreeSet<&str> = document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "attempts",
        "executed-version",
        "log-result",
        "log-tail",
        "payload",
        "request-id",
        "status-code",
    ];
    assert_eq!(keys, BTreeSet::from(expected));
    assert_eq!(document["status-code"], 200);
    assert_eq!(document["payload"], "null");
    assert_eq!(document["executed-version"], "$LATEST");
    assert_eq!(document["attempts"], 1);
    let sent = STANDARD
        .decode(document["log-result"].as_str().unwrap())
        .unwrap();
    assert_eq!(document["log-tail"], String::from_utf8(sent).unwrap());
}

#[test]
fn a_payload_that_is_not_text_is_in_base64() {
    let server = Server::start(|mut connection| {
        connection.read_request()?;
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\x00\xff\xfe\x80")?;
        connection.finish()
    });
    let run = remote("f", server.url())
        .args(["--payload", "{}", "--output", "json"])
        .run();
    let document = run.json();
    assert_eq!(
        document["payload-base64"],
        STANDARD.encode(b"\x00\xff\xfe\x80")
    );
    assert_eq!(document.get("payload"), None);
}

#[test]
fn what_is_throttled_at_first_succeeds_in_the_end() {
    let run = local("throttle")
        .args([
            "--payload",
            r#"{"times":1,"retry_after_ms":10,"retry_after":0}"#,
        ])
        .args(["--output", "json"])
        .run();
    let document = run.json();
    assert_eq!(document["attempts"], 2);
    assert_eq!(document["payload"], r#"{"attempts":2}"#);
}

#[test]
fn what_may_have_run_is_repeated_only_with_retry_idempotent() {
    for event in [r#"{"fail":2}"#, r#"{"fail":2,"drop":true}"#] {
        let run = local("flaky")
            .args(["--payload", event, "--retry", "idempotent"])
            .run();
        assert_eq!(run.json()["attempts"], 3);
    }
    local("flaky")
        .args(["--payload", r#"{"fail":1}"#])
        .run()
        .refusal(3);
    local("flaky")
        .args(["--payload", r#"{"fail":1,"drop":true}"#])
        .run()
        .refusal(4);
}

// 1: the function failed.

#[test]
fn a_function_that_fails_is_told_from_a_call_that_fails() {
    let run = local("fail")
        .args(["--payload", r#"{"message":"no such colour"}"#])
        .run();
    assert_eq!(run.code, 1, "{run:#?}");
    let payload: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(payload["errorMessage"], "no such colour");
    let mut lines = run.stderr.lines();
    let first = lines.next().unwrap();
    assert!(
        first.starts_with("the function failed (Unhandled): "),
        "{run:#?}"
    );
    assert!(first.ends_with(": no such colour"), "{run:#?}");
    assert!(lines.next().unwrap().starts_with("    "), "{run:#?}");
}

#[test]
fn the_failures_of_every_runtime_are_read() {
    for runtime in [
        "python", "node", "java", "go", "go-panic", "dotnet", "ruby", "custom", "exit",
    ] {
        let event = json!({"runtime": runtime, "message": "why it failed"}).to_string();
        let run = local("fail")
            .args(["--payload", &event, "--output", "json"])
            .run();
        assert_eq!(run.code, 1, "{runtime}: {run:#?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let error = &document["function-error"];
        assert!(error["kind"].is_string(), "{runtime}: {error}");
        assert!(error["error-message"].is_string(), "{runtime}: {error}");
        assert!(document["payload"].is_string(), "{runtime}: {document}");
    }
}

#[test]
fn a_function_that_runs_out_of_time_has_failed() {
    let run = local("sleep")
        .args(["--payload", r#"{"ms":5000,"timeout":1}"#])
        .run();
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("Sandbox.Timedout"), "{run:#?}");
    assert!(
        run.stderr.contains("Task timed out after 1.00 seconds"),
        "{run:#?}"
    );
}

// 2: bad arguments.

#[test]
fn bad_arguments_are_refused_in_one_clear_line() {
    let table: &[(&[&str], &[&str])] = &[
        (&["f", "--payload", "not JSON"], &["payload", "JSON"]),
        (&["f", "--payload", "{"], &["payload", "JSON"]),
        (&["my function", "--payload", "{}"], &["function-name"]),
        (&["", "--payload", "{}"], &["function-name"]),
        (&["f:PROD", "--qualifier", "TEST"], &["qualifier"]),
        (&["f", "--qualifier", "a b"], &["qualifier"]),
        (&["f", "--client-context", "{"], &["client-context", "JSON"]),
        (&["f", "--tenant-id", "a\u{e9}"], &["tenant-id"]),
        (
            &["f", "--durable-execution-name", "a b"],
            &["durable-execution-name"],
        ),
        (&["f", "--region", "mars north"], &["region"]),
        (&["f", "--region", "us-east-1.example.com/"], &["region"]),
        (
            &["arn:aws:lambda:eu-west-1:123456789012:function:f"],
            &["region"],
        ),
        (
            &["f", "--endpoint-url", "http://example.com"],
            &["endpoint-url", "http"],
        ),
        (
            &["f", "--endpoint-url", "https://user:pw@example.com"],
            &["endpoint-url"],
        ),
        (&["f", "--endpoint-url", "example.com"], &["endpoint-url"]),
        (
            &["f", "--endpoint-url", "ftp://example.com"],
            &["endpoint-url"],
        ),
        (&["f", "--max-attempts", "0"], &["max-attempts", "1 to 10"]),
        (&["f", "--max-attempts", "11"], &["max-attempts", "1 to 10"]),
        (
            &["f", "--payload-file", "missing.json"],
            &["payload-file", "missing.json"],
        ),
    ];
    for (arguments, expected) in table {
        let run = LambdaHost::new(["invoke"])
            .args(*arguments)
            .env("AWS_REGION", "us-east-1")
            .keys(&canary::keys())
            .run();
        let line = run.refusal(2);
        for text in *expected {
            assert!(line.contains(text), "{arguments:?}: {line}");
        }
        assert!(!canary::is_in(line), "{line}");
    }
}

#[test]
fn a_payload_over_the_limit_is_refused_in_one_clear_line() {
    for (length, more, limit) in [
        (6_291_457, &[][..], "6291456"),
        (1_048_577, &["--invocation-type", "Event"][..], "1048576"),
    ] {
        let run = local("identity")
            .args(["--payload-file", "-"])
            .args(more)
            .stdin(json_of_length(length))
            .run();
        let line = run.refusal(2).replace([',', '_'], "");
        assert!(line.contains("payload") && line.contains(limit), "{line}");
    }
}

#[test]
fn a_call_without_credentials_is_refused_in_one_clear_line() {
    let run = LambdaHost::new(["invoke", "f", "--region", "us-east-1"]).run();
    let line = run.refusal(2);
    assert!(line.contains("no credentials"), "{line}");
    assert!(line.contains("AWS_ACCESS_KEY_ID"), "{line}");
}

#[test]
fn a_call_without_a_region_is_refused_in_one_clear_line() {
    let run = LambdaHost::new(["invoke", "f"]).keys(&canary::keys()).run();
    let line = run.refusal(2);
    assert!(line.contains("no region"), "{line}");
    assert!(line.contains("AWS_REGION"), "{line}");
}

#[test]
fn a_call_with_an_unknown_profile_is_refused_in_one_clear_line() {
    let run = LambdaHost::new([
        "invoke",
        "f",
        "--region",
        "us-east-1",
        "--profile",
        "nobody",
    ])
    .run();
    let line = run.refusal(2);
    assert!(
        line.contains("nobody") || line.contains("profile"),
        "{line}"
    );
}

#[test]
fn a_profile_gives_credentials_and_a_region() {
    let run = LambdaHost::new(["prepare", "f", "--profile", "dev", "-v"])
        .file(".aws/config", "[profile dev]\nregion = eu-west-3\n")
        .file(
            ".aws/credentials",
            format!(
                "[dev]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {}\n",
                canary::keys().secret_access_key
            ),
        )
        .run();
    let authorization = run.json();
    let authorization = header(&authorization, "authorization");
    assert!(
        authorization.contains("Credential=AKIDPROFILE/"),
        "{authorization}"
    );
    assert!(
        authorization.contains("/eu-west-3/lambda/"),
        "{authorization}"
    );
    // What was asked with `-v`, and not more.
    assert!(run.stderr.starts_with("credentials: "), "{run:#?}");
    assert!(!canary::is_in(&run.stderr), "{run:#?}");
    assert!(!canary::is_in(&run.stdout), "{run:#?}");
}

#[test]
fn what_the_grammar_does_not_know_is_refused_with_help() {
    for arguments in [
        &["invoke"][..],
        &["invoke", "f", "--colour", "blue"],
        &["invoke", "f", "--invocation-type", "Sometimes"],
        &["invoke", "f", "--timeout", "soon"],
        &["invoke", "f", "--timeout", "0s"],
        &["invoke", "f", "--payload", "{}", "--payload-file", "-"],
        &["summon", "f"],
    ] {
        let run = LambdaHost::new(arguments).run();
        assert_eq!(run.code, 2, "{arguments:?}: {run:#?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(run.stderr.starts_with("error: "), "{arguments:?}: {run:#?}");
    }
}

// 3: the service refused.

#[test]
fn what_the_service_refuses_is_told_in_one_line() {
    let table: &[(&[&str], &str)] = &[
        (
            &["nothing", "--payload", "{}"],
            "ResourceNotFoundException (HTTP 404)",
        ),
        (
            &["echo:NEXT", "--payload", "{}"],
            "ResourceNotFoundException (HTTP 404)",
        ),
        (
            &["throttle", "--payload", "{}", "--retry", "never"],
            "throttled (ReservedFunctionConcurrentInvocationLimitExceeded)",
        ),
        (
            &[
                "flaky",
                "--payload",
                r#"{"status":502,"code":"KMSDisabledException"}"#,
            ],
            "KMSDisabledException (HTTP 502)",
        ),
    ];
    for (arguments, expected) in table {
        let run = LambdaHost::new(["invoke", "--local"])
            .args(*arguments)
            .run();
        let line = run.refusal(3);
        assert!(line.contains(expected), "{arguments:?}: {line}");
    }
}

#[test]
fn an_error_is_a_json_document_where_one_is_asked_for() {
    let run = local("nothing")
        .args(["--payload", "{}", "--output", "json"])
        .run();
    assert_eq!(run.code, 3, "{run:#?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let error = &document["error"]["service"];
    assert_eq!(error["code"], "ResourceNotFoundException", "{document}");
    assert_eq!(error["status"], 404, "{document}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
}

// 4: transport or timeout.

#[test]
fn a_refused_connection_is_told_in_one_line() {
    let (url, _bound) = server::refusing();
    let run = remote("f", &url)
        .args(["--payload", "{}", "--retry", "never"])
        .run();
    let line = run.refusal(4);
    assert!(line.contains("nothing was sent"), "{line}");
}

#[test]
fn a_server_that_never_answers_is_waited_for_as_long_as_allowed() {
    let server = Server::start(|mut connection| connection.wait_for_the_client());
    let run = remote("f", server.url())
        .args(["--payload", "{}", "--timeout", "1s"])
        .run();
    let line = run.refusal(4);
    assert!(line.contains("timed out after 1000 ms"), "{line}");
    assert!(run.took >= Duration::from_secs(1), "{run:#?}");
}

// 5: denied by the host's policy.

/// Where machines get their own credentials is not where functions are invoked.
#[test]
fn an_endpoint_the_host_does_not_permit_is_denied() {
    let metadata = "https://169.254.169.254";
    let call = || {
        remote("f", metadata)
            .args(["--payload", "{}", "--retry", "never"])
            .args(["--connect-timeout", "200ms", "--timeout", "5s"])
    };
    let run = call().run();
    let line = run.refusal(5);
    assert!(line.contains("denied by the host"), "{line}");
    assert!(
        line.contains(metadata) && line.contains("--allow"),
        "{line}"
    );

    // Nobody is there, but now the host would let it through.
    call().args(["--allow", metadata]).run().refusal(4);
}

// prepare

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

// local, inspect

#[test]
fn the_local_endpoint_serves_other_programs() {
    let mut endpoint = LambdaHost::new(["local", "--region", "eu-west-1"]).start();
    // What a shell evaluates.
    let settings: BTreeMap<String, String> = BufReader::new(endpoint.child.stdout.take().unwrap())
        .lines()
        .take(4)
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
fn the_component_is_found_beside_the_program() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("lambda-host");
    fs::copy(build::lambda_host(), &program).unwrap();
    let run = || {
        LambdaHost::installed(&program)
            .args(["invoke", "identity", "--local", "--payload", "1"])
            .run()
    };
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
fn a_reader_that_leaves_is_no_reason_to_panic() {
    let mut running = local("big")
        .args(["--payload", r#"{"bytes":6000000}"#])
        .start();
    drop(running.child.stdout.take());
    let mut said = String::new();
    let mut stderr = running.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    assert_ne!(running.wait(), 0);
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

// Secrets.

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

fn header<'a>(request: &'a Value, name: &str) -> &'a str {
    let headers = request["headers"].as_array().unwrap();
    let header = headers.iter().find(|header| header[0] == name).unwrap();
    header[1].as_str().unwrap()
}

fn json_of_length(length: usize) -> String {
    format!("\"{}\"", "x".repeat(length - 2))
}
