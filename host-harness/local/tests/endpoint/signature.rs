//! Signatures that are refused, and with which words.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use http::{HeaderMap, HeaderValue};
use lambda_invocation_local::{Builder, Credentials, LocalEndpoint};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::client::{Client, Reply, Request, call, invoke, start};
use crate::signer::Signer;

const NOW: OffsetDateTime = datetime!(2026-08-30 12:36:00 UTC);

fn builder() -> Builder {
    LocalEndpoint::builder().clock(|| NOW.into())
}

fn signer() -> Signer {
    Signer {
        time: NOW,
        ..Signer::default()
    }
}

fn request(signer: Signer) -> Request {
    let mut request = invoke("echo%3APROD", "{}").header("x-amz-tenant-id", "a  b");
    request.signer = signer;
    request
}

/// What comes back after `change`, which is made after the signature.
async fn changed(
    endpoint: &LocalEndpoint,
    signer: &Signer,
    change: impl FnOnce(&mut HeaderMap),
) -> Reply {
    let request = request(signer.clone());
    let mut headers = request.signed(endpoint);
    change(&mut headers);
    let mut client = Client::connect(endpoint).await;
    client.send(&request.bytes_with(&headers)).await;
    client.receive().await.unwrap()
}

/// What a request is refused with after `change`, as (code, message).
async fn refused(signer: &Signer, change: impl FnOnce(&mut HeaderMap)) -> (String, String) {
    let endpoint = builder().start().await.unwrap();
    let reply = changed(&endpoint, signer, change).await;
    let code = reply.code().expect("a refusal").to_owned();
    let status = match &*code {
        "IncompleteSignatureException" => 400,
        _ => 403,
    };
    assert_eq!(reply.status, status);
    (code, reply.message())
}

