//! What an attempt sends.

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, RetryMode};
use lambda_invocation_core::call::invocation::Step;
use lambda_invocation_core::call::request::{InvocationType, LogType, Request};

use crate::support::{NOW, connection, credentials, invocation, request, try_invocation};
use crate::{good, header, refused, signed_headers, with_policy};

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
        let prepared = invocation(request.clone(), connection.clone())
            .prepare(NOW)
            .unwrap();
        let mut call = invocation(request.clone(), connection);
        let head = call.attempt(NOW).unwrap();
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
    let head = invocation(request(), connection()).attempt(NOW).unwrap();
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
        heads.push(call.attempt(now).unwrap());
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
        let mut call = try_invocation(request(), connection(), random).unwrap();
        assert_eq!(
            header(&call.attempt(NOW).unwrap(), "amz-sdk-invocation-id"),
            id
        );
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
        header(&call.attempt(NOW).unwrap(), "user-agent").to_owned()
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
