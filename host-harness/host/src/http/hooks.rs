//! Where `wasi:http` meets the client: the egress policy, then the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use http::{HeaderName, Request, StatusCode};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody,
    WasiHttpHooks,
};

use super::{Client, ProxyNote, Setback, Watcher};
use crate::egress::Policy;

/// Most bytes taken from a component in one write: a whole payload, which is 6 MB at
/// most, so that it is moved in one piece.
const WRITE_CHUNK: usize = 6 * 1024 * 1024;
/// Bodies of a call that are taken so. Two writes may wait in each, for a request that the
/// component need not even send: no limit on its own memory counts them.
const WHOLE_BODIES: u32 = 8;
/// The same of the bodies after those.
const SMALL_CHUNK: usize = 64 * 1024;

/// How much longer than it asked for a component may wait for a piece of a body, so that it
/// ends the wait itself and says why: a stream that fails has no code for it.
const BETWEEN_BYTES_GRACE: Duration = Duration::from_secs(1);

/// Headers that a component may not set. In one place in memory: as the constant that it
/// is, the list would be made anew for every header.
static FORBIDDEN: [HeaderName; 9] = DEFAULT_FORBIDDEN_HEADERS;

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

/// The outgoing side of one call.
pub(crate) struct Hooks {
    client: Client,
    policy: Policy,
    note: ProxyNote,
    watcher: Option<Watcher>,
    /// How many bodies the call has made.
    bodies: u32,
    attempts: Option<Arc<Attempts>>,
}

/// What became of the requests that a component sent, for who counts them.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    /// Requests that were sent, or tried to.
    pub(crate) sent: AtomicU32,
    /// Those that were answered with 429.
    pub(crate) throttled: AtomicU32,
    /// Whether the credentials have expired, by what AWS says.
    pub(crate) expired: AtomicBool,
}

impl Attempts {
    fn answered(&self, response: &http::Response<WasiBody>) {
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            self.throttled.fetch_add(1, Ordering::Relaxed);
        }
        let kind = response.headers().get("x-amzn-errortype");
        if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"ExpiredToken")) {
            self.expired.store(true, Ordering::Relaxed);
        }
    }
}

impl Hooks {
    pub(crate) fn new(client: Client, policy: Policy, note: ProxyNote) -> Self {
        Self {
            client,
            policy,
            note,
            watcher: None,
            bodies: 0,
            attempts: None,
        }
    }

    /// Has the attempts counted.
    #[cfg(feature = "serve")]
    pub(crate) fn counting(self, attempts: Arc<Attempts>) -> Self {
        Self {
            attempts: Some(attempts),
            ..self
        }
    }

    /// Has somebody told of setbacks.
    pub(crate) fn watched(self, watcher: Option<Watcher>) -> Self {
        Self { watcher, ..self }
    }

    /// Whether a header is the HTTP stack's own, and none for a component to set.
    pub(crate) fn forbids(name: &HeaderName) -> bool {
        FORBIDDEN.contains(name)
    }
}

impl WasiHttpHooks for Hooks {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        FORBIDDEN.contains(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name| FORBIDDEN.contains(name))
    }

    /// The client derives it from the URI, for HTTP/1.1; in HTTP/2 `:authority` stands
    /// in its place.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent>> + Send> {
        if !self.policy.permits(request.uri()) {
            tracing::debug!("egress denied");
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        let (client, note) = (self.client.clone(), self.note.clone());
        let (watcher, attempts) = (self.watcher.clone(), self.attempts.clone());
        if let Some(attempts) = &attempts {
            attempts.sent.fetch_add(1, Ordering::Relaxed);
        }
        note.clear();
        let mut options = options.unwrap_or_default();
        if let Some(limit) = &mut options.between_bytes_timeout {
            *limit = limit.saturating_add(BETWEEN_BYTES_GRACE);
        }
        Box::new(async move {
            let response = client.send(request, options).await;
            let response = response.map_err(|failed| failed.told(&note))?;
            if let Some(attempts) = attempts {
                attempts.answered(&response);
            }
            if let (Some(watcher), Some(setback)) = (watcher, Setback::of_status(response.status()))
            {
                watcher(&setback);
            }
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(std::future::ready(Ok(())));
            Ok((response, done))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        self.bodies = self.bodies.saturating_add(1);
        if self.bodies <= WHOLE_BODIES {
            WRITE_CHUNK
        } else {
            SMALL_CHUNK
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PoolOptions;
    use super::*;
    use crate::proxy::Proxy;

    #[test]
    fn what_waits_to_be_sent_is_bounded() {
        let client = Client::new(
            Vec::new(),
            Arc::from([]),
            PoolOptions::default(),
            Proxy::default(),
        );
        let policy = Policy {
            endpoints: Vec::new(),
            allowed: Arc::from([]),
        };
        let mut hooks = Hooks::new(client, policy, ProxyNote::default());
        // A payload goes out in one piece, in every attempt that one policy permits by default
        // and in both requests of a replacement.
        for _ in 0..6 {
            assert_eq!(hooks.p2_outgoing_body_chunk_size(), WRITE_CHUNK);
        }
        let all: usize = (0..1_000)
            .map(|_| hooks.p2_outgoing_body_chunk_size())
            .sum();
        assert!(2 * all < 192 * 1024 * 1024, "{all}");
    }
}
