//! The rules for arguments, each at its limit and one beyond.

#![cfg(test)]

mod support;

use lambda_invocation_core::call::request::{
    self, InvocationType, MAX_CLIENT_CONTEXT, MAX_EVENT_PAYLOAD, MAX_PAYLOAD, Request,
};
use support::{CANARY, refusal, request};

fn accepts(change: impl Fn(&mut Request)) {
    let mut request = request();
    change(&mut request);
    assert!(request.check().is_ok(), "{:?}", request.check());
}

/// Checks that the argument is refused by a rule, and that the text does not quote
/// its value, which must hold the canary.
fn refuses(argument: &str, rule: &str, change: impl Fn(&mut Request)) {
    let mut request = request();
    change(&mut request);
    let (named, reason) = refusal(request.check());
    assert_eq!(named, argument, "{reason}");
    assert!(reason.contains(rule), "{argument}: {reason}");
    assert!(!reason.contains(CANARY), "{argument}: {reason}");
}

/// A JSON string of `length` bytes, quotes included.
fn json_of(length: usize) -> Vec<u8> {
    format!("\"{}\"", "x".repeat(length - 2)).into_bytes()
}

#[test]
fn payloads_may_be_as_large_as_lambda_takes_them() {
    let sync = [
        None,
        Some(InvocationType::RequestResponse),
        Some(InvocationType::DryRun),
    ];
    for (types, limit, rule) in [
        (&sync[..], MAX_PAYLOAD, "6,291,456 bytes"),
        (
            &[Some(InvocationType::Event)],
            MAX_EVENT_PAYLOAD,
            "1,048,576 bytes",
        ),
    ] {
        for invocation_type in types.iter().copied() {
            accepts(|r| {
                r.invocation_type = invocation_type;
                r.payload = json_of(limit);
            });
            refuses("payload", rule, |r| {
                r.invocation_type = invocation_type;
                r.payload = json_of(limit + 1);
            });
        }
    }
    assert_eq!((MAX_PAYLOAD, MAX_EVENT_PAYLOAD), (6_291_456, 1_048_576));
}

#[test]
fn a_payload_is_empty_or_one_json_value() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for good in [
        "",
        "{}",
        "null",
        "1",
        "-0.5e-300",
        "1e999999",
        "18446744073709551616",
        "\"\"",
        " [1] \r\n\t",
        "{\"a\":1,\"a\":2}",
        "\"\\ud83d\\ude00\"",
        &deep,
    ] {
        accepts(|r| r.payload = good.as_bytes().to_vec());
    }
    for (bad, rule) in [
        (" ", "ends too early at line 1"),
        (
            "{\"CANARYdoNotPrint\":",
            "ends too early at line 1, column 20",
        ),
        (
            "{\"a\":\n CANARYdoNotPrint}",
            "unexpected character at line 2, column",
        ),
        ("{} CANARYdoNotPrint", "unexpected character"),
        ("{}{}", "unexpected character"),
        ("'CANARYdoNotPrint'", "unexpected character"),
        ("01", "unexpected character"),
        ("NaN", "unexpected character"),
        ("[1,]", "unexpected character"),
        ("\"\u{1}\"", "unexpected character"),
        ("\u{feff}{}", "unexpected character"),
    ] {
        refuses("payload", rule, |r| r.payload = bad.as_bytes().to_vec());
    }
    refuses("payload", "not UTF-8 at byte 1", |r| {
        r.payload = b"\"\xff\"".to_vec()
    });
}

#[test]
fn a_qualifier_is_a_version_or_an_alias() {
    let longest = "q".repeat(128);
    for good in [
        "1",
        "PROD",
        "a-b_c",
        "$LATEST",
        "$LATEST.PUBLISHED",
        "a$b",
        &longest,
    ] {
        accepts(|r| r.qualifier = Some(good.to_owned()));
    }
    let too_long = format!("{CANARY}{}", "q".repeat(129 - CANARY.len()));
    for bad in [
        "",
        "CANARYdoNotPrint.",
        "CANARYdoNotPrint PROD",
        "ü",
        "a:b",
        "a\nb",
        "$LATEST.X",
        &too_long,
    ] {
        refuses("qualifier", "1 to 128", |r| {
            r.qualifier = Some(bad.to_owned())
        });
    }
    assert!(request::check_qualifier("PROD").is_ok());
}

