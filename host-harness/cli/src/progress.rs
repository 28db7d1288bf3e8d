//! A sign of life on long calls.

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lambda_invocation_host::Setback;

/// What the call under way has met last, and until when that is news.
#[derive(Clone, Default)]
pub struct News(Arc<Mutex<Option<(Setback, Instant)>>>);

impl News {
    /// Puts it down.
    pub fn set(&self, setback: &Setback) {
        // One that the component waits for ends at a time that it does not tell.
        let lasts = setback.wait.unwrap_or(Duration::from_secs(1));
        let until = Instant::now().checked_add(lasts);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            until.map(|until| (*setback, until));
    }

    /// How it is told beside the time.
    fn told(&self, now: Instant) -> String {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((setback, until)) if now < *until => format!(" ({setback})"),
            _ => String::new(),
        }
    }
}

/// Awaits `call`, and says on standard error how long that has taken once it is more
/// than a second; on a terminal only, and gone when the call is.
pub async fn shown<T>(what: &str, news: &News, call: impl Future<Output = T>) -> T {
    let mut err = io::stderr();
    if !err.is_terminal() {
        return call.await;
    }
    let mut call = pin!(call);
    let mut shown = false;
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.tick().await;
    for elapsed in 1_u64.. {
        tokio::select! {
            done = &mut call => {
                if shown {
                    // Progress is a courtesy: a terminal that is gone is no failure.
                    let _ = write!(err, "\r\x1b[K");
                }
                return done;
            }
            _ = seconds.tick() => {
                shown = true;
                let news = news.told(Instant::now());
                let _ = write!(err, "\r\x1b[K{}", line(what, elapsed, &news));
                let _ = err.flush();
            }
        }
    }
    call.await
}

fn line(what: &str, elapsed: u64, news: &str) -> String {
    format!("{what}: waiting, {elapsed} s{news}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setback_is_shown_until_its_wait_is_over() {
        let news = News::default();
        assert_eq!(line("f", 1, &news.told(Instant::now())), "f: waiting, 1 s");
        let setback = Setback {
            status: Some(429),
            wait: Some(Duration::from_secs(60)),
        };
        let before = Instant::now();
        news.set(&setback);
        assert_eq!(
            line("f", 2, &news.told(before)),
            "f: waiting, 2 s (throttled, trying again in 60 s)"
        );
        let later = before + Duration::from_secs(120);
        assert_eq!(line("f", 120, &news.told(later)), "f: waiting, 120 s");
    }
}
