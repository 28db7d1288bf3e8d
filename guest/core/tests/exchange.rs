//! A call that somebody else sends: what it is told, what it says, and that it says what
//! `invoke` would.

#![cfg(test)]

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::exchange::{Answer, Attempt, Exchange, Request, Step};
use lambda_invocation_core::call::request::{self, InvocationType, MAX_PAYLOAD};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_core::call::signer::Signer;
use lambda_invocation_core::call::wasi_http::{Failure, TransportFailure};
use lambda_invocation_core::error::{Error, TimeoutPhase, TransportPhase};

use crate::support::{NOW, connection, credentials, environment, refusal};

const ZERO: Duration = Duration::ZERO;

fn request() -> Request {
    Request {
        function_name: "my-function".to_owned(),
        payload_len: 2,
        payload_sha256: sha256_hex(b"{}"),
        ..Request::default()
    }
}

fn call(connection: Connection) -> Exchange {
    Exchange::new(request(), connection, &Environment::default(), [7; 16])
}

fn first(request: Request, connection: Connection) -> Result<Attempt, Error> {
    Exchange::new(request, connection, &Environment::default(), [7; 16]).attempt(NOW, ZERO)
}

fn answer(status: u16, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Answer {
        status,
        headers: headers.iter().map(owned).collect(),
        body: body.map(|body| body.as_bytes().to_vec()),
    }
}

fn transport(phase: TransportPhase, maybe_ran: bool) -> Failure {
    Failure::Transport(TransportFailure {
        phase,
        detail: "broken".to_owned(),
        maybe_ran,
    })
}

fn with_policy(mode: RetryMode, max_attempts: u32) -> Connection {
    Connection {
        retry: Some(RetryPolicy { mode, max_attempts }),
        ..connection()
    }
}

#[test]
fn an_attempt_is_the_request_that_prepare_signs_with_what_the_sdks_add() {
    let attempt = first(request(), connection()).unwrap();
    let whole = request::Request {
        function_name: "my-function".to_owned(),
        payload: b"{}".to_vec(),
        ..request::Request::default()
    };
    let signed = support::invocation(whole, connection())
        .prepare(NOW)
        .unwrap();
    assert_eq!(attempt.method, signed.method);
    assert_eq!(attempt.url, signed.url);
    let added = ["user-agent", "amz-sdk-invocation-id", "amz-sdk-request"];
    let mut headers = attempt.headers.clone();
    headers.retain(|(name, _)| !added.contains(&name.as_str()));
    let mut prepared = signed.headers;
    prepared.retain(|(name, _)| name != "host");
    assert_eq!(headers, prepared);
    assert_eq!(attempt.headers.len(), headers.len() + added.len());
    assert_eq!(
        (attempt.connect_timeout_ms, attempt.response_timeout_ms),
        (3_100, 910_000)
    );
    assert_eq!(
        (attempt.deadline_ms, attempt.max_response_len),
        (None, 6_356_992)
    );
    assert!(!format!("{attempt:?}").contains("Signature="));
}

#[test]
fn the_first_attempt_says_what_is_wrong_with_the_arguments() {
    let long = u64::try_from(MAX_PAYLOAD).unwrap() + 1;
    let table = [
        (
            Request {
                function_name: "a b".to_owned(),
                ..request()
            },
            "function-name",
        ),
        (
            Request {
                payload_len: long,
                ..request()
            },
            "payload",
        ),
        (
            Request {
                payload_len: 1_048_577,
                invocation_type: Some(InvocationType::Event),
                ..request()
            },
            "payload",
        ),
        (
            Request {
                payload_sha256: String::new(),
                ..request()
            },
            "payload-sha256",
        ),
        (
            Request {
                qualifier: Some(String::new()),
                ..request()
            },
            "qualifier",
        ),
    ];
    for (request, argument) in table {
        assert_eq!(refusal(first(request, connection())).0, argument);
    }
    let nobody = Connection {
        credentials: None,
        ..connection()
    };
    assert!(matches!(
        first(request(), nobody.clone()),
        Err(Error::NoCredentials(_))
    ));
    let nowhere = Connection {
        region: None,
        ..connection()
    };
    assert_eq!(first(request(), nowhere), Err(Error::NoRegion));
    // In the environment of a component that has one.
    let variables = environment(&[
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ]);
    let mut call = Exchange::new(request(), nobody, &variables, [7; 16]);
    assert!(call.attempt(NOW, ZERO).is_ok());
}

