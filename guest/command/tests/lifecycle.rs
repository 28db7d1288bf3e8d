//! The `lifecycle` and `ephemeral` commands, from what a user types to streams, files
//! and exit codes, with a Lambda that exists in memory only.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Parser;
use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::{Common, Verb};
use lambda_invocation_command::render::Streams;
use lambda_invocation_command::run::{self, Lambda, Session};
use lambda_invocation_core::call::connection::{Connection, RetryMode};
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::{Error, FunctionError, FunctionFailure};
use lambda_invocation_core::lifecycle::{
    self, Apply, ApplyFailure, ChangePlan, Config, Diagnostic, PlannedRequest, State,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Must never show where only people look.
const CANARY: &str = "CANARY-4b1d";

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

/// Called before each request, with its number from 0; an error fails it.
type Before = Box<dyn FnMut(usize, &PlannedRequest) -> Result<(), Error>>;

/// A Lambda in memory. Each function answers with the number of the request.
struct World {
    sent: Vec<PlannedRequest>,
    opened: Vec<EphemeralConfig>,
    before: Before,
    opens: Opened,
}

impl Default for World {
    fn default() -> Self {
        Self {
            sent: Vec::new(),
            opened: Vec::new(),
            before: Box::new(|_, _| Ok(())),
            opens: Opened {
                result: "{\"key\":\"secret\"}\n".to_owned(),
                status_code: 200,
                executed_version: Some("1".to_owned()),
                function_error: None,
                log_result: None,
                request_id: Some("id".to_owned()),
            },
        }
    }
}

impl Lambda for World {
    fn invoke(&mut self, _: Request, _: Connection) -> Result<Response, Error> {
        panic!("no lifecycle command invokes directly");
    }

    fn prepare(&mut self, _: Request, _: Connection) -> Result<SignedRequest, Error> {
        panic!("no lifecycle command signs");
    }

    fn validate(&mut self, config: &Config) -> Result<Vec<Diagnostic>, Error> {
        Ok(lifecycle::validate(config))
    }

    fn plan(
        &mut self,
        prior: Option<&State>,
        desired: Option<&Config>,
    ) -> Result<ChangePlan, Error> {
        lifecycle::plan(prior, desired)
    }

    fn apply(
        &mut self,
        prior: Option<State>,
        desired: Option<&Config>,
        _: Connection,
    ) -> Result<Option<State>, ApplyFailure> {
        let mut apply = Apply::new(prior, desired)?;
        while let Some(request) = apply.next_request() {
            let number = self.sent.len();
            self.sent.push(request.clone());
            match (self.before)(number, request) {
                Ok(()) => apply = apply.succeeded(format!("{{\"n\":{number}}}").into_bytes())?,
                Err(error) => return Err(apply.failed(error)),
            }
        }
        apply.finish()
    }

    fn import_state(&mut self, id: &str) -> Result<State, Error> {
        lifecycle::import_state(id)
    }

    fn upgrade_state(&mut self, version: u32, json: &str) -> Result<State, Error> {
        lifecycle::upgrade_state(version, json)
    }

    fn open(&mut self, config: EphemeralConfig, _: Connection) -> Result<Opened, Error> {
        let (request, _) = config.clone().into_request(Connection::default())?;
        request.check()?;
        self.opened.push(config);
        Ok(self.opens.clone())
    }
}

/// A directory with the files of a user, and the world.
struct Desk {
    directory: TempDir,
    world: World,
    interrupted: Box<dyn Fn() -> bool>,
    color: bool,
}

#[derive(Debug)]
struct Run {
    code: u8,
    out: String,
    err: String,
}

impl Run {
    #[track_caller]
    fn ok(self) -> Self {
        assert_eq!(self.code, exit::DONE, "{self:#?}");
        self
    }

    /// What was said in a failure that left standard output alone.
    #[track_caller]
    fn failed(self, code: u8) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
        self.err
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

impl Desk {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            world: World::default(),
            interrupted: Box::new(|| false),
            color: false,
        }
    }

    /// With a configuration.
    fn with(config: &str) -> Self {
        let desk = Self::new();
        desk.write("config.toml", config);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn names(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.directory.path()).unwrap();
        names
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Types a line; words that name files stand for those of the desk.
    fn run(&mut self, line: &str) -> Run {
        let words = line.split_whitespace().map(|word| {
            if [".toml", ".json", ".tfstate"]
                .iter()
                .any(|end| word.ends_with(end))
            {
                self.path(word).to_str().unwrap().to_owned()
            } else {
                word.to_owned()
            }
        });
        let words = std::iter::once("lambda-host".to_owned()).chain(words);
        let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams {
            out: &mut out,
            out_is_terminal: false,
            err: &mut err,
            color: self.color,
        };
        let session = Session {
            lambda: &mut self.world,
            streams: &mut streams,
            connection: cli.common.connection(&Environment::default()).unwrap(),
            output: cli.common.output,
            interrupted: &*self.interrupted,
        };
        let code = run::run(cli.verb, session).unwrap();
        Run {
            code,
            out: String::from_utf8(out).unwrap(),
            err: String::from_utf8(err).unwrap(),
        }
    }

    fn plan(&mut self) -> Run {
        self.run("lifecycle plan --config config.toml --state state.json")
    }

    fn apply(&mut self) -> Run {
        self.run("lifecycle apply --config config.toml --state state.json")
    }

    fn destroy(&mut self) -> Run {
        self.run("lifecycle destroy --state state.json")
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("state.json")).unwrap()).unwrap()
    }

    /// The names in the state file.
    fn kept(&self) -> Vec<String> {
        let state = self.state();
        state["invocations"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    }

    /// `EVENT FUNCTION` of each request since the last time.
    fn sent(&mut self) -> Vec<String> {
        let sent = std::mem::take(&mut self.world.sent).into_iter();
        sent.map(|request| format!("{} {}", request.event.as_str(), request.function_name))
            .collect()
    }

    /// Lets the requests to these functions fail.
    fn fail(&mut self, functions: &[&str]) {
        let functions: Vec<String> = functions.iter().map(|name| (*name).to_owned()).collect();
        self.world.before = Box::new(move |_, request| {
            let event = format!("{} {}", request.event.as_str(), request.function_name);
            if functions.contains(&request.function_name) || functions.contains(&event) {
                Err(function_failure())
            } else {
                Ok(())
            }
        });
    }
}

