//! Pulumi's SDKs and our provider, with an engine of the tests between them.
//!
//! Pulumi's own engine is not run. `peers/pulumi/engine.py` does what it
//! does, over the SDK's stubs of the same protocols: see there.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use lambda_invocation_docs::root as repository;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::build;
use crate::local::Local;
use crate::peer::{cannot, install_once, run};
use crate::venv::{Package, Venv};

/// The SDK for Python, which brings the stubs.
pub const PACKAGE: Package = Package {
    name: "pulumi",
    version: "3.272.0",
    requirements: include_str!("../peers/pulumi.txt"),
};

/// The SDK for Node, as the example has it.
const NODE: &str = "3.276.0";

/// The type that programs register.
pub const TYPE: &str = "lambda-invocation:index:Invocation";

/// What the newest engine announces to a provider.
pub fn announced() -> Value {
    json!({ "invoke_with_preview": true, "accepts_outputs_in_invoke": true })
}

/// A stack of resources, and the engine that deploys it.
#[derive(Debug)]
pub struct Stack {
    engine: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Lives as long as the provider needs it.
    _home: TempDir,
}

impl Stack {
    /// A stack whose functions are those of `local`.
    ///
    /// # Errors
    ///
    /// Why the SDK cannot be installed, for people.
    ///
    /// # Panics
    ///
    /// When the provider does not start.
    pub fn new(local: &Local) -> Result<Self, String> {
        let (stack, started) = Self::start(local, &announced(), &json!({}))?;
        assert_eq!(started["configured"]["supportsPreview"], true, "{started}");
        Ok(stack)
    }

    /// The same, with what the engine announces and the provider's configuration; and what
    /// came of that.
    ///
    /// # Errors
    ///
    /// Why the SDK cannot be installed, for people.
    ///
    /// # Panics
    ///
    /// When the provider does not start.
    pub fn start(
        local: &Local,
        announced: &Value,
        config: &Value,
    ) -> Result<(Self, Value), String> {
        Self::with_environment(local, announced, config, &[])
    }

    /// The same, with these variables in the provider's environment.
    ///
    /// # Errors
    ///
    /// Why the SDK cannot be installed, for people.
    ///
    /// # Panics
    ///
    /// When the provider does not start.
    pub fn with_environment(
        local: &Local,
        announced: &Value,
        config: &Value,
        variables: &[(&str, &str)],
    ) -> Result<(Self, Value), String> {
        let python = Venv::of(PACKAGE)?.python();
        let home = tempfile::tempdir().expect("a temporary directory");
        let keys = local.keys();
        let mut command = Command::new(python);
        command
            .arg(repository().join("tests/peers/pulumi/engine.py"))
            .arg(build::pulumi_provider())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // Compiling the component for every run would take most of the time.
            .env("XDG_CACHE_HOME", build::target().join("tmp").join("cache"))
            .env("LAMBDA_COMPONENT", build::component())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL_LAMBDA", local.url())
            .env("AWS_REGION", local.region())
            .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(token) = &keys.session_token {
            command.env("AWS_SESSION_TOKEN", token);
        }
        let mut engine = command.spawn().expect("an engine that starts");
        let commands = engine.stdin.take().expect("its standard input");
        let answers = BufReader::new(engine.stdout.take().expect("its standard output"));
        let mut stack = Self {
            engine,
            commands,
            answers,
            _home: home,
        };
        let started = stack.ask(json!({"do": "start", "announced": announced, "config": config}));
        Ok((stack, started))
    }

    /// Has the engine do something.
    ///
    /// # Panics
    ///
    /// When the engine fails, which no provider should make it do.
    pub fn ask(&mut self, command: Value) -> Value {
        writeln!(self.commands, "{command}").expect("an engine that reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("an answer");
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("no answer to {command}"))
    }

    fn deploy(&mut self, stage: &str, mut what: Value) -> Deployment {
        what["do"] = stage.into();
        Deployment(self.ask(what))
    }

