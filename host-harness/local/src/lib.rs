//! A Lambda endpoint on this machine: for a first run, for tests, for
//! measurements.
//!
//! It is an HTTP/1.1 server on a loopback address that speaks the operations Invoke and
//! InvokeWithResponseStream as Lambda does: it checks each signature ([SigV4], five
//! minutes of clock window, no unsigned `x-amz-*` header), answers 200, 202 and
//! 204 or with an event stream, reports function errors, log tails and executed versions,
//! and refuses with Lambda's statuses, codes and bodies. What it runs is a table of built-in
//! [`FUNCTIONS`], each driven by its event.
//!
//! It is a teaching aid and a test double, not an emulator: functions that are
//! [added](Builder::answer) run nothing, an `Event` that fails is not tried again, and
//! every account in an ARN has the same functions. A payload that is too large is refused
//! before its signature is checked.
//!
//! ```
//! use lambda_invocation_local::LocalEndpoint;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let endpoint = LocalEndpoint::builder().region("eu-west-1").start().await?;
//! println!("invoke echo at {}", endpoint.url());
//! // ... point a client at it, then look at what arrived:
//! for invocation in endpoint.invocations() {
//!     println!("{} -> {:?}", invocation.function_name, invocation.status);
//! }
//! endpoint.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! [SigV4]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html

// Any program on the machine can connect; nothing it sends may end the server.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod arguments;
mod attempts;
mod cors;
mod credentials;
mod date;
mod execution_log;
mod function_name;
mod functions;
mod ids;
mod invoke;
mod records;
mod reply;
mod runtime_error;
mod stream;
mod tasks;
mod verify;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::sleep;

pub use self::credentials::Credentials;
pub use self::functions::{FUNCTIONS, Function};
pub use self::records::{Counters, Invocation};

use self::invoke::Service;
use self::records::Records;
use self::verify::Verifier;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;
/// How long a connection may stay idle, or take to send a request's head. Longer
/// than the pools of usual clients keep a connection, so that it is they who close
/// it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);
/// How long to wait when no connection can be accepted, for want of file
/// descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// A running endpoint. It stops when dropped.
pub struct LocalEndpoint {
    address: SocketAddr,
    credentials: Credentials,
    service: Arc<Service>,
}

impl LocalEndpoint {
    /// An endpoint with the defaults of [`Builder`].
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The endpoint URL, for example `http://127.0.0.1:41225`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address it listens on, with the port that was chosen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The region that requests must be signed for.
    pub fn region(&self) -> &str {
        &self.service.region
    }

    /// The credentials that requests must be signed with.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The requests to Invoke so far, refused ones included, oldest first: the
    /// last ones, as many as [`Builder::keep_invocations`] says.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.service.records.invocations()
    }

    /// Totals since the start.
    pub fn counters(&self) -> Counters {
        self.service.records.counters()
    }

    /// Stops at once and waits until it has: open connections break, functions
    /// that sleep wake no more.
    pub async fn shutdown(self) {
        self.service.tasks.stop().shutdown().await;
    }
}

impl Drop for LocalEndpoint {
    fn drop(&mut self) {
        self.service.tasks.stop();
    }
}

impl fmt::Debug for LocalEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEndpoint")
            .field("address", &self.address)
            .field("region", &self.service.region)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}

/// Settings of an endpoint before it starts.
#[must_use = "an endpoint starts with `start`"]
pub struct Builder {
    address: SocketAddr,
    region: String,
    answers: BTreeMap<String, Bytes>,
    credentials: Credentials,
    session_expires: Option<SystemTime>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    keep_invocations: usize,
}

impl Default for Builder {
    /// Port chosen by the system on 127.0.0.1, region `us-east-1`, the example
    /// credentials of the AWS documentation, the system's clock.
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            region: "us-east-1".to_owned(),
            answers: BTreeMap::new(),
            credentials: Credentials::default(),
            session_expires: None,
            clock: Arc::new(SystemTime::now),
            keep_invocations: 1000,
        }
    }
}

impl Builder {
    /// The address to listen on, which must be a loopback address; port 0 lets
    /// the system choose one.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// The region it is in.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// Adds a function that returns this JSON whatever its event is, as a stand-in for one
    /// that a test cannot run. It takes the place of a built-in function of that name.
    pub fn answer(mut self, function: impl Into<String>, json: impl Into<String>) -> Self {
        self.answers.insert(function.into(), json.into().into());
        self
    }

    /// The credentials it accepts.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// When the session token ends; from then on requests with it are refused
    /// with `ExpiredTokenException`. Never, if not set.
    pub fn session_expires(mut self, end: SystemTime) -> Self {
        self.session_expires = Some(end);
        self
    }

    /// The clock for the signatures' time window and the `Date` header, to try
    /// out clocks that run wrong.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How many invocations to keep for [`LocalEndpoint::invocations`], 1000 if
    /// not set; fewer when their payloads exceed 64 MiB together. 0 keeps none,
    /// which spares the work when measuring.
    pub fn keep_invocations(mut self, limit: usize) -> Self {
        self.keep_invocations = limit;
        self
    }

    /// Starts the endpoint on the current tokio runtime, which must have I/O and
    /// time enabled.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] for an address that is not loopback: the
    /// credentials are public, so nobody else may call. Else what the system says
    /// to binding it, [`io::ErrorKind::AddrInUse`] for example.
    pub async fn start(self) -> io::Result<LocalEndpoint> {
        if !self.address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the local Lambda endpoint listens on loopback addresses only",
            ));
        }
        let listener = listen(self.address)?;
        let address = listener.local_addr()?;
        let service = Arc::new(Service {
            verifier: Verifier::new(
                self.region.clone(),
                "lambda",
                self.credentials.clone(),
                self.session_expires.map(date::of),
            ),
            region: self.region,
            answers: self.answers,
            clock: self.clock,
            records: Records::new(self.keep_invocations),
            tasks: Default::default(),
            attempts: Default::default(),
            ids: Default::default(),
        });
        service.tasks.spawn(accept(listener, Arc::clone(&service)));
        Ok(LocalEndpoint {
            address,
            credentials: self.credentials,
            service,
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("region", &self.region)
            .field("keep_invocations", &self.keep_invocations)
            .finish_non_exhaustive()
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A fixed port is free again at once after a restart. Elsewhere than on Unix
    // the option means something else.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(listener: TcpListener, service: Arc<Service>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = serve(stream, Arc::clone(&service));
                service.tasks.spawn(connection);
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Serves one connection until either side closes it.
async fn serve(stream: TcpStream, service: Arc<Service>) {
    // Without it an answer may wait 40 ms for an acknowledgement; if it cannot be
    // set, the answers are right all the same.
    let _ = stream.set_nodelay(true);
    let connection = service.records.connection();
    let answer = service_fn(|request| Arc::clone(&service).answer(connection, request));
    // What ends a connection early is the caller's to know: there is nobody here
    // to tell.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}
