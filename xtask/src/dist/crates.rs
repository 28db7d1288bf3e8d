//! The crates for a registry: packaged, looked into, and built from what is in the packages.
//! `cargo publish` uploads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use serde::Deserialize;

use super::{Extent, VERSION};
use crate::{components, root, run, target};

/// The crates that are published, each after those that it depends on, and what has to be
/// in them beside their sources.
const CRATES: &[(&str, &[&str])] = &[
    ("lambda-invocation-core", &[]),
    ("lambda-invocation-local", &[]),
    (
        "lambda-invocation-component",
        &["lambda-invocation.wasm", "lambda-invocation-service.wasm"],
    ),
    (
        "lambda-invocation-wasi",
        &["wit/types.wit", "wit/deps/http/types.wit"],
    ),
    ("lambda-invocation-command", &[]),
    (
        "lambda-invocation-host",
        &["wit/types.wit", "wit/deps/http/types.wit"],
    ),
    ("lambda-host", &[]),
];

/// The components where their crate takes them along, as long as this lives: a build from the
/// repository would take them along, too, and be stale after the next change.
struct Placed(Vec<PathBuf>);

impl Placed {
    fn new() -> Result<Self> {
        let mut placed = Self(Vec::new());
        for (_, from) in components::to_embed() {
            let file = from.file_name().context("a component has a name")?;
            let to = root().join("host-harness/component").join(file);
            placed.0.push(to.clone());
            fs::copy(from, to)?;
        }
        Ok(placed)
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        // Git ignores it, and the next run writes it anew.
        for file in &self.0 {
            let _ = fs::remove_file(file);
        }
    }
}

/// Those of them that are libraries, whose public API others build upon.
pub const LIBRARIES: &[&str] = &[
    "lambda-invocation-core",
    "lambda-invocation-local",
    "lambda-invocation-wasi",
    "lambda-invocation-command",
    "lambda-invocation-host",
];

/// The crates that bring wasmtime along, which takes minutes to compile.
const HEAVY: &[&str] = &["lambda-invocation-host", "lambda-host"];

/// Packages every crate, builds them from what is in the packages alone, and fails if
/// something is missing in one. A short release does not build those that take minutes.
pub fn check(extent: Extent) -> Result<()> {
    let placed = Placed::new()?;
    let all = CRATES.iter().map(|(name, _)| *name);
    // Each is built with the others as they are packaged, though no registry has them yet.
    match extent {
        Extent::Full => package(&[], all)?,
        Extent::Short => {
            package(&["--no-verify"], all.clone())?;
            package(&[], all.filter(|name| !HEAVY.contains(name)))?;
        }
    }
    drop(placed);
    for (name, needed) in CRATES {
        let folder = format!("{name}-{VERSION}");
        let file = target().join("package").join(format!("{folder}.crate"));
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
        let mut files = BTreeSet::new();
        for entry in archive.entries()? {
            files.insert(entry?.path()?.strip_prefix(&folder)?.display().to_string());
        }
        let everywhere = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
        for needed in everywhere.iter().chain(*needed) {
            ensure!(files.contains(*needed), "{name}: no {needed} in the crate");
        }
        println!("{name}: {:.1} KB", bytes.len() as f64 / 1_000.0);
    }
    Ok(())
}

/// Their order, and the lock files that are made for them, need the index of the registry.
fn package<'a>(options: &[&str], names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut package = run::cargo();
    package.args(["package", "--quiet", "--locked", "--allow-dirty"]);
    package.args(options);
    for name in names {
        package.args(["--package", name]);
    }
    run::run(&mut package)
}

/// The versions that the workspace's manifest names for crates of its own.
pub fn versions() -> Result<Vec<(String, String)>> {
    #[derive(Deserialize)]
    struct Manifest {
        workspace: Workspace,
    }
    #[derive(Deserialize)]
    struct Workspace {
        dependencies: BTreeMap<String, toml::Value>,
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let manifest: Manifest = toml::from_str(&manifest)?;
    let ours = manifest.workspace.dependencies.into_iter();
    let ours = ours.filter(|(_, value)| value.get("path").is_some());
    Ok(ours
        .filter_map(|(name, value)| {
            let version = value.get("version")?.as_str()?.to_owned();
            Some((name, version))
        })
        .collect())
}