#[test]
fn two_qualifiers_must_be_the_same() {
    for (name, qualifier) in [("f:PROD", "PROD"), ("f:$LATEST", "$LATEST"), ("f", "PROD")] {
        accepts(|r| {
            r.function_name = name.to_owned();
            r.qualifier = Some(qualifier.to_owned());
        });
    }
    for (name, qualifier) in [("f:PROD", CANARY), ("f:$LATEST", CANARY), ("f:1", CANARY)] {
        refuses("qualifier", "only one of them", |r| {
            r.function_name = name.to_owned();
            r.qualifier = Some(qualifier.to_owned());
        });
    }
}

#[test]
fn a_client_context_is_base64_of_limited_length() {
    // Base64 comes in fours, so 3,580 is the longest that fits into 3,583.
    assert_eq!(MAX_CLIENT_CONTEXT, 3_583);
    for good in ["e30=", "YQ==", "+/+/", &"QUFB".repeat(895)] {
        accepts(|r| r.client_context = Some(good.to_owned()));
    }
    refuses("client-context", "3,583 bytes", |r| {
        r.client_context = Some("QUFB".repeat(896));
    });
    for bad in [
        "",
        "{}",
        "e30",
        "e30 ",
        "e3\n0=",
        "-_-_",
        "e30=e30=",
        "CANARYdoNotPrint!",
        "ä",
    ] {
        refuses("client-context", "base64", |r| {
            r.client_context = Some(bad.to_owned());
        });
    }
}

#[test]
fn a_tenant_id_keeps_to_its_characters() {
    for good in ["t", "a._:/=+-@ b", "a  b", &"t".repeat(256)] {
        accepts(|r| r.tenant_id = Some(good.to_owned()));
    }
    let too_long = format!("{CANARY}{}", "t".repeat(257 - CANARY.len()));
    for bad in [
        "",
        "CANARYdoNotPrint!",
        "a\tb",
        "a\r\nx: CANARYdoNotPrint",
        "ü",
        "a,b",
        &too_long,
    ] {
        refuses("tenant-id", "1 to 256", |r| {
            r.tenant_id = Some(bad.to_owned())
        });
    }
    for bad in [" ", " CANARYdoNotPrint", "CANARYdoNotPrint "] {
        refuses("tenant-id", "begin or end with a space", |r| {
            r.tenant_id = Some(bad.to_owned());
        });
    }
}

#[test]
fn a_durable_execution_name_keeps_to_its_characters() {
    for good in ["1", "order-4711_a", &"n".repeat(64)] {
        accepts(|r| r.durable_execution_name = Some(good.to_owned()));
    }
    let too_long = format!("{CANARY}{}", "n".repeat(65 - CANARY.len()));
    for bad in [
        "",
        "CANARYdoNotPrint.",
        "a b",
        "a\r\nb",
        "$",
        "ü",
        &too_long,
    ] {
        refuses("durable-execution-name", "1 to 64", |r| {
            r.durable_execution_name = Some(bad.to_owned());
        });
    }
}

#[test]
fn a_bad_function_name_is_not_quoted() {
    refuses("function-name", "may hold only", |r| {
        r.function_name = format!("{CANARY}!");
    });
}

#[test]
fn the_names_in_headers_are_lambdas() {
    use lambda_invocation_core::call::request::LogType;
    let types = [
        InvocationType::RequestResponse,
        InvocationType::Event,
        InvocationType::DryRun,
    ];
    assert_eq!(
        types.map(InvocationType::as_str),
        ["RequestResponse", "Event", "DryRun"]
    );
    assert_eq!(
        [LogType::None, LogType::Tail].map(LogType::as_str),
        ["None", "Tail"]
    );
}

#[test]
fn a_payloads_hash_is_64_hex_digits_in_lower_case() {
    let hash = "0123456789abcdef".repeat(4);
    accepts(|r| r.payload_sha256 = Some(hash.clone()));
    for bad in [
        String::new(),
        CANARY.to_owned(),
        hash[1..].to_owned(),
        format!("{hash}0"),
        hash.to_uppercase(),
        format!("{}é", &hash[2..]),
        format!("{}\n", &hash[1..]),
    ] {
        refuses("payload-sha256", "64 hex digits", |r| {
            r.payload_sha256 = Some(bad.clone());
        });
    }
}
