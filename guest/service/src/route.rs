//! From a method and a path to what is asked.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::answer::Dialect;
use crate::failure::Failure;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET /healthz`
    Health,
    /// An invocation.
    Invoke(Target),
}

/// The function to invoke, percent-decoded and not checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    pub dialect: Dialect,
    pub function_name: String,
    pub qualifier: Option<String>,
    /// Whether the answer is passed on as it comes.
    pub streaming: bool,
}

/// What stands before and behind a function's name, for whom, and whether the answer is
/// passed on as it comes.
const INVOCATIONS: [(&str, &str, Dialect, bool); 4] = [
    ("/invoke/", "", Dialect::Plain, false),
    ("/stream/", "", Dialect::Plain, true),
    (
        "/2015-03-31/functions/",
        "/invocations",
        Dialect::Lambda,
        false,
    ),
    (
        "/2021-11-15/functions/",
        "/response-streaming-invocations",
        Dialect::Lambda,
        true,
    ),
];

/// Finds the route; the dialect is for an answer without one.
///
/// # Errors
///
/// 404 for other paths, 405 for other methods, 400 for a query or an escape that cannot
/// be read.
pub fn route(method: &str, path_and_query: &str) -> (Dialect, Result<Route, Failure>) {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    if path == "/healthz" {
        let health = allow(method, &["GET", "HEAD"], "GET, HEAD").map(|()| Route::Health);
        return (Dialect::Plain, health);
    }
    for (before, after, dialect, streaming) in INVOCATIONS {
        let function = path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after));
        if let Some(function) = function.filter(|f| is_segment(f)) {
            let target = match dialect {
                Dialect::Plain => plain(method, function, query),
                Dialect::Lambda => lambda(method, function, query),
            };
            let route = target.map(|target| {
                Route::Invoke(Target {
                    streaming,
                    ..target
                })
            });
            return (dialect, route);
        }
    }
    // SDKs begin every path of the API with a date.
    let dialect = match path.strip_prefix("/20") {
        Some(_) => Dialect::Lambda,
        None => Dialect::Plain,
    };
    let failure = Failure::new(
        404,
        "UnknownOperationException",
        "there are POST /invoke/FUNCTION, POST /stream/FUNCTION, POST /2015-03-31/functions/FUNCTION/invocations, POST /2021-11-15/functions/FUNCTION/response-streaming-invocations and GET /healthz",
    );
    (dialect, Err(failure))
}

fn is_segment(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

fn plain(method: &str, function: &str, query: &str) -> Result<Target, Failure> {
    allow(method, &["POST"], "POST")?;
    // A misspelt parameter must not invoke another version than the one meant.
    if pairs(query).any(|(name, _)| name != "qualifier") {
        return Err(Failure::argument([
            "the query has one parameter: qualifier",
        ]));
    }
    target(Dialect::Plain, function, query, "qualifier")
}

fn lambda(method: &str, function: &str, query: &str) -> Result<Target, Failure> {
    allow(method, &["POST"], "POST")?;
    target(Dialect::Lambda, function, query, "Qualifier")
}

fn target(
    dialect: Dialect,
    function: &str,
    query: &str,
    parameter: &str,
) -> Result<Target, Failure> {
    let mut qualifiers = pairs(query).filter(|(name, _)| *name == parameter);
    let qualifier = qualifiers.next();
    if qualifiers.next().is_some() {
        return Err(Failure::argument([
            parameter,
            " is there more than once in the query",
        ]));
    }
    Ok(Target {
        dialect,
        function_name: decode(function)?,
        qualifier: qualifier.map(|(_, value)| decode(value)).transpose()?,
        streaming: false,
    })
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn allow(method: &str, methods: &[&str], allow: &'static str) -> Result<(), Failure> {
    if methods.contains(&method) {
        return Ok(());
    }
    Err(Failure {
        allow: Some(allow),
        ..Failure::new(
            405,
            "MethodNotAllowedException",
            ["this path takes ", allow].concat(),
        )
    })
}

/// RFC 3986 section 2.1. A plus sign stands for itself: no argument here has a space.
fn decode(text: &str) -> Result<String, Failure> {
    let pair = |after: &str| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let decoded = match text.split('%').skip(1).all(pair) {
        true => percent_decode_str(text).decode_utf8().ok(),
        false => None,
    };
    decoded
        .map(Cow::into_owned)
        .ok_or_else(|| Failure::argument(["the path or the query is not well percent-encoded"]))
}
