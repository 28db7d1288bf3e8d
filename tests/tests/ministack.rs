//! The component against MiniStack: an implementation of Lambda's Invoke, of IAM
//! and of SigV4 that shares no line with this project.

#![cfg(test)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_tests::lambda_host::{Keys, LambdaHost};
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::or_skip;
use serde_json::{Value, json};

fn anonymous(ministack: &MiniStack, function: &str) -> LambdaHost {
    LambdaHost::new(["invoke", function])
        .env("AWS_REGION", REGION)
        .args(["--endpoint-url", &ministack.url])
}

fn invoke(ministack: &MiniStack, function: &str) -> LambdaHost {
    anonymous(ministack, function).keys(&ministack.made.caller)
}

#[test]
fn a_synchronous_call_returns_what_the_function_returned() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "echo")
        .args(["--payload", r#"{"name":"wörld","n":1}"#])
        .run();
    assert_eq!(
        run.json(),
        json!({"event": {"name": "wörld", "n": 1}, "version": "$LATEST"})
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_streamed_answer_is_read_and_so_is_a_failure_in_it() {
    let ministack = or_skip!(MiniStack::shared());
    for transport in ["--transport=component", "--transport=host"] {
        let run = invoke(ministack, "echo")
            .args(["--payload", r#"{"n":1}"#, "--stream", transport])
            .run();
        assert_eq!(run.json(), json!({"event": {"n": 1}, "version": "$LATEST"}));
        let failed = invoke(ministack, "fail")
            .args(["--payload", "{}", "--stream", transport])
            .run();
        assert_eq!(failed.code, 1, "{failed:#?}");
        assert!(failed.stdout.contains("no such colour"), "{failed:#?}");
        let nothing = invoke(ministack, "nothing")
            .args(["--stream", transport])
            .run();
        assert!(nothing.refusal(3).contains("ResourceNotFoundException"));
    }
}

#[test]
fn the_json_document_says_what_lambda_said() {
    let ministack = or_skip!(MiniStack::shared());
    let document = invoke(ministack, "echo")
        .args(["--payload", "{}", "--output", "json"])
        .run()
        .json();
    assert_eq!(document["status-code"], 200);
    assert_eq!(document["executed-version"], "$LATEST");
    assert_eq!(document["attempts"], 1);
    assert!(document["request-id"].is_string(), "{document}");
    let payload: Value = serde_json::from_str(document["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["event"], json!({}));
}

/// MiniStack ignores what these ask for, but checks that it was signed.
#[test]
fn every_argument_that_travels_in_a_header_is_signed() {
    let ministack = or_skip!(MiniStack::shared());
    for (argument, value) in [
        ("--client-context", r#"{"custom":{"colour":"blue"}}"#),
        ("--tenant-id", "tenant"),
        // Signed with one space, sent with two.
        ("--tenant-id", "a  b @ c=d"),
        ("--durable-execution-name", "order-17"),
        ("--log-type", "None"),
        ("--invocation-type", "RequestResponse"),
    ] {
        let run = invoke(ministack, "echo")
            .args(["--payload", "{}", argument, value])
            .run();
        assert_eq!(run.json()["event"], json!({}), "{argument} {value}");
    }
}

#[test]
fn an_event_is_accepted() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "echo")
        .args([
            "--payload",
            "{}",
            "--invocation-type",
            "Event",
            "--output",
            "json",
        ])
        .run();
    assert_eq!(run.json()["status-code"], 202);
}

#[test]
fn a_dry_run_is_accepted() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "echo")
        .args([
            "--payload",
            "{}",
            "--invocation-type",
            "DryRun",
            "--output",
            "json",
        ])
        .run();
    assert_eq!(run.json()["status-code"], 204);
}

#[test]
fn the_log_tail_is_shown() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "echo")
        .args(["--payload", "{}", "--log-type", "Tail"])
        .run();
    assert_eq!(run.json()["event"], json!({}));
    assert!(run.stderr.contains("echo was called"), "{run:#?}");
}

/// Every way to name a version: the path and the query are signed differently in
/// each.
#[test]
fn every_form_of_name_and_qualifier_reaches_its_version() {
    let ministack = or_skip!(MiniStack::shared());
    let arn = &ministack.made.functions["echo"];
    let table = [
        ("echo".to_owned(), None, "$LATEST"),
        ("echo".to_owned(), Some("$LATEST"), "$LATEST"),
        ("echo".to_owned(), Some("1"), "1"),
        ("echo".to_owned(), Some("PROD"), "1"),
        ("echo:1".to_owned(), None, "1"),
        ("echo:PROD".to_owned(), None, "1"),
        ("echo:PROD".to_owned(), Some("PROD"), "1"),
        ("echo:$LATEST".to_owned(), None, "$LATEST"),
        (arn.clone(), None, "$LATEST"),
        (arn.clone(), Some("PROD"), "1"),
        (format!("{arn}:PROD"), None, "1"),
        (format!("{arn}:$LATEST"), None, "$LATEST"),
    ];
    for (name, qualifier, version) in table {
        let mut host = invoke(ministack, &name).args(["--payload", "{}", "--output", "json"]);
        if let Some(qualifier) = qualifier {
            host = host.args(["--qualifier", qualifier]);
        }
        let run = host.run();
        assert_eq!(
            run.json()["executed-version"],
            version,
            "{name} with {qualifier:?}: {run:#?}"
        );
    }
}

/// MiniStack takes the account for the name; but before that it checks the
/// signature.
#[test]
fn a_partial_arn_is_signed_as_it_is_sent() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "000000000000:function:echo:PROD")
        .args(["--payload", "{}"])
        .run();
    let line = run.refusal(3);
    assert!(line.contains("(HTTP 404)"), "{line}");
}

