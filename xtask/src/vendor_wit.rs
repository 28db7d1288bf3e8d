//! The WASI packages below `wit/deps`: copies of those the `wasip2` crate ships,
//! which is where a registry holds them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{root, run, target};

/// WASI 0.2.4: no host of the 0.2 line needs less, and nothing here needs more.
const WASIP2: &str = "=1.0.1";

/// Replaces `wit/deps`.
pub fn vendor() -> Result<()> {
    let deps = root().join("wit/deps");
    fs::remove_dir_all(&deps).ok();
    for (name, text) in files_below(&source()?)? {
        let path = deps.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&deps))?;
        fs::write(path, text)?;
    }
    println!("wit/deps is that of wasip2 {WASIP2}");
    Ok(())
}

/// Compares `wit/deps` with its source.
pub fn check() -> Result<()> {
    let ours = files_below(&root().join("wit/deps"))?;
    let theirs = files_below(&source()?)?;
    let differing: Vec<String> = ours
        .keys()
        .chain(theirs.keys())
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .map(|name| name.display().to_string())
        .collect();
    if !differing.is_empty() {
        bail!(
            "wit/deps differs from wasip2 {WASIP2} in {}; run cargo xtask vendor-wit",
            differing.join(", ")
        );
    }
    println!("wit/deps: no drift from wasip2 {WASIP2}");
    Ok(())
}

/// Has cargo fetch the crate, and asks where it lies.
fn source() -> Result<PathBuf> {
    let manifest = target().join("vendor-wit/Cargo.toml");
    let directory = manifest.parent().context("no parent")?;
    fs::create_dir_all(directory.join("src"))?;
    fs::write(directory.join("src/lib.rs"), "")?;
    fs::write(
        &manifest,
        format!(
            "[workspace]\n[package]\nname = \"vendor-wit\"\nedition = \"2024\"\n\
             [dependencies]\nwasip2 = {{ version = \"{WASIP2}\", default-features = false }}\n"
        ),
    )?;
    let output = run::cargo()
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .output()
        .context("running cargo metadata")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let manifest_path = metadata
        .get("packages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|package| package.get("name").and_then(Value::as_str) == Some("wasip2"))
        .and_then(|package| package.get("manifest_path"))
        .and_then(Value::as_str)
        .context("cargo metadata does not list wasip2")?;
    let source = Path::new(manifest_path)
        .parent()
        .context("no parent")?
        .join("wit/deps");
    ensure!(source.is_dir(), "wasip2 {WASIP2} ships no wit/deps");
    Ok(source)
}

/// Every file below a directory, by its path from there.
pub fn files_below(directory: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("reading {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.insert(path.strip_prefix(directory)?.to_owned(), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}
