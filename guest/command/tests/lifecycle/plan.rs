//! `lifecycle plan`: what would be sent, and why.

use std::collections::BTreeSet;

use lambda_invocation_command::exit;
use serde_json::json;

use crate::desk::{CANARY, Desk, crud, seed};

#[test]
fn a_plan_says_what_would_be_sent_and_why_and_sends_nothing() {
    let mut desk = Desk::with(&seed("resource-crud.toml"));
    let run = desk.plan().ok();
    assert_eq!(run.out, "");
    assert_eq!(
        run.err,
        concat!(
            "  + database_setup will be created\n",
            "      create to echo ($LATEST): ",
            r#"{"credentials":{"password":"secret123","username":"admin"},"#,
            r#""database_url":"mydb.cluster-xyz.us-west-2.rds.amazonaws.com:5432","#,
            r#""resource_name":"database_setup","tf":{"action":"create","prev_input":null}}"#,
            "\n",
            "plan: 1 created; 1 request\n"
        )
    );
    assert_eq!(desk.names(), BTreeSet::from(["config.toml".to_owned()]));
    assert!(desk.world.sent.is_empty());
}

#[test]
fn a_plan_names_every_kind_of_change() {
    let base = [
        crud("deleted", ""),
        crud("kept", ""),
        crud("replaced", ""),
        crud("turned", "create_before_destroy = true"),
        crud("updated", ""),
        "[invocation.forgotten]\nfunction_name = 'f'\ninput = ''\n".to_owned(),
        "[invocation.stored]\nfunction_name = 'f'\ninput = ''\n".to_owned(),
    ];
    let mut desk = Desk::with(&base.concat());
    desk.apply().ok();
    desk.sent();
    let changed = [
        crud("created", "region = 'eu-central-1'\ntenant_id = 'T'"),
        crud("kept", ""),
        crud("replaced", "qualifier = 'PROD'\ntriggers.a = 1"),
        crud("turned", "create_before_destroy = true\ntriggers.a = 1"),
        crud("updated", "terraform_key = 'key'"),
        "[invocation.stored]\nfunction_name = 'f'\ninput = ''\nterraform_key = 'key'\n".to_owned(),
    ];
    desk.write("config.toml", &changed.concat());
    let plan = desk.plan().ok();
    let lines: Vec<&str> = plan
        .err
        .lines()
        .map(|line| line.split_once(": {").map_or(line, |(start, _)| start))
        .collect();
    assert_eq!(
        lines,
        [
            "  . forgotten will be forgotten",
            "      nothing is sent",
            "  - deleted will be deleted",
            "      delete to deleted ($LATEST)",
            "  + created will be created",
            "      create to created ($LATEST, eu-central-1, tenant T)",
            "-/+ replaced will be replaced because qualifier, triggers changed",
            "      delete to replaced ($LATEST)",
            "      create to replaced (PROD)",
            "  ~ stored will be updated because terraform_key changed",
            "      nothing is sent",
            "+/- turned will be replaced because triggers changed",
            "      create to turned ($LATEST)",
            "      delete to turned ($LATEST)",
            "  ~ updated will be updated because terraform_key changed",
            "      update to updated ($LATEST)",
            "plan: 1 created, 2 updated, 2 replaced, 1 deleted, 1 forgotten, 1 unchanged; 7 requests",
        ]
    );
    assert!(desk.sent().is_empty());
    // And so it happens.
    desk.apply().ok();
    assert_eq!(
        desk.sent(),
        [
            "delete deleted",
            "create created",
            "delete replaced",
            "create replaced",
            "create turned",
            "delete turned",
            "update updated",
        ]
    );
    desk.apply().ok();
    assert!(desk.sent().is_empty());
}

#[test]
fn a_plan_as_json_is_one_document_with_the_keys_of_the_wit_package() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    desk.write(
        "config.toml",
        &[crud("a", ""), crud("b", "terraform_key = 'k'")].concat(),
    );
    let run = desk
        .run("lifecycle plan --config config.toml --state state.json --output json")
        .ok();
    assert_eq!(run.err, "");
    let id = desk.state()["invocations"]["a"]["state"]["id"].clone();
    assert_eq!(
        run.json(),
        json!({"invocation": {
            "a": {
                "action": "no-op", "reasons": [], "requests": [], "result-known": true,
                "id": id, "result": "{\"n\":0}",
            },
            "b": {
                "action": "create", "reasons": [], "result-known": false,
                "requests": [{
                    "event": "create", "function-name": "b", "qualifier": "$LATEST",
                    "payload": format!(r#"{{"a":"{CANARY}","k":{{"action":"create","prev_input":null}}}}"#),
                }],
            },
        }})
    );
}

#[test]
fn changes_have_an_exit_code_of_their_own_when_asked_for() {
    let mut desk = Desk::with(&crud("a", ""));
    let detailed = "lifecycle plan --config config.toml --state state.json --detailed-exitcode";
    assert_eq!(desk.plan().code, exit::DONE);
    assert_eq!(desk.run(detailed).code, exit::CHANGES);
    desk.apply().ok();
    assert_eq!(desk.run(detailed).code, exit::DONE);
    desk.write("config.toml", "[invocation]");
    assert_eq!(desk.run(detailed).code, exit::CHANGES);
}

#[test]
fn a_plan_is_in_colour_only_where_that_is_wanted() {
    let mut desk = Desk::with(&crud("a", ""));
    assert!(!desk.plan().err.contains('\u{1b}'));
    desk.color = true;
    let plan = desk.plan().err;
    assert!(
        plan.starts_with("\u{1b}[32m  + a will be created\u{1b}[0m\n"),
        "{plan}"
    );
    assert!(
        !desk
            .run("lifecycle plan --config config.toml --state state.json --output json")
            .out
            .contains('\u{1b}')
    );
}

#[test]
fn a_long_or_odd_payload_cannot_flood_or_steer_the_terminal() {
    let long = "x".repeat(100_000);
    let mut desk = Desk::with(&format!(
        "[invocation.a]\nfunction_name = 'f'\ninput = '''\n[\"{long}\"]'''\n[invocation.b]\nfunction_name = 'f'\ninput = \"[\\n  1\\n]\"\n[invocation.c]\nfunction_name = 'f'\ninput = ''"
    ));
    let plan = desk.plan().ok().err;
    assert!(plan.len() < 5_000, "{} bytes", plan.len());
    assert!(
        plan.contains("... (100004 bytes in all; --output json has them)"),
        "{plan}"
    );
    assert!(plan.contains("create to f ($LATEST): [ 1 ]\n"), "{plan}");
    assert!(
        plan.contains("create to f ($LATEST): no payload\n"),
        "{plan}"
    );
}
