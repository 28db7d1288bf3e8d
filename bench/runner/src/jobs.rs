//! What is measured, each in a process of its own: what one leaves behind, or breaks, is no
//! other's.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::about;
use crate::measured::Measured;
use crate::options::{Job, Options, PARTS};
use crate::report::{Part, Report};
use crate::tables;

/// How long a job may take.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Does all jobs that are wanted, and writes what came of them after each.
pub fn run(options: &Options) -> Result<()> {
    let mut report = Report {
        machine: about::machine(),
        versions: about::versions(options)?,
        parts: Vec::new(),
    };
    let mut failed = Vec::new();
    for job in PARTS.iter().flat_map(|(part, cpus)| Job::of(part, cpus)) {
        if !options.wants(job.part) {
            continue;
        }
        let name = job.name();
        println!("# {name}");
        let started = Instant::now();
        let measured = child(job).unwrap_or_else(|error| {
            let mut nothing = Measured::default();
            nothing.note(&name, &error);
            failed.push(name.clone());
            nothing
        });
        let seconds = started.elapsed().as_secs_f64();
        println!("{name}: {seconds:.0} s");
        report.parts.push(Part {
            name,
            seconds: seconds.round(),
            measured,
        });
        if let Some(directory) = &options.out {
            if !options.only.is_empty() {
                report.keep_others_of(directory)?;
            }
            report.write(directory)?;
        }
    }
    println!("# Targets");
    for verdict in tables::verdicts(&report.values()) {
        if verdict.met.is_some() {
            println!("{}", verdict.line());
        }
    }
    let seconds: f64 = report.parts.iter().map(|part| part.seconds).sum();
    println!("{} parts took {seconds:.0} s", report.parts.len());
    if let Some(directory) = &options.out {
        println!("written to {}", directory.display());
    }
    if !failed.is_empty() {
        bail!("not measured: {}", failed.join("; "));
    }
    Ok(())
}

fn child(job: Job) -> Result<Measured> {
    let directory = tempfile::tempdir()?;
    let values = directory.path().join("values.json");
    let program = std::env::current_exe()?;
    let mut command = if job.one_cpu {
        let mut command = Command::new("taskset");
        command.arg("-c").arg(a_cpu()?).arg(program);
        command
    } else {
        Command::new(program)
    };
    command
        .args(std::env::args_os().skip(1))
        .arg("--part")
        .arg(job.part)
        .arg("--values")
        .arg(&values)
        .stdin(Stdio::null());
    if job.one_cpu {
        command.arg("--one-cpu");
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {:?}", command.get_program()))?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > LONGEST {
            child.kill()?;
            child.wait()?;
            bail!("it took longer than {} minutes", LONGEST.as_secs() / 60);
        }
        sleep(Duration::from_millis(200));
    };
    if !status.success() {
        bail!("the process ended with {status}");
    }
    read(&values)
}

fn read(values: &Path) -> Result<Measured> {
    let text = fs::read_to_string(values).context("it wrote no values")?;
    Ok(serde_json::from_str(&text)?)
}

/// A processor that this process may use.
fn a_cpu() -> Result<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let allowed = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .context("no Cpus_allowed_list")?;
    let first = allowed.trim().split([',', '-']).next();
    Ok(first.unwrap_or_default().to_owned())
}
