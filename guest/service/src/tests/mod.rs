//! The decisions, a table each.

mod access;
mod answers;
mod arguments;
mod failures;
mod routes;

mod docs;

use lambda_invocation_core::call::settings::Environment;

use crate::answer::Answer;
use crate::headers::Headers;
use crate::service::{Accepted, Begun, Head, begin};

const SECRET: &str = "a-token-of-callers";
const OLD_SECRET: &str = "the-token-before-it";
const LAMBDA: &str = "/2015-03-31/functions/echo/invocations";
const PLAIN: &str = "/invoke/echo";

/// Names and values.
type Pairs<'a> = &'a [(&'a str, &'a str)];

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter();
    Environment::new(
        variables
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
    )
}

fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> Head {
    let headers = headers.iter();
    Head {
        method: method.to_owned(),
        path_and_query: path.to_owned(),
        headers: Headers::new(
            headers
                .map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec()))
                .collect(),
        ),
    }
}

/// The status and the code of a refusal, or 0 and nothing when the call would be made.
fn outcome(head: &Head, variables: &[(&str, &str)]) -> (u16, String) {
    match begin(head, &environment(variables)) {
        Begun::Accepted(_) => (0, String::new()),
        Begun::Closed(answer) | Begun::Answered(answer) => (answer.status, code(&answer)),
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let (_, value) = answer.headers.iter().find(|(n, _)| *n == name)?;
    Some(value)
}

fn body(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

/// The code of either dialect.
fn code(answer: &Answer) -> String {
    if let Some(code) = header(answer, "x-amzn-errortype") {
        return code.to_owned();
    }
    let (_, after) = body(answer).split_once(r#""type":""#).unwrap_or_default();
    after.split('"').next().unwrap_or_default().to_owned()
}

fn accepted(head: &Head, variables: &[(&str, &str)]) -> Accepted {
    match begin(head, &environment(variables)) {
        Begun::Accepted(accepted) => accepted,
        Begun::Closed(answer) | Begun::Answered(answer) => {
            panic!("{} {}", answer.status, body(&answer))
        }
    }
}

/// Open to all callers and functions.
const OPEN: &[(&str, &str)] = &[
    ("LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED", "true"),
    ("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*"),
];
