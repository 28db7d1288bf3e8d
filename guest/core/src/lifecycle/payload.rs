//! The bytes sent for a lifecycle event.
//!
//! Under `create-only` the input, byte for byte. Under `crud` the input rewritten
//! (see [`json`](crate::json)) with `{"action":EVENT,"prev_input":...}` inside under
//! the terraform key, at the place that key sorts to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::plan::LifecycleEvent;
use crate::json::{Fault, MAX_DEPTH, Value};

/// Builds the payload of an event under [`Crud`](super::LifecycleScope::Crud).
///
/// `input` is the input now and `previous` the one before: empty before a creation,
/// and the same as `input` for a deletion. An empty `input` counts as `{}` and an
/// empty `previous` as `null`. A key of `input` equal to `terraform_key` is
/// overwritten, as Terraform does; [`validate`](super::validate()) refuses it in a
/// new configuration, so only a state that Terraform wrote gets here with one.
///
/// # Errors
///
/// A [`PayloadFault`] that says which of the two is at fault.
pub fn crud(
    event: LifecycleEvent,
    input: &str,
    previous: &str,
    terraform_key: &str,
) -> Result<String, PayloadFault> {
    // One after the other: a value takes many times the memory of its text, of which a
    // component has little.
    let previous = match previous {
        "" => Ok("null".to_owned()),
        text => Value::parse(text).map(|value| {
            let mut encoded = String::with_capacity(text.len());
            value.write(&mut encoded);
            encoded
        }),
    };
    let mut members = object(input).map_err(PayloadFault::Input)?;
    let previous = previous.map_err(|fault| PayloadFault::Previous(fault.into()))?;
    let mut lifecycle = BTreeMap::new();
    lifecycle.insert(
        Cow::Borrowed("action"),
        Value::String(Cow::Borrowed(event.as_str())),
    );
    // A literal is written as it is.
    lifecycle.insert(Cow::Borrowed("prev_input"), Value::Literal(&previous));
    members.insert(Cow::Borrowed(terraform_key), Value::Object(lifecycle));
    Ok(Value::Object(members).encode())
}

/// The members of an input under `crud`; none for an empty one.
pub(super) fn object(input: &str) -> Result<BTreeMap<Cow<'_, str>, Value<'_>>, InputFault> {
    if input.is_empty() {
        return Ok(BTreeMap::new());
    }
    match Value::parse(input)? {
        Value::Object(members) => Ok(members),
        _ => Err(InputFault::NotAnObject),
    }
}

/// Which of the two inputs cannot be used, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadFault {
    /// The input now.
    Input(InputFault),
    /// The input before.
    Previous(InputFault),
}

/// Why an input cannot be used under `crud`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFault {
    /// It is not JSON.
    Syntax,
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// It is JSON, but not an object.
    NotAnObject,
}

impl From<Fault> for InputFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooDeep => Self::TooDeep,
            Fault::NotUtf8 { .. } | Fault::EndsEarly { .. } | Fault::Unexpected { .. } => {
                Self::Syntax
            }
        }
    }
}

impl InputFault {
    /// The rule that is broken.
    pub fn rule(self) -> &'static str {
        const { assert!(MAX_DEPTH == 128, "the text below names it") };
        match self {
            Self::Syntax => "must be valid JSON",
            Self::TooDeep => "nests deeper than 128 levels, the limit under crud",
            Self::NotAnObject => "must be a JSON object under crud",
        }
    }
}
