//! Terraform's state file, version 4: where an `aws_lambda_invocation` is in it.

use std::fs;
use std::path::Path;

use lambda_invocation_core::error::Error;
use serde_json::Value;

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
    let fault = |reason: String| {
        Error::invalid("from-terraform", format!("{}: {reason}", path.display()))
    };
    let text = fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let file: Value = serde_json::from_str(&text).map_err(|error| {
        fault(format!(
            "not valid JSON, line {} column {}",
            error.line(),
            error.column()
        ))
    })?;
    if file.get("version").and_then(Value::as_u64) != Some(4) {
        return Err(fault("not a Terraform state of version 4".to_owned()));
    }
    find(&file, name, address).map_err(fault)
}

struct Instance<'a> {
    address: String,
    name: &'a str,
    value: &'a Value,
}

fn find(file: &Value, name: &str, address: Option<&str>) -> Result<(u32, String), String> {
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
    if instance.value.get("status").and_then(Value::as_str) == Some("tainted") {
        return Err(format!(
            "{} is tainted: apply it, or untaint it, in Terraform first",
            instance.address
        ));
    }
    let version = instance.value.get("schema_version").and_then(Value::as_u64);
    let version = version.and_then(|version| u32::try_from(version).ok());
    match (version, instance.value.get("attributes")) {
        (Some(version), Some(attributes)) => Ok((version, attributes.to_string())),
        _ => Err(format!(
            "{} has no schema_version or no attributes",
            instance.address
        )),
    }
}

fn instances(file: &Value) -> Vec<Instance<'_>> {
    let mut all = Vec::new();
    for resource in array(file, "resources") {
        let text = |key| resource.get(key).and_then(Value::as_str);
        let (Some("managed"), Some(TYPE), Some(name)) =
            (text("mode"), text("type"), text("name"))
        else {
            continue;
        };
        let module = text("module").map_or_else(String::new, |module| format!("{module}."));
        for value in array(resource, "instances") {
            // A number for `count`, a string for `for_each`.
            let index = match value.get("index_key") {
                None | Some(Value::Null) => String::new(),
                Some(key) => format!("[{key}]"),
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

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn instance(index: Value, id: &str) -> Value {
        json!({"schema_version": 1, "index_key": index, "attributes": {"id": id}})
    }

    fn file() -> Value {
        let resource = |name: &str, module: Value, instances: Value| {
            json!({"mode": "managed", "type": TYPE, "name": name, "module": module, "instances": instances})
        };
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
            let (version, attributes) = find(&file(), name, address).unwrap();
            let attributes: Value = serde_json::from_str(&attributes).unwrap();
            assert_eq!((version, attributes["id"].as_str().unwrap()), expected);
        }
    }

    #[test]
    fn a_resource_that_cannot_be_taken_over_is_refused_with_the_reason() {
        for (name, address, reason) in [
            ("none", None, "there is no aws_lambda_invocation \"none\"; it holds "),
            ("single", Some("x.y"), "there is no aws_lambda_invocation \"x.y\""),
            ("counted", None, "which \"counted\"?"),
            ("owed", None, "which \"owed\"?"),
            ("o", Some("aws_lambda_invocation.owed"), "\"aws_lambda_invocation.owed\" is there more than once"),
            ("tainted", None, "aws_lambda_invocation.tainted is tainted"),
            ("empty", None, "aws_lambda_invocation.empty has no "),
        ] {
            let refusal = find(&file(), name, address).unwrap_err();
            assert!(refusal.starts_with(reason), "{refusal}");
        }
    }

    #[test]
    fn files_that_are_no_terraform_state_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("terraform.tfstate");
        for (text, reason) in [
            ("sekrit", "not valid JSON, line 1 column 1"),
            ("{}", "not a Terraform state of version 4"),
            (r#"{"version":3}"#, "not a Terraform state of version 4"),
            (r#"{"version":4}"#, "there is no aws_lambda_invocation \"x\"; it holds no "),
        ] {
            fs::write(&path, text).unwrap();
            let refusal = read(&path, "x", None).unwrap_err().to_string();
            assert!(refusal.contains(reason), "{refusal}");
            assert!(refusal.starts_with("invalid from-terraform: "), "{refusal}");
        }
    }
}