    /// What an update would do.
    pub fn preview(&mut self, what: Value) -> Deployment {
        self.deploy("preview", what)
    }

    /// Does it.
    pub fn up(&mut self, what: Value) -> Deployment {
        self.deploy("up", what)
    }

    /// Deletes all there is.
    pub fn destroy(&mut self) -> Deployment {
        self.up(json!({}))
    }

    /// What the engine keeps of a resource; null when there is none.
    pub fn state(&mut self, name: &str) -> Value {
        let state = self.ask(json!({"do": "state"}));
        state["state"][urn(name)].clone()
    }

    /// Calls a function of the package.
    pub fn invoke(&mut self, name: &str, arguments: Value, preview: bool) -> Value {
        self.ask(json!({
            "do": "invoke",
            "token": format!("lambda-invocation:index:{name}"),
            "arguments": arguments,
            "preview": preview,
        }))
    }

    /// Calls any method of the provider.
    pub fn call(&mut self, method: &str, message: Option<&str>, fields: Value) -> Value {
        self.ask(json!({"do": "call", "method": method, "message": message, "fields": fields}))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // It ends with its standard input, and the provider with it.
        let _ = writeln!(self.commands, "{}", json!({"do": "close"}));
        let _ = self.answers.read_line(&mut String::new());
        let _ = self.engine.kill();
        let _ = self.engine.wait();
    }
}

/// The name of a resource in the state.
pub fn urn(name: &str) -> String {
    format!("urn:pulumi:dev::example::{TYPE}::{name}")
}

/// A secret, as it goes over the wire.
pub fn secret(value: impl Into<Value>) -> Value {
    json!({
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": value.into(),
    })
}

/// What is not known, as it goes over the wire.
pub const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/// What came of a preview or an update.
#[derive(Debug)]
pub struct Deployment(pub Value);

impl Deployment {
    /// The operations, in their order: `create it`.
    ///
    /// # Panics
    ///
    /// When it is not an answer of the engine.
    pub fn steps(&self) -> Vec<String> {
        let steps = self.0["steps"].as_array().expect("steps");
        steps
            .iter()
            .map(|step| {
                let text = |name: &str| step[name].as_str().unwrap_or_default();
                format!("{} {}", text("op"), text("name"))
            })
            .collect()
    }

    /// The operations of a run without errors.
    ///
    /// # Panics
    ///
    /// When there are errors.
    #[track_caller]
    pub fn done(&self) -> Vec<String> {
        assert_eq!(self.0["errors"], json!([]), "{self:#?}");
        self.steps()
    }

    /// The error of a run that has one.
    ///
    /// # Panics
    ///
    /// When there is none, or another.
    #[track_caller]
    pub fn error(&self) -> String {
        let errors = self.0["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{self:#?}");
        errors[0].as_str().expect("a text").to_owned()
    }

    /// The differences that the first operation shows: paths, and what happens there.
    pub fn diff(&self) -> Value {
        self.0["steps"][0]["diff"].clone()
    }
}

/// A program of `examples/pulumi` in a directory where it runs.
#[derive(Debug)]
pub struct Program {
    language: &'static str,
    main: String,
    directory: TempDir,
}

/// The languages whose examples are run.
pub const LANGUAGES: [&str; 3] = ["typescript", "python", "yaml"];

