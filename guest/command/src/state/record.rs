//! The JSON of a state file: keys as in the WIT package, absent values left out.

use lambda_invocation_core::lifecycle::{
    Config, Deposed, LifecycleScope, ReplaceOrder, STATE_VERSION, State,
};
use serde_json::{Map, Value, json};

use super::{Document, Entry};
use crate::json::object;

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
        ("lifecycle-scope", json!(config.lifecycle_scope.and_then(|scope| word(SCOPES, scope)))),
        ("triggers", Value::Object(triggers)),
        ("replace-order", json!(config.replace_order.and_then(|order| word(ORDERS, order)))),
    ])
}

fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> Option<&'static str> {
    let mut words = words.iter();
    words.find(|(_, known)| *known == value).map(|(word, _)| *word)
}

/// Reads a file.
///
/// # Errors
///
/// What is wrong, by the path of the key; never a value.
pub fn read(bytes: &[u8]) -> Result<Document, String> {
    let file: Value = serde_json::from_slice(bytes).map_err(|error| {
        format!(
            "not valid JSON, line {} column {}",
            error.line(),
            error.column()
        )
    })?;
    let file = Fields::new(&file, String::new())?;
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
    Ok(Document {
        serial: file.number("serial")?,
        invocations: invocations
            .members
            .keys()
            .map(|name| Ok((name.clone(), entry(&invocations.fields(name)?)?)))
            .collect::<Result<_, String>>()?,
    })
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
    let triggers = fields.fields("triggers")?;
    Ok(Config {
        function_name: fields.text("function-name")?,
        input: fields.text("input")?,
        qualifier: fields.optional_text("qualifier")?,
        region: fields.optional_text("region")?,
        terraform_key: fields.optional_text("terraform-key")?,
        tenant_id: fields.optional_text("tenant-id")?,
        lifecycle_scope: fields.one_of("lifecycle-scope", SCOPES)?,
        triggers: triggers
            .members
            .keys()
            .map(|key| Ok((key.clone(), triggers.text(key)?)))
            .collect::<Result<_, String>>()?,
        replace_order: fields.one_of("replace-order", ORDERS)?,
    })
}

/// An object, and where it is.
struct Fields<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    fn new(value: &'a Value, path: String) -> Result<Self, String> {
        match value {
            Value::Object(members) => Ok(Self { members, path }),
            _ if path.is_empty() => Err("must be a JSON object".to_owned()),
            _ => Err(format!("{path} must be an object")),
        }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.members.get(key).filter(|value| !value.is_null())
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
        Fields::new(self.get(key).unwrap_or(&Value::Null), self.path(key))
    }

    fn optional_text(&self, key: &str) -> Result<Option<String>, String> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
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
        let texts = self.get(key).and_then(Value::as_array).and_then(|items| {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>()
        });
        match texts {
            Some(texts) => Ok(texts),
            None => self.wrong(key, "a list of strings"),
        }
    }

    fn number(&self, key: &str) -> Result<u64, String> {
        match self.get(key).and_then(Value::as_u64) {
            Some(number) => Ok(number),
            None => self.wrong(key, "a number"),
        }
    }

    fn truth(&self, key: &str) -> Result<bool, String> {
        match self.get(key).and_then(Value::as_bool) {
            Some(truth) => Ok(truth),
            None => self.wrong(key, "true or false"),
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
