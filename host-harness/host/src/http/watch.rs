//! What a call meets on its way, for those who show progress.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

/// An attempt that is to be repeated, or may be: see [`Host::watched`](crate::Host::watched).
///
/// `Display` says it in a few words: `throttled, trying again in 2 s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setback {
    /// The HTTP status of the answer; none where there was no answer.
    pub status: Option<u16>,
    /// How long the call waits before it tries again. Known where the host sends
    /// ([`Transport::Host`](crate::Transport::Host)). None where the component does: it does
    /// not say whether it tries again, or when.
    pub wait: Option<Duration>,
}

/// Who is told of setbacks.
pub(crate) type Watcher = Arc<dyn Fn(&Setback) + Send + Sync>;

impl Setback {
    /// What a status says of a call that a component sends: that it is throttled, or that
    /// the service is not available. Others it does not repeat, or not often.
    pub(super) fn of_status(status: StatusCode) -> Option<Self> {
        let tells = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        tells.contains(&status).then(|| Self {
            status: Some(status.as_u16()),
            wait: None,
        })
    }
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(429) => f.write_str("throttled")?,
            Some(status) => write!(f, "HTTP {status}")?,
            None => f.write_str("no answer")?,
        }
        match self.wait {
            None => Ok(()),
            Some(wait) if wait < Duration::from_secs(1) => {
                write!(f, ", trying again in {} ms", wait.as_millis())
            }
            // A tenth of a second more or less says nothing.
            Some(wait) => {
                let tenths = wait.as_millis().div_ceil(100);
                write!(f, ", trying again in {}", tenths / 10)?;
                match tenths % 10 {
                    0 => f.write_str(" s"),
                    tenth => write!(f, ".{tenth} s"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setback_is_told_in_a_few_words() {
        let ms = Duration::from_millis;
        let table: [(Option<u16>, Option<Duration>, &str); 8] = [
            (Some(429), Some(ms(2_000)), "throttled, trying again in 2 s"),
            (
                Some(429),
                Some(ms(1_449)),
                "throttled, trying again in 1.5 s",
            ),
            (
                Some(429),
                Some(ms(60_000)),
                "throttled, trying again in 60 s",
            ),
            (Some(429), Some(ms(10)), "throttled, trying again in 10 ms"),
            (Some(429), None, "throttled"),
            (Some(503), Some(ms(999)), "HTTP 503, trying again in 999 ms"),
            (Some(503), None, "HTTP 503"),
            (None, Some(ms(0)), "no answer, trying again in 0 ms"),
        ];
        for (status, wait, words) in table {
            assert_eq!(Setback { status, wait }.to_string(), words);
        }
    }

    #[test]
    fn a_component_that_sends_is_watched_for_two_statuses() {
        let told = (100..600).filter(|status| {
            let status = StatusCode::from_u16(*status).unwrap();
            Setback::of_status(status).is_some()
        });
        assert_eq!(told.collect::<Vec<u16>>(), [429, 503]);
    }
}
