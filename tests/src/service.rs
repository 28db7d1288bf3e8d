//! The service component, served by the wasmtime CLI or by `lambda-host`.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::build;
use crate::lambda_host::{self, Keys};
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

/// What serves the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// `wasmtime serve`
    Wasmtime,
    /// `lambda-host serve`
    LambdaHost,
}

/// A service before it starts, with nothing in its environment.
#[derive(Debug)]
pub struct Options {
    /// What `wasmtime serve` needs; without it, it is `lambda-host serve`.
    installed: Option<&'static Installed>,
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
    program: Option<PathBuf>,
}

impl Options {
    /// An environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
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

    /// A directory of the host's that the guest may read, under `wasmtime serve`.
    pub fn grant(mut self, host: &Path, guest: &str) -> Self {
        self.arguments.push("--dir".to_owned());
        self.arguments.push(format!("{}::{guest}", host.display()));
        self
    }

    /// An option of `wasmtime serve` or `lambda-host serve`.
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
        let home = tempfile::tempdir().expect("a temporary directory");
        let mut child = self
            .command(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the host starts");
        let said = Arc::<Mutex<String>>::default();
        let (report, listening) = mpsc::channel();
        let (report_metrics, metrics) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let record = Arc::clone(&said);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Nobody waits any more where it says so twice.
                if let Some(url) = url_after(&line, &["Serving HTTP on ", "listening on "]) {
                    let _ = report.send(url);
                } else if let Some(url) = url_after(&line, &["metrics on "]) {
                    let _ = report_metrics.send(url);
                }
                let mut record = record.lock().expect("a sound lock");
                record.push_str(&line);
                record.push('\n');
            }
        });
        let url = listening.recv_timeout(PATIENCE).unwrap_or_default();
        let service = Service {
            url,
            metrics: metrics.try_recv().ok(),
            child,
            said,
            _home: home,
        };
        assert!(!service.url.is_empty(), "{}", service.log());
        service
    }

    fn command(self, home: &Path) -> Command {
        let mut command;
        match self.installed {
            Some(installed) => {
                command = Command::new(&installed.program);
                command
                    .env_clear()
                    .args(["serve", "--allow-precompiled", "-Scli"])
                    .args(["--addr", "127.0.0.1:0"])
                    .args(self.arguments);
                for (name, value) in self.variables {
                    command.arg("--env").arg(format!("{name}={value}"));
                }
                command.arg(&installed.component);
            }
            None => {
                let program = self.program.unwrap_or_else(build::lambda_host);
                command = lambda_host::interruptible(&program);
                command
                    .env_clear()
                    .env("HOME", home)
                    .env("XDG_CACHE_HOME", lambda_host::cache())
                    .env("AWS_EC2_METADATA_DISABLED", "true")
                    .env("LAMBDA_SERVICE_COMPONENT", build::service_component())
                    .envs(self.variables)
                    .args(["serve", "--listen", "127.0.0.1:0"])
                    .args(self.arguments);
            }
        }
        command
    }
}

/// The URL that stands behind one of these words.
fn url_after(line: &str, words: &[&str]) -> Option<String> {
    let after = words
        .iter()
        .find_map(|words| Some(line.split_once(words)?.1));
    let url = after?.split('"').next()?;
    url.starts_with("http")
        .then(|| url.trim_end_matches('/').to_owned())
}

/// A service that runs; dropping it ends it.
pub struct Service {
    url: String,
    metrics: Option<String>,
    child: Child,
    said: Arc<Mutex<String>>,
    /// Lives as long as the program needs it.
    _home: TempDir,
}

impl Service {
    /// What to configure, for `wasmtime serve`.
    ///
    /// # Errors
    ///
    /// Why wasmtime cannot be installed, for people.
    pub fn options() -> Result<Options, String> {
        static INSTALLED: OnceLock<Result<Installed, String>> = OnceLock::new();
        let installed = INSTALLED.get_or_init(install).as_ref();
        Ok(Options {
            installed: Some(installed.map_err(Clone::clone)?),
            variables: Vec::new(),
            arguments: Vec::new(),
            program: None,
        })
    }

    /// What to configure, for `lambda-host serve`: that of the tests' own build, if no program
    /// is given.
    pub fn lambda_host(program: Option<PathBuf>) -> Options {
        Options {
            installed: None,
            variables: Vec::new(),
            arguments: Vec::new(),
            program,
        }
    }

    /// What to configure.
    ///
    /// # Errors
    ///
    /// As [`options`](Self::options).
    pub fn of(host: Host) -> Result<Options, String> {
        match host {
            Host::Wasmtime => Self::options(),
            Host::LambdaHost => Ok(Self::lambda_host(None)),
        }
    }

    /// Its URL, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The page with its numbers.
    ///
    /// # Panics
    ///
    /// When it has none.
    pub fn metrics(&self) -> String {
        let url = self.metrics.as_deref().expect("an address for metrics");
        let (address, path) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .expect("a URL");
        let mut stream = TcpStream::connect(address).expect("a server that listens");
        let request = format!("GET /{path} HTTP/1.1\r\nhost: m\r\nconnection: close\r\n\r\n");
        stream
            .write_all(request.as_bytes())
            .expect("a server that reads");
        Reply::read(stream).body
    }

    /// One of its numbers, by name and labels.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let page = self.metrics();
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let number = line.and_then(|number| number.parse().ok());
        number.unwrap_or_else(|| panic!("no {name} in {page}"))
    }

    /// Waits until one of its numbers is this.
    ///
    /// # Panics
    ///
    /// When that does not come.
    #[track_caller]
    pub fn wait_for_metric(&self, name: &str, value: f64) {
        let started = Instant::now();
        while self.metric(name) != value {
            assert!(started.elapsed() < PATIENCE, "{name}: {}", self.metrics());
            thread::sleep(PAUSE);
        }
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// When it has ended, and its end was seen.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a program that runs");
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it runs on: {}", self.log());
            thread::sleep(PAUSE);
        }
    }

    /// The id of the host's process.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What it and its host wrote to standard error.
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
