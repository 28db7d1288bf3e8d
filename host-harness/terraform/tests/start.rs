//! The program as it is started: by hand, and by a Terraform that asks for no TLS.

#![cfg(test)]

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

fn provider() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-lambda"));
    command.env_clear();
    command
}

#[test]
fn started_by_hand_it_says_what_it_is() {
    let output = provider().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("this program is a Terraform provider"),
        "{said}"
    );
}

#[test]
fn it_ends_with_the_connection_and_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = provider()
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_UNIX_SOCKET_DIR", directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let fields: Vec<&str> = line.trim_end().split('|').collect();
    assert_eq!(fields.len(), 6, "{line}");
    assert_eq!(
        (&fields[..3], &fields[4..]),
        (&["1", "6", "unix"][..], &["grpc", ""][..])
    );

    let connection = UnixStream::connect(fields[3]).unwrap();
    drop(connection);
    assert!(child.wait().unwrap().success());
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}
