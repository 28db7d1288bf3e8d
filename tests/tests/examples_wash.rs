//! `examples/wasmcloud`, as `docs/hosts.md` runs it, against the local endpoint: a
//! component that has neither network nor credentials, and the plugin, which has both.

#![cfg(test)]

use lambda_invocation_tests::hosts::endpoint::Endpoint;
use lambda_invocation_tests::readme::{Ran, Shell, commands};
use lambda_invocation_tests::wash::{WASH, Wash};
use lambda_invocation_tests::{canary, or_skip};

/// The page's commands, and more after them, at the same address.
fn run(shell: &Shell, more: &[String]) -> Vec<Ran> {
    let mut commands = commands("docs/hosts.md", "wasmCloud");
    commands.extend_from_slice(more);
    shell.run(&commands)
}

fn curl(request: &str) -> String {
    format!("curl --silent --write-out ' %{{http_code}}' {request}")
}

#[test]
fn the_consumer_invokes_through_the_plugin_and_cannot_go_around_it() {
    let shell = Shell::new().program(&or_skip!(Wash::install(WASH)));
    let endpoint = shell.endpoint.url().replace("http://", "");
    let ran = run(
        &shell,
        &[
            curl("--data '{}' http://127.0.0.1:8000/fail"),
            curl("--data '{}' http://127.0.0.1:8000/missing"),
            curl(&format!("http://127.0.0.1:8000/around/{endpoint}")),
        ],
    );
    let [_, dev, through, around, failing, missing, to_the_endpoint] = ran.as_slice() else {
        panic!("{ran:#?}");
    };
    let answer: serde_json::Value = serde_json::from_str(through.output()).expect("JSON");
    assert_eq!(answer["event"], serde_json::json!({"name": "world"}));
    assert_eq!(around.output(), "denied by the host");
    assert!(failing.output().ends_with(" 502"), "{failing:#?}");
    assert_eq!(missing.output(), "service 502");
    assert_eq!(to_the_endpoint.output(), "denied by the host 403");
    // What arrived was signed as the endpoint verifies it.
    let statuses: Vec<_> = shell
        .endpoint
        .invocations()
        .iter()
        .map(|i| i.status)
        .collect();
    assert_eq!(statuses, [Some(200), Some(200), Some(404)]);
    for said in [&dev.stdout, &dev.stderr] {
        assert!(!canary::is_in(said), "{said}");
    }
}

/// With what the example takes away, the same request arrives: it is the host that denies.
#[test]
fn a_consumer_that_is_granted_the_network_goes_around_the_plugin() {
    let program = or_skip!(Wash::install(WASH));
    let dev = include_str!("../../examples/wasmcloud/dev.sh");
    let granted = dev.replace("  allowedHosts: []", "  allowedHosts: [\"$endpoint\"]");
    assert_ne!(dev, granted);
    let shell = Shell::new().program(&program);
    shell.write(
        "dev.sh",
        &granted.replace("cd \"$(dirname \"$0\")/../..\"", ""),
    );
    let endpoint: &Endpoint = &shell.endpoint;
    let authority = endpoint.url().replace("http://", "");
    let ran = shell.run(&[
        "sh dev.sh 127.0.0.1:8000 &".to_owned(),
        format!(
            "curl --fail --silent --retry 60 --retry-all-errors --retry-delay 1 \
             http://127.0.0.1:8000/around/{authority}"
        ),
    ]);
    assert!(ran[1].output().starts_with("reached: HTTP "), "{ran:#?}");
}
