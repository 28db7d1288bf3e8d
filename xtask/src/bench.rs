//! The benchmark. What it measures, and what it measures it beside, is a workspace of its
//! own in `bench/`; here it is built and run.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

use crate::{components, provider, root, run, target};

/// Builds and runs it; `rest` goes to the runner.
///
/// `--quick` measures little; without `--out DIRECTORY` the results of a quick run, or of
/// one with `--only PART,...`, go nowhere.
pub fn bench(rest: &[&str]) -> Result<()> {
    components::build()?;
    eprintln!("building the peers (the first time, that takes ten minutes and more)");
    for (profile, package, target) in [
        ("component", "bench-floor", "wasm32-unknown-unknown"),
        ("sdk", "bench-sdk", "wasm32-wasip2"),
    ] {
        // With the flags that ours has, or it would not be the code that is compared.
        run::run(
            cargo()
                .args(["--profile", profile, "--package", package])
                .args(["--target", target])
                .env(
                    "CARGO_ENCODED_RUSTFLAGS",
                    components::rustflags(target, root())?,
                ),
        )?;
    }
    run::run(cargo().args(["--release", "--package", "bench-runner"]))?;
    run::run(
        run::cargo()
            .args(["build", "--locked", "--release", "--package", "lambda-host"])
            .arg("--target-dir")
            .arg(built()),
    )?;

    let built = built();
    let floor = built.join("wasm32-unknown-unknown/component/bench_floor.wasm");
    let module = fs::read(&floor).with_context(|| format!("reading {}", floor.display()))?;
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .encode()
        .context("encoding the floor")?;
    let floor = built.join("floor.wasm");
    fs::write(&floor, components::without_names(&encoded)?)?;

    // Without them, the other rows are still worth having.
    let measured = wants_providers(rest).then(measure_providers);
    let measured = measured.and_then(|measured| {
        measured
            .inspect_err(|error| eprintln!("the providers are not measured: {error:#}"))
            .ok()
    });
    let components = target().join("components");
    let mut runner = Command::new(built.join("release/bench-runner"));
    runner
        .current_dir(root())
        .arg("--component")
        .arg(components.join("lambda-invocation.wasm"))
        .arg("--command")
        .arg(components.join("lambda-invocation-command.wasm"))
        .arg("--floor")
        .arg(floor)
        .arg("--exchange")
        .arg(components.join("lambda-invocation-exchange.wasm"))
        .arg("--sdk")
        .arg(built.join("wasm32-wasip2/sdk/bench_sdk.wasm"))
        .arg("--lambda-host")
        .arg(built.join("release/lambda-host"))
        .arg("--lock")
        .arg(root().join("bench/Cargo.lock"))
        .args(rest);
    if let Some(measured) = measured {
        runner.arg("--provider").arg(measured);
    }
    if rest.is_empty() {
        runner.arg("--out").arg(root().join("docs/benchmarks"));
    }
    run::run(&mut runner)
}

/// Whether the providers are to be measured, which have to be built for that.
fn wants_providers(rest: &[&str]) -> bool {
    let mut only = rest.iter().skip_while(|argument| **argument != "--only");
    only.nth(1)
        .is_none_or(|parts| parts.split(',').any(|part| part == "providers"))
}

/// Builds and measures them, and returns the file with the rows.
fn measure_providers() -> Result<PathBuf> {
    let rows = provider::measure(&provider::build()?)?;
    let file = built().join("providers.json");
    fs::write(&file, rows).with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

/// Where the workspace of the benchmark is built.
fn built() -> PathBuf {
    target().join("bench")
}

/// `cargo build` in that workspace.
fn cargo() -> Command {
    let mut command = run::cargo();
    command
        .current_dir(root().join("bench"))
        .args(["build", "--locked", "--target-dir"])
        .arg(built());
    command
}
