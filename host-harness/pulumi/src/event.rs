//! An event that is given as a value of the program's language: the JSON text of it.

use serde_json::{Map, Number, Value as Json};

use crate::path;
use crate::property::Failure;
use crate::value::Value;

/// The largest whole number that a double, and so Pulumi's protocol, holds exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The text of an event: a string is one already, and is taken as it is. Anything else
/// becomes compact JSON with sorted keys. The value is known, and not null.
///
/// # Errors
///
/// At the path of what cannot be written exactly.
pub fn text(property: &str, value: &Value) -> Result<String, Failure> {
    match value.plain() {
        Value::Text(text) => Ok(text.clone()),
        value => json(&path::of_property(property), value).map(|json| json.to_string()),
    }
}

fn json(at: &str, value: &Value) -> Result<Json, Failure> {
    Ok(match value.plain() {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => Json::Number(self::number(at, *number)?),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(elements) => Json::Array(
            elements
                .iter()
                .enumerate()
                .map(|(index, element)| json(&path::of_element(at, index), element))
                .collect::<Result<_, _>>()?,
        ),
        Value::Map(members) => Json::Object(
            members
                .iter()
                .map(|(name, member)| Ok((name.clone(), json(&path::of_member(at, name), member)?)))
                .collect::<Result<Map<_, _>, Failure>>()?,
        ),
        Value::Files => return Err(Failure::new(at, "must not hold an asset or an archive")),
        Value::Unknown | Value::Secret(_) => {
            return Err(Failure::new(at, "must be known"));
        }
    })
}

fn number(at: &str, number: f64) -> Result<Number, Failure> {
    if number.abs() > MAX_EXACT || !number.is_finite() {
        return Err(Failure::new(
            at,
            "is a number beyond 2^53, which Pulumi does not pass on exactly: pass the whole event as a JSON string",
        ));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it has just been compared")]
    let whole = number as i64;
    #[expect(clippy::cast_precision_loss, reason = "it is within 2^53")]
    let exact = whole as f64;
    // JavaScript has no 1.0, and Python's 1 comes as a double, too.
    if exact == number {
        return Ok(whole.into());
    }
    Number::from_f64(number).ok_or_else(|| Failure::new(at, "must be a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Members;

    fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        let members = members.into_iter();
        Value::Map(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Members>(),
        )
    }

    #[test]
    fn values_become_compact_json_and_strings_stay_as_they_are() {
        for (value, expected) in [
            (Value::from("{ \"a\": 1.0 }\n"), "{ \"a\": 1.0 }\n"),
            (Value::Number(1.0), "1"),
            (Value::Number(-0.0), "0"),
            (Value::Number(0.5), "0.5"),
            (Value::Number(MAX_EXACT), "9007199254740992"),
            (Value::Bool(true), "true"),
            (
                Value::List(vec![Value::Null, Value::from("a").secret()]),
                r#"[null,"a"]"#,
            ),
            (
                object([("b", Value::Number(2.0)), ("a", Value::from("x"))]).secret(),
                r#"{"a":"x","b":2}"#,
            ),
        ] {
            assert_eq!(text("input", &value).unwrap(), expected);
        }
    }

    #[test]
    fn what_cannot_be_written_exactly_is_refused_where_it_is() {
        let items = Value::List(vec![Value::Null, object([("id", Value::Number(1e16))])]);
        for (value, at) in [
            (object([("items", items)]), "[\"input\"].items[1].id"),
            (object([("a b", Value::Files)]), "[\"input\"][\"a b\"]"),
            (Value::Number(f64::NAN), "[\"input\"]"),
            (Value::Number(f64::INFINITY), "[\"input\"]"),
        ] {
            assert_eq!(text("input", &value).unwrap_err().path, at);
        }
    }
}
