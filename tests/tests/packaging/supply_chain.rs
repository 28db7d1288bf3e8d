//! What is built from: the dependencies, held to `deny.toml` by cargo-deny, and nothing but
//! what the lock files name.
//!
//! Advisories are not looked at here: they change without a change here, and their database
//! is in no package registry. The workflow `advisories.yml` does.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use lambda_invocation_docs::root;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::venv::{CARGO_DENY, Venv};
use serde_json::Value;

/// cargo-deny on the workspace in a folder.
fn cargo_deny(venv: &Venv, folder: &Path, checks: &[&str]) -> Output {
    Command::new(venv.program("cargo-deny"))
        .current_dir(folder)
        .args(["--locked", "--color", "never"])
        .arg("--config")
        .arg(root().join("deny.toml"))
        .arg("check")
        // The fuzz targets have one, in a workspace of their own.
        .args(["--allow", "license-exception-not-encountered"])
        .args(checks)
        .output()
        .expect("cargo-deny starts")
}

#[test]
fn licences_sources_and_bans_are_as_agreed() {
    let venv = or_skip!(Venv::of(CARGO_DENY));
    let output = cargo_deny(&venv, &root(), &["licenses", "sources", "bans"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // An exception that nothing needs any more.
    assert!(!said.contains("warning["), "{said}");
}

/// What is not shipped may have a crate twice.
#[test]
fn the_benchmark_and_the_fuzz_targets_take_from_the_same_licences_and_sources() {
    let venv = or_skip!(Venv::of(CARGO_DENY));
    for folder in ["bench", "fuzz"] {
        let output = cargo_deny(&venv, &root().join(folder), &["licenses", "sources"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{folder}: {said}");
    }
}

/// The control: what is not agreed is found.
#[test]
fn another_licence_and_a_banned_crate_are_found() {
    let venv = or_skip!(Venv::of(CARGO_DENY));
    let folder = tempfile::tempdir().unwrap();
    let dependency = "[dependencies]\nopenssl-sys = { path = \"openssl-sys\" }\n";
    for (path, name, dependencies) in [
        ("", "stray", dependency),
        ("openssl-sys", "openssl-sys", ""),
    ] {
        let package = folder.path().join(path);
        fs::create_dir_all(package.join("src")).unwrap();
        fs::write(package.join("src/lib.rs"), "").unwrap();
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.1.0\"\nlicense = \"GPL-3.0-only\"\n{dependencies}"
        );
        fs::write(package.join("Cargo.toml"), manifest).unwrap();
    }
    let lock = Command::new(env!("CARGO"))
        .args(["generate-lockfile", "--offline"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(lock.status.success(), "{lock:?}");
    let output = cargo_deny(&venv, folder.path(), &["licenses", "bans"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    for fault in ["error[banned]", "error[rejected]"] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
}

/// RUSTSEC-2026-0570 is about wasmtime without this feature: see `deny.toml`.
#[test]
fn wasmtime_is_built_with_the_feature_that_answers_its_advisory() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let named = |node: &Value| {
        let id = node["id"].as_str().unwrap_or_default();
        id.contains("#wasmtime@") || id.ends_with("/wasmtime")
    };
    let mut versions = nodes.iter().filter(|node| named(node));
    let wasmtime = versions.next().expect("wasmtime is used");
    assert!(versions.next().is_none(), "two versions of wasmtime");
    let features = wasmtime["features"].as_array().expect("features");
    assert!(features.contains(&"gc".into()), "{features:?}");
}

/// Without `--locked`, cargo takes what the registry has by then.
#[test]
fn whatever_ci_and_releases_build_is_built_from_the_lock_files() {
    const BUILDS: &[&str] = &["build", "clippy", "doc", "install", "run", "test"];
    let mut seen = 0;
    for file in [
        ".cargo/config.toml",
        ".ci/run",
        ".github/workflows/advisories.yml",
        ".github/workflows/ci.yml",
        ".github/workflows/release.yml",
    ] {
        let text = fs::read_to_string(root().join(file)).expect(file);
        for line in text.lines().map(str::trim) {
            let command = line
                .split_once("cargo ")
                .or_else(|| line.split_once("xtask = \""));
            let command = command.and_then(|(_, command)| command.split(' ').next());
            if command.is_some_and(|command| BUILDS.contains(&command)) {
                seen += 1;
                assert!(line.contains("--locked"), "{file}: {line}");
            }
        }
    }
    assert!(seen >= 3, "{seen}");
}