fn function_failure() -> Error {
    Error::FunctionFailed(Box::new(FunctionFailure {
        function_error: FunctionError {
            kind: "Unhandled".to_owned(),
            error_type: Some("ValueError".to_owned()),
            error_message: Some("no such\u{1b}[31m thing".to_owned()),
            stack_trace: vec!["in handler, line 1".to_owned()],
        },
        payload: b"{}".to_vec(),
        log_tail: Some("a line of the log".to_owned()),
    }))
}

/// A table that invokes the function of its own name under CRUD.
fn crud(name: &str, rest: &str) -> String {
    format!(
        "[invocation.{name}]\nfunction_name = '{name}'\nlifecycle_scope = 'CRUD'\ninput = {{ a = '{CANARY}' }}\n{rest}\n"
    )
}

/// Three whose names sort the other way than they depend on each other.
fn chain() -> String {
    [
        crud("first", "depends_on = ['second']"),
        crud("second", "depends_on = ['third']"),
        crud("third", ""),
    ]
    .concat()
}

fn seed(name: &str) -> String {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/seeds");
    fs::read_to_string(Path::new(seeds).join(name)).unwrap()
}

// plan

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
    let id = desk.state()["invocations"]["a"]["id"].clone();
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

// apply

#[test]
fn an_apply_goes_by_dependencies_tells_its_progress_and_prints_nothing() {
    let mut desk = Desk::with(&chain());
    let run = desk.apply().ok();
    assert_eq!(run.out, "");
    assert_eq!(
        desk.sent(),
        ["create third", "create second", "create first"]
    );
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines[0], "third: creating...");
    assert!(lines[1].starts_with("third: created after 0."), "{run:#?}");
    assert!(lines[1].contains("s (third,$LATEST,"), "{run:#?}");
    assert_eq!(lines[2], "second: creating...");
    assert_eq!(lines.last(), Some(&"3 created"));
    assert!(!run.err.contains(CANARY));

    let again = desk.apply().ok();
    assert_eq!(again.err, "3 unchanged\n");
    assert!(desk.sent().is_empty());
}

#[test]
fn an_apply_as_json_is_one_document_with_ids_and_results() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "")].concat());
    desk.fail(&["b"]);
    let apply = "lifecycle apply --config config.toml --state state.json --output json";
    let run = desk.run(apply);
    assert_eq!(run.code, exit::FUNCTION_FAILED);
    let id = desk.state()["invocations"]["a"]["id"].clone();
    let a = json!({"action": "create", "reasons": [], "id": id, "result": "{\"n\":0}"});
    assert_eq!(
        run.json(),
        json!({
            "invocation": {
                "a": a,
                "b": {"action": "create", "reasons": [], "failed": true, "completed": []},
            },
            "error": {"function-failed": {
                "function-error": {
                    "kind": "Unhandled",
                    "error-type": "ValueError",
                    "error-message": "no such\u{1b}[31m thing",
                    "stack-trace": ["in handler, line 1"],
                },
                "payload": "{}",
                "log-tail": "a line of the log",
            }},
        })
    );
    desk.world.before = Box::new(|_, _| Ok(()));
    let document = desk.run(apply).ok().json();
    assert_eq!(document["invocation"]["a"]["action"], "no-op");
    assert_eq!(document["invocation"]["a"]["result"], "{\"n\":0}");
    assert_eq!(document["invocation"]["b"]["result"], "{\"n\":2}");
    assert_eq!(document.get("error"), None);
}

