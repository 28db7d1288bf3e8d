//! Memory of calls that wait for their function.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::caller::Caller;
use crate::invoke::payload;
use crate::measured::Measured;
use crate::options::Options;
use crate::server::{ECHO, HELD, Server};
use crate::way::Way;

/// Calls begun at a time, so that the server's queue of connections does not overflow.
const STEP: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures in processes of their own, as memory that was used before stays with a
/// process.
pub fn measure(options: &Options, to: &mut Measured) {
    let ways = Way::TOGETHER.into_iter().chain([Way::SdkNew]);
    for (calls, case) in [(1_000, "1,000 waiting"), (5_000, "5,000 waiting")] {
        for way in ways.clone() {
            match child(options, way, calls) {
                Ok(bytes) => to.value("memory", way.name(), case, "KB", bytes / 1e3),
                Err(error) => to.note(&format!("memory, {case}, {}", way.name()), &error),
            }
        }
    }
}

/// Bytes for each call.
fn child(options: &Options, way: Way, calls: usize) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--memory", &format!("{way:?}:{calls}")])
        .arg("--component")
        .arg(&options.component)
        .arg("--sdk")
        .arg(&options.sdk)
        .stdin(Stdio::null())
        .output()?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{}",
            stderr
                .trim()
                .lines()
                .last()
                .unwrap_or("failed without a word")
        );
    }
    stdout
        .trim()
        .parse()
        .with_context(|| format!("printed {stdout:?}"))
}

/// Raises the limit on open files: both ends of each connection are here.
pub fn raise_descriptors(calls: usize) -> Result<()> {
    let wanted = calls as u64 * 2 + 200;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        ensure!(
            limit.maximum.is_none_or(|maximum| maximum >= wanted),
            "needs {wanted} open files, and no more than {:?} are permitted (ulimit -Hn)",
            limit.maximum
        );
        setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(wanted),
                maximum: limit.maximum,
            },
        )?;
    }
    Ok(())
}

/// What the child does: prints by how many bytes it grows for each call.
pub async fn in_flight(server: Server, caller: Caller, calls: usize) -> Result<()> {
    let caller = Arc::new(caller);
    for _ in 0..20 {
        caller.call(ECHO, payload(100)).await?;
    }
    let before = resident()?;
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for step in (0..calls).step_by(STEP) {
        let until = (step + STEP).min(calls);
        for _ in step..until {
            let caller = Arc::clone(&caller);
            tasks.spawn(async move { caller.call(HELD, payload(100)).await });
        }
        while server.counts().held.load(Relaxed) < until {
            if let Some(early) = tasks.try_join_next() {
                early??;
                bail!("a call has ended before its function");
            }
            ensure!(
                started.elapsed() < PATIENCE,
                "{until} calls were not under way in time"
            );
            sleep(Duration::from_millis(1)).await;
        }
    }
    sleep(Duration::from_millis(300)).await;
    let after = resident()?;
    server.release();
    while let Some(task) = tasks.join_next().await {
        ensure!(task??.len() == 100, "a wrong answer");
    }
    println!("{}", (after - before) / calls as f64);
    Ok(())
}

/// Bytes of this process in memory.
fn resident() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("reading /proc/self/status")?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .context("no VmRSS")?;
    Ok(kilobytes.trim().parse::<f64>()? * 1024.0)
}
