//! The AWS signing test suite, as it ships inside the `aws-sigv4` crate.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lambda_invocation_core::call::sign::{
    Scope, Signable, Signed, SigningTime, key, sha256_hex, sign,
};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use time::{Date, Month, Time};

/// Cases that do not apply, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("get-relative-normalized", DOT_SEGMENTS),
    ("get-relative-relative-normalized", DOT_SEGMENTS),
    ("get-slash-dot-slash-normalized", DOT_SEGMENTS),
    ("get-slash-pointless-dot-normalized", DOT_SEGMENTS),
    ("get-slash-normalized", EMPTY_SEGMENTS),
    ("get-slashes-normalized", EMPTY_SEGMENTS),
];
const DOT_SEGMENTS: &str = "dot segments are refused in names and endpoint URLs, not removed";
const EMPTY_SEGMENTS: &str = "empty segments are refused in endpoint URLs, not removed";

/// Files of a case that are not compared, and why.
const NOT_READ: &[(&str, &str)] = &[
    ("query-canonical-request.txt", PRESIGNED),
    ("query-signature.txt", PRESIGNED),
    ("query-signed-request.txt", PRESIGNED),
    ("query-string-to-sign.txt", PRESIGNED),
];
const PRESIGNED: &str = "Invoke is never called with a presigned URL";

/// Files of a case that are compared or tell what to sign.
const READ: &[&str] = &[
    "context.json",
    "request.txt",
    "header-canonical-request.txt",
    "header-string-to-sign.txt",
    "header-signature.txt",
    "header-signed-request.txt",
];

/// The two cases for services that encode paths twice, as Lambda does, have no
/// `context.json`; their credentials and scope are those of the crate's own tests.
/// One of them was recorded at another time than it was signed.
const DOUBLE_ENCODED: &[Context<'static>] = &[
    Context {
        case: "double-encode-path",
        access_key_id: "ANOTREAL",
        secret_access_key: "notrealrnrELgWzOk3IfjzDKtFBhDby",
        token: None,
        region: "us-east-1",
        service: "service",
        timestamp: "20210511T154045Z",
        signed_at: "20150830T123600Z",
        sign_body: false,
    },
    Context {
        case: "double-url-encode",
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        token: None,
        region: "us-east-2",
        service: "lambda",
        timestamp: "20210511T154045Z",
        signed_at: "20210511T154045Z",
        sign_body: false,
    },
];

#[derive(Clone, Copy)]
struct Context<'a> {
    case: &'a str,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    token: Option<&'a str>,
    region: &'a str,
    service: &'a str,
    /// The time of the canonical request.
    timestamp: &'a str,
    /// The time of the signature.
    signed_at: &'a str,
    sign_body: bool,
}

#[test]
fn every_case_of_the_suite_is_signed_alike_or_listed_with_a_reason() {
    let suite = suite_dir();
    let mut left: BTreeSet<String> = fs::read_dir(&suite)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left.len(), 40, "the suite changed: {left:?}");
    for (case, reason) in NOT_RUN {
        assert!(left.remove(*case), "{case} ({reason}) is not in the suite");
    }
    for case in left {
        let dir = suite.join(&case);
        check_files(&dir);
        if let Some(context) = DOUBLE_ENCODED.iter().find(|c| c.case == case) {
            run(&dir, context, &Message::read(&dir));
            continue;
        }
        let json: Value = serde_json::from_str(&read(&dir, "context.json").unwrap()).unwrap();
        let text = |value: &'_ Value| value.as_str().unwrap().to_owned();
        let timestamp = text(&json["timestamp"]).replace(['-', ':'], "");
        let key = &json["credentials"];
        let omitted = json["omit_session_token"] == Value::Bool(true);
        let mut message = Message::read(&dir);
        // The suite signs for services that encode a path once, where the canonical
        // path is the one on the wire; a path not encoded yet gives the same here.
        message.path = percent_decoded(&message.path);
        run(
            &dir,
            &Context {
                case: &case,
                access_key_id: &text(&key["access_key_id"]),
                secret_access_key: &text(&key["secret_access_key"]),
                token: key["token"].as_str().filter(|_| !omitted),
                region: &text(&json["region"]),
                service: &text(&json["service"]),
                timestamp: &timestamp,
                signed_at: &timestamp,
                sign_body: json["sign_body"] == Value::Bool(true),
            },
            &message,
        );
    }
}

