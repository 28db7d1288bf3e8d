//! What a user can type beyond the shared grammar.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::{Common, EXAMPLES, Verb};
use lambda_invocation_host::Transport;
use lambda_invocation_host::egress::Origin;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The name of this program.
pub const NAME: &str = "lambda-host";

/// Invoke AWS Lambda functions through a sandboxed WebAssembly component.
///
/// The function's payload goes to standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(name = NAME, version, after_help = after_help())]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub host: HostOptions,
    #[command(subcommand)]
    pub verb: HostVerb,
}

fn after_help() -> String {
    format!("{EXAMPLES}\n\n{}", exit::help())
}

/// The shared commands and those that only make sense here.
#[derive(Debug, Subcommand)]
pub enum HostVerb {
    #[command(flatten)]
    Shared(Verb),
    /// Run a Lambda endpoint on this machine, for first steps and tests.
    Local(LocalOptions),
    /// Show what the component imports, exports and needs to be allowed.
    Inspect,
    /// Print a script that completes this command line in a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages of this command line into a folder.
    #[command(hide = true)]
    ManualPages {
        /// The folder, which exists.
        folder: PathBuf,
    },
}

/// Options of `local`.
#[derive(Debug, Args)]
pub struct LocalOptions {
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    pub bind: SocketAddr,
    /// Run this command with the variables that lead to the endpoint, end with it, and
    /// with its exit code. Without a command the variables are printed for a shell to
    /// evaluate, and the endpoint runs until Ctrl-C.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// How the component is run.
#[derive(Debug, Args)]
pub struct HostOptions {
    /// Answer from a Lambda endpoint within this program: no account is needed.
    #[arg(
        long,
        global = true,
        conflicts_with = "endpoint_url",
        help_heading = "Host"
    )]
    pub local: bool,
    /// Let the component connect to this origin, too (repeatable).
    #[arg(long, value_name = "ORIGIN", global = true, help_heading = "Host")]
    pub allow: Vec<Origin>,
    /// The component to run, instead of the one installed with this program
    /// [env: LAMBDA_COMPONENT]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Host")]
    pub component: Option<PathBuf>,
    /// Stop the component's clock at this time (RFC 3339), for signatures that can be
    /// repeated.
    #[arg(long, value_name = "TIME", value_parser = rfc3339, global = true, help_heading = "Host")]
    pub at: Option<SystemTime>,
    /// Who sends the requests of invoke and ephemeral open: the component, over wasi:http, or
    /// this program, as the component signs and says. The answers are the same; the host is
    /// faster with large payloads. A lifecycle is always sent by the component.
    #[arg(
        long,
        value_name = "WHO",
        value_enum,
        default_value_t = Sender::Component,
        global = true,
        help_heading = "Host"
    )]
    pub transport: Sender,
    /// Compile the component anew and keep nothing.
    #[arg(long, global = true, help_heading = "Host")]
    pub no_cache: bool,
    /// Say on standard error where the credentials came from, and which proxy is used.
    #[arg(long, short, global = true, help_heading = "Host")]
    pub verbose: bool,
}

/// [`Transport`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Sender {
    Component,
    Host,
}

impl From<Sender> for Transport {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::Component => Self::Component,
            Sender::Host => Self::Host,
        }
    }
}

fn rfc3339(text: &str) -> Result<SystemTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(SystemTime::from)
        .map_err(|_| "expected a time such as 2026-08-30T12:36:00Z".to_owned())
}
