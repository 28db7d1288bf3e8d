//! Real clients: the AWS CLI, boto3 and curl, with MiniStack for Lambda.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::service::Service;
use lambda_invocation_tests::venv::{AWSCLI, Package, Venv};
use serde_json::{Value, json};

use super::{SESSION, TOKEN, lambda, local, options};

pub(crate) const BOTO3: Package = Package {
    name: "boto3",
    version: "1.44.5",
    requirements: include_str!("../../peers/boto3.txt"),
};

fn python(package: Package) -> Result<PathBuf, String> {
    Ok(Venv::of(package)?.python())
}

/// A service in front of MiniStack.
fn before_ministack() -> Result<Service, String> {
    let ministack = MiniStack::shared()?;
    Ok(options(&ministack.url, REGION, &ministack.made.caller)?.start())
}

/// Makes calls with boto3, each once.
fn with_boto3(service: &Service, token: &str, calls: &Value) -> Result<Vec<Value>, String> {
    let once = json!({"total_max_attempts": 1});
    boto3(service.url(), token, calls, &once)
}

/// Makes calls with boto3, and repeats them as `retries` says.
pub fn boto3(url: &str, token: &str, calls: &Value, retries: &Value) -> Result<Vec<Value>, String> {
    let output = Command::new(python(BOTO3)?)
        .args(["-c", include_str!("../../peers/invoke_with_boto3.py")])
        .args([url, token, &calls.to_string(), &retries.to_string()])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("an installed Python");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout).expect("what invoke_with_boto3.py prints"))
}

