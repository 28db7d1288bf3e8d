//! Who may call.

use lambda_invocation_tests::or_skip;

use super::{BEARER, Pairs, SESSION, fresh, keys, lambda, local};

#[test]
fn only_a_caller_with_the_token_gets_through() {
    let lambda = lambda();
    let service = or_skip!(local(lambda)).start();
    let signed = (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=caller/20260830/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00",
    );
    let table: [(Pairs, u16); 7] = [
        (&[], 401),
        (&[("authorization", "Bearer token-of-the-caller")], 401),
        (&[("authorization", "Bearer token-of-the-callers-")], 401),
        (&[signed], 401),
        (&[signed, ("x-amz-security-token", "another")], 401),
        (&[BEARER], 200),
        (&[signed, SESSION], 200),
    ];
    for (headers, status) in table {
        let plain = service.post("/invoke/echo", headers, b"{}");
        assert_eq!(plain.status, status, "{headers:?} {plain:#?}");
        let sdk = service.post("/2015-03-31/functions/echo/invocations", headers, b"{}");
        let status = if status == 401 { 403 } else { status };
        assert_eq!(sdk.status, status, "{headers:?} {sdk:#?}");
        if status == 403 {
            assert!(sdk.header("x-amzn-errortype").is_some(), "{sdk:#?}");
            assert!(sdk.json()["Message"].is_string(), "{sdk:#?}");
        }
    }
    assert_eq!(lambda.counters().requests, 4);
}

#[test]
fn a_service_without_configuration_is_healthy_and_serves_nobody() {
    let service = or_skip!(fresh()).start();
    let health = service.send("GET", "/healthz", &[], b"");
    assert_eq!((health.status, &*health.body), (200, r#"{"status":"ok"}"#));
    let reply = service.post("/invoke/echo", &[BEARER], b"{}");
    assert_eq!(reply.status, 403, "{reply:#?}");
    service.log_with("set LAMBDA_INVOCATION_TOKEN");
    assert!(!reply.body.contains("LAMBDA_INVOCATION"), "{reply:#?}");
}

#[test]
fn without_a_token_it_serves_when_told_so_but_no_web_page() {
    let lambda = lambda();
    let service = or_skip!(fresh())
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .keys(&keys(lambda))
        .env("LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED", "true")
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "echo:PROD,identity")
        .start();
    for (path, headers, status) in [
        ("/invoke/identity", &[][..], 200),
        ("/invoke/identity:1", &[], 200),
        ("/invoke/echo:PROD", &[], 200),
        ("/invoke/echo?qualifier=PROD", &[], 200),
        ("/invoke/echo", &[], 403),
        ("/invoke/echo:1", &[], 403),
        ("/invoke/fail", &[], 403),
        (
            "/invoke/identity",
            &[("origin", "https://example.org")],
            403,
        ),
    ] {
        let reply = service.post(path, headers, b"{}");
        assert_eq!(reply.status, status, "{path} {reply:#?}");
    }
    assert_eq!(lambda.counters().requests, 4);
}
