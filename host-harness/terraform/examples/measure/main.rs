//! What the provider takes: its size, the time from its start to its schema, and its memory
//! while a function runs. `cargo xtask provider` builds this with the provider and runs it:
//!
//!     measure PROGRAM
//!
//! It prints rows as JSON: a name, a unit, the value, and the most that it may be.

mod plugin;

use std::error::Error;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::plugin::Plugin;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How often the time to the schema is taken, of which the median counts.
const STARTS: usize = 21;
/// How long a provider may take until it calls: it compiles the component where the cache
/// has none.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let program: PathBuf = std::env::args_os()
        .nth(1)
        .ok_or("name the provider's program")?
        .into();
    let megabytes = fs::metadata(&program)?.len() as f64 / 1e6;
    // The first start reads the program from the disk.
    start(&program).await?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(start(&program).await?);
    }
    times.sort();
    let median = times.get(STARTS / 2).copied().unwrap_or_default();
    let rows: [Value; 3] = [
        row("Terraform provider: program", "MB", megabytes, 40),
        row(
            "Terraform provider: start to schema",
            "ms",
            median.as_secs_f64() * 1e3,
            50,
        ),
        row(
            "Terraform provider: resident memory while a function runs",
            "MB",
            waiting(&program).await?,
            60,
        ),
    ];
    println!("{}", json!(rows));
    Ok(())
}

fn row(name: &str, unit: &str, ours: f64, target: u32) -> Value {
    json!({ "name": name, "unit": unit, "ours": ours, "target": target })
}

/// The time from the start of the program until its schema is there.
async fn start(program: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut plugin = Plugin::start(program, "http://127.0.0.1:9").await?;
    plugin.schema().await?;
    Ok(started.elapsed())
}

/// The resident memory of a provider whose call is not answered yet, in MB.
async fn waiting(program: &Path) -> Result<f64> {
    // It takes the connection, and nobody reads from it.
    let lambda = TcpListener::bind("127.0.0.1:0")?;
    lambda.set_nonblocking(true)?;
    let mut plugin = Plugin::start(program, &format!("http://{}", lambda.local_addr()?)).await?;
    plugin.schema().await?;
    plugin.configure().await?;
    plugin.begin_creation()?;
    let started = Instant::now();
    let _connection = loop {
        if let Ok(connection) = lambda.accept() {
            break connection;
        }
        if started.elapsed() > PATIENCE {
            return Err("the provider does not call".into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    // It has written the request by then.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let status = fs::read_to_string(format!("/proc/{}/status", plugin.id()))
        .map_err(|error| format!("memory is read from Linux's /proc alone: {error}"))?;
    let kilobytes: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("no line VmRSS")?
        .parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
