//! One call as a state machine: what each attempt sends, and what follows from
//! what came back.

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::invocation::{Head, Invocation, Step};
use lambda_invocation_core::call::request::{InvocationType, LogType, Request};
use lambda_invocation_core::call::response::{RawResponse, Response};
use lambda_invocation_core::call::retry::{Ran, classify};
use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_core::error::{
    Error, HostDenial, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};
use proptest::prelude::*;
use support::{CANARY, NOW, connection, credentials, invocation, raw, refusal, request, settings};

type Outcome = Result<RawResponse, Error>;

fn header<'a>(head: &'a Head, name: &str) -> &'a str {
    let mut values = head.headers.iter().filter(|(n, _)| *n == name);
    let (_, value) = values.next().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(values.next(), None, "{name} twice");
    value
}

fn signed_headers(head: &Head) -> Vec<&str> {
    let (_, rest) = header(head, "authorization")
        .split_once("SignedHeaders=")
        .unwrap();
    rest.split_once(',').unwrap().0.split(';').collect()
}

fn with_policy(mode: RetryMode, max_attempts: u32) -> Connection {
    Connection {
        retry: Some(RetryPolicy { mode, max_attempts }),
        ..connection()
    }
}

/// Answers each attempt with the next outcome until the call is over.
fn drive(mut call: Invocation, outcomes: &[Outcome]) -> (Vec<Head>, Result<Response, Error>) {
    let mut heads = Vec::new();
    let mut elapsed = Duration::ZERO;
    for outcome in outcomes {
        heads.push(call.attempt(NOW + elapsed));
        match call.next(outcome.clone(), NOW + elapsed, elapsed) {
            Step::Done(result) => return (heads, result),
            Step::Repeat(wait) => elapsed += wait,
        }
    }
    panic!("not over after {} attempts", heads.len());
}

fn refused() -> Outcome {
    Err(Error::Transport(TransportError {
        phase: TransportPhase::Connect,
        detail: "connection refused".to_owned(),
        sent: false,
    }))
}

fn broken() -> Outcome {
    Err(Error::Transport(TransportError {
        phase: TransportPhase::Response,
        detail: "the connection was closed".to_owned(),
        sent: true,
    }))
}

fn answer(status: u16, code: &str) -> Outcome {
    Ok(raw(status, &[("x-amzn-errortype", code)], "{}"))
}

fn good() -> Outcome {
    Ok(raw(200, &[], "{}"))
}

#[test]
fn an_attempt_sends_what_prepare_shows_and_three_unsigned_headers() {
    let everything = || Request {
        invocation_type: Some(InvocationType::RequestResponse),
        log_type: Some(LogType::Tail),
        qualifier: Some("$LATEST".to_owned()),
        client_context: Some("e30=".to_owned()),
        tenant_id: Some("a  b".to_owned()),
        durable_execution_name: Some("order".to_owned()),
        ..request()
    };
    let temporary = || Connection {
        credentials: Some(credentials(Some("token"))),
        endpoint_url: Some("http://127.0.0.1:18080/base/".to_owned()),
        ..connection()
    };
    for (request, connection) in [
        (request(), connection()),
        (everything(), connection()),
        (everything(), temporary()),
    ] {
        let prepared = invocation(request.clone(), connection.clone()).prepare(NOW);
        let mut call = invocation(request.clone(), connection);
        let head = call.attempt(NOW);
        let origin = call.settings().endpoint.origin();
        assert_eq!(prepared.url, format!("{origin}{}", head.path_and_query));
        assert_eq!(call.payload(), request.payload);

        const UNSIGNED: [&str; 3] = ["user-agent", "amz-sdk-invocation-id", "amz-sdk-request"];
        let mut sent: Vec<(&str, &str)> = head
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .filter(|(name, _)| !UNSIGNED.contains(name))
            .collect();
        sent.push(("host", &call.settings().endpoint.authority));
        let mut shown: Vec<(&str, &str)> = prepared
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        sent.sort_unstable();
        shown.sort_unstable();
        assert_eq!(sent, shown);

        // Lambda refuses an x-amz- header that is not signed.
        let mut expected: Vec<&str> = sent.iter().map(|(name, _)| *name).collect();
        expected.retain(|name| *name != "authorization");
        assert_eq!(signed_headers(&head), expected);
        for name in UNSIGNED {
            assert!(!header(&head, name).is_empty());
        }
    }
}

#[test]
fn an_absent_argument_sends_no_header_and_no_query() {
    let head = invocation(request(), connection()).attempt(NOW);
    let names: Vec<&str> = head.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "x-amz-date",
            "authorization",
            "user-agent",
            "amz-sdk-invocation-id",
            "amz-sdk-request"
        ]
    );
    assert_eq!(
        head.path_and_query,
        "/2015-03-31/functions/my-function/invocations"
    );
}