#[test]
fn boto3_invokes_through_the_service() {
    let service = or_skip!(before_ministack());
    let calls = json!([
        {"FunctionName": "echo", "Payload": r#"{"n":1}"#},
        {"FunctionName": "echo", "Qualifier": "PROD", "LogType": "Tail", "ClientContext": "e30="},
        {"FunctionName": "echo", "InvocationType": "Event", "Payload": "{}"},
        {"FunctionName": "echo", "InvocationType": "DryRun"},
        {"FunctionName": "fail", "Payload": "{}"},
        {"FunctionName": "nothing", "Payload": "{}"},
        {"FunctionName": "throttled", "Payload": "{}"},
        {"FunctionName": "echo", "Payload": "no JSON"},
    ]);
    let answers = or_skip!(with_boto3(&service, TOKEN, &calls));
    let [
        sync,
        tail,
        event,
        dry_run,
        failed,
        missing,
        throttled,
        no_json,
    ] = answers.as_slice()
    else {
        panic!("{answers:#?}");
    };
    assert_eq!(sync["status"], 200, "{sync}");
    let payload: Value = serde_json::from_str(sync["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload, json!({"event": {"n": 1}, "version": "$LATEST"}));
    assert_eq!(sync["version"], "$LATEST");
    assert!(sync["request-id"].is_string(), "{sync}");
    assert_eq!(tail["version"], "1", "{tail}");
    assert!(
        tail["log"].as_str().unwrap().contains("echo was called"),
        "{tail}"
    );
    assert_eq!(event["status"], 202, "{event}");
    assert_eq!(dry_run["status"], 204, "{dry_run}");
    assert_eq!(failed["status"], 200, "{failed}");
    assert_eq!(failed["function-error"], "Unhandled");
    assert!(
        failed["payload"]
            .as_str()
            .unwrap()
            .contains("no such colour")
    );
    assert_eq!(
        missing["exception"], "ResourceNotFoundException",
        "{missing}"
    );
    assert_eq!(missing["status"], 404);
    assert_eq!(missing["type"], "User");
    assert_eq!(
        throttled["exception"], "TooManyRequestsException",
        "{throttled}"
    );
    assert_eq!(
        throttled["reason"],
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    );
    assert_eq!(
        no_json["exception"], "InvalidRequestContentException",
        "{no_json}"
    );
}

#[test]
fn boto3_sees_the_errors_of_lambda_and_of_the_service() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let large = format!("\"{}\"", "x".repeat(6_291_456));
    let calls = json!([
        {"FunctionName": "throttle", "Payload": r#"{"retry_after":7}"#},
        {"FunctionName": "flaky", "Payload": r#"{"status":502,"code":"KMSDisabledException"}"#},
        {"FunctionName": "flaky", "Payload": r#"{"drop":true}"#},
        {"FunctionName": "echo", "TenantId": "a  b", "DurableExecutionName": "order-17"},
    ]);
    let answers = or_skip!(with_boto3(&service, TOKEN, &calls));
    let [throttled, disabled, dropped, tenant] = answers.as_slice() else {
        panic!("{answers:#?}");
    };
    assert_eq!(
        throttled["exception"], "TooManyRequestsException",
        "{throttled}"
    );
    assert_eq!(throttled["retry-after"], "7");
    assert_eq!(disabled["exception"], "KMSDisabledException", "{disabled}");
    assert_eq!(disabled["status"], 502);
    assert_eq!(dropped["code"], "BadGatewayException", "{dropped}");
    let payload: Value = serde_json::from_str(tenant["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["saw"]["durable_execution_name"], "order-17");

    let answers = or_skip!(with_boto3(
        &service,
        "another-token-than-theirs",
        &json!([{"FunctionName": "echo"}])
    ));
    assert_eq!(answers[0]["code"], "UnrecognizedClientException");
    assert_eq!(answers[0]["status"], 403);

    // Too long for a command line.
    let reply = service.post(
        "/2015-03-31/functions/echo/invocations",
        &[SESSION],
        large.as_bytes(),
    );
    assert_eq!(
        (reply.status, reply.header("x-amzn-errortype")),
        (413, Some("RequestEntityTooLargeException"))
    );
}

/// `aws lambda invoke` with these arguments, once; the file it writes is the payload.
fn aws(service: &Service, token: &str, arguments: &[&str]) -> Result<(Output, String), String> {
    aws_with(service, token, arguments, &[("AWS_MAX_ATTEMPTS", "1")])
}

/// The same with these variables.
pub fn aws_with(
    service: &Service,
    token: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<(Output, String), String> {
    let home = tempfile::tempdir().expect("a temporary directory");
    let out = home.path().join("out.json");
    let output = Command::new(python(AWSCLI)?)
        .args(["-m", "awscli", "lambda", "invoke"])
        .args(arguments)
        .arg(&out)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ENDPOINT_URL_LAMBDA", service.url())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "caller")
        .env("AWS_SECRET_ACCESS_KEY", "caller")
        .env("AWS_SESSION_TOKEN", token)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("an installed Python");
    Ok((output, std::fs::read_to_string(out).unwrap_or_default()))
}

#[test]
fn the_aws_cli_invokes_through_the_service() {
    let service = or_skip!(before_ministack());
    let table: [(&[&str], &str, &str); 5] = [
        (
            &["--function-name", "echo", "--payload", r#"{"n":1}"#],
            r#"{"n": 1}"#,
            "\"StatusCode\": 200",
        ),
        (
            &["--function-name", "echo:PROD", "--log-type", "Tail"],
            "\"1\"",
            "LogResult",
        ),
        (
            &["--function-name", "echo", "--invocation-type", "Event"],
            "",
            "\"StatusCode\": 202",
        ),
        (
            &["--function-name", "echo", "--invocation-type", "DryRun"],
            "",
            "\"StatusCode\": 204",
        ),
        (
            &["--function-name", "fail"],
            "no such colour",
            "\"FunctionError\": \"Unhandled\"",
        ),
    ];
    for (arguments, payload, metadata) in table {
        let (output, written) = or_skip!(aws(&service, TOKEN, arguments));
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{arguments:?} {output:?}");
        assert!(written.contains(payload), "{arguments:?} {written}");
        assert!(stdout.contains(metadata), "{arguments:?} {stdout}");
    }
    for (function, token, code) in [
        ("nothing", TOKEN, "ResourceNotFoundException"),
        ("throttled", TOKEN, "TooManyRequestsException"),
        (
            "echo",
            "another-token-than-theirs",
            "UnrecognizedClientException",
        ),
    ] {
        let (output, _) = or_skip!(aws(&service, token, &["--function-name", function]));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{function}");
        assert!(stderr.contains(code), "{function} {stderr}");
    }
}

/// curl with these arguments: the status it prints, and what the service sent.
fn curl(arguments: &[&str]) -> Result<(String, String), String> {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60"])
        .args(["--write-out", "\n%{http_code}"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run curl: {error}"))?;
    assert!(output.status.success(), "{arguments:?} {output:?}");
    let text = String::from_utf8(output.stdout).expect("an answer in UTF-8");
    let (body, status) = text.rsplit_once('\n').expect("what --write-out prints");
    Ok((status.to_owned(), body.to_owned()))
}

#[test]
fn curl_invokes_through_the_service() {
    let service = or_skip!(before_ministack());
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let url = |path: &str| format!("{}{path}", service.url());
    let table: [(&str, &[&str], &str, &str); 8] = [
        ("/healthz", &[], "200", "ok"),
        (
            "/invoke/echo",
            &["-H", &bearer, "-d", r#"{"n":1}"#],
            "200",
            r#"{"n": 1}"#,
        ),
        (
            "/invoke/echo:PROD",
            &["-H", &bearer, "-d", "{}"],
            "200",
            "\"1\"",
        ),
        (
            "/invoke/echo?qualifier=PROD",
            &["-H", &bearer, "-d", "{}"],
            "200",
            "\"1\"",
        ),
        (
            "/invoke/echo",
            &[
                "-H",
                &bearer,
                "-H",
                "X-Amz-Invocation-Type: Event",
                "-d",
                "{}",
            ],
            "202",
            "",
        ),
        (
            "/invoke/fail",
            &["-H", &bearer, "-d", "{}"],
            "502",
            "ValueError",
        ),
        (
            "/invoke/throttled",
            &["-H", &bearer, "-d", "{}"],
            "429",
            "TooManyRequestsException",
        ),
        (
            "/invoke/echo",
            &["-d", "{}"],
            "401",
            "MissingAuthenticationTokenException",
        ),
    ];
    for (path, arguments, status, text) in table {
        let (got, body) = or_skip!(curl(&[arguments, &[&url(path)]].concat()));
        assert_eq!(got, status, "{path} {body}");
        assert!(body.contains(text), "{path} {body}");
    }
    // It asks before it sends what is large: nothing is sent in vain.
    let large = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(large.path(), vec![b' '; 7_000_000]).unwrap();
    let data = format!("@{}", large.path().display());
    let (status, _) = or_skip!(curl(&[
        "-H",
        &bearer,
        "--data-binary",
        &data,
        &url("/invoke/echo")
    ]));
    assert_eq!(status, "413");
}