#[test]
fn a_failure_stops_is_explained_and_keeps_what_was_done() {
    let mut desk = Desk::with(&chain());
    desk.fail(&["second"]);
    let said = desk.apply().failed(exit::FUNCTION_FAILED);
    for part in [
        "third: created after ",
        "second: creating...\nsecond: failed after ",
        "--- log tail\na line of the log\n---\n",
        "the function failed (Unhandled): ValueError: no such?[31m thing\n    in handler, line 1\n",
        "1 created\nstopped; not reached: 1; run it again to go on\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(CANARY) && !said.contains('\u{1b}'), "{said}");
    assert_eq!(desk.kept(), ["third"]);
    assert_eq!(desk.sent(), ["create third", "create second"]);

    desk.fail(&[]);
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create second", "create first"]);
}

#[test]
fn a_failed_update_is_tried_again_with_the_same_previous_input() {
    let mut desk = Desk::with(&seed("resource-crud.toml"));
    desk.apply().ok();
    let before = desk.state();
    desk.write("config.toml", &seed("resource-crud-updated.toml"));
    desk.fail(&["echo"]);
    desk.sent();
    desk.apply().failed(exit::FUNCTION_FAILED);
    assert_eq!(desk.state(), before);
    let first = desk.world.sent.pop().unwrap();
    desk.fail(&[]);
    desk.apply().ok();
    assert_eq!(desk.world.sent.pop(), Some(first));
}

#[test]
fn the_payloads_of_the_crud_example_are_exact_and_in_order() {
    let mut desk = Desk::with(&seed("resource-crud.toml"));
    desk.apply().ok();
    desk.write("config.toml", &seed("resource-crud-updated.toml"));
    desk.apply().ok();
    desk.destroy().ok();
    let members = |url: &str| {
        format!(
            r#""credentials":{{"password":"secret123","username":"admin"}},"database_url":"{url}.us-west-2.rds.amazonaws.com:5432","resource_name":"database_setup""#
        )
    };
    let (old, new) = (members("mydb.cluster-xyz"), members("mydb-new.cluster-abc"));
    let payloads: Vec<&str> = desk
        .world
        .sent
        .iter()
        .map(|sent| sent.payload.as_str())
        .collect();
    assert_eq!(
        payloads,
        [
            format!(r#"{{{old},"tf":{{"action":"create","prev_input":null}}}}"#),
            format!(r#"{{{new},"tf":{{"action":"update","prev_input":{{{old}}}}}}}"#),
            format!(r#"{{{new},"tf":{{"action":"delete","prev_input":{{{new}}}}}}}"#),
        ]
    );
    assert!(desk.kept().is_empty());
}

#[test]
fn every_example_of_the_documentation_applies_and_settles() {
    for (config, updated, payloads) in [
        (
            "resource-basic.toml",
            None,
            vec![
                r#"{"config":{"debug":false,"environment":"production"},"operation":"initialize"}"#,
            ],
        ),
        (
            "resource-triggers.toml",
            None,
            vec![
                r#"{"batch_id":"7f3c2a1e-batch","environment":"production","operation":"process_data"}"#,
            ],
        ),
        (
            "pulumi-triggers.json",
            None,
            vec![r#"{"key1":"value1","key2":"value2"}"#],
        ),
        (
            "pulumi-crud.json",
            Some("pulumi-crud-updated.json"),
            vec![
                r#"{"key1":"value1","key2":"value2","tf":{"action":"create","prev_input":null}}"#,
                r#"{"key1":"valueB","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#,
                r#"{"key1":"valueB","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"valueB","key2":"value2"}}}"#,
            ],
        ),
    ] {
        let mut desk = Desk::new();
        for file in [Some(config), updated].into_iter().flatten() {
            desk.write(file, &seed(file));
            let apply = format!("lifecycle apply --config {file} --state state.json");
            desk.run(&apply).ok();
            assert_eq!(desk.run(&apply).ok().err, "1 unchanged\n", "{file}");
        }
        desk.destroy().ok();
        let sent: Vec<&str> = desk
            .world
            .sent
            .iter()
            .map(|sent| sent.payload.as_str())
            .collect();
        assert_eq!(sent, payloads, "{config}");
    }
}

#[test]
fn what_left_the_configuration_is_deleted_first_and_dependents_before_the_rest() {
    let mut desk = Desk::with(&[chain(), crud("other", "")].concat());
    desk.apply().ok();
    desk.sent();
    desk.write(
        "config.toml",
        &[crud("new", ""), crud("other", "triggers.a = 1")].concat(),
    );
    desk.apply().ok();
    assert_eq!(
        desk.sent(),
        [
            "delete first",
            "delete second",
            "delete third",
            "create new",
            "delete other",
            "create other"
        ]
    );
    assert_eq!(desk.kept(), ["new", "other"]);
}

#[test]
fn a_dependency_alone_is_remembered_without_an_invocation() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "")].concat());
    desk.apply().ok();
    desk.write(
        "config.toml",
        &[crud("a", "depends_on = ['b']"), crud("b", "")].concat(),
    );
    assert_eq!(desk.apply().ok().err, "2 unchanged\n");
    assert_eq!(desk.state()["invocations"]["a"]["depends-on"], json!(["b"]));
    desk.sent();
    desk.destroy().ok();
    assert_eq!(desk.sent(), ["delete a", "delete b"]);
}

#[test]
fn a_half_finished_replacement_says_which_half_and_the_next_apply_does_the_other() {
    for (order, broken, completed, next, rest) in [
        ("", "create a", "delete", "create", vec!["create a"]),
        (
            "create_before_destroy = true",
            "delete a",
            "create",
            "delete",
            vec!["delete a"],
        ),
    ] {
        let mut desk = Desk::with(&crud("a", order));
        desk.apply().ok();
        desk.write(
            "config.toml",
            &crud("a", &format!("{order}\ntriggers.x = 1")),
        );
        desk.fail(&[broken]);
        desk.sent();
        let said = desk.apply().failed(exit::FUNCTION_FAILED);
        let line = format!(
            "a: before that, {completed} succeeded, and is saved; the next apply begins with {next}\n"
        );
        assert!(said.contains(&line), "{said}");
        desk.sent();
        desk.fail(&[]);
        desk.apply().ok();
        assert_eq!(desk.sent(), rest, "{order}");
        desk.apply().ok();
        assert!(desk.sent().is_empty());
    }
}

#[test]
fn a_configuration_that_speaks_of_no_invocation_deletes_none() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    desk.write(
        "config.toml",
        "[ephemeral.a]\nfunction_name = 'f'\npayload = '1'\n",
    );
    for run in [desk.plan(), desk.apply()] {
        let said = run.failed(exit::USAGE);
        assert!(
            said.contains("there is no [invocation.NAME] table"),
            "{said}"
        );
    }
    assert_eq!(desk.kept(), ["a"]);
    desk.write("config.toml", "[invocation]");
    desk.apply().ok();
    assert!(desk.kept().is_empty());
}