#[test]
fn a_function_error_comes_with_its_structure() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "fail")
        .args(["--payload", "{}", "--log-type", "Tail", "--output", "json"])
        .run();
    assert_eq!(run.code, 1, "{run:#?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let error = &document["function-error"];
    assert_eq!(error["kind"], "Unhandled");
    assert_eq!(error["error-type"], "ValueError");
    assert_eq!(error["error-message"], "no such colour");
    let frames = error["stack-trace"].as_array().unwrap();
    assert!(
        frames
            .iter()
            .any(|frame| frame.as_str().unwrap().contains("in handler")),
        "{error}"
    );
    assert_eq!(document["status-code"], 200);
    // The log is there on failure, too.
    let log = document["log-tail"].as_str().unwrap();
    assert!(log.contains("about to fail"), "{log}");
    // What people see says the same.
    assert!(
        run.stderr.contains("ValueError: no such colour"),
        "{run:#?}"
    );
}

#[test]
fn a_function_that_runs_out_of_time_is_a_function_error() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "slow")
        .args(["--payload", "{}", "--output", "json"])
        .run();
    assert_eq!(run.code, 1, "{run:#?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let error = &document["function-error"];
    assert_eq!(error["error-type"], "Sandbox.Timedout");
    let message = error["error-message"].as_str().unwrap();
    assert!(
        message.contains("Task timed out after 1.00 seconds"),
        "{error}"
    );
}

#[test]
fn what_does_not_exist_is_not_found() {
    let ministack = or_skip!(MiniStack::shared());
    for (name, qualifier) in [("nothing", "$LATEST"), ("echo", "7"), ("echo", "NEXT")] {
        let run = invoke(ministack, name)
            .args(["--payload", "{}", "--qualifier", qualifier])
            .run();
        let line = run.refusal(3);
        assert!(
            line.contains("ResourceNotFoundException (HTTP 404)"),
            "{line}"
        );
    }
}

#[test]
fn the_region_signed_for_is_the_one_asked() {
    let ministack = or_skip!(MiniStack::shared());
    // Each region has functions of its own; this one has none.
    let run = invoke(ministack, "echo")
        .args(["--payload", "{}", "--region", "eu-west-3"])
        .run();
    assert!(run.refusal(3).contains("ResourceNotFoundException"));
}

#[test]
fn a_function_without_concurrency_is_throttled() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "throttled")
        .args(["--payload", "{}", "--retry", "never"])
        .run();
    let line = run.refusal(3);
    assert!(
        line.contains("throttled (ReservedFunctionConcurrentInvocationLimitExceeded)"),
        "{line}"
    );
}

#[test]
fn a_throttled_call_is_repeated_as_often_as_allowed() {
    let ministack = or_skip!(MiniStack::shared());
    let run = invoke(ministack, "throttled")
        .args(["--payload", "{}", "--max-attempts", "2", "--timeout", "20s"])
        .run();
    let line = run.refusal(3);
    assert!(line.contains("throttled"), "{line}");
}

#[test]
fn temporary_credentials_are_accepted_with_their_token_only() {
    let ministack = or_skip!(MiniStack::shared());
    let session = &ministack.made.session;
    let run = anonymous(ministack, "echo")
        .args(["--payload", "{}"])
        .keys(session)
        .run();
    assert_eq!(run.json()["event"], json!({}));

    let without = Keys {
        session_token: None,
        ..session.clone()
    };
    let run = anonymous(ministack, "echo")
        .args(["--payload", "{}"])
        .keys(&without)
        .run();
    assert!(run.refusal(3).contains("(HTTP 403)"), "{run:#?}");
}

