//! `lifecycle apply` of `lambda-host` and of the command component, ended by signals and on a
//! full disk: whenever that happens, the state file is whole, and no invocation is made twice
//! that nobody asked for.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_local::{Credentials, LocalEndpoint};
use lambda_invocation_tests::lambda_host::{LambdaHost, Run};
use lambda_invocation_tests::wasmtime::Wasmtime;
use lambda_invocation_tests::{build, canary, or_skip};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Rounds for each signal. `LIFECYCLE_KILLS=100` for the whole.
fn rounds() -> u32 {
    let set = std::env::var("LIFECYCLE_KILLS").ok();
    set.map_or(8, |number| number.parse().expect("a number"))
}

/// The files of a user, and an endpoint that outlives every run and knows what it was asked.
struct Desk {
    directory: tempfile::TempDir,
    endpoint: LocalEndpoint,
}

impl Desk {
    fn new() -> Self {
        static RUNTIME: OnceLock<Runtime> = OnceLock::new();
        let runtime = RUNTIME.get_or_init(|| Runtime::new().unwrap());
        let keys = canary::keys();
        let endpoint = LocalEndpoint::builder()
            .credentials(Credentials {
                access_key_id: keys.access_key_id,
                secret_access_key: keys.secret_access_key,
                session_token: keys.session_token,
            })
            .keep_invocations(100_000);
        Self {
            directory: tempfile::tempdir().unwrap(),
            endpoint: runtime.block_on(endpoint.start()).unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn configure(&self, invocations: &Value) {
        let config = json!({"invocation": invocations}).to_string();
        fs::write(self.path().join("config.json"), config).unwrap();
    }

    /// The program, in an environment that leads to the endpoint.
    fn program(&self, program: &Path) -> LambdaHost {
        LambdaHost::installed(program)
            .env("LAMBDA_COMPONENT", build::component())
            .env("AWS_ENDPOINT_URL_LAMBDA", self.endpoint.url())
            .env("AWS_REGION", self.endpoint.region())
            .keys(&canary::keys())
    }

    fn arguments(&self) -> Vec<String> {
        let file = |name| self.path().join(name).display().to_string();
        let (config, state) = (file("config.json"), file("state.json"));
        ["lifecycle", "apply", "--config", &config, "--state", &state]
            .map(str::to_owned)
            .to_vec()
    }

    fn apply(&self, more: &[String]) -> LambdaHost {
        self.program(&build::lambda_host())
            .args(self.arguments())
            .args(more)
    }

    /// As on a disk that has no room for more than 4 MB. The program's own memory is
    /// files, too, so it cannot be less.
    fn apply_on_a_full_disk(&self) -> Run {
        let words = self.arguments().join(" ");
        let program = build::lambda_host();
        // Without the trap the system would end the program.
        let line = format!(
            "trap '' XFSZ; ulimit -f 8000; exec {} {words}",
            program.display()
        );
        self.program("/bin/sh".as_ref()).args(["-c", &line]).run()
    }

    /// How often each payload has run.
    fn ran(&self) -> BTreeMap<String, usize> {
        let mut ran = BTreeMap::new();
        let invocations = self.endpoint.invocations();
        for invocation in invocations
            .iter()
            .filter(|one| one.executed_version.is_some())
        {
            let payload = String::from_utf8(invocation.payload.to_vec()).unwrap();
            *ran.entry(payload).or_default() += 1;
        }
        ran
    }

    /// The entries of the state file.
    ///
    /// # Panics
    ///
    /// When it is torn.
    fn entries(&self) -> serde_json::Map<String, Value> {
        let Ok(text) = fs::read(self.path().join("state.json")) else {
            return serde_json::Map::new();
        };
        let state: Value = serde_json::from_slice(&text).expect("a whole state file");
        state["invocations"].as_object().unwrap().clone()
    }

    /// What the user says of an invocation that was not answered, after a look into the
    /// function's log: the truth.
    fn answers(&self) -> Vec<String> {
        let ran = self.ran();
        let mut answers = Vec::new();
        for (name, entry) in self.entries() {
            let Some(intent) = entry.get("intent") else {
                continue;
            };
            let hash = intent["payload-sha256"].as_str().unwrap();
            let did_run = ran
                .keys()
                .any(|payload| sha256_hex(payload.as_bytes()) == hash);
            let option = if did_run { "--ran" } else { "--run-again" };
            answers.extend([option.to_owned(), name]);
        }
        answers
    }
}

/// One that is updated, and one that is replaced; each request differs from all others.
fn round(number: u32) -> Value {
    json!({
        "updated": {
            "function_name": "sleep", "lifecycle_scope": "CRUD",
            "input": {"ms": 30, "round": number},
        },
        "replaced": {
            "function_name": "sleep", "lifecycle_scope": "CRUD",
            "input": {"ms": 30, "round": number, "replaced": true},
            "triggers": {"round": number},
            "create_before_destroy": number.is_multiple_of(2),
            "depends_on": ["updated"],
        },
    })
}

#[test]
fn no_signal_at_any_instant_makes_an_invocation_run_twice() {
    let desk = Desk::new();
    desk.configure(&round(0));
    // The first run compiles the component; the second shows how long one takes.
    desk.apply(&[]).run().output();
    desk.configure(&round(1));
    let started = Instant::now();
    desk.apply(&[]).run().output();
    let usual = started.elapsed();

    let mut number = 1;
    let (mut open, mut unfinished) = (0, 0);
    for signal in [Signal::KILL, Signal::TERM, Signal::HUP, Signal::INT] {
        for n in 0..rounds() {
            number += 1;
            desk.configure(&round(number));
            let before = desk.ran();
            let mut running = desk.apply(&[]).start();
            // Instants spread evenly over a run and somewhat beyond.
            thread::sleep(usual.mul_f64(f64::from(n) / f64::from(rounds()) * 1.2));
            running.signal(signal);
            let status = running.child.wait().unwrap();
            // Before it has begun, every signal ends it.
            let by_itself = matches!(status.code(), Some(0 | 130));
            assert!(
                by_itself || status.signal().is_some(),
                "{signal:?} {status}"
            );
            unfinished += u32::from(!status.success());

            // What it had sent is on its way still.
            thread::sleep(Duration::from_millis(50));
            let sent = desk.ran();
            let answers = desk.answers();
            if signal != Signal::KILL {
                assert!(answers.is_empty(), "{signal:?} waits: {status}");
            }
            if !answers.is_empty() {
                open += 1;
                let run = desk.apply(&[]).run();
                assert_eq!(run.code, 6, "{run:#?}");
                assert!(run.stderr.contains("--ran "), "{run:#?}");
                assert_eq!(desk.ran(), sent, "sent without being asked");
            }
            desk.apply(&answers).run().output();
            let after = desk.ran();
            let twice = after.iter().find(|(_, times)| **times > 1);
            assert_eq!(twice, None, "{signal:?} {number}: {before:#?} {sent:#?}");
            // An update, a deletion and a creation.
            assert_eq!(after.len(), before.len() + 3, "{signal:?} {number}");
        }
    }
    // Otherwise the signals came too early or too late to show anything.
    assert!(open > 0, "no kill came while a function ran");
    assert!(unfinished >= rounds(), "{unfinished} runs were ended");
    let left: Vec<_> = fs::read_dir(desk.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "something is left behind: {left:?}");
}

/// Its host ends it at once, whatever the signal; and it leaves its lock behind.
#[test]
fn no_signal_makes_the_command_component_run_an_invocation_twice() {
    let desk = Desk::new();
    let keys = canary::keys();
    let url = desk.endpoint.url();
    let variables = [
        ("AWS_ENDPOINT_URL_LAMBDA", url.as_str()),
        ("AWS_REGION", desk.endpoint.region()),
        ("AWS_ACCESS_KEY_ID", &keys.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
        (
            "AWS_SESSION_TOKEN",
            keys.session_token.as_deref().unwrap_or_default(),
        ),
    ];
    let (wasmtime, line) = or_skip!(Wasmtime::command_line(desk.path(), &variables));
    let files = [
        "--config",
        "/desk/config.json",
        "--state",
        "/desk/state.json",
    ];
    let apply = |more: &[String]| {
        LambdaHost::installed(&wasmtime)
            .args(&line)
            .args(["lifecycle", "apply"])
            .args(files)
            .args(more)
    };
    desk.configure(&round(0));
    let run = apply(&[]).run();
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(run.stderr.contains("umask 077"), "{run:#?}");
    let started = Instant::now();
    desk.configure(&round(1));
    apply(&[]).run().output();
    let usual = started.elapsed();

    let lock = desk.path().join("state.json.lock");
    let rounds = rounds() / 2;
    let (mut number, mut open) = (1, 0);
    for signal in [Signal::KILL, Signal::TERM, Signal::HUP, Signal::INT] {
        for n in 0..rounds {
            number += 1;
            desk.configure(&round(number));
            let before = desk.ran();
            let mut running = apply(&[]).start();
            thread::sleep(usual.mul_f64(f64::from(n) / f64::from(rounds) * 1.2));
            running.signal(signal);
            let status = running.child.wait().unwrap();
            assert!(status.success() || status.signal().is_some(), "{status}");
            thread::sleep(Duration::from_millis(50));
            let sent = desk.ran();
            if lock.exists() {
                let run = apply(&[]).run();
                let line = run.refusal(1);
                assert!(line.contains("remove it if no run is under way"), "{line}");
                fs::remove_file(&lock).unwrap();
            }
            let answers = desk.answers();
            if !answers.is_empty() {
                open += 1;
                let run = apply(&[]).run();
                assert!(run.refusal(1).contains("--ran "), "{run:#?}");
                assert_eq!(desk.ran(), sent, "sent without being asked");
            }
            let run = apply(&answers).run();
            assert_eq!(run.code, 0, "{run:#?}");
            let after = desk.ran();
            let twice = after.iter().find(|(_, times)| **times > 1);
            assert_eq!(twice, None, "{signal:?} {number}: {before:#?} {sent:#?}");
            assert_eq!(after.len(), before.len() + 3, "{signal:?} {number}");
        }
    }
    assert!(open > 0, "no signal came while a function ran");
}

#[test]
fn a_signal_waits_for_the_invocation_under_way_and_saves_it() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let desk = Desk::new();
        desk.configure(&json!({
            "first": {"function_name": "sleep", "input": {"ms": 700}},
            "second": {"function_name": "identity", "input": {}, "depends_on": ["first"]},
        }));
        let mut running = desk.apply(&[]).start();
        while desk.endpoint.counters().ran == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        running.signal(signal);
        assert_eq!(running.wait(), 130);
        let entries = desk.entries();
        assert_eq!(entries["first"]["state"]["result"], r#"{"slept_ms":700}"#);
        assert_eq!(entries.get("second"), None);
    }
}

/// The second one does not wait; what it leaves is asked about.
#[test]
fn a_second_signal_ends_the_run_at_once_and_what_was_sent_is_asked_about() {
    let desk = Desk::new();
    desk.configure(&json!({"one": {"function_name": "sleep", "input": {"ms": 60_000}}}));
    let mut running = desk.apply(&[]).start();
    while desk.endpoint.counters().ran == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    running.signal(Signal::TERM);
    thread::sleep(Duration::from_millis(200));
    running.signal(Signal::TERM);
    assert_eq!(running.wait(), 130);
    assert_eq!(desk.answers(), ["--ran", "one"]);
    let run = desk.apply(&[]).run();
    assert!(
        run.refusal(6)
            .starts_with("error: one: no answer to the create of ")
    );
    assert_eq!(desk.endpoint.counters().ran, 1);
}

#[test]
fn a_full_disk_stops_a_run_before_anything_is_sent() {
    let desk = Desk::new();
    let long = "x".repeat(5_000_000);
    desk.configure(&json!({"one": {"function_name": "identity", "input": {"long": long}}}));
    for _ in 0..3 {
        let run = desk.apply_on_a_full_disk();
        assert_eq!(run.code, 6, "{run:#?}");
        let line = run.stderr.lines().find(|line| line.starts_with("error: "));
        let line = line.unwrap_or_else(|| panic!("{run:#?}"));
        assert!(line.contains("File too large"), "{line}");
        assert!(line.ends_with("; so nothing was sent"), "{line}");
    }
    assert_eq!(desk.endpoint.counters().ran, 0);
    desk.apply(&[]).run().output();
    assert_eq!(desk.endpoint.counters().ran, 1);
}

/// What is to be sent fits on the disk, and what is answered does not.
#[test]
fn a_disk_that_is_full_when_the_answer_comes_makes_nothing_run_again() {
    let desk = Desk::new();
    desk.configure(&json!({"one": {"function_name": "big", "input": {"bytes": 5_000_000}}}));
    let run = desk.apply_on_a_full_disk();
    assert_eq!(run.code, 6, "{run:#?}");
    assert!(
        run.stderr.contains("what was done is not recorded"),
        "{run:#?}"
    );
    for _ in 0..3 {
        assert_eq!(desk.apply(&[]).run().code, 6);
    }
    desk.apply(&desk.answers()).run().output();
    desk.apply(&[]).run().output();
    assert_eq!(desk.endpoint.counters().ran, 1);
}
