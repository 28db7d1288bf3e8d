//! The native programs, for the platform that this runs on.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};

use super::archive::{self, Entry};
use super::{Release, VERSION, sha256};
use crate::provider::PULUMI;
use crate::{components, provider, root, run, target};

/// What is built, by the names of packages and programs.
const PROGRAMS: &[&str] = &[LAMBDA_HOST, provider::NAME, PULUMI];
const LAMBDA_HOST: &str = "lambda-host";

/// Builds them with their components inside, and writes an archive of each.
pub fn make(release: &Release) -> Result<()> {
    eprintln!("building the programs (the first time, that takes ten minutes and more)");
    let mut build = run::cargo();
    build.args(["build", "--locked", "--profile", provider::PROFILE]);
    for program in PROGRAMS {
        build.args(["--package", program, "--bin", program]);
    }
    run::run(build.envs(components::to_embed()))?;
    lambda_host(release)?;
    terraform(release)?;
    pulumi(release)
}

/// A program that has been built.
fn program(name: &str) -> Result<Vec<u8>> {
    let path = target().join(provider::PROFILE).join(name);
    fs::read(&path).with_context(|| format!("reading {}", path.display()))
}

/// What a program of the release prints.
fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .output()
        .with_context(|| format!("running {:?}", command.get_program()))?;
    ensure!(output.status.success(), "{command:?}: {output:?}");
    Ok(output.stdout)
}

/// `lambda-host`, what completes its command line in a shell, and its manual pages.
fn lambda_host(release: &Release) -> Result<()> {
    let path = target().join(provider::PROFILE).join(LAMBDA_HOST);
    let mut files = vec![Entry::program(LAMBDA_HOST, program(LAMBDA_HOST)?)];
    for (shell, name) in [
        ("bash", "lambda-host.bash"),
        ("elvish", "lambda-host.elv"),
        ("fish", "lambda-host.fish"),
        ("powershell", "_lambda-host.ps1"),
        ("zsh", "_lambda-host"),
    ] {
        let script = output(Command::new(&path).args(["completions", shell]))?;
        files.push(Entry::file(format!("completions/{name}"), script));
    }
    let pages = target().join("packages/man");
    if pages.exists() {
        fs::remove_dir_all(&pages)?;
    }
    fs::create_dir_all(&pages)?;
    output(Command::new(&path).arg("manual-pages").arg(&pages))?;
    for entry in fs::read_dir(&pages)? {
        let entry = entry?;
        let name = entry.file_name();
        let page = format!("man/man1/{}", name.display());
        files.push(Entry::file(page, fs::read(entry.path())?));
    }
    for page in ["CHANGELOG.md", "README.md"] {
        files.push(Entry::file(page, fs::read(root().join(page))?));
    }
    let version = output(Command::new("rustc").arg("-vV").current_dir(root()))?;
    let version = String::from_utf8(version)?;
    let platform = version.lines().find_map(|line| line.strip_prefix("host: "));
    let platform = platform.context("rustc does not say what it runs on")?;
    release.write_archive(LAMBDA_HOST, Some(platform), files)
}

/// The provider as the Terraform registry wants it, and a mirror takes it: an archive, the
/// protocols that it speaks, and the hashes of both, for a signature.
fn terraform(release: &Release) -> Result<()> {
    let name = provider::NAME;
    let (system, architecture) = provider::platform();
    let archive_name = format!("{name}_{VERSION}_{system}_{architecture}.zip");
    let archive = zipped(release, &format!("{name}_v{VERSION}"), &program(name)?)?;
    let manifest_name = format!("{name}_{VERSION}_manifest.json");
    let manifest =
        fs::read(root().join("host-harness/terraform/terraform-registry-manifest.json"))?;
    let mut sums = String::new();
    for (name, bytes) in [(archive_name, archive), (manifest_name, manifest)] {
        release.write(&name, &bytes)?;
        sums += &format!("{}  {name}\n", sha256(&bytes));
    }
    release.write(&format!("{name}_{VERSION}_SHA256SUMS"), sums.as_bytes())
}

/// The provider as Pulumi downloads one: the program alone, at the top of the archive.
fn pulumi(release: &Release) -> Result<()> {
    let (system, architecture) = provider::platform();
    let files = vec![Entry::program(PULUMI, program(PULUMI)?)];
    let archive = archive::gzip(&archive::tar("", files, release.time)?)?;
    let name = format!("{PULUMI}-v{VERSION}-{system}-{architecture}.tar.gz");
    release.write(&name, &archive)
}

/// A zip archive with a program in it, by Python: no crate for it is small.
fn zipped(release: &Release, name: &str, program: &[u8]) -> Result<Vec<u8>> {
    let folder = target().join("packages/zip");
    fs::create_dir_all(&folder)?;
    let (path, archive) = (folder.join(name), folder.join("archive.zip"));
    fs::write(&path, program)?;
    fs::set_permissions(&path, Permissions::from_mode(0o755))?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(release.time);
    File::options()
        .append(true)
        .open(&path)?
        .set_modified(time)?;
    output(
        Command::new("python3")
            .args(["-m", "zipfile", "--create"])
            .args([&archive, &path])
            // What a zip archive holds is local time.
            .env("TZ", "UTC"),
    )?;
    Ok(fs::read(archive)?)
}
