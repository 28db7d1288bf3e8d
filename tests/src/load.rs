//! Callers who keep their connections, for measurements and soaks of a service.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any answer here may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A caller.
#[derive(Debug)]
pub struct Caller {
    address: String,
    connection: Option<BufReader<TcpStream>>,
}

impl Caller {
    /// A caller of the service at this URL.
    pub fn of(url: &str) -> Self {
        Self {
            address: url.trim_start_matches("http://").to_owned(),
            connection: None,
        }
    }

    /// Sends a request, on the connection of the last one where that is open. Returns the status
    /// and the body of the answer.
    ///
    /// # Errors
    ///
    /// What the system says, and [`io::ErrorKind::InvalidData`] for what is no answer.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        if let Some(connection) = self.connection.take() {
            match self.exchange_on(connection, request) {
                // The service had closed it before it came.
                Err(error) if is_closed(&error) => {}
                other => return other,
            }
        }
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        self.exchange_on(BufReader::new(stream), request)
    }

    fn exchange_on(
        &mut self,
        mut connection: BufReader<TcpStream>,
        request: &[u8],
    ) -> io::Result<(u16, Vec<u8>)> {
        connection.get_mut().write_all(request)?;
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        let (mut status, mut length, mut is_last) = (0, 0, false);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            if connection.read_line(&mut line)? == 0 {
                return Err(match status {
                    0 => io::ErrorKind::ConnectionReset.into(),
                    _ => io::ErrorKind::UnexpectedEof.into(),
                });
            }
            let lower = line.to_ascii_lowercase();
            if let Some(rest) = lower.strip_prefix("http/1.1 ") {
                status = rest
                    .get(..3)
                    .and_then(|s| s.parse().ok())
                    .ok_or_else(broken)?;
            } else if let Some(digits) = lower.strip_prefix("content-length:") {
                length = digits.trim().parse().map_err(|_| broken())?;
            } else if lower.starts_with("connection: close") {
                is_last = true;
            }
        }
        let mut body = vec![0; length];
        connection.read_exact(&mut body)?;
        if !is_last {
            self.connection = Some(connection);
        }
        Ok((status, body))
    }

    /// Sends a request and leaves, without waiting for an answer.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn leave(&mut self, request: &[u8]) -> io::Result<()> {
        self.connection = None;
        TcpStream::connect(&self.address)?.write_all(request)
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}

/// What came of a load.
#[derive(Debug)]
pub struct Measured {
    /// How long each answer took, the shortest first.
    pub times: Vec<Duration>,
    /// Answers other than 200, and requests without one.
    pub others: usize,
    /// How long all of it took.
    pub took: Duration,
}

impl Measured {
    /// Answers in a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64()
    }

    /// The time within which so many of a hundred were answered.
    pub fn percentile(&self, of: usize) -> Duration {
        let at = self.times.len() * of / 100;
        self.times.get(at).copied().unwrap_or_default()
    }
}

/// So many callers at a time, each with the next request as soon as the last is answered.
pub fn load(url: &str, request: &[u8], callers: usize, duration: Duration) -> Measured {
    let others = AtomicUsize::new(0);
    let started = Instant::now();
    let one = || {
        let mut times = Vec::new();
        let mut caller = Caller::of(url);
        while started.elapsed() < duration {
            let sent = Instant::now();
            match caller.exchange(request) {
                Ok((200, _)) => times.push(sent.elapsed()),
                _ => {
                    others.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        times
    };
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let callers: Vec<_> = (0..callers).map(|_| scope.spawn(one)).collect();
        callers
            .into_iter()
            .flat_map(|caller| caller.join().unwrap_or_default())
            .collect()
    });
    times.sort();
    Measured {
        times,
        others: others.into_inner(),
        took: started.elapsed(),
    }
}
