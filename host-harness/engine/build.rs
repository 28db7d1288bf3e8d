//! Puts the component into the program, where `LAMBDA_COMPONENT_TO_EMBED` names its file.
//! Without, as in a fresh clone where no component has been built, the program looks for a
//! file when it runs.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const VARIABLE: &str = "LAMBDA_COMPONENT_TO_EMBED";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let expression = match env::var(VARIABLE) {
        Ok(path) => {
            let path = fs::canonicalize(&path).map_err(|e| format!("{VARIABLE}={path}: {e}"))?;
            println!("cargo::rerun-if-changed={}", path.display());
            format!("Some(include_bytes!({path:?}))")
        }
        Err(_) => "None".to_owned(),
    };
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("embedded.rs"), expression)?;
    Ok(())
}
