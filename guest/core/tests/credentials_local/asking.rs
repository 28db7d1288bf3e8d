//! What is asked again, and what errors say.

use std::time::Duration;

use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::{TRIES, container, instance_metadata};
use lambda_invocation_core::error::{
    Error, HostDenial, ResponseLimit, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};

use crate::support::{environment, raw};
use crate::{RELATIVE, reason};

/// Transport and timeout errors of a question.
fn transport(phase: TransportPhase) -> Error {
    Error::Transport(TransportError {
        phase,
        detail: "connection refused".to_owned(),
        maybe_ran: true,
        attempts: 0,
    })
}

fn timeout(phase: TimeoutPhase) -> Error {
    Error::Timeout(TimeoutError {
        phase,
        after_ms: 2_000,
        maybe_ran: true,
        attempts: 0,
    })
}

#[test]
fn what_may_pass_is_asked_again() {
    let question = container::question(&environment(&[(RELATIVE, "/")]), None).unwrap();
    for (outcome, again) in [
        (Ok(raw(200, &[], "")), false),
        (Ok(raw(404, &[], "")), false),
        (Ok(raw(429, &[], "")), true),
        (Ok(raw(500, &[], "")), true),
        (Ok(raw(503, &[], "")), true),
        (Err(transport(TransportPhase::Connect)), true),
        (Err(transport(TransportPhase::Response)), true),
        (Err(transport(TransportPhase::Tls)), false),
        (Err(timeout(TimeoutPhase::Connect)), true),
        (Err(timeout(TimeoutPhase::Response)), true),
        (Err(timeout(TimeoutPhase::Deadline)), false),
        (
            Err(Error::ResponseTooLarge(ResponseLimit { limit: 1 })),
            false,
        ),
    ] {
        assert_eq!(
            question.again(&outcome, 1, 0).is_some(),
            again,
            "{outcome:?}"
        );
        assert_eq!(question.again(&outcome, TRIES, 0), None, "{outcome:?}");
    }
}

#[test]
fn the_pause_doubles_and_is_never_half_as_long_again() {
    let question = container::question(&environment(&[(RELATIVE, "/")]), None).unwrap();
    let outcome = Ok(raw(503, &[], ""));
    for (tries, least) in [(1, 100), (2, 200)] {
        for random in [0, 1, 49, 50, 12_345, u32::MAX] {
            let pause = question.again(&outcome, tries, random).unwrap();
            let least = Duration::from_millis(least);
            assert!(
                pause >= least && pause < least + least / 2,
                "{tries}, {random}: {pause:?}"
            );
        }
        assert_ne!(
            question.again(&outcome, tries, 1),
            question.again(&outcome, tries, 2)
        );
    }
}

#[test]
fn no_answer_is_the_sources_fault_but_for_the_hosts_denial_and_the_deadline() {
    let question = container::question(&environment(&[(RELATIVE, "/")]), None).unwrap();
    for (error, text) in [
        (transport(TransportPhase::Connect), "connection refused"),
        (timeout(TimeoutPhase::Response), "no answer in time"),
        (
            Error::invalid("endpoint-url", "not accepted"),
            "not accepted",
        ),
        (
            Error::ResponseTooLarge(ResponseLimit { limit: 65_536 }),
            "more than 65,536 bytes",
        ),
    ] {
        let said = reason(Err::<(), _>(question.unanswered(error)));
        let expected = format!("{}: 169.254.170.2: {text}", question.source);
        assert_eq!(said, expected);
    }
    let denial = Error::DeniedByHost(HostDenial {
        url: "http://169.254.170.2".to_owned(),
        hint: "allow it".to_owned(),
    });
    assert_eq!(question.unanswered(denial.clone()), denial);
    // Nothing reached Lambda.
    let Error::Timeout(e) = question.unanswered(timeout(TimeoutPhase::Deadline)) else {
        panic!("not a timeout");
    };
    assert!(!e.maybe_ran && e.phase == TimeoutPhase::Deadline);
}

/// There need not be an instance around a program that asks unbidden.
#[test]
fn an_instance_that_nobody_asked_for_is_asked_once_and_briefly() {
    let ask = |asked| instance_metadata::question(&Environment::default(), asked).unwrap();
    let silent = Err(timeout(TimeoutPhase::Connect));
    assert_eq!(ask(true).timeout, Duration::from_secs(2));
    assert!(ask(true).again(&silent, 1, 0).is_some());
    assert_eq!(ask(false).timeout, Duration::from_secs(1));
    assert_eq!(ask(false).again(&silent, 1, 0), None);
}
