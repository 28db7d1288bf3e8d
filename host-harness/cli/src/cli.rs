//! What a user can type beyond the shared grammar.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Parser, Subcommand};
use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::{Common, Verb};
use lambda_invocation_host::egress::Origin;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Invoke AWS Lambda functions through a sandboxed WebAssembly component.
///
/// The function's payload goes to standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(name = "lambda-host", version, after_help = exit::help())]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub host: HostOptions,
    #[command(subcommand)]
    pub verb: HostVerb,
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
}

/// Options of `local`.
#[derive(Debug, Args)]
pub struct LocalOptions {
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    pub bind: SocketAddr,
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
    /// The component to run, instead of the one installed with this program.
    #[arg(
        long,
        value_name = "FILE",
        env = "LAMBDA_COMPONENT",
        global = true,
        help_heading = "Host"
    )]
    pub component: Option<PathBuf>,
    /// Stop the component's clock at this time (RFC 3339), for signatures that can be
    /// repeated.
    #[arg(long, value_name = "TIME", value_parser = rfc3339, global = true, help_heading = "Host")]
    pub at: Option<SystemTime>,
    /// Compile the component anew and keep nothing.
    #[arg(long, global = true, help_heading = "Host")]
    pub no_cache: bool,
    /// Say on standard error where the credentials came from.
    #[arg(long, short, global = true, help_heading = "Host")]
    pub verbose: bool,
}

fn rfc3339(text: &str) -> Result<SystemTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(SystemTime::from)
        .map_err(|_| "expected a time such as 2026-08-30T12:36:00Z".to_owned())
}