#[test]
fn all_faults_of_a_configuration_are_told_at_once_and_nothing_is_sent() {
    let config = format!(
        "{}[invocation.bad]\nfunction_name = 'f'\nlifecycle_scope = 'CRUD'\nqualifier = 'not one'\ninput = '[\"{CANARY}\"]'\n[invocation.worse]\nfunction_name = 'f'\ninput = '{CANARY}'\n",
        crud("good", "")
    );
    let mut desk = Desk::with(&config);
    for run in [desk.plan(), desk.apply()] {
        let said = run.failed(exit::USAGE);
        let lines: Vec<&str> = said.lines().collect();
        let starts = [
            "[invocation.bad] qualifier: must be ",
            "[invocation.bad] input: must be a JSON object under crud",
            "[invocation.worse] input: must be valid JSON",
        ];
        assert_eq!(lines.len(), starts.len(), "{said}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with("error: invalid config: "), "{line}");
            assert!(line.contains(&format!("config.toml: {start}")), "{line}");
        }
        assert!(!said.contains(CANARY), "{said}");
    }
    assert!(desk.sent().is_empty());
    assert!(!desk.path("state.json").exists());
}

#[test]
fn what_lambda_would_refuse_is_refused_before_the_first_invocation() {
    let long = "x".repeat(6_291_456);
    for (table, fault) in [
        (
            "[invocation.z]\nfunction_name = 'not a name'\ninput = ''\n".to_owned(),
            "[invocation.z] function_name: ",
        ),
        (
            format!("[invocation.z]\nfunction_name = 'f'\ninput = '\"{long}\"'\n"),
            "[invocation.z] input: ",
        ),
    ] {
        let mut desk = Desk::with(&[crud("a", ""), table].concat());
        let said = desk.apply().failed(exit::USAGE);
        assert!(said.contains(fault) && said.len() < 1_000, "{said}");
        assert!(desk.sent().is_empty());
    }
}

// --replace

