//! The host matrix: the same cases on every host, each a program or a library that
//! others wrote, with a Lambda endpoint that verifies signatures.
//!
//! [`HOSTS`] and [`CASES`] are the two sides of the table. A new host is an
//! implementation of [`Host`] in a file of its own and an entry in [`HOSTS`]; where it
//! departs from a case, its [`Host::exceptions`] say so and why. [`table`] writes
//! the matrix in `docs/hosts.md` from these declarations, and [`check`] proves each, an
//! exception as well: one that has become untrue is a failure too.

pub mod case;
pub mod endpoint;
mod jco;
mod process;
mod service;
pub mod table;
mod wash;
mod wasmtime_cli;
mod wasmtime_crate;
mod wasmtime_py;

use std::panic::{AssertUnwindSafe, catch_unwind};

use lambda_invocation_core::call::request::InvocationType;
use serde_json::{Value, json};

pub use self::wasmtime_py::PACKAGE as PYTHON;

use self::case::{CASES, Case};
use self::endpoint::Endpoint;
use crate::canary;
use crate::lambda_host::Keys;
use crate::peer;

/// Every host, in the order of the table.
pub static HOSTS: &[&dyn Host] = &[
    &wasmtime_cli::RUN_36,
    &wasmtime_cli::RUN_42,
    &wasmtime_cli::RUN_48_0_0,
    &wasmtime_cli::RUN_48,
    &wasmtime_cli::RUN_49,
    &wasmtime_cli::INVOKE_36,
    &wasmtime_cli::INVOKE_42,
    &wasmtime_cli::INVOKE_48,
    &wasmtime_cli::INVOKE_49,
    &wasmtime_cli::SERVE_36,
    &wasmtime_cli::SERVE_42,
    &wasmtime_cli::SERVE_48,
    &wasmtime_cli::SERVE_49,
    &wasmtime_crate::WasmtimeCrate,
    &wasmtime_py::WasmtimePy,
    &jco::Run,
    &jco::Serve,
    &jco::Transpiled,
    &wash::LINKED_2_0,
    &wash::LINKED,
    &wash::SERVICE,
];

/// A program or a library that runs a component of this project.
pub trait Host: Sync {
    /// What it is and which of its verbs is used, for example `wasmtime run`.
    fn name(&self) -> &'static str;

    /// The version it reports of itself.
    fn version(&self) -> &'static str;

    /// The component it runs and how it is driven, for the table.
    fn drives(&self) -> &'static str;

    /// Whether it is among those that every change is tried on; the others are
    /// `cargo xtask hosts` only.
    fn on_every_change(&self) -> bool {
        false
    }

    /// Where it departs from the cases.
    fn exceptions(&self) -> &'static [Exception] {
        &[]
    }

    /// Installs it below `target/`, unless an earlier run has.
    ///
    /// # Errors
    ///
    /// Why it cannot be had on this machine, for people.
    fn install(&self) -> Result<(), String>;

    /// Makes one invocation. The host is installed by then.
    ///
    /// # Panics
    ///
    /// When the host itself does not work, or the component traps.
    fn invoke(&self, call: &Call<'_>) -> Outcome;
}

/// Where a host departs from a case.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    /// [`Case::name`].
    pub case: &'static str,
    /// What happens instead.
    pub instead: Instead,
    /// Why, as a note of the table: a whole sentence.
    pub why: &'static str,
}

/// What happens instead of what a case expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// The host has no means for it: the case is not run.
    NotApplicable,
    /// The case is run, and fails.
    Fails,
}

/// The way out that a host grants a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// To the endpoint of the call.
    Granted,
    /// To some other place, so that the host's policy has to deny the call.
    Elsewhere,
    /// None: the host is not asked for HTTP at all, or told to allow nothing.
    None,
}

/// One invocation, as a host is to make it.
#[derive(Debug)]
pub struct Call<'a> {
    /// The function to invoke.
    pub function: &'a str,
    /// The event.
    pub payload: &'a [u8],
    /// How it is invoked.
    pub invocation_type: InvocationType,
    /// Whether the end of the log is asked for.
    pub tail: bool,
    /// Most milliseconds that the call may take.
    pub deadline_ms: Option<u32>,
    /// What the host is to grant.
    pub network: Network,
    /// Whether the host is to log as much as it can, where [`Outcome::said`] finds it.
    pub logs: bool,
    /// The endpoint URL.
    pub endpoint: &'a str,
    /// The region to sign for.
    pub region: &'a str,
    /// The credentials to sign with.
    pub keys: &'a Keys,
}

