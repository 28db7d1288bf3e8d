//! The project's chores: `cargo xtask help` lists them.

mod bench;
mod check;
mod components;
mod compose;
mod demo;
mod dist;
mod fuzz;
mod hosts;
mod instructions;
mod provider;
mod run;
mod semver;
mod vendor_wit;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <chore>

  build         build the components into target/components/
  demo          show the main job: the component invokes functions on the local endpoint
  test          check, then run every test (real peers are installed into target/)
  check         build the components; hold sizes, imports, allocations and instructions to
                budgets.toml, and the vendored WIT to its source
  provider      build the providers for Terraform and Pulumi as they are shipped, with the component
                inside, into target/terraform/ and target/pulumi/; hold their size, start and
                memory to what they may be
  compose       join the component of examples/composition to the plugin, into
                target/components/nightly-report.wasm
  dist          make all that is released, into target/artifacts/, and build the components a second
                time elsewhere to compare (--short: all but the native programs)
  bench         measure the component beside the AWS SDK, natively and in wasm, and the AWS
                CLI, and write docs/benchmarks/ (--quick: a short run that writes nothing)
  fuzz          give the targets in fuzz/ to libFuzzer, which needs a nightly toolchain
                (fuzz TARGET: only that one; --minutes N: each for so long, by default 5)
  hosts         install every host of docs/hosts.md into target/, run every case on each, and
                write that page (hosts NAME: only hosts whose name and version contain it)
  semver        compare the public API of the crates with that of the last release
  vendor-wit    copy the WASI WIT packages into wit/deps again (--check: compare only)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match chore(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn chore(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["build"] => components::build(),
        ["demo"] => demo::demo(),
        ["test", rest @ ..] => run::test(rest),
        ["check"] => check::check(),
        ["provider"] => provider::provider(),
        ["bench", rest @ ..] => bench::bench(rest),
        ["dist"] => dist::dist(dist::Extent::Full),
        ["dist", "--short"] => dist::dist(dist::Extent::Short),
        ["compose"] => components::build().and_then(|()| compose::compose()),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["hosts"] => hosts::hosts(""),
        ["hosts", name] => hosts::hosts(name),
        ["semver"] => semver::check(),
        ["vendor-wit"] => vendor_wit::vendor(),
        ["vendor-wit", "--check"] => vendor_wit::check(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("no such chore: {}\n\n{HELP}", other.join(" ")),
    }
}

/// The root of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// The target directory: `CARGO_TARGET_DIR` where set, as cargo has it.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}
