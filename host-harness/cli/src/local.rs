//! `lambda-host local`.

use std::io;
use std::process::ExitStatus;

use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::Common;
use lambda_invocation_command::render::Streams;
use lambda_invocation_core::error::Error;
use lambda_invocation_local::{FUNCTIONS, LocalEndpoint};
use tokio::process::{Child, Command};

use crate::cli::LocalOptions;
use crate::signals::Signals;

/// Variables that would have a client sign as somebody else, or ask elsewhere.
const IN_THE_WAY: &[&str] = &[
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
];

/// Runs the local endpoint: as long as a command takes that is given its variables, or
/// until it is interrupted. Then standard output gets the lines a shell evaluates to use
/// it.
pub fn serve(
    options: &LocalOptions,
    common: &Common,
    runtime: &tokio::runtime::Runtime,
    streams: &mut Streams<'_>,
) -> io::Result<u8> {
    let mut builder = LocalEndpoint::builder().bind(options.bind);
    if let Some(region) = &common.region {
        builder = builder.region(region);
    }
    let endpoint = match runtime.block_on(builder.start()) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            let error = Error::invalid("bind", format!("cannot listen there: {error}"));
            return streams.error(&error, common.output);
        }
    };
    let variables = variables(&endpoint);
    let code = if let [program, arguments @ ..] = options.command.as_slice() {
        let mut command = Command::new(program);
        command.args(arguments).envs(variables);
        for name in IN_THE_WAY {
            command.env_remove(name);
        }
        match runtime.block_on(run(command)) {
            Ok(status) => code_of(status),
            Err(error) => {
                let error = Error::invalid(
                    "command",
                    format!("cannot run {}: {error}", program.display()),
                );
                return streams.error(&error, common.output);
            }
        }
    } else {
        let exports = variables.map(|(name, value)| format!("export {name}={value}\n"));
        let lines = format!("{}unset {}\n", exports.concat(), IN_THE_WAY.join(" "));
        // In one piece: who has read enough may close the pipe.
        streams.out.write_all(lines.as_bytes())?;
        streams.out.flush()?;
        writeln!(
            streams.err,
            "a local Lambda endpoint; Ctrl-C ends it. Functions:"
        )?;
        for function in FUNCTIONS {
            writeln!(streams.err, "  {:10} {}", function.name, function.about)?;
        }
        runtime.block_on(async { Ok::<_, io::Error>(Signals::new()?.next().await) })?;
        exit::DONE
    };
    runtime.block_on(endpoint.shutdown());
    Ok(code)
}

/// How other programs reach the endpoint.
fn variables(endpoint: &LocalEndpoint) -> [(&'static str, String); 5] {
    let credentials = endpoint.credentials();
    [
        ("AWS_ENDPOINT_URL_LAMBDA", endpoint.url()),
        ("AWS_REGION", endpoint.region().to_owned()),
        // The AWS CLI and boto3 know no other.
        ("AWS_DEFAULT_REGION", endpoint.region().to_owned()),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        (
            "AWS_SECRET_ACCESS_KEY",
            credentials.secret_access_key.clone(),
        ),
    ]
}

/// Runs a command to its end. A signal is passed on to it, and its end awaited; a
/// terminal gives Ctrl-C to both by itself.
async fn run(mut command: Command) -> io::Result<ExitStatus> {
    let mut signals = Signals::new()?;
    let mut child = command.kill_on_drop(true).spawn()?;
    loop {
        tokio::select! {
            status = child.wait() => return status,
            signal = signals.next() => pass_on(&child, signal),
        }
    }
}

/// At a terminal Ctrl-C reaches the command by itself.
#[cfg(unix)]
fn pass_on(child: &Child, signal: i32) {
    use rustix::process::{Pid, Signal, kill_process};
    let child = child.id().and_then(|id| i32::try_from(id).ok());
    let signal = Signal::from_named_raw(signal).filter(|signal| *signal != Signal::INT);
    if let (Some(child), Some(signal)) = (child.and_then(Pid::from_raw), signal) {
        // It may have ended just now.
        let _ = kill_process(child, signal);
    }
}

#[cfg(not(unix))]
fn pass_on(_: &Child, (): ()) {}

/// The command's exit code, or what a shell says when a signal ended it.
fn code_of(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status
        .code()
        .or(signal.map(|signal| signal.saturating_add(128)));
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(exit::TRANSPORT)
}
