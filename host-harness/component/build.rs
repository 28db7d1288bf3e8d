//! Puts the component into the crate: the file that `LAMBDA_COMPONENT_TO_EMBED` names, or else
//! the one that was packaged with the crate. A build from the repository has neither.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

const VARIABLE: &str = "LAMBDA_COMPONENT_TO_EMBED";
const PACKAGED: &str = "lambda-invocation.wasm";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let packaged = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(PACKAGED);
    let file = match env::var(VARIABLE) {
        Ok(path) => {
            let path = PathBuf::from(path);
            let found = path.canonicalize();
            Some(found.map_err(|e| format!("{VARIABLE}={}: {e}", path.display()))?)
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
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("plugin.rs"), expression)?;
    Ok(())
}
