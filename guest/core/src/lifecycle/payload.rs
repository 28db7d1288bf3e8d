//! The bytes sent for a lifecycle event.
//!
//! Under `create-only` the input, byte for byte. Under `crud` the input rewritten
//! (see [`json`]) with `{"action":EVENT,"prev_input":...}` inside under
//! the terraform key, at the place that key sorts to.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use super::plan::LifecycleEvent;
use crate::json::{self, Fault, MAX_DEPTH, Value};

/// An input under [`Crud`](super::LifecycleScope::Crud), read once for all payloads that
/// it becomes a part of.
///
/// It is kept as text: taken apart, it has many times the size, and a component has little
/// memory.
pub struct Input {
    /// All of it, rewritten.
    rewritten: String,
    /// The terraform key as JSON.
    key: String,
    /// Where in `rewritten` that key belongs: what stands there is its value, in a state that
    /// Terraform wrote, or nothing.
    place: Range<usize>,
}

impl Input {
    /// Reads an input; an empty one counts as `{}`.
    ///
    /// # Errors
    ///
    /// An [`InputFault`].
    pub fn read(text: &str, terraform_key: &str) -> Result<Self, InputFault> {
        let members = match text {
            "" => BTreeMap::new(),
            text => match Value::parse(text)? {
                Value::Object(members) => members,
                _ => return Err(InputFault::NotAnObject),
            },
        };
        let mut rewritten = String::with_capacity(text.len());
        rewritten.push('{');
        let mut place = None;
        for (n, (name, value)) in members.iter().enumerate() {
            if n > 0 {
                rewritten.push(',');
            }
            let start = rewritten.len();
            json::write_string(name, &mut rewritten);
            rewritten.push(':');
            value.write(&mut rewritten);
            if place.is_none() && **name >= *terraform_key {
                let taken = **name == *terraform_key;
                place = Some(start..if taken { rewritten.len() } else { start });
            }
        }
        let end = rewritten.len();
        rewritten.push('}');
        let mut key = String::with_capacity(terraform_key.len().saturating_add(2));
        json::write_string(terraform_key, &mut key);
        Ok(Self {
            rewritten,
            key,
            place: place.unwrap_or(end..end),
        })
    }

    /// Whether the terraform key is a key of the input.
    pub fn has_terraform_key(&self) -> bool {
        !self.place.is_empty()
    }

    /// The whole input, rewritten.
    pub fn as_str(&self) -> &str {
        &self.rewritten
    }

    /// The payload of an event. `previous` is what [`previous`] makes of the input before:
    /// `null` before a creation, and this input for a deletion.
    ///
    /// A key of the input equal to the terraform key is overwritten, as Terraform does;
    /// [`validate`](super::validate()) refuses it in a new configuration, so only a state
    /// that Terraform wrote gets here with one.
    pub fn payload(&self, event: LifecycleEvent, previous: &str) -> String {
        let before = self.rewritten.get(..self.place.start).unwrap_or_default();
        let after = self.rewritten.get(self.place.end..).unwrap_or_default();
        // Both are cut at the bounds of members, so these are no characters of a value.
        let comma = |needed: bool| if needed { "," } else { "" };
        [
            before,
            comma(!before.ends_with(['{', ','])),
            &self.key,
            ":{\"action\":\"",
            event.as_str(),
            "\",\"prev_input\":",
            previous,
            "}",
            comma(!after.starts_with(['}', ','])),
            after,
        ]
        .concat()
    }
}

/// An input as the next event's `prev_input`: rewritten, and `null` for an empty one. Under
/// [`CreateOnly`](super::LifecycleScope::CreateOnly) it was any JSON.
///
/// # Errors
///
/// An [`InputFault`], but never [`NotAnObject`](InputFault::NotAnObject).
pub fn previous(text: &str) -> Result<String, InputFault> {
    match text {
        "" => Ok("null".to_owned()),
        text => Ok(Value::parse(text)?.encode()),
    }
}

/// Why an input cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFault {
    /// It is not JSON.
    Syntax(Fault),
    /// It nests deeper than [`MAX_DEPTH`], and is to be rewritten.
    TooDeep,
    /// It is JSON, but not an object.
    NotAnObject,
}

impl From<Fault> for InputFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooDeep => Self::TooDeep,
            Fault::NotUtf8 { .. } | Fault::EndsEarly { .. } | Fault::Unexpected { .. } => {
                Self::Syntax(fault)
            }
        }
    }
}

impl fmt::Display for InputFault {
    /// The rule that is broken.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(fault) => write!(f, "must be valid JSON: {fault}"),
            Self::TooDeep => {
                write!(
                    f,
                    "nests deeper than {MAX_DEPTH} levels, the limit under crud"
                )
            }
            Self::NotAnObject => f.write_str("must be a JSON object under crud"),
        }
    }
}
