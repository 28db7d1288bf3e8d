//! `lambda-host`: the command line of `lambda-invocation`, carried out by the plugin
//! in a wasmtime of its own.

#![forbid(unsafe_code)]

mod cli;
mod inspect;
mod lambda;
mod local;
mod progress;
mod serve;
mod signals;

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _};
use lambda_invocation_command::interrupt::Interrupt;
use lambda_invocation_command::render::{Streams, wants_color};
use lambda_invocation_command::run::{self, Session};
use lambda_invocation_command::{environment, exit, help};
use lambda_invocation_core::call::connection::RetryMode;

use cli::{Cli, HostVerb, NAME};

fn main() -> ExitCode {
    let matches = help::tailored(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    // The local endpoint holds keys of its own, and a command that it runs is not to lose its
    // core dumps. What a system does not grant is no reason not to call.
    if !matches!(cli.verb, HostVerb::Local(_)) {
        let _ = lambda_invocation_host::forbid_core_dumps();
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if !matches!(cli.verb, HostVerb::Serve(_)) {
        runtime.worker_threads(2);
    }
    let runtime = match runtime.enable_all().build() {
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
        out_color: wants_color(out.is_terminal()),
        out: &mut out,
        err_color: wants_color(err.is_terminal()),
        err: &mut err,
        retry: RetryMode::default(),
    };
    let code = run(cli, &runtime, &mut streams);
    // A name that is still looked up must not hold the program back beyond its deadline.
    runtime.shutdown_background();
    ExitCode::from(code.unwrap_or_else(|error| streams.lost(&error, "")))
}

fn run(cli: Cli, runtime: &tokio::runtime::Runtime, streams: &mut Streams<'_>) -> io::Result<u8> {
    let output = cli.common.output;
    match cli.verb {
        HostVerb::Local(options) => local::serve(&options, &cli.common, runtime, streams),
        HostVerb::Serve(options) => {
            serve::serve(*options, &cli.common, &cli.host, runtime, streams)
        }
        HostVerb::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut help::tailored(Cli::command()),
                NAME,
                streams.out,
            );
            streams.out.flush().map(|()| exit::DONE)
        }
        HostVerb::ManualPages { folder } => {
            clap_mangen::generate_to(help::tailored(Cli::command()), folder).map(|()| exit::DONE)
        }
        HostVerb::Inspect => inspect::inspect(&cli.host, output, streams),
        HostVerb::Shared(verb) => {
            let interrupt = Arc::new(Interrupt::default());
            runtime.spawn(signals::watch(Arc::clone(&interrupt)));
            let connection = match cli.common.connection(&environment()) {
                Ok(connection) => connection,
                Err(error) => return streams.error(&error, output),
            };
            let mut stdin = io::BufReader::new(io::stdin());
            let asked = io::stdin().is_terminal() && io::stderr().is_terminal();
            match lambda::Embedded::start(&cli.host, &cli.common, runtime, Arc::clone(&interrupt)) {
                Ok(mut lambda) => run::run(
                    verb,
                    Session {
                        lambda: &mut lambda,
                        streams,
                        connection,
                        output,
                        terminal: asked.then_some(&mut stdin),
                        interrupt: &interrupt,
                    },
                ),
                Err(error) => streams.error(&error, output),
            }
        }
    }
}
