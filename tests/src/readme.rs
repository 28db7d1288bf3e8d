//! Commands of the README and of the pages in `docs/`, run as they stand there.
//!
//! Which test runs the commands under a heading is seen from its call of [`commands`] or
//! [`transcript`]; a test of `lambda-invocation-docs` looks for one of each.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lambda_invocation_docs::{Page, root};
use tempfile::TempDir;

use crate::build;
use crate::canary;
use crate::hosts::endpoint::{self, Endpoint};
use crate::peer::{self, install_once};

/// The commands under a heading of a page.
///
/// # Panics
///
/// When there are none.
pub fn commands(page: &str, heading: &str) -> Vec<String> {
    Page::read(page).commands(heading)
}

/// A command, and what a page says that it prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// The command.
    pub command: String,
    /// What it prints. A line may end with `…`, which stands for the rest of it.
    pub lines: Vec<String>,
}

/// What the `console` blocks under a heading of a page show.
///
/// # Panics
///
/// When there are none.
pub fn transcript(page: &str, heading: &str) -> Vec<Shown> {
    let blocks = Page::read(page).blocks(heading, "console");
    blocks.iter().flat_map(|block| shown(block)).collect()
}

/// A session on a terminal: commands after `$ `, what they print, and comments after
/// empty lines.
pub fn shown(session: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut between = true;
    for line in session.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            all.push(Shown {
                command: command.to_owned(),
                lines: Vec::new(),
            });
            between = false;
        } else if line.is_empty() {
            between = true;
        } else if let Some(last) = all.last_mut().filter(|_| !between) {
            last.lines.push(line.to_owned());
        }
    }
    all
}

impl Shown {
    /// Whether this is what was printed, but for ids and times.
    ///
    /// # Panics
    ///
    /// When it is not.
    #[track_caller]
    pub fn assert_printed(&self, printed: &[String]) {
        let equal = |(shown, printed): (&String, &String)| {
            let printed = without_ids_and_times(printed.trim_end());
            match without_ids_and_times(shown).strip_suffix('…') {
                Some(start) => printed.starts_with(start),
                None => printed == without_ids_and_times(shown),
            }
        };
        let all_equal = self.lines.iter().zip(printed).all(equal);
        assert!(
            all_equal && self.lines.len() == printed.len(),
            "$ {}\nshown: {:#?}\nprinted: {printed:#?}",
            self.command,
            self.lines
        );
    }
}

/// The line with every UUID as `ID`, and every number with a point as `0.0`.
fn without_ids_and_times(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let in_id = |c: char| c.is_ascii_hexdigit() || c == '-';
        let in_number = |c: char| c.is_ascii_digit() || c == '.';
        let end = |of: &dyn Fn(char) -> bool| rest.find(|c| !of(c)).unwrap_or(rest.len());
        let (id, number) = (&rest[..end(&in_id)], &rest[..end(&in_number)]);
        let taken = if id.len() == 36 && id.matches('-').count() == 4 {
            out.push_str("ID");
            id.len()
        } else if number.trim_end_matches('.').contains('.') {
            out.push_str("0.0");
            number.trim_end_matches('.').len()
        } else {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let word = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            let taken = word.max(first);
            out.push_str(&rest[..taken]);
            taken
        };
        rest = &rest[taken..];
    }
    out
}

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

/// A folder below `target/peers` in which a command that installs something has been run
/// as it stands: once, until the command or a file changes. `files` are the example's,
/// by their names below `examples`.
///
/// # Errors
///
/// Why it cannot be installed, for people.
pub fn installed(name: &str, command: &str, files: &[&str]) -> Result<PathBuf, String> {
    let contents = files.iter().map(|file| {
        let path = root().join("examples").join(file);
        (*file, fs::read(path).expect("a file of an example"))
    });
    let contents: BTreeMap<&str, Vec<u8>> = contents.collect();
    let recipe = format!("{command}\n{contents:?}");
    install_once(name, &recipe, |folder| {
        for (file, content) in &contents {
            let path = folder.join("examples").join(file);
            fs::create_dir_all(path.parent().expect("a folder"))
                .and_then(|()| fs::write(&path, content))
                .map_err(|error| peer::cannot("write", &path, &error))?;
        }
        peer::run(Command::new("sh").args(["-c", command]).current_dir(folder)).map(drop)
    })
}

/// A shell in which the commands of the pages find what they name: the components and
/// the examples, programs, and a Lambda endpoint in the environment.
#[derive(Debug)]
pub struct Shell {
    folder: PathBuf,
    home: TempDir,
    path: Vec<PathBuf>,
    /// What the commands reach.
    pub endpoint: Endpoint,
}

impl Shell {
    /// In a folder with the components and the examples.
    ///
    /// # Panics
    ///
    /// When the folder cannot be made.
    pub fn new() -> Self {
        let mut shell = Self::within(Path::new("."));
        shell.folder = shell.home().to_owned();
        let target = shell.folder.join("target");
        fs::create_dir(&target).expect("a folder");
        let components = build::target().join("components");
        for (from, to) in [
            (components, target.join("components")),
            (root().join("examples"), shell.folder.join("examples")),
        ] {
            symlink(from, to).expect("a link");
        }
        shell
    }

