//! Python packages, each in a virtual environment of its own below
//! `target/peers/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::peer::say;

/// A package from PyPI.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// It and all it depends on, each with its hashes, in the format of
    /// `pip install --requirement`.
    pub requirements: &'static str,
}

/// An environment that has the package.
#[derive(Debug)]
pub struct Venv {
    directory: PathBuf,
}

impl Venv {
    /// Installs the package, unless an earlier run has.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people: no Python 3.10 or later, no network.
    pub fn of(package: Package) -> Result<Self, String> {
        let peers = build::target().join("peers");
        let named =
            |ending: &str| peers.join(format!("{}-{}{ending}", package.name, package.version));
        fs::create_dir_all(&peers).map_err(|e| cannot("create", &peers, &e))?;
        // Test programs run side by side. The lock ends with the process, however
        // that ends.
        let lock = named(".lock");
        let lock = File::create(&lock)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|e| cannot("lock", &lock, &e))?;

        let venv = Self {
            directory: named(""),
        };
        let stamp = venv.directory.join("installed");
        let installed = fs::read_to_string(&stamp);
        if !installed.is_ok_and(|installed| installed == package.requirements) {
            venv.install(package)?;
            fs::write(&stamp, package.requirements).map_err(|e| cannot("write", &stamp, &e))?;
        }
        drop(lock);
        Ok(venv)
    }

    /// The interpreter that sees the package.
    pub fn python(&self) -> PathBuf {
        self.directory.join("bin").join("python")
    }

    fn install(&self, package: Package) -> Result<(), String> {
        say(&format!(
            "installing {} {} into {} (once)\n",
            package.name,
            package.version,
            self.directory.display()
        ));
        let requirements = self.directory.join("requirements.txt");
        // What an interrupted run left is not built upon.
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&self.directory))?;
        fs::write(&requirements, package.requirements)
            .map_err(|e| cannot("write", &requirements, &e))?;
        run(Command::new(self.python())
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--no-input", "--only-binary", ":all:", "--require-hashes"])
            .arg("--requirement")
            .arg(&requirements))
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|e| format!("cannot run {:?}: {e}", command.get_program()))?;
    if output.status.success() {
        return Ok(());
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
