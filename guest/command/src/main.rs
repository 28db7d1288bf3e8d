//! World `command` of the WIT package: the command line as a component, for
//! `wasmtime run` and every other host of `wasi:cli`.

#![forbid(unsafe_code)]

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use lambda_invocation_command::grammar::{Common, Verb};
use lambda_invocation_command::interrupt::Interrupt;
use lambda_invocation_command::render::{Streams, wants_color};
use lambda_invocation_command::run::{self, Lambda, Session, Unapplied};
use lambda_invocation_command::{environment, exit, help};
use lambda_invocation_core::call::connection::{Connection, RetryMode};
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::stream::{Completion, StreamEvent};
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{self, ChangePlan, Config, Diagnostic, PlanOptions, State};

/// Invoke AWS Lambda functions from any WASI host.
#[derive(Debug, Parser)]
#[command(name = "lambda-invocation-command", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

/// `wasi:cli/exit` of WASI 0.2 tells success from failure and no more.
const EXIT_CODES: &str = "Exit codes: 0 done, 1 anything else; standard error says what";

struct Wasi;

impl Lambda for Wasi {
    fn invoke(&mut self, request: Request, connection: Connection) -> Result<Response, Error> {
        lambda_invocation_wasi::invoke(request, connection)
    }

    fn invoke_streaming(
        &mut self,
        request: Request,
        connection: Connection,
        piece: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<Completion>, Error> {
        let call = lambda_invocation_wasi::invoke_streaming(request, connection)?;
        loop {
            match call.next()? {
                StreamEvent::Chunk(bytes) if piece(&bytes) => {}
                StreamEvent::Chunk(_) => return Ok(None),
                StreamEvent::Complete(completion) => return Ok(Some(completion)),
            }
        }
    }

    fn prepare(
        &mut self,
        request: Request,
        connection: Connection,
    ) -> Result<SignedRequest, Error> {
        lambda_invocation_wasi::prepare(request, connection)
    }

    fn validate(&mut self, config: &Config) -> Result<Vec<Diagnostic>, Error> {
        Ok(lifecycle::validate(config))
    }

    fn plan(
        &mut self,
        prior: Option<&State>,
        desired: Option<&Config>,
        options: &PlanOptions,
    ) -> Result<ChangePlan, Error> {
        Ok(lifecycle::plan(prior, desired, options)?)
    }

    fn apply_one(
        &mut self,
        prior: Option<State>,
        desired: Option<&Config>,
        replace: bool,
        connection: Connection,
    ) -> Result<Option<State>, Unapplied> {
        lambda_invocation_wasi::apply(prior, desired, replace, Some(1), &connection)
            .map_err(Into::into)
    }

    fn import_state(&mut self, id: &str) -> Result<State, Error> {
        Ok(lifecycle::import_state(id)?)
    }

    fn upgrade_state(&mut self, version: u32, json: &str) -> Result<State, Error> {
        Ok(lifecycle::upgrade_state(version, json)?)
    }

    fn open(&mut self, config: EphemeralConfig, connection: Connection) -> Result<Opened, Error> {
        lambda_invocation_wasi::open(config, connection)
    }
}

fn main() -> ExitCode {
    let matches = help::tailored(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let mut streams = Streams {
        out_is_terminal: out.is_terminal(),
        out_color: wants_color(out.is_terminal()),
        out: &mut out,
        err_color: wants_color(err.is_terminal()),
        err: &mut err,
        retry: RetryMode::default(),
    };
    let output = cli.common.output;
    let connection = match cli.common.connection(&environment()) {
        Ok(connection) => connection,
        Err(error) => {
            let code = streams.error(&error, output);
            return ExitCode::from(code.unwrap_or(exit::TRANSPORT));
        }
    };
    lambda_invocation_wasi::use_files(cli.common.profile);
    let mut stdin = io::BufReader::new(io::stdin());
    let asked = io::stdin().is_terminal() && io::stderr().is_terminal();
    let session = Session {
        lambda: &mut Wasi,
        streams: &mut streams,
        connection,
        output,
        terminal: asked.then_some(&mut stdin),
        // A host that interrupts a component ends it.
        interrupt: &Interrupt::default(),
    };
    let code = run::run(cli.verb, session);
    ExitCode::from(code.unwrap_or_else(|error| streams.lost(&error, "")))
}
