//! The rules of a configuration that need no state.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::config::{Config, LifecycleScope};
use super::payload::{self, InputFault};
use super::qualifier;

/// A fault in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The attribute at fault, in the WIT package's spelling.
    pub attribute: &'static str,
    /// The rule it breaks. Never the value.
    pub message: Cow<'static, str>,
}

/// Checks a configuration without reference to a state. Empty means sound.
///
/// Of the function name this checks only what an id cannot do without; the rest of
/// its pattern, and the limits on the payload's size, are those of every request
/// and are checked where requests are.
pub fn validate(config: &Config) -> Vec<Diagnostic> {
    let mut faults = Faults(Vec::new());
    check_function(config, &mut faults);
    check_input(config, &mut faults);
    if config.region.as_deref() == Some("") {
        faults.add("region", "must not be empty");
    }
    if config.tenant_id.as_deref().is_some_and(|t| !is_tenant(t)) {
        faults.add(
            "tenant-id",
            "must be 1 to 256 letters, digits, spaces or any of . _ : / = + - @",
        );
    }
    let triggers = config.triggers();
    let neighbours = triggers.iter().zip(triggers.iter().skip(1));
    if neighbours.into_iter().any(|(a, b)| a.0 == b.0) {
        faults.add("triggers", "must not hold a key twice");
    }
    faults.0
}

struct Faults(Vec<Diagnostic>);

impl Faults {
    fn add(&mut self, attribute: &'static str, message: impl Into<Cow<'static, str>>) {
        self.0.push(Diagnostic {
            attribute,
            message: message.into(),
        });
    }
}

fn check_function(config: &Config, faults: &mut Faults) {
    if config.function_name.is_empty() {
        faults.add("function-name", "must not be empty");
    }
    if config.function_name.contains(',') {
        faults.add(
            "function-name",
            "must not hold a comma, which separates the parts of an id",
        );
    }
    let Some(qualifier) = &config.qualifier else {
        return;
    };
    if !qualifier::is_qualifier(qualifier) {
        faults.add(
            "qualifier",
            "must be $LATEST, a version or an alias: 1 to 128 letters, digits, '-' or '_'",
        );
    } else if qualifier::in_function_name(&config.function_name)
        .is_some_and(|named| named != qualifier)
    {
        faults.add(
            "qualifier",
            "function-name already names another version or alias; give only one of them",
        );
    }
}

fn check_input(config: &Config, faults: &mut Faults) {
    let crud = config.lifecycle_scope() == LifecycleScope::Crud;
    if config.terraform_key().is_empty() {
        faults.add("terraform-key", "must not be empty");
    }
    if config.input.is_empty() {
        if crud {
            faults.add("input", InputFault::NotAnObject.rule());
        }
        return;
    }
    // Nests as deep as it likes: under create-only nobody here has to take it apart.
    if let Err(e) = serde_json::from_str::<IgnoredAny>(&config.input) {
        faults.add(
            "input",
            format!(
                "must be valid JSON; the fault is at line {}, column {}",
                e.line(),
                e.column()
            ),
        );
        return;
    }
    if !crud {
        return;
    }
    match payload::object(&config.input) {
        Ok(members) if members.contains_key(config.terraform_key()) => faults.add(
            "terraform-key",
            "must not be a key of input: it would be overwritten; choose another",
        ),
        Ok(_) => {}
        Err(fault) => faults.add("input", fault.rule()),
    }
}

/// `[a-zA-Z0-9\._:\/=+\-@ ]+`, 1 to 256 characters: `TenantId` of the service model.
fn is_tenant(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._:/=+-@ ".contains(&b))
}
