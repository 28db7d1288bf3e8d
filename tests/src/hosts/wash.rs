//! `wash dev`: a component of ours that is linked to the plugin, and the service.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::{Call, Exception, Host, Instead, Network, Outcome, service};
use crate::build;
use crate::client;
use crate::venv::Package;
use crate::wash::{ANY_PORT, WASH, WASH_2_0, Wash};

pub(super) static LINKED_2_0: Linked = Linked {
    version: "2.0.2",
    package: WASH_2_0,
    exceptions: &[
        LARGE,
        Exception {
            case: "denied",
            instead: Instead::NotApplicable,
            why: GRANTS_ALL,
        },
        Exception {
            case: "no network",
            instead: Instead::NotApplicable,
            why: GRANTS_ALL,
        },
        Exception {
            case: "secrets",
            instead: Instead::Fails,
            why: "With `--log-level trace`, wash 2.0.2 logs the arguments of calls between components.",
        },
    ],
};
pub(super) static LINKED: Linked = Linked {
    version: "2.10.3",
    package: WASH,
    exceptions: &[LARGE],
};
pub(super) static SERVICE: Service = Service;

const GRANTS_ALL: &str = "`wash dev` 2.0.2 grants every component every address, and no environment variable: credentials have to be arguments, and the service, which takes none, cannot be used.";

const LARGE: Exception = Exception {
    case: "5 MB",
    instead: Instead::Fails,
    why: "wash hands a payload from component to component as one value for each byte: 100 KB pass, with 5 MB the calling component traps.",
};

/// The program, where it is installed.
fn program(package: Package) -> Result<PathBuf, String> {
    static INSTALLED: [OnceLock<Result<PathBuf, String>>; 2] = [const { OnceLock::new() }; 2];
    let [newest, oldest] = &INSTALLED;
    let installed = if package.version == WASH.version {
        newest
    } else {
        oldest
    };
    installed.get_or_init(|| Wash::install(package)).clone()
}

/// What is in `allowedHosts`.
fn allowed_hosts(call: &Call<'_>) -> Value {
    match call.network {
        Network::Granted => json!([call.endpoint]),
        Network::Elsewhere => json!(["https://lambda.us-east-1.amazonaws.com"]),
        Network::None => json!([]),
    }
}

fn log_level(call: &Call<'_>) -> &'static str {
    if call.logs { "trace" } else { "info" }
}

/// The plugin, linked to a component that has no way out.
pub(super) struct Linked {
    version: &'static str,
    package: Package,
    exceptions: &'static [Exception],
}

impl Host for Linked {
    fn name(&self) -> &'static str {
        "wash dev, linked"
    }

    fn version(&self) -> &'static str {
        self.version
    }

    fn drives(&self) -> &'static str {
        "the plugin, linked to a component that takes calls by HTTP and has no network (from 2.10 on); credentials as an argument."
    }

    fn exceptions(&self) -> &'static [Exception] {
        self.exceptions
    }

    fn install(&self) -> Result<(), String> {
        program(self.package).map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let program = program(self.package).expect("an installed program");
        // YAML, as all JSON is.
        let config = json!({
            "build": {
                "command": "true",
                "component_path": build::consumer("lambda-invocation-bridge.wasm"),
            },
            "workload": { "allowedHosts": [] },
            "dev": {
                "address": ANY_PORT,
                "components": [{
                    "name": "lambda-invocation",
                    "file": build::component(),
                    "allowedHosts": allowed_hosts(call),
                }],
            },
        });
        let wash = Wash::start(&program, &config.to_string(), &[], log_level(call));
        let body = call.to_json().to_string();
        let answer = client::send(wash.address, "POST /", &[], body.as_bytes()).expect("an answer");
        let logged = wash.end();
        let line = answer.body.iter().position(|byte| *byte == b'\n');
        let (said, payload) = answer.body.split_at(line.unwrap_or(answer.body.len()));
        match serde_json::from_slice::<String>(said) {
            Ok(said) => Outcome {
                answer: (answer.status == 200).then(|| payload[1..].to_vec()),
                said: format!("{said}\n{logged}"),
            },
            // The component has trapped.
            Err(_) => Outcome {
                answer: None,
                said: format!("{}\n{logged}", answer.head),
            },
        }
    }
}

/// The service.
pub(super) struct Service;

impl Host for Service {
    fn name(&self) -> &'static str {
        "wash dev, service"
    }

    fn version(&self) -> &'static str {
        LINKED.version
    }

    fn drives(&self) -> &'static str {
        "the service component, by Lambda's API; credentials by `secretFrom`."
    }

    fn install(&self) -> Result<(), String> {
        program(WASH).map(drop)
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let program = program(WASH).expect("an installed program");
        let environment = service::environment(call);
        let names: Vec<&str> = environment.iter().map(|(name, _)| *name).collect();
        let variables: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let config = json!({
            "build": {
                "command": "true",
                "component_path": build::consumer("lambda-invocation-service.wasm"),
            },
            "workload": {
                "allowedHosts": allowed_hosts(call),
                "environment": { "secretFrom": ["service"] },
            },
            "secrets": { "service": { "fromEnv": names } },
            "dev": { "address": ANY_PORT },
        });
        let wash = Wash::start(&program, &config.to_string(), &variables, log_level(call));
        let (answer, said) = service::ask(wash.address, call);
        Outcome {
            answer,
            said: format!("{said}\n{}", wash.end()),
        }
    }
}
