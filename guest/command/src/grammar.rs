//! What a user can type.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand, ValueEnum};
use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::request::{self, InvocationType, LogType};
use lambda_invocation_core::call::settings::{Environment, retry_policy_in};
use lambda_invocation_core::error::Error;

use crate::config::is_name;

/// The commands both programs have.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Invoke a function and print what it returns.
    ///
    /// The function's answer goes to standard output, everything else to standard error.
    #[command(after_help = EXAMPLES)]
    Invoke {
        /// What to invoke.
        #[command(flatten)]
        invoke: Invoke,
        /// Print the answer as the function writes it (InvokeWithResponseStream).
        #[arg(long)]
        stream: bool,
    },
    /// Print the signed request as JSON and send nothing.
    Prepare(Invoke),
    /// Manage invocations that a configuration file describes and a state file remembers.
    #[command(subcommand)]
    Lifecycle(Lifecycle),
    /// Invoke for an answer that is kept nowhere.
    #[command(subcommand)]
    Ephemeral(Ephemeral),
}

/// For the help of the program, and of the command most asked for.
pub const EXAMPLES: &str = r#"Examples:
  echo '{"name":"world"}' | lambda-host invoke my-function -f -
  lambda-host invoke my-function -p '{"name":"world"}' -r eu-central-1
  lambda-host invoke my-function -q PROD -f event.json --log-type Tail"#;

