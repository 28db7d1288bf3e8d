//! How many attempts a call makes, and when.

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, RetryMode};
use lambda_invocation_core::call::invocation::Step;
use lambda_invocation_core::call::request::{InvocationType, Request};
use lambda_invocation_core::call::response::RawResponse;
use lambda_invocation_core::error::{
    Error, HostDenial, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};

use crate::clock_skew::skewed;
use crate::support::{NOW, connection, invocation, raw, request, try_invocation};
use crate::{answer, broken, drive, good, refused, with_policy};

#[test]
fn no_call_makes_more_attempts_than_permitted() {
    for max in 1..=10 {
        for (mode, outcome) in [
            (RetryMode::Safe, refused()),
            (RetryMode::Safe, answer(429, "TooManyRequestsException")),
            (RetryMode::Idempotent, answer(500, "ServiceException")),
            (RetryMode::Idempotent, broken()),
        ] {
            let call = invocation(request(), with_policy(mode, max));
            let (heads, result) = drive(call, &vec![outcome; 11]);
            assert_eq!(heads.len(), usize::try_from(max).unwrap());
            assert!(result.is_err());
        }
    }
}

#[test]
fn never_makes_one_attempt() {
    for outcome in [
        refused(),
        broken(),
        answer(429, ""),
        answer(500, ""),
        skewed(600),
    ] {
        let call = invocation(request(), with_policy(RetryMode::Never, 10));
        assert_eq!(drive(call, &[outcome]).0.len(), 1);
    }
}

#[test]
fn a_success_ends_the_call_whatever_the_function_said() {
    let failed = Ok(raw(200, &[("x-amz-function-error", "Unhandled")], "{}"));
    for (invocation_type, outcome) in [
        (None, good()),
        (None, failed),
        (Some(InvocationType::Event), Ok(raw(202, &[], ""))),
        (Some(InvocationType::DryRun), Ok(raw(204, &[], ""))),
    ] {
        let request = Request {
            invocation_type,
            ..request()
        };
        let call = invocation(request, with_policy(RetryMode::Idempotent, 10));
        let (heads, result) = drive(call, &[refused(), outcome]);
        assert_eq!(heads.len(), 2);
        assert_eq!(result.unwrap().attempts, 2);
    }
}

#[test]
fn an_answer_that_is_not_lambdas_ends_the_call_as_the_function_may_have_run() {
    for (invocation_type, status) in [
        (InvocationType::RequestResponse, 202),
        (InvocationType::Event, 200),
        (InvocationType::DryRun, 200),
    ] {
        let request = Request {
            invocation_type: Some(invocation_type),
            ..request()
        };
        let call = invocation(request, with_policy(RetryMode::Idempotent, 10));
        match drive(call, &[Ok(raw(status, &[], "{}"))]) {
            (_, Err(Error::Service(e))) => {
                assert_eq!((&*e.code, e.maybe_ran), ("UnexpectedStatus", true));
            }
            other => panic!("{:?}", other.1),
        }
    }
}

