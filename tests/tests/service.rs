//! The service component under `wasmtime serve`: precise cases against the local
//! endpoint, then the AWS CLI, boto3 and curl against it, with MiniStack for Lambda.

use std::fs::Permissions;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::build;
use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::peer;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::{Options, Reply, Service};
use lambda_invocation_tests::venv::{Package, Venv};
use lambda_invocation_tests::wasmtime;
use serde_json::{Value, json};

/// The value of `Some`; with `None` the test is skipped, which has been said.
macro_rules! or_skip {
    ($option:expr) => {
        match $option {
            Some(value) => value,
            None => return,
        }
    };
}

/// Names and values.
type Pairs<'a> = &'a [(&'a str, &'a str)];

const TOKEN: &str = "token-of-the-callers";
const BEARER: (&str, &str) = ("authorization", "Bearer token-of-the-callers");
const SESSION: (&str, &str) = ("x-amz-security-token", TOKEN);

/// A local endpoint of the test's own, which runs as long as the process.
fn lambda() -> &'static LocalEndpoint {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let endpoint = LocalEndpoint::builder().start().await;
            let endpoint: &'static _ = Box::leak(Box::new(endpoint.expect("a free port")));
            send.send(endpoint).expect("a test that waits");
            std::future::pending::<()>().await;
        });
    });
    receive.recv().expect("an endpoint that starts")
}

fn keys(lambda: &LocalEndpoint) -> Keys {
    let keys = lambda.credentials();
    Keys {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        session_token: keys.session_token.clone(),
    }
}

/// A service for all functions of an endpoint, which each call is sent to once.
fn options(url: &str, region: &str, keys: &Keys) -> Option<Options> {
    let options = Service::options()?
        .env("AWS_ENDPOINT_URL_LAMBDA", url)
        .env("AWS_REGION", region)
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        .keys(keys);
    Some(options)
}

fn local(lambda: &LocalEndpoint) -> Option<Options> {
    options(&lambda.url(), lambda.region(), &keys(lambda))
}

fn error(reply: &Reply) -> Value {
    reply.json()["error"].clone()
}

// Access.

#[test]
fn only_a_caller_with_the_token_gets_through() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let signed = (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=caller/20260830/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00",
    );
    let table: [(Pairs, u16); 7] = [
        (&[], 401),
        (&[("authorization", "Bearer token-of-the-caller")], 401),
        (&[("authorization", "Bearer token-of-the-callers-")], 401),
        (&[signed], 401),
        (&[signed, ("x-amz-security-token", "another")], 401),
        (&[BEARER], 200),
        (&[signed, SESSION], 200),
    ];
    for (headers, status) in table {
        let plain = service.post("/invoke/echo", headers, b"{}");
        assert_eq!(plain.status, status, "{headers:?} {plain:#?}");
        let sdk = service.post("/2015-03-31/functions/echo/invocations", headers, b"{}");
        let status = if status == 401 { 403 } else { status };
        assert_eq!(sdk.status, status, "{headers:?} {sdk:#?}");
        if status == 403 {
            assert!(sdk.header("x-amzn-errortype").is_some(), "{sdk:#?}");
            assert!(sdk.json()["Message"].is_string(), "{sdk:#?}");
        }
    }
    assert_eq!(lambda.counters().requests, 4);
}

