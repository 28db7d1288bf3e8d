//! The bytes sent for a lifecycle event.

#![cfg(test)]

use lambda_invocation_core::lifecycle::LifecycleEvent::{self, Create, Delete, Update};
use lambda_invocation_core::lifecycle::id;
use lambda_invocation_core::lifecycle::json::Fault;
use lambda_invocation_core::lifecycle::json::MAX_DEPTH;
use lambda_invocation_core::lifecycle::payload::{Input, InputFault, previous};

fn crud(
    event: LifecycleEvent,
    input: &str,
    before: &str,
    terraform_key: &str,
) -> Result<String, InputFault> {
    Ok(Input::read(input, terraform_key)?.payload(event, &previous(before)?))
}

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
fn an_input_must_be_an_object_and_an_input_before_any_json() {
    let ends = InputFault::Syntax(Fault::EndsEarly { line: 1, column: 1 });
    let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
    for (text, as_input, as_previous) in [
        ("[]", Some(InputFault::NotAnObject), None),
        ("null", Some(InputFault::NotAnObject), None),
        ("\"{}\"", Some(InputFault::NotAnObject), None),
        ("{", Some(ends), Some(ends)),
        (&deep, Some(InputFault::TooDeep), Some(InputFault::TooDeep)),
    ] {
        assert_eq!(Input::read(text, "tf").err(), as_input, "{text}");
        assert_eq!(previous(text).err(), as_previous, "{text}");
    }
}

#[test]
fn the_terraform_key_stands_where_it_sorts_to() {
    for (input, payload) in [
        ("{}", r#"{"m":0}"#),
        (r#"{"a":1}"#, r#"{"a":1,"m":0}"#),
        (r#"{"z":1}"#, r#"{"m":0,"z":1}"#),
        (r#"{"z":1,"a":"{,"}"#, r#"{"a":"{,","m":0,"z":1}"#),
        (r#"{"m":1}"#, r#"{"m":0}"#),
        (r#"{"m":1,"z":2,"a":3}"#, r#"{"a":3,"m":0,"z":2}"#),
        (r#"{"m":1,"a":3}"#, r#"{"a":3,"m":0}"#),
    ] {
        let value = r#"{"action":"create","prev_input":null}"#;
        let payload = payload.replace(r#""m":0"#, &format!(r#""m":{value}"#));
        assert_eq!(crud(Create, input, "", "m").unwrap(), payload);
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