/// What to do with the managed invocations.
#[derive(Debug, Subcommand)]
pub enum Lifecycle {
    /// Show what apply would send, and why. Sends nothing.
    Plan {
        /// What the plan is made from.
        #[command(flatten)]
        files: Files,
        /// What it takes into account.
        #[command(flatten)]
        options: ChangeOptions,
        /// Exit with 10 instead of 0 when there are changes.
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Make the invocations that the configuration calls for.
    ///
    /// One at a time, in the order of their dependencies; the state is saved after each.
    /// Stops at the first failure. Ctrl-C stops after the invocation that is under way.
    /// On a terminal it shows the plan and asks first.
    Apply {
        /// What is applied, and where it is remembered.
        #[command(flatten)]
        files: Files,
        /// What it takes into account.
        #[command(flatten)]
        options: ChangeOptions,
        /// Do not ask, even on a terminal.
        #[arg(long)]
        auto_approve: bool,
    },
    /// Delete every invocation in the state, dependents first.
    ///
    /// The function is told under CRUD; under CREATE_ONLY nothing is sent. On a terminal it
    /// shows the plan and asks first.
    Destroy {
        /// File with the [invocation.NAME] tables, in JSON or TOML. A deletion needs
        /// none: if given, its order of dependencies counts instead of the stored one.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// File that remembers the invocations.
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
        /// What was not answered by an earlier run.
        #[command(flatten)]
        answers: Answers,
        /// Do not ask, even on a terminal.
        #[arg(long)]
        auto_approve: bool,
    },
    /// List what the state holds, or print the result of one invocation.
    Show {
        /// The invocation whose result to print, unchanged, on standard output.
        name: Option<String>,
        /// File that remembers the invocations.
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
    },
    /// Adopt an invocation that exists elsewhere. Sends nothing, now or at the next apply.
    Import(Import),
}

/// The two files of a managed invocation.
#[derive(Debug, Args)]
pub struct Files {
    /// File with the [invocation.NAME] tables, in JSON or TOML.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// File that remembers the invocations; made if it does not exist.
    #[arg(long, value_name = "FILE")]
    pub state: PathBuf,
}

/// What a plan takes into account beside the two files, and what it shows.
#[derive(Debug, Args)]
pub struct ChangeOptions {
    /// Replace this invocation though nothing changed. May be repeated.
    #[arg(long = "replace", value_name = "NAME")]
    pub replace: Vec<String>,
    /// What was not answered by an earlier run.
    #[command(flatten)]
    pub answers: Answers,
    /// Show inputs in the plan: they may be secrets.
    #[arg(long)]
    pub show_inputs: bool,
}

/// What became of invocations that were not answered.
///
/// `Debug` shows no result.
#[derive(Debug, Default, Args)]
pub struct Answers {
    /// Say that an invocation which was not answered ran, and what it returned: the state
    /// goes on from there. May be repeated.
    #[arg(long, value_name = "NAME[=RESULT]", value_parser = ran)]
    pub ran: Vec<Ran>,
    /// Say that an invocation which was not answered did not run, or does no harm if it
    /// runs again: it is sent again. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub run_again: Vec<String>,
}

/// An invocation that ran.
#[derive(Clone)]
pub struct Ran {
    /// Its name.
    pub name: String,
    /// What the function returned, where the user knows.
    pub result: Option<String>,
}

impl fmt::Debug for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ran")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// `NAME` or `NAME=RESULT`.
fn ran(text: &str) -> Result<Ran, String> {
    let (name, result) = match text.split_once('=') {
        Some((name, result)) => (name, Some(result.to_owned())),
        None => (text, None),
    };
    if !is_name(name) {
        return Err("expected the name of an invocation, or NAME=RESULT".to_owned());
    }
    Ok(Ran {
        name: name.to_owned(),
        result,
    })
}

/// What to adopt, and as what.
#[derive(Debug, Args)]
pub struct Import {
    /// Name of the invocation in the configuration.
    pub name: String,
    /// FUNCTION,QUALIFIER,HASH or FUNCTION_QUALIFIER_HASH, with or without @REGION.
    /// With --from-terraform the resource's address, needed only if NAME is not its
    /// name there.
    #[arg(required_unless_present = "from_terraform")]
    pub id: Option<String>,
    /// Take the input and the result too, from a Terraform state file (version 4).
    #[arg(long, value_name = "FILE")]
    pub from_terraform: Option<PathBuf>,
    /// File with the [invocation.NAME] tables; if given, NAME has to be in it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// File that remembers the invocations; made if it does not exist.
    #[arg(long, value_name = "FILE")]
    pub state: PathBuf,
}

/// What to do with an ephemeral invocation.
#[derive(Debug, Subcommand)]
pub enum Ephemeral {
    /// Invoke, and print the result on standard output. Nothing is written anywhere else.
    Open {
        /// The table to use; needed only if there are several.
        name: Option<String>,
        /// File with the [ephemeral.NAME] tables, in JSON or TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

/// What to invoke, and with what. `Debug` shows neither payload nor client context.
#[derive(Args)]
// The command has a group of this name.
#[group(skip)]
pub struct Invoke {
    /// Name, partial ARN or ARN of the function, with or without :QUALIFIER.
    pub function: String,
    /// The event, as JSON. Without it and --payload-file the event is empty.
    #[arg(long, short, value_name = "JSON")]
    pub payload: Option<String>,
    /// Read the event from a file, or from standard input with "-".
    #[arg(long, short = 'f', value_name = "FILE", conflicts_with = "payload")]
    pub payload_file: Option<PathBuf>,
    /// Version or alias to invoke.
    #[arg(long, short)]
    pub qualifier: Option<String>,
    /// Wait for the answer, queue the event, or only check arguments and permission.
    #[arg(long, value_name = "TYPE", value_enum, ignore_case = true)]
    pub invocation_type: Option<InvocationTypeName>,
    /// Whether to show the end of the execution log on standard error.
    #[arg(long, value_name = "TYPE", value_enum, ignore_case = true)]
    pub log_type: Option<LogTypeName>,
    /// Data for the function's context object, as JSON.
    #[arg(long, value_name = "JSON")]
    pub client_context: Option<String>,
    /// The tenant, for functions with tenant isolation.
    #[arg(long, value_name = "TENANT")]
    pub tenant_id: Option<String>,
    /// Name of the execution, for durable functions.
    #[arg(long, value_name = "NAME")]
    pub durable_execution_name: Option<String>,
}

impl fmt::Debug for Invoke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invoke")
            .field("function", &self.function)
            .field("qualifier", &self.qualifier)
            .field("invocation_type", &self.invocation_type)
            .field("log_type", &self.log_type)
            .finish_non_exhaustive()
    }
}

/// How to reach Lambda, and how to print.
#[derive(Debug, Args)]
pub struct Common {
    /// Region of the function [env: AWS_REGION, AWS_DEFAULT_REGION]
    #[arg(long, short, global = true, help_heading = "Connection")]
    pub region: Option<String>,
    /// Endpoint instead of the region's own [env: AWS_ENDPOINT_URL_LAMBDA,
    /// AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL", global = true, help_heading = "Connection")]
    pub endpoint_url: Option<String>,
    /// Named profile of the shared configuration files [env: AWS_PROFILE]
    #[arg(long, global = true, help_heading = "Connection")]
    pub profile: Option<String>,
    /// Use the FIPS endpoint.
    #[arg(long, global = true, help_heading = "Connection")]
    pub use_fips: bool,
    /// Use the dual-stack (IPv4 and IPv6) endpoint.
    #[arg(long, global = true, help_heading = "Connection")]
    pub use_dualstack: bool,
    /// Accept an http:// endpoint that is not a loopback address.
    #[arg(long, global = true, help_heading = "Connection")]
    pub allow_http: bool,
    /// Limit on the whole call, retries included, for example 500ms, 60s or 15m.
    #[arg(long, value_name = "TIME", value_parser = duration, global = true, help_heading = "Time and retries")]
    pub timeout: Option<Duration>,
    /// Limit on connecting [default: 3.1s]
    #[arg(long, value_name = "TIME", value_parser = duration, global = true, help_heading = "Time and retries")]
    pub connect_timeout: Option<Duration>,
    /// Limit on waiting for the response to begin, and for each piece [default: 910s]
    #[arg(long, value_name = "TIME", value_parser = duration, global = true, help_heading = "Time and retries")]
    pub response_timeout: Option<Duration>,
    /// What to repeat: nothing, what certainly did not run, or also what may have
    /// run [default: safe]
    #[arg(
        long,
        value_name = "MODE",
        value_enum,
        global = true,
        help_heading = "Time and retries"
    )]
    pub retry: Option<RetryModeName>,
    /// Attempts in total, 1 to 10 [default: 3]
    #[arg(
        long,
        value_name = "N",
        global = true,
        help_heading = "Time and retries"
    )]
    pub max_attempts: Option<u32>,
    /// Print the payload as it came, or everything as one JSON document.
    #[arg(long, value_enum, default_value_t, global = true)]
    pub output: Output,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// The function's payload and nothing else.
    #[default]
    Payload,
    /// One JSON document, with the keys of the WIT package.
    Json,
}

