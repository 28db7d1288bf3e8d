//! `examples/node`, as `docs/hosts.md` runs it, against the local endpoint.

#![cfg(test)]

use std::fs;
use std::process::{Command, Output};

use lambda_invocation_tests::hosts::endpoint::{Endpoint, REGION};
use lambda_invocation_tests::jco::Example;
use lambda_invocation_tests::readme::{Shell, commands};
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::{canary, or_skip};

/// With all that the program reads from the environment, and nothing else in it.
fn with_environment(mut command: Command, endpoint: &str) -> Command {
    let keys = canary::keys();
    command
        .env("AWS_REGION", REGION)
        .env("AWS_ENDPOINT_URL_LAMBDA", endpoint)
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .envs(keys.session_token.map(|token| ("AWS_SESSION_TOKEN", token)));
    command
}

/// A script beside the example's own.
fn script(example: &Example, name: &str, code: &str) -> Command {
    fs::write(example.directory.join(name), code).expect("a script");
    example.node(name)
}

#[track_caller]
fn run(mut command: Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("node starts");
    let text = |bytes| String::from_utf8(bytes).expect("output in UTF-8");
    let (stdout, stderr) = (text(stdout), text(stderr));
    assert!(!canary::is_in(&stdout), "{stdout}");
    assert!(!canary::is_in(&stderr), "{stderr}");
    (status.code(), stdout, stderr)
}

#[test]
fn the_commands_of_the_page_print_what_the_function_returned() {
    let example = or_skip!(Example::shared());
    let shell = Shell::within(&example.root);
    // The others install and build it.
    let ran = shell.run(&commands("docs/hosts.md", "Node")[2..]);
    let answer: serde_json::Value = serde_json::from_str(ran[0].output()).expect("JSON");
    assert_eq!(answer["event"], serde_json::json!({"name": "world"}));
    let seen = shell.endpoint.invocations();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].status, Some(200));
}

#[test]
fn a_function_that_fails_and_a_call_that_fails_are_told_apart() {
    let example = or_skip!(Example::shared());
    let endpoint = Endpoint::start();
    for (function, code, text) in [
        ("fail", 1, "errorMessage"),
        ("no-such-function", 3, "ResourceNotFoundException"),
    ] {
        let mut command = example.node("invoke.mjs");
        command.args([function, "{}"]);
        let (ended, stdout, stderr) = run(with_environment(command, &endpoint.url()));
        assert_eq!(ended, Some(code), "{function}: {stderr}");
        assert!(format!("{stdout}{stderr}").contains(text), "{function}");
    }
}

/// With a control: the same variables, granted, are used.
#[test]
fn the_component_sees_the_variables_it_is_granted_and_none_of_the_process() {
    const CODE: &str = r#"
        import { load } from "./lambda.mjs";

        const origins = [process.env.AWS_ENDPOINT_URL_LAMBDA];
        for (const env of [{}, process.env]) {
          const { invoke } = await load({ env, origins });
          try {
            const request = { functionName: "identity", payload: new TextEncoder().encode("1") };
            console.log(invoke.invoke(request, { region: process.env.AWS_REGION }).statusCode);
          } catch (error) {
            console.log(error.payload.tag);
          }
        }
    "#;
    let example = or_skip!(Example::shared());
    let endpoint = Endpoint::start();
    let command = script(example, "variables.mjs", CODE);
    let command = with_environment(command, &endpoint.url());
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, "no-credentials\n200\n");
    assert_eq!(endpoint.invocations().len(), 1);
}

#[test]
fn the_component_reaches_the_origins_it_is_granted_and_no_other() {
    const CODE: &str = r#"
        import { load } from "./lambda.mjs";

        const endpointUrl = process.argv[2];
        const { invoke } = await load({ origins: ["https://lambda.us-east-1.amazonaws.com"] });
        const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "none" };
        try {
          invoke.invoke(
            { functionName: "identity", payload: new Uint8Array() },
            { region: "us-east-1", endpointUrl, credentials },
          );
        } catch (error) {
          console.log(error.payload.tag, error.payload.val.url);
        }
    "#;
    let example = or_skip!(Example::shared());
    let other = Server::start(|mut connection| connection.wait_for_the_client());
    let mut command = script(example, "origins.mjs", CODE);
    command.arg(other.url());
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, format!("denied-by-host {}\n", other.url()));
    assert_eq!(other.connections(), 0);
}

#[test]
fn jco_run_and_serve_hand_over_the_variables_of_aws_and_of_the_service_only() {
    const CODE: &str = r#"
        import "./granted.mjs";
        import { environment } from "@bytecodealliance/preview2-shim/cli";

        console.log(environment.getEnvironment().map(([name]) => name).sort().join(" "));
    "#;
    let example = or_skip!(Example::shared());
    let mut command = script(example, "environment.mjs", CODE);
    command
        .env("AWS_REGION", REGION)
        .env("LAMBDA_INVOCATION_TOKEN", "a-token-of-16-characters")
        .env("DATABASE_PASSWORD", "of no concern to it");
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, "AWS_REGION LAMBDA_INVOCATION_TOKEN\n");
}
