//! Whatever the answers are.

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::error::{
    Error, ResponseLimit, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};
use proptest::prelude::*;

use crate::support::{interpret, invocation, raw, request};
use crate::{Outcome, drive, with_policy};

fn outcome() -> impl Strategy<Value = Outcome> {
    let codes = prop::sample::select(vec![
        "",
        "TooManyRequestsException",
        "ServiceException",
        "EC2ThrottledException",
        "EC2UnexpectedException",
        "ResourceNotReadyException",
        "InvalidSignatureException",
        "AccessDeniedException",
        "SlowDown",
        "EFSIOException",
    ]);
    let phases = prop::sample::select(vec![
        TransportPhase::Connect,
        TransportPhase::Tls,
        TransportPhase::Request,
        TransportPhase::Response,
        TransportPhase::Host,
    ]);
    let limits = prop::sample::select(vec![
        TimeoutPhase::Connect,
        TimeoutPhase::Response,
        TimeoutPhase::Deadline,
    ]);
    let statuses = prop_oneof![
        200_u16..600,
        prop::sample::select(vec![403, 429, 500, 502, 503])
    ];
    prop_oneof![
        3 => (statuses, codes, any::<bool>()).prop_map(|(status, code, late)| {
            let date = if late { "Sun, 30 Aug 2026 14:36:00 GMT" } else { "" };
            Ok(raw(status, &[("x-amzn-errortype", code), ("date", date)], "{}"))
        }),
        1 => (phases, any::<bool>()).prop_map(|(phase, sent)| {
            let detail = String::new();
            Err(Error::Transport(TransportError { phase, detail, maybe_ran: sent, attempts: 0 }))
        }),
        1 => (limits, any::<bool>()).prop_map(|(phase, sent)| {
            Err(Error::Timeout(TimeoutError { phase, after_ms: 1, maybe_ran: sent, attempts: 0 }))
        }),
        1 => Just(Err(Error::ResponseTooLarge(ResponseLimit { limit: 1 }))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn under_safe_nothing_follows_an_attempt_that_may_have_run(
        outcomes in prop::collection::vec(outcome(), 11),
        max in 1_u32..=10,
    ) {
        let call = invocation(request(), with_policy(RetryMode::Safe, max));
        let (heads, result) = drive(call, &outcomes);
        prop_assert!(heads.len() <= usize::try_from(max).unwrap());
        for outcome in &outcomes[..heads.len() - 1] {
            match outcome {
                Ok(answer) => {
                    let error = interpret(answer.clone()).unwrap_err();
                    prop_assert_eq!(error.maybe_ran(), false, "{:?}", error);
                }
                Err(error) => prop_assert_eq!(error.maybe_ran(), false, "{:?}", error),
            }
        }
        if let Ok(response) = result {
            prop_assert_eq!(usize::try_from(response.attempts).unwrap(), heads.len());
        }
    }
}