#[test]
fn a_service_without_configuration_is_healthy_and_serves_nobody() {
    let service = or_skip!(Service::options()).start();
    let health = service.send("GET", "/healthz", &[], b"");
    assert_eq!((health.status, &*health.body), (200, r#"{"status":"ok"}"#));
    let reply = service.post("/invoke/echo", &[BEARER], b"{}");
    assert_eq!(reply.status, 403, "{reply:#?}");
    service.log_with("set LAMBDA_INVOCATION_TOKEN");
    assert!(!reply.body.contains("LAMBDA_INVOCATION"), "{reply:#?}");
}

#[test]
fn without_a_token_it_serves_when_told_so_but_no_web_page() {
    let lambda = lambda();
    let service = or_skip!(Service::options())
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .keys(&keys(lambda))
        .env("LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED", "true")
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "echo:PROD,identity")
        .start();
    for (path, headers, status) in [
        ("/invoke/identity", &[][..], 200),
        ("/invoke/identity:1", &[], 200),
        ("/invoke/echo:PROD", &[], 200),
        ("/invoke/echo?qualifier=PROD", &[], 200),
        ("/invoke/echo", &[], 403),
        ("/invoke/echo:1", &[], 403),
        ("/invoke/fail", &[], 403),
        (
            "/invoke/identity",
            &[("origin", "https://example.org")],
            403,
        ),
    ] {
        let reply = service.post(path, headers, b"{}");
        assert_eq!(reply.status, status, "{path} {reply:#?}");
    }
    assert_eq!(lambda.counters().requests, 4);
}

// What is forwarded.

#[test]
fn every_argument_reaches_lambda_and_no_credential_of_the_caller_does() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let reply = service.post(
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aecho/invocations?Qualifier=PROD",
        &[
            SESSION,
            ("authorization", "Bearer another"),
            ("content-type", "application/octet-stream"),
            ("x-amz-invocation-type", "RequestResponse"),
            ("x-amz-log-type", "Tail"),
            ("x-amz-client-context", "eyJhIjoxfQ=="),
            ("x-amz-tenant-id", "a  b"),
            ("x-amz-durable-execution-name", "order-17"),
            ("x-amz-date", "20000101T000000Z"),
            ("amz-sdk-invocation-id", "the-caller"),
            ("cookie", "caller=1"),
        ],
        br#"{"n":1}"#,
    );
    assert_eq!(reply.status, 200, "{reply:#?}");
    assert_eq!(reply.header("x-amz-executed-version"), Some("1"));
    assert!(reply.header("x-amz-log-result").is_some(), "{reply:#?}");
    assert!(reply.header("x-amzn-requestid").is_some(), "{reply:#?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let payload = reply.json();
    assert_eq!(payload["event"], json!({"n": 1}));
    let saw = &payload["saw"];
    assert_eq!(saw["qualifier"], "PROD");
    assert_eq!(saw["client_context"], json!({"a": 1}));

    let invocations = lambda.invocations();
    let [invocation] = invocations.as_slice() else {
        panic!("{invocations:#?}");
    };
    let sent = |name: &str| {
        let value = invocation.headers.get(name)?;
        Some(value.to_str().expect("visible ASCII").to_owned())
    };
    assert_eq!(sent("x-amz-tenant-id").as_deref(), Some("a  b"));
    assert_eq!(
        sent("x-amz-durable-execution-name").as_deref(),
        Some("order-17")
    );
    assert!(
        sent("authorization")
            .unwrap()
            .starts_with("AWS4-HMAC-SHA256")
    );
    assert_eq!(sent("x-amz-security-token"), None);
    assert_eq!(sent("cookie"), None);
    assert_ne!(sent("amz-sdk-invocation-id").as_deref(), Some("the-caller"));
}

#[test]
fn events_and_dry_runs_are_answered_without_a_body() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    for path in ["/invoke/echo", "/2015-03-31/functions/echo/invocations"] {
        for (kind, status) in [("Event", 202), ("DryRun", 204)] {
            let reply = service.post(path, &[BEARER, ("x-amz-invocation-type", kind)], b"{}");
            assert_eq!((reply.status, &*reply.body), (status, ""), "{reply:#?}");
        }
    }
}

#[test]
fn a_small_call_needs_no_more_than_1_2_mb_of_memory() {
    let lambda = lambda();
    let service = or_skip!(local(lambda))
        .option("-Wmax-memory-size=1200000")
        .start();
    let reply = service.post("/invoke/identity", &[BEARER], b"{}");
    assert_eq!((reply.status, &*reply.body), (200, "{}"));
}

