//! Hosts that are a process for each invocation.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::thread;

use lambda_invocation_core::call::request::InvocationType;

use super::{Call, Outcome};

/// Invokes with the command component, whose arguments are to follow in `command`.
pub(super) fn invoke(mut command: Command, call: &Call<'_>) -> Outcome {
    command
        .args(["invoke", call.function, "--payload-file", "-"])
        .args(["--region", call.region, "--endpoint-url", call.endpoint]);
    if call.invocation_type != InvocationType::RequestResponse {
        command.args(["--invocation-type", call.invocation_type.as_str()]);
    }
    if call.tail {
        command.args(["--log-type", "Tail"]);
    }
    if let Some(ms) = call.deadline_ms {
        command.arg("--timeout").arg(format!("{ms}ms"));
    }
    let output = output(command, call.payload);
    // Failed functions and failed calls both end with 1; only the former answer.
    let answered = output.status.success() || !output.stdout.is_empty();
    outcome(output, answered)
}

/// Invokes with a program of ours that embeds the plugin: it reads the call as JSON, and
/// ends with 0 when the function answered.
pub(super) fn embed(command: Command, call: &Call<'_>) -> Outcome {
    let output = output(command, call.to_json().to_string().as_bytes());
    let answered = output.status.success();
    outcome(output, answered)
}

fn outcome(output: Output, answered: bool) -> Outcome {
    Outcome {
        answer: answered.then_some(output.stdout),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a program with something to read.
///
/// # Panics
///
/// When the component traps.
pub(super) fn output(mut command: Command, stdin: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a program that starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let stdin = stdin.to_owned();
    thread::spawn(move || {
        // It need not read what it has no use for.
        let _ = pipe.write_all(&stdin);
    });
    let output = child.wait_with_output().expect("a child to wait for");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("wasm trap"), "{said}");
    output
}
