//! The rules of a configuration that need no state.

use std::borrow::Cow;

use super::config::{Config, LifecycleScope};
use super::payload::{self, InputFault};
use crate::call::function_name::FunctionName;
use crate::call::request;
use crate::error::Error;
use crate::json_check::{self, Fault};

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
/// The limits on the payload's size are those of every request and are checked where
/// requests are.
pub fn validate(config: &Config) -> Vec<Diagnostic> {
    let mut faults = Faults(Vec::new());
    check_function(config, &mut faults);
    check_input(config, &mut faults);
    if config.region.as_deref() == Some("") {
        faults.add("region", "must not be empty");
    }
    if let Some(Err(error)) = config.tenant_id.as_deref().map(request::check_tenant_id) {
        faults.refused("tenant-id", &error);
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

    /// A fault that the checks of every request find, too.
    fn refused(&mut self, attribute: &'static str, error: &Error) {
        if let Error::InvalidArgument(refusal) = error {
            self.add(attribute, refusal.reason.clone());
        }
    }
}

fn check_function(config: &Config, faults: &mut Faults) {
    let name = FunctionName::parse(&config.function_name);
    let named = match &name {
        Ok(name) => name.qualifier,
        Err(error) => {
            faults.refused("function-name", error);
            None
        }
    };
    let Some(qualifier) = &config.qualifier else {
        return;
    };
    if let Err(error) = request::check_qualifier(qualifier) {
        faults.refused("qualifier", &error);
    } else if named.is_some_and(|named| named != qualifier) {
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
    if let Err(fault) = json_check::check(config.input.as_bytes()) {
        faults.add(
            "input",
            match fault {
                Fault::EndsEarly { line, column } | Fault::Unexpected { line, column } => {
                    format!("must be valid JSON; the fault is at line {line}, column {column}")
                }
                Fault::NotUtf8 { at } => format!("must be UTF-8; it is not at byte {at}"),
            },
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
