//! A component that computes for ever is stopped when the user's time is up.

#![cfg(test)]

#[path = "../../host/tests/support/mod.rs"]
mod support;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn the_time_limit_of_a_call_holds_for_a_component_that_computes() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let component = support::component("(loop $l (br $l)) unreachable", "");
    let component = file("loop.wasm", &component);
    let config = file(
        "config.json",
        br#"{"invocation":{"a":{"function_name":"f","input":"{}"}}}"#,
    );
    let state = directory.path().join("state.json").display().to_string();
    let lifecycle = ["--config", &config, "--state", &state];
    const PURE: &str = "nothing was sent, so the function did not run";
    const CALL: &str = "so the function may have run";
    for (line, more, says) in [
        (&["prepare", "f", "--local"][..], &[][..], PURE),
        (&["lifecycle", "plan"], &lifecycle, PURE),
        (&["lifecycle", "apply"], &lifecycle, PURE),
        (&["lifecycle", "import", "a", "f,PROD,0"], &lifecycle, PURE),
        (&["invoke", "f", "--local"], &[], CALL),
    ] {
        let started = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_lambda-host"))
            .args(line)
            .args(more)
            .args(["--component", &component, "--no-cache"])
            .args(["--timeout", "300ms"])
            .env_clear()
            .env("HOME", directory.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.starts_with("error: the component was stopped after "),
            "{line:?}: {said}"
        );
        assert!(said.trim_end().ends_with(says), "{line:?}: {said}");
        assert_eq!(output.status.code(), Some(4), "{line:?}");
        // Compiling it takes time, too.
        assert!(started.elapsed() < Duration::from_secs(60), "{line:?}");
    }
}
