//! What is repeated, and after which wait.

#![cfg(test)]

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::response::interpret;
use lambda_invocation_core::call::retry::{
    ERRORS, MAX_BACKOFF, Ran, Repeat, THROTTLING_CODES, backoff, of_status, repeat,
};
use lambda_invocation_core::error::{
    Error, HostDenial, ServiceError, ThrottlingError, TimeoutError, TimeoutPhase, TransportError,
    TransportPhase,
};
use support::raw;

use RetryMode::{Idempotent, Never, Safe};

fn answered(status: u16, code: &str) -> Error {
    interpret(raw(status, &[("x-amzn-ErrorType", code)], "{}")).unwrap_err()
}

/// The modes under which an error is repeated.
fn modes(error: &Error) -> Vec<RetryMode> {
    [Never, Safe, Idempotent]
        .into_iter()
        .filter(|mode| backoff(error, *mode, 1, None, 0).is_some())
        .collect()
}

#[test]
fn the_table_holds_the_errors_of_the_service_model_and_no_other() {
    let mut ours: Vec<String> = ERRORS
        .iter()
        .map(|rule| format!("{} {}", rule.status, rule.code))
        .collect();
    ours.sort();
    let mut model: Vec<&str> = include_str!("vectors/invoke_errors.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    model.sort_unstable();
    assert_eq!(ours, model);
    assert_eq!(ours.len(), 45);
}

#[test]
fn of_the_modelled_errors_only_these_are_repeated() {
    for rule in ERRORS {
        let error = answered(rule.status, rule.code);
        let expected: &[RetryMode] = match rule.code {
            "TooManyRequestsException"
            | "EC2ThrottledException"
            | "CodeArtifactUserPendingException"
            | "SnapStartNotReadyException"
            | "ResourceNotReadyException"
            | "ENINotReadyException" => &[Safe, Idempotent],
            "ServiceException" | "EC2UnexpectedException" => &[Idempotent],
            _ => &[],
        };
        assert_eq!(modes(&error), expected, "{}", rule.code);
        assert_eq!(repeat(&error), rule.repeat, "{}", rule.code);
        assert_eq!(error.maybe_ran(), rule.ran == Ran::Maybe, "{}", rule.code);
    }
}

#[test]
fn nothing_that_may_have_run_is_repeated_under_safe() {
    for rule in ERRORS {
        let safe = matches!(rule.repeat, Repeat::Safe | Repeat::Throttled);
        assert!(!(safe && rule.ran == Ran::Maybe), "{}", rule.code);
    }
    for status in 0..=999 {
        let (ran, repeat) = of_status(status);
        let safe = matches!(repeat, Repeat::Safe | Repeat::Throttled);
        assert!(!(safe && ran == Ran::Maybe), "{status}");
        assert_eq!(safe, status == 429, "{status}");
    }
}

#[test]
fn errors_the_model_does_not_name_go_by_their_status() {
    for (status, expected, maybe_ran) in [
        (301, &[][..], true),
        (400, &[], false),
        (403, &[], false),
        (404, &[], false),
        (408, &[], true),
        (409, &[], false),
        (413, &[], false),
        (429, &[Safe, Idempotent], false),
        (499, &[], true),
        (500, &[Idempotent], true),
        (501, &[], true),
        (502, &[Idempotent], true),
        (503, &[Idempotent], true),
        (504, &[Idempotent], true),
        (505, &[], true),
        (599, &[], true),
        (0, &[], true),
        (100, &[], true),
        (600, &[], true),
    ] {
        let error = answered(status, "SomethingNewException");
        assert_eq!(modes(&error), expected, "{status}");
        assert_eq!(error.maybe_ran(), maybe_ran, "{status}");
    }
}

#[test]
fn every_throttling_code_is_a_throttle_whatever_its_status() {
    for code in THROTTLING_CODES {
        for status in [400, 429, 502, 503] {
            let error = answered(status, code);
            assert_eq!(repeat(&error), Repeat::Throttled, "{status} {code}");
            assert!(!error.maybe_ran(), "{status} {code}");
        }
    }
}

fn transport(phase: TransportPhase, sent: bool) -> Error {
    Error::Transport(TransportError {
        phase,
        detail: String::new(),
        maybe_ran: sent,
    })
}

fn timeout(phase: TimeoutPhase, sent: bool) -> Error {
    Error::Timeout(TimeoutError {
        phase,
        after_ms: 1,
        maybe_ran: sent,
    })
}

#[test]
fn what_did_not_reach_lambda_is_repeated_under_safe_and_what_may_have_is_not() {
    use TransportPhase::{Connect, Host, Request, Response, Tls};
    for (error, expected) in [
        (transport(Connect, false), &[Safe, Idempotent][..]),
        (transport(Host, false), &[Safe, Idempotent]),
        (transport(Request, false), &[Safe, Idempotent]),
        // A certificate does not get better by asking again.
        (transport(Tls, false), &[]),
        (transport(Connect, true), &[Idempotent]),
        (transport(Tls, true), &[Idempotent]),
        (transport(Request, true), &[Idempotent]),
        (transport(Response, true), &[Idempotent]),
        (transport(Host, true), &[Idempotent]),
        (timeout(TimeoutPhase::Connect, false), &[Safe, Idempotent]),
        (timeout(TimeoutPhase::Connect, true), &[Idempotent]),
        (timeout(TimeoutPhase::Response, true), &[Idempotent]),
        (timeout(TimeoutPhase::Deadline, false), &[]),
        (timeout(TimeoutPhase::Deadline, true), &[]),
    ] {
        assert_eq!(modes(&error), expected, "{error:?}");
    }
}

#[test]
fn what_trying_again_cannot_help_is_never_repeated() {
    for error in [
        Error::invalid("payload", "no"),
        Error::NoCredentials(String::new()),
        Error::NoRegion,
        Error::DeniedByHost(HostDenial {
            url: String::new(),
            hint: String::new(),
        }),
        Error::ResponseTooLarge { limit: 1 },
        Error::FunctionFailed(Box::new(lambda_invocation_core::error::FunctionFailure {
            function_error: Default::default(),
            payload: Vec::new(),
            log_tail: None,
        })),
        Error::Other(String::new()),
    ] {
        assert_eq!(modes(&error), [], "{error:?}");
    }
}

fn throttle() -> Error {
    Error::Throttled(ThrottlingError {
        reason: String::new(),
        retry_after_ms: None,
        message: String::new(),
        request_id: None,
        maybe_ran: false,
    })
}

fn failure() -> Error {
    Error::Service(ServiceError {
        code: "ServiceException".to_owned(),
        status: 500,
        message: String::new(),
        hint: None,
        request_id: None,
        maybe_ran: true,
    })
}

#[test]
fn waits_double_up_to_twenty_seconds_with_full_jitter() {
    let transient = [
        50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 20_000, 20_000,
    ];
    let throttled = [1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000];
    for (error, ceilings) in [(failure(), &transient[..]), (throttle(), &throttled)] {
        for (failed, ceiling) in (1..).zip(ceilings) {
            let wait = |random| {
                let wait = backoff(&error, Idempotent, failed, None, random).unwrap();
                u64::try_from(wait.as_millis()).unwrap()
            };
            assert_eq!(wait(0), 0, "{failed}");
            assert_eq!(wait(1 << 63), ceiling / 2, "{failed}");
            assert_eq!(wait(u64::MAX), ceiling - 1, "{failed}");
        }
    }
    let last = backoff(&failure(), Idempotent, u32::MAX, None, u64::MAX).unwrap();
    assert!(last <= MAX_BACKOFF);
    assert!(backoff(&failure(), Idempotent, 0, None, u64::MAX).is_some());
}

#[test]
fn a_wait_the_server_asks_for_is_kept_or_the_call_is_over() {
    for error in [throttle(), failure()] {
        for (asked, random, wait) in [
            (0, 0, Some(0)),
            (700, 0, Some(700)),
            (20_000, 0, Some(20_000)),
            (20_001, 0, None),
            (u32::MAX, 0, None),
        ] {
            let given = backoff(&error, Idempotent, 1, Some(asked), random);
            assert_eq!(given, wait.map(Duration::from_millis), "{asked}");
        }
    }
    // What is asked for only lengthens the wait.
    let longer = backoff(&throttle(), Safe, 1, Some(10), 1 << 63);
    assert_eq!(longer, Some(Duration::from_millis(500)));
    assert_eq!(backoff(&throttle(), Never, 1, Some(10), 0), None);
    assert_eq!(backoff(&failure(), Safe, 1, Some(10), 0), None);
}
