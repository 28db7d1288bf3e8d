//! What the user is told.

use lambda_invocation_engine::Problem;

use crate::protocol::{AttributePath, Diagnostic, Selector, Severity, Step, ValidateResponse};

/// The diagnostics of one call, in order.
#[derive(Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds an error, at the attribute that it names where there is one.
    pub fn error(&mut self, problem: Problem) {
        self.add(Severity::Error, problem);
    }

    /// Adds a warning.
    pub fn warning(&mut self, problem: Problem) {
        self.add(Severity::Warning, problem);
    }

    fn add(&mut self, severity: Severity, problem: Problem) {
        self.0.push(Diagnostic {
            severity: severity.into(),
            summary: problem.summary,
            detail: problem.detail,
            attribute: problem.argument.map(|argument| path(&argument)),
        });
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Diagnostics> for Vec<Diagnostic> {
    fn from(diagnostics: Diagnostics) -> Self {
        diagnostics.0
    }
}

impl From<Diagnostics> for ValidateResponse {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics: diagnostics.into(),
        }
    }
}

impl From<Vec<Problem>> for Diagnostics {
    fn from(problems: Vec<Problem>) -> Self {
        let mut diagnostics = Self::default();
        for problem in problems {
            diagnostics.error(problem);
        }
        diagnostics
    }
}

impl From<Problem> for Diagnostics {
    fn from(problem: Problem) -> Self {
        let mut diagnostics = Self::default();
        diagnostics.error(problem);
        diagnostics
    }
}

/// The path of an attribute, whose name may be spelled as in the WIT package.
pub fn path(attribute: &str) -> AttributePath {
    AttributePath {
        steps: vec![Step {
            selector: Some(Selector::AttributeName(attribute.replace('-', "_"))),
        }],
    }
}
