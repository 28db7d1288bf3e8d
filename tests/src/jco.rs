//! jco and its WASI shim: components on Node.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::build;
use crate::npm::{Npm, Packages};

/// What is installed: what the example asks for.
pub const PACKAGES: Packages = Packages {
    name: "jco-1.35.0",
    package_json: include_str!("../../examples/node/package.json"),
    package_lock: include_str!("../../examples/node/package-lock.json"),
};

/// Where the example expects the component.
const COMPONENT: &str = "../../target/components/lambda-invocation.wasm";

/// The files of the example.
const FILES: &[(&str, &str)] = &[
    (
        "package.json",
        include_str!("../../examples/node/package.json"),
    ),
    ("lambda.mjs", include_str!("../../examples/node/lambda.mjs")),
    (
        "granted.mjs",
        include_str!("../../examples/node/granted.mjs"),
    ),
    ("invoke.mjs", include_str!("../../examples/node/invoke.mjs")),
];

/// `examples/node`, where its packages are installed, and built.
#[derive(Debug)]
pub struct Example {
    /// Its directory.
    pub directory: PathBuf,
    /// Keeps other test programs away from it.
    _lock: File,
}

impl Example {
    /// Installs and builds it, once a process.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people.
    ///
    /// # Panics
    ///
    /// When it does not build.
    pub fn shared() -> Result<&'static Self, String> {
        static EXAMPLE: OnceLock<Result<Example, String>> = OnceLock::new();
        let example = EXAMPLE.get_or_init(|| {
            let npm = Npm::of(PACKAGES)?;
            let directory = npm.directory().join("example");
            fs::create_dir_all(&directory).expect("a directory");
            let lock = File::create(directory.join("lock")).expect("a file");
            lock.lock().expect("a file that can be locked");
            for (name, content) in FILES {
                // The component is elsewhere, seen from here.
                let component = build::component();
                let content = content.replace(COMPONENT, component.to_str().expect("UTF-8"));
                fs::write(directory.join(name), content).expect("a file");
            }
            let built = Command::new("npm")
                .args(["run", "--silent", "build"])
                .current_dir(&directory)
                .output()
                .expect("npm starts");
            assert!(built.status.success(), "{built:?}");
            Ok(Example {
                directory,
                _lock: lock,
            })
        });
        example.as_ref().map_err(Clone::clone)
    }

    /// Node with a script and an environment that has nothing else in it.
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
pub fn path() -> OsString {
    env::var_os("PATH").unwrap_or_default()
}
