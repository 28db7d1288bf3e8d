//! What is repeated, and after which wait.

#![cfg(test)]

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::retry::{
    ERRORS, MAX_BACKOFF, Ran, Repeat, THROTTLING_CODES, backoff, of_status, repeat,
};
use lambda_invocation_core::error::{
    Error, HostDenial, ResponseLimit, ServiceError, ThrottlingError, TimeoutError, TimeoutPhase,
    TransportError, TransportPhase,
};
use support::{interpret, raw};

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

/// The errors of Invoke in Lambda's service model: status, code, and its words for them.
fn model() -> Vec<(u16, &'static str, &'static str)> {
    include_str!("vectors/invoke_errors.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut fields = line.splitn(3, ' ');
            let mut field = || fields.next().unwrap();
            (field().parse().unwrap(), field(), field())
        })
        .collect()
}

/// What the model's words say of the function: each error has one of these phrases.
const STAGES: &[(Ran, &[&str])] = &[
    // The request is refused.
    (
        Ran::No,
        &[
            "parameters in the request is not valid",
            "could not be parsed as JSON",
            "doesn't support the invocation mode",
            "no published versions",
            "stopped your function's invocation",
            "would exceed a service quota",
            "does not exist",
            "another operation is in progress",
            "has already been started",
            "payload exceeded the",
            "is not JSON",
            "throughput limit was exceeded",
        ],
    ),
    // The function cannot be started.
    (
        Ran::No,
        &[
            "runtime hook encountered an error",
            "couldn't mount",
            "couldn't make a network connection",
            "the mount operation timed out",
            "couldn't restore the snapshot",
            "couldn't be invoked",
            "is no longer available",
            "is initializing your function",
            "couldn't regenerate the SnapStart snapshot",
            "permissions to configure VPC settings",
            "during Lambda function initialization",
            "couldn't create an elastic network interface",
            "couldn't invoke the Lambda function",
            "runtime version specified is not supported",
            "VPC configuration is not valid",
            "subnet ID provided in the Lambda function",
            "could not unzip the deployment package",
            "couldn't decrypt the environment variables",
            "couldn't set up VPC access",
        ],
    ),
    // Nothing says that it was not started.
    (
        Ran::Maybe,
        &[
            "encountered an internal error",
            "reading from or writing to a connected file system",
            "unexpected Amazon EC2 client exception",
        ],
    ),
];

#[test]
fn the_table_says_of_every_error_what_the_service_model_says() {
    let model = model();
    assert_eq!(model.len(), 45);
    for (status, code, words) in &model {
        let mut stages = STAGES.iter().filter(|(_, phrases)| {
            let found = phrases.iter().filter(|phrase| words.contains(*phrase));
            found.count() > 0
        });
        let (ran, _) = stages.next().unwrap_or_else(|| panic!("{code}: {words}"));
        assert!(stages.next().is_none(), "{code} is of two stages: {words}");

        // Throttling has a list of its own, by which the SDKs go as well.
        let expected = if THROTTLING_CODES.contains(code) {
            Repeat::Throttled
        } else if words.contains("try the request again")
            || words.contains("and try again")
            || words.contains("You can invoke the function when")
        {
            Repeat::Safe
        } else if *ran == Ran::Maybe && *status >= 500 {
            Repeat::Idempotent
        } else {
            Repeat::Never
        };
        let rule = ERRORS.iter().find(|rule| rule.code == *code);
        let rule = rule.unwrap_or_else(|| panic!("{code} is not in the table"));
        assert_eq!((rule.status, rule.ran), (*status, *ran), "{code}: {words}");
        assert_eq!(rule.repeat, expected, "{code}: {words}");

        let error = answered(*status, code);
        assert_eq!(repeat(&error), expected, "{code}");
        assert_eq!(error.maybe_ran(), *ran == Ran::Maybe, "{code}");
    }
    for rule in ERRORS {
        assert!(
            model.iter().any(|(_, code, _)| *code == rule.code),
            "{} is not in the model",
            rule.code
        );
    }
}

#[test]
fn every_phrase_is_of_the_model() {
    let model = model();
    for phrase in STAGES.iter().flat_map(|(_, phrases)| *phrases) {
        assert!(
            model.iter().any(|(_, _, words)| words.contains(phrase)),
            "{phrase}"
        );
    }
}

#[test]
fn of_the_modelled_errors_these_are_repeated() {
    for (status, code, expected) in [
        (429, "TooManyRequestsException", &[Safe, Idempotent][..]),
        (502, "EC2ThrottledException", &[Safe, Idempotent]),
        (409, "CodeArtifactUserPendingException", &[Safe, Idempotent]),
        (409, "SnapStartNotReadyException", &[Safe, Idempotent]),
        (502, "ResourceNotReadyException", &[Safe, Idempotent]),
        (502, "ENINotReadyException", &[Safe, Idempotent]),
        (500, "ServiceException", &[Idempotent]),
        (502, "EC2UnexpectedException", &[Idempotent]),
    ] {
        let error = answered(status, code);
        assert_eq!(modes(&error), expected, "{code}");
    }
}

#[test]
fn no_mode_but_idempotent_repeats_what_may_have_run() {
    let modelled = ERRORS.iter().map(|rule| answered(rule.status, rule.code));
    let others = (100..=999)
        .filter(|status| !(200..300).contains(status))
        .map(|status| answered(status, "SomethingNewException"));
    for error in modelled.chain(others) {
        if error.maybe_ran() {
            assert!(!modes(&error).contains(&Safe), "{error:?}");
        }
        assert!(!modes(&error).contains(&Never), "{error:?}");
    }
    for status in 0..=999 {
        let safe = matches!(of_status(status).1, Repeat::Safe | Repeat::Throttled);
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
        attempts: 0,
    })
}

fn timeout(phase: TimeoutPhase, sent: bool) -> Error {
    Error::Timeout(TimeoutError {
        phase,
        after_ms: 1,
        maybe_ran: sent,
        attempts: 0,
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
        Error::ResponseTooLarge(ResponseLimit { limit: 1 }),
        Error::FunctionFailed(lambda_invocation_core::error::FunctionFailure {
            function_error: Default::default(),
            payload: Vec::new(),
            log_tail: None,
        }),
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
        attempts: 0,
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
        attempts: 0,
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
