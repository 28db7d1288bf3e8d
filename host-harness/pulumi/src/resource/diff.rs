//! `Diff`: what an update would do.

use std::collections::BTreeMap;

use lambda_invocation_core::lifecycle::{
    Attribute, ChangePlan, PlanAction, PlanOptions, Reason, Replacement, changed,
};
use lambda_invocation_engine::Value as _;
use lambda_invocation_engine::grpc::Status;

use super::before::Before;
use super::desired::Desired;
use super::properties::INPUTS;
use super::unanswered;
use crate::failure;
use crate::path;
use crate::protocol::resource::{Changes, DiffKind, DiffRequest, DiffResponse, PropertyDiff};
use crate::provider::Provider;
use crate::value::{Members, Value, decode};

/// A change, from what is to what shall be.
pub struct Change {
    pub before: Before,
    /// The inputs, those that are to be ignored as they were.
    pub inputs: Members,
    pub desired: Desired,
    pub plan: ChangePlan,
}

impl Change {
    /// Has the component plan it.
    ///
    /// # Errors
    ///
    /// When an input breaks a rule, or the component cannot be asked, or the change would send
    /// again what was not answered.
    pub async fn plan(
        provider: &Provider,
        mut before: Before,
        mut inputs: Members,
        ignored: &[String],
    ) -> Result<Self, Status> {
        ignore(&mut inputs, &before.members, ignored);
        let mut desired = Desired::read(&inputs);
        if let Some(first) = desired.failures.pop() {
            return Err(failure::misused(&format!(
                "{}: {}",
                first.path, first.reason
            )));
        }
        if !desired.awaits(Attribute::Region) {
            provider
                .engine()
                .fill_region(Some(&mut before.state), &mut desired.config)
                .await
                .map_err(failure::known)?;
        }
        let options = PlanOptions {
            unknown: desired.unknown.clone(),
            // What was sent and has no result that counts is done anew.
            replace: before.unsettled,
        };
        let plan = provider
            .engine()
            .plan(
                Some(before.state.clone()),
                Some(desired.config.clone()),
                options,
            )
            .await
            .map_err(failure::known)?;
        unanswered::hold(provider.engine(), &before, &desired, &plan)
            .await
            .map_err(failure::known)?;
        Ok(Self {
            before,
            inputs,
            desired,
            plan,
        })
    }

    /// Whether an input of the component changes, or may.
    fn changes(&self, attribute: Attribute) -> bool {
        let desired = &self.desired;
        match attribute {
            attribute if desired.awaits(attribute) => true,
            // It comes with the name.
            Attribute::Qualifier
                if desired.config.qualifier.is_none()
                    && desired.awaits(Attribute::FunctionName) =>
            {
                false
            }
            attribute => changed(&self.before.state, &desired.config).contains(&attribute),
        }
    }

    /// Whether it is why the invocation is replaced.
    fn replaces(&self, attribute: Attribute) -> bool {
        self.plan.replace != Replacement::None
            && self.plan.reasons.iter().any(|reason| {
                matches!(reason, Reason::Changed(of) | Reason::Unknown(of) if *of == attribute)
            })
    }

    /// What is different, by its path.
    fn differences(&self, old_inputs: &Members) -> BTreeMap<String, PropertyDiff> {
        let mut differences = BTreeMap::new();
        for property in INPUTS {
            let name = property.name;
            let given = |members: &Members| {
                let value = members.get(name).filter(|value| !value.is_null());
                value.cloned()
            };
            let old = given(&self.before.members);
            let mut new = given(&self.inputs);
            let attribute = attribute(name);
            let differs = match attribute {
                Some(attribute) => self.changes(attribute) || marked_anew(&old, &new),
                None => old != new,
            };
            if !differs {
                continue;
            }
            let replaces = attribute.is_some_and(|attribute| self.replaces(attribute));
            let input_diff = given(old_inputs).is_some() || new.is_some();
            if new.is_none() && attribute == Some(Attribute::TerraformKey) {
                new = self.inputs.get("pulumiKey").cloned();
            }
            for (path, kind) in paths(name, old.as_ref(), new.as_ref(), replaces) {
                let kind = kind.into();
                differences.insert(path, PropertyDiff { kind, input_diff });
            }
        }
        if self.plan.reasons.contains(&Reason::Requested) {
            let difference = PropertyDiff {
                kind: DiffKind::AddReplace.into(),
                input_diff: false,
            };
            differences.insert("result".to_owned(), difference);
        }
        differences
    }
}

