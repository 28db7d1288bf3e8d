//! The bytes sent for a lifecycle event, and the JSON rewriting behind them.

#![cfg(test)]

use lambda_invocation_core::lifecycle::LifecycleEvent::{self, Create, Delete, Update};
use lambda_invocation_core::lifecycle::id;
use lambda_invocation_core::lifecycle::json::{Fault, MAX_DEPTH, Value};
use lambda_invocation_core::lifecycle::payload::{InputFault, PayloadFault, crud};

fn md5(payload: &str) -> String {
    let id = id::of_payload("f", "$LATEST", payload.as_bytes());
    id.rsplit(',').next().unwrap_or_default().to_owned()
}

/// Under `create-only` the payload is the input; only its hash is ours.
#[test]
fn create_only_vectors_hash_as_terraform_hashes_them() {
    for (input, hash) in [
        (
            r#"{"key1":"value1","key2":"value2"}"#,
            "ff45cc3835165307ef414c23ca2c6f67",
        ),
        (
            r#"{"key1":"valueB","key2":"value2"}"#,
            "1836e986036432811ee4ee11a40f5a25",
        ),
        (
            r#"{"key1":{"subkey1":"subvalue1"},"key2":{"subkey2":"subvalue2","subkey3":{"a":"b"}}}"#,
            "d1e0c4a0f9f7a4a39e4838c38a83b44b",
        ),
    ] {
        assert_eq!(md5(input), hash);
    }
}

#[test]
fn crud_vectors_are_terraforms_bytes_and_hashes() {
    struct Vector {
        event: LifecycleEvent,
        input: &'static str,
        previous: &'static str,
        key: &'static str,
        payload: &'static str,
        hash: &'static str,
    }
    const ONE: &str = r#"{"key1":"value1","key2":"value2"}"#;
    const TWO: &str = r#"{"key1":"valueB","key2":"value2"}"#;
    for v in [
        Vector {
            event: Create,
            input: ONE,
            previous: "",
            key: "tf",
            payload: r#"{"key1":"value1","key2":"value2","tf":{"action":"create","prev_input":null}}"#,
            hash: "5d9b1aafb76a925212c69e5de1fd5e19",
        },
        Vector {
            event: Update,
            input: TWO,
            previous: ONE,
            key: "tf",
            payload: r#"{"key1":"valueB","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#,
            hash: "7d481d2549efebf3e9a92dfc99585bd3",
        },
        Vector {
            event: Delete,
            input: ONE,
            previous: ONE,
            key: "tf",
            payload: r#"{"key1":"value1","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"value1","key2":"value2"}}}"#,
            hash: "b573166b9a00516bd77d964e8235eb90",
        },
        // create-only to crud, same input
        Vector {
            event: Update,
            input: ONE,
            previous: ONE,
            key: "tf",
            payload: r#"{"key1":"value1","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#,
            hash: "7770ccc2ff7e8cd2b62a475089a12b04",
        },
        Vector {
            event: Create,
            input: ONE,
            previous: "",
            key: "custom_key",
            payload: r#"{"custom_key":{"action":"create","prev_input":null},"key1":"value1","key2":"value2"}"#,
            hash: "816775e68a64ed2bf37df79fa9cfeda4",
        },
        // Upstream: TestBuildInputPanic
        Vector {
            event: Delete,
            input: "",
            previous: "",
            key: "tf",
            payload: r#"{"tf":{"action":"delete","prev_input":null}}"#,
            hash: "2ee49e0945a331ead8080638114fe5ae",
        },
    ] {
        let payload = crud(v.event, v.input, v.previous, v.key).unwrap();
        assert_eq!(payload, v.payload);
        assert_eq!(md5(&payload), v.hash, "{payload}");
    }
}

