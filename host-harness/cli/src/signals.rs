//! Ctrl-C, and the signals by which terminals, containers and CI end a program.

use std::io::{self, Write as _};
use std::sync::Arc;

use lambda_invocation_command::exit;
use lambda_invocation_command::interrupt::{Interrupt, Order};

pub use system::Signals;

/// Ends the program when one comes: at once, or once the invocation under way is saved.
pub async fn watch(interrupt: Arc<Interrupt>) {
    let Ok(mut signals) = Signals::new() else {
        return;
    };
    loop {
        signals.next().await;
        let order = interrupt.request();
        let words = match order {
            Order::Wait => {
                "interrupted: stopping after the invocation under way; again to stop at once"
            }
            Order::End { calling: true } => "interrupted: the function may still run",
            Order::End { calling: false } => "interrupted before anything was sent",
        };
        // The terminal may be gone; that is no reason to go on.
        let _ = writeln!(io::stderr(), "\n{words}");
        if order != Order::Wait {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    }
}

#[cfg(unix)]
mod system {
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// SIGINT, SIGTERM and SIGHUP, but for those that whoever started this program had
    /// ignored: `nohup` does, and a shell for what it runs in the background.
    pub struct Signals(Vec<(SignalKind, Signal)>);

    impl Signals {
        /// Takes them from the system, which else ends the program.
        pub fn new() -> io::Result<Self> {
            let ignored = ignored();
            let kinds = [
                SignalKind::interrupt(),
                SignalKind::terminate(),
                SignalKind::hangup(),
            ];
            let kinds = kinds
                .into_iter()
                .filter(|kind| !is_in(ignored, kind.as_raw_value()));
            let signals = kinds.map(|kind| Ok((kind, signal(kind)?)));
            Ok(Self(signals.collect::<io::Result<_>>()?))
        }

        /// Waits for the next one, and returns its number.
        pub async fn next(&mut self) -> i32 {
            poll_fn(|context| {
                for (kind, signal) in &mut self.0 {
                    if signal.poll_recv(context).is_ready() {
                        return Poll::Ready(kind.as_raw_value());
                    }
                }
                Poll::Pending
            })
            .await
        }
    }

    /// The signals that this process ignores, as Linux tells it: signal n is bit n - 1.
    /// Elsewhere none are known.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mut lines = status.lines();
        lines
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .unwrap_or(0)
    }

    fn is_in(mask: u64, signal: i32) -> bool {
        let bit = u32::try_from(signal).ok().and_then(|n| n.checked_sub(1));
        bit.is_some_and(|bit| mask.unbounded_shr(bit) & 1 == 1)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_mask_has_a_bit_for_each_signal() {
            // SIGHUP alone, as nohup has it; SIGINT and SIGQUIT, as a shell has it for
            // what runs in the background.
            for (mask, expected) in [
                (0, [false; 3]),
                (1, [true, false, false]),
                (6, [false, true, false]),
            ] {
                assert_eq!([1, 2, 15].map(|signal| is_in(mask, signal)), expected);
            }
            assert!(!is_in(u64::MAX, 0) && !is_in(u64::MAX, 65));
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    /// Ctrl-C.
    pub struct Signals;

    impl Signals {
        /// Takes it from the system, which else ends the program.
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Waits for the next one.
        pub async fn next(&mut self) {
            // What cannot be waited for never comes.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
