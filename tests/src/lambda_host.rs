//! The program `lambda-host`, run as a user runs it.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::build;

/// Longer than any run here may take, the compilation of the component on a slow
/// machine included: a program that hangs fails its test instead of stalling it.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);

/// AWS credentials.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Keys {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
    /// With temporary credentials.
    pub session_token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// A command line of `lambda-host` in an environment that has nothing in it: no
/// credentials, no region, a home of its own.
#[derive(Debug)]
pub struct LambdaHost {
    command: Command,
    stdin: Vec<u8>,
    /// Lives as long as the program needs it.
    home: TempDir,
}

impl LambdaHost {
    /// The program with these arguments, and with the component that was built.
    pub fn new(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        Self::installed(&build::lambda_host())
            .env("LAMBDA_COMPONENT", build::component())
            .args(arguments)
    }

    /// A program, which has to find the component by itself.
    pub fn installed(program: &Path) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let mut command = interruptible(program);
        command
            .env_clear()
            .env("HOME", home.path())
            // Compiling the component for every run would take most of the time.
            .env("XDG_CACHE_HOME", cache())
            // There is no instance metadata to ask for credentials.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .current_dir(home.path());
        Self {
            command,
            stdin: Vec::new(),
            home,
        }
    }

    /// More arguments.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
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

    /// What it reads from standard input; nothing, if not set.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Its home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A file in its home, which is also its working directory.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.home.path().join(name);
        let directory = path.parent().expect("a directory to be in");
        fs::create_dir_all(directory).expect("a directory in the home");
        fs::write(path, content).expect("a file in the home");
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// When it does not end, when it is ended by a signal, and when it writes
    /// anything but UTF-8.
    pub fn run(mut self) -> Run {
        let started = Instant::now();
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("lambda-host starts");
        // All three at once, or a full pipe stops both sides.
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = self.stdin;
        thread::spawn(move || {
            // It need not read what it has no use for.
            let _ = stdin.write_all(&input);
        });
        let stdout = collect(child.stdout.take().expect("a pipe"));
        let stderr = collect(child.stderr.take().expect("a pipe"));
        let status = wait(&mut child, started);
        let (stdout, stderr) = (stdout(), stderr());
        let Some(code) = status.code() else {
            panic!("lambda-host was ended by a signal ({status})\n{stderr}");
        };
        Run {
            code,
            stdout,
            stderr,
            took: started.elapsed(),
        }
    }

    /// Starts it and lets it run until what is returned is dropped.
    pub fn start(mut self) -> Running {
        let child = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("lambda-host starts");
        Running {
            child,
            _home: self.home,
        }
    }
}

/// A program that signals reach, even where these tests run with some of them ignored, as a
/// shell has it for what it starts in the background: programs inherit that.
pub(crate) fn interruptible(program: &Path) -> Command {
    if cfg!(target_os = "linux") {
        let mut env = Command::new("/usr/bin/env");
        env.arg("--default-signal=INT,HUP,TERM").arg(program);
        env
    } else {
        Command::new(program)
    }
}

pub(crate) fn cache() -> PathBuf {
    build::target().join("tmp").join("cache")
}

fn wait(child: &mut Child, started: Instant) -> std::process::ExitStatus {
    loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            return status;
        }
        if started.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("lambda-host still runs after {PATIENCE:?}");
        }
        thread::sleep(PAUSE);
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> impl FnOnce() -> String {
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe to read from");
        String::from_utf8(bytes).expect("output in UTF-8")
    });
    move || reader.join().expect("output in UTF-8")
}

/// A program that runs in the background; dropping it ends it.
#[derive(Debug)]
pub struct Running {
    /// The process; its standard output and standard error are pipes.
    pub child: Child,
    _home: TempDir,
}

impl Running {
    /// Ends it as Ctrl-C does, and returns its exit code.
    ///
    /// # Panics
    ///
    /// When it does not end, or is ended by the signal itself.
    pub fn interrupt(&mut self) -> i32 {
        self.signal(Signal::INT);
        self.wait()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// When it has ended, and its end was seen.
    pub fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).expect("a program that runs");
    }

    /// Waits for its exit code.
    ///
    /// # Panics
    ///
    /// When it does not end, or is ended by a signal.
    pub fn wait(&mut self) -> i32 {
        let status = wait(&mut self.child, Instant::now());
        let code = status.code();
        code.unwrap_or_else(|| panic!("lambda-host was ended by a signal ({status})"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// From start to end.
    pub took: Duration,
}

impl Run {
    /// Standard output of a run that succeeded.
    ///
    /// # Panics
    ///
    /// When it failed.
    #[track_caller]
    pub fn output(&self) -> &str {
        assert_eq!(self.code, 0, "{self:#?}");
        &self.stdout
    }

    /// The JSON document on standard output of a run that succeeded.
    ///
    /// # Panics
    ///
    /// When it failed, or printed anything else.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.output()).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }

    /// The one line on standard error of a run that failed before the function
    /// answered.
    ///
    /// # Panics
    ///
    /// When it ended with another code, printed anything on standard output, or
    /// said nothing or more than a line.
    #[track_caller]
    pub fn refusal(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        let line = self.stderr.strip_suffix('\n').unwrap_or(&self.stderr);
        assert!(!line.is_empty() && !line.contains('\n'), "{self:#?}");
        line
    }
}
