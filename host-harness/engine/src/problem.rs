//! What to tell a user when something goes wrong.

use std::borrow::Cow;

use lambda_invocation_core::call::function_name::FunctionName;
use lambda_invocation_core::call::quote::steers;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::error::{Error, FunctionFailure};
use lambda_invocation_host::CallError;

use crate::success::Success;

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

    /// The same in an engine's spelling of the names of arguments, which is snake case
    /// otherwise.
    #[must_use]
    pub fn spelled(mut self, spelling: Spelling) -> Self {
        if let Some(argument) = &mut self.argument {
            *argument = spelling.of(&argument.replace('-', "_")).into_owned();
            for name in NAMES {
                let spelled = spelling.of(name);
                self.summary = self.summary.replace(name, &spelled);
                self.detail = self.detail.replace(name, &spelled);
            }
        }
        self
    }

    /// The same, of what an engine has kept.
    pub(crate) fn of_state(mut self) -> Self {
        self.summary.push_str(" in the state");
        self
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

    /// A call of a function that ran, and whose answer cannot be kept.
    pub fn of_answer(function_name: &str, error: &CallError) -> Self {
        let function = shown_name(function_name);
        Self {
            argument: None,
            summary: format!("Lambda function {function} ran, but its answer cannot be kept"),
            detail: sentence(&error.to_string()),
        }
    }

    /// Adds what to do about it.
    pub fn advise(&mut self, advice: &str) {
        self.detail.push_str("\n\n");
        self.detail.push_str(advice);
    }

    /// What a result does not hold of what `success` asks for, if anything.
    pub fn of_success(success: &Success, result: &str) -> Option<Self> {
        let error = success.check(result).err()?;
        Some(Self {
            summary: "The function ran, but its result is no success".to_owned(),
            ..Self::of_argument("success", error.to_string())
        })
    }

    /// What a call that reached Lambda says of the function's failure, if it failed.
    pub fn of_response(function_name: &str, response: &Response) -> Option<Self> {
        let failure = FunctionFailure {
            function_error: response.function_error.clone()?,
            payload: Vec::new(),
            log_tail: response.log_tail.clone(),
        };
        Some(Self::of_failure(function_name, &failure))
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

/// What a function returned, as text.
///
/// # Errors
///
/// A [`Problem`] when it is not UTF-8.
pub fn result_text(payload: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(payload).map_err(|_| Problem {
        argument: None,
        summary: "The function's answer is not UTF-8".to_owned(),
        detail: "The function ran, but only text can be kept. Have it return JSON.".to_owned(),
    })
}

/// A text that a function wrote, as it may be shown: without what a terminal takes for a
/// command or what turns the direction of text, and 16,384 characters of it at most.
pub fn readable(text: &str) -> String {
    text.chars()
        .filter(|c| !steers(*c) || matches!(c, '\n' | '\t'))
        .take(MAX_TEXT)
        .collect()
}

/// How the names of arguments are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// `function_name`, as in Terraform.
    Snake,
    /// `functionName`, as in Pulumi.
    Camel,
}

impl Spelling {
    /// A name that is given in snake case.
    pub fn of(self, name: &str) -> Cow<'_, str> {
        if self == Self::Snake || !name.contains('_') {
            return Cow::Borrowed(name);
        }
        let mut spelled = String::with_capacity(name.len());
        for (index, word) in name.split('_').enumerate() {
            let mut chars = word.chars();
            match chars.next() {
                Some(first) if index > 0 => spelled.extend(first.to_uppercase()),
                first => spelled.extend(first),
            }
            spelled.push_str(chars.as_str());
        }
        Cow::Owned(spelled)
    }
}

/// Arguments of more than one word that texts name. Those of the component are spelled as in
/// the WIT package, with hyphens, in its own texts.
const NAMES: &[&str] = &[
    "access_key",
    "client_context",
    "function_name",
    "invocation_type",
    "lifecycle_scope",
    "log_type",
    "max_attempts",
    "retry_mode",
    "secret_key",
    "tenant_id",
    "terraform_key",
];

/// The arguments in a text of the component in snake case.
fn spelled(mut text: String) -> String {
    for name in NAMES {
        text = text.replace(&name.replace('_', "-"), name);
    }
    text
}

/// A text with a capital letter in front and a full stop behind.
pub fn sentence(text: &str) -> String {
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
    fn arguments_are_spelled_as_the_engine_does() {
        let refused = Problem::of_argument("client-context", "beside function-name");
        assert_eq!(refused.clone().spelled(Spelling::Snake), {
            Problem {
                argument: Some("client_context".to_owned()),
                summary: "Invalid client_context".to_owned(),
                detail: "Beside function_name.".to_owned(),
            }
        });
        assert_eq!(
            refused.spelled(Spelling::Camel),
            Problem {
                argument: Some("clientContext".to_owned()),
                summary: "Invalid clientContext".to_owned(),
                detail: "Beside functionName.".to_owned(),
            }
        );
        for (name, camel) in [("input", "input"), ("use_fips_endpoint", "useFipsEndpoint")] {
            assert_eq!(Spelling::Camel.of(name), camel);
            assert_eq!(Spelling::Snake.of(name), name);
        }
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
