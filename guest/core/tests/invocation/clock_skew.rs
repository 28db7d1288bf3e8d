//! A clock that is off.

use std::time::Duration;

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::invocation::Step;
use lambda_invocation_core::error::Error;

use crate::support::{NOW, connection, invocation, raw, request};
use crate::{Outcome, drive, good, header, refused, with_policy};

/// A refusal by a server whose clock is `ahead` seconds ahead of [`NOW`].
pub fn skewed(ahead: i64) -> Outcome {
    let date = time::OffsetDateTime::from_unix_timestamp(1_788_093_360 + ahead).unwrap();
    let month = &date.month().to_string()[..3];
    let date = format!(
        "Sun, {:02} {month} {} {:02}:{:02}:{:02} GMT",
        date.day(),
        date.year(),
        date.hour(),
        date.minute(),
        date.second()
    );
    Ok(raw(
        403,
        &[
            ("x-amzn-errortype", "InvalidSignatureException"),
            ("Date", &date),
        ],
        r#"{"message":"Signature expired"}"#,
    ))
}

#[test]
fn a_clock_that_is_off_is_made_up_for_once() {
    for (ahead, date) in [
        (241, "20260830T124001Z"),
        (-241, "20260830T123159Z"),
        (86_400 * 400, "20271004T123600Z"),
        (-86_400 * 400, "20250726T123600Z"),
    ] {
        let call = || invocation(request(), connection());
        let (heads, result) = drive(call(), &[skewed(ahead), good()]);
        assert_eq!(header(&heads[0], "x-amz-date"), "20260830T123600Z");
        assert_eq!(header(&heads[1], "x-amz-date"), date, "{ahead}");
        assert_ne!(
            header(&heads[0], "authorization"),
            header(&heads[1], "authorization")
        );
        assert_eq!(result.unwrap().attempts, 2);
        // Refused again, it was not the clock.
        let (heads, result) = drive(call(), &[skewed(ahead), skewed(ahead)]);
        assert_eq!(heads.len(), 2);
        assert!(matches!(result, Err(Error::Service(_))));
        // Later attempts keep it.
        let (heads, _) = drive(call(), &[skewed(ahead), refused(), good()]);
        assert_eq!(header(&heads[2], "x-amz-date")[..8], date[..8]);
    }
}

#[test]
fn a_signature_that_expired_on_its_way_is_made_anew_once() {
    let expired = |date: &str| {
        let headers = [
            ("x-amzn-errortype", "InvalidSignatureException"),
            ("date", date),
        ];
        let message = "Signature expired: 20260830T123600Z is now earlier than 20260830T123700Z (20260830T124200Z - 5 min.)";
        Ok(raw(403, &headers, &format!(r#"{{"message":"{message}"}}"#)))
    };
    for outcome in [
        skewed(0),
        skewed(240),
        skewed(-240),
        expired(""),
        expired("now"),
    ] {
        let call = || invocation(request(), connection());
        let (heads, result) = drive(call(), &[outcome.clone(), good()]);
        assert_eq!(header(&heads[1], "x-amz-date"), "20260830T123600Z");
        assert_eq!(result.unwrap().attempts, 2);
        let (heads, result) = drive(call(), &[outcome.clone(), outcome.clone()]);
        assert_eq!(heads.len(), 2);
        match result {
            Err(Error::Service(e)) => assert_eq!((e.attempts, e.maybe_ran), (2, false)),
            other => panic!("{other:?}"),
        }
        for policy in [
            with_policy(RetryMode::Never, 3),
            with_policy(RetryMode::Safe, 1),
        ] {
            let (heads, _) = drive(
                invocation(request(), policy),
                std::slice::from_ref(&outcome),
            );
            assert_eq!(heads.len(), 1);
        }
    }
}

#[test]
fn a_correction_waits_for_nothing() {
    let mut call = invocation(request(), connection());
    call.attempt(NOW).unwrap();
    match call.next(skewed(600), NOW, Duration::ZERO) {
        Step::Repeat(wait) => assert_eq!(wait, Duration::ZERO),
        Step::Done(result) => panic!("{result:?}"),
    }
}

#[test]
fn a_clock_is_left_alone_where_it_cannot_be_the_cause() {
    let with = |status, code: &str, date: &str| {
        Ok(raw(
            status,
            &[("x-amzn-errortype", code), ("date", date)],
            "{}",
        ))
    };
    const LATER: &str = "Sun, 30 Aug 2026 13:36:00 GMT";
    for outcome in [
        with(404, "ResourceNotFoundException", LATER),
        with(403, "UnrecognizedClientException", LATER),
        with(403, "ExpiredTokenException", LATER),
        with(403, "InvalidSignatureException", ""),
        with(403, "InvalidSignatureException", "now"),
        with(403, "InvalidSignatureException", "Sun, 30 Aug 2026"),
        with(
            403,
            "InvalidSignatureException",
            "Sun, 31 Feb 2026 13:36:00 GMT",
        ),
        with(
            403,
            "InvalidSignatureException",
            "Sun, 30 Aug 2026 25:36:00 GMT",
        ),
        with(
            403,
            "InvalidSignatureException",
            "Sun, 30 Aug 1960 13:36:00 GMT",
        ),
        with(
            403,
            "InvalidSignatureException",
            "Sun, 30 Aug 99999999999 13:36:00 GMT",
        ),
        with(403, "InvalidSignatureException", "2026-08-30T13:36:00Z"),
    ] {
        let (heads, _) = drive(invocation(request(), connection()), &[outcome]);
        assert_eq!(heads.len(), 1);
    }
    for code in [
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "RequestTimeTooSkewed",
        "AccessDeniedException",
        "AuthFailure",
    ] {
        let outcomes = [with(403, code, LATER), good()];
        let (heads, _) = drive(invocation(request(), connection()), &outcomes);
        assert_eq!(
            header(&heads[1], "x-amz-date"),
            "20260830T133600Z",
            "{code}"
        );
    }
    // The permitted attempts count for it, too.
    let call = invocation(request(), with_policy(RetryMode::Safe, 1));
    assert_eq!(drive(call, &[skewed(600)]).0.len(), 1);
}