#[test]
fn payloads_up_to_the_limit_pass_both_ways_in_16_mb_of_memory() {
    let lambda = lambda();
    let service = or_skip!(local(lambda))
        .option("-Wmax-memory-size=16000000")
        .start();
    let payload = format!("\"{}\"", "x".repeat(6_291_456 - 2));
    let reply = service.post("/invoke/identity", &[BEARER], payload.as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.head);
    assert!(reply.body == payload);
}

#[test]
fn callers_at_the_same_time_get_their_own_answers() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    thread::scope(|scope| {
        for caller in 0..16 {
            let service = &service;
            scope.spawn(move || {
                for call in 0..4 {
                    let payload = format!("[{caller},{call}]");
                    let reply = service.post("/invoke/identity", &[BEARER], payload.as_bytes());
                    assert_eq!((reply.status, reply.body), (200, payload));
                }
            });
        }
    });
}

// What goes wrong.

#[test]
fn a_function_error_is_a_502_with_its_report() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let reply = service.post(
        "/invoke/fail",
        &[BEARER],
        br#"{"message":"no such colour"}"#,
    );
    assert_eq!(reply.status, 502, "{reply:#?}");
    assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
    let error = error(&reply);
    assert_eq!(error["type"], "ValueError");
    assert_eq!(error["message"], "no such colour");
    assert_eq!(error["function_error"], "Unhandled");
    assert_eq!(error["function_may_have_run"], true);
    assert!(error["stack_trace"][0].is_string(), "{error}");
    assert!(error["request_id"].is_string(), "{error}");

    let sdk = service.post("/2015-03-31/functions/fail/invocations", &[BEARER], b"{}");
    assert_eq!(sdk.status, 200, "{sdk:#?}");
    assert_eq!(sdk.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(sdk.json()["errorType"], "ValueError");
}

#[test]
fn refusals_have_their_statuses_and_say_why() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let event = ("x-amz-invocation-type", "Event");
    let large = format!("\"{}\"", "x".repeat(1_048_576));
    let table: [(&str, Pairs, &str, u16, &str); 10] = [
        (
            "/invoke/nothing",
            &[],
            "{}",
            404,
            "ResourceNotFoundException",
        ),
        (
            "/invoke/echo:NEXT",
            &[],
            "{}",
            404,
            "ResourceNotFoundException",
        ),
        (
            "/invoke/echo",
            &[],
            "{",
            400,
            "InvalidRequestContentException",
        ),
        (
            "/invoke/echo:a?qualifier=b",
            &[],
            "{}",
            400,
            "InvalidParameterValueException",
        ),
        (
            "/invoke/e%20cho",
            &[],
            "{}",
            400,
            "InvalidParameterValueException",
        ),
        (
            "/invoke/echo",
            &[("x-amz-client-context", "?")],
            "{}",
            400,
            "InvalidParameterValueException",
        ),
        (
            "/invoke/echo",
            &[event],
            &large,
            413,
            "RequestEntityTooLargeException",
        ),
        (
            "/invoke/echo",
            &[("content-encoding", "br")],
            "{}",
            415,
            "UnsupportedMediaTypeException",
        ),
        ("/elsewhere", &[], "{}", 404, "UnknownOperationException"),
        ("/healthz", &[], "{}", 405, "MethodNotAllowedException"),
    ];
    for (path, headers, body, status, code) in table {
        let headers = [&[BEARER], headers].concat();
        let reply = service.post(path, &headers, body.as_bytes());
        assert_eq!(reply.status, status, "{path} {reply:#?}");
        assert_eq!(error(&reply)["type"], code, "{path}");
        assert_eq!(error(&reply)["function_may_have_run"], false, "{path}");
    }
    assert_eq!(lambda.counters().ran, 0);
}

