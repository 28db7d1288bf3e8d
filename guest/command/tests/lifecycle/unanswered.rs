//! Invocations of whose answer nothing is known: by a kill, a power loss, a lost
//! connection. Nothing is sent a second time that the user did not ask for.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use lambda_invocation_command::exit;
use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_core::error::{
    Error, ResponseLimit, ServiceError, ThrottlingError, TimeoutError, TimeoutPhase,
    TransportError, TransportPhase,
};
use serde_json::{Value, json};

use crate::desk::{CANARY, Desk, Run, chain, crud, function_failure};

const APPLY: &str = "lifecycle apply --config config.toml --state state.json";

fn timeout() -> Error {
    Error::Timeout(TimeoutError {
        phase: TimeoutPhase::Response,
        after_ms: 1,
        maybe_ran: true,
        attempts: 0,
    })
}

impl Desk {
    /// Lets the request with this number have no answer.
    fn lose(&mut self, lost: usize) {
        self.world.before = Box::new(move |number, _| {
            if number == lost {
                Err(timeout())
            } else {
                Ok(())
            }
        });
    }

    fn answer(&mut self) {
        self.world.before = Box::new(|_, _| Ok(()));
    }

    /// An apply that is killed while the request with this number is under way.
    fn killed_apply(&mut self, line: &str, dies_at: usize) {
        self.world.before = Box::new(move |number, _| {
            if number == dies_at {
                panic_any("killed");
            }
            Ok(())
        });
        catch_unwind(AssertUnwindSafe(|| self.run(line))).unwrap_err();
        self.answer();
    }

    fn intent(&self, name: &str) -> Value {
        self.state()["invocations"][name]["intent"].clone()
    }
}

#[track_caller]
fn refused(run: Run, name: &str) {
    let said = run.failed(exit::STATE_CONFLICT);
    assert!(
        said.starts_with(&format!("error: {name}: no answer to the ")),
        "{said}"
    );
    assert!(
        said.contains(&format!(
            "say which it was: --ran {name}[=RESULT] if it ran, --run-again {name} to send it again\n"
        )),
        "{said}"
    );
    assert!(!said.contains(CANARY), "{said}");
}

#[test]
fn the_state_says_what_is_sent_before_it_is_sent() {
    let mut desk = Desk::with(&crud("a", "region = 'eu-central-1'"));
    let path = desk.path("state.json");
    desk.world.before = Box::new(move |_, request| {
        let state: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let entry = &state["invocations"]["a"];
        assert_eq!(entry.get("state"), None);
        let intent = &entry["intent"];
        assert_eq!(intent["event"], "create");
        assert_eq!(intent["function-name"], "a");
        assert_eq!(
            intent["payload-sha256"],
            sha256_hex(request.payload.as_bytes())
        );
        assert_eq!(intent["desired"]["region"], "eu-central-1");
        let at = intent["at"].as_str().unwrap();
        assert!(at.starts_with("20") && at.ends_with('Z'), "{at}");
        Ok(())
    });
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create a"]);
    assert_eq!(desk.intent("a"), Value::Null);
}

