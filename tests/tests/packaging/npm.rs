//! The package for npm, installed into an empty folder as users do it.

use std::fs;
use std::path::Path;
use std::process::Command;

use lambda_invocation_tests::hosts::endpoint::{Endpoint, REGION};
use lambda_invocation_tests::node::Tools;
use lambda_invocation_tests::{build, canary, or_skip};
use tempfile::TempDir;

/// Runs a command to its end, and returns what it prints.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().expect("a program that starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(!canary::is_in(&out) && !canary::is_in(&err), "{out}\n{err}");
    assert!(output.status.success(), "{command:?}\n{out}\n{err}");
    out
}

/// A folder that has nothing but the package in it.
fn installed() -> Result<TempDir, String> {
    let name = format!("lambda-invocation-{}.tgz", env!("CARGO_PKG_VERSION"));
    let package = build::package(&name)?;
    let folder = tempfile::tempdir().expect("a temporary directory");
    fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).expect("a file");
    run(Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund"])
        .arg(package)
        .current_dir(folder.path()));
    Ok(folder)
}

/// Node with a script in a folder, and an environment that leads to the endpoint.
fn node(node: &Path, folder: &Path, script: &str, endpoint: &Endpoint) -> Command {
    let keys = canary::keys();
    let mut command = Command::new(node);
    command
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("AWS_REGION", REGION)
        .env("AWS_ENDPOINT_URL_LAMBDA", endpoint.url())
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .envs(keys.session_token.map(|token| ("AWS_SESSION_TOKEN", token)))
        .arg(script)
        .current_dir(folder);
    command
}

/// Its assertions are in `use_npm.mjs`.
#[test]
fn the_installed_package_invokes_in_every_line_of_node() {
    let tools = or_skip!(Tools::install());
    let folder = or_skip!(installed());
    let script = include_str!("use_npm.mjs");
    fs::write(folder.path().join("use.mjs"), script).unwrap();
    for program in tools.nodes() {
        let version = run(Command::new(&program).arg("--version"));
        let endpoint = Endpoint::start();
        let printed = run(&mut node(&program, folder.path(), "use.mjs", &endpoint));
        let sent: usize = printed.trim().parse().unwrap();
        let seen = endpoint.invocations().len();
        assert!((sent..=sent + 1).contains(&seen), "Node {version}: {seen}");
    }
}

#[test]
fn the_types_accept_what_works_and_refuse_what_does_not() {
    const RIGHT: &str = r#"
        import { Lambda, LambdaError, type Response } from "lambda-invocation";

        const lambda = new Lambda({
          region: "eu-central-1",
          retry: { mode: "idempotent", maxAttempts: 2 },
          credentials: async () => ({ accessKeyId: "a", secretAccessKey: "b" }),
          env: { AWS_REGION: undefined },
        });
        const response: Response = await lambda.invoke("f", { a: [1] }, { logType: "tail" });
        const type: string | undefined = response.functionError?.errorType;
        const opened = await lambda.ephemeral.open({ functionName: "f", payload: "{}" }, await lambda.connection());
        const text: string = opened.result;
        try {
          console.log(type, text);
        } catch (error) {
          if (error instanceof LambdaError && error.code === "throttled") console.log(error.maybeRan);
        }
    "#;
    const WRONG: &[(&str, &str)] = &[
        (r#"logType: "tail""#, r#"logType: "head""#),
        (r#"region: "eu"#, r#"regions: "eu"#),
        (r#"=== "throttled""#, r#"=== "slow""#),
        (r#"payload: "{}""#, "payload: {}"),
    ];
    let tools = or_skip!(Tools::install());
    let folder = or_skip!(installed());
    let check = |code: &str| {
        fs::write(folder.path().join("types.ts"), code).unwrap();
        Command::new("node")
            .arg(tools.tsc())
            .args([
                "--noEmit",
                "--strict",
                "--target",
                "es2022",
                "--lib",
                "es2022,dom",
            ])
            .args(["--module", "nodenext", "--skipLibCheck", "types.ts"])
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let output = check(RIGHT);
    assert!(output.status.success(), "{output:?}");
    for (right, wrong) in WRONG {
        assert!(RIGHT.contains(right));
        let output = check(&RIGHT.replacen(right, wrong, 1));
        assert!(!output.status.success(), "{wrong}");
    }
}
