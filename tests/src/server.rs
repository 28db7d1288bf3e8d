//! Servers made of plain TCP, which can do what no HTTP library lets one do.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustix::net::{self, AddressFamily, SocketType};

/// A server that treats every connection as it was told to.
///
/// It listens as long as the test process lives.
#[derive(Debug)]
pub struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// A server whose connections are each handed to `behaviour`, on a thread of
    /// their own. An error that it returns means that the client has left.
    pub fn start(behaviour: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let behaviour = Arc::new(behaviour);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = Connection(stream.expect("a connection"));
                count.fetch_add(1, Ordering::SeqCst);
                let behaviour = Arc::clone(&behaviour);
                thread::spawn(move || behaviour(connection));
            }
        });
        Self {
            url: format!("http://{address}"),
            connections,
        }
    }

    /// The endpoint URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The URL of a loopback port on which nothing listens.
///
/// No other process gets the port for as long as what is returned with it lives.
pub fn refusing() -> (String, impl AsFd) {
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    let any = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
    net::bind(&socket, &any).expect("a free port");
    (format!("http://{}", address_of(&socket)), socket)
}

/// The URL of a loopback port that is listened on, but whose queue of connections
/// is full for as long as what is returned with it lives.
pub fn full() -> (String, impl Sized) {
    let (url, socket) = refusing();
    net::listen(&socket, 0).expect("a socket that listens");
    // The system decides what a queue of no length holds: one or two.
    let address = address_of(&socket);
    let waiting: Vec<TcpStream> = (0..4)
        .map_while(|_| TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok())
        .collect();
    (url, (socket, waiting))
}

fn address_of(socket: &impl AsFd) -> SocketAddr {
    let address = net::getsockname(socket).expect("a bound socket");
    SocketAddr::try_from(address).expect("an IP address")
}

/// The server's end of a connection.
#[derive(Debug)]
pub struct Connection(TcpStream);

/// A request, as it came.
#[derive(Debug)]
pub struct Request {
    /// The request line and the headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads a whole request.
    pub fn read(mut from: impl BufRead) -> io::Result<Self> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if from.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let length = header(&head, "content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        from.read_exact(&mut body)?;
        Ok(Self { head, body })
    }

    /// The value of a header, whose name must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (n, value) = line.split_once(':')?;
        n.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

impl Connection {
    /// Reads a whole request.
    pub fn read_request(&mut self) -> io::Result<Request> {
        Request::read(BufReader::new(&self.0))
    }

    /// Reads the beginning of a request and leaves the rest.
    pub fn read_a_little(&mut self) -> io::Result<()> {
        self.0.read_exact(&mut [0; 64])
    }

    /// Sends bytes, right or wrong.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.write_all(bytes.as_ref())
    }

    /// Sends the same bytes over and over, with a pause between, until the client
    /// leaves.
    pub fn send_for_ever(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        self.0.set_nodelay(true)?;
        loop {
            self.send(bytes)?;
            thread::sleep(pause);
        }
    }

    /// Sends no more, but reads on until the client leaves: what was sent arrives.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.shutdown(Shutdown::Write)?;
        self.wait_for_the_client()
    }

    /// Does nothing more, not even read. Neither does it close: the client must.
    pub fn stall(self) -> io::Result<()> {
        loop {
            thread::park();
        }
    }

    /// Sends nothing, but reads until the client leaves.
    pub fn wait_for_the_client(&mut self) -> io::Result<()> {
        io::copy(&mut self.0, &mut io::sink()).map(drop)
    }

    /// Ends the connection with a TCP reset.
    pub fn reset(self) -> io::Result<()> {
        net::sockopt::set_socket_linger(&self.0, Some(Duration::ZERO))?;
        Ok(())
    }
}
