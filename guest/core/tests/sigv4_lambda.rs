//! Signed requests for Invoke against three other signers: botocore (committed
//! vectors), the signer of the `aws-sigv4` crate, and one written here from the
//! standard alone.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningParams, SigningSettings};
use aws_sigv4::sign::v4;
use hmac::{Hmac, KeyInit, Mac};
use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::{InvocationType, LogType, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::{NOW, credentials, invocation};

const DATE: &str = "20260830T123600Z";

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/lambda_signatures.json")).unwrap()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The request and connection of a vector.
fn arguments(vectors: &Value, case: &Value) -> (Request, Connection) {
    let argument = |name: &str| text(&case["arguments"][name]);
    let request = Request {
        function_name: argument("FunctionName").unwrap(),
        payload: text(&case["payload"]).unwrap().into_bytes(),
        payload_sha256: None,
        invocation_type: argument("InvocationType").map(|name| match name.as_str() {
            "RequestResponse" => InvocationType::RequestResponse,
            "Event" => InvocationType::Event,
            "DryRun" => InvocationType::DryRun,
            other => panic!("{other}"),
        }),
        log_type: argument("LogType").map(|name| match name.as_str() {
            "None" => LogType::None,
            "Tail" => LogType::Tail,
            other => panic!("{other}"),
        }),
        qualifier: argument("Qualifier"),
        client_context: argument("ClientContext"),
        tenant_id: argument("TenantId"),
        durable_execution_name: argument("DurableExecutionName"),
    };
    let token = text(&vectors["session_token"]).filter(|_| case["token"] == Value::Bool(true));
    let connection = Connection {
        region: text(&case["region"]),
        endpoint_url: text(&case["endpoint_url"]),
        credentials: Some(Credentials {
            access_key_id: text(&vectors["access_key_id"]).unwrap(),
            secret_access_key: text(&vectors["secret_access_key"]).unwrap(),
            session_token: token,
        }),
        ..Connection::default()
    };
    (request, connection)
}

#[test]
fn the_signed_request_is_botocores() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 50);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let (request, connection) = arguments(&vectors, case);
        let payload = request.payload.clone();
        let prepared = invocation(request, connection).prepare(NOW).unwrap();

        assert_eq!(prepared.method, "POST", "{name}");
        assert_eq!(prepared.body, payload, "{name}");
        // botocore keeps a port that is the scheme's own in the URL, though not in
        // the signed host; here it is left out of both.
        let url = case["url"].as_str().unwrap();
        let url = url.replace(":80/", "/").replace(":443/", "/");
        assert_eq!(prepared.url, url, "{name}");
        let canonical = case["canonical_request"].as_str().unwrap();
        assert_eq!(prepared.canonical_request, canonical, "{name}");
        let string_to_sign = case["string_to_sign"].as_str().unwrap();
        assert_eq!(prepared.string_to_sign, string_to_sign, "{name}");

        let mut headers: BTreeMap<String, String> = prepared.headers.iter().cloned().collect();
        assert_eq!(
            headers.len(),
            prepared.headers.len(),
            "{name}: a header twice"
        );
        let host = headers.remove("host").unwrap();
        assert!(canonical.contains(&format!("\nhost:{host}\n")), "{name}");
        let expected: BTreeMap<String, String> = case["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), text(value).unwrap()))
            .collect();
        assert_eq!(headers, expected, "{name}");
        let signature = case["signature"].as_str().unwrap();
        assert_eq!(signature_of(&prepared), signature, "{name}");
    }
}

#[test]
fn two_other_signers_agree_on_every_vector() {
    let vectors = vectors();
    for case in vectors["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (request, connection) = arguments(&vectors, case);
        let region = connection.region.clone().unwrap();
        let key = connection.credentials.clone().unwrap();
        let prepared = invocation(request, connection).prepare(NOW).unwrap();
        let signature = signature_of(&prepared);
        assert_eq!(signature, aws_sigv4(&prepared, &key, &region), "{name}");
        assert_eq!(
            signature,
            from_the_standard(&prepared, &key, &region),
            "{name}"
        );
    }
}

