//! The provider as a program: its start, its calls, its end.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_tests::build;
use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::{Stack, TYPE};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

#[test]
fn the_calls_about_the_provider_are_answered() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let info = stack.call("GetPluginInfo", None, json!({}));
    assert_eq!(info["answer"]["version"], env!("CARGO_PKG_VERSION"));
    let attached = stack.call(
        "Attach",
        Some("PluginAttach"),
        json!({"address": "127.0.0.1:1"}),
    );
    assert_eq!(attached["answer"], json!({}));
    for (method, message) in [
        ("GetMapping", "GetMappingRequest"),
        ("GetMappings", "GetMappingsRequest"),
    ] {
        let mapped = stack.call(method, Some(message), json!({"key": "terraform"}));
        assert_eq!(mapped["answer"], json!({}), "{method}");
    }
    let schema = stack.call("GetSchema", Some("GetSchemaRequest"), json!({}));
    let schema: Value = serde_json::from_str(schema["answer"]["schema"].as_str().unwrap()).unwrap();
    assert_eq!(schema["name"], "lambda-invocation");
    let printed = Command::new(build::pulumi_provider())
        .arg("--schema")
        .output()
        .unwrap();
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed, schema);
    let newer = stack.call("GetSchema", Some("GetSchemaRequest"), json!({"version": 1}));
    assert!(
        newer["failed"]
            .as_str()
            .unwrap()
            .starts_with("INVALID_ARGUMENT: ")
    );
}

#[test]
fn what_the_package_has_none_of_is_refused_as_the_protocol_says() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for (method, message) in [
        ("Construct", "ConstructRequest"),
        ("Call", "CallRequest"),
        ("Parameterize", "ParameterizeRequest"),
        ("List", "ListRequest"),
    ] {
        let refused = stack.call(method, Some(message), json!({}));
        let said = refused["failed"].as_str().unwrap();
        assert!(said.starts_with("UNIMPLEMENTED: "), "{method}: {said}");
    }
    for (method, message) in [
        ("Check", "CheckRequest"),
        ("Diff", "DiffRequest"),
        ("Create", "CreateRequest"),
        ("Read", "ReadRequest"),
        ("Update", "UpdateRequest"),
        ("Delete", "DeleteRequest"),
    ] {
        let urn = "urn:pulumi:dev::example::lambda-invocation:index:Other::it";
        let refused = stack.call(method, Some(message), json!({"urn": urn}));
        let said = refused["failed"].as_str().unwrap();
        assert!(said.contains(TYPE), "{method}: {said}");
    }
    // What no engine sends does not end the program.
    let created = stack.call("Create", Some("CreateRequest"), json!({}));
    assert!(created["failed"].is_string(), "{created}");
    let unknown = json!({"properties": {"functionName": "identity", "input": lambda_invocation_tests::pulumi::UNKNOWN}});
    let created = stack.call("Create", Some("CreateRequest"), unknown);
    assert!(
        created["failed"]
            .as_str()
            .unwrap()
            .contains("input is not known"),
        "{created}"
    );
    assert_eq!(local.payloads().len(), 0);
}

#[test]
fn no_change_of_the_configuration_asks_for_another_provider() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for (news, changes, diffs) in [
        (json!({"region": "us-east-1"}), "DIFF_NONE", Value::Null),
        (
            json!({"region": "eu-west-1"}),
            "DIFF_SOME",
            json!(["region"]),
        ),
        (
            json!({"accessKey": "a", "secretKey": "b"}),
            "DIFF_SOME",
            json!(["region", "accessKey", "secretKey"]),
        ),
    ] {
        let old = json!({"region": "us-east-1"});
        let diff = stack.call(
            "DiffConfig",
            Some("DiffRequest"),
            json!({"old_inputs": old, "olds": old, "news": news}),
        );
        assert_eq!(diff["answer"]["changes"], changes, "{diff}");
        assert_eq!(diff["answer"]["diffs"], diffs, "{diff}");
        assert_eq!(diff["answer"]["replaces"], Value::Null, "{diff}");
    }
}

#[test]
fn nothing_but_the_port_is_printed_and_an_interrupt_ends_it() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    stack
        .up(crate::one(
            json!({"functionName": "identity", "input": "1"}),
        ))
        .done();
    let ended = stack.ask(json!({"do": "close"}));
    assert_eq!(ended, json!({"code": 0, "stdout": "", "stderr": ""}));
}

/// Starts it by hand, and waits for its port.
fn started(engine: Option<&str>) -> Child {
    let mut child = Command::new(build::pulumi_provider())
        .args(engine)
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut port).unwrap();
    assert!(port.trim().parse::<u16>().is_ok(), "{port}");
    child
}

#[test]
fn it_ends_when_its_engine_has_gone_and_not_before() {
    let engine = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = engine.local_addr().unwrap().to_string();
    let mut orphan = started(Some(&address));
    let mut by_hand = started(None);
    assert_eq!(orphan.try_wait().unwrap(), None);
    drop(engine);
    let since = Instant::now();
    while orphan.try_wait().unwrap().is_none() {
        assert!(since.elapsed() < Duration::from_secs(60), "it stays");
        thread::sleep(Duration::from_millis(50));
    }
    // Whoever started it without an engine, to attach one, ends it.
    assert_eq!(by_hand.try_wait().unwrap(), None);
    kill_process(Pid::from_child(&by_hand), Signal::TERM).unwrap();
    assert!(by_hand.wait().unwrap().success());
}

#[test]
fn asked_for_help_it_says_what_it_is() {
    for (option, words) in [
        ("--help", "This program is a provider for Pulumi"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let output = Command::new(build::pulumi_provider())
            .arg(option)
            .output()
            .unwrap();
        assert!(output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(words), "{said}");
    }
    // The line for attaching that the page shows is the one that is understood.
    let page = fs::read_to_string(lambda_invocation_docs::root().join("docs/pulumi.md")).unwrap();
    assert!(page.contains("PULUMI_DEBUG_PROVIDERS=lambda-invocation:PORT"));
}
