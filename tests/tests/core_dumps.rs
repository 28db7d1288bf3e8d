//! Programs that hold credentials leave no copy of their memory behind when they end by a
//! fault, even where the system would keep one.

#![cfg(test)]
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_tests::server::{Connection, Server};
use lambda_invocation_tests::{build, canary};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// A program whose core dumps have no limit.
fn unlimited(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Child, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let keys = canary::keys();
    let child = Command::new("/bin/sh")
        .args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""])
        .arg(program)
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_CACHE_HOME", build::target().join("tmp").join("cache"))
        .env("LAMBDA_COMPONENT", build::component())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
        .envs(variables.iter().copied())
        .current_dir(home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (child, home)
}

/// Waits until it is the program, and has no core dumps by its own limit.
fn wait_for_the_limit(child: &Child, program: &Path) {
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let name = program.file_name().unwrap().to_str().unwrap();
    let started = Instant::now();
    loop {
        let said = fs::read_to_string(process.join("limits")).unwrap();
        let line = said
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let soft = line.unwrap().split_whitespace().nth(4).unwrap();
        let command = fs::read(process.join("cmdline")).unwrap();
        let is_it = String::from_utf8_lossy(&command)
            .split('\0')
            .next()
            .is_some_and(|first| first.ends_with(name));
        if is_it && soft == "0" {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{name}: {said}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_holds_credentials_leaves_no_core_dump() {
    let silent = Server::start(|mut connection: Connection| connection.wait_for_the_client());
    let invoke = [
        "invoke",
        "f",
        "--region",
        "us-east-1",
        "--endpoint-url",
        silent.url(),
        "--payload",
        "{}",
    ];
    // As Terraform starts it.
    let cookie = (
        "TF_PLUGIN_MAGIC_COOKIE",
        "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    );
    let terraform = [cookie, ("PLUGIN_PROTOCOL_VERSIONS", "6")];
    for (program, arguments, variables) in [
        (build::lambda_host(), &invoke[..], &[][..]),
        (build::terraform_provider(), &[][..], &terraform[..]),
        (build::pulumi_provider(), &[][..], &[][..]),
    ] {
        let (mut child, home) = unlimited(&program, arguments, variables);
        wait_for_the_limit(&child, &program);
        kill_process(Pid::from_child(&child), Signal::ABORT).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(6), "{program:?}");
        assert!(!status.core_dumped(), "{program:?}");
        let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
        let dumps = left.iter().flatten().filter(|entry| {
            let name = entry.file_name();
            name.to_string_lossy().starts_with("core")
        });
        assert_eq!(dumps.count(), 0, "{program:?}");
    }
}
