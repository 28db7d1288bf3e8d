//! Signing with keys that were derived elsewhere.

#![cfg(test)]

mod support;

use std::time::{Duration, UNIX_EPOCH};

use lambda_invocation_core::call::connection::{
    Connection, DerivedCredentials, RetryMode, RetryPolicy, SigningKey,
};
use lambda_invocation_core::call::invocation::{Invocation, Step};
use lambda_invocation_core::call::response::RawResponse;
use lambda_invocation_core::call::sign::{self, SigningTime};
use lambda_invocation_core::error::Error;
use support::{
    CANARY, NOW, connection, credentials, invocation, raw, refusal, request, try_invocation,
};

/// 23:55 on the day of [`NOW`].
const BEFORE_MIDNIGHT: Duration = Duration::from_secs(1_788_134_100);
const TEN_MINUTES: Duration = Duration::from_secs(600);

fn derived(token: Option<&str>, regions: &[&str], now: Duration) -> DerivedCredentials {
    DerivedCredentials::derive(
        &credentials(token),
        regions.iter().copied(),
        UNIX_EPOCH + now,
    )
}

fn with(keys: DerivedCredentials) -> Connection {
    Connection {
        credentials: None,
        derived_credentials: Some(keys),
        ..connection()
    }
}

fn call(keys: DerivedCredentials) -> Invocation {
    let retry = RetryPolicy {
        mode: RetryMode::Idempotent,
        max_attempts: 3,
    };
    let connection = Connection {
        retry: Some(retry),
        ..with(keys)
    };
    invocation(request(), connection)
}

/// What keys there are, as `DATE REGION`.
fn days(keys: &DerivedCredentials) -> Vec<String> {
    let keys = keys.keys.iter();
    keys.map(|key| format!("{} {}", key.date, key.region))
        .collect()
}

#[test]
fn the_keys_are_for_each_region_once_and_near_midnight_for_two_days() {
    let minute = |hour: u64, minute: u64| {
        let day = NOW.as_secs() / 86_400 * 86_400;
        Duration::from_secs(day + hour * 3_600 + minute * 60)
    };
    for (now, expected) in [
        (minute(0, 4), vec!["20260829", "20260830"]),
        (minute(0, 5), vec!["20260830"]),
        (minute(12, 36), vec!["20260830"]),
        (minute(23, 39), vec!["20260830"]),
        (minute(23, 40), vec!["20260830", "20260831"]),
    ] {
        let keys = derived(None, &["eu-west-1", "us-east-1", "eu-west-1"], now);
        let expected: Vec<_> = ["eu-west-1", "us-east-1"]
            .iter()
            .flat_map(|region| expected.iter().map(move |date| format!("{date} {region}")))
            .collect();
        assert_eq!(days(&keys), expected);
    }
    assert!(derived(None, &[], NOW).keys.is_empty());
}

/// "Create a signed AWS API request" in the IAM User Guide has this example.
#[test]
fn a_key_is_the_one_of_the_documentation() {
    let time = SigningTime::new(Duration::from_secs(1_440_938_160));
    let key = sign::key(
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "us-east-1",
        "iam",
        &time,
    );
    let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        digits,
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    );
}

#[test]
fn what_is_signed_is_the_same_as_with_the_secret() {
    for token in [None, Some("a-token")] {
        let secret = Connection {
            credentials: Some(credentials(token)),
            ..connection()
        };
        let keys = derived(token, &["eu-west-1", "us-east-1"], NOW);
        assert_eq!(
            invocation(request(), with(keys.clone())).prepare(NOW),
            invocation(request(), secret.clone()).prepare(NOW)
        );
        let head = |connection| invocation(request(), connection).attempt(NOW).unwrap();
        assert!(head(with(keys)) == head(secret));
    }
}

#[test]
fn both_kinds_of_credentials_are_one_too_many() {
    let mut both = with(derived(None, &["us-east-1"], NOW));
    both.credentials = Some(credentials(None));
    let (argument, rule) = refusal(both.take_signer());
    assert_eq!(argument, "derived-credentials");
    assert!(rule.contains("beside credentials"), "{rule}");
}

