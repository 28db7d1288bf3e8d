//! Programs of Pulumi's real SDKs, our provider, and the local endpoint.

#![cfg(test)]

mod acceptance;
mod check;
mod failures;
mod functions;
mod lifecycle;
mod page;
mod programs;
mod protocol;
mod schema;
mod take_over;

use serde_json::{Value, json};

/// A program that has one resource, `it`.
fn one(inputs: Value) -> Value {
    with_options(inputs, json!({}))
}

/// The same with options of the resource.
fn with_options(inputs: Value, options: Value) -> Value {
    json!({"resources": [{"name": "it", "inputs": inputs, "options": options}]})
}
