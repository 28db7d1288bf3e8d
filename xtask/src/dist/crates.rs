//! The crates for a registry: packaged, looked into, and built from what is in the packages.
//! `cargo publish` uploads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

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

/// Packages every crate, and fails if something is missing in one. Of a whole release, each
/// is built from what is in its package alone.
pub fn check(extent: Extent) -> Result<()> {
    let placed = Placed::new()?;
    package(&target(), &["--no-verify"])?;
    if extent == Extent::Full {
        // Each is built with the others as they are packaged, though no registry has them yet.
        let folder = target().join("verify");
        forget_earlier(&folder)?;
        package(&folder, &[])?;
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
fn package(folder: &Path, options: &[&str]) -> Result<()> {
    let mut package = run::cargo();
    package.args([
        "package",
        "--quiet",
        "--locked",
        "--allow-dirty",
        "--target-dir",
    ]);
    package.arg(folder).args(options);
    for (name, _) in CRATES {
        package.args(["--package", name]);
    }
    run::run(&mut package)
}

/// Removes what cargo unpacked and built of packages of this version before: it takes for
/// granted that a version stays as it is.
fn forget_earlier(built: &Path) -> Result<()> {
    let mut earlier = vec![built.to_owned()];
    let sources = components::cargo_home()?.join("registry/src");
    for registry in fs::read_dir(sources)? {
        let registry = registry?.path();
        earlier.extend(
            CRATES
                .iter()
                .map(|(name, _)| registry.join(format!("{name}-{VERSION}"))),
        );
    }
    for folder in earlier.iter().filter(|folder| folder.exists()) {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
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
