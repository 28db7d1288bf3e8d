//! Function names: the parser against the service model's pattern.

#![cfg(test)]

mod support;

use lambda_invocation_core::call::function_name::FunctionName;
use proptest::prelude::*;
use regex_lite::Regex;
use support::refusal;

/// The pattern of the service model, with names for its groups and the hyphen in
/// its classes escaped.
const PATTERN: &str = r"(?x)
    (arn:(?<partition>aws[a-zA-Z-]*)?:lambda:)?
    ((?<region>(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}):)?
    ((?<account>\d{12}):)?
    (function:)?
    (?<name>[a-zA-Z0-9\-_\.]+)
    (:(?<qualifier>\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9\-_]+))?";

/// What the pattern makes of `text`, and the rules that stand beside it.
fn expected<'a>(pattern: &Regex, text: &'a str) -> Option<FunctionName<'a>> {
    let groups = pattern.captures(text)?;
    let group = |name| groups.name(name).map(|group| group.as_str());
    let name = group("name")?;
    let sound = text.len() <= 256 && name.len() <= 64 && text != "." && text != "..";
    sound.then_some(FunctionName {
        partition: group("partition"),
        region: group("region"),
        account: group("account"),
        name,
        qualifier: group("qualifier"),
    })
}

fn pattern() -> Regex {
    Regex::new(&format!("^(?:{PATTERN})$")).unwrap()
}

/// A text, then its partition, region and account, its name and its qualifier.
type Row = (
    &'static str,
    [Option<&'static str>; 3],
    &'static str,
    Option<&'static str>,
);

#[test]
fn every_form_is_taken_apart() {
    const ARN: Option<&str> = Some("aws");
    const REGION: Option<&str> = Some("us-east-1");
    const ACCOUNT: Option<&str> = Some("123456789012");
    let table: &[Row] = &[
        ("f", [None; 3], "f", None),
        ("my.function_1-x", [None; 3], "my.function_1-x", None),
        ("f:PROD", [None; 3], "f", Some("PROD")),
        ("f:42", [None; 3], "f", Some("42")),
        ("f:$LATEST", [None; 3], "f", Some("$LATEST")),
        (
            "f:$LATEST.PUBLISHED",
            [None; 3],
            "f",
            Some("$LATEST.PUBLISHED"),
        ),
        ("function:f", [None; 3], "f", None),
        ("function:f:PROD", [None; 3], "f", Some("PROD")),
        ("123456789012:f", [None, None, ACCOUNT], "f", None),
        ("123456789012:function:f", [None, None, ACCOUNT], "f", None),
        (
            "123456789012:function:f:1",
            [None, None, ACCOUNT],
            "f",
            Some("1"),
        ),
        (
            "us-east-1:123456789012:function:f",
            [None, REGION, ACCOUNT],
            "f",
            None,
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            [ARN, REGION, ACCOUNT],
            "f",
            None,
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f:PROD",
            [ARN, REGION, ACCOUNT],
            "f",
            Some("PROD"),
        ),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:$LATEST",
            [Some("aws-us-gov"), Some("us-gov-west-1"), ACCOUNT],
            "f",
            Some("$LATEST"),
        ),
        (
            "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:f",
            [Some("aws-eusc"), Some("eusc-de-east-1"), ACCOUNT],
            "f",
            None,
        ),
        (
            "arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:f",
            [Some("aws-iso-b"), Some("us-isob-east-1"), ACCOUNT],
            "f",
            None,
        ),
        // Functions named like a part of an ARN.
        ("function", [None; 3], "function", None),
        ("arn", [None; 3], "arn", None),
        ("arn:PROD", [None; 3], "arn", Some("PROD")),
        ("function:$LATEST", [None; 3], "function", Some("$LATEST")),
        (
            "123456789012:$LATEST",
            [None; 3],
            "123456789012",
            Some("$LATEST"),
        ),
        ("function:function", [None; 3], "function", None),
        ("us-east-1", [None; 3], "us-east-1", None),
        // Only as a path segment of its own would a dot segment vanish.
        ("..:PROD", [None; 3], "..", Some("PROD")),
        ("...", [None; 3], "...", None),
    ];
    let pattern = pattern();
    for (text, [partition, region, account], name, qualifier) in table.iter().copied() {
        let parts = FunctionName {
            partition,
            region,
            account,
            name,
            qualifier,
        };
        assert_eq!(FunctionName::parse(text), Ok(parts), "{text}");
        assert_eq!(expected(&pattern, text), Some(parts), "{text}");
    }
}