impl Program {
    /// Makes the package's SDK from the schema, and compiles the program where that is due.
    ///
    /// # Errors
    ///
    /// Why the language's SDK cannot be installed, for people.
    ///
    /// # Panics
    ///
    /// When the program does not compile.
    pub fn example(language: &'static str) -> Result<Self, String> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path();
        let example = repository().join("examples/pulumi").join(language);
        let copy = |name: &str| {
            fs::copy(example.join(name), path.join(name)).expect("a file of the example")
        };
        let main = match language {
            "typescript" => {
                let modules = node()?;
                copy("index.ts");
                copy("tsconfig.json");
                link_modules(&modules, path);
                generate_sdks(path)?;
                run(Command::new("node")
                    .arg("node_modules/typescript/bin/tsc")
                    .current_dir(path))
                .unwrap_or_else(|error| panic!("{error}"));
                path.join("index.js").display().to_string()
            }
            "python" => {
                copy("__main__.py");
                generate_sdks(path)?;
                path.join("__main__.py").display().to_string()
            }
            _ => {
                copy("Pulumi.yaml");
                "Pulumi.yaml".to_owned()
            }
        };
        Ok(Self {
            language,
            main,
            directory,
        })
    }

    /// What to deploy: the program with this configuration.
    pub fn with(&self, config: &[(&str, &str)]) -> Value {
        let config: serde_json::Map<String, Value> = config
            .iter()
            .map(|(name, value)| (format!("example:{name}"), (*value).into()))
            .collect();
        json!({"program": {
            "language": self.language,
            "directory": self.directory.path(),
            "main": self.main,
            "config": Value::Object(config).to_string(),
        }})
    }
}

/// Type-checks a program in TypeScript against the SDK that the schema makes.
///
/// # Errors
///
/// The compiler's words; or why it cannot be installed, for people, as the first error.
pub fn type_check(source: &str) -> Result<Result<(), String>, String> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path();
    link_modules(&node()?, path);
    generate_sdks(path)?;
    let config = repository().join("examples/pulumi/typescript/tsconfig.json");
    fs::copy(config, path.join("tsconfig.json")).expect("the example's options");
    fs::write(path.join("index.ts"), source).expect("a file");
    let output = Command::new("node")
        .args(["node_modules/typescript/bin/tsc", "--noEmit"])
        .current_dir(path)
        .output()
        .map_err(|error| error.to_string())?;
    Ok(match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stdout).into_owned()),
    })
}

/// The modules of the example for Node.
fn node() -> Result<PathBuf, String> {
    static SHARED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let example = repository().join("examples/pulumi/typescript");
    let read = |name: &str| fs::read_to_string(example.join(name)).expect("a file of the example");
    let installed = SHARED.get_or_init(|| {
        let lock = read("package-lock.json");
        install_once(&format!("pulumi-node-{NODE}"), &lock, |directory| {
            for (name, content) in [
                ("package.json", read("package.json")),
                ("package-lock.json", lock.clone()),
            ] {
                let path = directory.join(name);
                fs::write(&path, content).map_err(|e| cannot("write", &path, &e))?;
            }
            run(Command::new("npm")
                .current_dir(directory)
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .arg("--loglevel=error"))
            .map(drop)
        })
        .map(|directory| directory.join("node_modules"))
    });
    installed.clone()
}

/// A folder of modules that has those that are installed, and room for more.
fn link_modules(installed: &Path, directory: &Path) {
    let link = |from: PathBuf, to: PathBuf| {
        std::os::unix::fs::symlink(from, to).expect("a link");
    };
    let modules = directory.join("node_modules");
    fs::create_dir_all(modules.join("@pulumi")).expect("a folder");
    for entry in fs::read_dir(installed).expect("modules") {
        let name = entry.expect("a module").file_name();
        if name != "@pulumi" {
            link(installed.join(&name), modules.join(&name));
        }
    }
    link(
        installed.join("@pulumi/pulumi"),
        modules.join("@pulumi/pulumi"),
    );
}

/// Makes the package's SDKs from the schema that the provider prints.
fn generate_sdks(directory: &Path) -> Result<(), String> {
    let schema = run(Command::new(build::pulumi_provider()).arg("--schema"))?;
    let file = directory.join("schema.json");
    fs::write(&file, schema).map_err(|e| cannot("write", &file, &e))?;
    run(Command::new("python3")
        .arg(repository().join("tests/peers/pulumi/generate.py"))
        .arg(&file)
        .arg(directory))
    .map(drop)
}