impl Call<'_> {
    /// The name of the invocation type in WIT; `None` where the argument is left out.
    pub fn wit_invocation_type(&self) -> Option<&'static str> {
        match self.invocation_type {
            InvocationType::RequestResponse => None,
            InvocationType::Event => Some("event"),
            InvocationType::DryRun => Some("dry-run"),
        }
    }

    /// All of it as JSON, names as in WIT, for drivers that are scripts: `request` and
    /// `connection` are the arguments of `invoke`, the payload is text.
    pub fn to_json(&self) -> Value {
        json!({
            "request": {
                "function-name": self.function,
                "payload": String::from_utf8_lossy(self.payload),
                "invocation-type": self.wit_invocation_type(),
                "log-type": self.tail.then_some("tail"),
            },
            "connection": {
                "region": self.region,
                "endpoint-url": self.endpoint,
                "credentials": {
                    "access-key-id": self.keys.access_key_id,
                    "secret-access-key": self.keys.secret_access_key,
                    "session-token": self.keys.session_token,
                },
                "deadline-ms": self.deadline_ms,
            },
            "network": match self.network {
                Network::Granted => "granted",
                Network::Elsewhere => "elsewhere",
                Network::None => "none",
            },
            "logs": self.logs,
        })
    }
}

/// What came of an invocation.
#[derive(Debug)]
pub struct Outcome {
    /// What the function answered, its failure included; `None` when the call failed.
    pub answer: Option<Vec<u8>>,
    /// Everything else that came out: errors, the tail of the log, standard error, and
    /// what the host logged.
    pub said: String,
}

/// Runs every case on a host. One that cannot be installed is skipped, which is said.
///
/// # Panics
///
/// When it cannot be installed, with `CI=true`.
pub fn check(host: &dyn Host) -> Verdict {
    let title = format!("{} {}", host.name(), host.version());
    if let Err(reason) = host.install() {
        peer::skip(&format!("{title}: {reason}"));
        return Verdict::Skipped;
    }
    let complaints: Vec<String> = CASES
        .iter()
        .filter_map(|case| {
            let complaint = complaint(host, case)?;
            Some(format!("{title}, {}: {complaint}", case.name))
        })
        .collect();
    if complaints.is_empty() {
        Verdict::Conforms
    } else {
        Verdict::Complaints(complaints)
    }
}

/// What [`check`] found.
#[derive(Debug)]
pub enum Verdict {
    /// It does what the table says.
    Conforms,
    /// It does not.
    Complaints(Vec<String>),
    /// It could not be installed.
    Skipped,
}

fn complaint(host: &dyn Host, case: &Case) -> Option<String> {
    let exception = exception(host, case).map(|exception| exception.instead);
    if exception == Some(Instead::NotApplicable) {
        return None;
    }
    // A host that breaks down in one case may be sound in the others.
    let result = catch_unwind(AssertUnwindSafe(|| run(host, case)));
    match (result, exception) {
        (Ok(Ok(())), None) | (Ok(Err(_)), Some(_)) => None,
        (Ok(Ok(())), Some(_)) => Some("an exception says that it fails, but it passes".to_owned()),
        (Ok(Err(complaint)), None) => Some(complaint),
        (Err(_), _) => Some("the host does not work: see the panic above".to_owned()),
    }
}

/// The exception that a host makes of a case.
pub(crate) fn exception(host: &dyn Host, case: &Case) -> Option<&'static Exception> {
    let mut exceptions = host.exceptions().iter();
    exceptions.find(|exception| exception.case == case.name)
}

fn run(host: &dyn Host, case: &Case) -> Result<(), String> {
    let endpoint = Endpoint::start();
    let keys = case.keys();
    let payload = (case.payload)();
    let outcome = host.invoke(&Call {
        function: case.function,
        payload: &payload,
        invocation_type: case.invocation_type,
        tail: case.tail,
        deadline_ms: case.deadline_ms,
        network: case.network,
        logs: case.logs,
        endpoint: &endpoint.url(),
        region: endpoint::REGION,
        keys: &keys,
    });
    // A secret must not get out in any case, whether it passes or not.
    if canary::is_in(&outcome.said) {
        return Err("a secret got out beside the answer".to_owned());
    }
    let seen = endpoint.invocations();
    (case.check)(&outcome, &seen)
        .map_err(|wrong| format!("{wrong}; {}; seen: {seen:?}", outcome.summary()))
}

impl Outcome {
    /// For complaints: short, whatever the payload.
    fn summary(&self) -> String {
        let answer = match &self.answer {
            Some(bytes) => format!("an answer of {} bytes", bytes.len()),
            None => "no answer".to_owned(),
        };
        let said: String = self.said.chars().take(2000).collect();
        format!("{answer}; said: {said}")
    }
}
