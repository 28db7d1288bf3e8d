//! Instructions that core's request path, response path and plans take: counted by
//! callgrind on a native build, which gives the same figure on every run but for a few
//! per mille.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::{run, target};

/// Holds every case of `guest/core/examples/instructions` to its budget.
///
/// Without valgrind nothing is counted, which is a failure with `CI=true`.
pub fn check(budgets: &BTreeMap<String, u64>) -> Result<()> {
    if let Err(error) = run_quietly(Command::new("valgrind").arg("--version")) {
        let reason = format!("instructions are not counted: {error:#}");
        ensure!(std::env::var("CI").as_deref() != Ok("true"), reason);
        eprintln!("SKIPPED {reason}");
        return Ok(());
    }
    run::run(
        run::cargo()
            .args(["build", "--locked", "--release"])
            .args(["--package", "lambda-invocation-core"])
            .args(["--example", "instructions"]),
    )?;
    let program = target().join("release/examples/instructions");
    let listed = run_quietly(&mut Command::new(&program))?;
    let mut cases: Vec<&str> = listed.lines().collect();
    cases.sort_unstable();
    ensure!(
        cases.iter().eq(budgets.keys()),
        "the cases are {cases:?}, the budgets those of {:?}",
        budgets.keys()
    );
    let profile = target().join("callgrind.out");
    let mut over = Vec::new();
    for (case, budget) in budgets {
        run_quietly(
            Command::new("valgrind")
                .args(["--tool=callgrind", "--collect-atstart=no"])
                .arg("--toggle-collect=*measured*")
                .arg(format!("--callgrind-out-file={}", profile.display()))
                .arg(&program)
                .arg(case),
        )?;
        let counted = total(&fs::read_to_string(&profile)?)
            .with_context(|| format!("callgrind counted nothing for {case:?}"))?;
        println!("{case}: {counted} instructions of {budget}");
        if counted > *budget {
            over.push(case);
        }
    }
    ensure!(over.is_empty(), "over budget: {over:?}");
    Ok(())
}

/// The total of a profile in callgrind's format.
fn total(profile: &str) -> Option<u64> {
    let line = profile.lines().find_map(|line| {
        line.strip_prefix("summary: ")
            .or(line.strip_prefix("totals: "))
    })?;
    line.trim().parse().ok().filter(|total| *total > 0)
}

/// Runs a program for its standard output; its standard error is shown if it fails.
fn run_quietly(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("running {:?}", command.get_program()))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
