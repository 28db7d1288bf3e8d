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

/// The path of an attribute, as Terraform writes it: `region`, or `assume_role[0].duration`.
/// Names may be spelled as in the WIT package.
pub fn path(attribute: &str) -> AttributePath {
    let names = attribute.split('.');
    let selectors = names.flat_map(|name| {
        let (name, index) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((name, index)) => (name, index.parse().ok()),
            None => (name, None),
        };
        [
            Some(Selector::AttributeName(name.replace('-', "_"))),
            index.map(Selector::ElementKeyInt),
        ]
    });
    AttributePath {
        steps: selectors
            .flatten()
            .map(|selector| Step {
                selector: Some(selector),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_into_blocks() {
        let name = |name: &str| Selector::AttributeName(name.to_owned());
        for (text, selectors) in [
            ("region", vec![name("region")]),
            ("terraform-key", vec![name("terraform_key")]),
            (
                "assume_role[1].duration",
                vec![
                    name("assume_role"),
                    Selector::ElementKeyInt(1),
                    name("duration"),
                ],
            ),
        ] {
            let steps = path(text).steps.into_iter();
            let found: Vec<Selector> = steps.filter_map(|step| step.selector).collect();
            assert_eq!(found, selectors, "{text}");
        }
    }
}