#[test]
fn throttling_is_a_429_with_the_time_to_wait() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let event = br#"{"retry_after":7,"reason":"CallerRateLimitExceeded"}"#;
    let plain = service.post("/invoke/throttle", &[BEARER], event);
    assert_eq!(plain.status, 429, "{plain:#?}");
    assert_eq!(plain.header("retry-after"), Some("7"));
    assert_eq!(error(&plain)["reason"], "CallerRateLimitExceeded");
    let sdk = service.post(
        "/2015-03-31/functions/throttle/invocations",
        &[BEARER],
        event,
    );
    assert_eq!(sdk.status, 429, "{sdk:#?}");
    assert_eq!(sdk.header("retry-after"), Some("7"));
    assert_eq!(
        sdk.header("x-amzn-errortype"),
        Some("TooManyRequestsException")
    );
    assert_eq!(sdk.json()["Reason"], "CallerRateLimitExceeded");
}

#[test]
fn a_timeout_says_that_the_function_may_have_run() {
    let lambda = lambda();
    let service = or_skip!(local(lambda))
        .env("LAMBDA_INVOCATION_TIMEOUT_MS", "300")
        .start();
    let started = Instant::now();
    let reply = service.post("/invoke/sleep", &[BEARER], br#"{"ms":60000}"#);
    assert_eq!(reply.status, 504, "{reply:#?}");
    assert_eq!(error(&reply)["type"], "GatewayTimeoutException");
    assert_eq!(error(&reply)["function_may_have_run"], true);
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_payload_over_the_limit_is_refused_before_and_while_it_is_read() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    // Announced, and never sent.
    let headers = [BEARER, ("content-length", "6291457")];
    let reply = service.send("POST", "/invoke/echo", &headers, b"");
    assert_eq!(reply.status, 413, "{reply:#?}");
    // Not announced.
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(0x10_0000)).repeat(7) + "0\r\n\r\n";
    let headers = [BEARER, ("transfer-encoding", "chunked")];
    let reply = service.send("POST", "/invoke/echo", &headers, chunk.as_bytes());
    assert_eq!(reply.status, 413, "{reply:#?}");
    // Sent by a client that reads no answer before it has sent all.
    let reply = service.post("/invoke/echo", &[BEARER], &vec![b' '; 7_000_000]);
    assert_eq!(reply.status, 413, "{reply:#?}");
    assert_eq!(lambda.counters().requests, 0);
}

#[test]
fn a_payload_that_does_not_arrive_in_time_is_given_up() {
    let lambda = lambda();
    let service = or_skip!(local(lambda))
        .env("LAMBDA_INVOCATION_BODY_TIMEOUT_MS", "300")
        .start();
    let head = format!(
        "POST /invoke/echo HTTP/1.1\r\nhost: service\r\n{}: {}\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n",
        BEARER.0, BEARER.1
    );
    for trickles in [false, true] {
        let started = Instant::now();
        let mut stream = service.connect();
        stream.write_all(head.as_bytes()).unwrap();
        let mut sender = stream.try_clone().unwrap();
        let trickle = thread::spawn(move || {
            // Until the service closes the connection.
            while trickles && sender.write_all(b" ").is_ok() {
                thread::sleep(Duration::from_millis(20));
                if started.elapsed() > Duration::from_secs(20) {
                    return;
                }
            }
        });
        let reply = Reply::read(stream);
        assert_eq!(reply.status, 408, "{reply:#?}");
        assert!(started.elapsed() < Duration::from_secs(20));
        trickle.join().unwrap();
    }
    // One that ends early.
    let mut stream = service.connect();
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    drop(stream);
    assert_eq!(service.send("GET", "/healthz", &[], b"").status, 200);
    assert_eq!(lambda.counters().requests, 0);
}