/// A file that is neither compared nor listed would be a rule not looked at.
fn check_files(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let listed = NOT_READ.iter().any(|(file, _)| *file == name);
        assert!(listed || READ.contains(&name.as_str()), "{dir:?} {name}");
    }
}

fn run(dir: &Path, context: &Context<'_>, message: &Message) {
    let case = context.case;
    let then = signed(context, context.timestamp, message);
    let canonical = read(dir, "header-canonical-request.txt").unwrap();
    assert_eq!(then.canonical_request, canonical, "{case}");
    if let Some(string_to_sign) = read(dir, "header-string-to-sign.txt") {
        // One of the files ends with a line break.
        assert_eq!(then.string_to_sign, string_to_sign.trim_end(), "{case}");
    }
    let authorization = signed(context, context.signed_at, message).authorization;
    if let Some(signature) = read(dir, "header-signature.txt") {
        let (_, ours) = authorization.rsplit_once("Signature=").unwrap();
        assert_eq!(ours, signature, "{case}");
    }
    let sent = read(dir, "header-signed-request.txt").unwrap();
    let sent = sent
        .lines()
        .find_map(|line| line.strip_prefix("Authorization:"))
        .unwrap();
    assert_eq!(authorization, sent.trim(), "{case}");
}

fn signed(context: &Context<'_>, at: &str, message: &Message) -> Signed {
    let payload_hash = sha256_hex(message.body.as_bytes());
    let mut headers: Vec<(&str, &str)> = message
        .headers
        .iter()
        .filter(|(name, _)| name != "x-amz-date")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    headers.push(("x-amz-date", at));
    headers.extend(context.token.map(|token| ("x-amz-security-token", token)));
    if context.sign_body {
        headers.push(("x-amz-content-sha256", &payload_hash));
    }
    let query: Vec<(&str, &str)> = message
        .query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let time = signing_time(at);
    sign(
        &Signable {
            method: &message.method,
            path: &message.path,
            query: &query,
            headers: &headers,
            payload_hash: &payload_hash,
        },
        &Scope {
            access_key_id: context.access_key_id,
            key: &key(
                context.secret_access_key,
                context.region,
                context.service,
                &time,
            ),
            region: context.region,
            service: context.service,
            time: &time,
        },
    )
}

/// A request of the suite.
struct Message {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
}

impl Message {
    fn read(dir: &Path) -> Self {
        let text = read(dir, "request.txt").unwrap();
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        let target = target.strip_suffix(" HTTP/1.1").unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            if line.starts_with(' ') {
                let (_, value) = headers.last_mut().unwrap();
                value.push('\n');
                value.push_str(line);
            } else {
                let (name, value) = line.split_once(':').unwrap();
                headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
        }
        let query = query.split('&').filter(|pair| !pair.is_empty());
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (percent_decoded(name), percent_decoded(value))
                })
                .collect(),
            headers,
            body: body.to_owned(),
        }
    }
}

/// The suite's folder, in whichever place cargo keeps the crate's source.
fn suite_dir() -> PathBuf {
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    };
    let version = cargo(&["-vV"]);
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let metadata: Value = serde_json::from_str(&cargo(&[
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform",
        host,
    ]))
    .unwrap();
    let manifest = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "aws-sigv4")
        .and_then(|package| package["manifest_path"].as_str())
        .unwrap();
    Path::new(manifest).with_file_name("aws-signing-test-suite/v4")
}

fn read(dir: &Path, file: &str) -> Option<String> {
    fs::read_to_string(dir.join(file)).ok()
}

fn percent_decoded(text: &str) -> String {
    let decoded = percent_decode_str(text).decode_utf8().unwrap();
    decoded.into_owned()
}

/// From `YYYYMMDDTHHMMSSZ`.
fn signing_time(text: &str) -> SigningTime {
    let number = |from: usize, to: usize| text[from..to].parse::<u8>().unwrap();
    let year = text[..4].parse().unwrap();
    let month = Month::try_from(number(4, 6)).unwrap();
    let date = Date::from_calendar_date(year, month, number(6, 8)).unwrap();
    let time = Time::from_hms(number(9, 11), number(11, 13), number(13, 15)).unwrap();
    let seconds = date.with_time(time).assume_utc().unix_timestamp();
    let time = SigningTime::new(Duration::from_secs(seconds.try_into().unwrap()));
    assert_eq!(time.amz_date(), text);
    time
}
