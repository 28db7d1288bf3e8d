//! `lambda-host lifecycle apply`, killed: whenever that happens, the state file is the
//! old one or the new one.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_tests::lambda_host::LambdaHost;
use serde_json::Value;

const KILLS: u32 = 200;

fn apply(directory: &Path) -> LambdaHost {
    LambdaHost::new(["lifecycle", "apply", "--local"])
        .args([
            "--config".as_ref(),
            directory.join("config.json").as_os_str(),
        ])
        .args(["--state".as_ref(), directory.join("state.json").as_os_str()])
}

fn configure(directory: &Path, round: u32) {
    let config = format!(
        r#"{{"invocation": {{"one": {{
            "function_name": "identity",
            "lifecycle_scope": "CRUD",
            "input": {{"round": {round}}}
        }}}}}}"#
    );
    fs::write(directory.join("config.json"), config).unwrap();
}

/// The round that a state file remembers; 0 before there is one.
///
/// # Panics
///
/// When the file is torn, or its parts do not belong together.
fn remembered(directory: &Path) -> u32 {
    let Ok(text) = fs::read(directory.join("state.json")) else {
        return 0;
    };
    let state: Value = serde_json::from_slice(&text).expect("a whole state file");
    let Some(one) = state["invocations"]["one"].get("state") else {
        return 0;
    };
    let input = one["config"]["input"].as_str().expect("an input");
    let input: Value = serde_json::from_str(input).unwrap();
    // The function returns what it was sent, so input and result tell of one request.
    let result: Value = serde_json::from_str(one["result"].as_str().unwrap()).unwrap();
    assert_eq!(result["round"], input["round"]);
    u32::try_from(input["round"].as_u64().unwrap()).unwrap()
}

#[test]
fn a_kill_at_any_instant_leaves_the_old_or_the_new_state() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    configure(directory, 1);
    // The first run compiles the component; the second shows how long one takes.
    apply(directory).run();
    configure(directory, 2);
    let started = Instant::now();
    assert_eq!(apply(directory).run().code, 0);
    let usual = started.elapsed();

    let (mut old, mut new) = (0, 0);
    for round in 3..3 + KILLS {
        let before = remembered(directory);
        configure(directory, round);
        let mut running = apply(directory).start();
        // Instants spread evenly over a run and somewhat beyond, in no order.
        thread::sleep(usual.mul_f64(f64::from(round * 83 % KILLS) / f64::from(KILLS) * 1.2));
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        match remembered(directory) {
            after if after == before => old += 1,
            after if after == round => new += 1,
            after => panic!("round {round}: {before} became {after}"),
        }
    }
    // Otherwise the kills came too early or too late to show anything.
    assert!(old > KILLS / 20 && new > KILLS / 20, "{old} old, {new} new");

    configure(directory, 1_000);
    let run = apply(directory).run();
    assert_eq!(
        run.code, 0,
        "nothing a kill left behind is in the way: {}",
        run.stderr
    );
    assert_eq!(remembered(directory), 1_000);
    let left: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(left.len() <= 4, "kills leave files behind: {left:?}");
    assert!(usual < Duration::from_secs(60));
}

#[test]
fn an_interrupt_waits_for_the_invocation_under_way_and_saves_it() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let config = r#"{"invocation": {
        "first": {"function_name": "sleep", "input": {"ms": 1500}},
        "second": {"function_name": "identity", "input": {}, "depends_on": ["first"]}
    }}"#;
    fs::write(directory.join("config.json"), config).unwrap();
    // Compiles the component, so that the next run begins at once.
    LambdaHost::new(["invoke", "identity", "--local"]).run();
    let mut running = apply(directory).start();
    thread::sleep(Duration::from_millis(700));
    assert_eq!(running.interrupt(), 130);
    let state = fs::read(directory.join("state.json")).unwrap();
    let state: Value = serde_json::from_slice(&state).unwrap();
    assert_eq!(
        state["invocations"]["first"]["state"]["result"],
        r#"{"slept_ms":1500}"#
    );
    assert_eq!(state["invocations"].get("second"), None);
}
