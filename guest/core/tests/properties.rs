//! What holds for any input: nothing panics, names survive their encoding, and no
//! text shows what it must not.

#![cfg(test)]

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::function_name::FunctionName;
use lambda_invocation_core::call::invocation::Step;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::RawResponse;
use lambda_invocation_core::call::settings::Settings;
use lambda_invocation_core::call::sign::canonical_query;
use lambda_invocation_core::credentials::none_found;
use lambda_invocation_core::error::{Error, FunctionError, FunctionFailure, ResponseLimit};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use support::{
    CANARY, NOW, connection, environment, interpret, invocation, raw, request, try_invocation,
};

/// JSON with the keys that are looked for, at any place and with any value.
fn json() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        4 => prop::sample::select(vec![
            "message", "Message", "errorMessage", "errorType", "stackTrace", "trace", "code", "__type",
            "Reason", "path", "line", "label",
        ]).prop_map(str::to_owned),
        1 => "[a-z]{0,3}",
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        "-?[0-9]{1,30}(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,4})?",
        "\\PC{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(r#""\ud800""#.to_owned()),
        Just(r#""\u0000\n""#.to_owned()),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{name:?}:{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => json().prop_map(String::into_bytes),
        // Cut anywhere, in the middle of a character, too.
        1 => (json(), any::<prop::sample::Index>()).prop_map(|(text, at)| {
            let mut bytes = text.into_bytes();
            bytes.truncate(at.index(bytes.len()));
            bytes
        }),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        6 => prop::sample::select(vec![
            "x-amzn-ErrorType", "X-Amz-Function-Error", "x-amz-log-result", "X-Amz-Executed-Version",
            "x-amzn-RequestId", "Retry-After", "x-amz-retry-after", "Date", "x-amz-durable-execution-arn",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,10}",
    ];
    let value = prop_oneof![
        "\\PC{0,30}",
        "[0-9+-]{1,25}",
        "[A-Za-z0-9+/=]{0,40}",
        "[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,12} [0-9]{1,3}:[0-9]{1,3}:[0-9]{1,3} GMT",
        prop::sample::select(vec![
            "InvalidSignatureException",
            "TooManyRequestsException",
            "AccessDeniedException",
            "a#b:c",
            ":#:",
            "",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec((name, value), 0..6)
}

fn percent_decoded(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_response_makes_core_panic(
        status in prop_oneof![any::<u16>(), 200_u16..600],
        headers in headers(),
        body in body(),
        now in any::<u64>(),
        elapsed in any::<u64>(),
    ) {
        let answer = RawResponse { status, headers, body: body.clone() };
        let mut call = invocation(request(), connection());
        for _ in 0..3 {
            call.attempt(Duration::from_secs(now)).unwrap();
            let step = call.next(Ok(answer.clone()), Duration::from_secs(now), Duration::from_millis(elapsed));
            let _ = format!("{step:?}");
            if matches!(step, Step::Done(_)) {
                break;
            }
        }
        match interpret(answer) {
            Ok(response) => {
                prop_assert_eq!(status, 200);
                prop_assert_eq!(&response.payload, &body);
            }
            Err(error) => {
                let foreign = matches!(&error, Error::Service(e) if e.code.starts_with("Unexpected"));
                prop_assert_eq!(foreign, (200..400).contains(&status));
                let line = error.to_string();
                prop_assert!(!line.is_empty());
                prop_assert!(!line.contains(['\n', '\r']), "{:?}", line);
            }
        }
    }

    #[test]
    fn a_name_survives_the_path_and_the_path_holds_only_legal_bytes(
        name in "((arn:aws:lambda:)?us-east-1:)?([0-9]{12}:)?(function:)?[a-zA-Z0-9._-]{1,64}(:[a-zA-Z0-9_-]{1,40}|:\\$LATEST(\\.PUBLISHED)?)?",
        other in "[a-zA-Z0-9_$-]{1,128}",
    ) {
        let parsed = FunctionName::parse(&name);
        prop_assume!(parsed.is_ok());
        let qualifier = parsed.unwrap().qualifier.unwrap_or(&other).to_owned();
        let sent = Request { function_name: name.clone(), qualifier: Some(qualifier.clone()), ..request() };
        let head = invocation(sent, connection()).attempt(NOW).unwrap();
        let (path, query) = head.path_and_query.split_once('?').unwrap();
        let label = path
            .strip_prefix("/2015-03-31/functions/")
            .and_then(|rest| rest.strip_suffix("/invocations"))
            .unwrap();
        prop_assert!(label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)), "{}", label);
        prop_assert_eq!(percent_decoded(label), name.as_bytes());
        prop_assert_eq!(percent_decoded(query.strip_prefix("Qualifier=").unwrap()), qualifier.as_bytes());
    }

    #[test]
    fn any_text_survives_in_a_query(text in "\\PC{0,40}|[\\x00-\\xff]{0,20}") {
        let query = canonical_query(&[("q", &text)]);
        let encoded = query.strip_prefix("q=").unwrap();
        prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
        prop_assert_eq!(percent_decoded(encoded), text.as_bytes());
    }

    #[test]
    fn no_argument_makes_core_panic_and_none_is_quoted(
        at in 0_usize..5,
        rubbish in "(CANARYdoNotPrint)?(\\PC|[\\x00-\\x1f]){0,40}",
        payload in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut sent = Request { payload, ..request() };
        let some = Some(rubbish.clone());
        match at {
            0 => sent.function_name = rubbish,
            1 => sent.qualifier = some,
            2 => sent.client_context = some,
            3 => sent.tenant_id = some,
            _ => sent.durable_execution_name = some,
        }
        if let Err(error) = try_invocation(sent, connection(), [0; 16]) {
            let text = format!("{error} {error:?}");
            prop_assert!(!text.contains(CANARY), "{}", text);
        }
    }

    #[test]
    fn no_connection_makes_core_panic_and_no_endpoint_is_quoted(
        region in "[a-z]{2}-[a-z]{1,6}-[0-9]|\\PC{0,12}",
        url in "(https?://)?(CANARYdoNotPrint@)?(localhost|127\\.0\\.0\\.1|\\[::1\\]|[a-z.:@%\\[\\]/?#]{0,12}|\\PC{0,8})(:[0-9]{0,6})?(/[a-z%.0-9/]{0,8})?",
        at in 0_usize..8,
        value in "(true|false|[0-9]{1,12}|\\PC{0,8})",
    ) {
        const NAMES: [&str; 8] = [
            "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
            "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_SDK_UA_APP_ID", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        ];
        let named = Connection { region: Some(region), endpoint_url: Some(url), ..connection() };
        let debug = format!("{named:?}");
        prop_assert!(!debug.contains(CANARY));
        match Settings::resolve(named, &environment(&[(NAMES[at], &value)])) {
            // A URL that was accepted can be sent to.
            Ok(settings) => {
                let host = &settings.endpoint.authority;
                prop_assert!(host.parse::<http::uri::Authority>().is_ok(), "{}", host);
                let path = format!("{}/x", settings.endpoint.base_path);
                prop_assert!(path.parse::<http::uri::PathAndQuery>().is_ok(), "{}", path);
                prop_assert!(settings.endpoint.base_path.is_empty() || settings.endpoint.base_path.starts_with('/'));
            }
            Err(error) => {
                let text = format!("{error} {error:?}");
                prop_assert!(!text.contains(CANARY), "{}", text);
            }
        }
    }
}

/// A connection and a request whose every secret holds the canary.
fn secret_call() -> (Request, Connection) {
    let request = Request {
        payload: format!("\"{CANARY}\"").into_bytes(),
        client_context: Some(CANARY.to_owned()),
        ..request()
    };
    let connection = Connection {
        credentials: Some(Credentials {
            access_key_id: format!("id{CANARY}"),
            secret_access_key: format!("secret{CANARY}"),
            session_token: Some(format!("token{CANARY}")),
        }),
        ..connection()
    };
    (request, connection)
}

#[test]
fn no_debug_text_shows_a_credential_a_payload_or_an_answer() {
    let (request, connection) = secret_call();
    let mut texts = vec![format!(
        "{request:?} {connection:?} {:?}",
        connection.credentials
    )];
    let mut call = invocation(request.clone(), connection.clone());
    texts.push(format!("{:?}", call.settings()));
    call.attempt(NOW).unwrap();
    texts.push(format!("{call:?}"));
    texts.push(format!("{:?}", call.prepare(NOW).unwrap()));
    let answer = raw(
        200,
        &[
            ("x-amz-function-error", "Unhandled"),
            // The canary once more, in base64.
            ("x-amz-log-result", "Q0FOQVJZZG9Ob3RQcmludA=="),
        ],
        &format!(r#"{{"errorMessage":"{CANARY}","stackTrace":["{CANARY}"]}}"#),
    );
    texts.push(format!("{answer:?}"));
    let response = interpret(answer).unwrap();
    assert_eq!(response.log_tail.as_deref(), Some(CANARY));
    texts.push(format!("{response:?}"));
    texts.push(format!("{:?}", Step::Done(Ok(response.clone()))));
    let failed = Error::FunctionFailed(FunctionFailure {
        function_error: response.function_error.unwrap(),
        payload: response.payload,
        log_tail: response.log_tail,
    });
    texts.push(format!("{failed} {failed:?}"));
    for text in texts {
        assert!(!text.contains(CANARY), "{text}");
        assert!(!text.contains("Q0FOQVJZ"), "{text}");
    }
}

#[test]
fn every_error_is_one_line_that_says_something() {
    let errors = [
        Error::NoRegion,
        Error::ResponseTooLarge(ResponseLimit { limit: 1 }),
        Error::FunctionFailed(FunctionFailure {
            function_error: FunctionError {
                kind: "Unhandled".to_owned(),
                error_type: Some("ValueError".to_owned()),
                ..FunctionError::default()
            },
            payload: Vec::new(),
            log_tail: None,
        }),
        none_found(None, "no instance metadata"),
    ];
    for (error, says) in errors.iter().zip([
        "AWS_REGION",
        "check that the endpoint",
        "the function failed (Unhandled, ValueError)",
        "AWS_ACCESS_KEY_ID",
    ]) {
        let line = error.to_string();
        assert!(line.contains(says) && !line.contains('\n'), "{line}");
    }
}
