//! `wkg`, which takes WIT packages and components out of registries: built once from the
//! registry of crates, in some minutes.

use std::path::PathBuf;
use std::process::Command;

use lambda_invocation_docs::root;

use crate::peer::{install_once, run};

const VERSION: &str = "0.16.1";

/// Builds the program, unless an earlier run has.
///
/// # Errors
///
/// Why it cannot be built, for people.
pub fn install() -> Result<PathBuf, String> {
    let name = format!("wkg-{VERSION}");
    let recipe = format!("cargo install --locked --debug {name}");
    let folder = install_once(&name, &recipe, |folder| {
        run(Command::new("cargo")
            .args(["install", "--quiet", "--locked", "--debug", "wkg"])
            .args(["--version", VERSION, "--root"])
            .arg(folder)
            .arg("--target-dir")
            .arg(folder.join("target"))
            // For its toolchain.
            .current_dir(root()))
        .map(drop)
    })?;
    Ok(folder.join("bin/wkg"))
}