#[test]
fn what_was_not_answered_is_shown_and_not_sent_again_before_the_user_says_what_became_of_it() {
    let mut desk = Desk::with(&[chain(), crud("other", "")].concat());
    desk.lose(1);
    let said = desk.apply().failed(exit::TRANSPORT);
    for part in [
        "other: created after ",
        "third: creating...\nthird: no answer after ",
        "error: timed out after ",
        "1 created\n",
        "third: it is not sent again by itself; look into the function's log, then say which it was: --ran third[=RESULT] if it ran, --run-again third to send it again\n",
        "stopped; not reached: 2; run it again to go on\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(desk.sent(), ["create other", "create third"]);
    desk.answer();

    for _ in 0..3 {
        refused(desk.apply(), "third");
        refused(desk.destroy(), "third");
    }
    let plan = desk.plan().ok();
    let shown = format!("{}{}", plan.out, plan.err);
    assert!(
        shown.contains("  ? third: no answer to the create of 2"),
        "{shown}"
    );
    assert!(!shown.contains("+ third"), "{shown}");
    let show = desk.run("lifecycle show --state state.json").ok();
    let shown = format!("{}{}", show.out, show.err);
    assert!(
        shown.contains("third: no answer to the create of 2"),
        "{shown}"
    );
    let detailed = "lifecycle plan --config config.toml --state state.json --detailed-exitcode";
    assert_eq!(desk.run(detailed).code, exit::CHANGES);
    assert!(desk.sent().is_empty());

    desk.run(&format!("{APPLY} --run-again third")).ok();
    assert_eq!(
        desk.sent(),
        ["create third", "create second", "create first"]
    );
    desk.apply().ok();
    assert!(desk.sent().is_empty());
}

#[test]
fn what_ran_is_gone_on_from_with_the_result_the_user_knows_or_none() {
    for (answer, result) in [
        ("a={\"n\":7}", "{\"n\":7}"),
        ("a=", ""),
        ("a=a=b", "a=b"),
        ("a", ""),
    ] {
        let mut desk = Desk::with(&crud(
            "a",
            "depends_on = ['b']\n[invocation.b]\nfunction_name = 'b'\ninput = ''",
        ));
        desk.lose(1);
        desk.apply().failed(exit::TRANSPORT);
        desk.answer();
        desk.sent();
        // A plan takes the answer into account and keeps nothing.
        let plan = desk
            .run(&format!(
                "lifecycle plan --config config.toml --state state.json --detailed-exitcode --ran {answer}"
            ))
            .ok();
        let shown = format!("{}{}", plan.out, plan.err);
        assert!(shown.contains("plan: 2 unchanged"), "{shown}");
        refused(desk.apply(), "a");

        desk.run(&format!("{APPLY} --ran {answer}")).ok();
        assert!(desk.sent().is_empty());
        assert_eq!(
            desk.run("lifecycle show a --state state.json").ok().out,
            result
        );
        // As if it had been answered.
        let after = desk.state()["invocations"]["a"].clone();
        let mut other = Desk::with(&fs::read_to_string(desk.path("config.toml")).unwrap());
        other.apply().ok();
        let mut expected = other.state()["invocations"]["a"].clone();
        expected["state"]["result"] = json!(result);
        assert_eq!(after, expected);
    }
}

/// A configuration that changed since does not change what ran.
#[test]
fn the_state_after_what_ran_is_that_of_the_configuration_it_was_sent_for() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.lose(0);
    desk.apply().failed(exit::TRANSPORT);
    desk.answer();
    desk.sent();
    desk.write("config.toml", &crud("a", "terraform_key = 'key'"));
    desk.run(&format!("{APPLY} --ran a=1")).ok();
    assert_eq!(desk.sent(), ["update a"]);
}

/// Killed at any request of any change, and told the truth: each request is made once.
#[test]
fn whatever_dies_when_nothing_is_made_twice_or_left_out() {
    let replaced = "--replace a";
    for (before, after, options, all) in [
        ("", "", "", vec!["create a"]),
        ("x", "terraform_key = 'k'", "", vec!["update a"]),
        ("x", "triggers.a = 1", "", vec!["delete a", "create a"]),
        (
            "x",
            "triggers.a = 1\ncreate_before_destroy = true",
            "",
            vec!["create a", "delete a"],
        ),
        ("x", "", replaced, vec!["delete a", "create a"]),
        (
            "create_before_destroy = true",
            "create_before_destroy = true",
            replaced,
            vec!["create a", "delete a"],
        ),
    ] {
        for dies_at in 0..all.len() {
            for ran in [true, false] {
                let mut desk = Desk::with(&crud("a", after));
                if !before.is_empty() {
                    desk.write("config.toml", &crud("a", before.trim_start_matches('x')));
                    desk.apply().ok();
                    desk.sent();
                    desk.write("config.toml", &crud("a", after));
                }
                desk.killed_apply(&format!("{APPLY} {options}"), dies_at);
                let mut sent = desk.sent();
                refused(desk.apply(), "a");
                if !ran {
                    // It was about to be sent, and the world had not seen it.
                    sent.pop();
                }
                let answer = if ran { "--ran a" } else { "--run-again a" };
                // What was asked for and has begun goes on by itself; what has not has to
                // be asked for again.
                let options = if dies_at == 0 && !ran { options } else { "" };
                desk.run(&format!("{APPLY} {answer} {options}")).ok();
                sent.extend(desk.sent());
                assert_eq!(sent, all, "{after} {options} {dies_at} {ran}");
                assert_eq!(desk.apply().ok().err, "1 unchanged\n");
            }
        }
    }
}

