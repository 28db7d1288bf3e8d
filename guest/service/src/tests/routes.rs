//! Where a request leads, and what arguments it carries.

use super::{LAMBDA, OPEN, PLAIN, head, outcome};
use crate::answer::Dialect;
use crate::route::{Route, Target, route};

#[test]
fn paths_and_methods_lead_to_their_routes() {
    let target = |dialect, name: &str, qualifier: Option<&str>| {
        Ok(Route::Invoke(Target {
            dialect,
            function_name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
            streaming: false,
        }))
    };
    let streaming =
        |dialect, name: &str, qualifier: Option<&str>| match target(dialect, name, qualifier) {
            Ok(Route::Invoke(target)) => Ok(Route::Invoke(Target {
                streaming: true,
                ..target
            })),
            other => other,
        };
    use Dialect::{Lambda, Plain};
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:echo:PROD";
    let escaped = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aecho%3APROD";
    let table = [
        ("GET", "/healthz".to_owned(), Ok(Route::Health)),
        ("HEAD", "/healthz?verbose".to_owned(), Ok(Route::Health)),
        ("POST", PLAIN.to_owned(), target(Plain, "echo", None)),
        (
            "POST",
            "/invoke/echo:PROD".to_owned(),
            target(Plain, "echo:PROD", None),
        ),
        (
            "POST",
            "/invoke/echo?qualifier=PROD".to_owned(),
            target(Plain, "echo", Some("PROD")),
        ),
        (
            "POST",
            "/invoke/echo?qualifier=%24LATEST".to_owned(),
            target(Plain, "echo", Some("$LATEST")),
        ),
        // Empty is not absent: the check of the qualifier refuses it.
        (
            "POST",
            "/invoke/echo?qualifier=".to_owned(),
            target(Plain, "echo", Some("")),
        ),
        (
            "POST",
            "/invoke/echo?".to_owned(),
            target(Plain, "echo", None),
        ),
        (
            "POST",
            format!("/invoke/{escaped}"),
            target(Plain, arn, None),
        ),
        ("POST", format!("/invoke/{arn}"), target(Plain, arn, None)),
        ("POST", LAMBDA.to_owned(), target(Lambda, "echo", None)),
        (
            "POST",
            "/stream/echo?qualifier=PROD".to_owned(),
            streaming(Plain, "echo", Some("PROD")),
        ),
        (
            "POST",
            format!("/2021-11-15/functions/{escaped}/response-streaming-invocations?Qualifier=1"),
            streaming(Lambda, arn, Some("1")),
        ),
        (
            "POST",
            format!("/2015-03-31/functions/{escaped}/invocations?Qualifier=PROD"),
            target(Lambda, arn, Some("PROD")),
        ),
        // As Lambda does, which ignores what it does not know.
        (
            "POST",
            format!("{LAMBDA}?qualifier=1&x=y"),
            target(Lambda, "echo", None),
        ),
    ];
    for (method, path, expected) in table {
        let (_, found) = route(method, &path);
        assert_eq!(found, expected, "{method} {path}");
    }
}

#[test]
fn what_is_no_route_is_refused_in_the_dialect_of_its_path() {
    use Dialect::{Lambda, Plain};
    let table = [
        ("GET", "/", 404, Plain),
        ("GET", "", 404, Plain),
        ("POST", "/healthz/", 404, Plain),
        ("POST", "/healthz", 405, Plain),
        ("DELETE", "/healthz", 405, Plain),
        ("POST", "/invoke", 404, Plain),
        ("POST", "/invoke/", 404, Plain),
        ("POST", "/invoke/a/b", 404, Plain),
        ("GET", PLAIN, 405, Plain),
        ("", PLAIN, 405, Plain),
        ("POST", "/invoke/echo?Qualifier=1", 400, Plain),
        ("POST", "/invoke/echo?qualifier=1&qualifier=2", 400, Plain),
        ("POST", "/invoke/%", 400, Plain),
        ("POST", "/invoke/%4", 400, Plain),
        ("POST", "/invoke/%zz", 400, Plain),
        ("POST", "/invoke/%+1", 400, Plain),
        ("POST", "/invoke/%ff", 400, Plain),
        ("GET", LAMBDA, 405, Lambda),
        ("POST", "/2015-03-31/functions//invocations", 404, Lambda),
        ("POST", "/2015-03-31/functions/a/b/invocations", 404, Lambda),
        ("GET", "/2015-03-31/functions/", 404, Lambda),
        (
            "POST",
            "/2014-11-13/functions/echo/invoke-async",
            404,
            Lambda,
        ),
        (
            "POST",
            "/2015-03-31/functions/echo/invocations?Qualifier=1&Qualifier=1",
            400,
            Lambda,
        ),
    ];
    for (method, path, status, expected) in table {
        let (dialect, result) = route(method, path);
        let failure = result.unwrap_err();
        assert_eq!(
            (failure.status, dialect),
            (status, expected),
            "{method} {path}"
        );
        assert_eq!(failure.allow.is_some(), status == 405, "{method} {path}");
    }
}

#[test]
fn a_name_with_an_escaped_slash_is_no_name() {
    for path in [
        "/invoke/a%2Fb",
        "/invoke/%2E%2E",
        "/invoke/%00",
        "/invoke/echo%0d%0ax-a:b",
        "/2015-03-31/functions/%20/invocations",
    ] {
        let (status, code) = outcome(&head("POST", path, &[]), OPEN);
        assert_eq!(status, 400, "{path}");
        assert_eq!(code, "InvalidParameterValueException", "{path}");
    }
}
