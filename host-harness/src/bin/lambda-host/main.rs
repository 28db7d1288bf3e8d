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

use clap::Parser;
use lambda_invocation_command::exit;
use lambda_invocation_command::render::Streams;

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
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let mut streams = Streams {
        out_is_terminal: out.is_terminal(),
        out: &mut out,
        err: &mut err,
    };
    let code = run(cli, &runtime, &mut streams);
    // The streams are gone when writing to them fails; nothing is left to say.
    ExitCode::from(code.unwrap_or(exit::TRANSPORT))
}

fn run(
    cli: Cli,
    runtime: &tokio::runtime::Runtime,
    streams: &mut Streams<'_>,
) -> io::Result<u8> {
    let output = cli.common.output;
    match cli.verb {
        HostVerb::Local(options) => local::serve(&options, &cli.common, runtime, streams),
        HostVerb::Inspect => inspect::inspect(&cli.host, output, streams),
        HostVerb::Shared(verb) => {
            let started = lambda::Embedded::start(&cli.host, &cli.common, runtime);
            let verbose = cli.host.verbose;
            let prepared = started.and_then(|lambda| {
                let connection = lambda.sign(cli.common.connection(), |source| {
                    if verbose {
                        // A stream that is gone is noticed at the first output.
                        let _ = writeln!(streams.err, "credentials: {source}");
                    }
                })?;
                Ok((lambda, connection))
            });
            let (mut lambda, connection) = match prepared {
                Ok(prepared) => prepared,
                Err(error) => return streams.error(&error, output),
            };
            lambda_invocation_command::run::run(verb, connection, output, &mut lambda, streams)
        }
    }
}
