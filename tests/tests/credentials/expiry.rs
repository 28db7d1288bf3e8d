//! Credentials that expire on the way, and when sources are asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::wasmtime::{HOME, Wasmtime};
use serde_json::json;
use time::OffsetDateTime;

use crate::{FAILED, answer, document, fails, respond};

/// A Lambda that calls the first `expired` requests' credentials expired.
fn lambda(expired: usize) -> Server {
    let asked = AtomicUsize::new(0);
    respond(move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < expired {
            let body = r#"{"message":"The security token included in the request is expired"}"#;
            answer(
                "403 Forbidden\r\nx-amzn-errortype: ExpiredTokenException",
                body,
            )
        } else {
            answer("200 OK", r#"{"event":{}}"#)
        }
    })
}

#[test]
fn credentials_that_expired_are_fetched_anew_once() {
    for (expired, retry, code, asked) in [
        (1, "safe", 0, 2),
        (9, "safe", FAILED, 2),
        (1, "never", FAILED, 1),
    ] {
        let ids = Arc::new(Mutex::new(Vec::new()));
        let lambda = lambda(expired);
        let container = {
            let ids = Arc::clone(&ids);
            respond(move |_| {
                let mut ids = ids.lock().unwrap();
                let mut keys = canary::keys();
                keys.access_key_id = format!("AKIA{}", ids.len());
                ids.push(());
                answer("200 OK", &document(&keys))
            })
        };
        let run = or_skip!(Wasmtime::new(["invoke", "echo", "--retry", retry]))
            .args(["--region", "us-east-1", "--endpoint-url", lambda.url()])
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
            .run();
        assert_eq!(run.code, code, "{run:#?}");
        assert_eq!(lambda.connections(), asked, "{run:#?}");
        assert_eq!(container.connections(), asked, "{run:#?}");
        assert!(!canary::is_in(&run.stderr), "{run:#?}");
        if code != 0 {
            assert!(run.stderr.contains("ExpiredTokenException"), "{run:#?}");
        }
    }
}

#[test]
fn a_call_whose_credentials_cannot_be_fetched_anew_ends_with_what_lambda_said() {
    let asked = AtomicUsize::new(0);
    let lambda = respond(move |_| {
        let (status, kind) = match asked.fetch_add(1, Ordering::SeqCst) {
            // This attempt may have run, so nothing may say that the call was not made.
            0 => ("500 Internal Server Error", "ServiceException"),
            _ => ("403 Forbidden", "ExpiredTokenException"),
        };
        answer(
            &format!("{status}\r\nx-amzn-errortype: {kind}"),
            r#"{"message":"no"}"#,
        )
    });
    let fetched = AtomicUsize::new(0);
    let container = respond(move |_| match fetched.fetch_add(1, Ordering::SeqCst) {
        0 => answer("200 OK", &document(&canary::keys())),
        _ => answer("403 Forbidden", r#"{"message":"gone"}"#),
    });
    let run = or_skip!(Wasmtime::new(["invoke", "echo", "--retry", "idempotent"]))
        .args(["--region", "us-east-1", "--endpoint-url", lambda.url()])
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .run();
    assert_eq!(run.code, FAILED, "{run:#?}");
    assert!(run.stderr.contains("ExpiredTokenException"), "{run:#?}");
    assert_eq!(lambda.connections(), 2, "{run:#?}");
}

#[test]
fn fetched_credentials_serve_later_calls_until_shortly_before_they_expire() {
    let config = json!({"invocation": {
        "a": {"function_name": "echo", "input": "{}"},
        "b": {"function_name": "echo", "input": "{}"},
    }});
    // Those that expire within five minutes are fetched for every call.
    let soon = OffsetDateTime::now_utc() + Duration::from_secs(200);
    for (expiration, asked) in [("2999-01-01T00:00:00Z".to_owned(), 1), (rfc3339(soon), 2)] {
        let lambda = lambda(0);
        let body = document(&canary::keys()).replace("2999-01-01T00:00:00Z", &expiration);
        let container = respond(move |_| answer("200 OK", &body));
        let files = ["--config", "config.json", "--state", "state.json"];
        let run = or_skip!(Wasmtime::new(["lifecycle", "apply"]))
            .args(files.map(|word| match word.strip_suffix(".json") {
                Some(_) => format!("{HOME}/{word}"),
                None => word.to_owned(),
            }))
            .args(["--region", "us-east-1", "--endpoint-url", lambda.url()])
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
            .file("config.json", config.to_string())
            .run();
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(lambda.connections(), 2, "{run:#?}");
        assert_eq!(container.connections(), asked, "{run:#?}");
    }
}

/// A time as AWS writes it.
fn rfc3339(time: OffsetDateTime) -> String {
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let month = u8::from(month);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[test]
fn credentials_of_the_environment_that_expired_are_an_error_at_once() {
    let lambda = lambda(1);
    let run = or_skip!(Wasmtime::new(["invoke", "echo", "--region", "us-east-1"]))
        .args(["--endpoint-url", lambda.url()])
        .keys(&canary::keys())
        .run();
    assert!(
        run.refusal(FAILED).contains("ExpiredTokenException"),
        "{run:#?}"
    );
    assert_eq!(lambda.connections(), 1);
}

#[test]
fn nothing_is_fetched_for_a_call_that_is_refused() {
    let container = respond(|_| answer("200 OK", &document(&canary::keys())));
    let run = or_skip!(Wasmtime::new(["invoke", "no such name!"]))
        .args(["--region", "us-east-1"])
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
    fails(run, &["function-name"]);
    assert_eq!(container.connections(), 0);
}