#[test]
fn what_is_no_function_name_is_refused_by_its_rule() {
    let table: &[(&str, &str)] = &[
        ("", "must not be empty"),
        (".", "must not be '.' or '..'"),
        ("..", "must not be '.' or '..'"),
        ("my function", "may hold only"),
        ("f\n", "may hold only"),
        ("f/g", "may hold only"),
        ("f?Qualifier=1", "may hold only"),
        ("f%3APROD", "may hold only"),
        ("größe", "may hold only"),
        ("$LATEST", "may hold only"),
        (":f", "may hold only"),
        ("f:", "qualifier"),
        ("f:a.b", "qualifier"),
        ("f:$latest", "qualifier"),
        ("f:$LATEST.", "qualifier"),
        ("f:1:2", "must be NAME"),
        ("12345678901:function:f", "must be NAME"),
        ("us-east-11:123456789012:function:f", "must be NAME"),
        (
            "arn:aws:s3:us-east-1:123456789012:function:f",
            "arn:PARTITION:lambda:",
        ),
        (
            "arn:azure:lambda:us-east-1:123456789012:function:f",
            "arn:PARTITION:lambda:",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:",
            "may hold only",
        ),
        (
            "ARN:aws:lambda:us-east-1:123456789012:function:f",
            "must be NAME",
        ),
    ];
    let pattern = pattern();
    for (text, rule) in table {
        assert_eq!(expected(&pattern, text), None, "{text}");
        let (argument, reason) = refusal(FunctionName::parse(text));
        assert_eq!(argument, "function-name", "{text}");
        assert!(reason.contains(rule), "{text}: {reason}");
    }
}

#[test]
fn lengths_are_limited_for_the_bare_name_and_for_the_whole() {
    let prefix = "arn:aws:lambda:us-east-1:123456789012:function:";
    let qualifier = |length: usize| "q".repeat(length);
    let of_length = |length: usize| {
        let rest = length - prefix.len() - 64 - 1;
        format!("{prefix}{}:{}", "n".repeat(64), qualifier(rest))
    };
    assert!(FunctionName::parse(&"n".repeat(64)).is_ok());
    assert!(FunctionName::parse(&of_length(256)).is_ok());
    for (text, rule) in [
        ("n".repeat(65), "longer than 64"),
        (format!("{prefix}{}", "n".repeat(65)), "longer than 64"),
        (of_length(257), "longer than 256"),
        ("n".repeat(300), "longer than 256"),
    ] {
        let (_, reason) = refusal(FunctionName::parse(&text));
        assert!(reason.contains(rule), "{reason}");
    }
}

/// Pieces that names are made of, and pieces that only look like them.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "arn",
            "aws",
            "aws-cn",
            "awsome",
            "",
            "lambda",
            "function",
            "us-east-1",
            "us-gov-west-1",
            "us-gov-1",
            "eusc-de-east-1",
            "eusc-us-gov-west-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "us-isobb-east-1",
            "us-iso-1",
            "eu-west-12",
            "e-west-1",
            "US-east-1",
            "us-foo-east-1",
            "us-gov-east-west-1",
            "eusc-",
            "123456789012",
            "12345678901",
            "1234567890123",
            "$LATEST",
            "$LATEST.PUBLISHED",
            "$LATEST.x",
            "$",
            "PROD",
            "a.b",
            ".",
            "..",
            "my-function",
            "my_function",
            "12",
            " ",
            "ä",
        ])
        .prop_map(str::to_owned),
        "[a-z]{2}(-gov|-iso[a-z]?|-[a-z]{2})?-[a-z]{1,5}-[0-9]{1,2}",
        "[a-zA-Z0-9._$-]{1,70}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_parser_and_the_pattern_agree(
        text in prop_oneof![
            8 => prop::collection::vec(piece(), 1..9).prop_map(|pieces| pieces.join(":")),
            1 => "\\PC{0,20}",
        ],
    ) {
        thread_local!(static PATTERN: Regex = pattern());
        PATTERN.with(|pattern| {
            prop_assert_eq!(FunctionName::parse(&text).ok(), expected(pattern, &text));
            Ok(())
        })?;
    }
}
