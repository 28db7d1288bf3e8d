//! The public API of the crates that are published, compared with that of the last release.

use std::process::Command;

use anyhow::{Context, Result};

use crate::dist::crates::LIBRARIES;
use crate::{root, run, target};

/// The version of `cargo-semver-checks`.
const TOOL: &str = "0.51.0";

/// Fails where a change would need another version than the workspace has.
pub fn check() -> Result<()> {
    let Some(release) = last_release()? else {
        println!("no release to compare with: no tag v* before this commit");
        return Ok(());
    };
    let tools = target().join("tools");
    // Does nothing where that version is there.
    run::run(
        run::cargo()
            .args(["install", "--quiet", "--locked", "cargo-semver-checks"])
            .args(["--version", TOOL, "--root"])
            .arg(&tools),
    )?;
    let mut compare = Command::new(tools.join("bin/cargo-semver-checks"));
    compare
        .args(["semver-checks", "--baseline-rev", &release])
        .current_dir(root());
    for name in LIBRARIES {
        compare.args(["--package", name]);
    }
    run::run(&mut compare)
}

/// The tag of the release before this commit.
fn last_release() -> Result<Option<String>> {
    let output = Command::new("git")
        .args(["describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"])
        .current_dir(root())
        .output()
        .context("running git")?;
    if !output.status.success() {
        return Ok(None);
    }
    Ok(Some(String::from_utf8(output.stdout)?.trim().to_owned()))
}
