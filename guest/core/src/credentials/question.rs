//! A request that a source of credentials answers.

use std::fmt;
use std::time::Duration;

use http::Method;
use zeroize::Zeroize as _;

use super::{TRIES, refused};
use crate::call::endpoint::Endpoint;
use crate::call::invocation::Head;
use crate::call::response::RawResponse;
use crate::error::{Error, TimeoutError, TimeoutPhase, TransportPhase};

/// How long services on the machine may take: as in botocore and the AWS SDK for Rust.
const LOCAL_TIMEOUT: Duration = Duration::from_secs(2);
/// Before they are asked once more.
const LOCAL_PAUSE: Duration = Duration::from_millis(100);

/// A request that a source answers. Wiped on drop; `Debug` shows neither headers nor
/// body: they hold tokens.
pub struct Question {
    /// Who asks, for texts.
    pub source: &'static str,
    /// The method.
    pub method: Method,
    /// Where to send.
    pub endpoint: Endpoint,
    /// Path, query and headers.
    pub head: Head,
    /// The body; mostly empty.
    pub body: Vec<u8>,
    /// How long to wait for a connection, and for the whole answer.
    pub timeout: Duration,
    /// How often it is asked, the first time included.
    pub(super) tries: u32,
    /// The least pause before the second time; it doubles for each further one.
    pub(super) pause: Duration,
    /// Whether an answer that is no 429 and no 5xx says that asking once more may help.
    pub(super) is_temporary: fn(&RawResponse) -> bool,
}

impl Question {
    /// A question to a service on the machine.
    pub(super) fn local(source: &'static str, method: Method, endpoint: Endpoint) -> Self {
        Self {
            source,
            method,
            endpoint,
            head: Head {
                path_and_query: String::new(),
                headers: Vec::new(),
            },
            body: Vec::new(),
            timeout: LOCAL_TIMEOUT,
            tries: TRIES,
            pause: LOCAL_PAUSE,
            is_temporary: |_| false,
        }
    }

    /// How long to wait before this is asked once more, after it was asked `tries` times;
    /// `None` when that may not help, or was done often enough.
    ///
    /// The wait is the pause, doubled with each time, and up to half of it more: by
    /// `random`, which is any number.
    pub fn again(
        &self,
        outcome: &Result<RawResponse, Error>,
        tries: u32,
        random: u32,
    ) -> Option<Duration> {
        let may_help = match outcome {
            Ok(raw) => raw.status == 429 || raw.status >= 500 || (self.is_temporary)(raw),
            Err(Error::Transport(e)) => e.phase != TransportPhase::Tls,
            Err(Error::Timeout(e)) => e.phase != TimeoutPhase::Deadline,
            Err(_) => false,
        };
        if !may_help || tries >= self.tries {
            return None;
        }
        let least = self
            .pause
            .saturating_mul(1_u32.wrapping_shl(tries.saturating_sub(1)));
        let most = u32::try_from(least.as_millis() / 2).unwrap_or(u32::MAX);
        let jitter = random.checked_rem(most).unwrap_or(0);
        Some(least.saturating_add(Duration::from_millis(jitter.into())))
    }

    /// The error for when there was no answer.
    ///
    /// What the caller can act on stays what it is: the host's denial, and the deadline
    /// of the call, which did not reach Lambda.
    pub fn unanswered(&self, error: Error) -> Error {
        unanswered(self.source, &self.endpoint.authority, error)
    }
}

/// The error for when `source`, at `authority`, did not answer: as
/// [`Question::unanswered`].
pub fn unanswered(source: &str, authority: &str, error: Error) -> Error {
    let reason = match error {
        Error::Transport(e) => e.detail,
        Error::Timeout(e) if e.phase == TimeoutPhase::Deadline => {
            return Error::Timeout(TimeoutError {
                maybe_ran: false,
                ..e
            });
        }
        Error::Timeout(_) => "no answer in time".to_owned(),
        Error::ResponseTooLarge(_) => "more than 65,536 bytes".to_owned(),
        Error::InvalidArgument(e) => e.reason,
        other => return other,
    };
    refused(source, &[authority, ": ", &reason].concat())
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("source", &self.source)
            .field("method", &self.method)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        for (_, value) in &mut self.head.headers {
            value.zeroize();
        }
        self.body.zeroize();
    }
}
