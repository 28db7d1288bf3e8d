//! `lifecycle plan`: what would be sent, and why.

use std::collections::BTreeSet;

use lambda_invocation_command::exit;
use serde_json::json;

use crate::desk::{CANARY, Desk, crud, seed};

#[test]
fn a_plan_says_what_would_be_sent_and_why_and_sends_nothing() {
    let mut desk = Desk::with(&seed("resource-crud.toml"));
    let run = desk.plan().ok();
    assert_eq!(run.err, "");
    assert_eq!(
        run.out,
        "  + database_setup will be created\n      create to echo ($LATEST): 202 bytes\nplan: 1 to be created; 1 request\n"
    );
    let run = desk
        .run("lifecycle plan --config config.toml --state state.json --show-inputs")
        .ok();
    assert_eq!(run.err, "");
    assert_eq!(
        run.out,
        concat!(
            "  + database_setup will be created\n",
            "      create to echo ($LATEST): ",
            r#"{"credentials":{"password":"secret123","username":"admin"},"#,
            r#""database_url":"mydb.cluster-xyz.us-west-2.rds.amazonaws.com:5432","#,
            r#""resource_name":"database_setup","tf":{"action":"create","prev_input":null}}"#,
            "\n",
            "plan: 1 to be created; 1 request\n"
        )
    );
    assert_eq!(desk.names(), BTreeSet::from(["config.toml".to_owned()]));
    assert!(desk.world.sent.is_empty());
}

/// Every attribute that changes is there, not only those that led to the action.
#[test]
fn a_plan_shows_each_attribute_that_changes_old_and_new_but_no_input() {
    let mut desk = Desk::with(&crud(
        "a",
        "triggers = { gone = 1, kept = 2, other = '3' }\ntenant_id = 'T'",
    ));
    desk.apply().ok();
    desk.write(
        "config.toml",
        &crud(
            "a",
            "triggers = { kept = 2, new = true, other = 4 }\nterraform_key = 'key'\nregion = 'eu-central-1'\ncreate_before_destroy = true",
        )
        .replace(CANARY, "CANARY-other")
        .replace("name = 'a'", "name = 'b'"),
    );
    let plan = desk.plan().ok().out;
    let lines: Vec<&str> = plan.lines().map(str::trim).collect();
    assert_eq!(
        lines[..11],
        [
            "+/- a will be replaced because function_name, region, triggers changed",
            "function_name: \"a\" -> \"b\"",
            "region: none -> \"eu-central-1\"",
            "triggers.gone: \"1\" -> none",
            "triggers.new: none -> \"true\"",
            "triggers.other: \"3\" -> \"4\"",
            "input: changes (--show-inputs shows it)",
            "terraform_key: \"tf\" -> \"key\"",
            "tenant_id: \"T\" -> none",
            "create_before_destroy: false -> true",
            "create to b ($LATEST, eu-central-1): 64 bytes",
        ]
    );
    assert!(!plan.contains("CANARY"), "{plan}");
    let shown = desk
        .run("lifecycle plan --config config.toml --state state.json --show-inputs")
        .ok()
        .out;
    let line = format!(r#"input: {{"a":"{CANARY}"}} -> {{"a":"CANARY-other"}}"#);
    assert!(shown.contains(&line), "{shown}");
    assert!(shown.contains(r#""prev_input":"#), "{shown}");
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
        .out
        .lines()
        .map(|line| {
            line.split_once(": ")
                .filter(|(_, rest)| rest.ends_with(" bytes"))
                .map_or(line, |(start, _)| start)
        })
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
            "      qualifier: \"$LATEST\" -> \"PROD\"",
            "      triggers.a: none -> \"1\"",
            "      delete to replaced ($LATEST)",
            "      create to replaced (PROD)",
            "  ~ stored will be updated because terraform_key changed",
            "      terraform_key: \"tf\" -> \"key\"",
            "      nothing is sent",
            "+/- turned will be replaced because triggers changed",
            "      triggers.a: none -> \"1\"",
            "      create to turned ($LATEST)",
            "      delete to turned ($LATEST)",
            "  ~ updated will be updated because terraform_key changed",
            "      terraform_key: \"tf\" -> \"key\"",
            "      update to updated ($LATEST)",
            "plan: 1 to be created, 2 to be updated, 2 to be replaced, 1 to be deleted, 1 to be forgotten, 1 unchanged; 7 requests",
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
    assert!(!desk.plan().out.contains('\u{1b}'));
    desk.color = true;
    let plan = desk.plan().out;
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
    let plan = desk
        .run("lifecycle plan --config config.toml --state state.json --show-inputs")
        .ok()
        .out;
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