#[test]
fn a_deletion_is_not_announced_twice() {
    for (answer, sent) in [("--ran a", vec![]), ("--run-again a", vec!["delete a"])] {
        let mut desk = Desk::with(&crud("a", ""));
        desk.apply().ok();
        desk.sent();
        desk.killed_apply("lifecycle destroy --state state.json", 0);
        desk.sent();
        refused(desk.destroy(), "a");
        desk.run(&format!("lifecycle destroy --state state.json {answer}"))
            .ok();
        assert_eq!(desk.sent(), sent);
        assert!(desk.kept().is_empty());
    }
}

/// Whether a failure leaves the outcome open is whether the function may have run.
#[test]
fn only_what_may_have_run_is_asked_about() {
    let service = |maybe_ran| {
        Error::Service(ServiceError {
            code: "Http500".to_owned(),
            status: 500,
            message: String::new(),
            hint: None,
            request_id: None,
            maybe_ran,
            attempts: 0,
        })
    };
    let transport = |maybe_ran| {
        Error::Transport(TransportError {
            phase: TransportPhase::Response,
            detail: "broken".to_owned(),
            maybe_ran,
            attempts: 0,
        })
    };
    let throttled = |maybe_ran| {
        Error::Throttled(ThrottlingError {
            reason: "Rate".to_owned(),
            retry_after_ms: None,
            message: String::new(),
            request_id: None,
            maybe_ran,
            attempts: 0,
        })
    };
    for (error, open) in [
        (timeout(), true),
        (service(true), true),
        (transport(true), true),
        (throttled(true), true),
        (Error::ResponseTooLarge(ResponseLimit { limit: 1 }), true),
        (Error::Other("the component trapped".to_owned()), true),
        (service(false), false),
        (transport(false), false),
        (throttled(false), false),
        (function_failure(), false),
        (Error::NoRegion, false),
        (Error::NoCredentials("none".to_owned()), false),
        (Error::invalid("function-name", "is wrong"), false),
    ] {
        let mut desk = Desk::with(&crud("a", ""));
        let lost = error.clone();
        desk.world.before = Box::new(move |_, _| Err(lost.clone()));
        assert_ne!(desk.apply().code, exit::DONE);
        desk.answer();
        desk.sent();
        assert_eq!(desk.intent("a").is_object(), open, "{error}");
        if open {
            refused(desk.apply(), "a");
            assert!(desk.sent().is_empty());
        } else {
            desk.apply().ok();
            assert_eq!(desk.sent(), ["create a"]);
        }
    }
}

/// As when a component traps before its host has sent anything: the error itself cannot say.
#[test]
fn a_stop_before_anything_was_sent_leaves_nothing_to_answer() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.world.knows_of_nothing_sent = true;
    desk.world.before = Box::new(|_, _| Err(Error::Other("the component trapped".to_owned())));
    desk.apply().failed(exit::TRANSPORT);
    assert_eq!(desk.sent(), ["create a"]);
    assert!(!desk.intent("a").is_object());
    desk.answer();
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create a"]);
}

/// A directory cannot be removed as a file is, nor replaced by one: as on a full disk, or
/// in a directory of somebody else, the state cannot be written.
#[test]
fn a_state_that_cannot_be_written_stops_the_run_before_anything_is_sent() {
    let mut desk = Desk::with(&crud("a", ""));
    let blocked = desk.path("state.json.tmp");
    fs::create_dir(&blocked).unwrap();
    for _ in 0..3 {
        let said = desk.apply().failed(exit::STATE_CONFLICT);
        assert!(said.contains("state.json.tmp cannot be removed"), "{said}");
        assert!(said.contains("; so nothing was sent\n"), "{said}");
    }
    assert!(desk.sent().is_empty());
    fs::remove_dir(&blocked).unwrap();
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create a"]);
}

/// The disk may fill up while the function runs.
#[test]
fn an_outcome_that_cannot_be_saved_is_asked_about_or_has_to_be_put_in_place() {
    for aside in [true, false] {
        let mut desk = Desk::with(&crud("a", ""));
        let blocked: Vec<_> = ["state.json.tmp", "state.json.unsaved.tmp"]
            .into_iter()
            .take(if aside { 1 } else { 2 })
            .map(|name| desk.path(name))
            .collect();
        let block = blocked.clone();
        desk.world.before = Box::new(move |_, _| {
            for path in &block {
                fs::create_dir(path).unwrap();
            }
            Ok(())
        });
        let said = desk.apply().failed(exit::STATE_CONFLICT);
        assert_eq!(said.contains("is in "), aside, "{said}");
        desk.answer();
        desk.sent();
        for path in &blocked {
            fs::remove_dir(path).unwrap();
        }
        for _ in 0..3 {
            desk.apply().failed(exit::STATE_CONFLICT);
        }
        if aside {
            fs::rename(desk.path("state.json.unsaved"), desk.path("state.json")).unwrap();
            desk.apply().ok();
        } else {
            desk.run(&format!("{APPLY} --ran a")).ok();
        }
        assert!(desk.sent().is_empty());
        assert_eq!(desk.kept(), ["a"]);
    }
}

