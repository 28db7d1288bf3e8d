//! What a function's answer has to hold for the invocation to count as a success.

use std::fmt;

use serde_json::Value;

/// Conditions on a result: JSON pointers ([RFC 6901]) and what is to be found there.
///
/// A string is compared as it is, and anything else as JSON, for example `true` or `42`.
///
/// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Success(Vec<(String, String)>);

/// Why a result is not a success. No text here holds anything of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuccessError {
    /// The pointer is neither empty nor begins with a slash.
    Pointer(String),
    /// The result is not JSON.
    NotJson,
    /// There is nothing at the pointer.
    Missing(String),
    /// There is something else at the pointer.
    Differs(String),
}

impl fmt::Display for SuccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(pointer) => write!(
                f,
                "{pointer:?} is not a JSON pointer: write /status for the member status, or /items/0 for the first of items"
            ),
            Self::NotJson => f.write_str("the result is not JSON, so nothing can be found in it"),
            Self::Missing(pointer) => write!(f, "the result has nothing at {pointer}"),
            Self::Differs(pointer) => {
                write!(
                    f,
                    "what the result has at {pointer} is not what success asks for"
                )
            }
        }
    }
}

impl Success {
    /// Conditions from pairs of a pointer and a value.
    ///
    /// # Errors
    ///
    /// [`SuccessError::Pointer`] for the first that is not a JSON pointer.
    pub fn new(
        conditions: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SuccessError> {
        let conditions: Vec<_> = conditions.into_iter().collect();
        match conditions
            .iter()
            .find(|(pointer, _)| !pointer.is_empty() && !pointer.starts_with('/'))
        {
            Some((pointer, _)) => Err(SuccessError::Pointer(pointer.clone())),
            None => Ok(Self(conditions)),
        }
    }

    /// Whether a result holds all of them.
    ///
    /// # Errors
    ///
    /// The first that it does not hold.
    pub fn check(&self, result: &str) -> Result<(), SuccessError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let result: Value = serde_json::from_str(result).map_err(|_| SuccessError::NotJson)?;
        for (pointer, wanted) in &self.0 {
            let holds = match result.pointer(pointer) {
                None => return Err(SuccessError::Missing(pointer.clone())),
                Some(Value::String(text)) => text == wanted,
                Some(other) => {
                    serde_json::from_str(wanted).is_ok_and(|wanted: Value| wanted == *other)
                }
            };
            if !holds {
                return Err(SuccessError::Differs(pointer.clone()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn success(conditions: &[(&str, &str)]) -> Result<Success, SuccessError> {
        Success::new(
            conditions
                .iter()
                .map(|(pointer, value)| ((*pointer).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn a_result_is_compared_at_each_pointer() {
        use SuccessError::{Differs, Missing, NotJson};
        let result = r#"{"status":"ok","n":1,"b":true,"z":null,"l":[{"a/b":"x"}],"o":{"k": 1}}"#;
        let at = |pointer: &str| pointer.to_owned();
        for (conditions, result, outcome) in [
            (&[][..], "not JSON", Ok(())),
            (&[("/status", "ok")], result, Ok(())),
            (&[("/status", "OK")], result, Err(Differs(at("/status")))),
            (&[("/n", "1")], result, Ok(())),
            (&[("/b", "true")], result, Ok(())),
            (&[("/z", "null")], result, Ok(())),
            (&[("/l/0/a~1b", "x")], result, Ok(())),
            (&[("/o", r#"{"k":1}"#)], result, Ok(())),
            (&[("/n", "one")], result, Err(Differs(at("/n")))),
            (&[("", r#""all""#)], r#""all""#, Err(Differs(at("")))),
            (&[("", "all")], r#""all""#, Ok(())),
            (&[("/l/1", "x")], result, Err(Missing(at("/l/1")))),
            (
                &[("/status", "ok"), ("/x", "y")],
                result,
                Err(Missing(at("/x"))),
            ),
            (&[("/status", "ok")], "not JSON", Err(NotJson)),
            (&[("/status", "ok")], "", Err(NotJson)),
        ] {
            let checked = success(conditions).unwrap().check(result);
            assert_eq!(checked, outcome, "{conditions:?} {result}");
        }
    }

    #[test]
    fn what_is_not_a_pointer_is_refused() {
        for pointer in ["status", "$.status", " /status"] {
            let refused = SuccessError::Pointer(pointer.to_owned());
            assert_eq!(success(&[(pointer, "ok")]), Err(refused), "{pointer}");
        }
    }
}
