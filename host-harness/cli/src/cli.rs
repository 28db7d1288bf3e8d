//! What a user can type beyond the shared grammar.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::{Common, EXAMPLES, Verb, duration};
use lambda_invocation_host::Transport;
use lambda_invocation_host::egress::Origin;
use lambda_invocation_host::serve::Options;
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
    /// Serve Lambda's Invoke API, and a plain one, for callers who have no AWS credentials.
    ///
    /// The configuration is in environment variables: LAMBDA_INVOCATION_TOKEN is what callers
    /// must know, LAMBDA_INVOCATION_ALLOWED_FUNCTIONS what they may invoke. SIGTERM and Ctrl-C
    /// let the requests under way come to their end; a second one ends it at once.
    Serve(Box<ServeOptions>),
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

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))]
    pub listen: SocketAddr,
    /// Address that answers GET /metrics for Prometheus. Without it there is none.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// Most requests answered at the same time; a further one gets 503 with Retry-After.
    #[arg(long, value_name = "N", default_value_t = Options::MAX_CONCURRENT_REQUESTS, value_parser = at_least_one())]
    pub max_concurrent_requests: u32,
    /// Most requests with the same token at the same time; a further one gets 429 with
    /// Retry-After [default: nine tenths of --max-concurrent-requests]
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    pub max_requests_per_token: Option<u32>,
    /// Most connections of callers; a further one is closed.
    #[arg(long, value_name = "N", default_value_t = Options::MAX_CONNECTIONS, value_parser = at_least_one())]
    pub max_connections: u32,
    /// Limit on the head of a request, and on a TLS handshake.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    pub header_timeout: Duration,
    /// Limit on the time between two requests of a connection.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "75s")]
    pub idle_timeout: Duration,
    /// Limit on waiting for the requests under way at the end.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "910s")]
    pub shutdown_timeout: Duration,
    /// Certificate chain in PEM: serve over TLS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// File that the access log is added to, instead of standard error.
    #[arg(long, value_name = "FILE")]
    pub access_log: Option<PathBuf>,
}

fn at_least_one() -> RangedU64ValueParser<u32> {
    RangedU64ValueParser::new().range(1..)
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
    /// Who sends the requests: the component, over wasi:http, or this program, as the
    /// component signs and says. The answers are the same; the host is faster with large
    /// payloads.
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
    /// Say on standard error where the credentials came from, which proxy is used, and what
    /// keeps a call from its answer: that it is throttled, and when it is tried again.
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