/// [`InvocationType`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum InvocationTypeName {
    /// Wait for the function and return what it returned.
    RequestResponse,
    /// Queue the event and return at once.
    Event,
    /// Check arguments and permission; run nothing.
    DryRun,
}

/// [`LogType`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum LogTypeName {
    /// No log.
    None,
    /// The last 4 KB of the execution log.
    Tail,
}

/// [`RetryMode`] as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RetryModeName {
    /// Nothing is repeated.
    Never,
    /// Only what certainly did not run is repeated.
    Safe,
    /// Running the function twice does no harm.
    Idempotent,
}

impl Common {
    /// The connection the options describe; credentials are the program's to add. Of the
    /// environment, only that half of a retry policy is read here whose other half is an
    /// option.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` as [`retry_policy_in`].
    pub fn connection(&self, environment: &Environment) -> Result<Connection, Error> {
        let mode = self.retry.map(|mode| match mode {
            RetryModeName::Never => RetryMode::Never,
            RetryModeName::Safe => RetryMode::Safe,
            RetryModeName::Idempotent => RetryMode::Idempotent,
        });
        let retry = match (mode, self.max_attempts) {
            (None, None) => None,
            (Some(mode), Some(max_attempts)) => Some(RetryPolicy { mode, max_attempts }),
            (mode, max_attempts) => {
                let policy = retry_policy_in(environment)?;
                Some(RetryPolicy {
                    mode: mode.unwrap_or(policy.mode),
                    max_attempts: max_attempts.unwrap_or(policy.max_attempts),
                })
            }
        };
        let ms = |limit: Duration| -> u32 { u32::try_from(limit.as_millis()).unwrap_or(u32::MAX) };
        Ok(Connection {
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            use_fips: self.use_fips.then_some(true),
            use_dualstack: self.use_dualstack.then_some(true),
            connect_timeout_ms: self.connect_timeout.map(ms),
            response_timeout_ms: self.response_timeout.map(ms),
            deadline_ms: self.timeout.map(ms),
            retry,
            allow_http: self.allow_http.then_some(true),
            ..Connection::default()
        })
    }
}

impl Invoke {
    /// The request the options describe, with `payload` already read.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a client context that is not JSON.
    pub fn request(self, payload: Vec<u8>) -> Result<request::Request, Error> {
        let client_context = match self.client_context {
            Some(context) => {
                request::check_json(context.as_bytes())
                    .map_err(|reason| Error::invalid("client-context", reason))?;
                Some(STANDARD.encode(context))
            }
            None => None,
        };
        Ok(request::Request {
            function_name: self.function,
            payload,
            payload_sha256: None,
            invocation_type: self.invocation_type.map(|name| match name {
                InvocationTypeName::RequestResponse => InvocationType::RequestResponse,
                InvocationTypeName::Event => InvocationType::Event,
                InvocationTypeName::DryRun => InvocationType::DryRun,
            }),
            log_type: self.log_type.map(|name| match name {
                LogTypeName::None => LogType::None,
                LogTypeName::Tail => LogType::Tail,
            }),
            qualifier: self.qualifier,
            client_context,
            tenant_id: self.tenant_id,
            durable_execution_name: self.durable_execution_name,
        })
    }
}

/// A number with `ms`, `s`, `m` or `h`; a bare number means seconds.
///
/// # Errors
///
/// What is expected, for people.
pub fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: &[(&str, f64)] = &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (number, scale) = UNITS
        .iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, *scale)))
        .unwrap_or((text, 1.0));
    let number: f64 = number
        .trim()
        .parse()
        .map_err(|_| "expected a number with ms, s, m or h, for example 60s".to_owned())?;
    match Duration::try_from_secs_f64(number * scale) {
        Ok(limit) if limit >= Duration::from_millis(1) => Ok(limit),
        _ => Err("must be at least 1ms".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_payload_nor_client_context() {
        let invoke = Invoke {
            function: "f".to_owned(),
            payload: Some("CANARY".to_owned()),
            payload_file: None,
            qualifier: None,
            invocation_type: None,
            log_type: None,
            client_context: Some("CANARY".to_owned()),
            tenant_id: None,
            durable_execution_name: None,
        };
        let verb = Verb::Invoke {
            invoke,
            stream: false,
        };
        let debug = format!("{verb:?}");
        assert!(!debug.contains("CANARY"), "{debug}");
    }
}
