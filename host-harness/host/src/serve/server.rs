//! Listening, and the way of a request.

use std::fmt;
use std::future::poll_fn;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::Options;
use super::answer::Answer;
use super::component::Service;
use super::connection::{Connection, Gate, Length, MAX_HEAD, Times};
use super::limits::{BESIDE_CALLERS, Limits};
use super::log::Log;
use super::metrics::{Metrics, Others};
use super::record::{Observer, Record, Waiting};
use super::refusal::Refusal;
use super::route::{self, Route};
use super::tls::Tls;
use crate::builder::HostBuilder;
use crate::error::LoadError;

/// How long to wait when no connection can be accepted, for want of file descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// How often it is looked whether requests are still under way, at the end.
const IN_FLIGHT_PAUSE: Duration = Duration::from_millis(20);
/// The variable of the component that says how long bodies may take.
const BODY_TIMEOUT_MS: &str = "LAMBDA_INVOCATION_BODY_TIMEOUT_MS";
/// What the component takes where that is not set.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Most connections that read the numbers.
const METRICS_CONNECTIONS: usize = 16;
/// How long one of them may take: it reads them once.
const METRICS_TIME: Duration = Duration::from_secs(30);
/// Instances made ahead, for requests that come at the same time.
const SPARES: u32 = 16;

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every request was answered.
    Answered,
    /// So many requests were cut off. Their functions may have run.
    CutOff(u64),
}

/// Serves the component. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

struct Inner {
    service: Arc<Service>,
    limits: Limits,
    observer: Arc<Observer>,
    connections: Arc<Semaphore>,
    times: Times,
    tls: Option<Tls>,
    shutdown_timeout: Duration,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("times", &self.inner.times)
            .field("shutdown_timeout", &self.inner.shutdown_timeout)
            .field("tls", &self.inner.tls)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Loads the component. What of the builder has no meaning for calls of a service is
    /// not looked at: its own limit of calls, the transport, and instances that are kept.
    ///
    /// # Errors
    ///
    /// Every case of [`LoadError`].
    pub fn new(component: HostBuilder, mut options: Options) -> Result<Self, LoadError> {
        let (all, per_token) = (options.max_concurrent_requests, options.per_token());
        if all == 0 || per_token == 0 || options.max_connections == 0 {
            return Err(LoadError::Option("a limit of a server must be at least 1"));
        }
        let limits = Limits::new(all, per_token, &component.environment);
        let answer_timeout = options.answer_timeout;
        let answer_timeout = answer_timeout.unwrap_or_else(|| of_bodies(&component.environment));
        let builder = component
            .max_concurrent_calls(all.saturating_add(BESIDE_CALLERS))
            .reuse_instances(0)
            .spare_instances(SPARES.min(all));
        let messages = Arc::new(log(Box::new(io::stderr()))?);
        let access = match options.access_log.take() {
            Some(to) => Arc::new(log(to)?),
            None => Arc::clone(&messages),
        };
        let observer = Arc::new(Observer {
            metrics: Metrics::default(),
            access,
            messages,
            // Told apart from those of another process, and of the one before.
            ids: u32::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or(0),
            last_id: AtomicU64::new(1),
        });
        if limits.is_closed() {
            let said = "closed: set LAMBDA_INVOCATION_TOKEN, or LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED=true";
            observer.messages.say("warning", None, said);
        }
        let connections = usize::try_from(options.max_connections).unwrap_or(usize::MAX);
        Ok(Self {
            inner: Arc::new(Inner {
                service: Arc::new(Service::new(builder, Arc::clone(&observer))?),
                limits,
                observer,
                connections: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
                times: Times {
                    head: options.head_timeout,
                    idle: options.idle_timeout,
                    answer: answer_timeout,
                },
                tls: options.tls,
                shutdown_timeout: options.shutdown_timeout,
            }),
        })
    }

