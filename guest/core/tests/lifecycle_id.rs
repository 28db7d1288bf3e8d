//! Ids: made, and taken apart.

#![cfg(test)]

use lambda_invocation_core::lifecycle::id::{self, Id};

const HASH: &str = "b326b5062b2f0e69046810717534cb09";

/// Upstream: TestParseRecordID. Nine of its ten rows; the tenth is the next test.
#[test]
fn parse_record_id() {
    for text in ["ABCDEF", "ABCDEF,42", "ABCDEF,,", "ABCDEF,42,invalid_hash"] {
        assert!(Id::parse(text).is_err(), "{text}");
    }
    for (function_name, qualifier) in [
        ("ABCDEF", "42"),
        ("ABC_DEF", "42"),
        ("ABCDEF", "$LATEST"),
        ("ABC_DEF", "$LATEST"),
        ("ABC_DEF_1234", "567"),
    ] {
        let text = format!("{function_name},{qualifier},{HASH}");
        assert_eq!(
            Id::parse(&text),
            Ok(Id {
                function_name,
                qualifier,
                hash: HASH
            }),
            "{text}"
        );
    }
}

/// Upstream's TestParseRecordID holds `ABCDEF,invalid_qualifier,HASH` invalid. Here
/// that is an alias: the provider creates with aliases, and only cannot import them.
#[test]
fn an_alias_in_an_id_is_accepted() {
    for alias in ["PROD", "invalid_qualifier", "blue-green", "a"] {
        let text = format!("ABCDEF,{alias},{HASH}");
        assert_eq!(Id::parse(&text).unwrap().qualifier, alias);
    }
}

/// Upstream: TestInvocationResourceIDCreation.
#[test]
fn invocation_resource_id_creation() {
    let id = id::of_payload("my_test_function", "$LATEST", b"{}");
    assert_eq!(
        id,
        "my_test_function,$LATEST,99914b932bd37a50b983c5e7c90ae93b"
    );
    assert_eq!(
        Id::parse(&id),
        Ok(Id {
            function_name: "my_test_function",
            qualifier: "$LATEST",
            hash: "99914b932bd37a50b983c5e7c90ae93b"
        })
    );
}

#[test]
fn an_id_of_the_older_form_is_split_from_the_right() {
    for (text, function_name, qualifier) in [
        (format!("f_$LATEST_{HASH}"), "f", "$LATEST"),
        (
            format!("my_test_function_42_{HASH}"),
            "my_test_function",
            "42",
        ),
        // The ambiguity: function `f` with alias `my_alias` looks the same.
        (format!("f_my_alias_{HASH}"), "f_my", "alias"),
        (
            format!("arn:aws:lambda:us-east-1:123456789012:function:f_g_PROD_{HASH}"),
            "arn:aws:lambda:us-east-1:123456789012:function:f_g",
            "PROD",
        ),
    ] {
        assert_eq!(
            Id::parse(&text),
            Ok(Id {
                function_name,
                qualifier,
                hash: HASH
            }),
            "{text}"
        );
    }
}

#[test]
fn ids_that_break_a_rule_are_refused_without_being_repeated() {
    for text in [
        String::new(),
        ",".to_owned(),
        "_".to_owned(),
        ",,,".to_owned(),
        format!(",42,{HASH}"),
        format!("secret,,{HASH}"),
        format!("secret,name,42,{HASH}"),
        format!("secret,not a qualifier,{HASH}"),
        format!("secret,{},{HASH}", "q".repeat(129)),
        format!("secret:PROD,$LATEST,{HASH}"),
        format!("secret,42,{}", HASH.to_uppercase()),
        format!("secret,42,{}", &HASH[1..]),
        format!("secret,42,{HASH}0"),
        format!("secret_{HASH}"),
        format!("_42_{HASH}"),
        "secret_42_notahash".to_owned(),
    ] {
        let error = Id::parse(&text).unwrap_err().to_string();
        assert!(error.starts_with("invalid id: "), "{text}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
