//! Terraform's state file, version 4: where an `aws_lambda_invocation` is in it.

use std::path::Path;

use lambda_invocation_core::error::Error;
use lambda_invocation_core::json::Value;

use crate::json_text;

const TYPE: &str = "aws_lambda_invocation";

/// The version and the attributes, as JSON, of the resource with this address, or
/// else the resource whose name is `name`.
///
/// # Errors
///
/// [`Error::InvalidArgument`] when the file cannot be read or is no such state, when
/// there is no such resource or more than one, and when Terraform has not finished
/// with it.
pub fn read(path: &Path, name: &str, address: Option<&str>) -> Result<(u32, String), Error> {
    let fault =
        |reason: String| Error::invalid("from-terraform", format!("{}: {reason}", path.display()));
    let text = crate::file::text(path).map_err(fault)?;
    parse(&text, name, address).map_err(fault)
}

/// As [`read`], from the text of the file.
///
/// # Errors
///
/// The same, in words.
pub fn parse(text: &str, name: &str, address: Option<&str>) -> Result<(u32, String), String> {
    let file = json_text::parse(text)?;
    if member(&file, "version") != Some(&Value::Literal("4")) {
        return Err("not a Terraform state of version 4".to_owned());
    }
    find(&file, name, address)
}

struct Instance<'a> {
    address: String,
    name: &'a str,
    value: &'a Value<'a>,
}

fn find(file: &Value<'_>, name: &str, address: Option<&str>) -> Result<(u32, String), String> {
    let all = instances(file);
    let found: Vec<&Instance<'_>> = all
        .iter()
        .filter(|instance| match address {
            Some(address) => instance.address == address,
            None => instance.name == name,
        })
        .collect();
    let [instance] = found.as_slice() else {
        let known: Vec<&str> = all.iter().map(|known| known.address.as_str()).collect();
        let known = match known.as_slice() {
            [] => format!("it holds no {TYPE}"),
            known => format!("it holds {}", known.join(", ")),
        };
        let wanted = address.unwrap_or(name);
        return Err(match (found.is_empty(), address) {
            (true, _) => format!("there is no {TYPE} \"{wanted}\"; {known}"),
            (false, None) => format!("which \"{wanted}\"? give its address; {known}"),
            (false, Some(_)) => format!(
                "\"{wanted}\" is there more than once: a replacement was not finished; apply it in Terraform first"
            ),
        });
    };
    if text(instance.value, "status") == Some("tainted") {
        return Err(format!(
            "{} is tainted: apply it, or untaint it, in Terraform first",
            instance.address
        ));
    }
    let version = match member(instance.value, "schema_version") {
        Some(Value::Literal(number)) => number.parse().ok(),
        _ => None,
    };
    match (version, member(instance.value, "attributes")) {
        (Some(version), Some(attributes)) => Ok((version, attributes.encode())),
        _ => Err(format!(
            "{} has no schema_version or no attributes",
            instance.address
        )),
    }
}

fn instances<'a>(file: &'a Value<'a>) -> Vec<Instance<'a>> {
    let mut all = Vec::new();
    for resource in items(file, "resources") {
        let (Some("managed"), Some(TYPE), Some(name)) = (
            text(resource, "mode"),
            text(resource, "type"),
            text(resource, "name"),
        ) else {
            continue;
        };
        let module = match text(resource, "module") {
            Some(module) => format!("{module}."),
            None => String::new(),
        };
        for value in items(resource, "instances") {
            // A number for `count`, a string for `for_each`.
            let index = match member(value, "index_key") {
                None => String::new(),
                Some(key) => format!("[{}]", key.encode()),
            };
            all.push(Instance {
                address: format!("{module}{TYPE}.{name}{index}"),
                name,
                value,
            });
        }
    }
    all
}

/// A member that is there and not `null`.
fn member<'a>(value: &'a Value<'a>, key: &str) -> Option<&'a Value<'a>> {
    match value {
        Value::Object(members) => members.get(key).filter(|value| **value != Value::NULL),
        _ => None,
    }
}

