//! What happens for a command.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use lambda_invocation_core::connection::Connection;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::invocation::SignedRequest;
use lambda_invocation_core::lifecycle::{ApplyFailure, ChangePlan, Config, Diagnostic, State};
use lambda_invocation_core::request::{MAX_PAYLOAD, Request};
use lambda_invocation_core::response::Response;

use crate::grammar::{Invoke, Output, Verb};
use crate::json;
use crate::render::Streams;

/// What a command needs done: `lambda-host` has the plugin do it, the command
/// component does it itself.
pub trait Lambda {
    /// `invoke.invoke`.
    ///
    /// # Errors
    ///
    /// As in the WIT package.
    fn invoke(&mut self, request: Request, connection: Connection) -> Result<Response, Error>;

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
    fn plan(&mut self, prior: Option<&State>, desired: Option<&Config>)
    -> Result<ChangePlan, Error>;

    /// `invocation-lifecycle.apply`.
    ///
    /// # Errors
    ///
    /// As in the WIT package. An implementation that fails before the component
    /// says anything returns `prior` as the state to keep.
    #[expect(
        clippy::result_large_err,
        reason = "the failure carries the state back, and is made once an apply"
    )]
    fn apply(
        &mut self,
        prior: Option<State>,
        desired: Option<&Config>,
        connection: Connection,
    ) -> Result<Option<State>, ApplyFailure>;

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

/// Runs a command and returns its exit code.
///
/// # Errors
///
/// When an output stream cannot be written to.
pub fn run(
    verb: Verb,
    connection: Connection,
    output: Output,
    lambda: &mut dyn Lambda,
    streams: &mut Streams<'_>,
) -> io::Result<u8> {
    let outcome = match verb {
        Verb::Invoke(invoke) => request(invoke)
            .and_then(|request| lambda.invoke(request, connection))
            .map(Outcome::Response),
        Verb::Prepare(invoke) => request(invoke)
            .and_then(|request| lambda.prepare(request, connection))
            .map(Outcome::SignedRequest),
    };
    match outcome {
        Ok(Outcome::Response(response)) => streams.response(&response, output),
        Ok(Outcome::SignedRequest(request)) => {
            streams.document(&json::signed_request(&request))?;
            Ok(crate::exit::DONE)
        }
        Err(error) => streams.error(&error, output),
    }
}

enum Outcome {
    Response(Response),
    SignedRequest(SignedRequest),
}

fn request(mut invoke: Invoke) -> Result<Request, Error> {
    let payload = match (invoke.payload.take(), invoke.payload_file.take()) {
        (Some(payload), _) => payload.into_bytes(),
        (None, Some(path)) => read_payload(&path)?,
        (None, None) => Vec::new(),
    };
    invoke.request(payload)
}

/// Reads a payload file, or standard input for `-`; no more of it than makes clear
/// that it is too large.
fn read_payload(path: &Path) -> Result<Vec<u8>, Error> {
    let enough = u64::try_from(MAX_PAYLOAD)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut payload = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().take(enough).read_to_end(&mut payload)
    } else {
        File::open(path).and_then(|file| file.take(enough).read_to_end(&mut payload))
    };
    match read {
        Ok(_) => Ok(payload),
        Err(error) => Err(Error::invalid(
            "payload-file",
            format!("cannot read {}: {error}", path.display()),
        )),
    }
}