#[test]
fn wrong_credentials_are_refused_with_advice() {
    let ministack = or_skip!(MiniStack::shared());
    let caller = &ministack.made.caller;
    let table = [
        (
            Keys {
                secret_access_key: "0000000000000000000000000000000000000000".to_owned(),
                ..caller.clone()
            },
            "InvalidSignatureException",
            "AWS_SECRET_ACCESS_KEY",
        ),
        (
            Keys {
                access_key_id: "AKIA00000000000000ZZ".to_owned(),
                ..caller.clone()
            },
            "UnrecognizedClientException",
            "AWS_ACCESS_KEY_ID",
        ),
        (
            ministack.made.stranger.clone(),
            "AccessDeniedException",
            "lambda:InvokeFunction",
        ),
    ];
    for (keys, code, advice) in table {
        let run = anonymous(ministack, "echo")
            .args(["--payload", "{}"])
            .keys(&keys)
            .run();
        let line = run.refusal(3);
        assert!(line.contains(&format!("{code} (HTTP 403)")), "{line}");
        assert!(line.contains(advice), "{line}");
        assert!(!line.contains(&keys.secret_access_key), "{line}");
    }
}

#[test]
fn a_clock_that_is_off_is_refused_with_advice() {
    let ministack = or_skip!(MiniStack::shared());
    // `--at` freezes the clock, so that what corrects it cannot hide the refusal.
    for (at, said, advice) in [
        (
            "2020-01-01T00:00:00Z",
            "Signature expired",
            "the clock is behind",
        ),
        (
            "2099-01-01T00:00:00Z",
            "Signature not yet current",
            "the clock is ahead",
        ),
    ] {
        let run = invoke(ministack, "echo")
            .args(["--payload", "{}", "--at", at, "--retry", "never"])
            .run();
        let line = run.refusal(3);
        assert!(line.contains(said), "{line}");
        assert!(line.contains(advice), "{line}");
    }
}

/// The signature covers all it must, whoever sends it.
#[test]
fn what_prepare_prints_is_accepted_from_any_client() {
    let ministack = or_skip!(MiniStack::shared());
    let request = LambdaHost::new(["prepare", "echo:PROD", "--payload", r#"{"n":1}"#])
        .args(["--log-type", "Tail", "--tenant-id", "a  b"])
        .args(["--endpoint-url", &ministack.url])
        .env("AWS_REGION", REGION)
        .keys(&ministack.made.session)
        .run()
        .json();

    let path = request["url"]
        .as_str()
        .unwrap()
        .strip_prefix(&ministack.url)
        .unwrap();
    let body = STANDARD.decode(request["body"].as_str().unwrap()).unwrap();
    let mut head = format!(
        "{} {path} HTTP/1.1\r\n",
        request["method"].as_str().unwrap()
    );
    for header in request["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!(
        "content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );

    let address = ministack.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(&[head.as_bytes(), &body].concat())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(r#"{"n": 1}"#), "{answer}");
}

/// `lifecycle` and `ephemeral` with the file of a table.
fn managed(ministack: &MiniStack, arguments: &[&str], config: &str) -> LambdaHost {
    LambdaHost::new(arguments)
        .file("config.toml", config)
        .args(["--region", REGION, "--endpoint-url", &ministack.url])
        .keys(&ministack.made.caller)
}

#[test]
fn a_managed_invocation_is_created_updated_and_deleted() {
    let ministack = or_skip!(MiniStack::shared());
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    let config = |colour: &str| {
        format!(
            "[invocation.paint]\nfunction_name = \"echo\"\nlifecycle_scope = \"CRUD\"\n\
             input = {{ colour = \"{colour}\" }}\n"
        )
    };
    let run = |verb: &str, colour: &str| {
        let config_file: &[&str] = match verb {
            "destroy" => &[],
            _ => &["--config", "config.toml"],
        };
        managed(ministack, &["lifecycle", verb], &config(colour))
            .args(config_file)
            .args(["--state".as_ref(), state.as_os_str()])
            .args(["--output", "json"])
            .run()
            .json()["invocation"]["paint"]
            .clone()
    };
    let sent = |document: &Value| -> Value {
        let result: Value = serde_json::from_str(document["result"].as_str().unwrap()).unwrap();
        result["event"].clone()
    };

    let created = run("apply", "red");
    assert_eq!(created["action"], "create");
    assert_eq!(
        sent(&created),
        json!({"colour": "red", "tf": {"action": "create", "prev_input": null}})
    );
    let updated = run("apply", "blue");
    assert_eq!(updated["action"], "update");
    assert_eq!(
        sent(&updated),
        json!({"colour": "blue", "tf": {"action": "update", "prev_input": {"colour": "red"}}})
    );
    assert_eq!(run("plan", "blue")["action"], "no-op");
    assert_eq!(run("destroy", "blue")["action"], "delete");
}

#[test]
fn an_ephemeral_answer_goes_to_standard_output() {
    let ministack = or_skip!(MiniStack::shared());
    let config = "[ephemeral.secret]\nfunction_name = \"echo\"\npayload = { length = 32 }\n";
    let arguments = ["ephemeral", "open", "--config", "config.toml"];
    let run = managed(ministack, &arguments, config).run();
    assert_eq!(run.json()["event"], json!({"length": 32}));
    assert_eq!(run.stderr, "");
}
