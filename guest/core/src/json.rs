//! JSON: whether a text is it, and what Terraform's provider rewrites it to.
//!
//! `serde_json` reads. Numbers stay as written, which it offers for values left in their
//! text ([`RawValue`]) and not for a tree, so arrays and objects are taken apart level by
//! level. Its feature `arbitrary_precision` is no way: it rewrites `1E5`, and changes
//! numbers for every crate in the build.
//!
//! The writer is of our own, as no crate writes what Go's `encoding/json` does: compact,
//! keys in byte order at every depth, the last of equal keys, and its rules of escaping.
//! Only numbers differ: Go passes them through a 64-bit float.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// How deep arrays and objects may nest in a [`Value`]. Reader and writer recurse, and a
/// component has a small stack.
pub const MAX_DEPTH: usize = 128;

/// Why a text is not JSON (RFC 8259), or not a [`Value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not UTF-8 from this byte on.
    NotUtf8 {
        /// Bytes before it.
        at: usize,
    },
    /// It ends within a value, or before one.
    EndsEarly {
        /// Counted from 1.
        line: usize,
        /// Bytes in the last line.
        column: usize,
    },
    /// There is a byte that cannot stand there.
    Unexpected {
        /// Counted from 1.
        line: usize,
        /// The byte in its line, counted from 1.
        column: usize,
    },
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { at } => write!(f, "not UTF-8 at byte {at}"),
            Self::EndsEarly { line, column } => {
                write!(f, "it ends too early at line {line}, column {column}")
            }
            Self::Unexpected { line, column } => {
                write!(f, "unexpected character at line {line}, column {column}")
            }
            Self::TooDeep => write!(f, "it nests deeper than {MAX_DEPTH} levels"),
        }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof => Self::EndsEarly { line, column },
            _ => Self::Unexpected { line, column },
        }
    }
}

/// Checks that `bytes` are one JSON value in UTF-8, at any depth of nesting, with nothing
/// but white space around it. Half of a surrogate pair in a `\u` escape is none of its
/// business, nor is the size of a number.
///
/// # Errors
///
/// The first [`Fault`]; one of UTF-8 comes before any other.
pub fn check(bytes: &[u8]) -> Result<(), Fault> {
    let text = std::str::from_utf8(bytes).map_err(|e| Fault::NotUtf8 {
        at: e.valid_up_to(),
    })?;
    check_text(text)
}

/// Every text is read here first, and once.
fn check_text(text: &str) -> Result<(), Fault> {
    #[cfg(test)]
    READ.with_borrow_mut(|read| read.push(text.to_owned()));
    let IgnoredAny = serde_json::from_str(text)?;
    Ok(())
}

