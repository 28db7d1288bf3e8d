//! Peers: installed once below `target/peers/`, or said to be missing.

use std::env;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::build;

/// Says that the running test is skipped, and why.
///
/// It does so on the process's own standard error, which the test harness does not
/// capture: a skipped test looks like a passed one otherwise.
///
/// # Panics
///
/// With `CI=true` in the environment, where nothing is to be skipped.
pub fn skip(reason: &str) {
    assert!(
        env::var_os("CI").is_none_or(|value| value != "true"),
        "must not be skipped with CI=true: {reason}"
    );
    let test = thread::current();
    let line = format!("SKIPPED {}: {reason}\n", test.name().unwrap_or("a test"));
    say(&line);
}

/// The value of a `Result<_, String>`; with `Err` the test is skipped as by
/// [`skip`](crate::peer::skip).
#[macro_export]
macro_rules! or_skip {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(reason) => return $crate::peer::skip(&reason),
        }
    };
}

/// Has `install` fill a directory, unless an earlier run has, and returns it. `recipe` is
/// all that it is filled by: with another one it is filled anew.
///
/// # Errors
///
/// Why it cannot be filled, for people.
pub(crate) fn install_once(
    name: &str,
    recipe: &str,
    install: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let peers = build::target().join("peers");
    fs::create_dir_all(&peers).map_err(|e| cannot("create", &peers, &e))?;
    // Test programs run side by side. The lock ends with the process, however that
    // ends.
    let lock = peers.join(format!("{name}.lock"));
    let _lock = File::create(&lock)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|e| cannot("lock", &lock, &e))?;

    let directory = peers.join(name);
    let stamp = directory.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == recipe) {
        return Ok(directory);
    }
    say(&format!(
        "installing {name} into {} (once)\n",
        directory.display()
    ));
    // What an interrupted run left is not built upon.
    if directory.exists() {
        fs::remove_dir_all(&directory).map_err(|e| cannot("remove", &directory, &e))?;
    }
    fs::create_dir_all(&directory).map_err(|e| cannot("create", &directory, &e))?;
    install(&directory)?;
    fs::write(&stamp, recipe).map_err(|e| cannot("write", &stamp, &e))?;
    Ok(directory)
}

/// Has Debian's packages unpacked, once: into a folder of its own, so that the system stays
/// as it is. Returns that folder.
///
/// # Errors
///
/// Why they cannot be had, for people: no `apt-get`, no network.
pub(crate) fn debian(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let recipe = format!("Debian's {}", packages.join(" "));
    install_once(name, &recipe, |directory| {
        let mut download = Command::new("apt-get");
        download
            .arg("download")
            .args(packages)
            .current_dir(directory);
        if run(&mut download).is_err() {
            // A new machine has no list of packages.
            run(Command::new("apt-get").arg("update"))?;
            run(&mut download)?;
        }
        let files = fs::read_dir(directory).map_err(|e| cannot("read", directory, &e))?;
        let files = files.filter_map(Result::ok).map(|file| file.path());
        for package in files.filter(|path| path.extension().is_some_and(|e| e == "deb")) {
            run(Command::new("dpkg-deb")
                .arg("-x")
                .arg(package)
                .arg(directory))?;
        }
        Ok(())
    })
}

/// Has npm install what a lock file names into a folder. Nothing of it is run.
///
/// # Errors
///
/// Why it cannot be installed, for people.
pub(crate) fn npm_ci(folder: &Path, manifest: &str, lock: &str) -> Result<(), String> {
    for (name, content) in [("package.json", manifest), ("package-lock.json", lock)] {
        let path = folder.join(name);
        fs::write(&path, content).map_err(|e| cannot("write", &path, &e))?;
    }
    run(Command::new("npm")
        .current_dir(folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .arg("--loglevel=error"))
    .map(drop)
}

/// Runs a program, and returns what it prints on standard output.
///
/// # Errors
///
/// The last line that it prints on standard error, when it fails.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
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

/// Says what could not be done with a file.
pub(crate) fn cannot(what: &str, path: &Path, error: &dyn Display) -> String {
    format!("cannot {what} {}: {error}", path.display())
}

/// Tells people what takes so long.
pub(crate) fn say(line: &str) {
    // Nothing is left to do when standard error is closed.
    let _ = io::stderr().write_all(line.as_bytes());
}
