//! What happens for a command.

use std::io::{self, BufRead};

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::{InvocationType, Request};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::stream::Completion;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{
    ApplyFailure, ChangePlan, Config, Diagnostic, PlanOptions, State,
};

use crate::grammar::{Invoke, Output, Verb};
use crate::interrupt::Interrupt;
use crate::render::{self, Streams};
use crate::{ephemeral, exit, json, lifecycle, payload};

/// What a command needs done: `lambda-host` has the plugin do it, the command
/// component does it itself.
pub trait Lambda {
    /// `invoke.invoke`.
    ///
    /// # Errors
    ///
    /// As in the WIT package.
    fn invoke(&mut self, request: Request, connection: Connection) -> Result<Response, Error>;

    /// `invoke-streaming.invoke-streaming`. Each piece of the answer is given to `piece` as it comes,
    /// which says whether it wants another: where it does not, there is no completion.
    ///
    /// # Errors
    ///
    /// As in the WIT package, after the pieces that came.
    fn invoke_streaming(
        &mut self,
        request: Request,
        connection: Connection,
        piece: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<Completion>, Error>;

    /// `invoke.prepare`.
    ///
    /// # Errors
    ///
    /// As in the WIT package.
    fn prepare(&mut self, request: Request, connection: Connection)
    -> Result<SignedRequest, Error>;

    /// `invocation-lifecycle.validate`.
    ///
    /// # Errors
    ///
    /// When the check itself cannot be made; faults are in the answer.
    fn validate(&mut self, config: &Config) -> Result<Vec<Diagnostic>, Error>;

    /// `invocation-lifecycle.plan`.
    ///
    /// # Errors
    ///
    /// As in the WIT package.
    fn plan(
        &mut self,
        prior: Option<&State>,
        desired: Option<&Config>,
        options: &PlanOptions,
    ) -> Result<ChangePlan, Error>;

    /// `invocation-lifecycle.apply`, with one request at most.
    ///
    /// # Errors
    ///
    /// As in the WIT package. An implementation that fails before the component
    /// says anything returns `prior` as the state to keep, and what it knows itself of
    /// whether a request was sent.
    #[expect(
        clippy::result_large_err,
        reason = "the failure carries the state back, and is made once an apply"
    )]
    fn apply_one(
        &mut self,
        prior: Option<State>,
        desired: Option<&Config>,
        replace: bool,
        connection: Connection,
    ) -> Result<Option<State>, Unapplied>;

    /// `invocation-lifecycle.import-state`.
    ///
    /// # Errors
    ///
    /// As in the WIT package.
    fn import_state(&mut self, id: &str) -> Result<State, Error>;

    /// `invocation-lifecycle.upgrade-state`.
    ///
    /// # Errors
    ///
    /// As in the WIT package.
    fn upgrade_state(&mut self, version: u32, json: &str) -> Result<State, Error>;

    /// `ephemeral.open`.
    ///
    /// # Errors
    ///
    /// As in the WIT package.
    fn open(&mut self, config: EphemeralConfig, connection: Connection) -> Result<Opened, Error>;
}

/// Why an apply did not finish.
pub struct Unapplied {
    /// What went wrong, and the state to keep.
    pub failure: ApplyFailure,
    /// Whether a request may have reached Lambda. Where a host stops the component there is no
    /// error that says so, but the host may know.
    pub maybe_ran: bool,
}

impl From<ApplyFailure> for Unapplied {
    fn from(failure: ApplyFailure) -> Self {
        let maybe_ran = failure.error.maybe_ran();
        Self { failure, maybe_ran }
    }
}

/// All that a command is run with.
pub struct Session<'a, 's> {
    /// What does the work.
    pub lambda: &'a mut dyn Lambda,
    /// Where output goes.
    pub streams: &'a mut Streams<'s>,
    /// How to reach Lambda.
    pub connection: Connection,
    /// What goes to standard output.
    pub output: Output,
    /// Whoever sits at the terminal, to be asked before an apply; absent if nobody does.
    pub terminal: Option<&'a mut dyn BufRead>,
    /// Whether the user wants an end. Asked before each invocation of an apply; the one
    /// under way is waited for, so that its outcome is saved.
    pub interrupt: &'a Interrupt,
}

/// Runs a command and returns its exit code.
///
/// # Errors
///
/// When an output stream cannot be written to.
pub fn run(verb: Verb, session: Session<'_, '_>) -> io::Result<u8> {
    if let Some(policy) = session.connection.retry {
        session.streams.retry = policy.mode;
    }
    match verb {
        Verb::Invoke {
            invoke,
            stream: false,
        } => run_invoke(invoke, session),
        Verb::Invoke {
            invoke,
            stream: true,
        } => run_streaming(invoke, session),
        Verb::Prepare(invoke) => prepare(invoke, session),
        Verb::Lifecycle(verb) => lifecycle::run(verb, session),
        Verb::Ephemeral(verb) => ephemeral::run(verb, session),
    }
}

fn run_invoke(invoke: Invoke, session: Session<'_, '_>) -> io::Result<u8> {
    let answer =
        request(invoke).and_then(|request| session.lambda.invoke(request, session.connection));
    match answer {
        Ok(response) => {
            let streams = session.streams;
            let written = streams.response(&response, session.output);
            Ok(written.unwrap_or_else(|error| streams.lost(&error, render::outcome(&response))))
        }
        Err(error) => session.streams.error(&error, session.output),
    }
}

fn run_streaming(invoke: Invoke, session: Session<'_, '_>) -> io::Result<u8> {
    let Session {
        lambda,
        streams,
        connection,
        output,
        ..
    } = session;
    if output == Output::Json {
        let rule = "must be payload with --stream: a JSON document is there only when it is whole";
        return streams.error(&Error::invalid("output", rule), output);
    }
    let request = match request(invoke) {
        Ok(request) => request,
        Err(error) => return streams.error(&error, output),
    };
    let dry_run = request.invocation_type == Some(InvocationType::DryRun);
    let mut written = Ok(());
    let mut last = None;
    let ended = lambda.invoke_streaming(request, connection, &mut |piece| {
        last = piece.last().copied().or(last);
        written = streams.piece(piece);
        written.is_ok()
    });
    if let Err(error) = written {
        return Ok(streams.lost(&error, "the function may still run, but "));
    }
    // What follows on the terminal begins a line of its own.
    if last.is_some_and(|last| last != b'\n') && streams.out_is_terminal {
        streams.piece(b"\n")?;
    }
    match ended {
        Ok(completion) => {
            let completion = completion.unwrap_or_default();
            let code = streams.completion(&completion)?;
            if last.is_none() && completion.function_error.is_none() {
                streams.nothing(if dry_run { 204 } else { 200 })?;
            }
            Ok(code)
        }
        Err(error) => streams.error(&error, output),
    }
}

fn prepare(invoke: Invoke, session: Session<'_, '_>) -> io::Result<u8> {
    let answer =
        request(invoke).and_then(|request| session.lambda.prepare(request, session.connection));
    match answer {
        Ok(signed) => {
            session.streams.document(&json::record(&signed))?;
            Ok(exit::DONE)
        }
        Err(error) => session.streams.error(&error, session.output),
    }
}

fn request(mut invoke: Invoke) -> Result<Request, Error> {
    let payload = match (invoke.payload.take(), invoke.payload_file.take()) {
        (Some(payload), _) => payload::given(payload)?,
        (None, Some(path)) => payload::read(&path)?,
        (None, None) => Vec::new(),
    };
    invoke.request(payload)
}
