//! The rules of a configuration that need no state.

use super::attribute::Attribute;
use super::config::{Config, LifecycleScope};
use super::payload::{Input, InputFault};
use crate::call::function_name::FunctionName;
use crate::call::request;
use crate::error::ArgumentError;
use crate::json;

/// A fault in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The attribute at fault.
    pub attribute: Attribute,
    /// The rule it breaks. Never the value.
    pub message: String,
}

/// Checks a configuration without reference to a state. Empty means sound.
///
/// The limits on the payload's size are those of every request and are checked where
/// requests are.
pub fn validate(config: &Config) -> Vec<Diagnostic> {
    known(config, &[]).faults
}

/// The same of the attributes that are not among `unknown`, as far as their rules do not
/// depend on one that is.
pub(super) fn known<'a>(config: &'a Config, unknown: &'a [Attribute]) -> Check<'a> {
    let mut check = Check {
        config,
        unknown,
        faults: Vec::new(),
        input: None,
    };
    check.function();
    check.input();
    check.rest();
    check
}

/// What came of the check.
pub(super) struct Check<'a> {
    config: &'a Config,
    unknown: &'a [Attribute],
    pub(super) faults: Vec<Diagnostic>,
    /// The input under [`LifecycleScope::Crud`], if it is known and nothing is wrong with it:
    /// what follows need not read it again.
    pub(super) input: Option<Input>,
}

impl Check<'_> {
    fn knows(&self, attribute: Attribute) -> bool {
        !self.unknown.contains(&attribute)
    }

    fn add(&mut self, attribute: Attribute, message: impl Into<String>) {
        self.faults.push(Diagnostic {
            attribute,
            message: message.into(),
        });
    }

    /// A fault that the checks of every request find, too.
    fn refused(&mut self, attribute: Attribute, refusal: ArgumentError) {
        self.add(attribute, refusal.reason);
    }

    fn function(&mut self) {
        let config = self.config;
        let mut named = None;
        if self.knows(Attribute::FunctionName) {
            match FunctionName::parse(&config.function_name) {
                Ok(name) => named = name.qualifier,
                Err(error) => self.refused(Attribute::FunctionName, error),
            }
        }
        let Some(qualifier) = &config.qualifier else {
            return;
        };
        if !self.knows(Attribute::Qualifier) {
            return;
        }
        if let Err(error) = request::check_qualifier(qualifier) {
            self.refused(Attribute::Qualifier, error);
        } else if named.is_some_and(|named| named != qualifier) {
            self.add(
                Attribute::Qualifier,
                "function-name already names another version or alias; give only one of them",
            );
        }
    }

    fn input(&mut self) {
        let key_known = self.knows(Attribute::TerraformKey);
        if key_known && self.config.terraform_key().is_empty() {
            self.add(Attribute::TerraformKey, "must not be empty");
        }
        if !self.knows(Attribute::Input) {
            return;
        }
        let crud = self.knows(Attribute::LifecycleScope)
            && self.config.lifecycle_scope() == LifecycleScope::Crud;
        if self.config.input.is_empty() {
            if crud {
                self.add(Attribute::Input, InputFault::NotAnObject.to_string());
            }
            return;
        }
        let read = if crud {
            Input::read(&self.config.input, self.config.terraform_key()).map(Some)
        } else {
            // Nests as deep as it likes: nobody here has to take it apart.
            let checked = json::check(self.config.input.as_bytes());
            checked.map(|()| None).map_err(InputFault::Syntax)
        };
        match read {
            Ok(Some(input)) if key_known && input.has_terraform_key() => self.add(
                Attribute::TerraformKey,
                "must not be a key of input: it would be overwritten; choose another",
            ),
            Ok(input) => self.input = input,
            Err(fault) => self.add(Attribute::Input, fault.to_string()),
        }
    }

    fn rest(&mut self) {
        if self.knows(Attribute::Region) && self.config.region.as_deref() == Some("") {
            self.add(Attribute::Region, "must not be empty");
        }
        if let Some(tenant) = &self.config.tenant_id
            && self.knows(Attribute::TenantId)
            && let Err(error) = request::check_tenant_id(tenant)
        {
            self.refused(Attribute::TenantId, error);
        }
        if let Some(context) = &self.config.client_context
            && self.knows(Attribute::ClientContext)
            && let Err(error) = request::check_client_context(context)
        {
            self.refused(Attribute::ClientContext, error);
        }
        let triggers = self.config.triggers();
        let mut neighbours = triggers.iter().zip(triggers.iter().skip(1));
        if self.knows(Attribute::Triggers) && neighbours.any(|(a, b)| a.0 == b.0) {
            self.add(Attribute::Triggers, "must not hold a key twice");
        }
    }
}