#[test]
fn nothing_in_a_request_becomes_a_header_or_another_path() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    for path in [
        "/invoke/echo%0d%0ax-injected:%201",
        "/invoke/echo%00",
        "/invoke/..%2f..%2fhealthz",
        "/invoke/%2e%2e",
        "/invoke/echo%",
        "/invoke/echo%ff",
        "/invoke/echo?qualifier=1%0d%0ax-injected:%201",
        "/invoke/echo?qualifier=1%26Qualifier=2",
        "/invoke/echo?x=y",
        "/2015-03-31/functions/echo%2f..%2ffail/invocations",
        "/2015-03-31/functions/echo%3fQualifier=1/invocations",
    ] {
        let reply = service.post(path, &[BEARER], b"{}");
        assert_eq!(reply.status, 400, "{path} {reply:#?}");
        assert_eq!(reply.header("x-injected"), None, "{path}");
    }
    for path in [
        "/invoke/../healthz",
        "/invoke//",
        "/invoke/a/b",
        "//invoke/echo",
    ] {
        let reply = service.post(path, &[BEARER], b"{}");
        assert_eq!(reply.status, 404, "{path} {reply:#?}");
    }
    assert_eq!(lambda.counters().requests, 0);
}

#[test]
fn no_secret_is_in_an_answer_or_in_the_log() {
    let lambda = lambda();
    let canary = canary::keys();
    let token = canary.session_token.clone().unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let payload = canary::payload();
    let fresh = || {
        Some(
            Service::options()?
                .env("AWS_REGION", lambda.region())
                .env("AWS_MAX_ATTEMPTS", "1")
                .env("LAMBDA_INVOCATION_TOKEN", &token)
                .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*"),
        )
    };
    // What AWS says of the service's credentials is for its log, and quotes none.
    let quoting = Server::start(|mut connection| {
        let request = connection.read_request()?;
        let said = format!("The Canonical String for this request: {}", request.head);
        let body = json!({"message": said}).to_string();
        connection.send(format!(
            "HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: InvalidSignatureException\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))?;
        connection.finish()
    });
    let services = [
        (
            fresh().map(|o| {
                o.env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
                    .keys(&canary)
            }),
            500,
        ),
        (
            fresh().map(|o| {
                o.env("AWS_ENDPOINT_URL_LAMBDA", quoting.url())
                    .keys(&canary)
            }),
            500,
        ),
        (
            fresh().map(|o| {
                o.env("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1")
                    .keys(&canary)
            }),
            502,
        ),
        (
            fresh().map(|o| o.env("AWS_SECRET_ACCESS_KEY", &canary.secret_access_key)),
            503,
        ),
        (
            fresh().map(|o| {
                o.env("AWS_ENDPOINT_URL_LAMBDA", "http://cAnArY:cAnArY@h")
                    .keys(&canary)
            }),
            500,
        ),
        (
            fresh().map(|o| {
                o.env("LAMBDA_INVOCATION_TIMEOUT_MS", "cAnArY")
                    .keys(&canary)
            }),
            500,
        ),
    ];
    for (options, status) in services {
        let service = or_skip!(options).start();
        for path in ["/invoke/echo", "/2015-03-31/functions/echo/invocations"] {
            let reply = service.post(path, &headers, payload.as_bytes());
            assert_eq!(reply.status, status, "{reply:#?}");
            // The cause is in the log, and nowhere else.
            let log = service.log_with(&format!("HTTP {status}: "));
            let all = format!("{}{}{log}", reply.head, reply.body);
            assert!(!canary::is_in(&all), "{all}");
            for internal in ["AWS_", "127.0.0.1", "LAMBDA_INVOCATION", "Signature"] {
                assert!(!reply.body.contains(internal), "{reply:#?}");
            }
        }
    }
    // A caller's wrong token and bad payload are not quoted, either.
    let service = or_skip!(local(lambda)).start();
    let wrong = service.post("/invoke/echo", &headers, payload.as_bytes());
    let broken = service.post("/invoke/echo", &[BEARER], format!("{payload}!").as_bytes());
    assert_eq!((wrong.status, broken.status), (401, 400));
    for text in [wrong.body, broken.body, service.log()] {
        assert!(!canary::is_in(&text) && !text.contains(TOKEN), "{text}");
    }
}

// The service's own credentials.

#[test]
fn credentials_come_from_a_container_where_there_are_none_in_the_environment() {
    let lambda = lambda();
    let container = container(&keys(lambda));
    let service = or_skip!(without_keys(lambda))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .start();
    let reply = service.post("/invoke/identity", &[BEARER], b"[1]");
    assert_eq!(
        (reply.status, &*reply.body),
        (200, "[1]"),
        "{}",
        service.log()
    );
}

/// Other hosts do so unasked.
#[test]
fn an_instance_that_serves_many_keeps_credentials_and_nothing_of_its_callers() {
    let lambda = lambda();
    let container = container(&keys(lambda));
    let service = or_skip!(without_keys(lambda))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .option("--max-instance-reuse-count=100")
        .option("--idle-instance-timeout=60s")
        .start();
    for call in 0..8 {
        let payload = format!("[{call}]");
        let tail = ("x-amz-log-type", "Tail");
        let first = service.post("/invoke/identity:1", &[BEARER, tail], payload.as_bytes());
        assert_eq!((first.status, &first.body), (200, &payload));
        let second = service.post("/invoke/echo", &[BEARER], b"{}");
        assert_eq!(second.header("x-amz-log-result"), None, "{second:#?}");
        assert_eq!(second.json()["saw"]["qualifier"], Value::Null);
        let third = service.post("/invoke/echo", &[], b"{}");
        assert_eq!(third.status, 401, "{third:#?}");
        let refused = service.post("/invoke/echo", &[BEARER], &vec![b' '; 6_300_000]);
        assert_eq!(refused.status, 413, "{refused:#?}");
    }
    // An instance that is still busy with the end of a request has another one started
    // beside it, so there may be more than one; without reuse there would be 16.
    assert!((1..16).contains(&container.connections()), "{container:?}");
}

#[test]
fn credentials_come_from_files_where_the_host_grants_them() {
    let lambda = lambda();
    let keys = keys(lambda);
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".aws");
    std::fs::create_dir(&directory).unwrap();
    let file = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys.access_key_id, keys.secret_access_key
    );
    std::fs::write(directory.join("credentials"), file).unwrap();
    let service = or_skip!(without_keys(lambda))
        .env("HOME", "/home/guest")
        .grant(&directory, "/home/guest/.aws")
        .start();
    let reply = service.post("/invoke/identity", &[BEARER], b"[1]");
    assert_eq!(
        (reply.status, &*reply.body),
        (200, "[1]"),
        "{}",
        service.log()
    );
}