fn text<'a>(value: &'a Value<'a>, key: &str) -> Option<&'a str> {
    match member(value, key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn items<'a>(value: &'a Value<'a>, key: &str) -> &'a [Value<'a>] {
    match member(value, key) {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use std::fs;

    use super::*;

    fn instance(index: Value, id: &str) -> Value {
        json!({"schema_version": 1, "index_key": index, "attributes": {"id": id}})
    }

    fn file() -> String {
        let resource = |name: &str, module: Value, instances: Value| json!({"mode": "managed", "type": TYPE, "name": name, "module": module, "instances": instances});
        json!({"version": 4, "resources": [
            resource("single", Value::Null, json!([instance(Value::Null, "1")])),
            resource("counted", Value::Null, json!([instance(json!(0), "2"), instance(json!(1), "3")])),
            resource("each", json!("module.m"), json!([instance(json!("a\"b"), "4")])),
            resource("old", Value::Null, json!([{"schema_version": 0, "attributes": {"id": "5"}}])),
            resource("tainted", Value::Null, json!([{"schema_version": 1, "status": "tainted", "attributes": {}}])),
            resource("owed", Value::Null, json!([
                instance(Value::Null, "6"),
                {"schema_version": 1, "deposed": "1234abcd", "attributes": {"id": "7"}},
            ])),
            resource("empty", Value::Null, json!([{}])),
            {"mode": "data", "type": TYPE, "name": "single", "instances": [instance(Value::Null, "8")]},
            {"mode": "managed", "type": "aws_lambda_function", "name": "single", "instances": [instance(Value::Null, "9")]},
        ]})
        .to_string()
    }

    #[test]
    fn a_resource_is_found_by_its_name_or_its_address() {
        for (name, address, expected) in [
            ("single", None, (1, "1")),
            ("other", Some("aws_lambda_invocation.single"), (1, "1")),
            ("other", Some("aws_lambda_invocation.counted[1]"), (1, "3")),
            ("each", None, (1, "4")),
            (
                "other",
                Some(r#"module.m.aws_lambda_invocation.each["a\"b"]"#),
                (1, "4"),
            ),
            ("old", None, (0, "5")),
        ] {
            let (version, attributes) =
                find(&json_text::parse(&file()).unwrap(), name, address).unwrap();
            let attributes: Value = serde_json::from_str(&attributes).unwrap();
            assert_eq!((version, attributes["id"].as_str().unwrap()), expected);
        }
    }

    #[test]
    fn a_resource_that_cannot_be_taken_over_is_refused_with_the_reason() {
        for (name, address, reason) in [
            (
                "none",
                None,
                "there is no aws_lambda_invocation \"none\"; it holds ",
            ),
            (
                "single",
                Some("x.y"),
                "there is no aws_lambda_invocation \"x.y\"",
            ),
            ("counted", None, "which \"counted\"?"),
            ("owed", None, "which \"owed\"?"),
            (
                "o",
                Some("aws_lambda_invocation.owed"),
                "\"aws_lambda_invocation.owed\" is there more than once",
            ),
            ("tainted", None, "aws_lambda_invocation.tainted is tainted"),
            ("empty", None, "aws_lambda_invocation.empty has no "),
        ] {
            let refusal = find(&json_text::parse(&file()).unwrap(), name, address).unwrap_err();
            assert!(refusal.starts_with(reason), "{refusal}");
        }
    }

    #[test]
    fn files_that_are_no_terraform_state_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("terraform.tfstate");
        for (text, reason) in [
            (
                "sekrit",
                "not JSON: unexpected character at line 1, column 1",
            ),
            ("{}", "not a Terraform state of version 4"),
            (r#"{"version":3}"#, "not a Terraform state of version 4"),
            (
                r#"{"version":4}"#,
                "there is no aws_lambda_invocation \"x\"; it holds no ",
            ),
        ] {
            fs::write(&path, text).unwrap();
            let refusal = read(&path, "x", None).unwrap_err().to_string();
            assert!(refusal.contains(reason), "{refusal}");
            assert!(refusal.starts_with("invalid from-terraform: "), "{refusal}");
        }
    }
}
