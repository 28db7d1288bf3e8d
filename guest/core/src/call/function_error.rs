//! What a runtime says about a function that failed.
//!
//! Every runtime answers with a JSON object, but not the same one:
//!
//! | runtime | frames | causes |
//! | --- | --- | --- |
//! | Python | `stackTrace`: strings, once lists of file, line, function and code | |
//! | Node.js | `trace`: strings, the first one repeats the message | |
//! | Java | `stackTrace`: strings | `cause`: such an object |
//! | .NET | `stackTrace`: strings | `cause`; of an AggregateException `causes`, a list |
//! | Go | `stackTrace`: objects with `path`, `line` and `label` | |
//! | Ruby | `stackTrace`: strings | |
//! | custom runtimes | `stackTrace`: strings, or one string of lines | |
//! | the service itself (`Sandbox.Timedout`, `Runtime.ExitError`) | none | |
//!
//! The type is in `errorType`, where there is one, and the message in `errorMessage`: a text,
//! or what a function threw that is no text.

use crate::call::quote::clean;
use crate::call::response::{Members, members};
use crate::error::FunctionError;
use crate::json::Value;

/// Longest kind kept, in characters.
const MAX_KIND: usize = 128;

/// Reads the report in `payload`; a payload of another shape gives the kind alone. That is
/// visible ASCII without `secrets`, so that any header can carry it on: what is not is taken
/// for `Unhandled`, which is sent for all that a function did not handle itself.
pub(crate) fn read(kind: &str, payload: &[u8], secrets: &[&str]) -> FunctionError {
    let report = members(payload);
    let mut kind = clean(kind, secrets, MAX_KIND);
    if kind.is_empty() || !kind.is_ascii() {
        "Unhandled".clone_into(&mut kind);
    }
    let mut stack_trace = Vec::new();
    add_frames(&report, &mut stack_trace);
    FunctionError {
        kind,
        error_type: said(report.get("errorType")),
        error_message: said(report.get("errorMessage")),
        stack_trace,
    }
}

/// A text as it is; anything else as compact JSON.
fn said(value: Option<&Value<'_>>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.to_string()),
        Value::Literal("null") => None,
        other => Some(other.encode()),
    }
}

/// The frames of an error, then its causes with theirs, as Java prints them.
fn add_frames(report: &Members<'_>, out: &mut Vec<String>) {
    let before = out.len();
    for key in ["stackTrace", "trace"] {
        match report.get(key) {
            Some(Value::Array(frames)) => out.extend(frames.iter().map(frame)),
            Some(Value::String(lines)) => out.extend(lines.lines().map(str::to_owned)),
            _ => {}
        }
        if out.len() > before {
            break;
        }
    }
    let causes = match report.get("causes") {
        Some(Value::Array(causes)) => causes,
        _ => report.get("cause").map_or(&[][..], std::slice::from_ref),
    };
    for cause in causes {
        let Value::Object(cause) = cause else {
            continue;
        };
        let line = match (
            said(cause.get("errorType")),
            said(cause.get("errorMessage")),
        ) {
            (Some(kind), Some(message)) => ["Caused by: ", &kind, ": ", &message].concat(),
            (Some(said), None) | (None, Some(said)) => ["Caused by: ", &said].concat(),
            (None, None) => continue,
        };
        out.push(line);
        add_frames(cause, out);
    }
}

fn frame(frame: &Value<'_>) -> String {
    match frame {
        Value::Array(parts) => parts.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => {
            let field = |key| fields.get(key).map(plain).unwrap_or_default();
            let (path, line, label) = (field("path"), field("line"), field("label"));
            format!("{path}:{line} {label}")
        }
        other => plain(other).to_owned(),
    }
}

fn plain<'a>(value: &'a Value<'_>) -> &'a str {
    match value {
        Value::String(text) => text,
        // Line numbers.
        Value::Literal(text) => text,
        // Has no place in a frame.
        Value::Array(_) | Value::Object(_) => "",
    }
}