#[test]
fn a_wait_that_would_end_after_the_deadline_is_not_begun() {
    let call = || {
        let mut call = invocation(
            request(),
            Connection {
                deadline_ms: Some(5_000),
                ..connection()
            },
        );
        call.attempt(NOW).unwrap();
        call
    };
    let throttle = |seconds: &str| Ok(raw(429, &[("Retry-After", seconds)], "{}"));
    let elapsed = Duration::from_millis;
    assert!(matches!(
        call().next(throttle("2"), NOW, elapsed(2_999)),
        Step::Repeat(_)
    ));
    for (seconds, elapsed) in [
        ("2", elapsed(3_000)),
        ("5", elapsed(0)),
        ("1", Duration::MAX),
    ] {
        match call().next(throttle(seconds), NOW, elapsed) {
            Step::Done(Err(Error::Throttled(e))) => assert!(e.retry_after_ms.is_some()),
            other => panic!("{other:?}"),
        }
    }
    let skew = skewed(600);
    assert!(matches!(
        call().next(skew.clone(), NOW, elapsed(4_999)),
        Step::Repeat(_)
    ));
    match call().next(skew, NOW, elapsed(5_000)) {
        Step::Done(Err(Error::Service(e))) => assert_eq!(e.code, "InvalidSignatureException"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_earlier_attempt_that_may_have_run_is_not_forgotten() {
    let broken = Err(Error::Transport(TransportError {
        phase: TransportPhase::Response,
        detail: "the connection was closed".to_owned(),
        maybe_ran: true,
        attempts: 0,
    }));
    for (mode, first, sent) in [
        (RetryMode::Idempotent, broken, true),
        (RetryMode::Idempotent, answer(500, ""), true),
        (RetryMode::Idempotent, answer(429, ""), false),
        (RetryMode::Safe, refused(), false),
    ] {
        let call = invocation(request(), with_policy(mode, 3));
        match drive(call, &[first.clone(), refused(), refused()]).1 {
            Err(Error::Transport(e)) => assert_eq!(e.maybe_ran, sent, "{first:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_error_says_how_many_attempts_were_made() {
    let timeout = Err(Error::Timeout(TimeoutError {
        phase: TimeoutPhase::Response,
        after_ms: 1,
        maybe_ran: true,
        attempts: 0,
    }));
    let denied = Err(Error::DeniedByHost(HostDenial {
        url: "https://example.com".to_owned(),
        hint: "allow it".to_owned(),
    }));
    let last = [
        refused(),
        broken(),
        timeout,
        answer(429, ""),
        answer(503, ""),
        answer(404, ""),
        answer(302, ""),
        denied,
    ];
    for (made, before) in [
        (1, &[][..]),
        (2, &[answer(500, "")]),
        (3, &[refused(), broken()]),
    ] {
        for last in &last {
            let call = invocation(request(), with_policy(RetryMode::Idempotent, made));
            let outcomes = [before, std::slice::from_ref(last)].concat();
            let error = drive(call, &outcomes).1.unwrap_err();
            let said = match &error {
                Error::Transport(e) => e.attempts,
                Error::Timeout(e) => e.attempts,
                Error::Throttled(e) => e.attempts,
                Error::Service(e) => e.attempts,
                Error::DeniedByHost(_) if made == 1 => continue,
                other => panic!("{other:?}"),
            };
            assert_eq!(said, made, "{last:?}");
            let text = error.to_string();
            let words = format!("; {made} attempts were made");
            assert_eq!(text.contains(&words), made > 1, "{text}");
        }
    }
}

#[test]
fn a_denial_does_not_deny_an_earlier_attempt() {
    let denied = Err(Error::DeniedByHost(HostDenial {
        url: "https://example.com".to_owned(),
        hint: "allow it".to_owned(),
    }));
    let call = || invocation(request(), with_policy(RetryMode::Idempotent, 3));
    match drive(call(), &[answer(500, ""), denied.clone()]).1 {
        Err(Error::Transport(e)) => {
            assert!(e.maybe_ran);
            assert!(e.detail.contains("allow it"), "{}", e.detail);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        drive(call(), &[refused(), denied.clone()]).1,
        denied.map(|_: RawResponse| unreachable!())
    );
}

#[test]
fn what_the_server_asks_to_wait_is_waited() {
    let asked = |status, headers: &[(&str, &str)]| {
        let mut call = invocation(request(), with_policy(RetryMode::Idempotent, 3));
        call.attempt(NOW).unwrap();
        match call.next(Ok(raw(status, headers, "{}")), NOW, Duration::ZERO) {
            Step::Repeat(wait) => Some(wait),
            Step::Done(_) => None,
        }
    };
    let ms = |ms| Some(Duration::from_millis(ms));
    assert_eq!(asked(429, &[("Retry-After", "2")]), ms(2_000));
    assert_eq!(asked(429, &[("x-amz-retry-after", "2500")]), ms(2_500));
    assert_eq!(asked(503, &[("x-amz-retry-after", "2500")]), ms(2_500));
    assert_eq!(asked(503, &[("Retry-After", "3")]), ms(3_000));
    assert_eq!(asked(503, &[("Retry-After", "21")]), None);
    assert_eq!(asked(429, &[("Retry-After", "9999999")]), None);
}

#[test]
fn waits_are_spread() {
    let wait = |seed: u8| {
        let mut call = try_invocation(request(), connection(), [seed; 16]).unwrap();
        call.attempt(NOW).unwrap();
        match call.next(answer(429, ""), NOW, Duration::ZERO) {
            Step::Repeat(wait) => wait.as_millis(),
            Step::Done(_) => panic!(),
        }
    };
    let mut waits: Vec<u128> = (0..=255).map(wait).collect();
    let mean = waits.iter().sum::<u128>() / 256;
    assert!((400..600).contains(&mean), "{mean}");
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 200, "{}", waits.len());
}
