//! What the endpoint was asked, kept for tests to look at.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::HeaderMap;

/// Most bytes of payload that are kept over all invocations.
const MAX_PAYLOAD_BYTES: usize = 64 << 20;

/// One request to the Invoke operation, refused ones included, in the order in
/// which their bodies were complete.
///
/// It holds everything that was sent, credentials and payload too, but `Debug`
/// shows none of that.
#[derive(Clone)]
#[non_exhaustive]
pub struct Invocation {
    /// Which connection it came over, counted from 1.
    pub connection: u64,
    /// `x-amzn-RequestId` of the answer.
    pub request_id: String,
    /// The function as the path names it, percent-decoded, a qualifier in it
    /// included.
    pub function_name: String,
    /// `Qualifier` of the query, percent-decoded.
    pub qualifier: Option<String>,
    /// `X-Amz-Invocation-Type` as sent; `None` when the header was not.
    pub invocation_type: Option<String>,
    /// Every header, names in lower case.
    pub headers: HeaderMap,
    /// The body; empty when it was refused for its size.
    pub payload: Bytes,
    /// The version that ran. `None` when the function did not run: the request
    /// was refused, throttled or a `DryRun`.
    pub executed_version: Option<String>,
    /// The status that was answered. `None` while the function runs, for good
    /// when the caller went away meanwhile.
    pub status: Option<u16>,
    /// The error code that was answered, for example
    /// `ResourceNotFoundException`.
    pub error_code: Option<String>,
    /// Whether the function ran and failed.
    pub function_error: bool,
    /// Whether the function ran to its end. For an `Event` that is later than
    /// the answer.
    pub finished: bool,
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("connection", &self.connection)
            .field("request_id", &self.request_id)
            .field("function_name", &self.function_name)
            .field("qualifier", &self.qualifier)
            .field("invocation_type", &self.invocation_type)
            .field("payload_len", &self.payload.len())
            .field("executed_version", &self.executed_version)
            .field("status", &self.status)
            .field("error_code", &self.error_code)
            .field("function_error", &self.function_error)
            .field("finished", &self.finished)
            .finish_non_exhaustive()
    }
}

/// Totals since the endpoint started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Connections accepted.
    pub connections: u64,
    /// HTTP requests whose head was read, of any method and path.
    pub requests: u64,
    /// Invocations that ran a function.
    pub ran: u64,
    /// Requests answered with an error status.
    pub refused: u64,
}

/// Names an invocation for as long as it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number(u64);

#[derive(Default)]
pub(super) struct Records {
    connections: AtomicU64,
    requests: AtomicU64,
    ran: AtomicU64,
    refused: AtomicU64,
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    invocations: VecDeque<Invocation>,
    /// The number of the first of `invocations`.
    first: u64,
    payload_bytes: usize,
}

impl Records {
    /// Keeps the last `limit` invocations.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// The number of a new connection.
    pub(super) fn connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn ran(&self) {
        self.ran.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps an invocation, and lets the oldest go for it. The closure is called
    /// only when invocations are kept at all.
    pub(super) fn begin(&self, invocation: impl FnOnce() -> Invocation) -> Option<Number> {
        if self.limit == 0 {
            return None;
        }
        let invocation = invocation();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.payload_bytes += invocation.payload.len();
        kept.invocations.push_back(invocation);
        while kept.invocations.len() > self.limit || kept.payload_bytes > MAX_PAYLOAD_BYTES {
            let Some(oldest) = kept.invocations.pop_front() else {
                break;
            };
            kept.payload_bytes -= oldest.payload.len();
            kept.first += 1;
        }
        Some(Number(kept.first + kept.invocations.len() as u64 - 1))
    }

    /// Adds to an invocation what became known of it, unless it is gone.
    pub(super) fn update(&self, number: Option<Number>, change: impl FnOnce(&mut Invocation)) {
        let Some(Number(number)) = number else { return };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let index = number
            .checked_sub(kept.first)
            .and_then(|index| usize::try_from(index).ok());
        if let Some(invocation) = index.and_then(|index| kept.invocations.get_mut(index)) {
            change(invocation);
        }
    }

    pub(super) fn invocations(&self) -> Vec<Invocation> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.invocations.iter().cloned().collect()
    }

    pub(super) fn counters(&self) -> Counters {
        Counters {
            connections: self.connections.load(Ordering::Relaxed),
            requests: self.requests.load(Ordering::Relaxed),
            ran: self.ran.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(name: &str, payload: usize) -> Invocation {
        Invocation {
            connection: 1,
            request_id: String::new(),
            function_name: name.to_owned(),
            qualifier: None,
            invocation_type: None,
            headers: HeaderMap::new(),
            payload: vec![0; payload].into(),
            executed_version: None,
            status: None,
            error_code: None,
            function_error: false,
            finished: false,
        }
    }

    fn names(records: &Records) -> Vec<String> {
        let invocations = records.invocations();
        invocations.into_iter().map(|i| i.function_name).collect()
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let records = Records::new(2);
        let numbers: Vec<_> = ["a", "b", "c"]
            .map(|name| records.begin(|| invocation(name, 0)))
            .into();
        assert_eq!(names(&records), ["b", "c"]);

        // An update finds its own entry, and nobody else's when that is gone.
        for (number, status) in numbers.into_iter().zip([201, 202, 203]) {
            records.update(number, |i| i.status = Some(status));
        }
        let statuses: Vec<_> = records.invocations().iter().map(|i| i.status).collect();
        assert_eq!(statuses, [Some(202), Some(203)]);
    }

    #[test]
    fn the_oldest_go_when_they_are_too_large() {
        let records = Records::new(100);
        for name in ["a", "b", "c"] {
            records.begin(|| invocation(name, MAX_PAYLOAD_BYTES / 2));
        }
        assert_eq!(names(&records), ["b", "c"]);
    }

    #[test]
    fn with_a_limit_of_none_nothing_is_kept() {
        let records = Records::new(0);
        assert!(records.begin(|| unreachable!()).is_none());
    }
}
