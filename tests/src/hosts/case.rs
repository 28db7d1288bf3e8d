//! What every host has to get right.

use lambda_invocation_core::call::request::InvocationType;
use lambda_invocation_local::Invocation;
use serde_json::Value;

use super::{Network, Outcome};
use crate::canary;
use crate::lambda_host::Keys;

/// One invocation, and what has to come of it.
pub struct Case {
    /// The column of the table.
    pub name: &'static str,
    /// What passing means, for the table: a whole sentence.
    pub about: &'static str,
    /// A function of the endpoint.
    pub function: &'static str,
    /// Its event.
    pub payload: fn() -> Vec<u8>,
    /// How it is invoked.
    pub invocation_type: InvocationType,
    /// Whether the end of the log is asked for.
    pub tail: bool,
    /// Limit on the call, in milliseconds.
    pub deadline_ms: Option<u32>,
    /// What the host grants.
    pub network: Network,
    /// Whether the host logs as much as it can.
    pub logs: bool,
    /// Whether the secret key is one that the endpoint does not know.
    pub wrong_secret: bool,
    /// Says what is wrong with what came of it, given what the endpoint saw.
    pub check: Check,
}

/// See [`Case::check`].
pub type Check = fn(&Outcome, &[Invocation]) -> Result<(), String>;

impl Case {
    /// What it is signed with: always [`canary`] keys, which may never be printed.
    pub fn keys(&self) -> Keys {
        let mut keys = canary::keys();
        if self.wrong_secret {
            keys.secret_access_key.push_str("Wrong");
        }
        keys
    }
}

/// What most cases have in common.
const CALL: Case = Case {
    name: "",
    about: "",
    function: "echo",
    payload: || br#"{"name":"world"}"#.to_vec(),
    invocation_type: InvocationType::RequestResponse,
    tail: false,
    deadline_ms: None,
    network: Network::Granted,
    logs: false,
    wrong_secret: false,
    check: |_, _| Ok(()),
};

