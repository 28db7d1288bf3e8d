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
    all_or_none(Path::new(&folder))?;
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

/// A crate that was packaged with one of them alone would look whole, and fail where it is used.
fn all_or_none(folder: &Path) -> Result<(), String> {
    let packaged = |file: &&str| folder.join(file).is_file();
    let files = COMPONENTS.iter().map(|(_, file, _)| *file);
    let (there, missing): (Vec<_>, Vec<_>) = files.partition(packaged);
    if there.is_empty() || missing.is_empty() {
        return Ok(());
    }
    let (there, missing) = (there.join(", "), missing.join(", "));
    Err(format!(
        "{} has {there} and not {missing}: it needs all of them, or none",
        folder.display()
    ))
}
