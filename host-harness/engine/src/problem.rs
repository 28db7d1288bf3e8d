//! What to tell a user when something goes wrong.

use lambda_invocation_core::call::function_name::FunctionName;
use lambda_invocation_core::error::{Error, FunctionFailure};
use lambda_invocation_host::CallError;

/// Most characters that are shown of a text that a function wrote.
const MAX_TEXT: usize = 16 * 1024;

/// A diagnostic. No text in it holds an input, a payload, a result or a credential, unless
/// the function itself put it into its error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The argument at fault, in the spelling of the WIT package, where there is one.
    pub argument: Option<String>,
    /// What happened, in a line.
    pub summary: String,
    /// Why, whether the function may have run, and what to do next.
    pub detail: String,
}

impl Problem {
    /// A problem of an argument.
    pub fn of_argument(argument: &str, reason: impl Into<String>) -> Self {
        Self {
            argument: Some(argument.to_owned()),
            summary: format!("Invalid {}", argument.replace('-', "_")),
            detail: sentence(&spelled(reason.into())),
        }
    }

    /// The same, of an argument that goes by another name where the user wrote it.
    pub fn renamed(self, from: &str, to: &str) -> Self {
        if self.argument.as_deref() == Some(from) {
            Self::of_argument(to, self.detail)
        } else {
            self
        }
    }

    /// A call of a function that gave no result.
    pub fn of_call(function_name: &str, error: &CallError) -> Self {
        let function = shown_name(function_name);
        match error {
            CallError::Failed(Error::InvalidArgument(refusal)) => {
                Self::of_argument(&refusal.argument, refusal.reason.clone())
            }
            CallError::Failed(Error::FunctionFailed(failure)) => {
                Self::of_failure(function_name, failure)
            }
            error if error.maybe_ran() => Self {
                argument: None,
                summary: format!("Lambda function {function} may have run, but gave no result"),
                detail: sentence(&error.to_string()),
            },
            error => Self {
                argument: None,
                summary: format!("Lambda function {function} was not invoked"),
                detail: sentence(&error.to_string()),
            },
        }
    }

    /// A function that ran and failed.
    pub fn of_failure(function_name: &str, failure: &FunctionFailure) -> Self {
        let error = &failure.function_error;
        let mut detail = format!("Kind: {}", readable(&error.kind));
        for (name, text) in [
            ("Type", &error.error_type),
            ("Message", &error.error_message),
        ] {
            if let Some(text) = text {
                detail.push_str(&format!("\n{name}: {}", readable(text)));
            }
        }
        if !error.stack_trace.is_empty() {
            detail.push_str("\n\nStack trace:\n");
            detail.push_str(&readable(&error.stack_trace.join("\n")));
        }
        if let Some(log) = &failure.log_tail {
            detail.push_str("\n\nThe end of its log:\n");
            detail.push_str(&readable(log));
        }
        Self {
            argument: None,
            summary: format!(
                "Lambda function {} ran and failed",
                shown_name(function_name)
            ),
            detail: detail.trim_end().to_owned(),
        }
    }
}

/// The name without its ARN, as far as it is one.
fn shown_name(function_name: &str) -> String {
    match FunctionName::parse(function_name) {
        Ok(name) => name.name.to_owned(),
        Err(_) => "(no name)".to_owned(),
    }
}

/// A text that a function wrote, as it may be shown: without what a terminal takes for a
/// command, and 16,384 characters of it at most.
pub fn readable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(MAX_TEXT)
        .collect()
}

/// Arguments that the component's texts name, in the spelling of the WIT package.
const ARGUMENTS: &[&str] = &[
    "client-context",
    "function-name",
    "invocation-type",
    "lifecycle-scope",
    "log-type",
    "tenant-id",
    "terraform-key",
];

/// The arguments in a text as the engines spell them.
fn spelled(mut text: String) -> String {
    for argument in ARGUMENTS {
        text = text.replace(argument, &argument.replace('-', "_"));
    }
    text
}

/// With a capital letter in front and a full stop behind.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    let stop = if text.ends_with(['.', ')', '!', '?']) {
        ""
    } else {
        "."
    };
    [first.as_deref().unwrap_or_default(), chars.as_str(), stop].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_invocation_core::error::FunctionError;

    #[test]
    fn a_function_error_shows_its_parts_and_nothing_else() {
        let problem = Problem::of_failure(
            "arn:aws:lambda:us-east-1:123456789012:function:f:PROD",
            &FunctionFailure {
                function_error: FunctionError {
                    kind: "Unhandled".to_owned(),
                    error_type: Some("ValueError".to_owned()),
                    error_message: Some("no\u{1b}[31m such order".to_owned()),
                    stack_trace: vec!["a.py:1".to_owned(), "b.py:2".to_owned()],
                },
                payload: b"CANARY".to_vec(),
                log_tail: Some("START\nEND\n".to_owned()),
            },
        );
        assert_eq!(problem.summary, "Lambda function f ran and failed");
        assert_eq!(
            problem.detail,
            "Kind: Unhandled\nType: ValueError\nMessage: no[31m such order\n\nStack trace:\na.py:1\nb.py:2\n\nThe end of its log:\nSTART\nEND"
        );
    }

    #[test]
    fn the_summary_says_whether_the_function_ran() {
        for (error, summary) in [
            (Error::NoRegion, "Lambda function f was not invoked"),
            (
                Error::Other("the answer is odd".to_owned()),
                "Lambda function f may have run, but gave no result",
            ),
        ] {
            let problem = Problem::of_call("f", &CallError::Failed(error));
            assert_eq!(problem.summary, summary);
            assert_eq!(problem.argument, None);
        }
        let refused = CallError::Failed(Error::invalid("client-context", "must be base64"));
        assert_eq!(
            Problem::of_call("f", &refused),
            Problem {
                argument: Some("client-context".to_owned()),
                summary: "Invalid client_context".to_owned(),
                detail: "Must be base64.".to_owned(),
            }
        );
    }
}