/// What a container is given, by a server that counts.
fn container(keys: &Keys) -> Server {
    let document = json!({
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Expiration": "2999-01-01T00:00:00Z",
    })
    .to_string();
    Server::start(move |mut connection| {
        connection.read_request()?;
        connection.send(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}",
            document.len()
        ))?;
        connection.finish()
    })
}

fn without_keys(lambda: &LocalEndpoint) -> Option<Options> {
    Some(
        Service::options()?
            .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
            .env("AWS_REGION", lambda.region())
            .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
            .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*"),
    )
}

// Real clients.

const BOTO3: Package = Package {
    name: "boto3",
    version: "1.44.5",
    requirements: include_str!("../peers/boto3.txt"),
};

const AWSCLI: Package = Package {
    name: "awscli",
    version: "1.46.2",
    requirements: include_str!("../peers/awscli.txt"),
};

fn python(package: Package) -> Option<PathBuf> {
    match Venv::of(package) {
        Ok(venv) => Some(venv.python()),
        Err(reason) => {
            peer::skip(&reason);
            None
        }
    }
}

/// A service in front of MiniStack.
fn before_ministack() -> Option<Service> {
    let ministack = MiniStack::shared()?;
    Some(options(&ministack.url, REGION, &ministack.made.caller)?.start())
}

