//! Commands of the README, run as they stand there.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::build;
use crate::canary;
use crate::hosts::endpoint::{self, Endpoint};

const README: &str = include_str!("../../README.md");

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    /// The command.
    pub command: String,
    /// Its exit status.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Standard output of a command that succeeded.
    ///
    /// # Panics
    ///
    /// When it failed.
    #[track_caller]
    pub fn output(&self) -> &str {
        assert_eq!(self.code, 0, "{self:#?}");
        &self.stdout
    }
}

/// The commands of the first `sh` block under a heading, a line each unless it ends
/// with a backslash.
///
/// # Panics
///
/// When there is no such heading, or no such block under it.
pub fn commands(heading: &str) -> Vec<String> {
    let section = README
        .split("\n## ")
        .flat_map(|part| part.split("\n### "))
        .find(|section| section.lines().next() == Some(heading))
        .unwrap_or_else(|| panic!("the README has no section {heading:?}"));
    let block = section
        .split_once("```sh\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .unwrap_or_else(|| panic!("section {heading:?} of the README has no commands"))
        .0;
    let lines = block.replace("\\\n", "");
    let commands = lines.lines().map(str::trim);
    commands
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// A folder in which the README's commands find what they name: the components and the
/// examples of this workspace, and a Lambda endpoint in the environment.
#[derive(Debug)]
pub struct Shell {
    folder: TempDir,
    path: Vec<PathBuf>,
    /// What the commands reach.
    pub endpoint: Endpoint,
}

impl Shell {
    /// With these folders first in the search path.
    ///
    /// # Panics
    ///
    /// When the folder cannot be made.
    pub fn new(path: impl IntoIterator<Item = PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let target = folder.path().join("target");
        fs::create_dir(&target).expect("a folder in it");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let links = [
            (
                build::target().join("components"),
                target.join("components"),
            ),
            (workspace.join("examples"), folder.path().join("examples")),
        ];
        for (from, to) in links {
            symlink(from, to).expect("a link in it");
        }
        Self {
            folder,
            path: path.into_iter().collect(),
            endpoint: Endpoint::start(),
        }
    }

    /// Where the commands run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs commands one after the other in one shell.
    ///
    /// # Panics
    ///
    /// When there is no shell, or what a command prints is not UTF-8.
    pub fn run(&self, commands: &[String]) -> Vec<Ran> {
        let script: String = (0..)
            .zip(commands)
            .map(|(n, command)| format!("{{ {command}\n}} >out.{n} 2>err.{n}; echo $? >code.{n}\n"))
            .collect();
        let inherited = env::var_os("PATH").unwrap_or_default();
        let path = self.path.iter().cloned();
        let path: OsString = env::join_paths(path.chain(env::split_paths(&inherited)))
            .expect("folders without a colon");
        let keys = canary::keys();
        let status = Command::new("sh")
            .args(["-c", &script])
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_REGION", endpoint::REGION)
            .env("AWS_ENDPOINT_URL_LAMBDA", self.endpoint.url())
            .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
            .envs(keys.session_token.map(|token| ("AWS_SESSION_TOKEN", token)))
            .stdin(Stdio::null())
            .status()
            .expect("a shell");
        assert!(status.success(), "the shell failed: {status}");
        let read = |name: &str, n: usize| {
            let path = self.folder().join(format!("{name}.{n}"));
            fs::read_to_string(path).expect("what a command printed")
        };
        let ran = |(n, command): (usize, &String)| Ran {
            command: command.clone(),
            code: read("code", n).trim().parse().expect("an exit status"),
            stdout: read("out", n),
            stderr: read("err", n),
        };
        commands.iter().enumerate().map(ran).collect()
    }
}
