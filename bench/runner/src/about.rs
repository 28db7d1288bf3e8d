//! What the numbers belong to: machine and versions.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cold::{AWSCLI, BOTO3, WASMTIME};
use crate::options::Options;

/// What is looked up in the lock file.
const CRATES: &[&str] = &[
    "aws-sdk-lambda",
    "aws-smithy-runtime",
    "aws-smithy-wasm",
    "aws-sigv4",
    "hyper",
    "lambda-invocation-host",
    "rustls",
    "tokio",
    "wasmtime",
    "wstd",
];

/// Processor, memory and system.
pub fn machine() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start_matches([' ', '\t', ':']).trim().to_owned())
    };
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<f64>().ok())
        .unwrap_or_default()
        / (1024.0 * 1024.0);
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // The rest of it says who built the kernel.
    let kernel: Vec<&str> = release.trim().split(['.', '-']).take(2).collect();
    format!(
        "{}, {cores} cores, {memory:.0} GiB of memory, {} {} {}",
        if processor.is_empty() {
            "a processor without a name"
        } else {
            &processor
        },
        std::env::consts::OS,
        kernel.join("."),
        std::env::consts::ARCH
    )
}

/// Versions by name: of crates from the lock file, of the programs as installed.
pub fn versions(options: &Options) -> Result<BTreeMap<String, String>> {
    let lock = fs::read_to_string(&options.lock)
        .with_context(|| format!("reading {}", options.lock.display()))?;
    let mut versions = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start_matches(" = ").trim_matches('"'))
        };
        if let (Some(name), Some(version)) = (field("name"), field("version"))
            && CRATES.contains(&name)
        {
            versions.insert(name.to_owned(), version.to_owned());
        }
    }
    for package in [AWSCLI, BOTO3, WASMTIME] {
        versions.insert(package.name.to_owned(), package.version.to_owned());
    }
    let rustc = Command::new("rustc").arg("--version").output()?;
    let said = String::from_utf8_lossy(&rustc.stdout);
    let version = said.split(' ').nth(1).unwrap_or("unknown");
    versions.insert("rustc".to_owned(), version.to_owned());
    Ok(versions)
}
