//! What goes wrong.

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_tests::canary;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::Reply;
use serde_json::json;

use super::{BEARER, Pairs, TOKEN, error, fresh, lambda, local};

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
    assert_eq!(reply.status, 424, "{reply:#?}");
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
        fresh().map(|options| {
            options
                .env("AWS_REGION", lambda.region())
                .env("AWS_MAX_ATTEMPTS", "1")
                .env("LAMBDA_INVOCATION_TOKEN", &token)
                .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        })
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