#[test]
fn what_cannot_sign_is_refused_before_anything_is_sent() {
    let sound = || derived(Some("token"), &["us-east-1"], NOW);
    let changed = |change: fn(&mut DerivedCredentials)| {
        let mut keys = sound();
        change(&mut keys);
        keys
    };
    for (keys, argument, says) in [
        (
            derived(None, &["eu-west-1"], NOW),
            "derived-credentials",
            "region \"us-east-1\"",
        ),
        (
            derived(None, &[], NOW),
            "derived-credentials",
            "region \"us-east-1\"",
        ),
        (
            changed(|d| d.keys[0].key.push(0)),
            "derived-credentials",
            "32 bytes",
        ),
        (
            changed(|d| d.keys[0].key.clear()),
            "derived-credentials",
            "32 bytes",
        ),
        (
            changed(|d| d.access_key_id.clear()),
            "access-key-id",
            "empty",
        ),
        (
            changed(|d| d.session_token = Some("a\nb".to_owned())),
            "session-token",
            "line breaks",
        ),
    ] {
        let (named, rule) = refusal(try_invocation(request(), with(keys), [7; 16]));
        assert_eq!(named, argument);
        assert!(rule.contains(says), "{rule}");
    }
    // The day is known only when it is signed.
    for refused in [
        call(sound())
            .prepare(NOW + Duration::from_secs(86_400))
            .map(drop)
            .map_err(Error::from),
        call(sound())
            .attempt(NOW + Duration::from_secs(86_400))
            .map(drop),
    ] {
        let (named, rule) = refusal(refused);
        assert_eq!(named, "derived-credentials");
        assert!(rule.contains("20260831 in region us-east-1"), "{rule}");
    }
}

fn server_error() -> RawResponse {
    raw(500, &[("x-amzn-errortype", "ServiceException")], "{}")
}

#[test]
fn an_attempt_after_midnight_takes_the_next_days_key() {
    let mut call = call(derived(None, &["us-east-1"], BEFORE_MIDNIGHT));
    call.attempt(BEFORE_MIDNIGHT).unwrap();
    let next = call.next(Ok(server_error()), BEFORE_MIDNIGHT, Duration::ZERO);
    assert!(matches!(next, Step::Repeat(_)), "{next:?}");
    let head = call.attempt(BEFORE_MIDNIGHT + TEN_MINUTES).unwrap();
    let scope = "/20260831/us-east-1/lambda/aws4_request";
    assert!(head.headers.iter().any(|(_, value)| value.contains(scope)));
}

#[test]
fn an_attempt_that_cannot_be_signed_does_not_deny_an_earlier_one() {
    let later = BEFORE_MIDNIGHT + TEN_MINUTES;
    let only_today = || derived(None, &["us-east-1"], NOW);
    let mut second = call(only_today());
    second.attempt(BEFORE_MIDNIGHT).unwrap();
    second.next(Ok(server_error()), BEFORE_MIDNIGHT, Duration::ZERO);
    let refused = second.attempt(later).map(|_| server_error());
    match second.next(refused, later, TEN_MINUTES) {
        Step::Done(Err(error @ Error::Other(_))) => {
            assert!(error.maybe_ran());
            assert!(error.to_string().contains("20260831"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    // Where nothing ran before, it is an argument that was refused.
    let mut first = call(only_today());
    let refused = first.attempt(later).map(|_| server_error());
    match first.next(refused, later, Duration::ZERO) {
        Step::Done(Err(error @ Error::InvalidArgument(_))) => assert!(!error.maybe_ran()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clock_is_made_up_for_as_far_as_the_keys_reach() {
    for (date, repeated) in [
        ("Sun, 30 Aug 2026 22:00:00 GMT", true),
        ("Mon, 31 Aug 2026 12:36:00 GMT", false),
    ] {
        let mut call = call(derived(None, &["us-east-1"], NOW));
        call.attempt(NOW).unwrap();
        let refused = raw(
            403,
            &[
                ("x-amzn-errortype", "InvalidSignatureException"),
                ("date", date),
            ],
            r#"{"message":"Signature expired"}"#,
        );
        match call.next(Ok(refused), NOW, Duration::ZERO) {
            Step::Repeat(_) => assert!(repeated, "{date}"),
            // It names the clock.
            Step::Done(Err(Error::Service(e))) => {
                assert!(!repeated, "{date}");
                assert!(e.hint.unwrap().contains("clock"), "{date}");
            }
            other => panic!("{date}: {other:?}"),
        }
    }
}

#[test]
fn debug_shows_no_key() {
    let keys = DerivedCredentials {
        access_key_id: CANARY.to_owned(),
        session_token: Some(CANARY.to_owned()),
        keys: vec![SigningKey {
            date: "20260830".to_owned(),
            region: "us-east-1".to_owned(),
            key: vec![250; 32],
        }],
    };
    let call = invocation(request(), with(keys.clone()));
    let shown = format!("{keys:?} {:?} {call:?}", with(keys.clone()));
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(!shown.contains("250"), "{shown}");
}