#[tokio::test]
async fn a_refused_signature_runs_nothing() {
    let endpoint = start().await;
    let mut request = invoke("echo", "{}");
    request.signer.credentials.secret_access_key.push('x');
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.status, 403);
    assert_eq!(reply.code(), Some("InvalidSignatureException"));
    let body = reply.json();
    assert_eq!(body.as_object().unwrap().len(), 1);
    assert!(body["message"].is_string());
    let counters = endpoint.counters();
    assert_eq!(
        (counters.requests, counters.refused, counters.ran),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn headers_that_need_no_signature_may_be_added_on_the_way() {
    let endpoint = builder().start().await.unwrap();
    let reply = changed(&endpoint, &signer(), |headers| {
        headers.insert("x-amzn-trace-id", HeaderValue::from_static("Root=1-2-3"));
        headers.insert("amz-sdk-request", HeaderValue::from_static("attempt=1"));
        headers.insert("user-agent", HeaderValue::from_static("test"));
    })
    .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn the_signing_key_follows_the_day() {
    let clock = Arc::new(AtomicI64::new(0));
    let days = Arc::clone(&clock);
    let endpoint = LocalEndpoint::builder()
        .clock(move || (NOW + Duration::days(days.load(Ordering::Relaxed))).into())
        .start()
        .await
        .unwrap();
    for day in [0, 1, 1, 0] {
        clock.store(day, Ordering::Relaxed);
        let signer = Signer {
            time: NOW + Duration::days(day),
            ..signer()
        };
        assert_eq!(call(&endpoint, request(signer)).await.status, 200);
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let mut wrong = signer();
    wrong.credentials.secret_access_key.push('x');
    let (code, message) = refused(&wrong, |_| ()).await;
    assert_eq!(code, "InvalidSignatureException");
    assert_eq!(
        message,
        "The request signature we calculated does not match the signature you provided. \
         Check your AWS Secret Access Key and signing method. \
         Consult the service documentation for details."
    );
}

#[tokio::test]
async fn a_changed_body_is_refused() {
    let endpoint = builder().start().await.unwrap();
    let mut request = request(signer());
    let headers = request.signed(&endpoint);
    request.payload = b"{ }".to_vec();
    let mut client = Client::connect(&endpoint).await;
    client.send(&request.bytes_with(&headers)).await;
    let reply = client.receive().await.unwrap();
    assert_eq!(reply.code(), Some("InvalidSignatureException"));
}

#[tokio::test]
async fn a_changed_signed_header_is_refused() {
    for (name, value) in [
        ("x-amz-tenant-id", "another"),
        ("host", "127.0.0.1:9"),
        ("x-amz-date", "20260830T123601Z"),
    ] {
        let (code, _) = refused(&signer(), |headers| {
            headers.insert(name, HeaderValue::from_static(value));
        })
        .await;
        assert_eq!(code, "InvalidSignatureException", "{name}");
    }
    let (code, _) = refused(&signer(), |headers| {
        headers.remove("x-amz-tenant-id");
    })
    .await;
    assert_eq!(code, "InvalidSignatureException");
    let (code, _) = refused(&signer(), |headers| {
        headers.append("x-amz-tenant-id", HeaderValue::from_static("more"));
    })
    .await;
    assert_eq!(code, "InvalidSignatureException");
}

#[tokio::test]
async fn spaces_inside_a_value_count_as_one() {
    let endpoint = builder().start().await.unwrap();
    let reply = changed(&endpoint, &signer(), |headers| {
        headers.insert("x-amz-tenant-id", HeaderValue::from_static("a   b"));
    })
    .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn an_unsigned_amz_header_is_refused() {
    for name in ["x-amz-log-type", "x-amz-invocation-type", "x-amz-anything"] {
        let (code, message) = refused(&signer(), |headers| {
            headers.insert(name, HeaderValue::from_static("Tail"));
        })
        .await;
        assert_eq!(code, "InvalidSignatureException");
        assert_eq!(
            message,
            format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")
        );
    }
}

#[tokio::test]
async fn an_unsigned_host_is_refused() {
    let (code, message) = refused(&signer(), |headers| {
        let text = headers["authorization"].to_str().unwrap();
        let text = text.replace("SignedHeaders=host;", "SignedHeaders=");
        headers.insert("authorization", text.parse().unwrap());
    })
    .await;
    assert_eq!(code, "InvalidSignatureException");
    assert!(message.starts_with("'host'"), "{message}");
}

#[tokio::test]
async fn a_clock_six_minutes_off_is_refused_and_five_is_not() {
    let off = |minutes| Signer {
        time: NOW + Duration::minutes(minutes),
        ..Signer::default()
    };
    for (minutes, expected) in [
        (
            -6,
            "Signature expired: 20260830T123000Z is now earlier than 20260830T123100Z (20260830T123600Z - 5 min.)",
        ),
        (
            6,
            "Signature not yet current: 20260830T124200Z is still later than 20260830T124100Z (20260830T123600Z + 5 min.)",
        ),
    ] {
        let (code, message) = refused(&off(minutes), |_| ()).await;
        assert_eq!(code, "InvalidSignatureException");
        assert_eq!(message, expected);
    }
    let endpoint = builder().start().await.unwrap();
    for minutes in [-5, 5] {
        let reply = call(&endpoint, request(off(minutes))).await;
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn a_wrong_scope_is_refused() {
    let region = Signer {
        region: "eu-west-1",
        ..signer()
    };
    let service = Signer {
        service: "s3",
        ..signer()
    };
    for (signer, message) in [
        (region, "Credential should be scoped to a valid region."),
        (
            service,
            "Credential should be scoped to correct service: 'lambda'.",
        ),
    ] {
        let (code, text) = refused(&signer, |_| ()).await;
        assert_eq!(code, "InvalidSignatureException");
        assert!(text.starts_with(message), "{text}");
    }
    for (from, to) in [("aws4_request", "aws5_request"), ("20260830/", "20260831/")] {
        let (code, text) = refused(&signer(), |headers| {
            let authorization = headers["authorization"].to_str().unwrap();
            let authorization = authorization.replace(from, to);
            headers.insert("authorization", authorization.parse().unwrap());
        })
        .await;
        assert_eq!(code, "InvalidSignatureException");
        assert!(text.contains("scope") || text.contains("Scope"), "{text}");
    }
}

#[tokio::test]
async fn an_unsigned_request_is_told_so() {
    let (code, message) = refused(&signer(), |headers| {
        headers.remove("authorization");
    })
    .await;
    assert_eq!(code, "MissingAuthenticationTokenException");
    assert_eq!(message, "Missing Authentication Token");
}

#[tokio::test]
async fn a_garbled_authorization_is_told_what_it_lacks() {
    let table = [
        ("", "Unsupported AWS 'algorithm'"),
        ("Bearer secret-token", "Unsupported AWS 'algorithm'"),
        (
            "AWS4-HMAC-SHA512 Credential=a",
            "Unsupported AWS 'algorithm'",
        ),
        (
            "AWS4-HMAC-SHA256",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260830/us-east-1/lambda/aws4_request, SignedHeaders=host",
            "Authorization header requires 'Signature' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
            "Credential must have exactly 5 slash-delimited elements",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a, Credential=b, Signature=0",
            "Authorization header has a parameter twice.",
        ),
        (
            "AWS4-HMAC-SHA256 secret-token",
            "Authorization header has an unknown parameter.",
        ),
    ];
    for (authorization, expected) in table {
        let (code, message) = refused(&signer(), |headers| {
            headers.insert("authorization", HeaderValue::from_static(authorization));
        })
        .await;
        assert_eq!(code, "IncompleteSignatureException");
        assert!(message.starts_with(expected), "{authorization}: {message}");
        assert!(!message.contains("secret-token"), "{message}");
    }
}

#[tokio::test]
async fn headers_of_the_signature_must_be_there_once_and_be_text() {
    for name in ["authorization", "x-amz-date"] {
        let (code, _) = refused(&signer(), |headers| {
            let value = headers[name].clone();
            headers.append(name, value);
        })
        .await;
        assert_eq!(code, "IncompleteSignatureException", "{name} twice");
        let (code, _) = refused(&signer(), |headers| {
            headers.insert(name, HeaderValue::from_bytes(b"\xff").unwrap());
        })
        .await;
        assert_eq!(code, "IncompleteSignatureException", "{name} not text");
    }
    let (code, _) = refused(&signer(), |headers| {
        headers.remove("x-amz-date");
    })
    .await;
    assert_eq!(code, "IncompleteSignatureException");
    let (code, _) = refused(&signer(), |headers| {
        headers.insert(
            "x-amz-date",
            HeaderValue::from_static("2026-08-30T12:36:00Z"),
        );
    })
    .await;
    assert_eq!(code, "IncompleteSignatureException");
}

#[tokio::test]
async fn an_unknown_key_or_a_token_that_does_not_fit_is_refused() {
    let with_token = |token: Option<&str>| Credentials {
        session_token: token.map(str::to_owned),
        ..Credentials::default()
    };
    let unknown = Credentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        ..Credentials::default()
    };
    let table = [
        (with_token(None), with_token(None), true),
        (with_token(Some("t")), with_token(Some("t")), true),
        (with_token(Some("t")), with_token(None), false),
        (with_token(Some("t")), with_token(Some("u")), false),
        (with_token(Some("t")), with_token(Some("tt")), false),
        (with_token(None), with_token(Some("t")), false),
        (with_token(None), unknown, false),
    ];
    for (row, (known, used, accepted)) in table.into_iter().enumerate() {
        let endpoint = builder().credentials(known).start().await.unwrap();
        let signer = Signer {
            credentials: used,
            ..signer()
        };
        let reply = call(&endpoint, request(signer)).await;
        let expected = (!accepted).then_some("UnrecognizedClientException");
        assert_eq!(reply.code(), expected, "row {row}");
        assert_eq!(reply.status, if accepted { 200 } else { 403 }, "row {row}");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_is_refused() {
    let credentials = Credentials {
        session_token: Some("a token".to_owned()),
        ..Credentials::default()
    };
    let signer = Signer {
        credentials: credentials.clone(),
        ..signer()
    };
    for (end, accepted) in [(NOW + Duration::SECOND, true), (NOW, false)] {
        let endpoint = builder()
            .credentials(credentials.clone())
            .session_expires(end.into())
            .start()
            .await
            .unwrap();
        let reply = call(&endpoint, request(signer.clone())).await;
        if accepted {
            assert_eq!(reply.status, 200);
        } else {
            assert_eq!(reply.code(), Some("ExpiredTokenException"));
            assert_eq!(
                reply.message(),
                "The security token included in the request is expired"
            );
        }
    }
}
