//! Chromium without a screen, from npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::peer::{install_once, npm_ci, run};

const VERSION: &str = "153.0.0";
const PACKAGE_JSON: &str = include_str!("../peers/chromium/package.json");
const PACKAGE_LOCK: &str = include_str!("../peers/chromium/package-lock.json");
const SCRIPT: &str = include_str!("../peers/chromium/run.mjs");

/// Where it is installed.
#[derive(Debug)]
pub struct Chromium {
    folder: PathBuf,
}

impl Chromium {
    /// Installs it, unless an earlier run has.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, or does not start here, for people.
    pub fn install() -> Result<Self, String> {
        let folder = install_once(
            &format!("chromium-{VERSION}"),
            &[PACKAGE_LOCK, SCRIPT].concat(),
            |folder| {
                npm_ci(folder, PACKAGE_JSON, PACKAGE_LOCK)?;
                let script = folder.join("run.mjs");
                std::fs::write(&script, SCRIPT)
                    .map_err(|e| crate::peer::cannot("write", &script, &e))?;
                // A library of the system may be missing.
                let starts = "import c from '@sparticuz/chromium'; import { execFileSync as e } from \
                     'node:child_process'; e(await c.executablePath(), ['--version']);";
                let node = ["--input-type=module", "--eval", starts];
                run(Command::new("node").args(node).current_dir(folder)).map(drop)
            },
        )?;
        Ok(Self { folder })
    }

    /// Invokes a function through `page.html` of a folder, and returns what the page shows.
    /// The endpoint's variables are `environment`.
    ///
    /// # Panics
    ///
    /// When the page shows nothing.
    pub fn invoke(
        &self,
        page: &Path,
        environment: &[(&str, String)],
        function: &str,
        payload: &str,
    ) -> String {
        let mut command = Command::new("node");
        command
            .arg("run.mjs")
            .arg(page)
            .args([function, payload])
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .current_dir(&self.folder);
        run(&mut command).unwrap_or_else(|error| panic!("the page: {error}"))
    }
}
