//! The service component, served by the wasmtime CLI.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::build;
use crate::lambda_host::Keys;
use crate::wasmtime;

/// How long it may take to listen, and to answer: what hangs fails its test.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// The CLI, and the component compiled for it.
#[derive(Debug)]
struct Installed {
    program: PathBuf,
    component: PathBuf,
    /// Holds the component for as long as the process lives.
    _directory: TempDir,
}

/// A service before it starts, with nothing in its environment.
#[derive(Debug)]
pub struct Options {
    installed: &'static Installed,
    arguments: Vec<String>,
}

impl Options {
    /// An environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.arguments.push("--env".to_owned());
        self.arguments.push(format!("{name}={value}"));
        self
    }

    /// Credentials, in the environment.
    pub fn keys(self, keys: &Keys) -> Self {
        let with_id = self
            .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key);
        match &keys.session_token {
            Some(token) => with_id.env("AWS_SESSION_TOKEN", token),
            None => with_id,
        }
    }

    /// A directory of the host's that the guest may read.
    pub fn grant(mut self, host: &Path, guest: &str) -> Self {
        self.arguments.push("--dir".to_owned());
        self.arguments.push(format!("{}::{guest}", host.display()));
        self
    }

    /// An option of `wasmtime serve`.
    pub fn option(mut self, option: &str) -> Self {
        self.arguments.push(option.to_owned());
        self
    }

    /// Starts it on a port that the system chooses.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start(self) -> Service {
        let mut child = Command::new(&self.installed.program)
            .env_clear()
            .args(["serve", "--allow-precompiled", "-Scli"])
            .args(["--addr", "127.0.0.1:0"])
            .args(self.arguments)
            .arg(&self.installed.component)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("wasmtime starts");
        let said = Arc::<Mutex<String>>::default();
        let (report, listening) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let record = Arc::clone(&said);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("Serving HTTP on ") {
                    // Nobody waits any more where it says so twice.
                    let _ = report.send(url.trim_end_matches('/').to_owned());
                }
                let mut record = record.lock().expect("a sound lock");
                record.push_str(&line);
                record.push('\n');
            }
        });
        let url = listening.recv_timeout(PATIENCE).unwrap_or_default();
        let service = Service { url, child, said };
        assert!(!service.url.is_empty(), "{}", service.log());
        service
    }
}

/// A service that runs; dropping it ends it.
pub struct Service {
    url: String,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Service {
    /// What to configure.
    ///
    /// # Errors
    ///
    /// Why wasmtime cannot be installed, for people.
    pub fn options() -> Result<Options, String> {
        static INSTALLED: OnceLock<Result<Installed, String>> = OnceLock::new();
        let installed = INSTALLED.get_or_init(install).as_ref();
        Ok(Options {
            installed: installed.map_err(Clone::clone)?,
            arguments: Vec::new(),
        })
    }

    /// Its URL, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The id of wasmtime's process.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What it and wasmtime wrote to standard error.
    pub fn log(&self) -> String {
        self.said.lock().expect("a sound lock").clone()
    }

    /// What it has written to standard error once `text` is in it: that may arrive
    /// later than the answer.
    ///
    /// # Panics
    ///
    /// When it does not come.
    #[track_caller]
    pub fn log_with(&self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{text:?} is not in the log: {log}"
            );
            thread::sleep(PAUSE);
        }
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let address = self.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).expect("a service that listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit");
        stream
    }

    /// Sends a `POST` with a body and reads the answer.
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let length = body.len().to_string();
        let mut all = headers.to_vec();
        all.push(("content-length", &length));
        self.send("POST", path, &all, body)
    }

    /// Sends a request as it is given, but for `host` and `connection`, and reads the
    /// answer.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: service\r\nconnection: close\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = self.connect();
        let sent = stream.write_all(&[head.as_bytes(), b"\r\n", body].concat());
        sent.expect("a service that reads what it refuses");
        Reply::read(stream)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Reply {
    /// Reads to the end of the connection.
    ///
    /// # Panics
    ///
    /// When that is no answer.
    pub fn read(mut stream: impl Read) -> Self {
        let mut bytes = Vec::new();
        match stream.read_to_end(&mut bytes) {
            Ok(_) => {}
            // After an answer, the end of a connection may be a rude one.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset && !bytes.is_empty() => {}
            Err(error) => panic!("no answer: {error}"),
        }
        let text = String::from_utf8(bytes).expect("an answer in UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer with a head");
        let status = head.get(9..12).and_then(|digits| digits.parse().ok());
        Self {
            status: status.expect("a status"),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The value of a header, whose name must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }
}

fn install() -> Result<Installed, String> {
    let program = wasmtime::program(wasmtime::PACKAGE)?;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let component = directory.path().join("service.cwasm");
    let compiled = Command::new(&program)
        .arg("compile")
        .arg(build::service_component())
        .arg("-o")
        .arg(&component)
        .output()
        .map_err(|error| error.to_string())?;
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    Ok(Installed {
        program,
        component,
        _directory: directory,
    })
}