#[test]
fn a_call_that_is_over_says_so() {
    let mut call = Exchange::new(
        Request::default(),
        connection(),
        &Environment::default(),
        [7; 16],
    );
    assert!(matches!(
        call.attempt(NOW, ZERO),
        Err(Error::InvalidArgument(_))
    ));
    let over = Error::Other("the call is over".to_owned());
    assert_eq!(call.attempt(NOW, ZERO), Err(over.clone()));
    assert_eq!(call.next(Err(Failure::Denied), NOW, ZERO), Err(over));
}

#[test]
fn the_body_is_asked_for_where_it_says_what_happened() {
    let ran = ("x-amz-executed-version", "$LATEST");
    let failed = [("x-amz-function-error", "Unhandled"), ran];
    for (invocation_type, status, headers, needed) in [
        (None, 200, &[ran][..], false),
        // It is empty, unless the answer is not Lambda's.
        (Some(InvocationType::Event), 202, &[], true),
        (Some(InvocationType::DryRun), 204, &[], false),
        // An emulator's, or not Lambda's.
        (None, 200, &[], true),
        (None, 200, &failed, true),
        (None, 404, &[], true),
        (None, 503, &[], true),
    ] {
        let request = Request {
            invocation_type,
            ..request()
        };
        let mut call = Exchange::new(request, connection(), &Environment::default(), [7; 16]);
        call.attempt(NOW, ZERO).unwrap();
        let step = call.next(Ok(answer(status, headers, None)), NOW, ZERO);
        assert_eq!(
            matches!(step, Ok(Step::ReadBody)),
            needed,
            "{status} {step:?}"
        );
        if needed {
            let body = r#"{"errorType": "E", "Message": "m"}"#;
            match call.next(Ok(answer(status, headers, Some(body))), NOW, ZERO) {
                Ok(Step::Done(response)) => {
                    assert_eq!(response.attempts, 1);
                    assert_eq!(response.payload, body.as_bytes());
                    let error_type = response.function_error.and_then(|e| e.error_type);
                    assert_eq!(error_type.is_some(), !headers.is_empty());
                }
                Err(Error::Service(e)) => assert_eq!(e.message, "m"),
                other => panic!("{other:?}"),
            }
        } else {
            assert!(matches!(step, Ok(Step::Done(r)) if r.payload.is_empty()));
        }
    }
}

