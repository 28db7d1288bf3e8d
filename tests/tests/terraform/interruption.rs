//! What is interrupted: by Ctrl-C, by a kill of Terraform, by a kill of the provider; and
//! ten applies at once.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::terraform::{Run, Terraform, Workspace};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::ephemeral::{CANARY, is_clean};
use crate::lambda::Lambda;

const ADDRESS: &str = "lambda_invocation.it";
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

fn slow(ms: u32) -> String {
    format!(
        "resource \"lambda_invocation\" \"it\" {{\n  function_name = \"sleep\"\n  input = jsonencode({{ ms = {ms} }})\n}}\n"
    )
}

/// Starts an apply, and waits until the function runs.
fn applying(workspace: &Workspace, lambda: &Lambda) -> Child {
    let child = workspace.start(["apply", "-auto-approve"]);
    wait_for(|| !lambda.arrived().is_empty());
    child
}

fn wait_for(mut what: impl FnMut() -> bool) {
    let started = Instant::now();
    while !what() {
        assert!(started.elapsed() < PATIENCE, "it does not come");
        thread::sleep(PAUSE);
    }
}

/// The processes that a process started and that run our provider.
fn providers(terraform: &Child) -> Vec<Pid> {
    let parent = format!("PPid:\t{}", terraform.id());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let command = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        let id = entry.file_name().to_string_lossy().parse();
        if let (true, true, Ok(id)) = (
            status.lines().any(|line| line == parent),
            command.contains("terraform-provider-lambda"),
            id,
        ) {
            found.extend(Pid::from_raw(id));
        }
    }
    found
}

fn ended(child: Child) -> Run {
    child.wait_with_output().unwrap().into()
}

#[test]
fn an_interrupt_waits_for_the_function_and_saves_its_result() {
    // Ctrl-C, and what a service manager or a CI runner sends.
    for signal in [Signal::INT, Signal::TERM] {
        for terraform in Terraform::all() {
            let about = format!("{terraform:?}: {signal:?}");
            let lambda = Lambda::start();
            let workspace = lambda.workspace(terraform, &slow(1500));
            let apply = applying(&workspace, &lambda);
            // A terminal sends it to every process of the foreground.
            for process in providers(&apply)
                .into_iter()
                .chain([Pid::from_child(&apply)])
            {
                kill_process(process, signal).unwrap();
            }
            let run = ended(apply);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains("Interrupt received"), "{about}: {said}");
            let attributes = &workspace.state(ADDRESS)["attributes"];
            assert_eq!(
                attributes["result"], r#"{"slept_ms":1500}"#,
                "{about}: {said}"
            );
            assert_eq!(workspace.plan(&[]).actions(ADDRESS), ["no-op"], "{about}");
        }
    }
}

#[test]
fn a_signal_to_the_provider_alone_does_not_end_a_call() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let workspace = lambda.workspace(terraform, &slow(1500));
    let apply = applying(&workspace, &lambda);
    for provider in providers(&apply) {
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            kill_process(provider, signal).unwrap();
        }
    }
    ended(apply).expect_success();
    let attributes = &workspace.state(ADDRESS)["attributes"];
    assert_eq!(attributes["result"], r#"{"slept_ms":1500}"#);
}

/// Whether this process ignores SIGHUP, as under `nohup`: what it starts does, too.
fn hanging_up_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:\t"));
    let ignored = u64::from_str_radix(ignored.unwrap(), 16).unwrap();
    ignored & 1 << (Signal::HUP.as_raw() - 1) != 0
}

