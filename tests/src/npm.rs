//! npm packages, each set in a directory of its own below `target/peers/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::peer::{cannot, install_once, run};

/// The oldest line of Node that is tried, by its major version.
const NODE: u32 = 20;

/// A set of packages from npm.
#[derive(Debug, Clone, Copy)]
pub struct Packages {
    /// A name for the set, with a version: its directory.
    pub name: &'static str,
    /// What is wanted, in exact versions.
    pub package_json: &'static str,
    /// All that is installed for it, with the hash of each.
    pub package_lock: &'static str,
}

/// A directory whose `node_modules` holds the packages.
#[derive(Debug)]
pub struct Npm {
    directory: PathBuf,
}

impl Npm {
    /// Installs the packages, unless an earlier run has.
    ///
    /// # Errors
    ///
    /// Why they cannot be installed, for people: no Node 20 or later, no npm, no
    /// network.
    pub fn of(packages: Packages) -> Result<Self, String> {
        new_enough()?;
        let directory = install_once(packages.name, packages.package_lock, |directory| {
            install(directory, packages)
        })?;
        Ok(Self { directory })
    }

    /// The directory above `node_modules`.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A program of one of the packages.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join("node_modules").join(".bin").join(name)
    }
}

fn install(directory: &Path, packages: Packages) -> Result<(), String> {
    let files = [
        ("package.json", packages.package_json),
        ("package-lock.json", packages.package_lock),
    ];
    for (name, content) in files {
        let path = directory.join(name);
        fs::write(&path, content).map_err(|e| cannot("write", &path, &e))?;
    }
    // Not `npm ci`: it wants the optional packages of every platform in the lock,
    // and some are not to be had from every registry. `install` checks the hashes
    // of what is in the lock as well.
    run(Command::new("npm")
        .current_dir(directory)
        .args(["install", "--no-save", "--ignore-scripts"])
        .args(["--no-audit", "--no-fund", "--loglevel=error"]))
    .map(drop)
}

/// Whether there is a Node that is new enough.
fn new_enough() -> Result<(), String> {
    let version = run(Command::new("node").arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= NODE => Ok(()),
        _ => Err(format!(
            "Node {NODE} or later is needed, not {}",
            version.trim()
        )),
    }
}
