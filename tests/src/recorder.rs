//! A server in front of an endpoint that keeps every request on its way there.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::server::Server;

/// A request to the Invoke operation, as it left the caller.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// As the path names it.
    pub function_name: String,
    /// Of the query.
    pub qualifier: Option<String>,
    /// The body.
    pub payload: String,
    head: String,
}

impl Arrived {
    /// The value of a header, whose name must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    fn read(head: &str, body: &[u8]) -> Self {
        let decoded = |text: &str| text.replace("%24", "$").replace("%3A", ":");
        let target = head.split(' ').nth(1).expect("a request line");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let function_name = path
            .strip_prefix("/2015-03-31/functions/")
            .and_then(|path| path.strip_suffix("/invocations"))
            .expect("the path of Invoke");
        Self {
            function_name: decoded(function_name),
            qualifier: query.strip_prefix("Qualifier=").map(decoded),
            payload: String::from_utf8(body.to_vec()).expect("JSON text"),
            head: head.to_owned(),
        }
    }
}

/// The server. It listens as long as the test process lives.
#[derive(Debug)]
pub struct Recorder {
    server: Server,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// The number of the request, from 0 over the whole record, whose connection breaks
    /// before it gets any further.
    breaks: Arc<AtomicUsize>,
}

impl Recorder {
    /// In front of the endpoint at this address (`HOST:PORT`).
    pub fn start(address: String) -> Self {
        let arrived = Arc::<Mutex<Vec<Arrived>>>::default();
        let breaks = Arc::new(AtomicUsize::new(usize::MAX));
        let (record, broken) = (Arc::clone(&arrived), Arc::clone(&breaks));
        let server = Server::start(move |mut client| {
            let request = client.read_request()?;
            let number = {
                let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
                record.push(Arrived::read(&request.head, &request.body));
                record.len() - 1
            };
            if number == broken.load(Ordering::SeqCst) {
                return Ok(());
            }
            client.send(relayed(&address, &request.head, &request.body)?)
        });
        Self {
            server,
            arrived,
            breaks,
        }
    }

    /// The endpoint URL to give to a caller.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Breaks the connection of the request that is `ahead` of the next.
    pub fn break_request(&self, ahead: usize) {
        let next = self.record().len();
        self.breaks.store(next + ahead, Ordering::SeqCst);
    }

    /// The requests since the last look.
    pub fn take_arrived(&self) -> Vec<Arrived> {
        self.breaks.store(usize::MAX, Ordering::SeqCst);
        std::mem::take(&mut *self.record())
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Vec<Arrived>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the endpoint answers to a request. A connection a request, so that the end of
/// the answer needs no looking for.
pub fn relayed(address: &str, head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut endpoint = TcpStream::connect(address)?;
    let head = head.trim_end();
    endpoint.write_all(format!("{head}\r\nconnection: close\r\n\r\n").as_bytes())?;
    endpoint.write_all(body)?;
    let mut answer = Vec::new();
    endpoint.read_to_end(&mut answer)?;
    Ok(answer)
}
