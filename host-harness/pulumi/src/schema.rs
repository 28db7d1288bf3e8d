//! The schema of the package: what SDKs in every language, and Pulumi's YAML, are made from.
//!
//! Its form is that of Pulumi's [package schema].
//!
//! [package schema]: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/

use serde_json::{Map, Value as Json, json};

use crate::function::{Function, INVOKE, OPEN};
use crate::property::{Kind, Property};
use crate::provider::config;
use crate::resource;

const FUNCTION_ERROR: &[Property] = &[
    Property::new(
        "kind",
        Kind::Text,
        "`Unhandled` or `Handled`, as Lambda says.",
    )
    .required(),
    Property::new(
        "errorType",
        Kind::Text,
        "The runtime's name for the error, for example `ValueError`.",
    ),
    Property::new("errorMessage", Kind::Text, "The runtime's message."),
    Property::new(
        "stackTrace",
        Kind::TextList,
        "One frame an entry, in the runtime's own order and wording.",
    )
    .required(),
];

/// The whole schema.
pub fn package() -> Json {
    let mut outputs: Vec<Property> = resource::OUTPUTS.to_vec();
    let instead = |property: &&Property| !resource::OUTPUTS.iter().any(|o| o.name == property.name);
    outputs.extend(
        resource::INPUTS
            .iter()
            .filter(instead)
            .map(|property| Property {
                default: None,
                ..*property
            }),
    );
    json!({
        "name": "lambda-invocation",
        "displayName": "Lambda invocation",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Invokes AWS Lambda functions through a sandboxed WebAssembly component: without invoking in previews, without repeating what may have run, and with errors that say what to do.",
        "keywords": ["pulumi", "aws", "lambda", "category/cloud"],
        "license": env!("CARGO_PKG_LICENSE"),
        "meta": { "moduleFormat": "(.*)" },
        "config": { "variables": properties(config::PROPERTIES) },
        "provider": {
            "description": "How functions are reached, and as whom.",
            "inputProperties": properties(config::PROPERTIES),
        },
        "types": {
            "lambda-invocation:index:FunctionError": {
                "description": "How a function failed.",
                "type": "object",
                "properties": properties(FUNCTION_ERROR),
                "required": required(FUNCTION_ERROR),
            },
        },
        "resources": {
            resource::TOKEN: {
                "description": "Invokes a Lambda function when the resource is created and, with `lifecycleScope: \"CRUD\"`, when it is updated and deleted. A preview says what will be invoked, and invokes nothing; nothing is invoked twice because of a failure that may have run the function, and a failed update leaves the state as it was.",
                "inputProperties": properties(resource::INPUTS),
                "requiredInputs": required(resource::INPUTS),
                "properties": properties(&outputs),
                "required": required(&outputs),
                "aliases": [{ "type": "aws:lambda/invocation:Invocation" }],
            },
        },
        "functions": {
            INVOKE.token: function(&INVOKE),
            OPEN.token: function(&OPEN),
        },
        "language": {
            "csharp": { "respectSchemaVersion": true },
            "go": { "respectSchemaVersion": true, "generateResourceContainerTypes": true },
            "nodejs": { "respectSchemaVersion": true },
            "python": { "respectSchemaVersion": true, "pyproject": { "enabled": true } },
        },
    })
}

fn function(function: &Function) -> Json {
    json!({
        "description": function.description,
        "inputs": object(function.arguments),
        "outputs": object(function.results),
    })
}

fn object(of: &[Property]) -> Json {
    json!({
        "type": "object",
        "properties": properties(of),
        "required": required(of),
    })
}

fn properties(of: &[Property]) -> Map<String, Json> {
    of.iter()
        .map(|property| (property.name.to_owned(), property.schema()))
        .collect()
}

fn required(of: &[Property]) -> Vec<&'static str> {
    let required = of.iter().filter(|property| property.required);
    required.map(|property| property.name).collect()
}
