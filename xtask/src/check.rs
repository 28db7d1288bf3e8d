//! Budgets and drift.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use wit_component::DecodedWasm;

use crate::components::{self, COMPONENTS};
use crate::vendor_wit;

/// Most bytes of the plugin.
const PLUGIN_BUDGET: usize = 260_000;

/// All that the plugin may import.
const PLUGIN_IMPORTS: &[&str] = &[
    "wasi:cli/environment",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/random",
];

/// Runs every check.
pub fn check() -> Result<()> {
    components::build()?;
    vendor_wit::check()?;
    for component in COMPONENTS {
        let bytes = fs::read(component.path())
            .with_context(|| format!("reading {}", component.path().display()))?;
        ensure!(
            bytes.len() <= PLUGIN_BUDGET,
            "{} has {} bytes, over its budget of {PLUGIN_BUDGET}",
            component.file,
            bytes.len()
        );
        let imports = imports(&bytes)?;
        if imports != PLUGIN_IMPORTS {
            bail!(
                "{} imports {imports:?}, and should import {PLUGIN_IMPORTS:?}",
                component.file
            );
        }
        println!(
            "{}: {} bytes of {PLUGIN_BUDGET}, {} imports as declared",
            component.file,
            bytes.len(),
            imports.len()
        );
    }
    Ok(())
}

/// Names of the imported interfaces, without versions, sorted.
fn imports(component: &[u8]) -> Result<Vec<String>> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("not a component");
    };
    let mut names: Vec<String> = resolve.worlds[world]
        .imports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .map(|name| name.split('@').next().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    Ok(names)
}