/// All of them, in the order of the table.
pub const CASES: &[Case] = &[
    Case {
        name: "signed",
        about: "A synchronous call is signed as the endpoint verifies it, and its answer comes back.",
        check: |outcome, seen| {
            let answer = json(outcome)?;
            equal("the event", &answer["event"]["name"], &Value::from("world"))?;
            equal("the status", &status(seen)?, &Some(200))
        },
        ..CALL
    },
    Case {
        name: "event",
        about: "An `Event` is queued (202), and the function runs.",
        invocation_type: InvocationType::Event,
        check: |outcome, seen| {
            equal("the answer", &outcome.answer.as_deref(), &Some(&[][..]))?;
            let seen = only(seen)?;
            equal("the type", &seen.invocation_type.as_deref(), &Some("Event"))?;
            equal("the status", &seen.status, &Some(202))
        },
        ..CALL
    },
    Case {
        name: "dry run",
        about: "A `DryRun` is checked (204), and nothing runs.",
        invocation_type: InvocationType::DryRun,
        check: |outcome, seen| {
            equal("the answer", &outcome.answer.as_deref(), &Some(&[][..]))?;
            let seen = only(seen)?;
            equal(
                "the type",
                &seen.invocation_type.as_deref(),
                &Some("DryRun"),
            )?;
            equal("the status", &seen.status, &Some(204))?;
            equal("what ran", &seen.executed_version, &None)
        },
        ..CALL
    },
    Case {
        name: "tail",
        about: "With `Tail`, the end of the execution log comes back.",
        function: "log",
        payload: || br#"{"lines":["a line of the log"]}"#.to_vec(),
        tail: true,
        check: |outcome, _| {
            equal(
                "the answer",
                &outcome.answer.as_deref(),
                &Some(&b"null"[..]),
            )?;
            says(outcome, &["a line of the log"])
        },
        ..CALL
    },
    Case {
        name: "alias ARN",
        about: "A full ARN with an alias arrives, whose colons travel as `%3A` and are signed as `%253A`.",
        function: "arn:aws:lambda:eu-central-1:123456789012:function:echo:PROD",
        check: |outcome, seen| {
            json(outcome)?;
            let seen = only(seen)?;
            equal(
                "the function",
                &seen.function_name.as_str(),
                &"arn:aws:lambda:eu-central-1:123456789012:function:echo:PROD",
            )?;
            equal("what ran", &seen.executed_version.as_deref(), &Some("1"))
        },
        ..CALL
    },
    Case {
        name: "function error",
        about: "A function that fails is told from a call that fails, and its report comes back.",
        function: "fail",
        payload: || br#"{"runtime":"python"}"#.to_vec(),
        check: |outcome, seen| {
            let report = json(outcome)?;
            equal(
                "the error",
                &report["errorType"],
                &Value::from("ValueError"),
            )?;
            says(outcome, &["Unhandled"])?;
            equal("a function error", &only(seen)?.function_error, &true)
        },
        ..CALL
    },
    Case {
        name: "404",
        about: "A function that does not exist is Lambda's error, by its code.",
        function: "no-such-function",
        check: |outcome, seen| {
            failed(outcome)?;
            says(outcome, &["ResourceNotFoundException"])?;
            equal("the status", &status(seen)?, &Some(404))
        },
        ..CALL
    },
    Case {
        name: "403",
        about: "A call with a wrong secret is refused by the endpoint, once.",
        payload: || canary::payload().into_bytes(),
        wrong_secret: true,
        check: |outcome, seen| {
            failed(outcome)?;
            says(outcome, &["InvalidSignatureException"])?;
            equal("the status", &status(seen)?, &Some(403))
        },
        ..CALL
    },
    Case {
        name: "100 KB",
        about: "100 KB go there and back unchanged.",
        function: "identity",
        payload: || text(100_000),
        check: |outcome, _| unchanged(outcome, &text(100_000)),
        ..CALL
    },
    Case {
        name: "5 MB",
        about: "5 MB go there and back unchanged.",
        function: "identity",
        payload: || text(5_000_000),
        check: |outcome, _| unchanged(outcome, &text(5_000_000)),
        ..CALL
    },
    Case {
        name: "denied",
        about: "The host lets the component connect to another place only: `denied-by-host`, and nothing arrives.",
        network: Network::Elsewhere,
        check: |outcome, seen| {
            failed(outcome)?;
            says(outcome, &["denied by the host", "denied-by-host"])?;
            equal("the requests", &seen.len(), &0)
        },
        ..CALL
    },
    Case {
        name: "no network",
        about: "The host grants no HTTP: it says so, and nothing arrives.",
        network: Network::None,
        check: |outcome, seen| {
            failed(outcome)?;
            says(
                outcome,
                &["denied by the host", "denied-by-host", "wasi:http/"],
            )?;
            equal("the requests", &seen.len(), &0)
        },
        ..CALL
    },
    Case {
        name: "timeout",
        about: "A deadline of 1.5 s ends a call of a function that takes 30 s.",
        function: "sleep",
        payload: || br#"{"ms":30000}"#.to_vec(),
        deadline_ms: Some(1500),
        check: |outcome, seen| {
            failed(outcome)?;
            says(outcome, &["1500"])?;
            equal("an answer of the function", &only(seen)?.finished, &false)
        },
        ..CALL
    },
    Case {
        name: "slow",
        about: "A function that takes 5 s is waited for, and runs once.",
        function: "sleep",
        payload: || br#"{"ms":5000}"#.to_vec(),
        check: |outcome, seen| {
            equal(
                "the answer",
                &json(outcome)?["slept_ms"],
                &Value::from(5000),
            )?;
            equal("the status", &status(seen)?, &Some(200))
        },
        ..CALL
    },
    Case {
        name: "secrets",
        about: "Neither keys nor payload are in standard error, in errors, or in the most detailed log that the host can write. (No case prints a key anywhere, else it fails.)",
        function: "identity",
        payload: || canary::payload().into_bytes(),
        logs: true,
        check: |outcome, _| unchanged(outcome, canary::payload().as_bytes()),
        ..CALL
    },
];

/// A JSON string of that many bytes, of more than one letter.
fn text(bytes: usize) -> Vec<u8> {
    let inner = (b'a'..=b'z').cycle().take(bytes - 2);
    [b'"'].into_iter().chain(inner).chain([b'"']).collect()
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, should: &T) -> Result<(), String> {
    if is == should {
        return Ok(());
    }
    Err(format!("{what} is {is:?}, and should be {should:?}"))
}

fn json(outcome: &Outcome) -> Result<Value, String> {
    let answer = outcome.answer.as_deref().ok_or("the call failed")?;
    serde_json::from_slice(answer).map_err(|error| format!("the answer is no JSON: {error}"))
}

fn unchanged(outcome: &Outcome, sent: &[u8]) -> Result<(), String> {
    match outcome.answer.as_deref() {
        None => Err("the call failed".to_owned()),
        Some(answer) if answer == sent => Ok(()),
        Some(_) => Err("the payload came back changed".to_owned()),
    }
}

fn failed(outcome: &Outcome) -> Result<(), String> {
    match outcome.answer {
        None => Ok(()),
        Some(_) => Err("the call succeeded".to_owned()),
    }
}

/// Whether one of these was said.
fn says(outcome: &Outcome, texts: &[&str]) -> Result<(), String> {
    if texts.iter().any(|text| outcome.said.contains(text)) {
        return Ok(());
    }
    Err(format!("none of {texts:?} was said"))
}

/// The one request that the endpoint has seen.
fn only(seen: &[Invocation]) -> Result<&Invocation, String> {
    match seen {
        [one] => Ok(one),
        several => Err(format!("{} requests arrived", several.len())),
    }
}

fn status(seen: &[Invocation]) -> Result<Option<u16>, String> {
    only(seen).map(|one| one.status)
}