#[test]
fn attempts_share_an_id_count_up_and_are_signed_anew() {
    let outcomes = [refused(), refused(), refused(), good()];
    let mut call = invocation(request(), with_policy(RetryMode::Safe, 4));
    let mut heads = Vec::new();
    for (second, outcome) in (0..).zip(outcomes) {
        let now = NOW + Duration::from_secs(second);
        heads.push(call.attempt(now));
        match call.next(outcome, now, Duration::ZERO) {
            Step::Done(result) => assert_eq!(result.unwrap().attempts, 4),
            Step::Repeat(wait) => assert!(wait < Duration::from_millis(200)),
        }
    }
    for (index, head) in heads.iter().enumerate() {
        let request = format!("attempt={}; max=4", index + 1);
        assert_eq!(header(head, "amz-sdk-request"), request);
        assert_eq!(
            header(head, "amz-sdk-invocation-id"),
            "07070707-0707-4707-8707-070707070707"
        );
        assert_eq!(
            header(head, "x-amz-date"),
            format!("20260830T12360{index}Z")
        );
    }
    let mut signatures: Vec<&str> = heads.iter().map(|h| header(h, "authorization")).collect();
    signatures.dedup();
    assert_eq!(signatures.len(), 4);
}

#[test]
fn an_invocation_id_is_a_version_4_uuid_of_the_random_bytes() {
    for (random, id) in [
        ([0_u8; 16], "00000000-0000-4000-8000-000000000000"),
        ([0xff; 16], "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        (
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
            "00010203-0405-4607-8809-0a0b0c0d0e0f",
        ),
    ] {
        let mut call = Invocation::new(request(), settings(connection()), random).unwrap();
        assert_eq!(header(&call.attempt(NOW), "amz-sdk-invocation-id"), id);
    }
}

