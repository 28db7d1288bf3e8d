//! Two runs at once, a state that changes underneath, and a run that dies.

use std::collections::BTreeSet;
use std::fs;

use lambda_invocation_command::exit;
use serde_json::Value;

use crate::desk::{Desk, chain, crud, function_failure};

#[test]
fn a_run_beside_another_one_is_refused_and_sends_nothing() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    desk.sent();
    desk.write("config.toml", &crud("a", "triggers.x = 1"));
    let held = lambda_invocation_command::state::StateFile::open(&desk.path("state.json")).unwrap();
    let id = format!("f,$LATEST,{}", "0".repeat(32));
    for line in [
        "lifecycle apply --config config.toml --state state.json".to_owned(),
        "lifecycle destroy --state state.json".to_owned(),
        format!("lifecycle import b {id} --state state.json"),
    ] {
        let said = desk.run(&line).failed(exit::STATE_CONFLICT);
        assert!(said.starts_with("error: another run holds "), "{said}");
        let json = desk.run(&format!("{line} --output json"));
        assert_eq!(json.code, exit::STATE_CONFLICT);
        assert!(json.json()["error"]["state-conflict"].is_string());
    }
    assert!(desk.sent().is_empty());
    desk.plan().ok();
    desk.run("lifecycle show --state state.json").ok();
    drop(held);
    desk.apply().ok();
}

#[test]
fn a_state_that_changes_underneath_ends_the_run_and_loses_nothing() {
    let mut desk = Desk::with(&chain());
    let path = desk.path("state.json");
    let theirs = r#"{"version":1,"serial":9,"invocations":{}}"#;
    desk.world.before = Box::new(move |number, _| {
        if number == 1 {
            fs::write(&path, theirs).unwrap();
        }
        Ok(())
    });
    let said = desk.apply().failed(exit::STATE_CONFLICT);
    assert_eq!(desk.sent(), ["create third", "create second"]);
    assert_eq!(fs::read_to_string(desk.path("state.json")).unwrap(), theirs);
    assert!(said.contains("state.json.unsaved"), "{said}");
    assert!(said.contains("not reached: 1"), "{said}");
    // What it should be is there to be put in place.
    fs::rename(desk.path("state.json.unsaved"), desk.path("state.json")).unwrap();
    desk.world.before = Box::new(|_, _| Ok(()));
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create first"]);
}

#[test]
fn a_failure_and_a_conflict_at_once_are_both_told_and_the_conflict_counts() {
    let mut desk = Desk::with(&crud("a", "create_before_destroy = true"));
    desk.apply().ok();
    desk.write(
        "config.toml",
        &crud("a", "create_before_destroy = true\ntriggers.x = 1"),
    );
    let path = desk.path("state.json");
    desk.world.before = Box::new(move |_, request| {
        if request.event.as_str() == "create" {
            return Ok(());
        }
        fs::write(&path, r#"{"version":1,"serial":9,"invocations":{}}"#).unwrap();
        Err(function_failure())
    });
    let said = desk.apply().failed(exit::STATE_CONFLICT);
    assert!(said.contains("the function failed (Unhandled)"), "{said}");
    assert!(said.contains("was changed by something else"), "{said}");
}

/// A crash anywhere finds in the file exactly what was finished before, and what was under
/// way.
#[test]
fn whenever_a_run_dies_the_file_is_the_state_before_the_step_under_way() {
    let names = ["third", "second", "first"];
    for dies_at in 0..=names.len() {
        let mut desk = Desk::with(&chain());
        let path = desk.path("state.json");
        // The names whose entries have this.
        let having = move |key: &str| -> BTreeSet<String> {
            let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let entries = file["invocations"].as_object().unwrap().iter();
            entries
                .filter(|(_, entry)| entry.get(key).is_some())
                .map(|(name, _)| name.clone())
                .collect()
        };
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let look = having.clone();
        desk.world.before = Box::new(move |number, _| {
            assert_eq!(look("state"), set(&names[..number]));
            assert_eq!(look("intent"), set(&names[number..=number]));
            if number == dies_at {
                std::panic::panic_any("killed");
            }
            Ok(())
        });
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| desk.apply()));
        assert_eq!(outcome.is_err(), dies_at < names.len());
        assert_eq!(having("state"), set(&names[..dies_at]));
        // The next run goes on there.
        desk.world.before = Box::new(|_, _| Ok(()));
        desk.sent();
        if let Some(open) = names.get(dies_at) {
            desk.apply().failed(exit::STATE_CONFLICT);
            desk.run(&format!(
                "lifecycle apply --config config.toml --state state.json --run-again {open}"
            ))
            .ok();
        }
        desk.apply().ok();
        assert_eq!(desk.sent().len(), names.len() - dies_at);
    }
}
