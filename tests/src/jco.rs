//! jco: components in JavaScript.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use lambda_invocation_docs::root as repository;

use crate::build;
use crate::peer::run;
use crate::readme::{commands, installed};

/// The oldest line of Node that is tried, by its major version.
const NODE: u32 = 20;

/// An example, and what it is made of.
struct Kind {
    /// Its folder below `examples`.
    folder: &'static str,
    /// The heading of its commands in `docs/hosts.md`.
    section: &'static str,
    /// The files that say what is installed.
    packages: &'static [&'static str],
    files: &'static [&'static str],
    component: &'static str,
}

const NODE_EXAMPLE: Kind = Kind {
    folder: "node",
    section: "Node",
    packages: &["node/package.json", "node/package-lock.json"],
    files: &["lambda.mjs", "granted.mjs", "invoke.mjs"],
    component: "lambda-invocation.wasm",
};

const EDGE_EXAMPLE: Kind = Kind {
    folder: "edge",
    section: "Edge runtimes and browsers",
    packages: &["edge/package.json", "edge/package-lock.json"],
    files: &["lambda.mjs", "worker.mjs", "serve.mjs", "page.html"],
    component: "lambda-invocation-exchange.wasm",
};

/// An example for JavaScript, installed and built by the commands of `docs/hosts.md`.
#[derive(Debug)]
pub struct Example {
    /// Where those commands have been run.
    pub root: PathBuf,
    /// The example itself.
    pub directory: PathBuf,
    /// Keeps other test programs away from it.
    _lock: File,
}

impl Example {
    /// Installs and builds `examples/node`, once a process.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people: no Node 20 or later, no npm, no network.
    ///
    /// # Panics
    ///
    /// When it does not build.
    pub fn shared() -> Result<&'static Self, String> {
        static EXAMPLE: OnceLock<Result<Example, String>> = OnceLock::new();
        let example = EXAMPLE.get_or_init(|| Self::build(&NODE_EXAMPLE, build::component()));
        example.as_ref().map_err(Clone::clone)
    }

    /// The same of `examples/edge`.
    ///
    /// # Errors
    ///
    /// As [`shared`](Self::shared).
    ///
    /// # Panics
    ///
    /// As [`shared`](Self::shared).
    pub fn edge() -> Result<&'static Self, String> {
        static EXAMPLE: OnceLock<Result<Example, String>> = OnceLock::new();
        let component = || build::consumer(EDGE_EXAMPLE.component);
        let example = EXAMPLE.get_or_init(|| Self::build(&EDGE_EXAMPLE, component()));
        example.as_ref().map_err(Clone::clone)
    }

    fn build(kind: &Kind, built: PathBuf) -> Result<Self, String> {
        new_enough()?;
        let commands = commands("docs/hosts.md", kind.section);
        let (install, build) = (&commands[0], &commands[1]);
        let root = installed(&format!("example-{}", kind.folder), install, kind.packages)?;
        let lock = File::create(root.join("lock")).expect("a file");
        lock.lock().expect("a file that can be locked");
        let directory = root.join("examples").join(kind.folder);
        for name in kind.files {
            let from = repository().join("examples").join(kind.folder).join(name);
            fs::copy(from, directory.join(name)).expect("a file that can be copied");
        }
        let components = root.join("target/components");
        fs::create_dir_all(&components).expect("a folder");
        let component = components.join(kind.component);
        // Which one it is may change from run to run.
        let _ = fs::remove_file(&component);
        symlink(built, component).expect("a link");
        run(Command::new("sh").args(["-c", build]).current_dir(&root)).expect("it builds");
        Ok(Self {
            root,
            directory,
            _lock: lock,
        })
    }

    /// jco itself, with an environment that has nothing but `PATH` in it.
    pub fn jco(&self) -> Command {
        let mut command = Command::new(self.directory.join("node_modules/.bin/jco"));
        command.env_clear().env("PATH", path());
        command
    }

    /// Node with a script, and an environment that has nothing but `PATH` in it.
    pub fn node(&self, script: impl AsRef<Path>) -> Command {
        let mut command = Command::new("node");
        command
            .env_clear()
            .env("PATH", path())
            .arg(script.as_ref())
            .current_dir(&self.directory);
        command
    }
}

/// Where `node` is found.
fn path() -> OsString {
    env::var_os("PATH").unwrap_or_default()
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
