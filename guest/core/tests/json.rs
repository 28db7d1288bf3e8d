//! What is JSON, where a text stops being it, and what it is rewritten to.

use lambda_invocation_core::json::{Fault, MAX_DEPTH, Value, check};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

#[test]
fn a_text_that_is_not_json_is_refused_with_the_place_of_the_fault() {
    for (text, fault) in [
        ("", "it ends too early at line 1, column 0"),
        (" ", "it ends too early at line 1, column 1"),
        ("{", "it ends too early at line 1, column 1"),
        ("[", "it ends too early at line 1, column 1"),
        ("}", "unexpected character at line 1, column 1"),
        ("\"", "it ends too early at line 1, column 1"),
        ("{\"a\"}", "unexpected character at line 1, column 5"),
        ("{\"a\":}", "unexpected character at line 1, column 6"),
        ("{\"a\":1,}", "unexpected character at line 1, column 8"),
        ("{,}", "unexpected character at line 1, column 2"),
        ("{1:2}", "unexpected character at line 1, column 2"),
        ("[1,]", "unexpected character at line 1, column 4"),
        ("[,1]", "unexpected character at line 1, column 2"),
        ("[1 2]", "unexpected character at line 1, column 4"),
        ("[1]]", "unexpected character at line 1, column 4"),
        ("{} {}", "unexpected character at line 1, column 4"),
        ("nul", "it ends too early at line 1, column 3"),
        ("nulll", "unexpected character at line 1, column 5"),
        ("True", "unexpected character at line 1, column 1"),
        ("truefalse", "unexpected character at line 1, column 5"),
        ("NaN", "unexpected character at line 1, column 1"),
        ("Infinity", "unexpected character at line 1, column 1"),
        ("01", "unexpected character at line 1, column 2"),
        ("-", "unexpected character at line 1, column 1"),
        ("+1", "unexpected character at line 1, column 1"),
        ("1.", "unexpected character at line 1, column 2"),
        (".1", "unexpected character at line 1, column 1"),
        ("1.e5", "unexpected character at line 1, column 3"),
        ("1e", "unexpected character at line 1, column 2"),
        ("1e+", "unexpected character at line 1, column 3"),
        ("--1", "unexpected character at line 1, column 2"),
        ("1-2", "unexpected character at line 1, column 2"),
        ("1.2.3", "unexpected character at line 1, column 4"),
        ("1e2e3", "unexpected character at line 1, column 4"),
        ("0x10", "unexpected character at line 1, column 2"),
        ("'a'", "unexpected character at line 1, column 1"),
        ("\"\n\"", "unexpected character at line 1, column 1"),
        ("\"\u{1f}\"", "unexpected character at line 1, column 1"),
        ("\"\\x\"", "unexpected character at line 1, column 3"),
        ("\"\\u12\"", "it ends too early at line 1, column 6"),
        ("\"\\u+123\"", "unexpected character at line 1, column 7"),
        ("\"\\uZZZZ\"", "unexpected character at line 1, column 7"),
        (
            "\"\\ud83d\\uZZZZ\"",
            "unexpected character at line 1, column 13",
        ),
        ("\"\\", "it ends too early at line 1, column 2"),
        ("\"\\u", "it ends too early at line 1, column 3"),
        ("\u{feff}{}", "unexpected character at line 1, column 1"),
        ("/**/1", "unexpected character at line 1, column 1"),
        ("\u{a0}1", "unexpected character at line 1, column 1"),
        (
            "[1,\n  2,\n  oops]",
            "unexpected character at line 3, column 3",
        ),
        (
            "{\"a\":\n CANARYdoNotPrint}",
            "unexpected character at line 2, column 2",
        ),
        (
            "{\"a\": 1,\n \"b\": \"c\nd\"}",
            "unexpected character at line 2, column 8",
        ),
        ("{\"k\u{1}\":1}", "unexpected character at line 1, column 3"),
    ] {
        let found = check(text.as_bytes()).err();
        assert_eq!(
            found.map(|fault| fault.to_string()).as_deref(),
            Some(fault),
            "{text:?}"
        );
        assert_eq!(Value::parse(text).err(), found, "{text:?}");
    }
}

