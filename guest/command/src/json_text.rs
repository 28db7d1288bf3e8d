//! JSON that a user hands in, read with numbers as written.

use lambda_invocation_core::json::Value;

/// Reads a document.
///
/// # Errors
///
/// What is wrong, with line and column where that is known. No part of the text.
pub fn parse(text: &str) -> Result<Value<'_>, String> {
    Value::parse(text).map_err(|fault| format!("not JSON: {fault}"))
}

/// Whether an object of the document has a key twice, of which only the last one is in
/// the value: as many members must have been written as there are.
pub fn has_duplicate_keys(text: &str, value: &Value<'_>) -> bool {
    let mut written = 0_usize;
    let mut in_string = false;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                bytes.next();
            }
            b':' if !in_string => written = written.saturating_add(1),
            _ => {}
        }
    }
    written != count(value)
}

fn count(value: &Value<'_>) -> usize {
    match value {
        Value::Literal(_) | Value::String(_) => 0,
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members
            .values()
            .map(count)
            .fold(members.len(), usize::saturating_add),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_noticed_at_any_depth() {
        for (text, twice) in [
            ("{}", false),
            (r#"{"a":1,"b":{"a":2}}"#, false),
            (r#"{"a:b":"c:d","\":":":"}"#, false),
            (r#"{"a":"\\","b":"\\\""}"#, false),
            (r#"{"a":1,"a":1}"#, true),
            (r#"{"a":1,"\u0061":2}"#, true),
            (r#"{"x":[{"b":[{"a":1,"a":2}]}]}"#, true),
        ] {
            let value = parse(text).unwrap();
            assert_eq!(has_duplicate_keys(text, &value), twice, "{text}");
        }
    }

    #[test]
    fn a_fault_is_placed_and_nothing_of_the_text_is_repeated() {
        for (text, fault) in [
            (
                "{\"a\": sekrit}",
                "not JSON: unexpected character at line 1, column 7",
            ),
            (
                "\n{\"a\": \"sekrit",
                "not JSON: it ends too early at line 2, column 13",
            ),
            ("", "not JSON: it ends too early at line 1, column 0"),
            (
                "{} sekrit",
                "not JSON: unexpected character at line 1, column 4",
            ),
        ] {
            assert_eq!(parse(text).err().as_deref(), Some(fault), "{text}");
        }
        assert_eq!(
            parse(&"[".repeat(100_000)).err().as_deref(),
            Some("not JSON: it ends too early at line 1, column 100000")
        );
    }
}
