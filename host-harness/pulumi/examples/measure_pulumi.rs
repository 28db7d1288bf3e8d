//! What the provider takes: its size, and the time from its start until Pulumi can connect.
//! `cargo xtask provider` builds this with the provider and runs it:
//!
//!     measure_pulumi PROGRAM
//!
//! It prints rows as JSON: a name, a unit, the value, and the most that it may be.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often the time is taken, of which the median counts.
const STARTS: usize = 21;

fn main() -> Result<()> {
    let program: PathBuf = std::env::args_os()
        .nth(1)
        .ok_or("name the provider's program")?
        .into();
    let megabytes = fs::metadata(&program)?.len() as f64 / 1e6;
    // The first start reads the program from the disk.
    start(&program)?;
    let mut times = (0..STARTS)
        .map(|_| start(&program))
        .collect::<Result<Vec<_>>>()?;
    times.sort();
    let median = times.get(STARTS / 2).copied().unwrap_or_default();
    let rows = json!([
        { "name": "Pulumi provider: program", "unit": "MB", "ours": megabytes, "target": 40 },
        {
            "name": "Pulumi provider: start to port",
            "unit": "ms",
            "ours": median.as_secs_f64() * 1e3,
            "target": 50,
        },
    ]);
    println!("{rows}");
    Ok(())
}

/// The time from the start of the program until it listens, which its port says.
fn start(program: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut provider = Command::new(program).stdout(Stdio::piped()).spawn()?;
    let stdout = provider.stdout.take().ok_or("no standard output")?;
    let mut port = String::new();
    BufReader::new(stdout).read_line(&mut port)?;
    let elapsed = started.elapsed();
    provider.kill()?;
    provider.wait()?;
    port.trim()
        .parse::<u16>()
        .map_err(|error| format!("{port:?} is no port: {error}"))?;
    Ok(elapsed)
}
