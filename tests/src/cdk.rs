//! CDK for Terraform, which was archived, and CDK Terrain, which goes on with it: programs
//! in TypeScript that write configurations for Terraform.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::peer::{cannot, install_once, npm_ci, run};

/// One of the two libraries, with the app that uses it.
#[derive(Debug, Clone, Copy)]
pub struct Library {
    /// Its name, and its directory in `tests/peers`.
    pub name: &'static str,
    version: &'static str,
    /// The package of the AWS provider's classes.
    classes: &'static str,
    package_json: &'static str,
    package_lock: &'static str,
    app: &'static str,
}

/// Both.
pub const LIBRARIES: [Library; 2] = [
    Library {
        name: "cdktf",
        version: "0.21.0",
        classes: "@cdktf/provider-aws",
        package_json: include_str!("../peers/cdktf/package.json"),
        package_lock: include_str!("../peers/cdktf/package-lock.json"),
        app: include_str!("../peers/cdktf/app.ts"),
    },
    Library {
        name: "cdktn",
        version: "0.24.0",
        classes: "@cdktn/provider-aws",
        package_json: include_str!("../peers/cdktn/package.json"),
        package_lock: include_str!("../peers/cdktn/package-lock.json"),
        app: include_str!("../peers/cdktn/app.ts"),
    },
];

/// The classes that the apps use, of some two thousand that take 400 MB.
const CLASSES: &[&str] = &[
    "data-aws-lambda-invocation",
    "ephemeral-aws-lambda-invocation",
    "lambda-invocation",
    "provider",
    "provider-functions",
];

impl Library {
    /// Compiles and runs the app, and returns the configuration that it writes, as it is.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people: no Node, no npm, no network.
    ///
    /// # Panics
    ///
    /// When it is installed and does not work.
    pub fn synthesise(&self) -> Result<String, String> {
        let modules = self.install()?;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path();
        fs::write(path.join("app.ts"), self.app).expect("a file");
        std::os::unix::fs::symlink(modules.join("node_modules"), path.join("node_modules"))
            .expect("a link");
        let node = |arguments: &[&str]| {
            run(Command::new("node")
                .args(arguments)
                .current_dir(path)
                .env("CHECKPOINT_DISABLE", "1"))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        };
        node(&[
            "node_modules/typescript/bin/tsc",
            "--module",
            "commonjs",
            "--target",
            "es2022",
            "--skipLibCheck",
            "app.ts",
        ]);
        node(&["app.js"]);
        let written = path.join("cdktf.out/stacks/example/cdk.tf.json");
        Ok(fs::read_to_string(written).expect("what the library writes"))
    }

    fn install(&self) -> Result<PathBuf, String> {
        let name = format!("{}-{}", self.name, self.version);
        install_once(&name, self.package_lock, |directory| {
            npm_ci(directory, self.package_json, self.package_lock)?;
            let classes = directory.join("node_modules").join(self.classes);
            prune(&classes).map_err(|e| cannot("reduce", &classes, &e))
        })
    }
}

/// Leaves of a package what the apps use.
fn prune(package: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(package.join("lib"))? {
        let entry = entry?;
        let kept = CLASSES.iter().any(|class| entry.file_name() == **class);
        if entry.file_type()?.is_dir() && !kept {
            fs::remove_dir_all(entry.path())?;
        }
    }
    // For other languages than JavaScript's: a hundred megabytes.
    let other = package.join(".jsii");
    if other.exists() {
        fs::remove_file(other)?;
    }
    Ok(())
}
