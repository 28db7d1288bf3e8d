//! The composition: the component of `examples/composition`, whose import
//! `lambda:invocation/invoke` is answered by the plugin.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::check::imports;
use crate::components::ensure_target;
use crate::{run, target};

const TARGET: &str = "wasm32-wasip2";
const NAME: &str = "nightly-report";

/// Builds the example and joins it to the plugin, which is built by then.
pub fn compose() -> Result<()> {
    ensure_target(TARGET)?;
    run::run(
        run::cargo()
            .args(["build", "--locked", "--profile", "component"])
            .args(["--package", NAME, "--target", TARGET]),
    )?;
    let components = target().join("components");
    let alone = target().join(TARGET).join("component/nightly-report.wasm");
    // docs/hosts.md says so, and it is the point of the example.
    let asks_for_http = imports(&fs::read(&alone)?)?
        .iter()
        .any(|import| import.starts_with("wasi:http/"));
    ensure!(!asks_for_http, "{NAME} imports HTTP itself");
    // A program of its own: the library it needs would double the time that xtask takes
    // to build.
    run::run(run::cargo_workspace("build").args(["--bin", "join"]))?;
    let joined = components.join("nightly-report.wasm");
    run::run(
        Command::new(target().join("debug/join"))
            .arg(&alone)
            .arg(components.join("lambda-invocation.wasm"))
            .arg(&joined),
    )?;
    println!("{}", joined.display());
    Ok(())
}
