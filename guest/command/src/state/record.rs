//! The JSON of a state file: keys as in the WIT package, absent values left out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lambda_invocation_core::json::Value as Json;
use lambda_invocation_core::lifecycle::{
    Config, Deposed, LifecycleScope, ReplaceOrder, STATE_VERSION, State,
};
use serde_json::{Map, Value, json};

use super::{Document, Entry};
use crate::config::is_name;
use crate::json::object;
use crate::json_text;

/// The version of the file this code writes, and the only one it reads.
const VERSION: u64 = 1;

const NEWER: &str = "written by a newer release of this program; use that one";

const SCOPES: &[(&str, LifecycleScope)] = &[
    ("create-only", LifecycleScope::CreateOnly),
    ("crud", LifecycleScope::Crud),
];

const ORDERS: &[(&str, ReplaceOrder)] = &[
    ("delete-first", ReplaceOrder::DeleteFirst),
    ("create-first", ReplaceOrder::CreateFirst),
];

/// The file.
pub fn write(document: &Document) -> Vec<u8> {
    let invocations: Map<String, Value> = document
        .invocations
        .iter()
        .map(|(name, entry)| (name.clone(), to_json(entry)))
        .collect();
    let document = json!({
        "version": VERSION,
        "serial": document.serial,
        "invocations": invocations,
    });
    format!("{document:#}\n").into_bytes()
}

/// An entry.
pub fn to_json(entry: &Entry) -> Value {
    let Entry { state, depends_on } = entry;
    object([
        ("version", json!(state.version)),
        ("id", json!(state.id)),
        ("config", config(&state.config)),
        ("result", json!(state.result)),
        ("imported", json!(state.imported)),
        (
            "deposed",
            state.deposed.as_ref().map_or(
                Value::Null,
                |deposed| json!({"id": deposed.id, "config": config(&deposed.config)}),
            ),
        ),
        ("depends-on", json!(depends_on)),
    ])
}

fn config(config: &Config) -> Value {
    let triggers: Map<String, Value> = config
        .triggers
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    object([
        ("function-name", json!(config.function_name)),
        ("input", json!(config.input)),
        ("qualifier", json!(config.qualifier)),
        ("region", json!(config.region)),
        ("terraform-key", json!(config.terraform_key)),
        ("tenant-id", json!(config.tenant_id)),
        (
            "lifecycle-scope",
            json!(config.lifecycle_scope.and_then(|scope| word(SCOPES, scope))),
        ),
        ("triggers", Value::Object(triggers)),
        (
            "replace-order",
            json!(config.replace_order.and_then(|order| word(ORDERS, order))),
        ),
    ])
}

fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> Option<&'static str> {
    let mut words = words.iter();
    words
        .find(|(_, known)| *known == value)
        .map(|(word, _)| *word)
}

/// Reads a file.
///
/// # Errors
///
/// What is wrong, by the path of the key; never a value.
pub fn read(bytes: &[u8]) -> Result<Document, String> {
    let text = str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let file = json_text::parse(text)?;
    let file = Fields::new(Some(&file), String::new())?;
    if file.get("terraform_version").is_some() {
        return Err(
            "a state of Terraform; bring invocations over with lifecycle import --from-terraform"
                .to_owned(),
        );
    }
    if file.number("version")? != VERSION {
        return Err(NEWER.to_owned());
    }
    let invocations = file.fields("invocations")?;
    if !invocations.members.keys().all(|name| is_name(name)) {
        return Err("invocations has a name that an invocation cannot have".to_owned());
    }
    let mut document = Document {
        serial: file.number("serial")?,
        invocations: BTreeMap::new(),
    };
    for name in invocations.members.keys() {
        let entry = entry(&invocations.fields(name)?)?;
        document.invocations.insert(name.to_string(), entry);
    }
    Ok(document)
}

