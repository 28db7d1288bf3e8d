//! What became of a request, in one word: for logs and metrics.

use http::StatusCode;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    /// It was answered as it was asked.
    Ok,
    /// The function ran and failed.
    FunctionError,
    /// The request is at fault.
    Refused,
    /// Lambda asks to slow down.
    Throttled,
    /// Lambda, the way to it or the service's set-up failed.
    Failed,
    /// There was no place for it.
    Overloaded,
    /// There was no place for it, because of others with its token.
    TokenLimit,
    /// The component ended without an answer.
    Trapped,
    /// The caller left, or did not take the answer in time.
    CallerLeft,
}

impl Outcome {
    /// All of them.
    pub(super) const ALL: [Self; 9] = [
        Self::Ok,
        Self::FunctionError,
        Self::Refused,
        Self::Throttled,
        Self::Failed,
        Self::Overloaded,
        Self::TokenLimit,
        Self::Trapped,
        Self::CallerLeft,
    ];

    /// Of an answer of the component.
    pub(super) fn of(status: StatusCode, has_function_error: bool) -> Self {
        match status.as_u16() {
            _ if has_function_error => Self::FunctionError,
            200..=399 => Self::Ok,
            429 => Self::Throttled,
            // The component's status where the function may have run.
            424 => Self::Failed,
            400..=499 => Self::Refused,
            _ => Self::Failed,
        }
    }

    /// Its name in logs and metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::FunctionError => "function_error",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
            Self::Overloaded => "overloaded",
            Self::TokenLimit => "token_limit",
            Self::Trapped => "trapped",
            Self::CallerLeft => "caller_left",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_an_outcome() {
        for (status, function_error, expected) in [
            (200, false, Outcome::Ok),
            (202, false, Outcome::Ok),
            (204, false, Outcome::Ok),
            (200, true, Outcome::FunctionError),
            (502, true, Outcome::FunctionError),
            (401, false, Outcome::Refused),
            (404, false, Outcome::Refused),
            (429, false, Outcome::Throttled),
            (424, false, Outcome::Failed),
            (500, false, Outcome::Failed),
            (504, false, Outcome::Failed),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(Outcome::of(status, function_error), expected, "{status}");
        }
    }

    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Outcome::ALL.len());
    }
}