    /// Serves until `stop` comes to its end; then accepts nothing more, and waits for the
    /// requests under way, those included whose callers have left.
    ///
    /// Dropping the future cuts off the connections.
    pub async fn run(&self, listener: TcpListener, stop: impl Future<Output = ()>) -> Ended {
        let inner = &self.inner;
        let (stopping, told) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                _ = tasks.join_next(), if !tasks.is_empty() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, caller)) => {
                        let Ok(place) = Arc::clone(&inner.connections).try_acquire_owned() else {
                            inner.turn_away(&stream);
                            continue;
                        };
                        let (inner, told) = (Arc::clone(inner), told.clone());
                        tasks.spawn(async move {
                            let held = (Open::new(&inner), place);
                            inner.connection(stream, caller, told).await;
                            drop(held);
                        });
                    }
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
            }
        }
        drop(listener);
        // There may be no connection that listens.
        let _ = stopping.send(true);
        let finished = async {
            while tasks.join_next().await.is_some() {}
            while inner.observer.metrics.in_flight.load(Ordering::Relaxed) > 0 {
                sleep(IN_FLIGHT_PAUSE).await;
            }
        };
        let ended = match timeout(inner.shutdown_timeout, finished).await {
            Ok(()) => Ended::Answered,
            Err(_) => match inner.observer.metrics.in_flight.load(Ordering::Relaxed) {
                // Connections without a request.
                0 => Ended::Answered,
                requests => Ended::CutOff(requests),
            },
        };
        tasks.shutdown().await;
        self.flush();
        ended
    }

    /// Answers `GET /metrics` with the numbers in the text format of Prometheus. It asks for no
    /// token, so it should listen where only those who may read them can connect.
    pub async fn run_metrics(&self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(METRICS_CONNECTIONS));
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                continue;
            };
            let inner = Arc::clone(&self.inner);
            tokio::spawn(async move {
                let answer = service_fn(|request: Request<Incoming>| {
                    let page = inner.metrics(&request);
                    async { Ok::<_, std::convert::Infallible>(page) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(inner.times.head)
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), answer);
                // Nobody is there to tell what ends a connection.
                let _ = timeout(METRICS_TIME, connection).await;
                drop(place);
            });
        }
    }

    /// Writes a message for operators, as the server itself does.
    pub fn say(&self, level: &str, message: &str) {
        self.inner.observer.messages.say(level, None, message);
    }

    /// Waits until the logs are written, two seconds at most.
    pub fn flush(&self) {
        self.inner.observer.access.flush();
        self.inner.observer.messages.flush();
    }
}

/// How long a component with these variables lets bodies take. What is wrong with a variable, it
/// answers itself; zero is wrong.
fn of_bodies(variables: &[(String, String)]) -> Duration {
    let set = variables.iter().find(|(name, _)| name == BODY_TIMEOUT_MS);
    let ms = set.and_then(|(_, ms)| ms.parse().ok());
    ms.filter(|ms: &u64| *ms > 0)
        .map_or(BODY_TIMEOUT, Duration::from_millis)
}

fn log(to: Box<dyn io::Write + Send>) -> Result<Log, LoadError> {
    Log::new(to).map_err(|error| LoadError::Engine(format!("no thread to be had: {error}")))
}

impl Inner {
    /// Closes a connection beyond the limit, with a word where it can be understood.
    fn turn_away(&self, stream: &TcpStream) {
        const WORD: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let refused = &self.observer.metrics.connections_refused;
        refused.fetch_add(1, Ordering::Relaxed);
        if self.tls.is_none() {
            // A caller who does not get it sees the connection closed.
            let _ = stream.try_write(WORD);
        }
    }

