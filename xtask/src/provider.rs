//! The provider for Terraform as it is shipped: one program, with the component inside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{components, run, target};

/// The version that the mirror names.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The profile of what is shipped.
pub const PROFILE: &str = "dist";
/// The program.
pub const NAME: &str = "terraform-provider-lambda";

/// A row of what is measured.
#[derive(Deserialize)]
struct Row {
    name: String,
    unit: String,
    ours: f64,
    /// The most that it may be.
    target: f64,
}

/// Builds it into `target/terraform/`, a mirror that Terraform installs from, and holds
/// what it takes to what it may take.
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

/// Builds it and the program that measures it, and returns where it is in the mirror.
pub fn build() -> Result<PathBuf> {
    components::build()?;
    let component = components::COMPONENTS.first().context("no component")?;
    eprintln!("building the provider (the first time, that takes ten minutes and more)");
    run::run(
        run::cargo()
            .args(["build", "--locked", "--profile", PROFILE])
            .args(["--package", NAME, "--bin", NAME, "--example", "measure"])
            .env("LAMBDA_COMPONENT_TO_EMBED", component.path()),
    )?;
    let program = install()?;
    println!("{}", program.display());
    Ok(program)
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
    let built = target().join(PROFILE).join(NAME);
    // A new file, as a Terraform may be running the old one.
    let _ = fs::remove_file(&program);
    fs::copy(&built, &program).with_context(|| format!("copying {}", built.display()))?;
    Ok(program)
}

/// The rows, as JSON.
pub fn measure(program: &Path) -> Result<String> {
    let measured = Command::new(target().join(PROFILE).join("examples/measure"))
        .arg(program)
        .output()
        .context("measuring the provider")?;
    ensure!(
        measured.status.success(),
        "measuring the provider: {}",
        String::from_utf8_lossy(&measured.stderr)
    );
    Ok(String::from_utf8(measured.stdout)?)
}
