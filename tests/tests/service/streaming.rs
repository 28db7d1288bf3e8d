//! Answers that are passed on as they come.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::service::{Reply, Service};
use lambda_invocation_tests::venv::Venv;
use serde_json::{Value, json};

use super::clients::BOTO3;
use super::{BEARER, SESSION, TOKEN, error, lambda, local};

fn with_boto3(
    url: &str,
    region: &str,
    keys: &[&str; 3],
    calls: &Value,
) -> Result<Vec<Value>, String> {
    let output = Command::new(Venv::of(BOTO3)?.python())
        .args(["-c", include_str!("../../peers/stream_with_boto3.py")])
        .args([url, region, &json!(keys).to_string(), &calls.to_string()])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("an installed Python");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Ok(serde_json::from_slice(&output.stdout).expect("what stream_with_boto3.py prints"))
}

fn ends() -> Value {
    let call = |end: &str| {
        let payload = format!(r#"{{"pieces":2,"ms":1,"end":"{end}"}}"#);
        json!({"FunctionName": "drip", "Payload": payload})
    };
    json!([
        {"FunctionName": "drip", "Payload": r#"{"pieces":2,"ms":1}"#, "LogType": "Tail", "Qualifier": "PROD"},
        call("fail"),
        call("exception"),
        call("checksum"),
        call("cut"),
        {"FunctionName": "nowhere", "Payload": "{}"},
    ])
}

fn as_boto3_sees_them(answers: &[Value]) {
    let [whole, failed, exception, checksum, cut, nowhere] = answers else {
        panic!("{answers:#?}");
    };
    let pieces = json!(["piece 1 \n", "piece 2 \n"]);
    for answer in [whole, failed, exception, checksum, cut] {
        assert_eq!(
            (&answer["chunks"], &answer["status"]),
            (&pieces, &json!(200)),
            "{answer}"
        );
    }
    assert_eq!(
        (&whole["version"], &whole["error"]),
        (&json!("1"), &Value::Null)
    );
    assert!(
        whole["log"].as_str().unwrap().contains("END RequestId"),
        "{whole}"
    );
    assert_eq!(
        (&failed["complete"], &failed["error"]),
        (&json!(true), &json!("Unhandled"))
    );
    assert!(
        failed["details"].as_str().unwrap().contains("ValueError"),
        "{failed}"
    );
    assert_eq!(exception["exception"], "EventStreamError", "{exception}");
    assert_eq!(checksum["exception"], "ChecksumMismatch", "{checksum}");
    assert!(cut["exception"].is_string(), "{cut}");
    assert_eq!(
        nowhere["exception"], "ResourceNotFoundException",
        "{nowhere}"
    );
}

#[test]
fn boto3_reads_the_streams_of_the_local_endpoint() {
    let lambda = lambda();
    let keys = lambda.credentials();
    let token = keys.session_token.as_deref().unwrap_or_default();
    let keys = [&*keys.access_key_id, &*keys.secret_access_key, token];
    let answers = or_skip!(with_boto3(&lambda.url(), lambda.region(), &keys, &ends()));
    as_boto3_sees_them(&answers);
}

#[test]
fn boto3_reads_them_through_the_service() {
    let service = or_skip!(local(lambda())).start();
    let keys = ["caller", "caller", TOKEN];
    let answers = or_skip!(with_boto3(service.url(), "us-east-1", &keys, &ends()));
    as_boto3_sees_them(&answers);
    service.log_with("a stream broke off");
}

fn post(service: &Service, event: &str) -> Reply {
    service.post("/stream/drip", &[BEARER], event.as_bytes())
}

/// The content of a chunked body, and whether it has its end.
fn unchunked(body: &str) -> (String, bool) {
    let mut content = String::new();
    let mut rest = body;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("the size of a chunk");
        if size == 0 {
            return (content, true);
        }
        let Some(chunk) = after.get(..size) else {
            break;
        };
        content += chunk;
        rest = after.get(size + 2..).unwrap_or_default();
    }
    (content, false)
}

#[test]
fn plain_clients_get_what_the_function_writes() {
    let service = or_skip!(local(lambda())).start();
    let reply = post(&service, r#"{"pieces":3,"ms":1}"#);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        reply.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
    assert!(reply.header("x-amzn-requestid").is_some());
    let all = "piece 1 \npiece 2 \npiece 3 \n".to_owned();
    assert_eq!(unchunked(&reply.body), (all, true));
    // Nothing at all is an answer, too.
    let reply = post(&service, r#"{"pieces":0}"#);
    assert_eq!(
        (reply.status, reply.header("content-length")),
        (200, Some("0"))
    );
    let dry = [BEARER, ("x-amz-invocation-type", "DryRun")];
    assert_eq!(service.post("/stream/drip", &dry, b"{}").status, 204);
}

#[test]
fn what_fails_before_the_first_piece_is_told_by_the_status() {
    let service = or_skip!(local(lambda())).start();
    let failed = post(&service, r#"{"pieces":0,"end":"fail"}"#);
    assert_eq!(
        (failed.status, &error(&failed)["type"]),
        (502, &json!("ValueError"))
    );
    let broken = post(&service, r#"{"pieces":0,"end":"cut"}"#);
    assert_eq!(broken.status, 424, "{broken:?}");
    assert_eq!(error(&broken)["function_may_have_run"], true);
    let nowhere = service.post("/stream/nowhere", &[BEARER], b"{}");
    assert_eq!(nowhere.status, 404);
    let event = [BEARER, ("x-amz-invocation-type", "Event")];
    let refused = service.post("/stream/drip", &event, b"{}");
    assert_eq!(refused.status, 400, "{refused:?}");
    let stranger = service.post("/stream/drip", &[], b"{}");
    assert_eq!(stranger.status, 401);
    let path = "/2021-11-15/functions/drip/response-streaming-invocations";
    assert_eq!(service.post(path, &[], b"{}").status, 403);
    let dry = [SESSION, ("x-amz-invocation-type", "DryRun")];
    assert_eq!(service.post(path, &dry, b"{}").status, 204);
}

/// No status can say it any more: what was sent is visibly not all.
#[test]
fn what_fails_after_the_first_piece_has_no_proper_end() {
    let service = or_skip!(local(lambda())).start();
    for end in ["fail", "cut", "missing", "checksum", "unknown", "exception"] {
        let event = format!(r#"{{"pieces":1,"ms":1,"end":"{end}"}}"#);
        let reply = post(&service, &event);
        assert_eq!(reply.status, 200, "{end}");
        assert_eq!(
            unchunked(&reply.body),
            ("piece 1 \n".to_owned(), false),
            "{end}"
        );
    }
    let log = service.log_with("ServiceException");
    assert!(
        log.contains("lambda-invocation-service: a stream broke off: "),
        "{log}"
    );
    assert!(
        !log.contains("ValueError"),
        "the function's own error is not the operator's"
    );
}

fn begin(service: &Service, path: &str, event: &str) -> BufReader<TcpStream> {
    let (name, value) = BEARER;
    let length = event.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: service\r\n{name}: {value}\r\ncontent-length: {length}\r\n\r\n{event}"
    );
    let mut connection = service.connect();
    connection.write_all(head.as_bytes()).unwrap();
    let mut reader = BufReader::new(connection);
    let mut status = String::new();
    reader.read_line(&mut status).unwrap();
    assert_eq!(status, "HTTP/1.1 200 OK\r\n");
    reader
}

/// Megabytes that a process has had in memory at most.
fn most_memory(service: &Service) -> u64 {
    let path = format!("/proc/{}/status", service.process_id());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() / 1024
}

fn wait_until_all_are_over(endpoint: &LocalEndpoint) {
    let started = Instant::now();
    while !endpoint.invocations().iter().all(|one| one.finished) {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "it is still written"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_endless_answer_is_not_held_however_slowly_it_is_read() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let event = r#"{"endless":true,"ms":0,"bytes":1048576}"#;
    for path in [
        "/stream/drip",
        "/2021-11-15/functions/drip/response-streaming-invocations",
    ] {
        let mut reader = begin(&service, path, event);
        // What nobody reads is not fetched.
        thread::sleep(Duration::from_millis(500));
        let before = most_memory(&service);
        let mut taken = 0;
        let mut buffer = vec![0; 1 << 20];
        while taken < 110 << 20 {
            taken += reader.read(&mut buffer).unwrap();
        }
        let after = most_memory(&service);
        assert!(after < before + 60, "{before} MB became {after} MB");
        drop(reader);
        wait_until_all_are_over(lambda);
    }
}

#[test]
fn a_caller_who_takes_nothing_is_given_up() {
    let lambda = lambda();
    let options = or_skip!(local(lambda));
    let options = options.env("LAMBDA_INVOCATION_BODY_TIMEOUT_MS", "300");
    let service = options.start();
    let event = r#"{"endless":true,"ms":0,"bytes":1048576}"#;
    let reader = begin(&service, "/stream/drip", event);
    wait_until_all_are_over(lambda);
    drop(reader);
}
