//! Roles by STS: the requests on the wire, and the XML that answers them.

#![cfg(test)]

mod support;

use http::Method;
use lambda_invocation_core::call::endpoint::{Endpoint, Variant};
use lambda_invocation_core::credentials::TRIES;
use lambda_invocation_core::credentials::sts::{self, Role};
use lambda_invocation_core::error::Error;
use proptest::prelude::*;
use support::{CANARY, NOW, credentials, environment, raw, refusal};

const TOKEN: &str = "header.CANARYdoNotPrint.signature";

fn role() -> Role {
    Role {
        arn: "arn:aws:iam::123456789012:role/path/r".to_owned(),
        session_name: Some("a=b,c@d".to_owned()),
        external_id: Some("e & f".to_owned()),
        duration_seconds: Some("900".to_owned()),
        more: vec![("Policy".to_owned(), "{\"a\": 1}".to_owned())],
    }
}

fn endpoint() -> Endpoint {
    sts::endpoint(&environment(&[]), "eu-west-1", Variant::default(), false).unwrap()
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::NoCredentials(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn answer(action: &str, change: impl FnOnce(String) -> String) -> String {
    change(format!(
        "<?xml version=\"1.0\"?>\n\
         <{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n\
           <{action}Result>\n\
             <AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser>\n\
             <Credentials>\n\
               <AccessKeyId>ASIAEXAMPLE</AccessKeyId>\n\
               <SecretAccessKey>{CANARY}</SecretAccessKey>\n\
               <SessionToken>a&#43;b/c==</SessionToken>\n\
               <Expiration>2026-08-30T13:36:00Z</Expiration>\n\
             </Credentials>\n\
           </{action}Result>\n\
           <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>\n\
         </{action}Response>"
    ))
}

#[test]
fn sts_is_in_the_region_of_the_call() {
    let fips = Variant {
        fips: true,
        dualstack: false,
    };
    let dualstack = Variant {
        fips: false,
        dualstack: true,
    };
    for (region, variant, host) in [
        (
            "us-east-1",
            Variant::default(),
            "sts.us-east-1.amazonaws.com",
        ),
        (
            "cn-north-1",
            Variant::default(),
            "sts.cn-north-1.amazonaws.com.cn",
        ),
        ("us-east-1", fips, "sts-fips.us-east-1.amazonaws.com"),
        ("us-gov-west-1", fips, "sts.us-gov-west-1.amazonaws.com"),
        ("us-east-1", dualstack, "sts.us-east-1.api.aws"),
    ] {
        let endpoint = sts::endpoint(&environment(&[]), region, variant, false).unwrap();
        assert_eq!(endpoint.origin(), format!("https://{host}"));
    }
}

#[test]
fn an_endpoint_of_ones_own_keeps_the_rules_of_lambdas() {
    const STS: &str = "AWS_ENDPOINT_URL_STS";
    const ALL: &str = "AWS_ENDPOINT_URL";
    const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
    let resolve = |variables: &[(&str, &str)], allow_http| {
        let environment = environment(variables);
        sts::endpoint(&environment, "us-east-1", Variant::default(), allow_http)
    };
    for (variables, allow_http, origin) in [
        (
            &[(ALL, "http://127.0.0.1:1")][..],
            false,
            "http://127.0.0.1:1",
        ),
        (
            &[(ALL, "https://all.example"), (STS, "https://sts.example")],
            false,
            "https://sts.example",
        ),
        (&[(STS, "http://sts.example")], true, "http://sts.example"),
        (
            &[(STS, "https://sts.example"), (IGNORE, "true")],
            false,
            "https://sts.us-east-1.amazonaws.com",
        ),
    ] {
        let endpoint = resolve(variables, allow_http).unwrap();
        assert_eq!(endpoint.origin(), origin);
    }
    // The token would be sent in the clear.
    let (argument, rule) = refusal(resolve(&[(STS, "http://sts.example")], false));
    assert_eq!(argument, STS);
    assert!(rule.contains("loopback"), "{rule}");
}

#[test]
fn assume_role_is_signed_and_its_parameters_encoded() {
    let question = sts::assume_role(
        &role(),
        endpoint(),
        "eu-west-1",
        &credentials(Some("tok")),
        NOW,
    );
    assert_eq!(question.method, Method::POST);
    assert_eq!(question.head.path_and_query, "/");
    assert_eq!(
        std::str::from_utf8(&question.body).unwrap(),
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2Fr\
         &RoleSessionName=a%3Db%2Cc%40d&ExternalId=e%20%26%20f&DurationSeconds=900\
         &Policy=%7B%22a%22%3A%201%7D"
    );
    let header = |name| {
        let headers = &question.head.headers;
        headers.iter().find(|(n, _)| *n == name).unwrap().1.as_str()
    };
    assert_eq!(header("x-amz-date"), "20260830T123600Z");
    assert_eq!(header("x-amz-security-token"), "tok");
    assert!(header("content-type").starts_with("application/x-www-form-urlencoded"));
    let authorization = header("authorization");
    assert!(
        authorization.starts_with(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260830/eu-west-1/sts/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="
        ),
        "{authorization}"
    );
}

#[test]
fn a_web_identity_goes_unsigned_and_names_its_session_by_the_time() {
    let role = Role {
        arn: "arn".to_owned(),
        ..Role::default()
    };
    let question = sts::assume_role_with_web_identity(&role, "a.b-c_d", endpoint(), NOW);
    assert_eq!(
        std::str::from_utf8(&question.body).unwrap(),
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn\
         &RoleSessionName=lambda-invocation-1788093360&WebIdentityToken=a.b-c_d"
    );
    let names: Vec<_> = question
        .head
        .headers
        .iter()
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(names, ["content-type"]);
    assert!(!format!("{question:?}").contains("a.b-c_d"));
}

#[test]
fn both_answers_become_credentials() {
    let assume = sts::assume_role(&role(), endpoint(), "eu-west-1", &credentials(None), NOW);
    let identity = sts::assume_role_with_web_identity(&role(), TOKEN, endpoint(), NOW);
    for question in [assume, identity] {
        let body = answer(question.source, |same| same);
        let fetched = sts::read(&question, raw(200, &[], &body), &[TOKEN], NOW).unwrap();
        assert_eq!(fetched.credentials.access_key_id, "ASIAEXAMPLE");
        assert_eq!(fetched.credentials.secret_access_key, CANARY);
        assert_eq!(
            fetched.credentials.session_token.as_deref(),
            Some("a+b/c==")
        );
        assert!(fetched.is_fresh(NOW));
    }
}

#[test]
fn a_wrong_answer_is_one_line_without_secrets() {
    let question = sts::assume_role_with_web_identity(&role(), TOKEN, endpoint(), NOW);
    let full = |from: &str, to: &str| answer(question.source, |body| body.replace(from, to));
    let error = |message: &str| {
        format!(
            "<ErrorResponse><Error><Code>ExpiredTokenException</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
    };
    for (status, body, text) in [
        (200, String::new(), "not XML"),
        (200, format!("<html>{CANARY}"), "not XML"),
        (200, format!("{{\"a\":\"{CANARY}\"}}"), "not XML"),
        (200, "<a>".repeat(20_000), "not XML"),
        (200, "<a/>".to_owned(), "lacks Credentials"),
        (200, answer("AssumeRole", |same| same), "lacks Credentials"),
        (200, full("AccessKeyId", "x"), "lacks AccessKeyId"),
        (200, full("ASIAEXAMPLE", " "), "no header can carry"),
        (200, full("2026-08-30T13", "2026-08-30T12"), "have expired"),
        (200, full("2026-08-30T13:36:00Z", CANARY), "not a time"),
        // No entity is ever taken apart.
        (
            200,
            format!("<!DOCTYPE a [<!ENTITY b \"{CANARY}\">]><a>&b;</a>"),
            "not XML",
        ),
        (403, String::new(), "HTTP 403"),
        (502, format!("<html>{CANARY}</html>"), "HTTP 502"),
        (
            400,
            error(&format!("token {TOKEN} is\nold")),
            "HTTP 400, ExpiredTokenException: token header.[redacted].[redacted] is old",
        ),
        (400, error(""), "HTTP 400, ExpiredTokenException"),
    ] {
        let said = reason(sts::read(&question, raw(status, &[], &body), &[TOKEN], NOW));
        assert!(said.starts_with("AssumeRoleWithWebIdentity: "), "{said}");
        assert!(said.contains(text), "{text}: {said}");
        assert!(!said.contains(CANARY) && !said.contains('\n'), "{said}");
    }
}

#[test]
fn the_keys_that_signed_are_in_no_text() {
    let with = credentials(Some(TOKEN));
    let question = sts::assume_role(&role(), endpoint(), "eu-west-1", &with, NOW);
    let quoted = with.secrets().join(" ");
    let body = format!("<E><Error><Code>{quoted}</Code><Message>{quoted}</Message></Error></E>");
    let said = reason(sts::read(
        &question,
        raw(403, &[], &body),
        &with.secrets(),
        NOW,
    ));
    for secret in with.secrets() {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_long_message_is_cut() {
    let question = sts::assume_role_with_web_identity(&role(), TOKEN, endpoint(), NOW);
    let body = format!(
        "<E><Error><Message>{}</Message></Error></E>",
        "x".repeat(60_000)
    );
    let said = reason(sts::read(&question, raw(400, &[], &body), &[TOKEN], NOW));
    assert!(said.len() < 600, "{}", said.len());
}

proptest! {
    #[test]
    fn no_answer_panics(status in any::<u16>(), body in "(?s)(<[/?!]?|>|a|Error|Code|&|;|\"|=| |.){0,80}") {
        let question = sts::assume_role_with_web_identity(&role(), TOKEN, endpoint(), NOW);
        let _ = sts::read(&question, raw(status, &[], &body), &[TOKEN], NOW);
    }

    #[test]
    fn a_damaged_answer_never_panics(at in 0..400_usize, with in any::<char>()) {
        let question = sts::assume_role_with_web_identity(&role(), TOKEN, endpoint(), NOW);
        let mut body: Vec<char> = answer(question.source, |same| same).chars().collect();
        body[at] = with;
        let body: String = body.into_iter().collect();
        let _ = sts::read(&question, raw(200, &[], &body), &[TOKEN], NOW);
    }
}

// What is asked once more.

#[test]
fn sts_is_asked_again_when_its_error_passes_and_only_then() {
    let question = sts::assume_role(&role(), endpoint(), "eu-west-1", &credentials(None), NOW);
    let error = |code: &str| {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>"
        )
    };
    for (status, body, again) in [
        (400, error("Throttling"), true),
        (400, error("ThrottlingException"), true),
        (400, error("RequestLimitExceeded"), true),
        (400, error("IDPCommunicationError"), true),
        (400, error(" Throttling\n"), true),
        (429, String::new(), true),
        (500, String::new(), true),
        (503, error("ServiceUnavailable"), true),
        (400, error("IDPRejectedClaim"), false),
        (400, error("ExpiredTokenException"), false),
        (400, error("MalformedPolicyDocument"), false),
        (400, error("NotThrottling"), false),
        (400, "Throttling".to_owned(), false),
        (400, "<Code>Throttling".to_owned(), false),
        (403, error("AccessDenied"), false),
        // Whoever answers so is not asking for patience.
        (403, error("Throttling"), false),
        (200, error("Throttling"), false),
    ] {
        let outcome = Ok(raw(status, &[], &body));
        let pause = question.again(&outcome, 1, 0);
        assert_eq!(pause.is_some(), again, "{status} {body}");
        assert_eq!(question.again(&outcome, TRIES, 0), None, "{status} {body}");
        if let Some(pause) = pause {
            assert!(pause.as_millis() >= 500, "{pause:?}");
        }
    }
}
