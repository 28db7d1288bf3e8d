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

use crate::call::response::{members, text};
use crate::error::FunctionError;
use crate::json::Value;

/// Reads the report in `payload`; a payload of another shape gives the kind alone.
pub fn read(kind: String, payload: &[u8]) -> FunctionError {
    let report = members(payload);
    FunctionError {
        kind,
        error_type: text(&report, "errorType").map(str::to_owned),
        error_message: text(&report, "errorMessage").map(str::to_owned),
        stack_trace: ["stackTrace", "trace"]
            .into_iter()
            .filter_map(|key| report.get(key))
            .map(frames)
            .find(|frames| !frames.is_empty())
            .unwrap_or_default(),
    }
}

fn frames(trace: &Value<'_>) -> Vec<String> {
    match trace {
        Value::Array(frames) => frames.iter().map(frame).collect(),
        Value::String(lines) => lines.lines().map(str::to_owned).collect(),
        _ => Vec::new(),
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