#[cfg(test)]
thread_local! {
    /// The texts that have been read.
    pub(crate) static READ: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// One JSON value. Objects are in the order of their keys' bytes.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`, `true`, `false` or a number, as written.
    Literal(&'a str),
    /// A string, without quotes and escapes.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(BTreeMap<Cow<'a, str>, Value<'a>>),
}

impl<'a> Value<'a> {
    /// JSON `null`.
    pub const NULL: Self = Self::Literal("null");

    /// Reads one value, with nothing but white space around it.
    ///
    /// Half of a surrogate pair in a `\u` escape becomes U+FFFD, as in Go.
    ///
    /// # Errors
    ///
    /// A [`Fault`].
    pub fn parse(text: &'a str) -> Result<Self, Fault> {
        check_text(text)?;
        Self::read(text.trim_ascii(), MAX_DEPTH, |_| Err(Fault::TooDeep))
    }

    /// As [`parse`](Self::parse), but no more than `levels` of arrays and objects are taken
    /// apart, each of which costs a look at all of the text. What nests deeper is a
    /// [`Literal`](Self::Literal).
    pub(crate) fn parse_levels(text: &'a str, levels: usize) -> Result<Self, Fault> {
        check_text(text)?;
        Self::read(text.trim_ascii(), levels, |text| Ok(Self::Literal(text)))
    }

    /// Reads a text that is JSON without white space around it. `deeper` makes what nests
    /// deeper than `levels` into a value.
    fn read(
        text: &'a str,
        levels: usize,
        deeper: fn(&'a str) -> Result<Self, Fault>,
    ) -> Result<Self, Fault> {
        let inner = match text.as_bytes().first() {
            Some(b'"') => return Ok(Self::String(unescaped(text)?)),
            Some(b'[' | b'{') => match levels.checked_sub(1) {
                Some(inner) => inner,
                None => return deeper(text),
            },
            _ => return Ok(Self::Literal(text)),
        };
        Ok(match serde_json::from_str(text)? {
            Level::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(Self::read(item.get(), inner, deeper)?);
                }
                Self::Array(values)
            }
            Level::Object(members) => {
                let mut values = BTreeMap::new();
                for (key, value) in members {
                    let value = Self::read(value.get(), inner, deeper)?;
                    values.insert(unescaped(key.get())?, value);
                }
                Self::Object(values)
            }
            // The first byte was another one.
            Level::String(_) | Level::Literal => Self::Literal(text),
        })
    }

    /// The value as compact JSON.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Appends what [`encode`](Self::encode) returns.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Literal(text) => out.push_str(text),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (n, (key, value)) in members.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write_string(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Escapes as Go does since 1.22 with HTML escaping on: `\b` and `\f` have a short
/// form, U+007F has none.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    out.extend(char::from_digit((u32::from(c) >> shift) & 0xf, 16));
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The outermost level of a value, with what is in it as written.
enum Level<'a> {
    Literal,
    String(Cow<'a, str>),
    Array(Vec<&'a RawValue>),
    Object(Vec<(&'a RawValue, &'a RawValue)>),
}

impl<'de> Deserialize<'de> for Level<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `deserialize_any`, as all others bring 12 KB for an error that cannot happen here:
        // it shows the value that is of another type, numbers included.
        deserializer.deserialize_any(LevelVisitor)
    }
}

struct LevelVisitor;

impl<'de> Visitor<'de> for LevelVisitor {
    type Value = Level<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Level<'de>, E> {
        Ok(Level::Literal)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Level<'de>, E> {
        Ok(Level::Literal)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Level<'de>, E> {
        Ok(Level::Literal)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Level<'de>, E> {
        Ok(Level::Literal)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Level<'de>, E> {
        Ok(Level::Literal)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Level<'de>, E> {
        Ok(Level::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Level<'de>, E> {
        Ok(Level::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Level<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Level::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Level<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = access.next_key()? {
            members.push((key, access.next_value()?));
        }
        Ok(Level::Object(members))
    }
}

/// What a JSON string stands for.
fn unescaped(json: &str) -> Result<Cow<'_, str>, Fault> {
    if let Ok(Level::String(text)) = serde_json::from_str(json) {
        return Ok(text);
    }
    match serde_json::from_str(&with_halves_replaced(json))? {
        Level::String(text) => Ok(Cow::Owned(text.into_owned())),
        _ => Ok(Cow::Borrowed("")),
    }
}

/// A JSON string with `\ufffd` for every escape that is half of a surrogate pair, which
/// `serde_json` refuses to read as text.
fn with_halves_replaced(json: &str) -> String {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((plain, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        let first = unit(escape);
        let second = first.and_then(|_| unit(escape.get(6..)?));
        let (length, half) = match char::decode_utf16(first.into_iter().chain(second)).next() {
            None => (2, false),
            Some(Ok(c)) => (c.len_utf16().saturating_mul(6), false),
            Some(Err(_)) => (6, true),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(plain);
        out.push_str(if half { "\\ufffd" } else { escape });
        rest = after;
    }
    out.push_str(rest);
    out
}
