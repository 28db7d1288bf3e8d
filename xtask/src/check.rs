//! Budgets and drift.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use wit_component::DecodedWasm;

use crate::components::{self, COMPONENTS};
use crate::vendor_wit;

/// What a component may weigh, and ask of its host.
struct Budget {
    file: &'static str,
    /// Most bytes.
    bytes: usize,
    /// All that it imports, where that is ours to say: the standard library of
    /// `wasm32-wasip2` adds its own to the command.
    imports: Option<&'static [&'static str]>,
}

const BUDGETS: &[Budget] = &[
    Budget {
        file: "lambda-invocation.wasm",
        bytes: 260_000,
        imports: Some(&[
            "wasi:cli/environment",
            "wasi:clocks/monotonic-clock",
            "wasi:clocks/wall-clock",
            "wasi:http/outgoing-handler",
            "wasi:http/types",
            "wasi:io/error",
            "wasi:io/poll",
            "wasi:io/streams",
            "wasi:random/random",
        ]),
    },
    Budget {
        file: "lambda-invocation-command.wasm",
        bytes: 880_000,
        imports: None,
    },
    Budget {
        file: "lambda-invocation-service.wasm",
        bytes: 335_000,
        imports: None,
    },
];

/// Runs every check.
pub fn check() -> Result<()> {
    components::build()?;
    vendor_wit::check()?;
    for component in COMPONENTS {
        let bytes = fs::read(component.path())
            .with_context(|| format!("reading {}", component.path().display()))?;
        let budget = BUDGETS
            .iter()
            .find(|budget| budget.file == component.file)
            .with_context(|| format!("{} has no budget", component.file))?;
        ensure!(
            bytes.len() <= budget.bytes,
            "{} has {} bytes, over its budget of {}",
            component.file,
            bytes.len(),
            budget.bytes
        );
        let imports = imports(&bytes)?;
        if let Some(declared) = budget.imports
            && imports != declared
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