#[test]
fn a_replacement_can_be_asked_for_and_keeps_its_order() {
    for (order, events) in [
        ("", ["delete a", "create a"]),
        ("create_before_destroy = true", ["create a", "delete a"]),
    ] {
        let mut desk = Desk::with(&[crud("a", order), crud("b", "")].concat());
        desk.apply().ok();
        desk.sent();
        let files = "--config config.toml --state state.json --replace a";
        let plan = desk.run(&format!("lifecycle plan {files}")).ok().err;
        assert!(
            plan.contains(" a will be replaced because you asked for it\n"),
            "{plan}"
        );
        let before = desk.state();
        desk.run(&format!("lifecycle apply {files}")).ok();
        assert_eq!(desk.sent(), events);
        let mut after = desk.state();
        after["invocations"]["a"]["result"] = before["invocations"]["a"]["result"].clone();
        after["serial"] = before["serial"].clone();
        assert_eq!(after, before);
        assert_eq!(desk.apply().ok().err, "2 unchanged\n");
    }
}

#[test]
fn a_replacement_that_was_asked_for_and_failed_leaves_no_trace_in_the_state() {
    for (order, broken, rest) in [
        ("", "delete a", vec![]),
        ("", "create a", vec!["create a"]),
        ("create_before_destroy = true", "create a", vec![]),
        ("create_before_destroy = true", "delete a", vec!["delete a"]),
    ] {
        let mut desk = Desk::with(&crud("a", &format!("triggers.x = 1\n{order}")));
        desk.apply().ok();
        desk.fail(&[broken]);
        desk.run("lifecycle apply --config config.toml --state state.json --replace a")
            .failed(exit::FUNCTION_FAILED);
        assert!(!desk.state().to_string().contains("--replace"));
        desk.fail(&[]);
        desk.sent();
        desk.apply().ok();
        assert_eq!(desk.sent(), rest, "{order} {broken}");
    }
}

#[test]
fn only_what_is_there_can_be_replaced() {
    let mut desk = Desk::with(&crud("first", ""));
    let apply = "lifecycle apply --config config.toml --state state.json --replace";
    let said = desk.run(&format!("{apply} frist")).failed(exit::USAGE);
    assert!(
        said.contains("no invocation \"frist\"; did you mean first?"),
        "{said}"
    );
    // Not there yet: it is created anyway.
    desk.run(&format!("{apply} first")).ok();
    assert_eq!(desk.sent(), ["create first"]);
    desk.write(
        "state.json",
        "{\"version\":1,\"serial\":1,\"invocations\":{}}",
    );
    let id = format!("first,$LATEST,{}", "0".repeat(32));
    desk.run(&format!("lifecycle import first {id} --state state.json"))
        .ok();
    let said = desk.run(&format!("{apply} first")).failed(exit::USAGE);
    assert!(said.contains("is imported"), "{said}");
    assert!(desk.sent().is_empty());
}

// destroy

#[test]
fn a_destroy_goes_backwards_and_forgets_without_a_call_under_create_only() {
    let basic = "[invocation.basic]\nfunction_name = 'f'\ninput = ''\ndepends_on = ['first']\n";
    let mut desk = Desk::with(&[chain(), basic.to_owned()].concat());
    desk.apply().ok();
    desk.sent();
    let said = desk.destroy().ok().err;
    assert_eq!(
        desk.sent(),
        ["delete first", "delete second", "delete third"]
    );
    assert!(
        said.starts_with("basic: forgetting...\nbasic: forgotten after "),
        "{said}"
    );
    assert!(said.ends_with("\n3 deleted, 1 forgotten\n"), "{said}");
    assert!(desk.kept().is_empty());
    assert_eq!(desk.destroy().ok().err, "nothing to do\n");
}

#[test]
fn a_destroy_takes_a_newer_order_from_a_configuration() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "")].concat());
    desk.apply().ok();
    desk.sent();
    desk.write(
        "config.toml",
        &[crud("a", "depends_on = ['b']"), crud("b", "")].concat(),
    );
    desk.run("lifecycle destroy --config config.toml --state state.json")
        .ok();
    assert_eq!(desk.sent(), ["delete a", "delete b"]);
}

#[test]
fn a_failed_deletion_keeps_the_state() {
    let mut desk = Desk::with(&chain());
    desk.apply().ok();
    desk.fail(&["second"]);
    desk.destroy().failed(exit::FUNCTION_FAILED);
    assert_eq!(desk.kept(), ["second", "third"]);
    // Again, with nothing done before it: nothing is said about that.
    let said = desk.destroy().failed(exit::FUNCTION_FAILED);
    assert!(!said.contains("nothing to do"), "{said}");
    desk.fail(&[]);
    desk.sent();
    desk.destroy().ok();
    assert_eq!(desk.sent(), ["delete second", "delete third"]);
}

// Interruption, conflicts, crashes

