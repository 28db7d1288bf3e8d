//! States of older versions, and Terraform's.

use super::config::{Config, LifecycleScope};
use super::id;
use super::state::{STATE_VERSION, State};
use crate::error::ArgumentError;
use crate::json::{Fault, Value};

const ARGUMENT: &str = "json";

/// Reads the attributes of Terraform's `aws_lambda_invocation` as a state: the JSON
/// object under `attributes` in a state file, `version` being the `schema_version`
/// beside it. Attributes that are missing or null take their defaults, as the
/// provider's own upgrade from version 0 to 1 has it, and others are ignored. An id
/// of the older form is rewritten to today's.
///
/// A state that Terraform imported and has not applied since (version 1, without a
/// scope and an input) becomes an imported state here, so that it invokes nothing.
///
/// # Errors
///
/// [`ArgumentError`] on `version` when it is neither 0 nor 1, or on `json`
/// when that is not such an object; the reason names the attribute.
pub fn upgrade_state(version: u32, json: &str) -> Result<State, ArgumentError> {
    if version > 1 {
        return Err(ArgumentError::new("version", "must be 0 or 1"));
    }
    let attributes = match Value::parse(json) {
        Ok(attributes @ Value::Object(_)) => Attributes(attributes),
        Ok(_) => return Err(ArgumentError::new(ARGUMENT, "must be a JSON object")),
        Err(Fault::TooDeep) => return Err(ArgumentError::new(ARGUMENT, "nests too deep")),
        Err(_) => return Err(ArgumentError::new(ARGUMENT, "must be valid JSON")),
    };
    let id = attributes.required("id")?;
    let config = Config {
        function_name: attributes.required("function_name")?.to_owned(),
        input: attributes.text("input")?.unwrap_or_default().to_owned(),
        qualifier: attributes.filled("qualifier")?,
        region: attributes.filled("region")?,
        // Terraform takes an empty key for a key, so a deletion has to as well.
        terraform_key: attributes.text("terraform_key")?.map(str::to_owned),
        tenant_id: attributes.filled("tenant_id")?,
        client_context: attributes.filled("client_context")?,
        lifecycle_scope: attributes.lifecycle_scope()?,
        triggers: attributes.triggers()?,
        replace_order: None,
    };
    let imported = version == 1 && config.lifecycle_scope.is_none() && config.input.is_empty();
    let hash = id
        .get(id.len().saturating_sub(32)..)
        .filter(|hash| id::is_hash(hash));
    Ok(State {
        version: STATE_VERSION,
        id: match hash {
            Some(hash) => id::join(&config.function_name, config.qualifier(), hash),
            None => id.to_owned(),
        },
        result: attributes.text("result")?.unwrap_or_default().to_owned(),
        config: if imported {
            config
        } else {
            config.normalised()
        },
        imported,
        deposed: None,
    })
}

struct Attributes<'a>(Value<'a>);

impl Attributes<'_> {
    fn get(&self, name: &str) -> Option<&Value<'_>> {
        match &self.0 {
            Value::Object(members) => members.get(name).filter(|value| **value != Value::NULL),
            _ => None,
        }
    }

    /// A string; absent when missing or null.
    fn text(&self, name: &'static str) -> Result<Option<&str>, ArgumentError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "must be a string or null")),
        }
    }

    /// A string; absent also when empty, which is how Terraform's SDK may write an
    /// optional attribute that is not set.
    fn filled(&self, name: &'static str) -> Result<Option<String>, ArgumentError> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        Ok(text.map(str::to_owned))
    }

    fn required(&self, name: &'static str) -> Result<&str, ArgumentError> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| wrong(name, "must not be missing or empty"))
    }

    fn lifecycle_scope(&self) -> Result<Option<LifecycleScope>, ArgumentError> {
        const NAME: &str = "lifecycle_scope";
        match self.filled(NAME)? {
            None => Ok(None),
            Some(scope) => LifecycleScope::parse(&scope)
                .map(Some)
                .map_err(|_| wrong(NAME, "must be CREATE_ONLY or CRUD")),
        }
    }

    fn triggers(&self) -> Result<Vec<(String, String)>, ArgumentError> {
        const NAME: &str = "triggers";
        let members = match self.get(NAME) {
            None => return Ok(Vec::new()),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(wrong(NAME, "must be an object or null")),
        };
        members
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) => Ok((key.to_string(), text.to_string())),
                _ => Err(wrong(NAME, "must hold strings only")),
            })
            .collect()
    }
}

fn wrong(name: &'static str, rule: &'static str) -> ArgumentError {
    ArgumentError::new(ARGUMENT, [name, rule].join(" "))
}