/// The rules of Go's `encoding/json`, 1.22 and later, with HTML escaping on.
#[test]
fn strings_are_escaped_as_go_escapes_them() {
    for (input, output) in [
        (r#""<>&""#, r#""\u003c\u003e\u0026""#),
        (
            "\"\u{2028}\u{2029}\u{2027}\u{202a}\"",
            "\"\\u2028\\u2029\u{2027}\u{202a}\"",
        ),
        (r#""\b\f\n\r\t""#, r#""\b\f\n\r\t""#),
        (r#""\u0008\u000C\u000a\u000d\u0009""#, r#""\b\f\n\r\t""#),
        (
            r#""\u0000\u0001\u000b\u001F""#,
            r#""\u0000\u0001\u000b\u001f""#,
        ),
        (r#""\u007f""#, "\"\u{7f}\""),
        (r#""\"\\\/\u002f""#, r#""\"\\//""#),
        (r#""é\u00e9😀""#, "\"éé😀\""),
        // Surrogates: a pair, its halves, and halves beside other characters.
        (r#""\ud83d\ude00""#, "\"😀\""),
        (r#""\uD83D\uDE00""#, "\"😀\""),
        (r#""\ud83d""#, "\"\u{fffd}\""),
        (r#""\ude00""#, "\"\u{fffd}\""),
        (r#""\ude00\ud83d""#, "\"\u{fffd}\u{fffd}\""),
        (r#""\ud83d\ud83d\ude00""#, "\"\u{fffd}😀\""),
        (r#""\ud83d\u0041""#, "\"\u{fffd}A\""),
        (r#""\ud83d\n""#, "\"\u{fffd}\\n\""),
        (r#""\ud83dA""#, "\"\u{fffd}A\""),
        // Keys by the same rules.
        (r#"{"<\u0041":1}"#, r#"{"\u003cA":1}"#),
    ] {
        assert_eq!(Value::parse(input).unwrap().encode(), output, "{input}");
    }
}

#[test]
fn objects_are_compact_with_keys_in_byte_order_at_every_depth_and_the_last_of_equal_keys() {
    for (input, output) in [
        (" { } ", "{}"),
        ("[ ]", "[]"),
        (
            "\t{\r\n \"b\" : 1 , \"a\" : [ 1 , { \"d\":null,\"c\":true } ] }\n",
            r#"{"a":[1,{"c":true,"d":null}],"b":1}"#,
        ),
        (
            r#"{"a":1,"B":2,"":3,"é":4,"aa":5}"#,
            r#"{"":3,"B":2,"a":1,"aa":5,"é":4}"#,
        ),
        // Bytes of UTF-8, not code units of UTF-16: U+FF61 before U+1F600.
        (r#"{"😀":1,"｡":2}"#, r#"{"｡":2,"😀":1}"#),
        (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
        (r#"{"a":{"x":1,"y":1},"a":{"z":1}}"#, r#"{"a":{"z":1}}"#),
    ] {
        assert_eq!(Value::parse(input).unwrap().encode(), output, "{input}");
    }
}

/// Terraform passes numbers through a 64-bit float: 9007199254740993 becomes
/// ...992, 1.0 becomes 1, and 1e400 is refused.
#[test]
fn integers_beyond_2_to_the_53_and_all_other_numbers_are_sent_as_written() {
    for number in [
        "9007199254740993",
        "123456789012345678901234567890",
        "1.0",
        "-0",
        "0.10",
        "1E5",
        "1e+05",
        "1e400",
        "-1.50e-7",
    ] {
        let input = format!(r#"{{"n":{number}}}"#);
        let payload = crud(Update, &input, &input, "tf").unwrap();
        assert_eq!(
            payload,
            format!(r#"{{"n":{number},"tf":{{"action":"update","prev_input":{{"n":{number}}}}}}}"#)
        );
    }
}

#[test]
fn text_that_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "}",
        "\"",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{1:2}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1]]",
        "{} {}",
        "nul",
        "nulll",
        "True",
        "truefalse",
        "NaN",
        "Infinity",
        "01",
        "-",
        "+1",
        "1.",
        ".1",
        "1.e5",
        "1e",
        "1e+",
        "--1",
        "1-2",
        "1.2.3",
        "1e2e3",
        "0x10",
        "'a'",
        "\"\n\"",
        "\"\u{1f}\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u+123\"",
        "\"\\uZZZZ\"",
        "\"\\ud83d\\uZZZZ\"",
        "\"\\",
        "\"\\u",
        "\u{feff}{}",
        "/**/1",
        "\u{a0}1",
    ] {
        assert_eq!(Value::parse(text).err(), Some(Fault::Syntax), "{text:?}");
    }
}

#[test]
fn nesting_is_bounded_so_that_no_input_exhausts_the_stack() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Value::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(
        Value::parse(&nested(MAX_DEPTH + 1)).err(),
        Some(Fault::TooDeep)
    );
    assert_eq!(
        Value::parse(&"[".repeat(3_000_000)).err(),
        Some(Fault::TooDeep)
    );
    assert_eq!(
        Value::parse(&"{\"a\":".repeat(1_000_000)).err(),
        Some(Fault::TooDeep)
    );
}

#[test]
fn a_fault_names_the_input_that_has_it() {
    use InputFault::{NotAnObject, Syntax, TooDeep};
    use PayloadFault::{Input, Previous};
    let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
    for (input, previous, fault) in [
        ("[]", "{}", Input(NotAnObject)),
        ("null", "{}", Input(NotAnObject)),
        ("\"{}\"", "{}", Input(NotAnObject)),
        ("{", "{}", Input(Syntax)),
        (deep.as_str(), "{}", Input(TooDeep)),
        ("{}", "{", Previous(Syntax)),
        ("{}", deep.as_str(), Previous(TooDeep)),
    ] {
        assert_eq!(crud(Update, input, previous, "tf"), Err(fault));
    }
}

/// Terraform fails here: it reads both inputs as objects.
#[test]
fn a_previous_input_that_was_no_object_is_passed_on_instead_of_blocking_the_update() {
    assert_eq!(
        crud(Update, "{}", " [1, 2] ", "tf").unwrap(),
        r#"{"tf":{"action":"update","prev_input":[1,2]}}"#
    );
}

#[test]
fn the_terraform_key_is_escaped_and_overwrites_a_key_of_a_stored_input() {
    assert_eq!(
        crud(Delete, r#"{"a\"<":1,"z":2}"#, "", "a\"<").unwrap(),
        r#"{"a\"\u003c":{"action":"delete","prev_input":null},"z":2}"#
    );
}
