//! The access log, and the numbers.

use lambda_invocation_tests::canary;
use lambda_invocation_tests::service::Service;
use serde_json::Value;

use super::{BEARER, keys, lambda};

#[test]
fn requests_are_logged_and_counted_and_no_secret_is_in_it() {
    let lambda = lambda();
    let token = canary::keys().session_token.expect("a token");
    let bearer = format!("Bearer {token}");
    let bearer = ("authorization", bearer.as_str());
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("access.log");
    let service = Service::lambda_host(None)
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .env("LAMBDA_INVOCATION_TOKEN", &token)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        .keys(&keys(lambda))
        .option("--metrics-listen=127.0.0.1:0")
        .option(&format!("--access-log={}", log.display()))
        .start();
    let payload = canary::payload();
    let table = [
        ("POST", "/invoke/identity?qualifier=1", 200, "ok"),
        ("POST", "/invoke/identity?secret=cAnArY", 400, "refused"),
        (
            "POST",
            "/2015-03-31/functions/fail/invocations",
            200,
            "function_error",
        ),
        ("POST", "/invoke/fail", 502, "function_error"),
        ("POST", "/invoke/throttle", 429, "throttled"),
        ("POST", "/invoke/flaky", 424, "failed"),
        ("GET", "/healthz", 200, "ok"),
        ("GET", "/elsewhere", 404, "refused"),
    ];
    let mut ids = Vec::new();
    for (method, path, status, _) in table {
        let payload = match path {
            "/invoke/throttle" | "/invoke/flaky" => "{}",
            _ => &payload,
        };
        let length = payload.len().to_string();
        let headers = [bearer, ("content-length", length.as_str())];
        let reply = match method {
            "GET" => service.send(method, path, &[bearer], b""),
            _ => service.send(method, path, &headers, payload.as_bytes()),
        };
        assert_eq!(reply.status, status, "{path} {reply:#?}");
        ids.push(reply.header("x-request-id").expect("an id").to_owned());
    }
    service.wait_for_metric("lambda_invocation_requests_in_flight", 0.0);
    let mut lines: Vec<Value> = Vec::new();
    while lines.len() < table.len() {
        let text = std::fs::read_to_string(&log).unwrap();
        lines = text
            .lines()
            .map_while(|line| serde_json::from_str(line).ok())
            .collect();
    }
    for ((method, path, status, outcome), id) in table.into_iter().zip(&ids) {
        let line = lines
            .iter()
            .find(|line| line["id"] == **id)
            .expect("a line");
        assert_eq!(line["method"], method);
        assert_eq!(line["path"], path.split('?').next().unwrap(), "{line}");
        assert_eq!(
            (&line["status"], &line["outcome"]),
            (&status.into(), &outcome.into())
        );
        assert_eq!(line["caller"], "127.0.0.1");
        assert!(line["duration_ms"].as_f64().unwrap() > 0.0, "{line}");
        let time = line["time"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.len() == 24, "{line}");
        let is_sent = matches!(outcome, "ok" | "function_error" | "throttled" | "failed");
        let is_sent = is_sent && method == "POST";
        assert_eq!(line["attempts"].as_u64().unwrap() > 0, is_sent, "{line}");
        assert_eq!(line["request_id"].is_string(), is_sent, "{line}");
    }
    let count = |route: &str, outcome: &str| {
        let labels = format!("{{route=\"{route}\",outcome=\"{outcome}\"}}");
        service.metric(&format!("lambda_invocation_requests_total{labels}"))
    };
    assert_eq!(count("invoke", "ok"), 1.0);
    assert_eq!(count("invoke", "function_error"), 1.0);
    assert_eq!(count("api", "function_error"), 1.0);
    assert_eq!(count("invoke", "throttled"), 1.0);
    assert_eq!(count("healthz", "ok"), 1.0);
    assert_eq!(count("other", "refused"), 1.0);
    assert_eq!(
        service.metric("lambda_invocation_request_duration_seconds_count"),
        6.0
    );
    assert!(service.metric("lambda_invocation_throttles_total") >= 1.0);
    let all = [
        std::fs::read_to_string(&log).unwrap(),
        service.metrics(),
        service.log(),
    ];
    for text in all {
        assert!(!canary::is_in(&text), "{text}");
        assert!(!text.contains(&keys(lambda).secret_access_key), "{text}");
    }
}

#[test]
fn without_a_file_the_access_log_goes_to_standard_error() {
    let lambda = lambda();
    let service = super::local(lambda).expect("our own host").start();
    assert_eq!(service.send("GET", "/healthz", &[], b"").status, 200);
    let log = service.log_with("\"path\":\"/healthz\"");
    for line in log.lines() {
        let line: Result<Value, _> = serde_json::from_str(line);
        assert!(line.is_ok_and(|line| line["time"].is_string()), "{log}");
    }
}

#[test]
fn only_the_page_with_the_numbers_is_on_the_second_address() {
    let lambda = lambda();
    let service = super::local(lambda)
        .expect("our own host")
        .option("--metrics-listen=127.0.0.1:0")
        .start();
    assert!(
        service
            .metrics()
            .contains("# TYPE lambda_invocation_requests_total counter")
    );
    assert_eq!(service.send("GET", "/metrics", &[], b"").status, 404);
}

#[test]
fn a_stream_that_breaks_off_has_failed_and_its_caller_has_not_left() {
    let lambda = lambda();
    let service = super::local(lambda)
        .expect("our own host")
        .option("--metrics-listen=127.0.0.1:0")
        .start();
    let ends = ["cut", "fail"];
    for end in ends {
        let event = format!(r#"{{"pieces":1,"ms":1,"end":"{end}"}}"#);
        let reply = service.post("/stream/drip", &[BEARER], event.as_bytes());
        assert_eq!(reply.status, 200, "{reply:#?}");
    }
    let failed = "lambda_invocation_requests_total{route=\"invoke\",outcome=\"failed\"}";
    service.wait_for_metric(failed, ends.len() as f64);
}
