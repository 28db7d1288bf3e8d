//! `examples/wasmcloud`, as its README section runs it, against the local endpoint: a
//! component that has neither network nor credentials, and the plugin, which has both.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use lambda_invocation_tests::build;
use lambda_invocation_tests::canary;
use lambda_invocation_tests::client;
use lambda_invocation_tests::hosts::endpoint::{Endpoint, REGION};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::readme::commands;
use lambda_invocation_tests::wash::{ANY_PORT, WASH, Wash};

const CONFIG: &str = include_str!("../../examples/wasmcloud/.wash/config.yaml");

/// The example's configuration, for an endpoint on this machine and for components that
/// are elsewhere, seen from the session.
fn config(endpoint: &str) -> String {
    let components = build::component();
    let components = components.parent().and_then(|path| path.to_str());
    let components = components.expect("a directory in UTF-8");
    let mut config = CONFIG.to_owned();
    for (from, to) in [
        ("../../target/components", components),
        ("127.0.0.1:8000", ANY_PORT),
        ("https://lambda.us-east-1.amazonaws.com", endpoint),
        (
            "AWS_REGION: us-east-1",
            &format!("AWS_REGION: {REGION}\n          AWS_ENDPOINT_URL_LAMBDA: {endpoint}"),
        ),
        (
            "AWS_SECRET_ACCESS_KEY]",
            "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN]",
        ),
    ] {
        assert!(config.contains(from), "the example has no {from}");
        config = config.replace(from, to);
    }
    config
}

/// The example, run; or why wash cannot be installed.
fn start(config: &str) -> Result<Wash, String> {
    static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let program = INSTALLED.get_or_init(|| Wash::install(WASH)).as_ref();
    let program = program.map_err(Clone::clone)?;
    let keys = canary::keys();
    let environment = [
        ("AWS_ACCESS_KEY_ID", keys.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        (
            "AWS_SESSION_TOKEN",
            keys.session_token.as_deref().unwrap_or_default(),
        ),
    ];
    Ok(Wash::start(program, config, &environment, "info"))
}

/// What a command of the README prints, with the addresses of this session.
fn shell(command: &str, wash: &Wash, endpoint: &Endpoint) -> String {
    let authority = endpoint.url().replace("http://", "");
    let command = command
        .replace("127.0.0.1:8000", &wash.address.to_string())
        .replace("lambda.us-east-1.amazonaws.com", &authority);
    let output = Command::new("sh").args(["-c", &command]).output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{command}: {output:?}");
    String::from_utf8(output.stdout).expect("output in UTF-8")
}

#[test]
fn the_consumer_invokes_through_the_plugin_and_cannot_go_around_it() {
    let endpoint = Endpoint::start();
    let wash = or_skip!(start(&config(&endpoint.url())));

    let commands = commands("In wasmCloud");
    let [build, dev, through, around] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    // Done by then.
    assert_eq!(build, "cargo xtask build");
    assert_eq!(dev, "(cd examples/wasmcloud && wash dev)");
    let answer = shell(through, &wash, &endpoint);
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["event"], serde_json::json!({"name": "world"}));
    let answer = client::send(wash.address, "POST /fail", &[], b"{}").expect("an answer");
    assert_eq!(answer.status, 502, "{answer:?}");
    let answer = client::send(wash.address, "POST /missing", &[], b"{}").expect("an answer");
    assert_eq!((answer.status, answer.text().as_str()), (502, "service"));
    // What arrived was signed as the endpoint verifies it.
    let statuses: Vec<_> = endpoint.invocations().iter().map(|i| i.status).collect();
    assert_eq!(statuses, [Some(200), Some(200), Some(404)]);

    assert_eq!(shell(around, &wash, &endpoint), "denied by the host");
    assert_eq!(endpoint.invocations().len(), 3);

    let logged = wash.end();
    assert!(!canary::is_in(&logged), "{logged}");
}

/// With what the example takes away, the same request arrives: it is the host that denies.
#[test]
fn a_consumer_that_is_granted_the_network_goes_around_the_plugin() {
    let endpoint = Endpoint::start();
    let config = config(&endpoint.url()).replace(
        "allowedHosts: []",
        &format!("allowedHosts: [\"{}\"]", endpoint.url()),
    );
    let wash = or_skip!(start(&config));
    let around = format!(
        "GET /around/{}",
        endpoint.url().trim_start_matches("http://")
    );
    let answer = client::send(wash.address, &around, &[], b"").expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
}
