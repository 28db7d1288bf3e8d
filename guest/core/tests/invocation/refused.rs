//! What is refused before anything is sent, and what no error shows.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::Request;

use crate::drive;
use crate::support::{
    CANARY, connection, credentials, invocation, raw, refusal, request, try_invocation,
};

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
        try_invocation(request, connection, [0; 16])
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
    let refused = try_invocation(request, connection(), [0; 16]);
    assert_eq!(refusal(refused).0, "payload");
}
