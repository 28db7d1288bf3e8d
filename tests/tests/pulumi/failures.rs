//! What fails, and what holds then.

use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_tests::canary::{self, Quoting};
use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::{Stack, announced, urn};
use lambda_invocation_tests::server::Server;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{one, with_options};

const NOTHING: [&str; 0] = [];
const REPLACED: [&str; 3] = ["replace it", "create-replacement it", "delete-replaced it"];

#[test]
fn a_failed_creation_leaves_nothing_and_a_failed_update_what_was_there() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let failing = |log: &str| {
        one(json!({
            "functionName": "fail", "input": {"message": "no such order", "secret": "CANARY"},
            "logType": log,
        }))
    };
    let said = stack.up(failing("None")).error();
    assert!(!said.contains("The end of its log"), "{said}");
    let said = stack.up(failing("Tail")).error();
    assert!(said.contains("The end of its log"), "{said}");
    assert!(
        said.starts_with("FAILED_PRECONDITION: Lambda function fail ran and failed: "),
        "{said}"
    );
    assert!(said.contains("Message: no such order"), "{said}");
    assert!(!said.contains("CANARY"), "{said}");
    assert_eq!(stack.state("it"), Value::Null);

    // The function sleep fails for a text in the place of a number.
    let crud = |ms: Value| {
        one(json!({"functionName": "sleep", "input": {"ms": ms}, "lifecycleScope": "CRUD"}))
    };
    stack.up(crud(json!(1))).done();
    let before = stack.state("it");
    local.payloads();
    let said = stack.up(crud(json!("long"))).error();
    assert!(
        said.contains("Lambda function sleep ran and failed"),
        "{said}"
    );
    assert_eq!(local.payloads().len(), 1);
    assert_eq!(stack.state("it"), before);
    // It is not forgotten: the change is still to be made.
    assert_eq!(stack.preview(crud(json!("long"))).done(), ["update it"]);
    assert_eq!(stack.up(crud(json!(1))).done(), ["same it"]);
    stack.up(crud(json!(2))).done();
    assert_eq!(local.payloads().len(), 1);
}

#[test]
fn a_result_that_is_no_success_is_kept_and_done_anew() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let crud = |status: &str| {
        one(json!({
            "functionName": "identity", "input": {"status": status},
            "success": {"/status": "ok"}, "lifecycleScope": "CRUD",
        }))
    };
    let said = stack.up(crud("CANARY")).error();
    assert!(
        said.contains("The function ran, but its result is no success"),
        "{said}"
    );
    assert!(!said.contains("CANARY"), "{said}");
    let kept = stack.state("it");
    assert_eq!(kept["initErrors"].as_array().unwrap().len(), 1, "{kept}");
    assert_eq!(kept["outputs"]["result"], Value::Null, "{kept}");
    local.payloads();

    let preview = stack.preview(crud("CANARY"));
    assert_eq!(preview.done(), REPLACED);
    assert_eq!(preview.diff(), json!({"result": "ADD_REPLACE"}));
    let up = stack.up(crud("ok"));
    assert_eq!(up.done(), REPLACED);
    assert_eq!(up.0["steps"][0]["replaces"], json!(["result"]));
    // Under CRUD, what did not succeed is told that it goes, too.
    assert_eq!(local.payloads().len(), 2);
    assert_eq!(stack.state("it")["initErrors"], Value::Null);

    // An update is made again.
    let before = stack.state("it");
    stack.up(crud("no")).error();
    assert_eq!(stack.state("it"), before);
    assert_eq!(stack.preview(crud("no")).done(), ["update it"]);
}

