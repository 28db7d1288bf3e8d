//! Budgets and drift.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use wit_component::DecodedWasm;

use crate::components::{self, COMPONENTS};
use crate::{instructions, root, run, vendor_wit};

/// The file that holds every budget, at the root.
const BUDGETS: &str = "budgets.toml";

/// What [`BUDGETS`] says. The allocations in it are for `guest/core/tests/allocations.rs`.
#[derive(Deserialize)]
struct Budgets {
    components: BTreeMap<String, Budget>,
    instructions: BTreeMap<String, u64>,
}

/// What a component may weigh, and ask of its host.
#[derive(Deserialize)]
struct Budget {
    /// Most bytes.
    bytes: usize,
    /// All that it imports, where that is ours to say.
    imports: Option<Vec<String>>,
}

/// Runs every check.
pub fn check() -> Result<()> {
    let budgets =
        fs::read_to_string(root().join(BUDGETS)).with_context(|| format!("reading {BUDGETS}"))?;
    let budgets: Budgets =
        toml::from_str(&budgets).with_context(|| format!("reading {BUDGETS}"))?;
    components::build()?;
    vendor_wit::check()?;
    check_components(&budgets.components)?;
    run::run(run::cargo_workspace("test").args(["--test", "allocations", "--", "--nocapture"]))?;
    instructions::check(&budgets.instructions)
}

fn check_components(budgets: &BTreeMap<String, Budget>) -> Result<()> {
    for component in COMPONENTS {
        let bytes = fs::read(component.path())
            .with_context(|| format!("reading {}", component.path().display()))?;
        let budget = budgets
            .get(component.file)
            .with_context(|| format!("{} has no budget", component.file))?;
        ensure!(
            bytes.len() <= budget.bytes,
            "{} has {} bytes, over its budget of {}",
            component.file,
            bytes.len(),
            budget.bytes
        );
        let imports = imports(&bytes)?;
        if let Some(declared) = &budget.imports
            && imports != *declared
        {
            bail!(
                "{} imports {imports:?}, and should import {declared:?}",
                component.file
            );
        }
        println!(
            "{}: {} bytes of {}, {} imports",
            component.file,
            bytes.len(),
            budget.bytes,
            imports.len()
        );
    }
    Ok(())
}

/// Names of the imported interfaces, without versions, sorted.
pub fn imports(component: &[u8]) -> Result<Vec<String>> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("not a component");
    };
    let world = resolve.worlds.get(world).context("no world")?;
    let mut names: Vec<String> = world
        .imports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .map(|name| name.split('@').next().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    Ok(names)
}
