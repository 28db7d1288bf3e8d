//! A plan being carried out: what is true after each step that succeeds or fails.

#![cfg(test)]

use lambda_invocation_core::error::{Error, FunctionError, FunctionFailure};
use lambda_invocation_core::lifecycle::LifecycleScope::{CreateOnly, Crud};
use lambda_invocation_core::lifecycle::{
    Apply, ApplyFailure, Config, Deposed, LifecycleEvent, LifecycleScope, PlanAction, PlanOptions,
    ReplaceOrder, State, id, plan,
};

fn config(scope: LifecycleScope, input: &str) -> Config {
    Config {
        function_name: "f".to_owned(),
        input: input.to_owned(),
        lifecycle_scope: Some(scope),
        ..Config::default()
    }
}

fn failure() -> Error {
    Error::FunctionFailed(FunctionFailure {
        function_error: FunctionError {
            kind: "Unhandled".to_owned(),
            ..FunctionError::default()
        },
        payload: b"{}".to_vec(),
        log_tail: None,
    })
}

/// Applies; the n-th request that `fails` names fails, every other answers with its
/// event's name. Gives the events sent, those that failed marked, and the outcome.
fn run(
    prior: Option<State>,
    desired: Option<&Config>,
    fails: Option<usize>,
) -> (Vec<String>, Result<Option<State>, ApplyFailure>) {
    let mut sent = Vec::new();
    let mut apply = match Apply::new(prior, desired, false) {
        Ok(apply) => apply,
        Err(failure) => return (sent, Err(failure)),
    };
    while let Some(request) = apply.next_request() {
        let event = request.event.as_str();
        if fails == Some(sent.len()) {
            sent.push(format!("{event} failed"));
            return (sent, Err(apply.failed(failure())));
        }
        sent.push(event.to_owned());
        apply = match apply.succeeded(format!("\"{event}d\"").into_bytes()) {
            Ok(apply) => apply,
            Err(failure) => return (sent, Err(failure)),
        };
    }
    (sent, Ok(apply.finish()))
}

fn done(prior: Option<State>, desired: Option<&Config>) -> Option<State> {
    run(prior, desired, None).1.unwrap()
}

fn created(config: &Config) -> State {
    done(None, Some(config)).unwrap()
}

