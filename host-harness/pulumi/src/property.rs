//! What an object may hold: tables of properties, and values compared with them.

use lambda_invocation_engine::{Problem, Spelling, Value as _, sentence};
use serde_json::{Map, Value as Json, json};

use crate::path;
use crate::protocol::CheckFailure;
use crate::value::{Members, Value};

/// A property of a resource, of a function's arguments or result, or of the provider's
/// configuration.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub secret: bool,
    /// What SDKs fill in.
    pub default: Option<&'static str>,
    /// In Markdown.
    pub description: &'static str,
}

/// The type of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Flag,
    Integer,
    Number,
    Text,
    TextList,
    TextMap,
    /// A JSON text, or any value that becomes one.
    Event,
    /// How a function failed.
    FunctionError,
}

impl Property {
    pub const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            kind,
            required: false,
            secret: false,
            default: None,
            description,
        }
    }

    pub const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    pub const fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }

    pub const fn default(self, default: &'static str) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// The property in the schema.
    pub fn schema(&self) -> Json {
        let (name, value) = self.kind.schema();
        let mut schema = Map::new();
        schema.insert(name.to_owned(), value);
        match self.kind {
            Kind::TextMap => schema.insert("additionalProperties".to_owned(), text()),
            Kind::TextList => schema.insert("items".to_owned(), text()),
            _ => None,
        };
        schema.insert("description".to_owned(), self.description.into());
        if self.secret {
            schema.insert("secret".to_owned(), true.into());
        }
        if let Some(default) = self.default {
            schema.insert("default".to_owned(), default.into());
        }
        Json::Object(schema)
    }
}

fn text() -> Json {
    json!({ "type": "string" })
}

impl Kind {
    /// What the schema says of it: its type, or where that is.
    fn schema(self) -> (&'static str, Json) {
        match self {
            Self::Flag => ("type", "boolean".into()),
            Self::Integer => ("type", "integer".into()),
            Self::Number => ("type", "number".into()),
            Self::Text => ("type", "string".into()),
            Self::TextMap => ("type", "object".into()),
            Self::TextList => ("type", "array".into()),
            Self::Event => ("$ref", "pulumi.json#/Any".into()),
            Self::FunctionError => (
                "$ref",
                "#/types/lambda-invocation:index:FunctionError".into(),
            ),
        }
    }

    /// The rule for a known value that is not null.
    fn rule(self, value: &Value) -> Option<&'static str> {
        let (holds, rule) = match self {
            Self::Flag => (value.as_flag().is_some(), "must be a boolean"),
            Self::Integer | Self::Number => (value.as_number().is_some(), "must be a number"),
            Self::Text => (value.as_text().is_some(), "must be a string"),
            Self::TextMap => (value.as_members().is_some(), "must be a map of strings"),
            Self::TextList => (value.as_elements().is_some(), "must be a list of strings"),
            Self::Event | Self::FunctionError => (true, ""),
        };
        (!holds).then_some(rule)
    }
}

/// An argument that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A property path.
    pub path: String,
    pub reason: String,
}

impl Failure {
    pub fn new(path: impl Into<String>, reason: impl AsRef<str>) -> Self {
        Self {
            path: path.into(),
            reason: sentence(reason.as_ref()),
        }
    }

    /// The same from a problem, if it is one of a property.
    pub fn of_problem(problem: &Problem) -> Option<Self> {
        let argument = problem.argument.as_deref()?;
        Some(Self::new(path::of_property(argument), &problem.detail))
    }
}

impl From<Failure> for CheckFailure {
    fn from(failure: Failure) -> Self {
        Self {
            property: failure.path,
            reason: failure.reason,
        }
    }
}

/// Compares what was given with a table: names, types, and what is required.
pub fn check(members: &Members, properties: &[Property]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for name in members.keys() {
        let known = properties.iter().any(|property| property.name == name);
        // Names with two underscores in front are the engine's and the SDKs' own.
        if !known && !name.starts_with("__") {
            let known: Vec<&str> = properties.iter().map(|property| property.name).collect();
            let reason = format!("there is no such property: there are {}", known.join(", "));
            failures.push(Failure::new(name, reason));
        }
    }
    for property in properties {
        let at = path::of_property(property.name);
        match members.get(property.name) {
            Some(value) if !value.is_null() => {
                failures.extend(check_kind(&at, property.kind, value));
            }
            _ if property.required => failures.push(Failure::new(at, "must be set")),
            _ => {}
        }
    }
    failures
}

fn check_kind(at: &str, kind: Kind, value: &Value) -> Vec<Failure> {
    if matches!(value.plain(), Value::Unknown) {
        return Vec::new();
    }
    if let Some(rule) = kind.rule(value) {
        return vec![Failure::new(at, rule)];
    }
    let members = match (kind, value.as_members()) {
        (Kind::TextMap, Some(members)) => members,
        _ => return Vec::new(),
    };
    let wrong = members
        .iter()
        .filter(|(_, member)| member.as_text().is_none() && !member.is_null() && member.is_known());
    wrong
        .map(|(name, _)| Failure::new(path::of_member(at, name), "must be a string"))
        .collect()
}

/// The first of some problems, in Pulumi's spelling.
pub fn spelled(problem: Problem) -> Problem {
    problem.spelled(Spelling::Camel)
}