fn entry(fields: &Fields<'_>) -> Result<Entry, String> {
    if fields.number("version")? != u64::from(STATE_VERSION) {
        return Err(format!("{}: {NEWER}", fields.path));
    }
    Ok(Entry {
        state: State {
            version: STATE_VERSION,
            id: fields.text("id")?,
            config: read_config(&fields.fields("config")?)?,
            result: fields.text("result")?,
            imported: fields.truth("imported")?,
            deposed: match fields.get("deposed") {
                None => None,
                Some(_) => {
                    let deposed = fields.fields("deposed")?;
                    Some(Deposed {
                        id: deposed.text("id")?,
                        config: read_config(&deposed.fields("config")?)?,
                    })
                }
            },
        },
        depends_on: fields.texts("depends-on")?,
    })
}

fn read_config(fields: &Fields<'_>) -> Result<Config, String> {
    let pairs = fields.fields("triggers")?;
    let mut triggers = Vec::new();
    for key in pairs.members.keys() {
        triggers.push((key.to_string(), pairs.text(key)?));
    }
    Ok(Config {
        function_name: fields.text("function-name")?,
        input: fields.text("input")?,
        qualifier: fields.optional_text("qualifier")?,
        region: fields.optional_text("region")?,
        terraform_key: fields.optional_text("terraform-key")?,
        tenant_id: fields.optional_text("tenant-id")?,
        lifecycle_scope: fields.one_of("lifecycle-scope", SCOPES)?,
        triggers,
        replace_order: fields.one_of("replace-order", ORDERS)?,
    })
}

/// An object, and where it is.
struct Fields<'a> {
    members: &'a BTreeMap<Cow<'a, str>, Json<'a>>,
    path: String,
}

impl<'a> Fields<'a> {
    fn new(value: Option<&'a Json<'a>>, path: String) -> Result<Self, String> {
        match value {
            Some(Json::Object(members)) => Ok(Self { members, path }),
            _ if path.is_empty() => Err("must be a JSON object".to_owned()),
            _ => Err(format!("{path} must be an object")),
        }
    }

    fn get(&self, key: &str) -> Option<&'a Json<'a>> {
        self.members.get(key).filter(|value| **value != Json::NULL)
    }

    fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn wrong<T>(&self, key: &str, kind: &str) -> Result<T, String> {
        Err(format!("{} must be {kind}", self.path(key)))
    }

    fn fields(&self, key: &str) -> Result<Fields<'a>, String> {
        Fields::new(self.get(key), self.path(key))
    }

    fn optional_text(&self, key: &str) -> Result<Option<String>, String> {
        match self.get(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.to_string())),
            Some(_) => self.wrong(key, "a string"),
        }
    }

    fn text(&self, key: &str) -> Result<String, String> {
        match self.optional_text(key)? {
            Some(text) => Ok(text),
            None => self.wrong(key, "a string"),
        }
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let mut texts = Vec::new();
        if let Some(Json::Array(items)) = self.get(key) {
            for item in items {
                if let Json::String(text) = item {
                    texts.push(text.to_string());
                }
            }
            if texts.len() == items.len() {
                return Ok(texts);
            }
        }
        self.wrong(key, "a list of strings")
    }

    fn number(&self, key: &str) -> Result<u64, String> {
        if let Some(Json::Literal(text)) = self.get(key)
            && let Ok(number) = text.parse()
        {
            return Ok(number);
        }
        self.wrong(key, "a whole number")
    }

    fn truth(&self, key: &str) -> Result<bool, String> {
        match self.get(key) {
            Some(Json::Literal("true")) => Ok(true),
            Some(Json::Literal("false")) => Ok(false),
            _ => self.wrong(key, "true or false"),
        }
    }

    fn one_of<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>, String> {
        let Some(word) = self.optional_text(key)? else {
            return Ok(None);
        };
        match words.iter().find(|(known, _)| *known == word) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
                self.wrong(key, &known.join(" or "))
            }
        }
    }
}
