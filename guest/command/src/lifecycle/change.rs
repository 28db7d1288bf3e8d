//! What is to be done with each invocation, in order, before any of it is done.
//!
//! First what has left the configuration is deleted, dependents before what they
//! depend on; then the rest is applied, dependencies first. That is Terraform's order,
//! one at a time.

use std::collections::BTreeMap;
use std::path::Path;

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{
    ChangePlan, Config, LifecycleEvent, PlanAction, PlanOptions, Replacement, State,
};

use crate::config::{self, Invocation, Kind, did_you_mean};
use crate::dependency_order::{self, Dependencies};
use crate::failure::Failure;
use crate::grammar::Files;
use crate::run::Lambda;
use crate::state::{Document, Entry};

/// What is to be done with one invocation.
pub struct Change {
    /// Its name.
    pub name: String,
    /// What it is.
    pub prior: Option<State>,
    /// What it should be; none for a deletion.
    pub desired: Option<Config>,
    /// The names to keep with its state.
    pub depends_on: Vec<String>,
    /// What an apply does about it.
    pub plan: ChangePlan,
    /// Whether the user asks for a replacement.
    pub replace: bool,
}

/// Plans the way from a state to a configuration, but for invocations whose outcome is
/// not known.
///
/// # Errors
///
/// Every fault of the configuration; a name to replace that is not there; a state
/// that cannot be gone on from.
pub fn plan(
    wanted: BTreeMap<String, Invocation>,
    document: &Document,
    replace: &[String],
    files: &Files,
    lambda: &mut dyn Lambda,
) -> Result<Vec<Change>, Failure> {
    check(&wanted, &files.config, lambda)?;
    for name in replace {
        check_replaceable(name, &wanted, document)?;
    }
    let gone = document
        .invocations
        .iter()
        .filter(|(name, _)| !wanted.contains_key(*name));
    let dependencies = gone.map(|(name, entry)| (name.as_str(), entry.depends_on.as_slice()));
    let dependencies: Vec<_> = dependencies.collect();
    let mut changes = deletions(&dependencies, document, &files.state, lambda)?;

    let dependencies = wanted
        .iter()
        .map(|(name, invocation)| (name.as_str(), invocation.depends_on.as_slice()));
    let dependencies: Vec<_> = dependencies.collect();
    let mut faults = Vec::new();
    for name in dependency_order::order_lenient(&dependencies) {
        let (Some(invocation), prior) = (wanted.get(name), document.invocations.get(name)) else {
            continue;
        };
        if prior.is_some_and(Entry::is_open) {
            continue;
        }
        let mut change = Change {
            name: name.to_owned(),
            prior: prior.and_then(|entry| entry.state.clone()),
            desired: Some(invocation.config.clone()),
            depends_on: invocation.depends_on.clone(),
            plan: nothing(),
            replace: replace.iter().any(|wanted| wanted == name),
        };
        match plan_one(&mut change, files, lambda) {
            Ok(()) => changes.push(change),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(changes)
    } else {
        Err(Failure::Faults(faults))
    }
}

/// Plans the end of everything in a state. The order of `wanted` counts for what is
/// in it: it may be newer than the one that is stored.
///
/// # Errors
///
/// A state that cannot be gone on from.
pub fn destroy(
    wanted: &BTreeMap<String, Invocation>,
    document: &Document,
    state: &Path,
    lambda: &mut dyn Lambda,
) -> Result<Vec<Change>, Failure> {
    let dependencies = document.invocations.iter().map(|(name, entry)| {
        let newer = wanted.get(name).map(|invocation| &invocation.depends_on);
        (name.as_str(), newer.unwrap_or(&entry.depends_on).as_slice())
    });
    let dependencies: Vec<_> = dependencies.collect();
    deletions(&dependencies, document, state, lambda)
}

fn deletions(
    dependencies: &Dependencies<'_>,
    document: &Document,
    state: &Path,
    lambda: &mut dyn Lambda,
) -> Result<Vec<Change>, Failure> {
    dependency_order::order_lenient(dependencies)
        .into_iter()
        .rev()
        .filter_map(|name| Some((name, document.invocations.get(name)?)))
        .filter(|(_, entry)| !entry.is_open())
        .map(|(name, entry)| {
            let plan = lambda
                .plan(entry.state.as_ref(), None, &PlanOptions::default())
                .map_err(|error| in_state(error, state, name))?;
            Ok(Change {
                name: name.to_owned(),
                prior: entry.state.clone(),
                desired: None,
                depends_on: entry.depends_on.clone(),
                plan,
                replace: false,
            })
        })
        .collect()
}

/// Every fault that shows without a state.
fn check(
    wanted: &BTreeMap<String, Invocation>,
    path: &Path,
    lambda: &mut dyn Lambda,
) -> Result<(), Failure> {
    let mut faults = Vec::new();
    for (name, invocation) in wanted {
        for fault in lambda.validate(&invocation.config)? {
            let error = Error::invalid(fault.attribute.as_str(), fault.message);
            faults.push(config::in_table(error, path, Kind::Invocation, name));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::Faults(faults))
    }
}

fn check_replaceable(
    name: &str,
    wanted: &BTreeMap<String, Invocation>,
    document: &Document,
) -> Result<(), Error> {
    if !wanted.contains_key(name) {
        let near = did_you_mean(name, wanted.keys().map(String::as_str));
        return Err(Error::invalid(
            "replace",
            format!("the configuration has no invocation \"{name}\"{near}"),
        ));
    }
    match document.invocations.get(name) {
        Some(Entry {
            state: Some(state), ..
        }) if state.imported => Err(Error::invalid(
            "replace",
            format!("{name} is imported and its input not known yet; apply it first"),
        )),
        _ => Ok(()),
    }
}

fn plan_one(change: &mut Change, files: &Files, lambda: &mut dyn Lambda) -> Result<(), Error> {
    let name = &change.name;
    let options = PlanOptions {
        unknown: Vec::new(),
        replace: change.replace,
    };
    let plan = lambda
        .plan(change.prior.as_ref(), change.desired.as_ref(), &options)
        .map_err(|error| in_file(error, files, name))?;
    // What the component would refuse only in the middle of an apply.
    for planned in &plan.requests {
        if let Err(error) = planned.check() {
            return Err(match planned.event {
                LifecycleEvent::Delete => in_state(error.into(), &files.state, name),
                _ => in_file(error.into(), files, name),
            });
        }
    }
    change.plan = plan;
    Ok(())
}

fn in_file(error: Error, files: &Files, name: &str) -> Error {
    match &error {
        Error::InvalidArgument(refused) if refused.argument == "prior" => {
            in_state(error, &files.state, name)
        }
        _ => config::in_table(error, &files.config, Kind::Invocation, name),
    }
}

fn in_state(error: Error, path: &Path, name: &str) -> Error {
    match error {
        Error::InvalidArgument(refused) => Error::invalid(
            "state",
            format!(
                "{}: invocations.{name}: {} {}",
                path.display(),
                refused.argument,
                refused.reason
            ),
        ),
        other => other,
    }
}

fn nothing() -> ChangePlan {
    ChangePlan {
        action: PlanAction::NoOp,
        replace: Replacement::None,
        reasons: Vec::new(),
        requests: Vec::new(),
        result_known: true,
    }
}