/// Makes calls with boto3.
fn with_boto3(service: &Service, token: &str, calls: &Value) -> Option<Vec<Value>> {
    let output = Command::new(python(BOTO3)?)
        .args(["-c", include_str!("../peers/invoke_with_boto3.py")])
        .args([service.url(), token, &calls.to_string()])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("an installed Python");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).expect("what invoke_with_boto3.py prints"))
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

/// `aws lambda invoke` with these arguments; the file it writes is the payload.
fn aws(service: &Service, token: &str, arguments: &[&str]) -> Option<(Output, String)> {
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
        .env("AWS_MAX_ATTEMPTS", "1")
        .stdin(Stdio::null())
        .output()
        .expect("an installed Python");
    Some((output, std::fs::read_to_string(out).unwrap_or_default()))
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
fn curl(arguments: &[&str]) -> Option<(String, String)> {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60"])
        .args(["--write-out", "\n%{http_code}"])
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            peer::skip(&format!("cannot run curl: {error}"));
            return None;
        }
    };
    assert!(output.status.success(), "{arguments:?} {output:?}");
    let text = String::from_utf8(output.stdout).expect("an answer in UTF-8");
    let (body, status) = text.rsplit_once('\n').expect("what --write-out prints");
    Some((status.to_owned(), body.to_owned()))
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

/// All of them in one shell, as a reader would, with the local endpoint for Lambda.
#[test]
fn the_commands_of_the_readme_work() {
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("## Run it as a service\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks: Vec<&str> = section
        .split("```sh\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap().trim())
        .collect();
    let [serve, curl, aws] = blocks.as_slice() else {
        panic!("{blocks:#?}");
    };

    let program = match wasmtime::program(wasmtime::PACKAGE) {
        Ok(program) => program,
        Err(reason) => return peer::skip(&reason),
    };
    let python = or_skip!(python(AWSCLI));
    for tool in ["curl", "openssl"] {
        if let Err(error) = Command::new(tool).arg("--version").output() {
            return peer::skip(&format!("cannot run {tool}: {error}"));
        }
    }
    let home = tempfile::tempdir().unwrap();
    let bin = home.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    symlink(program, bin.join("wasmtime")).unwrap();
    let script = format!("#!/bin/sh\nexec '{}' -m awscli \"$@\"\n", python.display());
    std::fs::write(bin.join("aws"), script).unwrap();
    std::fs::set_permissions(bin.join("aws"), Permissions::from_mode(0o755)).unwrap();

    let lambda = lambda();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = port.unwrap().port();
    let serve = serve
        .replace(
            "wasmtime serve",
            &format!(
                "wasmtime serve --env AWS_ENDPOINT_URL_LAMBDA={}",
                lambda.url()
            ),
        )
        .replace(
            "target/components/lambda-invocation-service.wasm",
            &build::service_component().display().to_string(),
        );
    let script = format!(
        "{serve} &\ntrap \"kill $!\" EXIT\n\
         for i in $(seq 300); do curl --silent http://127.0.0.1:8080/healthz && break; sleep 0.1; done\n\
         {curl}\n{aws}\ncat out.json\n"
    );
    let script = script
        .replace("my-function", "identity")
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
    let path = std::env::var("PATH").unwrap_or_default();
    let keys = keys(lambda);
    let output = Command::new("sh")
        .args(["-e", "-c", &script])
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("AWS_REGION", lambda.region())
        .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:#?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let said = r#"{"name":"world"}"#;
    assert!(
        stdout.starts_with(&format!("{{\"status\":\"ok\"}}{said}")),
        "{stdout}"
    );
    assert!(stdout.contains("\"StatusCode\": 200"), "{stdout}");
    assert!(stdout.ends_with(said), "{stdout}");
}
