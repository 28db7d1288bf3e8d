//! `lambda-host` from its arguments to its streams and its exit code.

#![cfg(test)]

mod answers;
mod arguments;
mod commands;
mod endings;
mod keep_alive;
mod refusals;
mod secrets;
mod streaming;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::LambdaHost;
use serde_json::Value;

/// The program with the endpoint it brings along.
fn local(function: &str) -> LambdaHost {
    LambdaHost::new(["invoke", function, "--local"])
}

/// The program with credentials and a region, and an endpoint of this machine.
fn remote(function: &str, url: &str) -> LambdaHost {
    LambdaHost::new(["invoke", function, "--region", "us-east-1"])
        .args(["--endpoint-url", url])
        .keys(&canary::keys())
}

fn header<'a>(request: &'a Value, name: &str) -> &'a str {
    let headers = request["headers"].as_array().unwrap();
    let header = headers.iter().find(|header| header[0] == name).unwrap();
    header[1].as_str().unwrap()
}

fn json_of_length(length: usize) -> String {
    format!("\"{}\"", "x".repeat(length - 2))
}
