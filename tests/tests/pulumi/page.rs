//! `docs/pulumi.md`: tables that are the schema's.

use std::fmt::Write as _;

use lambda_invocation_docs::Page;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::type_check;
use serde_json::Value;

use crate::schema::schema;

fn kind(of: &Value) -> &str {
    match of["$ref"].as_str() {
        Some("pulumi.json#/Any") => "any value",
        Some(_) => "object",
        None if of["type"] == "object" => "map of strings",
        None => of["type"].as_str().unwrap(),
    }
}

/// A row a property, those that are required first.
fn table(properties: &Value, required: &Value) -> String {
    let required: Vec<&str> = required
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = properties.as_object().unwrap();
    let mut names: Vec<&String> = properties.keys().collect();
    names.sort_by_key(|name| !required.contains(&name.as_str()));
    let mut out = "| property | type | |\n| --- | --- | --- |\n".to_owned();
    for name in names {
        let of = &properties[name];
        let must = if required.contains(&name.as_str()) {
            ", required"
        } else {
            ""
        };
        let secret = if of["secret"] == true { ", secret" } else { "" };
        let description = of["description"].as_str().unwrap();
        writeln!(
            out,
            "| `{name}` | {}{must}{secret} | {description} |",
            kind(of)
        )
        .unwrap();
    }
    out
}

#[test]
fn the_page_has_every_property_as_the_schema_has_it() {
    let schema = schema();
    let resource = &schema["resources"]["lambda-invocation:index:Invocation"];
    let function = |name: &str| &schema["functions"][format!("lambda-invocation:index:{name}")];
    let of = |function: &Value, which: &str| {
        table(&function[which]["properties"], &function[which]["required"])
    };
    let none = Value::Null;
    let parts = [
        (
            "inputs",
            table(&resource["inputProperties"], &resource["requiredInputs"]),
        ),
        ("outputs", {
            // Those that are not as they were given.
            let mut outputs = resource["properties"].clone();
            let required = resource["required"].as_array().unwrap();
            outputs.as_object_mut().unwrap().retain(|name, _| {
                required.iter().any(|required| required == name) && name != "functionName"
            });
            table(&outputs, &none)
        }),
        ("arguments of invoke", of(function("invoke"), "inputs")),
        ("results of invoke", {
            let function = function("invoke");
            table(&function["outputs"]["properties"], &none)
        }),
        ("results of open", {
            let function = function("open");
            table(&function["outputs"]["properties"], &none)
        }),
        (
            "configuration",
            table(&schema["config"]["variables"], &none),
        ),
    ];
    let command = "cargo test -p lambda-invocation-tests --test pulumi";
    Page::read("docs/pulumi.md").hold(&parts, command);
}

#[test]
fn the_programs_of_the_page_have_the_types_of_the_schema() {
    let page = Page::read("docs/pulumi.md");
    let headings = page.headings_with("typescript");
    assert_eq!(headings.len(), 2, "{headings:?}");
    for heading in headings {
        for program in page.blocks(&heading, "typescript") {
            or_skip!(type_check(&program)).unwrap();
        }
    }
}
