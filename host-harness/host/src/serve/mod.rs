//! Serves `lambda-invocation-service.wasm` over HTTP: Lambda's Invoke API and a plain one, for
//! callers who have no AWS credentials.
//!
//! The component decides who may call what, signs and forwards; the manual of the project has what
//! callers get. Around it stands what a service in the open needs: limits, TLS, an access log, and
//! numbers for Prometheus.
//!
//! ```no_run
//! use lambda_invocation_host::serve::{Options, Server};
//! use lambda_invocation_host::{ComponentSource, Host};
//! use tokio::net::TcpListener;
//!
//! # async fn interrupted() {}
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let component = Host::builder(ComponentSource::Bundled)
//!     .env("AWS_REGION", "eu-central-1")
//!     .env("LAMBDA_INVOCATION_TOKEN", "the token of the callers")
//!     .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "my-function:PROD");
//! let server = Server::new(component, Options::default())?;
//! let listener = TcpListener::bind("127.0.0.1:8080").await?;
//! server.run(listener, interrupted()).await;
//! # Ok(())
//! # }
//! ```
//!
//! # A request
//!
//! ```text
//! connection   reads a whole head within its time
//!  -> route    what is asked for
//!  -> limits   a place, or 503 or 429 at once
//!  -> component  a fresh instance, which answers from the head or reads the body
//!  -> answer   in pieces, within its time
//!  -> record   a line and the numbers
//! ```
//!
//! A request has its place until its answer has been taken *and* its instance is gone. A caller
//! who leaves does not end a call that may have been sent: the function runs anyway, and its place
//! is taken for as long, so that leaving is no way around the limits.

mod answer;
mod component;
mod connection;
mod head;
mod limits;
mod log;
mod metrics;
mod outcome;
mod record;
mod refusal;
mod route;
mod server;
mod tls;

use std::fmt;
use std::io::Write;
use std::time::Duration;

pub use self::server::{Ended, Server};
pub use self::tls::{Tls, TlsError};

/// How a [`Server`] serves.
#[must_use]
pub struct Options {
    pub(crate) max_concurrent_requests: u32,
    pub(crate) max_requests_per_token: Option<u32>,
    pub(crate) max_connections: u32,
    pub(crate) head_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) answer_timeout: Option<Duration>,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) tls: Option<Tls>,
    pub(crate) access_log: Option<Box<dyn Write + Send>>,
}

impl Options {
    /// Default of [`max_concurrent_requests`](Self::max_concurrent_requests): Lambda's own, for
    /// the functions of an account in a region.
    pub const MAX_CONCURRENT_REQUESTS: u32 = 1_000;
    /// Default of [`max_connections`](Self::max_connections).
    pub const MAX_CONNECTIONS: u32 = 10_000;
    /// Default of [`head_timeout`](Self::head_timeout).
    pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
    /// Default of [`idle_timeout`](Self::idle_timeout): longer than the clients of AWS SDKs and
    /// proxies keep connections, so that it is they who close them.
    pub const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
    /// Default of [`shutdown_timeout`](Self::shutdown_timeout): the longest that a function runs,
    /// and ten seconds.
    pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(910);

    /// Most requests answered at the same time. A further one gets 503 with `Retry-After` at
    /// once. Requests without a token that counts, and those for `/healthz`, have
    /// places of their own.
    pub fn max_concurrent_requests(mut self, most: u32) -> Self {
        self.max_concurrent_requests = most;
        self
    }

    /// Most requests with the same token at the same time. A further one gets 429 with
    /// `Retry-After` at once. The default is nine tenths of all.
    pub fn max_requests_per_token(mut self, most: u32) -> Self {
        self.max_requests_per_token = Some(most);
        self
    }

    /// Most connections of callers. A further one is told 503 and closed.
    pub fn max_connections(mut self, most: u32) -> Self {
        self.max_connections = most;
        self
    }

    /// How long the head of a request may take, and a TLS handshake.
    pub fn head_timeout(mut self, time: Duration) -> Self {
        self.head_timeout = time;
        self
    }

    /// How long a connection stays open between requests.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = time;
        self
    }

    /// How long a caller may take to take an answer. The default is the component's: its variable
    /// `LAMBDA_INVOCATION_BODY_TIMEOUT_MS`, or 30 s.
    pub fn answer_timeout(mut self, time: Duration) -> Self {
        self.answer_timeout = Some(time);
        self
    }

    /// How long requests under way are waited for when the server is told to stop.
    pub fn shutdown_timeout(mut self, time: Duration) -> Self {
        self.shutdown_timeout = time;
        self
    }

    /// Serves over TLS only.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Where the access log goes. The default is standard error, where operators' messages
    /// always go.
    pub fn access_log(mut self, to: impl Write + Send + 'static) -> Self {
        self.access_log = Some(Box::new(to));
        self
    }

    /// Most requests with the same token.
    pub(crate) fn per_token(&self) -> u32 {
        let all = self.max_concurrent_requests;
        let nine_tenths = all.saturating_sub(all / 10);
        self.max_requests_per_token.unwrap_or(nine_tenths)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_concurrent_requests: Self::MAX_CONCURRENT_REQUESTS,
            max_requests_per_token: None,
            max_connections: Self::MAX_CONNECTIONS,
            head_timeout: Self::HEAD_TIMEOUT,
            idle_timeout: Self::IDLE_TIMEOUT,
            answer_timeout: None,
            shutdown_timeout: Self::SHUTDOWN_TIMEOUT,
            tls: None,
            access_log: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("max_concurrent_requests", &self.max_concurrent_requests)
            .field("max_requests_per_token", &self.per_token())
            .field("max_connections", &self.max_connections)
            .field("head_timeout", &self.head_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("answer_timeout", &self.answer_timeout)
            .field("shutdown_timeout", &self.shutdown_timeout)
            .field("tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}
