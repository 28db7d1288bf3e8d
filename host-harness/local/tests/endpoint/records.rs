//! What an endpoint tells of the requests it got.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_local::{Credentials, LocalEndpoint};

use crate::client::{call, invoke, start};

#[tokio::test]
async fn invocations_tell_what_was_sent() {
    let endpoint = start().await;
    let request = invoke("echo%3A1", "[1]")
        .qualifier("1")
        .header("x-amz-invocation-type", "RequestResponse")
        .header("x-custom", "seen");
    call(&endpoint, request).await;
    call(&endpoint, invoke("nope", "")).await;
    let kept = endpoint.invocations();
    let first = &kept[0];
    assert_eq!(first.function_name, "echo:1");
    assert_eq!(first.qualifier.as_deref(), Some("1"));
    assert_eq!(first.invocation_type.as_deref(), Some("RequestResponse"));
    assert_eq!(&first.payload[..], b"[1]");
    assert_eq!(first.headers["x-custom"], "seen");
    assert_eq!(first.executed_version.as_deref(), Some("1"));
    assert_eq!(
        (first.status, first.error_code.as_deref()),
        (Some(200), None)
    );
    assert!(first.finished);
    let second = &kept[1];
    assert_eq!(second.invocation_type, None);
    assert_eq!(second.status, Some(404));
    assert_eq!(
        second.error_code.as_deref(),
        Some("ResourceNotFoundException")
    );
    assert_eq!(second.executed_version, None);
}

#[tokio::test]
async fn debug_shows_no_secrets_and_no_payload() {
    let credentials = Credentials {
        access_key_id: "canary-key".to_owned(),
        secret_access_key: "canary-secret".to_owned(),
        session_token: Some("canary-token".to_owned()),
    };
    let builder = LocalEndpoint::builder().credentials(credentials.clone());
    let builder_text = format!("{builder:?}");
    let endpoint = builder.start().await.unwrap();
    let mut request = invoke("echo", r#""canary-payload""#).header(
        "x-amz-client-context",
        STANDARD.encode(r#"{"custom":"canary"}"#),
    );
    request.signer.credentials = credentials.clone();
    assert_eq!(call(&endpoint, request).await.status, 200);
    let invocations = endpoint.invocations();
    assert_eq!(
        invocations[0].headers["x-amz-security-token"],
        "canary-token"
    );
    for text in [
        format!("{credentials:?}"),
        builder_text,
        format!("{endpoint:?}"),
        format!("{invocations:?}"),
    ] {
        assert!(
            !text.contains("canary") && !text.contains("Y2FuYXJ5"),
            "{text}"
        );
    }
}
