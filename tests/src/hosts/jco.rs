//! jco on Node: `jco run` of the command component, `jco serve` of the service, and the
//! plugin as transpiled by `jco transpile`.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use super::{Call, Exception, Host, Instead, Outcome, process, service};
use crate::build;
use crate::daemon::Daemon;
use crate::jco::Example;

const VERSION: &str = "1.35.0";

/// Transpiling on a busy machine takes most of it.
const PATIENCE: Duration = Duration::from_secs(120);

const RUN: &[Exception] = &[
    ALL_HTTP[0],
    ALL_HTTP[1],
    TRACE,
    Exception {
        case: "5 MB",
        instead: Instead::Fails,
        why: "`jco run` ends before a pipe has taken all of a large output: of 5 MB some 4.5 MB arrived.",
    },
];

const SERVE: &[Exception] = &[ALL_HTTP[0], ALL_HTTP[1], TRACE];

/// `run` and `serve` have no option for it.
const ALL_HTTP: [Exception; 2] = [all_http("denied"), all_http("no network")];

const fn all_http(case: &'static str) -> Exception {
    Exception {
        case,
        instead: Instead::NotApplicable,
        why: "`jco run` and `jco serve` grant every address.",
    }
}

const TRACE: Exception = Exception {
    case: "secrets",
    instead: Instead::Fails,
    why: "`--jco-trace` prints whatever crosses the component's boundary, credentials and payloads as well. Without it nothing gets out.",
};

/// One of its verbs, with an environment that has nothing but `PATH` in it.
fn jco(verb: &str) -> Command {
    let example = Example::shared().expect("an installed example");
    let mut command = example.jco();
    command
        .args([verb, "--jco-import"])
        .arg(example.directory.join("granted.mjs"));
    command
}

/// `jco run` of the command component.
pub(super) struct Run;

impl Host for Run {
    fn name(&self) -> &'static str {
        "jco run"
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn drives(&self) -> &'static str {
        "the command component, with `--jco-import` [granted.mjs](../examples/node/granted.mjs): jco hands over the whole environment otherwise, and calls every stream a terminal. Credentials in the environment, the payload on standard input."
    }

    fn exceptions(&self) -> &'static [Exception] {
        RUN
    }

    fn install(&self) -> Result<(), String> {
        Example::shared().map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let mut command = jco("run");
        let keys = call.keys;
        command
            .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key);
        if let Some(token) = &keys.session_token {
            command.env("AWS_SESSION_TOKEN", token);
        }
        if call.logs {
            command.arg("--jco-trace");
        }
        command.arg(build::command_component());
        process::invoke(command, call)
    }
}

/// `jco serve` of the service.
pub(super) struct Serve;

impl Host for Serve {
    fn name(&self) -> &'static str {
        "jco serve"
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn drives(&self) -> &'static str {
        "the service component, by Lambda's API, with `--jco-import` as above; credentials in the environment."
    }

    fn exceptions(&self) -> &'static [Exception] {
        SERVE
    }

    fn install(&self) -> Result<(), String> {
        Example::shared().map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let mut command = jco("serve");
        command.envs(service::environment(call));
        if call.logs {
            command.arg("--jco-trace");
        }
        let address = free_address();
        let mut daemon = Daemon::start(
            command
                .args(["--host", &address.ip().to_string()])
                .args(["--port", &address.port().to_string()])
                .arg(build::consumer("lambda-invocation-service.wasm")),
        );
        // It says so before it listens.
        daemon.wait_for(PATIENCE, |_| TcpStream::connect(address).ok());
        let (answer, mut said) = service::ask(address, call);
        said.push_str(&daemon.end());
        Outcome { answer, said }
    }
}

/// It prints the port it was given, so 0 will not do.
fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
}

/// The plugin, transpiled and imported.
pub(super) struct Transpiled;

impl Host for Transpiled {
    fn name(&self) -> &'static str {
        "jco transpile"
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn drives(&self) -> &'static str {
        "the plugin, with the code of [examples/node](../examples/node/), which grants no variable and the endpoint only; credentials as an argument."
    }

    fn on_every_change(&self) -> bool {
        true
    }

    fn install(&self) -> Result<(), String> {
        Example::shared().map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let example = Example::shared().expect("an installed example");
        let script = example.directory.join("run_node.mjs");
        fs::write(&script, include_str!("../../peers/run_node.mjs")).expect("a file");
        process::embed(example.node(&script), call)
    }
}
