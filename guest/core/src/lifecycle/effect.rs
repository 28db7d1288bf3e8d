//! What a change of each attribute leads to: the decision table.
//!
//! | changed attribute | `create-only` | `crud` | after an import |
//! | --- | --- | --- | --- |
//! | `function-name`, `qualifier`, `region` | replace | replace | replace |
//! | `triggers` | replace | replace | store |
//! | `input` | replace | invoke | store |
//! | `lifecycle-scope` | store | invoke | store |
//! | `terraform-key`, `tenant-id` | store | invoke | store |
//! | `client-context` | store | store | store |
//! | `replace-order` | nothing | nothing | store |
//!
//! The column is that of the desired scope; the strongest effect of all changed
//! attributes wins. *Invoke* sends `update`; *store* changes the state and sends
//! nothing. Where the table stores, Terraform invokes, though nobody asked for it:
//! with the bare input for the three attributes under `CREATE_ONLY`, and with an
//! update or a replacement after an import.
//!
//! An attribute whose value is not known yet may be a change or none, and an unknown
//! scope may be either column. So there are two results: the least that happens with
//! any values, and the most. A plan promises the most.

use super::attribute::Attribute;
use super::config::{Config, LifecycleScope};
use super::plan::{PlanOptions, Reason};
use super::state::State;

/// What the change of an attribute leads to, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Nothing,
    Store,
    Invoke,
    Replace,
}

/// What all changes together lead to.
pub(super) struct Effects {
    /// Whatever the unknown attributes turn out to be.
    pub(super) least: Effect,
    /// What some values of the unknown attributes lead to.
    pub(super) most: Effect,
    /// What leads to `most`.
    pub(super) reasons: Vec<Reason>,
}

/// One row of the table at the head of this file.
struct Rule {
    attribute: Attribute,
    changed: fn(&State, &Config) -> bool,
    create_only: Effect,
    crud: Effect,
    imported: Effect,
}

type Column = fn(&Rule) -> Effect;

const CREATE_ONLY: Column = |rule| rule.create_only;
const CRUD: Column = |rule| rule.crud;
const IMPORTED: Column = |rule| rule.imported;

const RULES: [Rule; 10] = {
    use Effect::{Invoke, Nothing, Replace, Store};
    [
        Rule {
            attribute: Attribute::FunctionName,
            changed: |prior, desired| prior.config.function_name != desired.function_name,
            create_only: Replace,
            crud: Replace,
            imported: Replace,
        },
        Rule {
            attribute: Attribute::Qualifier,
            changed: |prior, desired| prior.config.qualifier() != desired.qualifier(),
            create_only: Replace,
            crud: Replace,
            imported: Replace,
        },
        Rule {
            attribute: Attribute::Region,
            // An absent region is whichever the connection has, and a plan does not know
            // that one. Taking it for a change would replace every invocation brought
            // over from Terraform, whose states always name a region though
            // configurations rarely do.
            changed: |prior, desired| {
                desired.region.is_some() && prior.config.region != desired.region
            },
            create_only: Replace,
            crud: Replace,
            imported: Replace,
        },
        Rule {
            attribute: Attribute::Triggers,
            changed: |prior, desired| prior.config.triggers() != desired.triggers(),
            create_only: Replace,
            crud: Replace,
            imported: Store,
        },
        Rule {
            attribute: Attribute::Input,
            changed: |prior, desired| prior.config.input != desired.input,
            create_only: Replace,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: Attribute::LifecycleScope,
            changed: |prior, desired| prior.config.lifecycle_scope() != desired.lifecycle_scope(),
            create_only: Store,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: Attribute::TerraformKey,
            changed: |prior, desired| prior.config.terraform_key() != desired.terraform_key(),
            create_only: Store,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: Attribute::TenantId,
            changed: |prior, desired| prior.config.tenant_id != desired.tenant_id,
            create_only: Store,
            crud: Invoke,
            imported: Store,
        },
        Rule {
            attribute: Attribute::ClientContext,
            changed: |prior, desired| prior.config.client_context != desired.client_context,
            create_only: Store,
            crud: Store,
            imported: Store,
        },
        Rule {
            attribute: Attribute::ReplaceOrder,
            changed: |prior, desired| prior.config.replace_order() != desired.replace_order(),
            create_only: Nothing,
            crud: Nothing,
            imported: Store,
        },
    ]
};

/// The attributes that are not what they were, whatever that leads to.
pub fn changed(prior: &State, desired: &Config) -> Vec<Attribute> {
    let options = PlanOptions::default();
    let changed = RULES.iter().filter(|rule| {
        let change = rule.change(prior, desired, &options);
        change.is_some()
    });
    changed.map(|rule| rule.attribute).collect()
}

impl Effects {
    pub(super) fn of(prior: &State, desired: &Config, options: &PlanOptions) -> Self {
        let columns: &[Column] = match desired.lifecycle_scope() {
            _ if prior.imported => &[IMPORTED],
            _ if options.unknown.contains(&Attribute::LifecycleScope) => &[CREATE_ONLY, CRUD],
            LifecycleScope::CreateOnly => &[CREATE_ONLY],
            LifecycleScope::Crud => &[CRUD],
        };
        // Without any change.
        let base = match (options.replace, prior.imported) {
            (true, _) => Effect::Replace,
            (false, true) => Effect::Store,
            (false, false) => Effect::Nothing,
        };
        let changes = RULES
            .each_ref()
            .map(|rule| (rule, rule.change(prior, desired, options)));
        let strongest = |column: &Column, counts: fn(&Reason) -> bool| {
            let counted = changes
                .iter()
                .filter(|(_, reason)| reason.as_ref().is_some_and(counts));
            counted.map(|(rule, _)| column(rule)).fold(base, Ord::max)
        };
        let certain = |reason: &Reason| matches!(reason, Reason::Changed(_));
        let least = columns.iter().map(|column| strongest(column, certain));
        let most = columns.iter().map(|column| strongest(column, |_| true));
        let (least, most) = (least.min().unwrap_or(base), most.max().unwrap_or(base));
        let mut reasons = Vec::new();
        if prior.deposed.is_some() {
            reasons.push(Reason::Deposed);
        }
        if options.replace {
            reasons.push(Reason::Requested);
        }
        if prior.imported && most == Effect::Store {
            reasons.push(Reason::Imported);
        }
        if most > Effect::Nothing {
            let strongest = |rule: &Rule| columns.iter().any(|column| column(rule) == most);
            let changes = changes.iter().filter(|(rule, _)| strongest(rule));
            reasons.extend(changes.filter_map(|(_, reason)| *reason));
        }
        Self {
            least,
            most,
            reasons,
        }
    }
}

impl Rule {
    /// Whether and why the attribute counts as changed.
    fn change(&self, prior: &State, desired: &Config, options: &PlanOptions) -> Option<Reason> {
        let is_unknown = |attribute| options.unknown.contains(&attribute);
        match self.attribute {
            // Where an import does not name the region, what it was is not known either.
            Attribute::Region if prior.imported && prior.config.region.is_none() => None,
            attribute if is_unknown(attribute) => Some(Reason::Unknown(attribute)),
            // It comes with the name, whose row is the same.
            Attribute::Qualifier
                if desired.qualifier.is_none() && is_unknown(Attribute::FunctionName) =>
            {
                None
            }
            attribute => (self.changed)(prior, desired).then_some(Reason::Changed(attribute)),
        }
    }
}
