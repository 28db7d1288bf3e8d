//! JSON as Terraform's provider rewrites it, which is as Go's `encoding/json` does:
//! compact, keys in byte order at every depth, the last of equal keys, and its rules
//! of escaping. Only numbers differ: Go passes them through a 64-bit float, here
//! they stay as written.
//!
//! A parser of our own because that last point needs the text of a number, which
//! `serde_json` gives only to a build with `arbitrary_precision`; that feature
//! changes numbers for every crate in the build.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep arrays and objects may nest. Parser and writer recurse, and a component
/// has a small stack.
pub const MAX_DEPTH: usize = 128;

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

/// Why a text is not a [`Value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not JSON (RFC 8259).
    Syntax,
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
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
        let mut parser = Parser { rest: text };
        let value = parser.value(0)?;
        parser.skip_space();
        if parser.rest.is_empty() {
            Ok(value)
        } else {
            Err(Fault::Syntax)
        }
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
fn write_string(text: &str, out: &mut String) {
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

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.skip_space();
        match self.rest.as_bytes().first() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'[') => self.array(deeper(depth)?),
            Some(b'{') => self.object(deeper(depth)?),
            _ => self.literal(),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let mut items = Vec::new();
        self.eat('[')?;
        self.skip_space();
        if self.eat(']').is_ok() {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_space();
            if self.eat(',').is_err() {
                self.eat(']')?;
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let mut members = BTreeMap::new();
        self.eat('{')?;
        self.skip_space();
        if self.eat('}').is_ok() {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let key = self.string()?;
            self.skip_space();
            self.eat(':')?;
            members.insert(key, self.value(depth)?);
            self.skip_space();
            if self.eat(',').is_err() {
                self.eat('}')?;
                return Ok(Value::Object(members));
            }
        }
    }

    fn literal(&mut self) -> Result<Value<'a>, Fault> {
        let end = self
            .rest
            .bytes()
            .position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'+' | b'-' | b'.'))
            .unwrap_or(self.rest.len());
        let text = self.take(end)?;
        if matches!(text, "null" | "true" | "false") || is_number(text) {
            Ok(Value::Literal(text))
        } else {
            Err(Fault::Syntax)
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.eat('"')?;
        let mut unescaped = None::<String>;
        loop {
            let end = self
                .rest
                .bytes()
                .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f))
                .ok_or(Fault::Syntax)?;
            let plain = self.take(end)?;
            if self.eat('"').is_ok() {
                return Ok(match unescaped {
                    None => Cow::Borrowed(plain),
                    Some(text) => Cow::Owned(text + plain),
                });
            }
            self.eat('\\')?;
            let text = unescaped.get_or_insert_default();
            text.push_str(plain);
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        Ok(match self.take(1)? {
            "b" => '\u{8}',
            "f" => '\u{c}',
            "n" => '\n',
            "r" => '\r',
            "t" => '\t',
            "u" => self.unicode_escape()?,
            same @ ("\"" | "\\" | "/") => same.chars().next().ok_or(Fault::Syntax)?,
            _ => return Err(Fault::Syntax),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let first = self.hex4()?;
        if let Some(c) = char::from_u32(first.into()) {
            return Ok(c);
        }
        // Half of a pair. What follows is used up only if it is the other half.
        let after_first = self.rest;
        if self.eat('\\').is_ok() && self.eat('u').is_ok() {
            let second = self.hex4()?;
            if let Some(Ok(c)) = char::decode_utf16([first, second]).next() {
                return Ok(c);
            }
        }
        self.rest = after_first;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Result<u16, Fault> {
        let digits = self.take(4)?;
        // The standard parser alone would let a sign pass.
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Fault::Syntax);
        }
        u16::from_str_radix(digits, 16).map_err(|_| Fault::Syntax)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn eat(&mut self, c: char) -> Result<(), Fault> {
        self.rest = self.rest.strip_prefix(c).ok_or(Fault::Syntax)?;
        Ok(())
    }

    fn take(&mut self, len: usize) -> Result<&'a str, Fault> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Fault::Syntax)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn deeper(depth: usize) -> Result<usize, Fault> {
    if depth < MAX_DEPTH {
        Ok(depth.saturating_add(1))
    } else {
        Err(Fault::TooDeep)
    }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    digits(integer)
        && (integer == "0" || !integer.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
