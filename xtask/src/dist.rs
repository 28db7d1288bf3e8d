//! Makes what is released, into `target/artifacts/`.
//!
//! Every file has its name, its version and its time from one place each: the name from
//! here, the version from the workspace, the time from the commit. So the same commit gives
//! the same files.

mod archive;
pub mod crates;
mod oci;
mod packages;
mod programs;
mod reproduce;
mod sbom;
mod wit;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use crate::components::{self, COMPONENTS, Component};
use crate::{root, target};

/// The version of everything: that of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The file with the hashes of all others, in the format of `sha256sum`.
const SUMS: &str = "SHA256SUMS";

/// How much is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything.
    Full,
    /// All but what takes minutes: native programs, and what is about them.
    Short,
}

/// A release that is being made.
pub struct Release {
    folder: PathBuf,
    /// Seconds since 1970 that every file carries.
    time: u64,
}

/// Makes the files.
pub fn dist(extent: Extent) -> Result<()> {
    let started = Instant::now();
    check_versions()?;
    let folder = target().join("artifacts");
    // What an earlier run left would end up in the sums.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let time = commit_time()?;
    let release = Release { folder, time };

    components::build()?;
    let wit = wit::package()?;
    release.write("lambda-invocation-wit.wasm", &wit)?;
    release.write("lambda-invocation-wit.html", wit::page()?.as_bytes())?;
    release.write_archive("lambda-invocation-wit", None, wit::sources()?)?;
    for component in COMPONENTS {
        release.write(component.file, &fs::read(component.path())?)?;
    }
    release.write_oci(&wit)?;
    for (name, package) in [
        ("npm", packages::npm as fn(&Release) -> Result<()>),
        ("PyPI", packages::pypi),
    ] {
        match package(&release) {
            Err(error) if extent == Extent::Short => {
                eprintln!("SKIPPED the package for {name}: {error:#}");
            }
            made => made.with_context(|| format!("making the package for {name}"))?,
        }
    }
    crates::check(extent)?;
    if extent == Extent::Full {
        programs::make(&release)?;
        sbom::make(&release)?;
    }
    reproduce::check(match extent {
        Extent::Full => COMPONENTS,
        Extent::Short => plugin(),
    })?;
    release.write_sums()?;
    println!(
        "{}: made in {:.0} s",
        release.folder.display(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The component that plugin hosts load.
fn plugin() -> &'static [Component] {
    COMPONENTS.get(..1).unwrap_or_default()
}

impl Release {
    /// Writes a file of the release.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        println!("{name}: {:.1} KB", bytes.len() as f64 / 1_000.0);
        Ok(())
    }

    /// Writes `NAME-VERSION.tar.gz`, with the platform in its name where it is for one.
    /// Everything in it is in a folder of that name.
    fn write_archive(
        &self,
        name: &str,
        platform: Option<&str>,
        mut files: Vec<archive::Entry>,
    ) -> Result<()> {
        let mut folder = format!("{name}-{VERSION}");
        if let Some(platform) = platform {
            folder += &format!("-{platform}");
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            files.push(archive::Entry::file(
                licence,
                fs::read(root().join(licence))?,
            ));
        }
        let bytes = archive::gzip(&archive::tar(&folder, files, self.time)?)?;
        self.write(&format!("{folder}.tar.gz"), &bytes)
    }

    /// Writes the components and the WIT package as OCI artifacts.
    fn write_oci(&self, wit: &[u8]) -> Result<()> {
        let mut layout = oci::Layout::new(self.time)?;
        for component in COMPONENTS {
            layout.add(&oci::Artifact {
                name: component.file.trim_end_matches(".wasm"),
                file: component.file,
                world: Some(component.world),
                bytes: &fs::read(component.path())?,
            })?;
        }
        // Named as `wkg` names the file of a package.
        layout.add(&oci::Artifact {
            name: "lambda-invocation-wit",
            file: "invocation.wasm",
            world: None,
            bytes: wit,
        })?;
        let name = format!("lambda-invocation-oci-{VERSION}.tar");
        self.write(&name, &archive::tar("", layout.files()?, self.time)?)
    }

    /// Writes the hashes of all files that are there by now.
    fn write_sums(&self) -> Result<()> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        let mut sums = String::new();
        for name in names {
            let bytes = fs::read(self.folder.join(&name))?;
            sums += &format!("{}  {name}\n", sha256(&bytes));
        }
        self.write(SUMS, sums.as_bytes())
    }
}

/// A SHA-256 hash as hex digits.
fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Holds what names a version by itself to that of the workspace.
fn check_versions() -> Result<()> {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md"))?;
    ensure!(
        changelog.contains(&format!("\n## [{VERSION}]")),
        "CHANGELOG.md has no section for {VERSION}"
    );
    let mut versions = wit::versions()?;
    versions.extend(crates::versions()?);
    if let Some((file, version)) = versions.iter().find(|(_, version)| version != VERSION) {
        bail!("{file} is of version {version}, and the workspace of {VERSION}");
    }
    Ok(())
}

/// The time of the release: `SOURCE_DATE_EPOCH` where set, else that of the commit.
fn commit_time() -> Result<u64> {
    const VARIABLE: &str = "SOURCE_DATE_EPOCH";
    let seconds = match std::env::var(VARIABLE) {
        Ok(seconds) => seconds,
        Err(_) => {
            let output = Command::new("git")
                .args(["log", "-1", "--format=%ct"])
                .current_dir(root())
                .output()
                .with_context(|| format!("running git; without it, set {VARIABLE}"))?;
            ensure!(output.status.success(), "git log failed; set {VARIABLE}");
            String::from_utf8(output.stdout)?
        }
    };
    let seconds = seconds.trim();
    seconds
        .parse()
        .with_context(|| format!("{seconds:?} are no seconds since 1970"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_names_a_version_names_that_of_the_workspace() {
        check_versions().unwrap();
        assert!(wit::versions().unwrap().len() >= 5);
        assert!(crates::versions().unwrap().len() >= 6);
    }
}
