//! libFuzzer on the targets in `fuzz/`, for as long as you like.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{root, run, target};

/// The version of `cargo-fuzz`.
const TOOL: &str = "0.13.2";

/// Minutes that each target is run by default.
const MINUTES: u64 = 5;

/// Runs one target, or all of them one after the other; `rest` is `[TARGET] [--minutes N]`.
pub fn fuzz(rest: &[&str]) -> Result<()> {
    let (wanted, minutes) = match rest {
        [] => (None, MINUTES),
        [target] => (Some(*target), MINUTES),
        ["--minutes", minutes] => (None, minutes.parse()?),
        [target, "--minutes", minutes] => (Some(*target), minutes.parse()?),
        _ => bail!("cargo xtask fuzz [TARGET] [--minutes N]"),
    };
    let mut targets = targets()?;
    if let Some(wanted) = wanted {
        let known = targets.join(", ");
        targets.retain(|target| target == wanted);
        ensure!(!targets.is_empty(), "no target {wanted}: there are {known}");
    }
    let tools = target().join("tools");
    // Does nothing where that version is there.
    run::run(
        run::cargo()
            .args(["install", "--quiet", "--locked", "cargo-fuzz"])
            .args(["--version", TOOL, "--root"])
            .arg(&tools),
    )?;
    let mut findings = Vec::new();
    for name in targets {
        let folder = root().join("fuzz");
        // What libFuzzer finds worth keeping goes into the first folder.
        let corpus = folder.join("corpus").join(&name);
        fs::create_dir_all(&corpus)?;
        let status = Command::new(tools.join("bin/cargo-fuzz"))
            .args(["fuzz", "run", &name])
            .arg(&corpus)
            .arg(folder.join("seeds").join(&name))
            .arg("--")
            .arg(format!("-dict={}", folder.join("words.dict").display()))
            .arg(format!("-max_total_time={}", minutes * 60))
            .args(["-max_len=4096", "-timeout=10", "-print_final_stats=1"])
            .current_dir(root())
            // It asks for what only a nightly toolchain has.
            .env("RUSTUP_TOOLCHAIN", "nightly")
            .env_remove("CARGO")
            .status()
            .context("running cargo-fuzz")?;
        if !status.success() {
            findings.push(name);
        }
    }
    ensure!(
        findings.is_empty(),
        "findings in {}: the inputs are in fuzz/artifacts/; put them into fuzz/seeds/, so that \
         the test `smoke` has them, too",
        findings.join(", ")
    );
    Ok(())
}

/// The names of all targets.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a file without a name")?;
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
