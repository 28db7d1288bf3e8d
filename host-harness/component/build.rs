//! Puts the components into the crate: the files that environment variables name, or else those
//! that were packaged with the crate. A build from the repository has neither.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The variable, the file in the package, and what is written for `lib.rs` to include.
const COMPONENTS: &[(&str, &str, &str)] = &[
    (
        "LAMBDA_COMPONENT_TO_EMBED",
        "lambda-invocation.wasm",
        "plugin.rs",
    ),
    (
        "LAMBDA_SERVICE_COMPONENT_TO_EMBED",
        "lambda-invocation-service.wasm",
        "service.rs",
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = env::var("CARGO_MANIFEST_DIR")?;
    let out = env::var("OUT_DIR")?;
    for (variable, packaged, included) in COMPONENTS {
        println!("cargo::rerun-if-env-changed={variable}");
        let packaged = Path::new(&folder).join(packaged);
        let file = match env::var(variable) {
            Ok(path) => {
                let path = PathBuf::from(path);
                let found = path.canonicalize();
                Some(found.map_err(|e| format!("{variable}={}: {e}", path.display()))?)
            }
            Err(_) => packaged.is_file().then_some(packaged),
        };
        let expression = match file {
            Some(path) => {
                println!("cargo::rerun-if-changed={}", path.display());
                format!("Some(include_bytes!({path:?}))")
            }
            None => "None".to_owned(),
        };
        fs::write(Path::new(&out).join(included), expression)?;
    }
    Ok(())
}
