//! The vectors that core's tests compare with are those botocore gives now: what it
//! signs, which endpoints it resolves, and which errors its model of Invoke lists.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::Command;

use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::venv::{BOTOCORE, Venv};

#[test]
fn the_vectors_of_core_are_what_botocore_gives() {
    let venv = or_skip!(Venv::of(BOTOCORE));
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/core/tests/vectors");
    // The script writes beside itself.
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("botocore_vectors.py");
    fs::copy(committed.join("botocore_vectors.py"), &script).unwrap();
    let output = Command::new(venv.python())
        .arg(&script)
        .env_clear()
        .env("HOME", directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    for name in [
        "lambda_signatures.json",
        "endpoints.txt",
        "invoke_errors.txt",
    ] {
        let ours = fs::read_to_string(committed.join(name)).unwrap();
        let theirs = fs::read_to_string(directory.path().join(name)).unwrap();
        assert!(ours == theirs, "{name} is not what botocore gives");
    }
}