#[test]
fn a_provider_whose_terraform_is_killed_ends() {
    // A terminal that is closed hangs up, and Terraform does not outlive that.
    for signal in [Signal::KILL, Signal::HUP] {
        if signal == Signal::HUP && hanging_up_is_ignored() {
            continue;
        }
        for terraform in Terraform::all() {
            let about = format!("{terraform:?}: {signal:?}");
            let lambda = Lambda::start();
            let workspace = lambda.workspace(terraform, &slow(60_000));
            let mut apply = applying(&workspace, &lambda);
            let providers = providers(&apply);
            assert_eq!(providers.len(), 1, "{about}");
            kill_process(Pid::from_child(&apply), signal).unwrap();
            assert!(!apply.wait().unwrap().success(), "{about}");
            let process = format!("/proc/{}", providers[0].as_raw_nonzero());
            // What is left of it, until its new parent looks, runs no more.
            wait_for(|| {
                let status = fs::read_to_string(Path::new(&process).join("status"));
                status.is_err() || status.is_ok_and(|status| status.contains("State:\tZ"))
            });
        }
    }
}

#[test]
fn a_provider_that_is_killed_is_missed_and_no_state_is_lost() {
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let body = slow(60_000).replace("\"it\"", "\"slow\"");
        let first = "resource \"lambda_invocation\" \"it\" {\n  function_name = \"identity\"\n  input = \"1\"\n}\n";
        let workspace = lambda.workspace(terraform, first);
        workspace.apply(&[]).expect_success();
        lambda.arrived();
        workspace.write(
            "slow.tf",
            body.replace(
                "  function",
                "  depends_on = [lambda_invocation.it]\n  function",
            ),
        );
        let apply = applying(&workspace, &lambda);
        for provider in providers(&apply) {
            kill_process(provider, Signal::KILL).unwrap();
        }
        let said = ended(apply).expect_failure();
        // By what it notices first.
        let words = ["Plugin did not respond", "Request cancelled"];
        assert!(words.iter().any(|words| said.contains(words)), "{said}");
        assert_eq!(
            workspace.state(ADDRESS)["attributes"]["result"],
            "1",
            "{terraform:?}"
        );
        assert_eq!(
            workspace.state("lambda_invocation.slow"),
            json!(null),
            "{terraform:?}"
        );
    }
}

#[test]
fn a_provider_that_crashes_while_an_ephemeral_is_opened_tells_nothing_of_it() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let body = format!(
        "ephemeral \"lambda_invocation\" \"it\" {{\n  function_name = \"sleep\"\n  payload = jsonencode({{ ms = 60000, key = \"{CANARY}\" }})\n}}\n"
    );
    let mut workspace = lambda.workspace(terraform, &body);
    workspace.set("TF_LOG", "trace");
    workspace.set("TF_LOG_PATH", "trace.log");
    let plan = workspace.start(["plan"]);
    wait_for(|| !lambda.arrived().is_empty());
    for provider in providers(&plan) {
        kill_process(provider, Signal::ABORT).unwrap();
    }
    let run = ended(plan);
    run.expect_failure();
    for (text, about) in [
        (&run.stdout, "standard output"),
        (&run.stderr, "standard error"),
        (&workspace.read("trace.log"), "the log"),
    ] {
        is_clean(text, about);
    }
}

#[test]
fn ten_applies_at_once_do_not_get_in_each_others_way() {
    let Some(terraform) = Terraform::all().pop() else {
        return;
    };
    let lambda = Lambda::start();
    let workspaces: Vec<Workspace> = (0..10)
        .map(|n| {
            lambda.workspace(
                terraform,
                &format!(
                    "resource \"lambda_invocation\" \"it\" {{\n  function_name = \"identity\"\n  input = \"{n}\"\n}}\n"
                ),
            )
        })
        .collect();
    let applies: Vec<Child> = workspaces
        .iter()
        .map(|workspace| workspace.start(["apply", "-auto-approve"]))
        .collect();
    for apply in applies {
        ended(apply).expect_success();
    }
    for (n, workspace) in workspaces.iter().enumerate() {
        assert_eq!(
            workspace.state(ADDRESS)["attributes"]["result"],
            n.to_string()
        );
    }
    let mut payloads = lambda.payloads();
    payloads.sort();
    let all: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    assert_eq!(payloads, all);
}