#[test]
fn an_answer_to_what_is_not_open_is_refused_and_changes_nothing() {
    let mut desk = Desk::with(&[crud("first", ""), crud("second", "")].concat());
    desk.lose(1);
    desk.apply().failed(exit::TRANSPORT);
    desk.answer();
    desk.sent();
    let before = desk.state();
    for (answer, part) in [
        (
            "--ran first",
            "invalid ran: the outcome of \"first\" is not open\n",
        ),
        (
            "--run-again secnd",
            "invalid run-again: the outcome of \"secnd\" is not open; did you mean second?\n",
        ),
        (
            "--ran none=1",
            "invalid ran: the outcome of \"none\" is not open\n",
        ),
        (
            "--ran second --run-again second",
            "invalid ran: second is in --run-again, too",
        ),
    ] {
        let said = desk.run(&format!("{APPLY} {answer}")).failed(exit::USAGE);
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(desk.state(), before);
    assert!(desk.sent().is_empty());
}

#[test]
fn a_state_that_is_not_the_one_the_invocation_was_made_from_is_not_gone_on_from() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.lose(0);
    desk.apply().failed(exit::TRANSPORT);
    let mut state = desk.state();
    state["invocations"]["a"]["intent"]["payload-sha256"] = json!("0");
    desk.write("state.json", &state.to_string());
    let said = desk
        .run(&format!("{APPLY} --ran a"))
        .failed(exit::STATE_CONFLICT);
    assert!(
        said.contains("the state of a is not the one that its create was made from"),
        "{said}"
    );
    assert_eq!(desk.state(), state);
}

#[test]
fn what_is_open_is_in_every_json_document_and_its_input_in_none() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.lose(0);
    let document = |run: Run, code| {
        assert_eq!(run.code, code, "{run:#?}");
        let document = run.json();
        assert!(!run.out.contains(CANARY), "{run:#?}");
        document
    };
    let apply = document(desk.run(&format!("{APPLY} --output json")), exit::TRANSPORT);
    assert_eq!(apply["invocation"]["a"]["unanswered"], true);
    assert_eq!(apply["error"]["timeout"]["maybe-ran"], true);
    desk.answer();
    let intent = desk.intent("a");
    let expected = json!({"a": {
        "event": "create", "function-name": "a", "at": intent["at"],
        "payload-sha256": intent["payload-sha256"],
    }});
    let apply = document(
        desk.run(&format!("{APPLY} --output json")),
        exit::STATE_CONFLICT,
    );
    assert_eq!(apply, json!({"error": {"unanswered": expected}}));
    let plan = "lifecycle plan --config config.toml --state state.json --output json";
    let plan = document(desk.run(plan), exit::DONE);
    assert_eq!(plan, json!({"invocation": {}, "unanswered": expected}));
    let import = format!(
        "lifecycle import a a,PROD,{} --state state.json",
        "0".repeat(32)
    );
    let said = desk.run(&import).failed(exit::USAGE);
    assert!(said.contains("already holds"), "{said}");
}

#[test]
fn between_the_halves_of_a_replacement_an_interruption_stops_and_the_next_apply_goes_on() {
    use lambda_invocation_command::interrupt::Order;
    use std::rc::Rc;

    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    desk.sent();
    desk.write("config.toml", &crud("a", "triggers.x = 1"));
    let interrupt = Rc::clone(&desk.interrupt);
    desk.world.before = Box::new(move |_, _| {
        assert_eq!(interrupt.request(), Order::Wait);
        Ok(())
    });
    let said = desk.apply().failed(exit::INTERRUPTED);
    assert!(
        said.contains(
            "a: before that, delete succeeded, and is saved; the next apply begins with create\n"
        ),
        "{said}"
    );
    desk.answer();
    desk.interrupt = Rc::default();
    assert_eq!(desk.sent(), ["delete a"]);
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create a"]);
}
