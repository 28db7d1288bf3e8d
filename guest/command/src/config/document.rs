//! The two formats of a configuration file, of which one becomes the other.

use std::path::Path;

use lambda_invocation_core::json::MAX_DEPTH;
use toml::de::{DeTable, DeValue};

/// The format of a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 8259.
    Json,
    /// TOML 1.0.
    Toml,
}

impl Format {
    /// By the file's extension, else by its content: JSON begins with a brace, and
    /// TOML cannot.
    pub fn of(path: &Path, text: &str) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some(json) if json.eq_ignore_ascii_case("json") => Self::Json,
            Some(toml) if toml.eq_ignore_ascii_case("toml") => Self::Toml,
            _ if text.trim_start().starts_with('{') => Self::Json,
            _ => Self::Toml,
        }
    }
}

/// TOML as JSON text, with numbers as they are written.
///
/// # Errors
///
/// What is wrong, and at which line and column. No part of the text.
pub fn toml_to_json(text: &str) -> Result<String, String> {
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        format!("not TOML: {}, {}", error.message(), position(text, start))
    })?;
    let mut out = String::with_capacity(text.len());
    write_table(table.get_ref(), text, 0, &mut out)?;
    Ok(out)
}

fn write_table(
    table: &DeTable<'_>,
    text: &str,
    depth: usize,
    out: &mut String,
) -> Result<(), String> {
    out.push('{');
    for (n, (key, value)) in table.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        write_string(key.get_ref(), out);
        out.push(':');
        let at = value.span().start;
        write_value(value.get_ref(), text, at, depth.saturating_add(1), out)?;
    }
    out.push('}');
    Ok(())
}

fn write_value(
    value: &DeValue<'_>,
    text: &str,
    at: usize,
    depth: usize,
    out: &mut String,
) -> Result<(), String> {
    let refused = |why: &str| Err(format!("{why}, {}", position(text, at)));
    if depth > MAX_DEPTH {
        return refused("nested too deep");
    }
    match value {
        DeValue::String(string) => write_string(string, out),
        DeValue::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
        DeValue::Integer(integer) if integer.radix() == 10 => {
            out.push_str(without_plus(integer.as_str()));
        }
        DeValue::Integer(integer) => match u64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => out.push_str(&integer.to_string()),
            Err(_) => return refused("an integer of more than 64 bits"),
        },
        DeValue::Float(float) => {
            let number = without_plus(float.as_str());
            // TOML's floats are JSON's numbers, but for these two.
            if number.ends_with("inf") || number.ends_with("nan") {
                return refused("JSON has no infinity and no NaN");
            }
            out.push_str(number);
        }
        DeValue::Datetime(_) => {
            return refused("JSON has no dates; put it in quotes");
        }
        DeValue::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                let at = item.span().start;
                write_value(item.get_ref(), text, at, depth.saturating_add(1), out)?;
            }
            out.push(']');
        }
        DeValue::Table(table) => write_table(table, text, depth, out)?,
    }
    Ok(())
}

fn without_plus(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn position(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let line_start = before.rsplit('\n').next().unwrap_or_default();
    let column = line_start.chars().count().saturating_add(1);
    format!("line {line} column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_the_extension_and_else_by_the_content() {
        for (path, text, format) in [
            ("a.json", "", Format::Json),
            ("a.JSON", "a = 1", Format::Json),
            ("a.toml", "{}", Format::Toml),
            ("a", "\n {}", Format::Json),
            ("a", "[invocation.a]", Format::Toml),
            ("a.conf", "{}", Format::Json),
            ("json", "a = 1", Format::Toml),
            ("-", "", Format::Toml),
        ] {
            assert_eq!(Format::of(Path::new(path), text), format, "{path} {text}");
        }
    }

    #[test]
    fn toml_becomes_the_same_json() {
        for (text, json) in [
            ("", "{}"),
            ("a = \"x\\ty\"", r#"{"a":"x\ty"}"#),
            ("a = 'C:\\dir'", r#"{"a":"C:\\dir"}"#),
            ("a = true\nb = false", r#"{"a":true,"b":false}"#),
            ("a = [1, [2], {}]", r#"{"a":[1,[2],{}]}"#),
            ("[a.b]\nc = 1\n[a]\nd = 2", r#"{"a":{"b":{"c":1},"d":2}}"#),
            ("a.b.c = 1", r#"{"a":{"b":{"c":1}}}"#),
            ("[[a]]\nb = 1\n[[a]]\nb = 2", r#"{"a":[{"b":1},{"b":2}]}"#),
            // Numbers: as written where JSON has that notation.
            ("a = 1_000", r#"{"a":1000}"#),
            ("a = +7", r#"{"a":7}"#),
            ("a = -0", r#"{"a":-0}"#),
            ("a = 0xff", r#"{"a":255}"#),
            ("a = 0o17", r#"{"a":15}"#),
            ("a = 0b101", r#"{"a":5}"#),
            (
                "a = 12345678901234567890123",
                r#"{"a":12345678901234567890123}"#,
            ),
            ("a = 1.50", r#"{"a":1.50}"#),
            ("a = +1.0", r#"{"a":1.0}"#),
            ("a = 1e400", r#"{"a":1e400}"#),
            ("a = 6.26E-03", r#"{"a":6.26E-03}"#),
            (
                "a = 0.1000000000000000055",
                r#"{"a":0.1000000000000000055}"#,
            ),
        ] {
            assert_eq!(toml_to_json(text).as_deref(), Ok(json), "{text}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_refused_with_its_place() {
        for (text, refusal) in [
            (
                "a = inf",
                "JSON has no infinity and no NaN, line 1 column 5",
            ),
            (
                "\na = -nan",
                "JSON has no infinity and no NaN, line 2 column 5",
            ),
            (
                "a = 2026-01-01",
                "JSON has no dates; put it in quotes, line 1 column 5",
            ),
            (
                "a = 0xfffffffffffffffff",
                "an integer of more than 64 bits, line 1 column 5",
            ),
        ] {
            assert_eq!(toml_to_json(text), Err(refusal.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_fault_is_placed_and_nothing_of_the_text_is_repeated() {
        for (text, start) in [
            (
                "a = 1\nb = sekrit",
                "not TOML: string values must be quoted, ",
            ),
            ("a = \"sekrit", "not TOML: "),
            (
                "sekrit = 1\nsekrit = 2",
                "not TOML: duplicate key, line 2 column 1",
            ),
            ("sekrit.a = 1\nsekrit = 2", "not TOML: "),
            ("a = 2026-13-01", "not TOML: "),
        ] {
            let refusal = toml_to_json(text).unwrap_err();
            assert!(refusal.starts_with(start), "{text}: {refusal}");
            assert!(refusal.contains(", line "), "{text}: {refusal}");
            assert!(!refusal.contains("sekrit"), "{refusal}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = 100_000;
        for text in [
            format!("a = {}", "[".repeat(deep)),
            format!("a = {}", "{a=".repeat(deep)),
            format!("{}a = 1", "a.".repeat(deep)),
            format!("[{}a]", "a.".repeat(deep)),
        ] {
            assert!(toml_to_json(&text).is_err());
        }
    }
}
