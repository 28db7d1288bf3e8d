//! `lambda-host`: the command line of `lambda-invocation`, carried out by the plugin
//! in a wasmtime of its own.

#![forbid(unsafe_code)]

mod cli;
mod inspect;
mod lambda;
mod local;
mod progress;

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use lambda_invocation_command::grammar::Verb;
use lambda_invocation_command::render::{Streams, wants_color};
use lambda_invocation_command::run::{self, Session};
use lambda_invocation_command::{environment, exit};

use cli::{Cli, HostVerb};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no runtime: {error}");
            return ExitCode::from(exit::TRANSPORT);
        }
    };
    // Not locked: what runs beside the command writes to standard error, too.
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let mut streams = Streams {
        out_is_terminal: out.is_terminal(),
        out: &mut out,
        color: wants_color(err.is_terminal()),
        err: &mut err,
    };
    let code = run(cli, &runtime, &mut streams);
    // The streams are gone when writing to them fails; nothing is left to say.
    ExitCode::from(code.unwrap_or(exit::TRANSPORT))
}

fn run(cli: Cli, runtime: &tokio::runtime::Runtime, streams: &mut Streams<'_>) -> io::Result<u8> {
    let output = cli.common.output;
    match cli.verb {
        HostVerb::Local(options) => local::serve(&options, &cli.common, runtime, streams),
        HostVerb::Inspect => inspect::inspect(&cli.host, output, streams),
        HostVerb::Shared(verb) => {
            let interrupted = Arc::new(AtomicBool::new(false));
            if matches!(verb, Verb::Lifecycle(_)) {
                runtime.spawn(finish_before_ending(Arc::clone(&interrupted)));
            }
            let connection = match cli.common.connection(&environment()) {
                Ok(connection) => connection,
                Err(error) => return streams.error(&error, output),
            };
            match lambda::Embedded::start(&cli.host, &cli.common, runtime) {
                Ok(mut lambda) => run::run(
                    verb,
                    Session {
                        lambda: &mut lambda,
                        streams,
                        connection,
                        output,
                        interrupted: &|| interrupted.load(Ordering::Relaxed),
                    },
                ),
                Err(error) => streams.error(&error, output),
            }
        }
    }
}

/// Lets the first Ctrl-C wait for the invocation under way, whose outcome belongs in
/// the state; the second one does not wait.
async fn finish_before_ending(interrupted: Arc<AtomicBool>) {
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    interrupted.store(true, Ordering::Relaxed);
    eprintln!("\ninterrupted: stopping after the invocation under way; again to stop at once");
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(i32::from(exit::INTERRUPTED));
    }
}
