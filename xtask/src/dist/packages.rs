//! The packages for npm and PyPI, each built in a folder of its own below `target/packages`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Release, VERSION};
use crate::vendor_wit::files_below;
use crate::{components, root, target};

/// Makes the package for npm: `lambda-invocation-VERSION.tgz`.
pub fn npm(release: &Release) -> Result<()> {
    let folder = staged("npm")?;
    let manifest = folder.join("package.json");
    let mut package: Value = serde_json::from_slice(&fs::read(&manifest)?)?;
    let fields = package.as_object_mut().context("no object")?;
    fields.insert("version".to_owned(), VERSION.into());
    fs::write(&manifest, serde_json::to_string_pretty(&package)? + "\n")?;

    // What it is built with takes 100 MB, and stays until another version is wanted.
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed");
    if !fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        run(npm_in(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
        fs::write(&stamp, &lock)?;
    }
    let built = folder.join("component");
    if built.exists() {
        fs::remove_dir_all(&built)?;
    }
    run(Command::new("node")
        .arg("build.mjs")
        .arg(plugin()?)
        .current_dir(&folder))?;
    run(npm_in(&folder)
        .args(["pack", "--pack-destination"])
        .arg(&release.folder))
}

/// Makes the package for PyPI: `lambda_invocation-VERSION-py3-none-any.whl`.
pub fn pypi(release: &Release) -> Result<()> {
    let folder = staged("pypi")?;
    let module = folder.join("lambda_invocation");
    let version = format!("__version__ = \"{VERSION}\"\n");
    fs::write(module.join("_version.py"), version)?;
    fs::copy(plugin()?, module.join("lambda-invocation.wasm"))?;
    run(Command::new("python3")
        .args([
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["--no-deps", "--wheel-dir"])
        .arg(&release.folder)
        .arg(".")
        .env("SOURCE_DATE_EPOCH", release.time.to_string())
        .current_dir(&folder))
}

/// A folder with the sources of a package and the licences in it.
fn staged(name: &str) -> Result<PathBuf> {
    let folder = target().join("packages").join(name);
    let sources = files_below(&root().join("packages").join(name))?;
    for (path, bytes) in sources {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(path, bytes)?;
    }
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(licence), folder.join(licence))?;
    }
    Ok(folder)
}

fn plugin() -> Result<PathBuf> {
    let plugin = components::COMPONENTS.first().context("no component")?;
    Ok(plugin.path())
}

fn npm_in(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["--silent"]).current_dir(folder);
    npm
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!("there is no {:?} here", command.get_program()),
        _ => error.into(),
    })?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}