#[test]
fn failures_are_told_in_the_words_of_invoke() {
    let endpoint = "https://lambda.us-east-1.amazonaws.com";
    let table = [
        (Failure::Denied, false, endpoint),
        (Failure::Url, false, "endpoint-url"),
        (Failure::TooLarge, true, "6356992 bytes"),
        (Failure::Timeout(TimeoutPhase::Connect), true, "3100 ms"),
        (Failure::Timeout(TimeoutPhase::Response), true, "910000 ms"),
        (
            Failure::Timeout(TimeoutPhase::Deadline),
            true,
            "5000 ms in total",
        ),
        (transport(TransportPhase::Tls, false), false, endpoint),
        (
            transport(TransportPhase::Response, true),
            true,
            "broken; the request may",
        ),
    ];
    for (failure, maybe_ran, words) in table {
        let mut call = call(Connection {
            deadline_ms: Some(5_000),
            ..connection()
        });
        call.attempt(NOW, ZERO).unwrap();
        let error = call.next(Err(failure), NOW, ZERO).unwrap_err();
        assert_eq!(error.maybe_ran(), maybe_ran, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn what_a_host_says_of_a_failure_is_a_line_without_secrets() {
    let mut call = call(Connection {
        credentials: Some(credentials(Some("a/token+of=a-session"))),
        ..connection()
    });
    call.attempt(NOW, ZERO).unwrap();
    let said = "cannot send\r\nx-amz-security-token: \"a/token+of=a-session\"\u{1b}[2J";
    let failure = Failure::Transport(TransportFailure {
        phase: TransportPhase::Response,
        detail: said.repeat(100),
        maybe_ran: true,
    });
    let error = call.next(Err(failure), NOW, ZERO).unwrap_err();
    let Error::Transport(e) = &error else {
        panic!("{error}")
    };
    let start = "cannot send  x-amz-security-token: \"[redacted]";
    assert!(e.detail.starts_with(start), "{error}");
    assert!(e.detail.len() <= 600 && !e.detail.contains("a/token"));
    assert!(!e.detail.contains(char::is_control), "{error:?}");
}

#[test]
fn what_is_repeated_is_what_invoke_repeats() {
    let (safe, idempotent) = (RetryMode::Safe, RetryMode::Idempotent);
    let throttled = || Ok(answer(429, &[("retry-after", "2")], Some("{}")));
    let failed = || Ok(answer(500, &[], Some("{}")));
    let table = [
        (safe, Err(transport(TransportPhase::Connect, false)), true),
        (safe, Err(transport(TransportPhase::Response, true)), false),
        (
            idempotent,
            Err(transport(TransportPhase::Response, true)),
            true,
        ),
        (RetryMode::Never, throttled(), false),
        (safe, throttled(), true),
        (safe, failed(), false),
        (idempotent, failed(), true),
    ];
    for (mode, outcome, repeated) in table {
        let mut call = call(with_policy(mode, 2));
        call.attempt(NOW, ZERO).unwrap();
        let asked = outcome == throttled();
        let step = call.next(outcome.clone(), NOW, ZERO);
        assert_eq!(
            matches!(step, Ok(Step::Repeat(_))),
            repeated,
            "{mode:?} {outcome:?}"
        );
        if let Ok(Step::Repeat(ms)) = step {
            assert!(!asked || ms >= 2_000, "{ms}");
            let attempt = call.attempt(NOW, ZERO).unwrap();
            let sent = |(name, value): &(String, String)| {
                name == "amz-sdk-request" && value == "attempt=2; max=2"
            };
            assert!(attempt.headers.iter().any(sent));
            assert!(call.next(outcome, NOW, ZERO).is_err());
        }
    }
}

#[test]
fn an_attempt_is_given_the_time_that_is_left() {
    let connection = || Connection {
        deadline_ms: Some(1_000),
        ..with_policy(RetryMode::Idempotent, 3)
    };
    let mut begun = call(connection());
    let left = begun.attempt(NOW, Duration::from_millis(400)).unwrap();
    assert_eq!(left.deadline_ms, Some(600));
    for (before, maybe_ran) in [
        (transport(TransportPhase::Connect, false), false),
        (transport(TransportPhase::Response, true), true),
    ] {
        let mut call = call(connection());
        call.attempt(NOW, ZERO).unwrap();
        call.next(Err(before), NOW, ZERO).unwrap();
        match call.attempt(NOW, Duration::from_secs(1)) {
            Err(Error::Timeout(e)) => {
                assert_eq!((e.phase, e.after_ms), (TimeoutPhase::Deadline, 1_000));
                assert_eq!(e.maybe_ran, maybe_ran);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn expired_credentials_are_renewed_once_or_end_the_call_in_their_own_words() {
    let expired = || {
        let body = r#"{"message": "The security token included in the request is expired"}"#;
        let headers = [("x-amzn-errortype", "ExpiredTokenException")];
        Ok(answer(403, &headers, Some(body)))
    };
    let begun = |mode| {
        let mut call = call(with_policy(mode, 3));
        call.attempt(NOW, ZERO).unwrap();
        call
    };
    let is_expired =
        |error: &Error| matches!(error, Error::Service(e) if e.code == "ExpiredTokenException");

    let mut renewed = begun(RetryMode::Safe);
    assert_eq!(
        renewed.next(expired(), NOW, ZERO),
        Ok(Step::RenewCredentials)
    );
    renewed.renew(Some(Signer::Secret(credentials(Some("other-token")))));
    let attempt = renewed.attempt(NOW, ZERO).unwrap();
    let token = ("x-amz-security-token".to_owned(), "other-token".to_owned());
    assert!(attempt.headers.contains(&token));
    assert!(is_expired(&renewed.next(expired(), NOW, ZERO).unwrap_err()));

    let mut given_up = begun(RetryMode::Safe);
    given_up.next(expired(), NOW, ZERO).unwrap();
    given_up.renew(None);
    assert!(is_expired(&given_up.attempt(NOW, ZERO).unwrap_err()));

    let mut unfit = begun(RetryMode::Safe);
    unfit.next(expired(), NOW, ZERO).unwrap();
    unfit.renew(Some(Signer::Secret(credentials(Some("two\nlines")))));
    assert_eq!(refusal(unfit.attempt(NOW, ZERO)).0, "session-token");

    let mut never = begun(RetryMode::Never);
    assert!(is_expired(&never.next(expired(), NOW, ZERO).unwrap_err()));
}
