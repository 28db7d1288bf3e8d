//! An OCI registry on this machine: Debian's `docker-registry`, and `skopeo` to fill it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::client::{self, Answer};
use crate::daemon::Daemon;
use crate::peer::{debian, run};

/// How long it may take to listen: what hangs fails its test.
const PATIENCE: Duration = Duration::from_secs(30);

/// A registry that runs and has nothing in it; dropping it ends it.
#[derive(Debug)]
pub struct Registry {
    /// Where it listens: plain HTTP.
    pub address: SocketAddr,
    installed: PathBuf,
    _daemon: Daemon,
    _data: TempDir,
}

impl Registry {
    /// Starts it, with a folder of its own.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start() -> Result<Self, String> {
        // The last one is what skopeo is linked to and Debian's smallest installation lacks.
        let packages = ["docker-registry", "skopeo", "libgpgme11"];
        let installed = debian("docker-registry", &packages)?;
        let data = tempfile::tempdir().expect("a temporary directory");
        let configuration = data.path().join("registry.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: info}}\nhttp: {{addr: '127.0.0.1:0'}}\n\
             storage: {{filesystem: {{rootdirectory: '{}'}}}}\n",
            data.path().join("data").display()
        );
        fs::write(&configuration, text).expect("a file");
        let mut daemon = Daemon::start(
            Command::new(installed.join("usr/bin/docker-registry"))
                .env_clear()
                .arg("serve")
                .arg(configuration),
        );
        let address = daemon.wait_for(PATIENCE, |said| {
            let (_, after) = said.split_once("listening on ")?;
            after.split('"').next()?.parse().ok()
        });
        Ok(Self {
            address,
            installed,
            _daemon: daemon,
            _data: data,
        })
    }

    /// Copies an artifact from the tar archive of an OCI layout to `NAME:TAG`.
    ///
    /// # Errors
    ///
    /// What skopeo says.
    pub fn copy(&self, layout: &Path, reference: &str, to: &str) -> Result<(), String> {
        let libraries = fs::read_dir(self.installed.join("usr/lib")).map_err(|e| e.to_string())?;
        let libraries: Vec<PathBuf> = libraries.flatten().map(|entry| entry.path()).collect();
        let libraries = std::env::join_paths(libraries).map_err(|e| e.to_string())?;
        run(Command::new(self.installed.join("usr/bin/skopeo"))
            .env("LD_LIBRARY_PATH", libraries)
            .args(["--insecure-policy", "copy", "--dest-tls-verify=false"])
            .arg(format!("oci-archive:{}:{reference}", layout.display()))
            .arg(format!("docker://{}/{to}", self.address)))
        .map(drop)
    }

    /// The answer to a `GET` below `/v2/`.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn get(&self, path: &str) -> Answer {
        let accept = [("accept", "application/vnd.oci.image.manifest.v1+json")];
        client::send(self.address, &format!("GET /v2/{path}"), &accept, b"").expect("an answer")
    }
}
