//! Values of Pulumi's programs, and their encoding.
//!
//! Source: the property values of Pulumi's [provider implementer's guide], and
//! [`rpc.go`], which encodes them in the engine.
//!
//! [provider implementer's guide]: https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/types/README.html
//! [`rpc.go`]: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go

use std::collections::BTreeMap;
use std::fmt;

use lambda_invocation_engine::{Spelling, Value as EngineValue};

use crate::protocol::values::{Kind, ListValue, Struct, StructValue};

/// The properties of an object, by their names.
pub type Members = BTreeMap<String, Value>;

/// The key of an object that is not one, but the kind of value that its signature says.
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT: &str = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE: &str = "5cf8f73096256a8f31e491e813e4eb8e";

/// The strings that stand for a value that is not known yet. The first stands for one of any
/// kind; the others are written by old SDKs.
const UNKNOWN: [&str; 7] = [
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/// A value. `Debug` shows its kind only.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Not set.
    Null,
    /// Not known before something is applied.
    Unknown,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(Members),
    /// One that is encrypted in the state and hidden on the screen.
    Secret(Box<Value>),
    /// An asset or an archive: files, which mean nothing here.
    Files,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Unknown => "unknown",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Secret(_) => "secret",
            Self::Files => "files",
        })
    }
}

/// Reads the properties of an object; none where it was left out.
pub fn decode(encoded: Option<Struct>) -> Members {
    members(encoded.unwrap_or_default())
}

/// Encodes the properties of an object.
pub fn encode(members: Members) -> Struct {
    Struct {
        fields: members
            .into_iter()
            .map(|(name, value)| (name, value.encode()))
            .collect(),
    }
}

fn members(encoded: Struct) -> Members {
    encoded
        .fields
        .into_iter()
        .map(|(name, value)| (name, Value::decode(value)))
        .collect()
}

impl Value {
    /// This value as a secret, once.
    pub fn secret(self) -> Self {
        match self {
            Self::Secret(_) => self,
            value => Self::Secret(Box::new(value)),
        }
    }

    /// The value without the mark of a secret.
    pub fn plain(&self) -> &Self {
        match self {
            Self::Secret(value) => value.plain(),
            value => value,
        }
    }

    /// Whether it, or something in it, is a secret.
    pub fn has_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::List(elements) => elements.iter().any(Self::has_secret),
            Self::Map(members) => members.values().any(Self::has_secret),
            _ => false,
        }
    }

    fn decode(encoded: StructValue) -> Self {
        match encoded.kind {
            None | Some(Kind::Null(_)) => Self::Null,
            Some(Kind::Bool(flag)) => Self::Bool(flag),
            Some(Kind::Number(number)) => Self::Number(number),
            Some(Kind::String(text)) if UNKNOWN.contains(&text.as_str()) => Self::Unknown,
            Some(Kind::String(text)) => Self::Text(text),
            Some(Kind::List(list)) => {
                Self::List(list.values.into_iter().map(Self::decode).collect())
            }
            Some(Kind::Struct(object)) => Self::tagged(members(object)),
        }
    }

    /// What an object stands for.
    fn tagged(mut members: Members) -> Self {
        let signature = match members.get(SIGNATURE) {
            None => return Self::Map(members),
            Some(Self::Text(signature)) => signature.clone(),
            Some(_) => return Self::Files,
        };
        match signature.as_str() {
            SECRET => members.remove("value").unwrap_or(Self::Null).secret(),
            OUTPUT => {
                let value = members.remove("value").unwrap_or(Self::Unknown);
                match members.get("secret") {
                    Some(Self::Bool(true)) => value.secret(),
                    _ => value,
                }
            }
            // A resource counts as what identifies it.
            RESOURCE => match members.remove("id") {
                None => members.remove("urn").unwrap_or(Self::Null),
                // One of a preview.
                Some(Self::Text(id)) if id.is_empty() => Self::Unknown,
                Some(id) => id,
            },
            _ => Self::Files,
        }
    }

    fn encode(self) -> StructValue {
        let kind = match self {
            Self::Null | Self::Files => Kind::Null(0),
            Self::Unknown => Kind::String(UNKNOWN[0].to_owned()),
            Self::Bool(flag) => Kind::Bool(flag),
            Self::Number(number) => Kind::Number(number),
            Self::Text(text) => Kind::String(text),
            Self::List(elements) => Kind::List(ListValue {
                values: elements.into_iter().map(Self::encode).collect(),
            }),
            Self::Map(members) => Kind::Struct(encode(members)),
            Self::Secret(value) => tag(SECRET, [("value", *value)]),
        };
        StructValue { kind: Some(kind) }
    }
}

