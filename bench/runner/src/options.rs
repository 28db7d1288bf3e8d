//! What the runner is told on its command line, by `cargo xtask bench`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

/// What can be measured by itself.
const PARTS: [&str; 10] = [
    "artifact",
    "provider",
    "invoke",
    "tls",
    "sign",
    "cold",
    "lifecycle",
    "throughput",
    "connections",
    "memory",
];

/// The command line.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Fewer rounds: to see that it runs, not to look at the numbers.
    pub quick: bool,
    /// Only the parts with these names; all, if empty.
    pub only: Vec<String>,
    /// Our component.
    pub component: PathBuf,
    /// Our command component.
    pub command: PathBuf,
    /// The unsigned floor.
    pub floor: PathBuf,
    /// The SDK in wasm.
    pub sdk: PathBuf,
    /// The program.
    pub lambda_host: PathBuf,
    /// What was measured of the Terraform provider, if it was built.
    pub provider: Option<PathBuf>,
    /// The lock file with the peers' versions.
    pub lock: PathBuf,
    /// Where the results go; nowhere, if not set.
    pub out: Option<PathBuf>,
    /// Only call, for a profiler to watch.
    pub profile: Option<Profile>,
    /// Measure memory in this process: the way, and how many calls are in flight.
    pub memory: Option<(String, usize)>,
}

/// What a profiler is to watch.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The way.
    pub way: String,
    /// The bytes of the payload.
    pub bytes: usize,
    /// So many calls at a time of a function that takes a while; without it, one after
    /// the other of one that answers at once.
    pub together: Option<usize>,
}

impl Profile {
    /// `WAY:BYTES` or `WAY:BYTES:CALLS`.
    fn parse(text: &str) -> Result<Self> {
        const FORM: &str = "--profile WAY:BYTES[:CALLS]";
        let mut parts = text.split(':');
        let profile = Self {
            way: parts.next().context(FORM)?.to_owned(),
            bytes: parts.next().context(FORM)?.parse()?,
            together: parts.next().map(str::parse).transpose()?,
        };
        ensure!(parts.next().is_none(), FORM);
        Ok(profile)
    }
}

impl Options {
    /// Reads the command line.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self::default();
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            if name == "--quick" {
                options.quick = true;
                continue;
            }
            let value = arguments
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match &*name {
                "--only" => {
                    for part in value.split(',') {
                        ensure!(
                            PARTS.contains(&part),
                            "no such part: {part}; there are {}",
                            PARTS.join(", ")
                        );
                        options.only.push(part.to_owned());
                    }
                }
                "--component" => options.component = value.into(),
                "--command" => options.command = value.into(),
                "--floor" => options.floor = value.into(),
                "--sdk" => options.sdk = value.into(),
                "--lambda-host" => options.lambda_host = value.into(),
                "--provider" => options.provider = Some(value.into()),
                "--lock" => options.lock = value.into(),
                "--out" => options.out = Some(value.into()),
                "--profile" => {
                    options.profile = Some(Profile::parse(&value)?);
                }
                "--memory" => {
                    let (way, calls) = value.split_once(':').context("--memory WAY:CALLS")?;
                    options.memory = Some((way.to_owned(), calls.parse()?));
                }
                _ => bail!("no such option: {name}"),
            }
        }
        Ok(options)
    }

    /// Whether a part is to be measured.
    pub fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }

    /// How often: `full`, or with `--quick` a part of it.
    pub fn rounds(&self, full: usize) -> usize {
        if self.quick { (full / 5).max(2) } else { full }
    }
}
