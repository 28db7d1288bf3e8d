//! What the runner is told on its command line, by `cargo xtask bench`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

/// On how many processors a part is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cpus {
    /// One, where waking another would be most of the time, and then on all.
    OneAndAll,
    /// All that there are.
    All,
}

/// What can be measured by itself.
pub const PARTS: [(&str, Cpus); 10] = [
    ("invoke", Cpus::OneAndAll),
    ("throughput", Cpus::OneAndAll),
    ("memory", Cpus::All),
    ("tls", Cpus::All),
    ("component", Cpus::All),
    ("providers", Cpus::All),
    ("cold", Cpus::All),
    ("lifecycle", Cpus::All),
    ("connections", Cpus::All),
    ("sign", Cpus::All),
];

/// A part on one processor, or on all.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Of [`PARTS`].
    pub part: &'static str,
    /// Whether it has one processor.
    pub one_cpu: bool,
}

impl Job {
    /// The jobs of a part.
    pub fn of(part: &'static str, cpus: &Cpus) -> Vec<Self> {
        let on = match cpus {
            Cpus::OneAndAll => &[true, false][..],
            Cpus::All => &[false],
        };
        on.iter().map(|&one_cpu| Self { part, one_cpu }).collect()
    }

    /// For people.
    pub fn name(self) -> String {
        let cpus = if self.one_cpu { ", one CPU" } else { "" };
        format!("{}{cpus}", self.part)
    }
}

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
    /// Our component with `exchange` alone.
    pub exchange: PathBuf,
    /// The SDK in wasm.
    pub sdk: PathBuf,
    /// The program.
    pub lambda_host: PathBuf,
    /// What was measured of the providers, if they could be built.
    pub provider: Option<PathBuf>,
    /// The lock file with the peers' versions.
    pub lock: PathBuf,
    /// Where the results go; nowhere, if not set.
    pub out: Option<PathBuf>,
    /// Only call, for a profiler to watch.
    pub profile: Option<Profile>,
    /// Measure memory in this process: the way, and how many calls are in flight.
    pub memory: Option<(String, usize)>,
    /// Measure this part in this process.
    pub part: Option<String>,
    /// This process has one processor.
    pub one_cpu: bool,
    /// Where the values of the part go.
    pub values: PathBuf,
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
            match &*name {
                "--quick" => options.quick = true,
                "--one-cpu" => options.one_cpu = true,
                _ => {}
            }
            if matches!(&*name, "--quick" | "--one-cpu") {
                continue;
            }
            let value = arguments
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match &*name {
                "--only" => {
                    for part in value.split(',') {
                        let names = PARTS.map(|(name, _)| name);
                        ensure!(
                            names.contains(&part),
                            "no such part: {part}; there are {}",
                            names.join(", ")
                        );
                        options.only.push(part.to_owned());
                    }
                }
                "--component" => options.component = value.into(),
                "--command" => options.command = value.into(),
                "--floor" => options.floor = value.into(),
                "--exchange" => options.exchange = value.into(),
                "--part" => options.part = Some(value),
                "--values" => options.values = value.into(),
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