/// An unknown value in the form that an answer to `Invoke` may have it in: an output value
/// without a value.
pub fn unknown_output(secret: bool) -> StructValue {
    StructValue {
        kind: Some(tag(OUTPUT, [("secret", Value::Bool(secret))])),
    }
}

fn tag<const N: usize>(signature: &str, members: [(&str, Value); N]) -> Kind {
    let members = members
        .into_iter()
        .chain([(SIGNATURE, Value::Text(signature.to_owned()))]);
    Kind::Struct(encode(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    ))
}

impl EngineValue for Value {
    const SPELLING: Spelling = Spelling::Camel;

    fn is_null(&self) -> bool {
        matches!(self.plain(), Self::Null)
    }

    fn is_known(&self) -> bool {
        match self.plain() {
            Self::Unknown => false,
            Self::List(elements) => elements.iter().all(EngineValue::is_known),
            Self::Map(members) => members.values().all(EngineValue::is_known),
            _ => true,
        }
    }

    fn as_text(&self) -> Option<&str> {
        match self.plain() {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Values of the stack's configuration come as text.
    fn as_flag(&self) -> Option<bool> {
        match self.plain() {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The same.
    fn as_number(&self) -> Option<f64> {
        match self.plain() {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn as_elements(&self) -> Option<&[Self]> {
        match self.plain() {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    fn as_members(&self) -> Option<&Members> {
        match self.plain() {
            Self::Map(members) => Some(members),
            _ => None,
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(members: &[(&str, Value)]) -> Value {
        let members = members.iter();
        Value::Map(
            members
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    fn tagged(signature: Value, members: &[(&str, Value)]) -> Value {
        let signature = [(SIGNATURE, signature)];
        Value::decode(object(&[&signature, members].concat()).encode())
    }

    #[test]
    fn values_come_back_as_they_went() {
        for value in [
            Value::Null,
            Value::Unknown,
            Value::Bool(true),
            Value::Number(0.5),
            "text".into(),
            Value::List(vec!["a".into(), Value::Null, Value::from("b").secret()]),
            object(&[("a", Value::Unknown), ("b", object(&[]))]),
            object(&[("a", Value::Unknown)]).secret(),
        ] {
            assert_eq!(Value::decode(value.clone().encode()), value);
        }
    }

    #[test]
    fn an_object_with_a_signature_is_what_that_says() {
        let text = |text: &str| Value::from(text);
        let flag = Value::Bool(true);
        for (signature, members, expected) in [
            (
                text(SECRET),
                &[("value", text("a"))][..],
                text("a").secret(),
            ),
            (text(SECRET), &[], Value::Null.secret()),
            (text(OUTPUT), &[], Value::Unknown),
            (text(OUTPUT), &[("value", text("a"))], text("a")),
            (
                text(OUTPUT),
                &[("secret", flag.clone())],
                Value::Unknown.secret(),
            ),
            (
                text(OUTPUT),
                &[("value", text("a").secret()), ("secret", flag)],
                text("a").secret(),
            ),
            (
                text(RESOURCE),
                &[("urn", text("u")), ("id", text("i"))],
                text("i"),
            ),
            (text(RESOURCE), &[("urn", text("u"))], text("u")),
            (
                text(RESOURCE),
                &[("urn", text("u")), ("id", text(""))],
                Value::Unknown,
            ),
            (text("of the future"), &[("text", text("a"))], Value::Files),
            (Value::Null, &[], Value::Files),
        ] {
            assert_eq!(tagged(signature, members), expected, "{members:?}");
        }
        for unknown in UNKNOWN {
            let kind = Some(Kind::String(unknown.to_owned()));
            assert_eq!(Value::decode(StructValue { kind }), Value::Unknown);
        }
        assert_eq!(Value::decode(StructValue { kind: None }), Value::Null);
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!("{:?}", [Value::from("CANARY").secret(), "CANARY".into()]);
        assert_eq!(shown, "[secret, string]");
    }
}
