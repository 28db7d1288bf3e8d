//! Runs the `credential_process` of a profile.

use std::process::Stdio;
use std::time::Duration;

use lambda_invocation_core::credentials::process::{Process, TIMEOUT};
use lambda_invocation_core::credentials::{Fetched, MAX_ANSWER};
use lambda_invocation_core::error::Error;
use tokio::io::{AsyncReadExt as _, copy, stderr};
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::now;

/// For what is left of its standard error when it has ended.
const GRACE: Duration = Duration::from_millis(100);

/// Runs it and reads what it prints on standard output. What it prints on standard error is
/// passed on to ours: there it asks for what it needs and says why it fails.
///
/// It is killed when it does not end in time, prints more than an answer, or is no longer
/// waited for. What it has started itself may live on, without a way to hold us back: both
/// streams are pipes of our own.
pub(super) async fn run(process: &Process) -> Result<Fetched, Error> {
    let running = output(process);
    let output = timeout(TIMEOUT, running).await.unwrap_or_else(|_| {
        Err(process.failed(&format!("it did not end within {} s", TIMEOUT.as_secs())))
    })?;
    process.read(&output, now())
}

async fn output(process: &Process) -> Result<Zeroizing<Vec<u8>>, Error> {
    let broken = |error: std::io::Error| process.failed(&format!("it cannot be run: {error}"));
    let mut child = shell(&process.command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(broken)?;
    let said = child.stderr.take().map(|mut said| {
        tokio::spawn(async move {
            // Nothing is left to do when our own is closed.
            let _ = copy(&mut said, &mut stderr()).await;
        })
    });
    let mut output = Zeroizing::new(Vec::new());
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = stdout.take(MAX_ANSWER + 1);
        stdout.read_to_end(&mut output).await.map_err(broken)?;
    }
    if u64::try_from(output.len()).is_ok_and(|length| length > MAX_ANSWER) {
        return Err(process.failed(&format!("it prints more than {MAX_ANSWER} bytes")));
    }
    let status = child.wait().await.map_err(broken)?;
    if let Some(said) = said {
        let _ = timeout(GRACE, said).await;
    }
    if !status.success() {
        return Err(process.failed(&format!("it failed ({status}): run it to see why")));
    }
    Ok(output)
}

/// The command line, for the shell that the AWS SDKs give it to.
fn shell(command: &str) -> Command {
    let (program, option) = if cfg!(windows) {
        ("cmd.exe", "/C")
    } else {
        ("sh", "-c")
    };
    let mut shell = Command::new(program);
    shell.args([option, command]);
    shell
}