#[test]
fn what_was_sent_and_not_answered_is_kept_and_not_sent_again_until_it_is_settled() {
    const HELD: &str = "It is not sent again before you say what came of it.";
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let dropped = |n: u32| json!({"functionName": "flaky", "input": {"fail": 9, "drop": true, "n": n}, "lifecycleScope": "CRUD"});
    let said = stack.up(one(dropped(1))).error();
    for part in [
        "Lambda function flaky may have run, but gave no result",
        HELD,
        "If it did not run, take the resource out of the state by pulumi state delete",
        "import it with the id flaky,$LATEST,",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let kept = stack.state("it");
    let id = kept["id"].as_str().unwrap().to_owned();
    assert!(said.contains(&id), "{said}");
    local.payloads();
    let refused = |said: String, event: &str| {
        let summary = format!("An earlier {event} may have run: ");
        for part in [summary.as_str(), HELD] {
            assert!(said.contains(part), "{part}: {said}");
        }
    };
    refused(stack.preview(one(dropped(1))).error(), "creation");
    refused(stack.up(one(dropped(1))).error(), "creation");
    // Another event is another event; and a function that may run twice may run again.
    assert_eq!(stack.preview(one(dropped(2))).done(), REPLACED);
    let mut twice = dropped(1);
    twice["retryMode"] = json!("idempotent");
    assert_eq!(stack.preview(one(twice)).done(), REPLACED);
    assert_eq!(local.payloads(), NOTHING);

    // As the error says.
    stack.ask(json!({"do": "set-state", "state": {}}));
    let imported = with_options(dropped(1), json!({"import": id}));
    assert_eq!(stack.up(imported).done(), ["import it", "same it"]);
    assert_eq!(stack.up(one(dropped(1))).done(), ["same it"]);
    assert_eq!(local.payloads(), NOTHING);

    // An update keeps the state of before, with the error beside it.
    let said = stack.up(one(dropped(2))).error();
    for part in [HELD, &format!("LAMBDA_RUN_AGAIN='{id}'")] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let kept = stack.state("it");
    assert_eq!(kept["initErrors"], json!([said]));
    assert_eq!(
        kept["outputs"]["input"], r#"{"drop":true,"fail":9,"n":1}"#,
        "{kept}"
    );
    local.payloads();
    refused(stack.preview(one(dropped(2))).error(), "update");
    refused(stack.up(one(dropped(2))).error(), "update");
    // An update that sends nothing settles nothing.
    let mut stored = dropped(1);
    stored["timeout"] = json!(30);
    stack.up(one(stored)).done();
    refused(stack.up(one(dropped(2))).error(), "update");
    assert_eq!(local.payloads(), NOTHING);
    // The user has it sent again, once.
    let kept = stack.ask(json!({"do": "state"}))["state"].clone();
    drop(stack);
    let mut stack = or_skip!(Stack::with_environment(
        &local,
        &announced(),
        &json!({}),
        &[("LAMBDA_RUN_AGAIN", &id)],
    ))
    .0;
    stack.ask(json!({"do": "set-state", "state": kept}));
    let said = stack.up(one(dropped(2))).error();
    assert!(
        said.contains("The next update makes the change again"),
        "{said}"
    );
    assert_eq!(local.payloads().len(), 1);

    // A deletion leaves no note.
    let said = stack.destroy().error();
    assert!(
        said.starts_with("UNKNOWN: Lambda function flaky may have run"),
        "{said}"
    );
    assert!(said.contains("The next update deletes it again"), "{said}");
    assert_eq!(local.payloads().len(), 1);
    assert_ne!(stack.state("it"), Value::Null);
}

#[test]
fn what_was_not_sent_leaves_nothing() {
    let local = Local::start();
    let (mut stack, _) = or_skip!(Stack::start(
        &local,
        &announced(),
        &json!({"endpointUrl": "http://127.0.0.1:9", "maxAttempts": 1}),
    ));
    let said = stack
        .up(one(
            json!({"functionName": "identity", "input": "\"CANARY\""}),
        ))
        .error();
    assert!(
        said.starts_with("FAILED_PRECONDITION: Lambda function identity was not invoked: "),
        "{said}"
    );
    assert!(!said.contains("CANARY"), "{said}");
    assert_eq!(stack.state("it"), Value::Null);
}

#[test]
fn a_time_limit_of_the_resource_or_of_its_options_ends_the_call() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    for (own, options) in [
        (json!(0.2), json!({})),
        (json!(60), json!({"timeouts": {"create": "0.2s"}})),
        (Value::Null, json!({"timeouts": {"create": "0.2s"}})),
    ] {
        let inputs = json!({"functionName": "sleep", "input": {"ms": 5000}, "timeout": own});
        let said = stack.up(with_options(inputs, options)).error();
        assert!(said.contains("may have run, but gave no result"), "{said}");
        stack.ask(json!({"do": "set-state", "state": {}}));
    }
}