    /// In a folder that exists.
    ///
    /// # Panics
    ///
    /// When its home cannot be made.
    pub fn within(folder: &Path) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let bin = home.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        let shell = Self {
            folder: folder.to_owned(),
            path: vec![bin, home.path().join(".cargo/bin")],
            home,
            endpoint: Endpoint::start(),
        };
        // What cargo would build is built by then, with the features of the whole
        // workspace.
        shell.script(
            "cargo",
            "case \"$*\" in\n\
             'xtask build' | 'xtask compose') ;;\n\
             'install --path host-harness/cli')\n  \
               mkdir -p ~/.cargo/bin && ln -s \"$LAMBDA_HOST\" ~/.cargo/bin/lambda-host ;;\n\
             'run --package '*) program=$3; shift 4; exec \"$program\" \"$@\" ;;\n\
             *) echo \"no test knows cargo $*\" >&2; exit 101 ;;\n\
             esac",
        )
    }

    /// With the program of this path.
    ///
    /// # Panics
    ///
    /// When the path has no folder.
    pub fn program(mut self, program: &Path) -> Self {
        self.path
            .push(program.parent().expect("a folder").to_owned());
        self
    }

    /// With a program that is a script for `sh`.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn script(self, name: &str, script: &str) -> Self {
        let path = self.home().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("a file of ours");
        self
    }

    /// With a link to a file or a folder where the commands run.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn link(self, name: &str, to: &Path) -> Self {
        symlink(to, self.folder.join(name)).expect("a link");
        self
    }

    /// Writes a file where the commands run.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    /// Reads a file that the commands have written.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The home of whoever types the commands; also where they run, unless that is a
    /// folder that existed.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs commands one after the other in one shell, and ends what they leave running.
    /// A port of the loopback address, other than the endpoint's, is exchanged for a free
    /// one: others may run the same test.
    ///
    /// # Panics
    ///
    /// When there is no shell, or what a command prints is not UTF-8.
    pub fn run(&self, commands: &[String]) -> Vec<Ran> {
        let home = self.home().display();
        let mut script = "left=\n".to_owned();
        for (n, command) in commands.iter().enumerate() {
            script += &format!("{{ {command}\n}} >{home}/out.{n} 2>{home}/err.{n}; ");
            script += &format!("echo $? >{home}/code.{n}\n");
            if command.ends_with('&') {
                script += "left=\"$left $!\"\n";
            }
        }
        script += "kill $left 2>&- || :\n";

        let inherited = env::var_os("PATH").unwrap_or_default();
        let path = self.path.iter().cloned();
        let path: OsString = env::join_paths(path.chain(env::split_paths(&inherited)))
            .expect("folders without a colon");
        let keys = canary::keys();
        let status = Command::new("sh")
            .args(["-c", &with_free_ports(script, &self.endpoint.url())])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LAMBDA_HOST", build::lambda_host())
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
            let path = self.home().join(format!("{name}.{n}"));
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

impl Default for Shell {
    fn default() -> Self {
        Self::new()
    }
}

/// `except` is a URL whose port stays.
fn with_free_ports(mut script: String, except: &str) -> String {
    const LOOPBACK: &str = "127.0.0.1:";
    let pieces = script.split(LOOPBACK).skip(1);
    let port = |text: &str| {
        text.split(|c: char| !c.is_ascii_digit())
            .next()
            .map(str::to_owned)
    };
    let mut ports: Vec<String> = pieces.filter_map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    // Held until all are chosen, so that no two are the same.
    let mut held = Vec::new();
    for port in ports.iter().filter(|port| !port.is_empty()) {
        if except.ends_with(&format!(":{port}")) {
            continue;
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let free = listener.local_addr().expect("an address").to_string();
        script = script.replace(&format!("{LOOPBACK}{port}"), &free);
        held.push(listener);
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_commands_and_what_they_print() {
        let session = "# A comment\n$ one\na\n---\n\n# Another\n$ two\n";
        let shown = shown(session);
        assert_eq!(shown[0].command, "one");
        assert_eq!(shown[0].lines, ["a", "---"]);
        assert_eq!(shown[1].command, "two");
        assert!(shown[1].lines.is_empty());
    }

    #[test]
    fn what_is_printed_may_differ_in_ids_and_times_and_be_cut() {
        let shown = |line: &str| Shown {
            command: String::new(),
            lines: vec![line.to_owned()],
        };
        for (line, printed) in [
            ("a", "a"),
            (
                "id 7bfdee8a-9633-474f-a507-238e92ab975d.",
                "id 27e8b91f-0e00-4bc7-af42-09248f17c719.",
            ),
            ("took 0.03 ms. 1 ms", "took 12.5 ms. 1 ms"),
            ("first: {\"a\":…", "first: {\"a\":1}"),
        ] {
            shown(line).assert_printed(&[printed.to_owned()]);
        }
    }

    #[test]
    #[should_panic(expected = "printed")]
    fn a_number_that_is_no_time_has_to_be_the_same() {
        let shown = Shown {
            command: String::new(),
            lines: vec!["2 created".to_owned()],
        };
        shown.assert_printed(&["1 created".to_owned()]);
    }

    #[test]
    fn a_port_is_the_same_wherever_it_stands_and_the_endpoints_stays() {
        let script = "a 127.0.0.1:8000; b 127.0.0.1:8000/x 127.0.0.1:4566 127.0.0.1";
        let script = with_free_ports(script.to_owned(), "http://127.0.0.1:4566");
        let port = script.split([':', ';']).nth(1).unwrap();
        assert_ne!(port, "8000");
        let expected = format!("a 127.0.0.1:{port}; b 127.0.0.1:{port}/x 127.0.0.1:4566 127.0.0.1");
        assert_eq!(script, expected);
    }
}
