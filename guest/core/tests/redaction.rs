//! What a server quotes of the credentials, in whatever form, is in no text of an error.

#![cfg(test)]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::invocation::Step;
use lambda_invocation_core::error::Error;
use support::{NOW, connection, invocation, raw, request};

const KEY_ID: &str = "ASIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQDv+xZ7Qm/3kA9sT0pYk2==";

/// A way to write a secret, by name.
type Form = (&'static str, fn(&str) -> String);

const FORMS: &[Form] = &[
    ("as it is", str::to_owned),
    ("in upper case", |s| s.to_ascii_uppercase()),
    ("in lower case", |s| s.to_ascii_lowercase()),
    ("percent-encoded", |s| escaped(s, |b| format!("%{b:02X}"))),
    ("percent-encoded in lower case", |s| {
        escaped(s, |b| format!("%{b:02x}"))
    }),
    ("percent-encoded twice", |s| {
        escaped(s, |b| format!("%25{b:02X}"))
    }),
    ("percent-encoded whole", |s| {
        s.bytes().map(|b| format!("%{b:02X}")).collect()
    }),
    ("JSON with escaped slashes", |s| s.replace('/', "\\/")),
    ("JSON with escaped codes", |s| {
        escaped(s, |b| format!("\\u00{b:02x}"))
    }),
    ("its first half", |s| s[..s.len() / 2].to_owned()),
    ("its second half", |s| s[s.len() / 2..].to_owned()),
    ("its middle", |s| s[5..15].to_owned()),
    ("cut, with an ellipsis", |s| format!("{}...", &s[..12])),
    ("base64", |s| STANDARD.encode(s)),
    ("base64, cut", |s| {
        format!("{}...", &STANDARD.encode(s)[..17])
    }),
    ("base64 of a part", |s| STANDARD.encode(&s[4..12])),
    ("base64 for URLs", |s| URL_SAFE_NO_PAD.encode(s)),
    ("base64 of a text with it", |s| {
        STANDARD.encode(format!("Credential={s}/20260830"))
    }),
    ("base64 of another text with it", |s| {
        STANDARD.encode(format!("token: {s}"))
    }),
];

/// What may stand around it.
const AROUND: &[fn(&str) -> String] = &[
    |s| format!("before {s} after"),
    |s| format!("Credential={s}/20260830/us-east-1/lambda/aws4_request"),
    |s| format!("?X-Amz-Security-Token={s}&X-Amz-Date=1"),
    |s| format!("'{s}'"),
    |s| format!("<Token>{s}</Token>"),
    |s| format!("token|{s}|"),
    |s| format!("[{s}]"),
    |s| format!("{{{s}}}#"),
    |s| format!("token/{s}"),
    |s| format!("a+{s}"),
    |s| format!("ab-{s}_c"),
    |s| format!("!{s}?"),
    |s| format!("%7C{s}%0A"),
];

/// A text with what is no letter or digit escaped.
fn escaped(text: &str, escape: impl Fn(u8) -> String) -> String {
    text.bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => escape(b),
        })
        .collect()
}

/// Every text of the error that such an answer becomes.
fn texts(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    let mut call = invocation(
        request(),
        Connection {
            credentials: Some(Credentials {
                access_key_id: KEY_ID.to_owned(),
                secret_access_key: SECRET.to_owned(),
                session_token: Some(TOKEN.to_owned()),
            }),
            ..connection()
        },
    );
    call.attempt(NOW).unwrap();
    match call.next(Ok(raw(status, headers, body)), NOW, Duration::ZERO) {
        Step::Done(Err(error)) => format!("{error} {error:?}"),
        Step::Done(Ok(response)) => format!(
            "{:?} {:?} {:?}",
            response.function_error, response.executed_version, response.durable_execution_arn
        ),
        Step::Repeat(wait) => panic!("{wait:?}"),
    }
}

#[test]
fn no_form_of_a_secret_that_a_server_quotes_gets_out() {
    for secret in [KEY_ID, SECRET, TOKEN] {
        for (form, write) in FORMS {
            for around in AROUND {
                let quoted = write(secret);
                let text = around(&quoted);
                let json = serde_json::json!({"message": text, "code": text}).to_string();
                let xml = text.replace('<', "&lt;").replace('>', "&gt;");
                let xml = format!("<Error><Code>A</Code><Message>{xml}</Message></Error>");
                for (status, headers, body) in [
                    (400, &[][..], &json),
                    (400, &[("x-amzn-errortype", &*text)], &json),
                    (400, &[("x-amzn-requestid", &*text)], &json),
                    (400, &[], &xml),
                    (302, &[("x-amzn-requestid", &*text)], &json),
                    (200, &[("x-amz-function-error", &*text)], &json),
                    (200, &[("x-amz-executed-version", &*text)], &json),
                    (200, &[("x-amz-durable-execution-arn", &*text)], &json),
                ] {
                    let said = texts(status, headers, body);
                    assert!(said.contains("[redacted]"), "{form}: {text}: {said}");
                    let parts = quoted.as_bytes().windows(8);
                    for part in parts.map(|part| std::str::from_utf8(part).unwrap()) {
                        assert!(!said.contains(part), "{form}: {part} of {text}: {said}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_around_a_secret_stays_and_so_does_what_only_looks_like_one() {
    let message = |text: &str| {
        let body = serde_json::json!({ "message": text }).to_string();
        let mut call = invocation(request(), connection());
        call.attempt(NOW).unwrap();
        match call.next(Ok(raw(400, &[], &body)), NOW, Duration::ZERO) {
            Step::Done(Err(Error::Service(e))) => e.message,
            other => panic!("{other:?}"),
        }
    };
    for (sent, kept) in [
        (
            "Authorization=AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260830/us-east-1/lambda/aws4_request, SignedHeaders=host",
            "Authorization=AWS4-HMAC-SHA256 Credential=[redacted], SignedHeaders=host",
        ),
        ("(AKIDEXAMPLE): no", "([redacted]): no"),
        ("AKIDEXAMPLE", "[redacted]"),
        ("an EXAMPLE", "an EXAMPLE"),
        (
            "User: arn:aws:iam::123456789012:user/caller is not authorized to perform: lambda:InvokeFunction",
            "User: arn:aws:iam::123456789012:user/caller is not authorized to perform: lambda:InvokeFunction",
        ),
        ("100% of \\ and %zz %", "100% of \\ and %zz %"),
    ] {
        assert_eq!(message(sent), kept);
    }
}

#[test]
fn a_short_secret_is_taken_out_where_it_stands_alone() {
    // As emulators accept them: a part of another word is no secret.
    let mut call = invocation(
        request(),
        Connection {
            credentials: Some(Credentials {
                access_key_id: "test".to_owned(),
                secret_access_key: "test".to_owned(),
                session_token: None,
            }),
            ..connection()
        },
    );
    call.attempt(NOW).unwrap();
    let body = r#"{"message":"no test, the latest test-function"}"#;
    match call.next(Ok(raw(404, &[], body)), NOW, Duration::ZERO) {
        Step::Done(Err(Error::Service(e))) => {
            assert_eq!(e.message, "no [redacted], the latest test-function");
        }
        other => panic!("{other:?}"),
    }
}
