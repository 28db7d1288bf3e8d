//! What a runtime says about a function that failed.
//!
//! Every runtime answers with a JSON object, but not the same one:
//!
//! | runtime | type | message | frames |
//! | --- | --- | --- | --- |
//! | Python | `errorType` | `errorMessage` | `stackTrace`: strings, once lists of file, line, function and code |
//! | Node.js | `errorType` | `errorMessage` | `trace`: strings, the first one repeats the message |
//! | Java, .NET | `errorType` | `errorMessage` | `stackTrace`: strings |
//! | Go | `errorType` | `errorMessage` | `stackTrace`: objects with `path`, `line` and `label` |
//! | Ruby | `errorType` | `errorMessage` | `stackTrace`: strings |
//! | custom runtimes | `errorType` | `errorMessage` | `stackTrace`: strings, or one string of lines |
//! | the service itself (`Sandbox.Timedout`, `Runtime.ExitError`) | `errorType`, or none | `errorMessage` | none |

use serde_json::{Map, Value};

use crate::error::FunctionError;

/// Reads the report in `payload`; a payload of another shape gives the kind alone.
pub fn read(kind: String, payload: &[u8]) -> FunctionError {
    let Ok(Value::Object(mut report)) = serde_json::from_slice::<Value>(payload) else {
        return FunctionError {
            kind,
            ..FunctionError::default()
        };
    };
    FunctionError {
        kind,
        error_type: take_text(&mut report, "errorType"),
        error_message: take_text(&mut report, "errorMessage"),
        stack_trace: ["stackTrace", "trace"]
            .into_iter()
            .find_map(|key| report.remove(key))
            .map(frames)
            .unwrap_or_default(),
    }
}

fn take_text(report: &mut Map<String, Value>, key: &str) -> Option<String> {
    match report.remove(key)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn frames(trace: Value) -> Vec<String> {
    match trace {
        Value::Array(frames) => frames.into_iter().map(frame).collect(),
        Value::String(lines) => lines.lines().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn frame(frame: Value) -> String {
    match frame {
        Value::String(text) => text,
        Value::Array(parts) => {
            let parts: Vec<String> = parts.into_iter().map(plain).collect();
            parts.join(" ")
        }
        Value::Object(mut fields) => {
            let mut field = |key| fields.remove(key).map(plain).unwrap_or_default();
            let (path, line, label) = (field("path"), field("line"), field("label"));
            format!("{path}:{line} {label}")
        }
        other => other.to_string(),
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
