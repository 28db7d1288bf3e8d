//! Programs that chores run.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::dist::{self, Extent};
use crate::{check, components, compose, root};

/// The cargo that runs us, at the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What `cargo run` says of xtask itself. Build scripts that look at the like would
    // run again, and with them all that depends on them: minutes.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}

/// `cargo test` or `cargo build` of a part of the workspace, which the caller names, with the
/// features that all of it asks for. With the features that the part alone asks for, the
/// crates that it shares with others would be built once more.
pub fn cargo_workspace(command: &str) -> Command {
    let mut cargo = cargo();
    cargo.args([command, "--locked", "--workspace"]);
    cargo
}

/// Runs a program and fails if it does.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("running {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{command:?} failed: {status}");
    }
    Ok(())
}

/// Runs every test; `rest` goes to `cargo test`.
pub fn test(rest: &[&str]) -> Result<()> {
    check::check()?;
    compose::compose()?;
    dist::dist(Extent::Short)?;
    // The programs are tried as they are shipped: with their components inside.
    let embed = components::to_embed();
    // For tests of other packages than its own, cargo builds no program.
    run(cargo_workspace("build")
        .envs(embed.clone())
        .args(["--bin", "lambda-host"])
        .args(["--bin", "terraform-provider-lambda"])
        .args(["--bin", "pulumi-resource-lambda-invocation"]))?;
    run(cargo_workspace("test").envs(embed).args(rest))
}
