//! The providers for Terraform and Pulumi as they are shipped: a program each, with the
//! component inside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::{components, run, target};

/// The version that the mirror names.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The profile of what is shipped.
pub const PROFILE: &str = "dist";
/// The program.
pub const NAME: &str = "terraform-provider-lambda";
/// The one for Pulumi.
pub const PULUMI: &str = "pulumi-resource-lambda-invocation";

/// A row of what is measured.
#[derive(Deserialize)]
struct Row {
    name: String,
    unit: String,
    ours: f64,
    /// The most that it may be.
    target: f64,
}

/// Builds Terraform's into `target/terraform/`, a mirror that Terraform installs from, and
/// Pulumi's into `target/pulumi/`, and holds what they take to what they may take.
pub fn provider() -> Result<()> {
    let rows: Vec<Row> = serde_json::from_str(&measure(&build()?)?)?;
    let mut over = Vec::new();
    for row in &rows {
        let Row {
            name,
            unit,
            ours,
            target,
        } = row;
        println!("{name}: {ours:.1} {unit} of {target} {unit}");
        if ours > target {
            over.push(name);
        }
    }
    ensure!(!rows.is_empty(), "nothing was measured");
    ensure!(over.is_empty(), "over budget: {over:?}");
    Ok(())
}

/// Builds them and the programs that measure them, and returns where Terraform's is in the
/// mirror.
pub fn build() -> Result<PathBuf> {
    components::build()?;
    eprintln!("building the providers (the first time, that takes ten minutes and more)");
    run::run(
        run::cargo()
            .args(["build", "--locked", "--profile", PROFILE])
            .args(["--package", NAME, "--bin", NAME, "--example", "measure"])
            .args(["--package", PULUMI, "--bin", PULUMI])
            .args(["--example", "measure_pulumi"])
            .envs(components::to_embed()),
    )?;
    let program = install()?;
    println!("{}", program.display());
    let pulumi = pulumi();
    fs::create_dir_all(target().join("pulumi")).context("creating target/pulumi")?;
    copy(PULUMI, &pulumi)?;
    println!("{}", pulumi.display());
    Ok(program)
}

/// Where Pulumi's is.
fn pulumi() -> PathBuf {
    target().join("pulumi").join(PULUMI)
}

/// Copies a program from where cargo leaves it.
fn copy(name: &str, to: &Path) -> Result<()> {
    let built = target().join(PROFILE).join(name);
    // A new file, as somebody may be running the old one.
    let _ = fs::remove_file(to);
    fs::copy(&built, to).with_context(|| format!("copying {}", built.display()))?;
    Ok(())
}

/// How Terraform calls the system and the architecture that this runs on.
pub fn platform() -> (&'static str, &'static str) {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    (system, architecture)
}

/// Copies the program to where Terraform looks for it in a mirror.
fn install() -> Result<PathBuf> {
    let (system, architecture) = platform();
    let directory = target()
        .join("terraform/registry.terraform.io/lambda-invocation/lambda")
        .join(VERSION)
        .join(format!("{system}_{architecture}"));
    fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
    let program = directory.join(format!("{NAME}_v{VERSION}"));
    copy(NAME, &program)?;
    Ok(program)
}

/// The rows of both, as JSON.
pub fn measure(program: &Path) -> Result<String> {
    let mut rows = run_measure("measure", program)?;
    rows.extend(run_measure("measure_pulumi", &pulumi())?);
    Ok(Value::Array(rows).to_string())
}

fn run_measure(example: &str, program: &Path) -> Result<Vec<Value>> {
    let measured = Command::new(target().join(PROFILE).join("examples").join(example))
        .arg(program)
        .output()
        .with_context(|| format!("measuring {}", program.display()))?;
    ensure!(
        measured.status.success(),
        "measuring {}: {}",
        program.display(),
        String::from_utf8_lossy(&measured.stderr)
    );
    Ok(serde_json::from_slice(&measured.stdout)?)
}
