//! npm packages, each set in a directory of its own below `target/peers/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::peer::say;

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
        let peers = build::target().join("peers");
        fs::create_dir_all(&peers).map_err(|e| cannot("create", &peers, &e))?;
        // Test programs run side by side. The lock ends with the process, however
        // that ends.
        let lock = peers.join(format!("{}.lock", packages.name));
        let lock = File::create(&lock)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|e| cannot("lock", &lock, &e))?;

        let npm = Self {
            directory: peers.join(packages.name),
        };
        let stamp = npm.directory.join("installed");
        let installed = fs::read_to_string(&stamp);
        if !installed.is_ok_and(|installed| installed == packages.package_lock) {
            npm.install(packages)?;
            fs::write(&stamp, packages.package_lock).map_err(|e| cannot("write", &stamp, &e))?;
        }
        drop(lock);
        Ok(npm)
    }

    /// The directory above `node_modules`.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A program of one of the packages.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join("node_modules").join(".bin").join(name)
    }

    fn install(&self, packages: Packages) -> Result<(), String> {
        say(&format!(
            "installing {} into {} (once)\n",
            packages.name,
            self.directory.display()
        ));
        // What an interrupted run left is not built upon.
        if self.directory.exists() {
            fs::remove_dir_all(&self.directory)
                .map_err(|e| cannot("remove", &self.directory, &e))?;
        }
        fs::create_dir_all(&self.directory).map_err(|e| cannot("create", &self.directory, &e))?;
        let files = [
            ("package.json", packages.package_json),
            ("package-lock.json", packages.package_lock),
        ];
        for (name, content) in files {
            let path = self.directory.join(name);
            fs::write(&path, content).map_err(|e| cannot("write", &path, &e))?;
        }
        // Not `npm ci`: it wants the optional packages of every platform in the lock,
        // and some are not to be had from every registry. `install` checks the hashes
        // of what is in the lock as well.
        run(Command::new("npm")
            .current_dir(&self.directory)
            .args(["install", "--no-save", "--ignore-scripts"])
            .args(["--no-audit", "--no-fund", "--loglevel=error"]))
        .map(drop)
    }
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

/// What it prints on standard output.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|e| format!("cannot run {:?}: {e}", command.get_program()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    Err(format!(
        "{:?} failed: {}",
        command.get_program(),
        last.unwrap_or("without a word")
    ))
}

fn cannot(what: &str, path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("cannot {what} {}: {error}", path.display())
}