#[test]
fn a_change_anywhere_in_what_is_signed_changes_the_signature() {
    let everything = || Request {
        function_name: "my-function".to_owned(),
        payload: b"{}".to_vec(),
        payload_sha256: None,
        invocation_type: Some(InvocationType::RequestResponse),
        log_type: Some(LogType::Tail),
        qualifier: Some("PROD".to_owned()),
        client_context: Some("e30=".to_owned()),
        tenant_id: Some("tenant".to_owned()),
        durable_execution_name: Some("order".to_owned()),
    };
    let signature = |change: fn(&mut Request), connection: Connection| {
        let mut request = everything();
        change(&mut request);
        signature_of(&invocation(request, connection).prepare(NOW).unwrap())
    };
    let changes: &[fn(&mut Request)] = &[
        |_| {},
        |r| r.function_name.push('x'),
        |r| r.payload = b"[]".to_vec(),
        |r| r.invocation_type = Some(InvocationType::DryRun),
        |r| r.log_type = None,
        |r| r.qualifier = None,
        |r| r.client_context = None,
        |r| r.tenant_id = Some("other".to_owned()),
        |r| r.durable_execution_name = None,
    ];
    let mut seen: Vec<String> = changes
        .iter()
        .map(|change| signature(*change, support::connection()))
        .collect();
    let mut elsewhere = support::connection();
    elsewhere.region = Some("us-east-2".to_owned());
    seen.push(signature(|_| {}, elsewhere));
    let mut temporary = support::connection();
    temporary.credentials = Some(credentials(Some("token")));
    seen.push(signature(|_| {}, temporary));
    let total = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), total);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn three_signers_agree_on_any_request(
        name in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,40}",
        suffix in prop::option::of("[a-zA-Z0-9_-]{1,20}|\\$LATEST|\\$LATEST\\.PUBLISHED"),
        qualified_by_name in any::<bool>(),
        tenant_id in prop::option::of("[a-zA-Z0-9._:/=+@-]([a-zA-Z0-9._:/=+@ -]{0,40}[a-zA-Z0-9._:/=+@-])?"),
        base_path in "(/[a-zA-Z0-9_~!$&'()*+,;=:@-]{1,8}|/%20){0,3}/?",
        port in prop::option::of(1_u16..),
        token in prop::option::of("[a-zA-Z0-9+/=]{1,60}"),
        payload in "\\{\\}|\"[a-z ]{0,40}\"|",
    ) {
        let (mut function_name, mut qualifier) = (name, None);
        match suffix {
            Some(suffix) if qualified_by_name => {
                function_name.push(':');
                function_name.push_str(&suffix);
            }
            suffix => qualifier = suffix,
        }
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let key = credentials(token.as_deref());
        let prepared = invocation(
            Request {
                function_name,
                payload: payload.into_bytes(),
                qualifier,
                tenant_id,
                ..Request::default()
            },
            Connection {
                region: Some("eu-central-1".to_owned()),
                endpoint_url: Some(format!("https://lambda.example.com{port}{base_path}")),
                credentials: Some(key.clone()),
                ..Connection::default()
            },
        )
        .prepare(NOW).unwrap();
        let signature = signature_of(&prepared);
        prop_assert_eq!(&signature, &aws_sigv4(&prepared, &key, "eu-central-1"));
        prop_assert_eq!(&signature, &from_the_standard(&prepared, &key, "eu-central-1"));
    }
}

fn signature_of(prepared: &SignedRequest) -> String {
    let (_, value) = prepared
        .headers
        .iter()
        .find(|(name, _)| name == "authorization")
        .unwrap();
    value.rsplit_once("Signature=").unwrap().1.to_owned()
}

/// The signature of the crate's own HTTP signer, which adds host, date and token
/// by itself.
fn aws_sigv4(prepared: &SignedRequest, key: &Credentials, region: &str) -> String {
    let identity = aws_credential_types::Credentials::new(
        key.access_key_id.clone(),
        key.secret_access_key.clone(),
        key.session_token.clone(),
        None,
        "test",
    )
    .into();
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("lambda")
        .time(SystemTime::UNIX_EPOCH + NOW)
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    const ITS_OWN: [&str; 4] = [
        "authorization",
        "host",
        "x-amz-date",
        "x-amz-security-token",
    ];
    let headers = prepared
        .headers
        .iter()
        .filter(|(name, _)| !ITS_OWN.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let request = SignableRequest::new(
        &prepared.method,
        &prepared.url,
        headers,
        SignableBody::Bytes(&prepared.body),
    )
    .unwrap();
    let (_, signature) = aws_sigv4::http_request::sign(request, &params)
        .unwrap()
        .into_parts();
    signature
}

/// "Create a signed AWS API request" of the IAM User Guide, step by step, from what
/// goes over the wire.
fn from_the_standard(prepared: &SignedRequest, key: &Credentials, region: &str) -> String {
    let (_, rest) = prepared.url.split_once("://").unwrap();
    let (authority, target) = rest.split_at(rest.find('/').unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    const PATH: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/');
    let encoded_again = utf8_percent_encode(path, PATH).to_string();
    let mut query: Vec<&str> = query.split('&').collect();
    query.sort_unstable();
    let headers: BTreeMap<&str, String> = prepared
        .headers
        .iter()
        .filter(|(name, _)| name != "authorization")
        .map(|(name, value)| {
            let words: Vec<&str> = value.split_ascii_whitespace().collect();
            (name.as_str(), words.join(" "))
        })
        .collect();
    assert_eq!(headers["host"], authority);
    assert_eq!(headers["x-amz-date"], DATE);
    let names: Vec<&str> = headers.keys().copied().collect();
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let canonical = [
        "POST",
        &encoded_again,
        &query.join("&"),
        &lines,
        &names.join(";"),
        &hex::encode(Sha256::digest(&prepared.body)),
    ]
    .join("\n");
    let day = &DATE[..8];
    let scope = format!("{day}/{region}/lambda/aws4_request");
    let hash = hex::encode(Sha256::digest(canonical.as_bytes()));
    let string_to_sign = format!("AWS4-HMAC-SHA256\n{DATE}\n{scope}\n{hash}");
    let secret = format!("AWS4{}", key.secret_access_key).into_bytes();
    let signing_key = [day, region, "lambda", "aws4_request"]
        .into_iter()
        .fold(secret, |key, part| hmac(&key, part));
    hex::encode(hmac(&signing_key, &string_to_sign))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
