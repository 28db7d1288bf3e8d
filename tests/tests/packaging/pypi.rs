//! The package for PyPI, installed into an empty environment as users do it.

use std::process::Command;

use lambda_invocation_tests::hosts::endpoint::{Endpoint, REGION};
use lambda_invocation_tests::{build, canary, or_skip};

/// Its assertions are in `use_pypi.py`.
#[test]
fn the_installed_package_invokes() {
    let version = env!("CARGO_PKG_VERSION");
    let wheel = format!("lambda_invocation-{version}-py3-none-any.whl");
    let wheel = or_skip!(build::package(&wheel));
    let folder = tempfile::tempdir().unwrap();
    let venv = folder.path().join("venv");
    let python = venv.join("bin/python");
    let run = |command: &mut Command| {
        let output = command.output().expect("a program that starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(!canary::is_in(&out) && !canary::is_in(&err), "{out}\n{err}");
        assert!(output.status.success(), "{command:?}\n{out}\n{err}");
        out
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--no-input"])
        .args(["--disable-pip-version-check", "--only-binary", ":all:"])
        .arg(wheel));
    let endpoint = Endpoint::start();
    let keys = canary::keys();
    let printed = run(Command::new(&python)
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_REGION", REGION)
        .env("AWS_ENDPOINT_URL_LAMBDA", endpoint.url())
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .envs(keys.session_token.map(|token| ("AWS_SESSION_TOKEN", token)))
        .args(["-c", include_str!("use_pypi.py")])
        .current_dir(folder.path()));
    let sent: usize = printed.trim().parse().unwrap();
    assert_eq!(endpoint.invocations().len(), sent);
}
