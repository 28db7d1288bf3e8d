//! What the engine is to keep of a resource.

use lambda_invocation_core::lifecycle::{Attribute, Config};
use lambda_invocation_engine::Value as _;

use super::desired::Desired;
use crate::value::{Members, Value};

/// The result of an invocation.
pub enum Result {
    /// It is known only afterwards.
    Unknown,
    /// There is none that counts.
    None,
    Text(String),
}

/// The outputs: the inputs, what stands for those that were not given, and the result, which
/// is a secret where the input is one or where `secret` says so.
pub fn outputs(inputs: &Members, desired: &Desired, result: Result, secret: bool) -> Members {
    let Config {
        qualifier,
        region,
        terraform_key,
        lifecycle_scope,
        ..
    } = desired.config.normalised();
    let mut outputs = inputs.clone();
    outputs.retain(|name, value| !name.starts_with("__") && !value.is_null());
    let of = |attributes: &[Attribute], value: Option<String>| match attributes
        .iter()
        .any(|attribute| desired.awaits(*attribute))
    {
        true => Value::Unknown,
        false => value.into(),
    };
    for (name, value) in [
        (
            "qualifier",
            // A name that is not known yet may bring its qualifier along.
            of(&[Attribute::Qualifier, Attribute::FunctionName], qualifier),
        ),
        ("region", of(&[Attribute::Region], region)),
        (
            "terraformKey",
            of(&[Attribute::TerraformKey], terraform_key),
        ),
        (
            "lifecycleScope",
            of(
                &[Attribute::LifecycleScope],
                lifecycle_scope.map(|scope| scope.as_str().to_owned()),
            ),
        ),
    ] {
        outputs.entry(name.to_owned()).or_insert(value);
    }
    let result = match result {
        Result::None => return outputs,
        Result::Unknown => Value::Unknown,
        Result::Text(text) => text.into(),
    };
    let secret = secret || inputs.get("input").is_some_and(Value::has_secret);
    let result = if secret { result.secret() } else { result };
    outputs.insert("result".to_owned(), result);
    outputs
}
