//! MiniStack: a Lambda endpoint that others wrote, with IAM and signatures checked.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::lambda_host::Keys;
use crate::venv::{Package, Venv};

/// What is installed.
pub const PACKAGE: Package = Package {
    name: "ministack",
    version: "1.5.33",
    requirements: include_str!("../peers/ministack.txt"),
};

/// The region it is furnished in: not the one that programs fall back to.
pub const REGION: &str = "eu-central-1";

/// How long it may take to listen; 0.3 s are usual.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
/// Another process may take the port between its choice and its use.
const TRIES: usize = 3;

/// A MiniStack with users and functions: see `peers/set_up_lambda.py`.
///
/// It lives as long as the process whose test started it.
pub struct MiniStack {
    /// The endpoint URL.
    pub url: String,
    /// Its users and functions.
    pub made: Made,
    /// The pipe to its standard input, whose end is its own.
    _child: Child,
}

/// What [`MiniStack`] has.
#[derive(Debug, Deserialize)]
pub struct Made {
    /// May invoke.
    pub caller: Keys,
    /// May do nothing.
    pub stranger: Keys,
    /// The caller with temporary credentials.
    pub session: Keys,
    /// ARNs by name: `echo`, `fail`, `slow` (times out after a second),
    /// `throttled` (may never run), `log` (fails unless `lines` of its event is a
    /// string), and the fixtures of the Terraform AWS provider:
    /// `lambda_invocation` (with `TEST_DATA=value3`), `lambda_invocation_crud`,
    /// `lambda_invocation_crud_update_failure` and `lambda_invocation_ephemeral`.
    /// `echo`, `lambda_invocation` and `lambda_invocation_crud` have a version 1 and
    /// the alias `PROD` for it.
    pub functions: BTreeMap<String, String>,
}

impl MiniStack {
    /// The one of this process, started by the first test that asks.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people.
    pub fn shared() -> Result<&'static Self, String> {
        static SHARED: OnceLock<Result<MiniStack, String>> = OnceLock::new();
        SHARED
            .get_or_init(Self::start)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Installs it where it is missing, starts and furnishes it.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people.
    ///
    /// # Panics
    ///
    /// When it is installed and does not work: that is no reason to skip a test.
    fn start() -> Result<Self, String> {
        let venv = Venv::of(PACKAGE)?;
        // It removes this itself when it ends with us; if it ends before, what it
        // said is still there.
        let home = tempfile::tempdir().expect("a temporary directory").keep();
        for _ in 0..TRIES {
            let port = free_port().expect("a free port");
            let mut child = launch(&venv, &home, port);
            if is_listening(&mut child, port) {
                let url = format!("http://127.0.0.1:{port}");
                return Ok(Self {
                    made: furnish(&venv, &url),
                    url,
                    _child: child,
                });
            }
        }
        panic!("MiniStack does not start: see {}", home.display());
    }
}

/// What `peers/set_up_roles.py` made.
#[derive(Debug, Deserialize)]
pub struct Roles {
    /// May assume `invoker`, with the external id `agreed`, and do nothing else.
    pub assumer: Keys,
    /// ARN of a role that may invoke; a token of accounts.google.com is good for it, too.
    pub invoker: String,
    /// ARN of a role that lets nobody in.
    pub closed: String,
}

impl MiniStack {
    /// The one of this process with roles.
    ///
    /// # Errors
    ///
    /// As [`MiniStack::shared`].
    ///
    /// # Panics
    ///
    /// When it runs, but the roles cannot be made.
    pub fn with_roles() -> Result<(&'static Self, &'static Roles), String> {
        static ROLES: OnceLock<Roles> = OnceLock::new();
        let ministack = Self::shared()?;
        let roles = ROLES.get_or_init(|| {
            let venv = Venv::of(PACKAGE).expect("MiniStack runs, so it is installed");
            let output = Command::new(venv.python())
                .args(["-c", include_str!("../peers/set_up_roles.py")])
                .args([&ministack.url, REGION])
                .env_clear()
                .output()
                .expect("an installed Python");
            assert!(output.status.success(), "{output:?}");
            serde_json::from_slice(&output.stdout).expect("what set_up_roles.py prints")
        });
        Ok((ministack, roles))
    }
}

impl MiniStack {
    /// Adds functions that always return the same: names, and JSON. Once a process and
    /// name.
    ///
    /// # Panics
    ///
    /// When they cannot be made.
    pub fn answer(&self, answers: &[(&str, Value)]) {
        let answers: serde_json::Map<String, Value> = answers
            .iter()
            .map(|(name, answer)| ((*name).to_owned(), answer.clone()))
            .collect();
        let venv = Venv::of(PACKAGE).expect("MiniStack runs, so it is installed");
        let output = Command::new(venv.python())
            .args(["-c", include_str!("../peers/set_up_answers.py")])
            .args([&self.url, REGION, &Value::Object(answers).to_string()])
            .env_clear()
            .output()
            .expect("an installed Python");
        assert!(output.status.success(), "{output:?}");
    }
}

impl fmt::Debug for MiniStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniStack")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn launch(venv: &Venv, home: &Path, port: u16) -> Child {
    let log = |name| File::create(home.join(name)).expect("a log file");
    Command::new(venv.python())
        .args(["-c", include_str!("../peers/run_ministack.py")])
        // Above all no AWS_ACCESS_KEY_ID, which would become a root user's.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("AUTH", "true")
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("MINISTACK_REGION", REGION)
        .env("SERVICES", "lambda,iam,sts,logs,imds")
        .stdin(Stdio::piped())
        .stdout(log("stdout"))
        .stderr(log("stderr"))
        .spawn()
        .expect("an installed Python")
}

/// Waits until it listens, or has ended.
fn is_listening(child: &mut Child, port: u16) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if child.try_wait().expect("a child to wait for").is_some() {
            return false;
        }
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        thread::sleep(PAUSE);
    }
    false
}

fn furnish(venv: &Venv, url: &str) -> Made {
    let output = Command::new(venv.python())
        .args(["-c", include_str!("../peers/set_up_lambda.py"), url, REGION])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("an installed Python");
    assert!(
        output.status.success(),
        "MiniStack cannot be set up: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("what set_up_lambda.py prints")
}
