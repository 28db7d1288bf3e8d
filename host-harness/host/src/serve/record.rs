//! What is known of a request while it is answered, for the log and the numbers when it is over.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::{Method, Response};
use serde_json::Value;
use time::OffsetDateTime;

use super::limits::Place;
use super::log::{Line, Log};
use super::metrics::Metrics;
use super::outcome::Outcome;
use super::route::Route;
use crate::http::Attempts;

/// Longest path that is logged.
const MAX_PATH: usize = 256;
/// Longest method that is logged: a caller may send any word.
const MAX_METHOD: usize = 32;

/// Where requests are written down and counted.
#[derive(Debug)]
pub(super) struct Observer {
    pub(super) metrics: Metrics,
    /// A line for each request.
    pub(super) access: Arc<Log>,
    /// What operators should know.
    pub(super) messages: Arc<Log>,
    /// The beginning of the ids of this process.
    pub(super) ids: u32,
    pub(super) last_id: AtomicU64,
}

/// A request. When nobody holds it any more, it is over: its answer has been taken or given up,
/// and its instance is gone.
pub(super) struct Record {
    observer: Arc<Observer>,
    /// For people to find what belongs together.
    pub(super) id: String,
    caller: IpAddr,
    method: String,
    path: String,
    route: Route,
    at: OffsetDateTime,
    began: Instant,
    pub(super) attempts: Arc<Attempts>,
    said: Mutex<Said>,
    /// A caller's place among those that may be answered at the same time.
    place: Mutex<Option<Place>>,
}

#[derive(Default)]
struct Said {
    status: Option<u16>,
    outcome: Option<Outcome>,
    caller_left: bool,
    /// Lambda's.
    request_id: Option<String>,
    /// Bytes of the answer's body.
    sent: u64,
}

impl Record {
    pub(super) fn new(
        observer: &Arc<Observer>,
        caller: IpAddr,
        method: &Method,
        path: &str,
        route: Route,
    ) -> Arc<Self> {
        let n = observer.last_id.fetch_add(1, Ordering::Relaxed);
        observer.metrics.in_flight.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self {
            observer: Arc::clone(observer),
            id: format!("{:08x}-{n:x}", observer.ids),
            caller,
            method: method.as_str().chars().take(MAX_METHOD).collect(),
            path: path.chars().take(MAX_PATH).collect(),
            route,
            at: OffsetDateTime::now_utc(),
            began: Instant::now(),
            attempts: Arc::default(),
            said: Mutex::default(),
            place: Mutex::default(),
        })
    }

    pub(super) fn take(&self, place: Place) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }

    /// What the component answers, whether or not somebody is there to take it.
    pub(super) fn answered<B>(&self, response: &Response<B>) {
        let headers = response.headers();
        let has_function_error = headers.contains_key("x-amz-function-error");
        let request_id = headers.get("x-amzn-requestid");
        let mut said = self.said();
        said.status = Some(response.status().as_u16());
        said.outcome = Some(Outcome::of(response.status(), has_function_error));
        said.request_id = request_id.and_then(|id| Some(id.to_str().ok()?.to_owned()));
    }

    /// What is answered in its place.
    pub(super) fn refused(&self, status: u16, outcome: Outcome) {
        let mut said = self.said();
        said.status = Some(status);
        said.outcome = Some(outcome);
    }

    /// Its answer broke off after it had begun.
    pub(super) fn broke_off(&self) {
        self.said().outcome = Some(Outcome::Failed);
    }

    pub(super) fn caller_left(&self) {
        self.said().caller_left = true;
    }

    pub(super) fn sent(&self, bytes: u64) {
        self.said().sent = bytes;
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let said = std::mem::take(&mut *self.said());
        let took = self.began.elapsed();
        let outcome = match said.outcome {
            _ if said.caller_left => Outcome::CallerLeft,
            Some(outcome) => outcome,
            None => Outcome::Trapped,
        };
        let attempts = self.attempts.sent.load(Ordering::Relaxed);
        let throttled = self.attempts.throttled.load(Ordering::Relaxed);
        let metrics = &self.observer.metrics;
        metrics.finished(self.route, outcome, took);
        metrics.sent(attempts, throttled);
        // Last: who sees nothing in flight finds everything counted.
        metrics.in_flight.fetch_sub(1, Ordering::Release);
        let milliseconds = took.as_micros() as f64 / 1_000.0;
        let line = Line::at(self.at)
            .text("id", &self.id)
            .text("caller", &self.caller.to_string())
            .text("method", &self.method)
            .text("path", &self.path)
            .value("status", &said.status.map_or(Value::Null, Value::from))
            .text("outcome", outcome.name())
            .value("duration_ms", &Value::from(milliseconds))
            .value("attempts", &Value::from(attempts))
            .value("throttled", &Value::from(throttled))
            .value("bytes", &Value::from(said.sent));
        let line = match &said.request_id {
            Some(id) => line.text("request_id", id),
            None => line,
        };
        self.observer.access.write(line);
    }
}

/// Somebody who waits for an answer. Dropped before there is one, the caller has left.
pub(super) struct Waiting(Option<Arc<Record>>);

impl Waiting {
    pub(super) fn new(record: &Arc<Record>) -> Self {
        Self(Some(Arc::clone(record)))
    }

    pub(super) fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(record) = &self.0 {
            record.caller_left();
        }
    }
}