#[test]
fn an_interruption_stops_after_the_invocation_under_way_and_keeps_it() {
    let mut desk = Desk::with(&chain());
    let sent = Rc::new(RefCell::new(0));
    let count = Rc::clone(&sent);
    desk.world.before = Box::new(move |_, _| {
        *count.borrow_mut() += 1;
        Ok(())
    });
    let seen = Rc::clone(&sent);
    desk.interrupted = Box::new(move || *seen.borrow() == 2);
    let said = desk.apply().failed(exit::INTERRUPTED);
    assert!(
        said.ends_with("2 created\ninterrupted; not reached: 1; run it again to go on\n"),
        "{said}"
    );
    assert_eq!(desk.kept(), ["second", "third"]);
    let json = desk.run("lifecycle apply --config config.toml --state state.json --output json");
    assert_eq!(json.code, exit::INTERRUPTED);
    assert_eq!(json.json()["invocation"].as_object().unwrap().len(), 2);

    desk.interrupted = Box::new(|| false);
    desk.sent();
    desk.apply().ok();
    assert_eq!(desk.sent(), ["create first"]);
}

#[test]
fn an_interruption_after_the_last_invocation_changes_nothing() {
    let mut desk = Desk::with(&crud("a", ""));
    desk.apply().ok();
    desk.interrupted = Box::new(|| true);
    desk.apply().ok();
}

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

/// A crash anywhere finds in the file exactly what was finished before.
#[test]
fn whenever_a_run_dies_the_file_is_the_state_before_the_step_under_way() {
    let names = ["third", "second", "first"];
    for dies_at in 0..=names.len() {
        let mut desk = Desk::with(&chain());
        let path = desk.path("state.json");
        let kept = move || -> BTreeMap<String, Value> {
            match fs::read(&path) {
                Ok(bytes) => {
                    let file: Value = serde_json::from_slice(&bytes).unwrap();
                    serde_json::from_value(file["invocations"].clone()).unwrap()
                }
                Err(_) => BTreeMap::new(),
            }
        };
        let look = kept.clone();
        desk.world.before = Box::new(move |number, _| {
            let done: BTreeSet<&str> = names[..number].iter().copied().collect();
            assert!(look().keys().map(String::as_str).eq(done));
            if number == dies_at {
                std::panic::panic_any("killed");
            }
            Ok(())
        });
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| desk.apply()));
        assert_eq!(outcome.is_err(), dies_at < names.len());
        let done: BTreeSet<&str> = names[..dies_at].iter().copied().collect();
        assert!(kept().keys().map(String::as_str).eq(done));
        // The next run goes on there.
        desk.world.before = Box::new(|_, _| Ok(()));
        desk.sent();
        desk.apply().ok();
        assert_eq!(desk.sent().len(), names.len() - dies_at);
    }
}