/// Waits until the function has been called.
fn wait_for_a_call(local: &Local) {
    let started = Instant::now();
    while local.payloads().is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it does not come"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_provider_that_is_told_to_end_saves_the_result_of_the_call_under_way() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let local = Local::start();
        let mut stack = or_skip!(Stack::new(&local));
        let it = json!({"name": "it", "inputs": {"functionName": "sleep", "input": {"ms": 1000}}});
        stack.ask(json!({"do": "begin", "resources": [it]}));
        wait_for_a_call(&local);
        stack.ask(json!({"do": "signal", "signal": signal.as_raw()}));
        let ended = stack.ask(json!({"do": "join"}));
        assert_eq!(ended["errors"], json!([]), "{signal:?}: {ended}");
        assert_eq!(
            stack.state("it")["outputs"]["result"],
            r#"{"slept_ms":1000}"#,
            "{signal:?}"
        );
        let ended = stack.ask(json!({"do": "close"}));
        assert_eq!(ended["code"], 0, "{signal:?}: {ended}");
    }
}

#[test]
fn a_cancelled_run_waits_for_the_call_under_way_and_begins_no_other() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let resource = |name: &str, ms: u32| json!({"name": name, "inputs": {"functionName": "sleep", "input": {"ms": ms}}});
    let two = json!([resource("slow", 1500), resource("next", 1)]);
    stack.ask(json!({"do": "begin", "resources": two}));
    wait_for_a_call(&local);
    stack.ask(json!({"do": "cancel"}));
    let ended = stack.ask(json!({"do": "join"}));
    let errors = ended["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{ended}");
    assert!(
        errors[0]
            .as_str()
            .unwrap()
            .contains("The run was cancelled: Nothing was sent."),
        "{ended}"
    );
    assert_eq!(
        stack.state("slow")["outputs"]["result"],
        r#"{"slept_ms":1500}"#
    );
    let state = stack.ask(json!({"do": "state"}))["state"].clone();
    assert_eq!(state[urn("next")], Value::Null);
    assert_eq!(local.payloads(), NOTHING);
}

#[test]
fn an_answer_that_is_not_utf_8_is_an_answer_and_the_function_does_not_run_again() {
    let local = Local::start();
    let server = Server::start(|mut client| {
        client.read_request()?;
        client.send("HTTP/1.1 200 OK\r\nX-Amz-Executed-Version: $LATEST\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")?;
        client.send(b"\xff\xff")?;
        client.finish()
    });
    let config = json!({"endpointUrl": server.url()});
    let (mut stack, _) = or_skip!(Stack::start(&local, &announced(), &config));
    let crud = |n: u32| {
        one(json!({"functionName": "identity", "input": {"n": n}, "lifecycleScope": "CRUD"}))
    };
    // A creation, then an update.
    for n in [1, 2] {
        let said = stack.up(crud(n)).error();
        for part in [
            "Lambda function identity ran, but its answer cannot be kept: ",
            "its answer is not UTF-8",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("may have run"), "{said}");
        let kept = stack.state("it");
        assert_eq!(kept["outputs"]["input"], format!("{{\"n\":{n}}}"), "{kept}");
        assert_eq!(kept["outputs"]["result"], "", "{kept}");
        assert_eq!(kept["initErrors"], json!([said]));
        // The engine takes the error away with an update, which sends nothing.
        stack.up(crud(n)).done();
        assert_eq!(stack.state("it")["initErrors"], Value::Null);
        assert_eq!(stack.up(crud(n)).done(), ["same it"]);
        assert_eq!(server.connections(), usize::try_from(n).unwrap());
    }
}

#[test]
fn no_secret_that_lambda_quotes_is_in_an_error_or_in_the_state() {
    let lambda = Quoting::start();
    let keys = canary::keys();
    let config = json!({
        "endpointUrl": lambda.url(), "maxAttempts": 1, "accessKey": keys.access_key_id,
        "secretKey": keys.secret_access_key, "token": keys.session_token,
    });
    let local = Local::start();
    let (mut stack, _) = or_skip!(Stack::start(&local, &announced(), &config));
    for (name, text, quoted) in canary::quotes().into_iter().step_by(7) {
        lambda.quote(text);
        for function in ["refused", "fails"] {
            let said = stack
                .up(one(json!({"functionName": function, "input": {}})))
                .error();
            assert!(said.contains("[redacted]"), "{name}: {said}");
            assert!(!said.contains(&quoted), "{name}: {said}");
        }
        let state = stack.ask(json!({"do": "state"})).to_string();
        assert!(!state.contains(&quoted), "{name}: {state}");
    }
}
