//! What is linked into each component and program, in CycloneDX: by `cargo-cyclonedx`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Release;
use crate::{root, run, target};

/// The tool's version.
const TOOL: &str = "0.5.9";

/// How the tool is told to name its files: no file of ours is called so.
const FILE: &str = "lambda-invocation-sbom";

/// A file of the release, the folder of its crate, and the target that it is built for: by
/// default this machine's.
const PRODUCTS: &[(&str, &str, Option<&str>)] = &[
    (
        "lambda-invocation",
        "guest/plugin",
        Some("wasm32-unknown-unknown"),
    ),
    (
        "lambda-invocation-command",
        "guest/command",
        Some("wasm32-wasip2"),
    ),
    (
        "lambda-invocation-exchange",
        "guest/exchange",
        Some("wasm32-unknown-unknown"),
    ),
    (
        "lambda-invocation-service",
        "guest/service",
        Some("wasm32-wasip2"),
    ),
    ("lambda-host", "host-harness/cli", None),
    ("terraform-provider-lambda", "host-harness/terraform", None),
    (
        "pulumi-resource-lambda-invocation",
        "host-harness/pulumi",
        None,
    ),
];

/// Writes `NAME.cdx.json` for each of them.
pub fn make(release: &Release) -> Result<()> {
    let tools = target().join("tools");
    // Does nothing where that version is there.
    run::run(
        run::cargo()
            .args(["install", "--quiet", "--locked", "cargo-cyclonedx"])
            .args(["--version", TOOL, "--root"])
            .arg(&tools),
    )?;
    for (name, folder, platform) in PRODUCTS {
        let mut list = std::process::Command::new(tools.join("bin/cargo-cyclonedx"));
        list.args(["cyclonedx", "--quiet", "--format", "json"])
            .args(["--spec-version", "1.5", "--no-build-deps"])
            .args(["--override-filename", FILE, "--manifest-path"])
            .arg(root().join(folder).join("Cargo.toml"))
            .env("SOURCE_DATE_EPOCH", release.time.to_string())
            .current_dir(root());
        if let Some(platform) = platform {
            list.args(["--target", platform]);
        }
        let listed = run::run(&mut list).and_then(|()| read(folder));
        // It writes one beside every manifest of the workspace.
        remove(root())?;
        release.write(&format!("{name}.cdx.json"), &listed?)?;
    }
    Ok(())
}

/// Reads the one of a folder, with paths from the root of the repository.
fn read(folder: &str) -> Result<Vec<u8>> {
    let path = root().join(folder).join(FILE).with_extension("json");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let text = text.replace(&format!("{}/", root().display()), "");
    // Whether it is whole, before it is released.
    let _: Value = serde_json::from_str(&text)?;
    Ok(text.into_bytes())
}

fn remove(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_link = path.is_symlink();
        if path.is_dir() && !is_link && path != target() && !path.ends_with(".git") {
            remove(&path)?;
        } else if path.file_stem().is_some_and(|stem| stem == FILE) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
