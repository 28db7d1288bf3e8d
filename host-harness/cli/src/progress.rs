//! A sign of life on long calls.

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

/// Awaits `call`, and says on standard error how long that has taken once it is more
/// than a second; on a terminal only, and gone when the call is.
pub async fn shown<T>(what: &str, call: impl Future<Output = T>) -> T {
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
                let _ = write!(err, "\r\x1b[K{what}: waiting, {elapsed} s");
                let _ = err.flush();
            }
        }
    }
    call.await
}
