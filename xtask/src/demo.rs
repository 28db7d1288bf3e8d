//! The main job on screen: `lambda-host` against the local endpoint.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{components, run, target};

/// A command of the demo.
struct Scene {
    title: &'static str,
    arguments: &'static [&'static str],
    /// An environment variable to set for it.
    variable: Option<(&'static str, &'static str)>,
    /// The exit code it must end with.
    exit: i32,
}

const SCENES: &[Scene] = &[
    Scene {
        title: "A synchronous call, with the end of the log",
        arguments: &[
            "invoke",
            "log",
            "--payload",
            r#"{"lines":["hello from inside the function"]}"#,
            "--log-type",
            "Tail",
        ],
        variable: None,
        exit: 0,
    },
    Scene {
        title: "What the function saw of the call",
        arguments: &["invoke", "echo:PROD", "--payload", r#"{"name":"world"}"#],
        variable: None,
        exit: 0,
    },
    Scene {
        title: "An event: queued, not waited for",
        arguments: &[
            "invoke",
            "echo",
            "--invocation-type",
            "Event",
            "--payload",
            r#"{"task":42}"#,
        ],
        variable: None,
        exit: 0,
    },
    Scene {
        title: "A dry run: arguments and permission, nothing runs",
        arguments: &["invoke", "echo", "--invocation-type", "DryRun"],
        variable: None,
        exit: 0,
    },
    Scene {
        title: "A function that fails: its report on stdout, its stack on stderr, exit code 1",
        arguments: &["invoke", "fail", "--payload", r#"{"runtime":"python"}"#],
        variable: None,
        exit: 1,
    },
    Scene {
        title: "A wrong secret: the signature is refused, exit code 3",
        arguments: &["invoke", "echo", "--payload", "{}"],
        variable: Some(("AWS_SECRET_ACCESS_KEY", "not-the-secret")),
        exit: 3,
    },
    Scene {
        title: "What the component is, and all it asks of a host",
        arguments: &["inspect"],
        variable: None,
        exit: 0,
    },
];

/// Builds, starts the local endpoint, and plays every scene.
pub fn demo() -> Result<()> {
    components::build()?;
    eprintln!("building lambda-host (the first time, that takes some minutes)");
    // A test target is named so that cargo adds the features that only tests ask for: without
    // them, `cargo xtask test` would build the compiler in wasmtime once more.
    run::run(run::cargo_workspace("build").args(["--bin", "lambda-host", "--test", "help"]))?;
    let program = target().join("debug/lambda-host");
    let endpoint = Endpoint::start(&program)?;
    for scene in SCENES {
        scene.play(&program, &endpoint)?;
    }
    println!("\nAll of it ran in the sandbox of target/components/lambda-invocation.wasm.");
    Ok(())
}

impl Scene {
    fn play(&self, program: &std::path::Path, endpoint: &Endpoint) -> Result<()> {
        println!("\n# {}", self.title);
        let setting = self
            .variable
            .map(|(name, value)| format!("{name}={value} "))
            .unwrap_or_default();
        println!("$ {setting}lambda-host {}", shell(self.arguments));
        let output = Command::new(program)
            .args(self.arguments)
            .envs(endpoint.variables.iter().map(|(n, v)| (n, v)))
            .envs(self.variable)
            .stdin(Stdio::null())
            .output()
            .context("running lambda-host")?;
        for stream in [&output.stderr, &output.stdout] {
            let text = String::from_utf8_lossy(stream);
            if !text.trim().is_empty() {
                println!("{}", text.trim_end());
            }
        }
        ensure!(
            output.status.code() == Some(self.exit),
            "expected exit code {}, got {}",
            self.exit,
            output.status
        );
        Ok(())
    }
}

/// `lambda-host local`, stopped on drop.
struct Endpoint {
    process: Child,
    /// What it says to export.
    variables: Vec<(String, String)>,
}

impl Endpoint {
    fn start(program: &std::path::Path) -> Result<Self> {
        let mut process = Command::new(program)
            .arg("local")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("running lambda-host local")?;
        let stdout = process.stdout.take().context("no standard output")?;
        let mut endpoint = Self {
            process,
            variables: Vec::new(),
        };
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            let (name, value) = line
                .strip_prefix("export ")
                .and_then(|setting| setting.split_once('='))
                .with_context(|| format!("lambda-host local printed {line:?}"))?;
            endpoint.variables.push((name.to_owned(), value.to_owned()));
            if name == "AWS_SECRET_ACCESS_KEY" {
                break;
            }
        }
        ensure!(
            endpoint.variables.len() >= 4,
            "lambda-host local did not start"
        );
        Ok(endpoint)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Arguments as one would type them.
fn shell(arguments: &[&str]) -> String {
    arguments
        .iter()
        .map(|argument| {
            if argument.contains(['{', ' ', '"']) {
                format!("'{argument}'")
            } else {
                (*argument).to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