#[test]
fn a_creation_stores_the_answer_unchanged_and_the_id_of_the_payload_sent() {
    for (scope, payload) in [
        (CreateOnly, r#"{ "a":1 }"#),
        (
            Crud,
            r#"{"a":1,"tf":{"action":"create","prev_input":null}}"#,
        ),
    ] {
        let config = config(scope, r#"{ "a":1 }"#);
        let apply = Apply::new(None, Some(&config), false).unwrap();
        assert_eq!(apply.next_request().unwrap().payload, payload);
        let answer = " {\"b\": 2}\n";
        let apply = apply.succeeded(answer.as_bytes().to_vec()).unwrap();
        assert_eq!(
            apply.finish(),
            Some(State {
                version: 1,
                id: id::of_payload("f", "$LATEST", payload.as_bytes()),
                config: config.normalised(),
                result: answer.to_owned(),
                imported: false,
                deposed: None
            })
        );
    }
}

/// The seeds' CRUD example: a database that is set up, moved and torn down.
#[test]
fn a_life_of_create_update_and_delete_sends_three_events_each_with_the_input_before() {
    let first = config(
        Crud,
        r#"{"resource_name":"database_setup","database_url":"a"}"#,
    );
    let second = config(
        Crud,
        r#"{"resource_name":"database_setup","database_url":"b"}"#,
    );
    let mut payloads = Vec::new();
    let mut state = None;
    for desired in [Some(&first), Some(&second), None] {
        let mut apply = Apply::new(state, desired, false).unwrap();
        while let Some(request) = apply.next_request() {
            payloads.push(request.payload.clone());
            apply = apply.succeeded(b"null".to_vec()).unwrap();
        }
        state = apply.finish();
    }
    assert_eq!(state, None);
    assert_eq!(
        payloads,
        [
            r#"{"database_url":"a","resource_name":"database_setup","tf":{"action":"create","prev_input":null}}"#,
            r#"{"database_url":"b","resource_name":"database_setup","tf":{"action":"update","prev_input":{"database_url":"a","resource_name":"database_setup"}}}"#,
            r#"{"database_url":"b","resource_name":"database_setup","tf":{"action":"delete","prev_input":{"database_url":"b","resource_name":"database_setup"}}}"#,
        ]
    );
}

#[test]
fn a_failed_creation_leaves_nothing_and_the_next_apply_creates() {
    for scope in [CreateOnly, Crud] {
        let config = config(scope, "{}");
        let (sent, outcome) = run(None, Some(&config), Some(0));
        assert_eq!(sent, ["create failed"]);
        let failed = outcome.unwrap_err();
        assert_eq!(failed.state, None);
        assert_eq!(failed.completed, []);
        assert_eq!(failed.error, failure());
        assert_eq!(run(failed.state, Some(&config), None).0, ["create"]);
    }
}

/// Terraform stores the new input beside the old result, plans nothing afterwards,
/// and tells the function a previous input it never took (#43447).
#[test]
fn a_failed_update_keeps_the_prior_state_whole_and_the_next_apply_tries_again() {
    let prior = created(&config(Crud, r#"{"v":1}"#));
    let desired = config(Crud, r#"{"v":2}"#);
    let (sent, outcome) = run(Some(prior.clone()), Some(&desired), Some(0));
    assert_eq!(sent, ["update failed"]);
    let failed = outcome.unwrap_err();
    assert_eq!(failed.state, Some(prior.clone()));
    assert_eq!(failed.completed, []);

    let again = plan(
        failed.state.as_ref(),
        Some(&desired),
        &PlanOptions::default(),
    )
    .unwrap();
    assert_eq!(
        again,
        plan(Some(&prior), Some(&desired), &PlanOptions::default()).unwrap()
    );
    assert_eq!(
        again.requests[0].payload,
        r#"{"tf":{"action":"update","prev_input":{"v":1}},"v":2}"#
    );
}

#[test]
fn a_failed_deletion_keeps_the_state_and_the_next_apply_tries_again() {
    let prior = created(&config(Crud, "{}"));
    let (sent, outcome) = run(Some(prior.clone()), None, Some(0));
    assert_eq!(sent, ["delete failed"]);
    let failed = outcome.unwrap_err();
    assert_eq!(failed.state, Some(prior));
    assert_eq!(
        run(failed.state, None, None),
        (vec!["delete".to_owned()], Ok(None))
    );
}

fn replacement(order: ReplaceOrder) -> (State, Config) {
    let prior = created(&config(Crud, r#"{"v":1}"#));
    let desired = Config {
        function_name: "g".to_owned(),
        replace_order: Some(order),
        ..config(Crud, r#"{"v":2}"#)
    };
    (prior, desired)
}

#[test]
fn a_replacement_whose_first_half_fails_keeps_the_prior_state_and_does_both_again() {
    for (order, halves) in [
        (ReplaceOrder::DeleteFirst, ["delete", "create"]),
        (ReplaceOrder::CreateFirst, ["create", "delete"]),
    ] {
        let (prior, desired) = replacement(order);
        let failed = run(Some(prior.clone()), Some(&desired), Some(0))
            .1
            .unwrap_err();
        assert_eq!(failed.state, Some(prior));
        assert_eq!(failed.completed, []);
        assert_eq!(run(failed.state, Some(&desired), None).0, halves);
    }
}

#[test]
fn a_replacement_that_deleted_but_did_not_create_creates_and_deletes_nothing_again() {
    let (prior, desired) = replacement(ReplaceOrder::DeleteFirst);
    let (sent, outcome) = run(Some(prior.clone()), Some(&desired), Some(1));
    assert_eq!(sent, ["delete", "create failed"]);
    let failed = outcome.unwrap_err();
    assert_eq!(failed.state, None);
    assert_eq!(failed.completed, [LifecycleEvent::Delete]);
    let (sent, outcome) = run(failed.state, Some(&desired), None);
    assert_eq!(sent, ["create"]);
    assert_eq!(outcome.unwrap(), done(Some(prior), Some(&desired)));
}

#[test]
fn a_replacement_that_created_but_did_not_delete_deletes_and_creates_nothing_again() {
    let (prior, desired) = replacement(ReplaceOrder::CreateFirst);
    let (sent, outcome) = run(Some(prior.clone()), Some(&desired), Some(1));
    assert_eq!(sent, ["create", "delete failed"]);
    let failed = outcome.unwrap_err();
    assert_eq!(failed.completed, [LifecycleEvent::Create]);
    let finished = done(Some(prior.clone()), Some(&desired)).unwrap();
    assert_eq!(
        failed.state,
        Some(State {
            deposed: Some(Deposed {
                id: prior.id,
                config: prior.config
            }),
            ..finished.clone()
        })
    );
    let planned = plan(
        failed.state.as_ref(),
        Some(&desired),
        &PlanOptions::default(),
    )
    .unwrap();
    assert_eq!(planned.action, PlanAction::Replace);
    assert!(planned.result_known);
    assert_eq!(planned.requests[0].function_name, "f");
    let (sent, outcome) = run(failed.state, Some(&desired), None);
    assert_eq!(sent, ["delete"]);
    assert_eq!(outcome.unwrap(), Some(finished));
}

#[test]
fn an_owed_deletion_once_made_is_not_made_again_when_the_rest_fails() {
    let (prior, desired) = replacement(ReplaceOrder::CreateFirst);
    let owing = run(Some(prior), Some(&desired), Some(1))
        .1
        .unwrap_err()
        .state;
    let changed = Config {
        input: r#"{"v":3}"#.to_owned(),
        ..desired
    };
    let failed = run(owing.clone(), Some(&changed), Some(1)).1.unwrap_err();
    assert_eq!(failed.completed, [LifecycleEvent::Delete]);
    assert_eq!(
        failed.state,
        owing.map(|state| State {
            deposed: None,
            ..state
        })
    );
    assert_eq!(run(failed.state, Some(&changed), None).0, ["update"]);
}

#[test]
fn a_second_create_first_replacement_owes_only_the_deletion_it_did_not_make() {
    let (prior, desired) = replacement(ReplaceOrder::CreateFirst);
    let owing = run(Some(prior), Some(&desired), Some(1))
        .1
        .unwrap_err()
        .state;
    let third = Config {
        function_name: "h".to_owned(),
        ..desired
    };
    let (sent, outcome) = run(owing, Some(&third), Some(2));
    assert_eq!(sent, ["delete", "create", "delete failed"]);
    let state = outcome.unwrap_err().state.unwrap();
    assert_eq!(state.config.function_name, "h");
    assert_eq!(state.deposed.unwrap().config.function_name, "g");
}

/// The deletion half of `create-only` sends nothing, so it cannot fail; but it is
/// made, as in Terraform, and the creation that fails leaves nothing.
#[test]
fn a_create_only_replacement_owes_no_deletion() {
    let first = config(CreateOnly, "1");
    for (order, left) in [
        (ReplaceOrder::DeleteFirst, None),
        (ReplaceOrder::CreateFirst, Some(created(&first))),
    ] {
        let second = Config {
            replace_order: Some(order),
            ..config(CreateOnly, "2")
        };
        let failed = run(Some(created(&first)), Some(&second), Some(0))
            .1
            .unwrap_err();
        assert_eq!(failed.state, left, "{order:?}");
        let (sent, outcome) = run(failed.state, Some(&second), None);
        assert_eq!(sent, ["create"]);
        assert_eq!(outcome.unwrap().unwrap().deposed, None);
    }
}

#[test]
fn an_update_without_requests_keeps_id_and_result() {
    let prior = created(&config(Crud, r#"{"v":1}"#));
    let desired = config(CreateOnly, r#"{"v":1}"#);
    let (sent, outcome) = run(Some(prior.clone()), Some(&desired), None);
    assert!(sent.is_empty());
    assert_eq!(
        outcome.unwrap(),
        Some(State {
            config: desired.normalised(),
            ..prior
        })
    );
}

#[test]
fn no_change_gives_the_state_back_as_it_was() {
    let prior = State {
        id: "unusual".to_owned(),
        ..created(&config(Crud, "{}"))
    };
    assert_eq!(
        run(Some(prior.clone()), Some(&config(Crud, "{}")), None),
        (Vec::new(), Ok(Some(prior)))
    );
    assert_eq!(run(None, None, None), (Vec::new(), Ok(None)));
}

#[test]
fn a_refused_configuration_sends_nothing_and_keeps_the_prior_state() {
    let prior = created(&config(Crud, "{}"));
    let (sent, outcome) = run(Some(prior.clone()), Some(&config(Crud, "[]")), None);
    assert!(sent.is_empty());
    let failed = outcome.unwrap_err();
    assert_eq!(failed.state, Some(prior));
    assert_eq!(failed.completed, []);
}

#[test]
fn an_answer_that_is_not_utf_8_fails_the_apply_but_does_not_run_the_function_again() {
    for prior in [None, Some(created(&config(Crud, r#"{"v":1}"#)))] {
        let desired = config(Crud, r#"{"v":2}"#);
        let apply = Apply::new(prior, Some(&desired), false).unwrap();
        let event = apply.next_request().unwrap().event;
        let Err(failed) = apply.succeeded(b"\xffcanary".to_vec()) else {
            panic!("kept what it cannot keep");
        };
        assert!(matches!(failed.error, Error::Other(_)));
        assert!(!failed.error.to_string().contains("canary"));
        assert_eq!(failed.completed, [event]);
        let state = failed.state.unwrap();
        assert_eq!(state.result, "");
        assert_eq!(state.config, desired.normalised());
        assert_eq!(
            plan(Some(&state), Some(&desired), &PlanOptions::default())
                .unwrap()
                .action,
            PlanAction::NoOp
        );
    }
}

#[test]
fn an_answer_that_is_not_utf_8_leaves_the_second_half_of_a_replacement_owed() {
    let (prior, desired) = replacement(ReplaceOrder::CreateFirst);
    let apply = Apply::new(Some(prior), Some(&desired), false).unwrap();
    let Err(failed) = apply.succeeded(vec![0xff]) else {
        panic!("kept what it cannot keep");
    };
    let (sent, outcome) = run(failed.state, Some(&desired), None);
    assert_eq!(sent, ["delete"]);
    assert_eq!(outcome.unwrap().unwrap().deposed, None);
}

#[test]
fn what_a_deletion_answers_is_nobodys_result() {
    let prior = created(&config(Crud, "{}"));
    let apply = Apply::new(Some(prior), None, false).unwrap();
    let apply = apply.succeeded(vec![0xff]).unwrap();
    assert_eq!(apply.finish(), None);
}

#[test]
fn all_requests_can_be_checked_before_the_first_is_sent() {
    let (prior, desired) = replacement(ReplaceOrder::DeleteFirst);
    let apply = Apply::new(Some(prior.clone()), Some(&desired), false).unwrap();
    let requests: Vec<_> = apply.requests().cloned().collect();
    assert_eq!(
        requests,
        plan(Some(&prior), Some(&desired), &PlanOptions::default())
            .unwrap()
            .requests
    );
}

#[test]
fn an_apply_that_is_ended_early_has_done_what_it_has_done() {
    let prior = created(&config(Crud, "{}"));
    let apply = Apply::new(Some(prior.clone()), None, false).unwrap();
    assert_eq!(apply.finish(), Some(prior));
}

#[test]
fn an_answer_nobody_asked_for_changes_nothing() {
    let prior = created(&config(Crud, "{}"));
    let apply = Apply::new(Some(prior.clone()), Some(&config(Crud, "{}")), false).unwrap();
    let apply = apply.succeeded(b"1".to_vec()).unwrap();
    assert_eq!(apply.finish(), Some(prior));
}