#[test]
fn a_state_of_a_newer_release_or_of_terraform_is_not_touched() {
    for (text, part) in [
        (
            r#"{"version":2,"serial":1,"resources":[]}"#,
            "newer release",
        ),
        (
            r#"{"version":4,"terraform_version":"1.14.0","serial":1}"#,
            "--from-terraform",
        ),
    ] {
        let mut desk = Desk::with(&crud("a", ""));
        desk.write("state.json", text);
        for run in [desk.plan(), desk.apply(), desk.destroy()] {
            let said = run.failed(exit::USAGE);
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(fs::read_to_string(desk.path("state.json")).unwrap(), text);
        assert!(desk.sent().is_empty());
    }
}

// show

#[test]
fn show_lists_the_state_prints_one_result_and_knows_json() {
    let mut desk = Desk::with(&[crud("a", ""), crud("b", "depends_on = ['a']")].concat());
    desk.apply().ok();
    let list = desk.run("lifecycle show --state state.json").ok();
    assert_eq!(list.out, "");
    assert!(list.err.starts_with("a: a,$LATEST,"), "{list:#?}");
    assert!(
        list.err.ends_with("7 bytes of result\n2 invocations\n"),
        "{list:#?}"
    );

    let one = desk.run("lifecycle show b --state state.json").ok();
    assert_eq!((one.out.as_str(), one.err.as_str()), ("{\"n\":1}", ""));

    let all = desk
        .run("lifecycle show --state state.json --output json")
        .ok();
    assert_eq!(
        all.json(),
        json!({"invocation": desk.state()["invocations"]})
    );
    let one = desk
        .run("lifecycle show b --state state.json --output json")
        .ok();
    assert_eq!(
        one.json(),
        json!({"invocation": {"b": desk.state()["invocations"]["b"]}})
    );

    let said = desk
        .run("lifecycle show bb --state state.json")
        .failed(exit::USAGE);
    assert!(
        said.contains("holds no invocation \"bb\"; did you mean b?"),
        "{said}"
    );
    let empty = desk.run("lifecycle show --state missing.json").ok();
    assert_eq!(empty.err, "the state holds no invocations\n");
}

// import

#[test]
fn an_import_sends_nothing_now_or_at_the_next_apply() {
    let mut desk = Desk::with(&crud("a", "qualifier = 'PROD'"));
    let id = format!("a,PROD,{}", "0".repeat(32));
    let import = format!("lifecycle import a {id} --config config.toml --state state.json");
    let run = desk.run(&import).ok();
    assert_eq!(run.err, format!("a: imported ({id})\n"));
    assert_eq!(run.out, "");
    assert_eq!(desk.state()["invocations"]["a"]["imported"], true);
    let plan = desk.plan().ok().err;
    assert!(
        plan.contains("~ a will be updated because it was imported, and "),
        "{plan}"
    );
    desk.apply().ok();
    assert_eq!(desk.state()["invocations"]["a"]["imported"], false);
    assert!(desk.sent().is_empty());

    let said = desk.run(&import).failed(exit::USAGE);
    assert!(said.contains("already holds an invocation \"a\""), "{said}");
}

#[test]
fn an_import_that_goes_wrong_changes_nothing() {
    let id = format!("a,PROD,{}", "0".repeat(32));
    for (line, part) in [
        ("a sekrit", "invalid id: "),
        ("b ID --config config.toml", "there is no [invocation.b]"),
        ("a.b ID", "must have letters"),
        ("a --from-terraform missing.tfstate", "missing.tfstate: "),
    ] {
        let mut desk = Desk::with(&crud("a", ""));
        let line = line.replace("ID", &id);
        let run = desk.run(&format!("lifecycle import {line} --state state.json"));
        let said = run.failed(exit::USAGE);
        assert!(said.contains(part), "{said}");
        assert!(!desk.path("state.json").exists());
    }
}

#[test]
fn a_resource_of_terraform_is_taken_over_with_its_input_and_result() {
    let mut desk = Desk::with(&crud("a", ""));
    let hash = "0".repeat(32);
    let attributes = json!({
        "id": format!("a,$LATEST,{hash}"), "function_name": "a", "qualifier": "$LATEST",
        "input": format!("{{\"a\":\"{CANARY}\"}}"), "result": "{\"n\":7}", "lifecycle_scope": "CRUD",
        "terraform_key": "tf", "triggers": null, "region": "eu-central-1", "tenant_id": null,
    });
    let file = json!({"version": 4, "terraform_version": "1.14.0", "resources": [{
        "mode": "managed", "type": "aws_lambda_invocation", "name": "a",
        "instances": [{"schema_version": 1, "attributes": attributes}],
    }]});
    desk.write("terraform.tfstate", &file.to_string());
    let run = desk
        .run("lifecycle import a --from-terraform terraform.tfstate --state state.json")
        .ok();
    assert!(!run.err.contains(CANARY), "{run:#?}");
    assert_eq!(
        desk.run("lifecycle show a --state state.json").ok().out,
        "{\"n\":7}"
    );
    assert_eq!(desk.apply().ok().err, "1 unchanged\n");
    assert!(desk.sent().is_empty());
}

// ephemeral

#[test]
fn an_ephemeral_result_goes_to_standard_output_and_nowhere_else() {
    let mut desk = Desk::with(&seed("ephemeral.toml"));
    let run = desk
        .run("ephemeral open secret_generator --config config.toml")
        .ok();
    assert_eq!(
        (run.out.as_str(), run.err.as_str()),
        ("{\"key\":\"secret\"}\n", "")
    );
    assert_eq!(desk.names(), BTreeSet::from(["config.toml".to_owned()]));
    let json = desk
        .run("ephemeral open secret_generator --config config.toml --output json")
        .ok();
    assert_eq!(
        json.json(),
        json!({
            "result": "{\"key\":\"secret\"}\n", "status-code": 200, "executed-version": "1",
            "request-id": "id",
        })
    );
}

#[test]
fn every_ephemeral_example_of_the_documentation_opens() {
    let mut desk = Desk::with(&seed("ephemeral.toml"));
    desk.write("basic.json", &seed("ephemeral-basic.json"));
    desk.run("ephemeral open --config basic.json").ok();
    for name in [
        "secret_generator",
        "resource_calculator",
        "compliance_validator",
        "external_config",
        "credentials",
        "error_handling",
        "logging",
    ] {
        desk.run(&format!("ephemeral open {name} --config config.toml"))
            .ok();
    }
    let opened = &desk.world.opened;
    assert_eq!(opened[0].payload, r#"{"key1":"value1"}"#);
    assert_eq!(
        opened[1].payload,
        r#"{"environment":"dev","length":32,"service":"api"}"#
    );
    assert_eq!(opened[2].qualifier.as_deref(), Some("PROD"));
    // {"source":"terraform","version":"1.0"}
    let context = "eyJzb3VyY2UiOiJ0ZXJyYWZvcm0iLCJ2ZXJzaW9uIjoiMS4wIn0=";
    assert_eq!(opened[4].client_context.as_deref(), Some(context));
    assert_eq!(opened.len(), 8);
}

#[test]
fn a_failed_function_is_told_with_its_report_and_log() {
    let mut desk = Desk::with("[ephemeral.a]\nfunction_name = 'f'\npayload = '1'\n");
    desk.world.opens.function_error = Some(FunctionError {
        kind: "Unhandled".to_owned(),
        error_message: Some("why".to_owned()),
        ..FunctionError::default()
    });
    // "a line"
    desk.world.opens.log_result = Some("YSBsaW5l".to_owned());
    let run = desk.run("ephemeral open --config config.toml");
    assert_eq!(run.code, exit::FUNCTION_FAILED);
    assert_eq!(run.out, desk.world.opens.result);
    assert_eq!(
        run.err,
        "--- log tail\na line\n---\nthe function failed (Unhandled): why\n"
    );
}

#[test]
fn one_table_of_several_has_to_be_named_and_faults_are_placed() {
    let table = |name: &str, payload: &str| {
        format!("[ephemeral.{name}]\nfunction_name = 'f'\npayload = '{payload}'\n")
    };
    let both = [table("one", "1"), table("two", "1")].concat();
    for (config, line, part) in [
        (both.as_str(), "", "name one of [ephemeral]: one, two"),
        (
            &both,
            "twoo",
            "there is no [ephemeral.twoo]; did you mean two?",
        ),
        ("[invocation]", "", "there is no [ephemeral.NAME] table"),
        (&table("a", ""), "", "[ephemeral.a] payload: must be JSON"),
        (&table("a", "sekrit"), "", "[ephemeral.a] payload: not JSON"),
    ] {
        let mut desk = Desk::with(config);
        let said = desk
            .run(&format!("ephemeral open {line} --config config.toml"))
            .failed(exit::USAGE);
        assert!(said.contains(&format!("config.toml: {part}")), "{said}");
        assert!(!said.contains("sekrit"), "{said}");
        assert!(desk.world.opened.is_empty());
    }
}

// The grammar

#[test]
fn commands_without_their_files_are_refused() {
    for (line, understood) in [
        (
            "lifecycle plan --config c --state s --detailed-exitcode --replace a --replace b",
            true,
        ),
        ("lifecycle plan --config c", false),
        ("lifecycle plan --state s", false),
        ("lifecycle apply --config c --state s --output json", true),
        ("lifecycle apply --config c", false),
        (
            "lifecycle apply --config c --state s --detailed-exitcode",
            false,
        ),
        ("lifecycle destroy --state s", true),
        ("lifecycle destroy --config c --state s", true),
        ("lifecycle destroy --config c", false),
        ("lifecycle show --state s", true),
        ("lifecycle show a --state s", true),
        ("lifecycle show", false),
        ("lifecycle import a id --state s", true),
        ("lifecycle import a id --state s --config c", true),
        ("lifecycle import a --from-terraform f --state s", true),
        (
            "lifecycle import a address --from-terraform f --state s",
            true,
        ),
        ("lifecycle import a --state s", false),
        ("lifecycle import a id", false),
        ("lifecycle", false),
        ("ephemeral open --config c", true),
        ("ephemeral open a --config c --region eu-central-1", true),
        ("ephemeral open a", false),
        ("ephemeral", false),
    ] {
        let words = std::iter::once("lambda-host").chain(line.split(' '));
        assert_eq!(Cli::try_parse_from(words).is_ok(), understood, "{line}");
    }
}

#[test]
fn half_a_retry_policy_leaves_the_other_half_to_the_environment() {
    use RetryMode::{Idempotent, Never, Safe};
    let environment = |attempts: &str, mode: &str| {
        Environment::new(vec![
            ("AWS_MAX_ATTEMPTS".to_owned(), attempts.to_owned()),
            ("AWS_RETRY_MODE".to_owned(), mode.to_owned()),
        ])
    };
    for (options, attempts, mode, policy) in [
        ("", "1", "never", Some(None)),
        ("--retry idempotent", "", "", Some(Some((Idempotent, 3)))),
        (
            "--retry idempotent",
            "1",
            "off",
            Some(Some((Idempotent, 1))),
        ),
        ("--max-attempts 5", "1", "off", Some(Some((Never, 5)))),
        ("--max-attempts 5", "1", "standard", Some(Some((Safe, 5)))),
        ("--max-attempts 5", "many", "", None),
        ("--retry safe", "many", "", None),
        (
            "--retry safe --max-attempts 2",
            "many",
            "off",
            Some(Some((Safe, 2))),
        ),
    ] {
        let line = format!("lambda-host invoke f {options}");
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let connection = cli.common.connection(&environment(attempts, mode));
        let found = connection.ok().map(|connection| {
            connection
                .retry
                .map(|retry| (retry.mode, retry.max_attempts))
        });
        assert_eq!(found, policy, "{line}, {attempts}, {mode}");
    }
}