#[test]
fn a_text_that_is_not_utf8_is_refused_before_anything_else_is_looked_at() {
    for (bytes, at) in [
        (&b"\"\xff\""[..], 1),
        (b"] \xc3", 2),
        (b"\"\xed\xa0\xbd\"", 1),
    ] {
        assert_eq!(check(bytes), Err(Fault::NotUtf8 { at }), "{bytes:?}");
    }
}

#[test]
fn brackets_close_in_the_order_they_were_opened_at_any_depth() {
    for depth in [1, 63, 64, 65, 128, 129, 1_000] {
        let (mut open, mut close) = (String::new(), String::new());
        for level in 0..depth {
            // A pattern that no shift by a word maps to itself.
            let object = level % 3 == 0 || level % 7 == 0;
            open.push_str(if object { r#"{"a":"# } else { "[" });
            close.insert(0, if object { '}' } else { ']' });
        }
        let whole = format!("{open}1{close}");
        assert_eq!(check(whole.as_bytes()), Ok(()), "{depth}");
        for (at, bracket) in close.char_indices() {
            let mut wrong = close.clone();
            let other = if bracket == '}' { "]" } else { "}" };
            wrong.replace_range(at..=at, other);
            let fault = Fault::Unexpected {
                line: 1,
                column: open.len() + 1 + at + 1,
            };
            let wrong = format!("{open}1{wrong}");
            assert_eq!(check(wrong.as_bytes()), Err(fault), "{depth}");
        }
    }
}

#[test]
fn any_depth_is_json_and_a_value_nests_so_deep_that_no_input_exhausts_the_stack() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for depth in [1_000, 1_000_000] {
        assert_eq!(check(nested(depth).as_bytes()), Ok(()), "{depth}");
        assert_eq!(Value::parse(&nested(depth)).err(), Some(Fault::TooDeep));
    }
    assert!(Value::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(
        Value::parse(&nested(MAX_DEPTH + 1)).err(),
        Some(Fault::TooDeep)
    );
    for open in ["[", "{\"a\":"] {
        let text = open.repeat(5_000_000);
        let column = text.len();
        let fault = Fault::EndsEarly { line: 1, column };
        assert_eq!(check(text.as_bytes()), Err(fault), "{open}");
        assert_eq!(Value::parse(&text).err(), Some(fault), "{open}");
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

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_json_is_passed_and_ends_early_wherever_it_is_cut(value in any_json(), cut in any::<prop::sample::Index>()) {
        for json in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let json = format!("[{json}]");
            prop_assert_eq!(check(json.as_bytes()), Ok(()), "{}", json);
            let cut = &json[..json.floor_char_boundary(cut.index(json.len()))];
            let line = cut.matches('\n').count() + 1;
            let column = cut.len() - cut.rfind('\n').map_or(0, |at| at + 1);
            let fault = check(cut.as_bytes());
            // A minus alone is no number that is too short, but no number.
            if cut.ends_with('-') && matches!(fault, Err(Fault::Unexpected { .. })) {
                continue;
            }
            prop_assert_eq!(fault, Err(Fault::EndsEarly { line, column }), "{:?}", cut);
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_are_no_json(before in "\\PC{0,20}", after in "\\PC{0,20}", bad in 0x80_u8..0xc0) {
        let mut json = serde_json::to_string(&before).unwrap().into_bytes();
        json.pop();
        let at = json.len();
        json.push(bad);
        json.extend_from_slice(&serde_json::to_string(&after).unwrap().as_bytes()[1..]);
        prop_assert_eq!(check(&json), Err(Fault::NotUtf8 { at }));
    }

    /// `serde_json` sorts keys as well, and differs in the escapes of HTML alone.
    #[test]
    fn encoding_equals_serde_jsons_for_ordinary_values_and_is_idempotent(value in any_json()) {
        let plain = value.to_string();
        let escaped: String = plain
            .chars()
            .map(|c| match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        let spaced = serde_json::to_string_pretty(&value).unwrap();
        for input in [&plain, &spaced, &escaped] {
            let encoded = Value::parse(input).unwrap().encode();
            prop_assert_eq!(&encoded, &escaped);
        }
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        "[<>&\"\\\\\u{0}-\u{1f}\u{7f}\u{2027}-\u{202a}é😀]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Into::into),
            // In order, whether or not the build has serde_json keep the order.
            btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}
