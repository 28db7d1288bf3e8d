//! The body of a fuzz target: a request's head, and the service's own variables.

use lambda_invocation_core::call::settings::Environment;

use crate::answer::Answer;
use crate::headers::{Headers, is_text};
use crate::service::{Begun, Head, begin};
use crate::settings::{ALLOWED_FUNCTIONS, TOKEN};

/// What callers must know, and no answer may show. The seeds have it.
const SECRET: &str = "a-token-of-callers";
/// The function that callers may invoke.
const ALLOWED: &str = "echo";

/// Reads `METHOD PATH`, headers, an empty line, and lines `NAME=VALUE` as the environment of
/// a service that is set up in any way.
///
/// # Panics
///
/// When somebody without the token, or for another function, is let in, or an answer cannot
/// be sent or shows the token.
pub fn request(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let line = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let mut rest = parts.next().unwrap_or_default();
    let mut headers = Vec::new();
    while !rest.is_empty() {
        let mut parts = rest.splitn(2, |byte| *byte == b'\n');
        let header = parts.next().unwrap_or_default();
        rest = parts.next().unwrap_or_default();
        if header.is_empty() {
            break;
        }
        let mut parts = header.splitn(2, |byte| *byte == b':');
        let name = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let value = parts.next().unwrap_or_default();
        headers.push((name, value.strip_prefix(b" ").unwrap_or(value).to_vec()));
    }
    let (method, path) = line.split_once(' ').unwrap_or((&line, ""));
    let knows_the_token = headers.iter().any(|(_, value)| {
        let mut windows = value.windows(SECRET.len());
        windows.any(|window| window == SECRET.as_bytes())
    });
    let head = Head {
        method: method.to_owned(),
        path_and_query: path.to_owned(),
        headers: Headers::new(headers),
    };

    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let closed = Environment::new(vec![
        variable(TOKEN, SECRET),
        variable(ALLOWED_FUNCTIONS, ALLOWED),
    ]);
    match begin(&head, &closed) {
        Begun::Accepted(accepted) => {
            assert!(knows_the_token, "a stranger is let in");
            let name = accepted.arguments.request.function_name;
            assert!(name.contains(ALLOWED), "{name:?} is invoked");
        }
        Begun::Closed(answer) => check(&answer),
        Begun::Answered(answer) => {
            assert!(knows_the_token, "more is read of what a stranger sends");
            check(&answer);
        }
    }

    let variables = String::from_utf8_lossy(rest);
    let variables = variables.lines().filter_map(|line| line.split_once('='));
    let any = Environment::new(variables.map(|(n, v)| variable(n, v)).collect());
    if let Begun::Closed(answer) | Begun::Answered(answer) = begin(&head, &any) {
        check(&answer);
    }
}

fn check(answer: &Answer) {
    assert!(
        answer.status == 200 || (400..600).contains(&answer.status),
        "{}",
        answer.status
    );
    for (name, value) in &answer.headers {
        assert!(is_text(value), "{name}: {value:?}");
    }
    let body = String::from_utf8_lossy(&answer.body);
    assert!(!body.contains(SECRET), "{body}");
    assert!(answer.log.as_ref().is_none_or(|log| !log.contains(SECRET)));
}
