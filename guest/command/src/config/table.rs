//! One table of a configuration file, and its attributes under their spellings.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::mem;

use lambda_invocation_core::json::Value;

use crate::render::one_line;

/// An attribute: its name in Terraform first, then what else it may be called.
pub type Spellings = &'static [&'static str];

/// A table, from which attributes are taken one by one.
pub struct Table<'a> {
    members: BTreeMap<Cow<'a, str>, Value<'a>>,
}

impl<'a> Table<'a> {
    /// The members of a table, of which `known` says what there may be. Those that
    /// are `null` count as absent, as in Terraform.
    ///
    /// # Errors
    ///
    /// A member that is not known, and what was perhaps meant; an attribute under
    /// two of its spellings; a value that is no table.
    pub fn new(value: Value<'a>, known: &[Spellings]) -> Result<Self, String> {
        let Value::Object(members) = value else {
            return Err("must be a table".to_owned());
        };
        let all = || known.iter().copied().flatten().copied();
        if let Some(stranger) = members.keys().find(|key| all().all(|known| known != *key)) {
            return Err(format!(
                "there is no attribute {}{}",
                quoted(stranger),
                did_you_mean(stranger, all())
            ));
        }
        for spellings in known {
            let mut used = spellings.iter().filter(|name| members.contains_key(**name));
            if let (Some(one), Some(other)) = (used.next(), used.next()) {
                return Err(format!(
                    "{one} and {other} are the same attribute; give only one of them"
                ));
            }
        }
        Ok(Self { members })
    }

    /// Takes an attribute out, with the name it has in this table.
    pub fn take(&mut self, spellings: Spellings) -> Option<(&'static str, Value<'a>)> {
        spellings.iter().find_map(|name| {
            let value = mem::replace(self.members.get_mut(*name)?, Value::NULL);
            (value != Value::NULL).then_some((*name, value))
        })
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn text(&mut self, spellings: Spellings) -> Result<Option<String>, String> {
        match self.take(spellings) {
            None => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text.into_owned())),
            Some((name, _)) => Err(format!("{name} must be a string")),
        }
    }

    /// A string that has to be there.
    ///
    /// # Errors
    ///
    /// When it is missing, or something else.
    pub fn required_text(&mut self, spellings: Spellings) -> Result<String, String> {
        let text = self.text(spellings)?;
        text.ok_or_else(|| missing(spellings))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn truth(&mut self, spellings: Spellings) -> Result<Option<bool>, String> {
        match self.take(spellings) {
            None => Ok(None),
            Some((_, Value::Literal("true"))) => Ok(Some(true)),
            Some((_, Value::Literal("false"))) => Ok(Some(false)),
            Some((name, _)) => Err(format!("{name} must be true or false")),
        }
    }

    /// JSON: a string that holds it, or an object or an array to be encoded as
    /// Terraform's `jsonencode` does, so that the same data gives the same bytes:
    /// compact, keys sorted, `<`, `>` and `&` escaped; numbers as written.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn json(&mut self, spellings: Spellings) -> Result<Option<String>, String> {
        match self.take(spellings) {
            None => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text.into_owned())),
            Some((_, value @ (Value::Object(_) | Value::Array(_)))) => Ok(Some(value.encode())),
            Some((name, _)) => Err(format!("{name} must be a string, an object or an array")),
        }
    }

    /// [`Table::json`] that has to be there.
    ///
    /// # Errors
    ///
    /// When it is missing, or something else.
    pub fn required_json(&mut self, spellings: Spellings) -> Result<String, String> {
        let json = self.json(spellings)?;
        json.ok_or_else(|| missing(spellings))
    }

    /// Whether any string in it refers to the result of another invocation.
    ///
    /// # Errors
    ///
    /// When one does: what it stands for is known only after an apply, so no plan
    /// could be made.
    pub fn refuse_references(&self) -> Result<(), String> {
        let found = self.members.iter().find(|(_, value)| refers(value));
        found.map_or(Ok(()), |(name, _)| {
            Err(format!(
                "{name} refers to the result of another invocation with ${{...}}, which no plan can know; give the value itself, or write the $ as \\u0024 in a string of JSON if it is meant as text"
            ))
        })
    }
}

fn missing(spellings: Spellings) -> String {
    let name = spellings.first().copied().unwrap_or_default();
    format!("{name} is missing")
}

fn refers(value: &Value<'_>) -> bool {
    match value {
        Value::Literal(_) => false,
        Value::String(text) => text.split("${").skip(1).any(is_result),
        Value::Array(items) => items.iter().any(refers),
        Value::Object(members) => members.values().any(refers),
    }
}

/// `NAME.result}`, with an address or a type before the name, and a path after it.
fn is_result(reference: &str) -> bool {
    let Some((inner, _)) = reference.split_once('}') else {
        return false;
    };
    let Some((name, path)) = inner.trim().split_once(".result") else {
        return false;
    };
    !name.is_empty()
        && name.chars().all(|c| is_name_character(c) || c == '.')
        && (path.is_empty() || path.starts_with(['.', '[']))
}

/// Whether it can name an invocation: letters, digits, `_` and `-`, as in Terraform.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// A name that a user wrote, as it may be shown: short, and on one line.
pub fn quoted(name: &str) -> String {
    const MOST: usize = 64;
    let cut = name.char_indices().nth(MOST).map(|(end, _)| end);
    let shown = cut.and_then(|end| name.get(..end)).unwrap_or(name);
    let dots = if cut.is_some() { "..." } else { "" };
    format!("\"{}{dots}\"", one_line(shown))
}

/// `; did you mean NAME?`, if one of the names is near.
pub fn did_you_mean<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> String {
    // As clap does for options.
    const NEAR: f64 = 0.7;
    const LONGEST: usize = 64;
    if typed.len() > LONGEST {
        return String::new();
    }
    names
        .map(|name| (strsim::jaro(typed, name), name))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map_or_else(String::new, |(_, name)| format!("; did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_results_are_told_from_other_text() {
        for (text, is_reference) in [
            ("${first.result}", true),
            ("before ${first.result} after", true),
            ("${ first.result }", true),
            ("${aws_lambda_invocation.first.result}", true),
            ("${invocation.first.result}", true),
            ("${first.result.key}", true),
            ("${first.result[\"key\"]}", true),
            ("${one} ${two.result}", true),
            ("", false),
            ("first.result", false),
            ("$first.result", false),
            ("${first}", false),
            ("${first.result", false),
            ("${.result}", false),
            ("${first.results}", false),
            ("${result}", false),
            ("${jsondecode(first.result)}", false),
            ("\\u0024{first.result}", false),
        ] {
            assert_eq!(refers(&Value::String(text.into())), is_reference, "{text}");
        }
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let names = || ["function_name", "functionName", "input"].into_iter();
        for (typed, suggestion) in [
            ("function_nmae", "; did you mean function_name?"),
            ("FunctionName", "; did you mean functionName?"),
            ("imput", "; did you mean input?"),
            ("xyz", ""),
            ("", ""),
        ] {
            assert_eq!(did_you_mean(typed, names()), suggestion, "{typed}");
        }
        assert_eq!(did_you_mean(&"input".repeat(100_000), names()), "");
    }
}
