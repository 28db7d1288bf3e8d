//! Lines of JSON, written by a thread of their own: a full disk or a stopped reader holds up no
//! request.

use std::fmt::{self, Write as _};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

/// Lines that wait to be written; further ones are lost, and counted.
const WAITING: usize = 8_192;
/// How long to wait until all is written.
const FLUSHING: Duration = Duration::from_secs(2);
/// How long to wait for room among the lines that wait.
const PAUSE: Duration = Duration::from_millis(10);

/// Where lines go.
pub(super) struct Log {
    lines: SyncSender<Order>,
    lost: Arc<AtomicU64>,
}

enum Order {
    Write(String),
    /// Says so when all before it has been written.
    Flush(SyncSender<()>),
}

impl Log {
    /// # Errors
    ///
    /// That there is no thread to be had.
    pub(super) fn new(mut to: Box<dyn Write + Send>) -> Result<Self, String> {
        let (lines, orders) = mpsc::sync_channel(WAITING);
        let lost = Arc::<AtomicU64>::default();
        let unwritten = Arc::clone(&lost);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || {
                for order in orders {
                    match order {
                        Order::Write(line) => {
                            if to.write_all(line.as_bytes()).is_err() {
                                unwritten.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                        Order::Flush(done) => {
                            let _ = to.flush();
                            let _ = done.try_send(());
                        }
                    }
                }
            })
            .map_err(|error| error.to_string())?;
        Ok(Self { lines, lost })
    }

    pub(super) fn write(&self, line: Line) {
        if let Err(TrySendError::Full(_)) = self.lines.try_send(Order::Write(line.end())) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes something that an operator should know.
    pub(super) fn say(&self, level: &str, id: Option<&str>, message: &str) {
        let line = Line::now().text("level", level);
        let line = match id {
            Some(id) => line.text("id", id),
            None => line,
        };
        self.write(line.text("message", message));
    }

    /// Lines that were lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Waits until what was said so far is written, but not for long.
    pub(super) fn flush(&self) {
        let (done, wait) = mpsc::sync_channel(1);
        let began = Instant::now();
        let mut order = Order::Flush(done);
        loop {
            match self.lines.try_send(order) {
                Ok(()) => {
                    // Whether in time or not, it is to end.
                    let _ = wait.recv_timeout(FLUSHING.saturating_sub(began.elapsed()));
                    return;
                }
                Err(TrySendError::Full(back)) if began.elapsed() < FLUSHING => order = back,
                Err(_) => return,
            }
            thread::sleep(PAUSE);
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

/// A line, as it is put together.
pub(super) struct Line(String);

impl Line {
    /// With the time.
    pub(super) fn now() -> Self {
        Self::at(OffsetDateTime::now_utc())
    }

    pub(super) fn at(time: OffsetDateTime) -> Self {
        let milliseconds = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        let time = time.format(&milliseconds).unwrap_or_default();
        Self("{".to_owned()).text("time", &time)
    }

    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.value(name, &Value::from(value))
    }

    pub(super) fn value(mut self, name: &str, value: &Value) -> Self {
        let comma = if self.0.len() > 1 { "," } else { "" };
        // Writing to a string does not fail.
        let _ = write!(self.0, "{comma}\"{name}\":{value}");
        self
    }

    fn end(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_that_cannot_be_written_is_counted() {
        struct FullDisk;
        impl Write for FullDisk {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::StorageFull.into())
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let log = Log::new(Box::new(FullDisk)).unwrap();
        log.say("info", None, "what");
        log.flush();
        assert_eq!(log.lost(), 1);
    }

    #[test]
    fn lines_are_json_with_the_time_first() {
        let written = Written::default();
        let log = Log::new(Box::new(written.clone())).unwrap();
        let time = OffsetDateTime::from_unix_timestamp(1_788_000_000).unwrap();
        let line = Line::at(time)
            .text("path", "/\"\n")
            .value("n", &Value::from(1));
        log.write(line);
        log.say("error", Some("id"), "what");
        log.flush();
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            r#"{"time":"2026-08-29T10:40:00.000Z","path":"/\"\n","n":1}"#
        );
        let said: Value = serde_json::from_str(lines[1]).unwrap();
        assert_eq!(said["message"], "what");
        assert_eq!((lines.len(), log.lost()), (2, 0));
    }
}