    /// Serves a connection until either side closes it.
    async fn connection(
        self: &Arc<Self>,
        stream: TcpStream,
        caller: SocketAddr,
        told: watch::Receiver<bool>,
    ) {
        // Without it an answer may wait 40 ms for an acknowledgement; if it cannot be set, the
        // answers are right all the same.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.serve(stream, caller, Scheme::Http, told).await,
            Some(tls) => {
                let handshake = timeout(self.times.head, tls.0.accept(stream)).await;
                if let Ok(Ok(stream)) = handshake {
                    self.serve(stream, caller, Scheme::Https, told).await;
                }
            }
        }
    }

    async fn serve<S>(
        self: &Arc<Self>,
        stream: S,
        caller: SocketAddr,
        scheme: Scheme,
        mut told: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let gate = Arc::<Gate>::default();
        let stream = Connection::new(stream, Arc::clone(&gate), self.times);
        let answer = service_fn(|request: Request<Incoming>| {
            let length = match request.body().size_hint().exact() {
                Some(length) => Length::Known(length),
                None => Length::Chunks,
            };
            let is_ambiguous = gate.begin(length);
            let gate = Arc::clone(&gate);
            let arrived = Arrived {
                request,
                caller,
                scheme: scheme.clone(),
                length,
                is_ambiguous,
            };
            async { Ok::<_, std::convert::Infallible>(self.answer(arrived, gate).await) }
        });
        let mut builder = http1::Builder::new();
        // Times are kept by the connection.
        builder.header_read_timeout(None).max_buf_size(MAX_HEAD);
        let mut http = pin!(builder.serve_connection(TokioIo::new(stream), answer));
        let mut is_told = false;
        loop {
            tokio::select! {
                // What ends a connection early is the caller's to know.
                _ = poll_fn(|cx| http.as_mut().poll(cx)) => return,
                _ = told.wait_for(|told| *told), if !is_told => {
                    is_told = true;
                    http.as_mut().graceful_shutdown();
                }
            }
        }
    }

    async fn answer(self: &Arc<Self>, arrived: Arrived, gate: Arc<Gate>) -> Response<Answer> {
        let method = arrived.request.method().clone();
        let path = arrived.request.uri().path().to_owned();
        let route = Route::of(&method, &path);
        let caller = arrived.caller.ip();
        let record = Record::new(&self.observer, caller, &method, &path, route);
        let is_last = arrived.length == Length::Chunks;
        let waiting = Waiting::new(&record);
        let answered = self.answered(arrived, route, &record).await;
        waiting.end();
        let id = HeaderValue::from_str(&record.id).ok();
        let time = self.times.answer;
        let mut response = match answered {
            Ok(response) => Answer::of(response, &method, time, record, gate),
            Err(refusal) => {
                let response = refusal.answer(&path);
                record.refused(response.status().as_u16(), refusal.outcome());
                Answer::of(response, &method, time, record, gate)
            }
        };
        let headers = response.headers_mut();
        if let Some(id) = id {
            headers.insert("x-request-id", id);
        }
        if is_last {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// What the component answers, or why it does not.
    async fn answered(
        &self,
        arrived: Arrived,
        route: Route,
        record: &Arc<Record>,
    ) -> Result<Response<HyperOutgoingBody>, Refusal> {
        let request = arrived.request;
        if arrived.is_ambiguous {
            return Err(Refusal::LengthAndCoding);
        }
        let host = request.headers().get(HOST);
        if request.uri().authority().is_none() && host.is_none_or(|host| host.to_str().is_err()) {
            return Err(Refusal::NoHost);
        }
        if request.version() < Version::HTTP_11 && route::is_stream(request.uri().path()) {
            return Err(Refusal::OldStream);
        }
        let place = self.limits.place(route, request.headers()).await;
        let place = place.map_err(Refusal::NoPlace)?;
        // Asking for credentials may take a while: that is for those only who may call.
        let (brief, credentials) = match place.is_callers {
            true => {
                record.take(place);
                (None, self.service.credentials().await)
            }
            false => (Some(place), Ok(None)),
        };
        let is_brief = brief.is_some();
        // Without credentials the component refuses who has no token, and then the call.
        let (credentials, missing) = match credentials {
            Ok(credentials) => (credentials, None),
            Err(error) => (None, Some(error)),
        };
        let record_of_call = Arc::clone(record);
        let answering =
            self.service
                .answer(request, arrived.scheme, credentials, record_of_call, brief);
        let no_answer = || Refusal::NoAnswer {
            maybe_ran: record.attempts.sent.load(Ordering::Relaxed) > 0,
        };
        let mut response = answering.await.map_err(|_| no_answer())?;
        if is_brief {
            // Its instance does not wait for a caller who does not take it.
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|_| no_answer())?;
            let body = Full::new(body.to_bytes()).map_err(|never| match never {});
            response = Response::from_parts(head, body.boxed_unsync());
        }
        if let Some(error) = missing
            && response.status() == StatusCode::SERVICE_UNAVAILABLE
        {
            let messages = &self.observer.messages;
            messages.say("error", Some(&record.id), &format!("HTTP 503: {error}"));
        }
        Ok(response)
    }

    fn metrics(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let is_asked = request.uri().path() == "/metrics";
        let status = match *request.method() {
            _ if !is_asked => 404,
            Method::GET | Method::HEAD => 200,
            _ => 405,
        };
        let page = match status {
            200 => self.observer.metrics.page(self.others()),
            404 => "there is GET /metrics\n".to_owned(),
            _ => "this path takes GET\n".to_owned(),
        };
        let mut response = Response::new(Full::new(Bytes::from(page)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }

    fn others(&self) -> Others {
        let counts = self.service.counts();
        let observer = &self.observer;
        let mut lines_lost = observer.access.lost();
        if !Arc::ptr_eq(&observer.access, &observer.messages) {
            lines_lost = lines_lost.saturating_add(observer.messages.lost());
        }
        Others {
            spare_instances: u64::try_from(self.service.spare_instances()).unwrap_or(u64::MAX),
            pool_made: counts.made.load(Ordering::Relaxed),
            pool_open: counts.open.load(Ordering::Relaxed),
            lines_lost,
        }
    }
}

/// A connection of a caller that is counted, until it is dropped.
struct Open(Arc<Inner>);

impl Open {
    fn new(inner: &Arc<Inner>) -> Self {
        let open = &inner.observer.metrics.connections;
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(inner))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let open = &self.0.observer.metrics.connections;
        open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request, and how it came.
struct Arrived {
    request: Request<Incoming>,
    caller: SocketAddr,
    scheme: Scheme,
    length: Length,
    /// Whether it has both a length and a transfer coding.
    is_ambiguous: bool,
}