/// `Diff`
pub async fn diff(provider: &Provider, request: DiffRequest) -> Result<DiffResponse, Status> {
    let old_inputs = decode(request.old_inputs);
    let before = Before::read(&request.id, decode(request.olds), old_inputs.clone())?;
    let inputs = decode(request.news);
    let change = Change::plan(provider, before, inputs, &request.ignore_changes).await?;
    // The program's inputs are what an import was to be told: the engine keeps them.
    if change.before.state.imported && change.plan.action == PlanAction::Update {
        return Ok(nothing());
    }
    let differences = change.differences(&old_inputs);
    if differences.is_empty() && change.plan.action == PlanAction::NoOp {
        return Ok(nothing());
    }
    let roots = |of: fn(DiffKind) -> bool| {
        let mut roots: Vec<String> = differences
            .iter()
            .filter(|(_, difference)| DiffKind::try_from(difference.kind).is_ok_and(of))
            .filter_map(|(path, _)| path::segments(path)?.into_iter().next())
            .collect();
        roots.dedup();
        roots
    };
    Ok(DiffResponse {
        replaces: roots(|kind| {
            matches!(
                kind,
                DiffKind::AddReplace | DiffKind::DeleteReplace | DiffKind::UpdateReplace
            )
        }),
        diffs: roots(|_| true),
        changes: Changes::Some.into(),
        has_detailed_diff: true,
        detailed_diff: differences,
        ..DiffResponse::default()
    })
}

fn nothing() -> DiffResponse {
    DiffResponse {
        changes: Changes::None.into(),
        ..DiffResponse::default()
    }
}

/// The attribute of the component that a property is.
fn attribute(name: &str) -> Option<Attribute> {
    Some(match name {
        "functionName" => Attribute::FunctionName,
        "input" => Attribute::Input,
        "qualifier" => Attribute::Qualifier,
        "region" => Attribute::Region,
        "terraformKey" => Attribute::TerraformKey,
        "tenantId" => Attribute::TenantId,
        "clientContext" => Attribute::ClientContext,
        "lifecycleScope" => Attribute::LifecycleScope,
        "triggers" => Attribute::Triggers,
        _ => return None,
    })
}

/// Whether the same value is a secret now and was none, or the other way round. The engine
/// is to keep it as it is now.
fn marked_anew(old: &Option<Value>, new: &Option<Value>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => old.has_secret() != new.has_secret(),
        _ => false,
    }
}

/// The paths that a property's difference is shown at: those of the members of a map, where
/// it is one before and after.
fn paths(
    name: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    replaces: bool,
) -> Vec<(String, DiffKind)> {
    let members = (
        old.and_then(Value::as_members),
        new.and_then(Value::as_members),
    );
    if let (Some(old), Some(new)) = members {
        let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        return names
            .into_iter()
            .filter(|member| old.get(*member) != new.get(*member))
            .map(|member| {
                let kind = kind(old.contains_key(member), new.contains_key(member), replaces);
                (path::of_member(name, member), kind)
            })
            .collect();
    }
    vec![(
        name.to_owned(),
        kind(old.is_some(), new.is_some(), replaces),
    )]
}

fn kind(was: bool, is: bool, replaces: bool) -> DiffKind {
    match (was, is, replaces) {
        (false, _, false) => DiffKind::Add,
        (false, _, true) => DiffKind::AddReplace,
        (true, false, false) => DiffKind::Delete,
        (true, false, true) => DiffKind::DeleteReplace,
        (true, true, false) => DiffKind::Update,
        (true, true, true) => DiffKind::UpdateReplace,
    }
}

/// Has inputs whose changes are to be ignored be what they were. Paths that lead to nothing
/// are the engine's to complain about.
fn ignore(inputs: &mut Members, before: &Members, ignored: &[String]) {
    for path in ignored {
        match path::segments(path).unwrap_or_default().as_slice() {
            [all] if all == "*" => {
                for property in INPUTS {
                    restore(inputs, before, property.name);
                }
            }
            [name] => restore(inputs, before, name),
            [name, member] => {
                let old = before.get(name.as_str()).and_then(Value::as_members);
                if let Some(Value::Map(members)) = inputs.get_mut(name.as_str()) {
                    match old.and_then(|old| old.get(member)) {
                        Some(old) => members.insert(member.clone(), old.clone()),
                        None => members.remove(member),
                    };
                }
            }
            _ => {}
        }
    }
}

fn restore(inputs: &mut Members, before: &Members, name: &str) {
    match before.get(name) {
        Some(old) => inputs.insert(name.to_owned(), old.clone()),
        None => inputs.remove(name),
    };
}