#[test]
fn the_user_agent_names_the_application_as_a_token() {
    let agent = |app_id: Option<&str>| {
        let mut call = invocation(
            request(),
            Connection {
                app_id: app_id.map(str::to_owned),
                ..connection()
            },
        );
        header(&call.attempt(NOW), "user-agent").to_owned()
    };
    let plain = agent(None);
    assert!(
        plain.starts_with("lambda-invocation/") && plain.ends_with(" ua/2.1"),
        "{plain}"
    );
    assert_eq!(agent(Some("my.app_1")), format!("{plain} app/my.app_1"));
    assert_eq!(
        agent(Some("a b/(c)\r\nx: ü")),
        format!("{plain} app/a-b--c---x---")
    );
    assert_eq!(agent(Some("")), plain);
}

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
    for outcome in [good(), failed, Ok(raw(202, &[], "")), Ok(raw(204, &[], ""))] {
        let call = invocation(request(), with_policy(RetryMode::Idempotent, 10));
        let (heads, result) = drive(call, &[refused(), outcome]);
        assert_eq!(heads.len(), 2);
        assert_eq!(result.unwrap().attempts, 2);
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
        call.attempt(NOW);
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
        sent: true,
    }));
    for (mode, first, sent) in [
        (RetryMode::Idempotent, broken, true),
        (RetryMode::Idempotent, answer(500, ""), true),
        (RetryMode::Idempotent, answer(429, ""), false),
        (RetryMode::Safe, refused(), false),
    ] {
        let call = invocation(request(), with_policy(mode, 3));
        match drive(call, &[first.clone(), refused(), refused()]).1 {
            Err(Error::Transport(e)) => assert_eq!(e.sent, sent, "{first:?}"),
            other => panic!("{other:?}"),
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
            assert!(e.sent);
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
        call.attempt(NOW);
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
        let mut call = Invocation::new(request(), settings(connection()), [seed; 16]).unwrap();
        call.attempt(NOW);
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

/// A refusal by a server whose clock is `ahead` seconds ahead of [`NOW`].
fn skewed(ahead: i64) -> Outcome {
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
fn a_correction_waits_for_nothing() {
    let mut call = invocation(request(), connection());
    call.attempt(NOW);
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
        skewed(0),
        skewed(240),
        skewed(-240),
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

#[test]
fn a_secret_that_a_server_quotes_is_taken_out() {
    let token = format!("{CANARY}{}", "t".repeat(2_000));
    let call = || {
        let mut credentials = credentials(Some(&token));
        credentials.secret_access_key = format!("secret{CANARY}");
        invocation(
            request(),
            Connection {
                credentials: Some(credentials),
                ..connection()
            },
        )
    };
    let secret = format!("secret{CANARY}");
    for quoted in [&token, &secret] {
        // So long before the quote that the message is cut in the middle of it.
        for before in ["", "x ", &"x ".repeat(500)] {
            for outcome in [
                raw(
                    403,
                    &[],
                    &format!(r#"{{"message":"{before}{quoted} is bad"}}"#),
                ),
                raw(
                    429,
                    &[],
                    &format!(r#"{{"message":"{before}{quoted} is bad"}}"#),
                ),
                raw(429, &[], &format!(r#"{{"Reason":"{quoted}"}}"#)),
                raw(400, &[("x-amzn-errortype", quoted)], "{}"),
                raw(400, &[], &format!(r#"{{"__type":"{quoted}"}}"#)),
                raw(403, &[("x-amzn-requestid", quoted)], "{}"),
                raw(429, &[("x-amz-request-id", quoted)], "{}"),
                raw(307, &[("x-amzn-requestid", quoted)], ""),
            ] {
                let (_, result) = drive(
                    call(),
                    &[Ok(outcome.clone()), Ok(outcome.clone()), Ok(outcome)],
                );
                let error = result.unwrap_err();
                let text = format!("{error} {error:?}");
                assert!(!text.contains("CANARY"), "{text}");
                assert!(text.contains("[redacted]"), "{text}");
            }
        }
    }
}

#[test]
fn an_arn_of_another_region_or_partition_is_refused_before_anything_is_sent() {
    let named = |name: &str, region: &str| {
        let connection = Connection {
            region: Some(region.to_owned()),
            ..connection()
        };
        let request = Request {
            function_name: name.to_owned(),
            ..request()
        };
        Invocation::new(request, settings(connection), [0; 16])
    };
    for (name, region) in [
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            "us-east-1",
        ),
        ("us-east-1:123456789012:function:f", "us-east-1"),
        ("123456789012:function:f", "eu-west-1"),
        (
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:f",
            "cn-north-1",
        ),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f",
            "us-gov-west-1",
        ),
        ("arn::lambda:us-east-1:123456789012:function:f", "us-east-1"),
    ] {
        assert!(named(name, region).is_ok(), "{name} {region}");
    }
    for (name, region, rule) in [
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            "us-east-2",
            "another region",
        ),
        (
            "us-east-1:123456789012:function:f",
            "eu-west-1",
            "another region",
        ),
        (
            "arn:aws-cn:lambda:us-east-1:123456789012:function:f",
            "us-east-1",
            "partition is not aws",
        ),
        (
            "arn:aws:lambda:cn-north-1:123456789012:function:f",
            "cn-north-1",
            "partition is not aws-cn",
        ),
        (
            "arn:aws:lambda:123456789012:function:f",
            "us-gov-east-1",
            "partition is not aws-us-gov",
        ),
    ] {
        let (argument, reason) = refusal(named(name, region));
        assert_eq!(argument, "function-name");
        assert!(reason.contains(rule), "{reason}");
    }
}

#[test]
fn a_request_that_breaks_a_rule_is_refused_before_anything_is_signed() {
    let request = Request {
        payload: b"{".to_vec(),
        ..request()
    };
    let refused = Invocation::new(request, settings(connection()), [0; 16]);
    assert_eq!(refusal(refused).0, "payload");
}

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
            Err(Error::Transport(TransportError { phase, detail, sent }))
        }),
        1 => (limits, any::<bool>()).prop_map(|(phase, sent)| {
            Err(Error::Timeout(TimeoutError { phase, after_ms: 1, sent }))
        }),
        1 => Just(Err(Error::ResponseTooLarge { limit: 1 })),
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
                    let error = lambda_invocation_core::call::response::interpret(answer.clone()).unwrap_err();
                    prop_assert_eq!(classify(&error).0, Ran::No, "{:?}", error);
                }
                Err(error) => prop_assert_eq!(classify(error).0, Ran::No, "{:?}", error),
            }
        }
        if let Ok(response) = result {
            prop_assert_eq!(usize::try_from(response.attempts).unwrap(), heads.len());
        }
    }
}

#[test]
fn a_hash_that_the_caller_knows_is_signed_as_it_is() {
    let signed = |payload_sha256| {
        let request = Request {
            payload_sha256,
            ..request()
        };
        invocation(request, connection()).prepare(NOW)
    };
    let computed = signed(None);
    let right = sha256_hex(&request().payload);
    assert_eq!(signed(Some(right)), computed);
    let wrong = signed(Some(sha256_hex(b"another payload")));
    assert_ne!(wrong.canonical_request, computed.canonical_request);
    assert_eq!(wrong.body, computed.body);
}

#[test]
fn a_payload_is_given_up_once_no_attempt_can_follow() {
    use RetryMode::{Idempotent, Never, Safe};
    for (mode, max_attempts, status, given_up) in [
        (Safe, 3, 200, true),
        (Safe, 3, 202, true),
        (Never, 1, 200, true),
        (Idempotent, 1, 200, true),
        (Idempotent, 3, 200, false),
        (Safe, 3, 429, false),
        (Safe, 3, 502, false),
        (Never, 1, 500, false),
    ] {
        let mut call = invocation(request(), with_policy(mode, max_attempts));
        call.attempt(NOW);
        let payload = request().payload;
        let taken = call.take_payload(status);
        assert_eq!(
            taken,
            given_up.then(|| payload.clone()),
            "{mode:?} {status}"
        );
        let left = if given_up { Vec::new() } else { payload };
        assert_eq!(call.payload(), &left[..], "{mode:?} {status}");
    }
}
