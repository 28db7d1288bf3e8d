//! What of a configuration changes, old and new, for people.

use lambda_invocation_core::lifecycle::{
    Attribute, Config, LifecycleScope, ReplaceOrder, State, changed,
};

use crate::render::one_line;

/// An attribute that changes, as the configuration file calls it.
pub struct Difference {
    pub name: String,
    /// Absent if it is an input, which may be a secret, and is not to be shown.
    pub values: Option<Values>,
}

/// The values before and after, as they may be shown.
pub struct Values {
    pub old: String,
    pub new: String,
}

/// The differences between a state and what is wanted.
pub fn of(prior: &State, desired: &Config, show_inputs: bool) -> Vec<Difference> {
    let mut all = Vec::new();
    for attribute in changed(prior, desired) {
        if attribute == Attribute::Triggers {
            all.extend(triggers(&prior.config, desired));
            continue;
        }
        let is_input = matches!(attribute, Attribute::Input | Attribute::ClientContext);
        let shown = !is_input || show_inputs;
        all.push(Difference {
            name: name(attribute).to_owned(),
            values: shown.then(|| Values {
                // All that is known of an import is where it is.
                old: match attribute {
                    Attribute::FunctionName | Attribute::Qualifier | Attribute::Region => {
                        value(attribute, &prior.config)
                    }
                    _ if prior.imported => "not known".to_owned(),
                    _ => value(attribute, &prior.config),
                },
                new: value(attribute, desired),
            }),
        });
    }
    all
}

/// The name in a configuration file: Terraform's.
pub fn name(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::FunctionName => "function_name",
        Attribute::Input => "input",
        Attribute::Qualifier => "qualifier",
        Attribute::Region => "region",
        Attribute::TerraformKey => "terraform_key",
        Attribute::TenantId => "tenant_id",
        Attribute::ClientContext => "client_context",
        Attribute::LifecycleScope => "lifecycle_scope",
        Attribute::Triggers => "triggers",
        Attribute::ReplaceOrder => "create_before_destroy",
    }
}

fn value(attribute: Attribute, config: &Config) -> String {
    match attribute {
        Attribute::FunctionName => quoted(Some(&config.function_name)),
        Attribute::Input => short(&config.input),
        Attribute::Qualifier => quoted(Some(config.qualifier())),
        Attribute::Region => quoted(config.region.as_deref()),
        Attribute::TerraformKey => quoted(Some(config.terraform_key())),
        Attribute::TenantId => quoted(config.tenant_id.as_deref()),
        Attribute::ClientContext => quoted(config.client_context.as_deref()),
        Attribute::LifecycleScope => match config.lifecycle_scope() {
            LifecycleScope::CreateOnly => "CREATE_ONLY".to_owned(),
            LifecycleScope::Crud => "CRUD".to_owned(),
        },
        // Shown one by one.
        Attribute::Triggers => String::new(),
        Attribute::ReplaceOrder => match config.replace_order() {
            ReplaceOrder::DeleteFirst => "false".to_owned(),
            ReplaceOrder::CreateFirst => "true".to_owned(),
        },
    }
}

fn triggers(prior: &Config, desired: &Config) -> Vec<Difference> {
    let (old, new) = (prior.triggers(), desired.triggers());
    let mut keys: Vec<&str> = old.iter().chain(&new).map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let value = |all: &[(&str, &str)], key: &str| {
        let found = all.iter().find(|(known, _)| *known == key);
        found.map(|(_, value)| (*value).to_owned())
    };
    keys.into_iter()
        .map(|key| (key, value(&old, key), value(&new, key)))
        .filter(|(_, old, new)| old != new)
        .map(|(key, old, new)| Difference {
            name: format!("triggers.{}", one_line(key)),
            values: Some(Values {
                old: quoted(old.as_deref()),
                new: quoted(new.as_deref()),
            }),
        })
        .collect()
}

fn quoted(text: Option<&str>) -> String {
    match text {
        None => "none".to_owned(),
        Some(text) => format!("\"{}\"", short(text)),
    }
}

/// Text on one line, and no more of it than helps a reader.
pub fn short(text: &str) -> String {
    const MOST: usize = 2_000;
    let line = one_line(text);
    match line.char_indices().nth(MOST) {
        None if line.is_empty() => "nothing".to_owned(),
        None => line,
        Some((end, _)) => format!(
            "{}... ({} bytes in all; --output json has them)",
            line.get(..end).unwrap_or_default(),
            text.len()
        ),
    }
}
