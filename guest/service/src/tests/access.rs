//! Who may call what, and what a service needs to serve anybody.

use super::{LAMBDA, OLD_SECRET, OPEN, PLAIN, Pairs, SECRET, body, environment, head, outcome};
use crate::service::{Begun, begin};

#[test]
fn only_those_who_know_a_token_may_call() {
    let closed: &[(&str, &str)] = &[("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")];
    let token: &[(&str, &str)] = &[
        ("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*"),
        ("LAMBDA_INVOCATION_TOKEN", SECRET),
        ("LAMBDA_INVOCATION_TOKEN_PREVIOUS", OLD_SECRET),
        ("LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED", "false"),
    ];
    let bearer = format!("Bearer {SECRET}");
    let lower = format!("bearer  {SECRET} ");
    let old = format!("Bearer {OLD_SECRET}");
    let longer = format!("Bearer {SECRET}x");
    let shorter = format!("Bearer {}", &SECRET[1..]);
    let basic = format!("Basic {SECRET}");
    let signed = "AWS4-HMAC-SHA256 Credential=AKIA/20260830/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00";
    let (auth, session) = ("Authorization", "X-Amz-Security-Token");
    // (the service's variables, the caller's headers, 0 for those who may)
    let table: &[(Pairs, Pairs, u16)] = &[
        (closed, &[], 403),
        (closed, &[(auth, &bearer)], 403),
        (token, &[], 401),
        (token, &[(auth, &bearer)], 0),
        (token, &[(auth, &lower)], 0),
        (token, &[(auth, &old)], 0),
        (token, &[(auth, &longer)], 401),
        (token, &[(auth, &shorter)], 401),
        (token, &[(auth, "Bearer ")], 401),
        (token, &[(auth, "Bearer")], 401),
        (token, &[(auth, SECRET)], 401),
        (token, &[(auth, &basic)], 401),
        (token, &[(auth, signed)], 401),
        (token, &[(auth, signed), (session, SECRET)], 0),
        (token, &[(auth, signed), (session, "FwoGZXIvYXdzE")], 401),
        (token, &[(session, SECRET)], 0),
        (token, &[(auth, "Bearer other"), (auth, &bearer)], 0),
        // A token is enough for a page, too: it was given it.
        (
            token,
            &[(auth, &bearer), ("Origin", "https://example.org")],
            0,
        ),
        (OPEN, &[], 0),
        (OPEN, &[(auth, signed)], 0),
        (OPEN, &[("Origin", "https://example.org")], 403),
        (OPEN, &[("origin", "null")], 403),
    ];
    for (variables, headers, status) in table {
        assert_eq!(
            outcome(&head("POST", PLAIN, headers), variables).0,
            *status,
            "{headers:?}"
        );
        // Lambda has no 401.
        let status = if *status == 401 { 403 } else { *status };
        assert_eq!(
            outcome(&head("POST", LAMBDA, headers), variables).0,
            status,
            "{headers:?}"
        );
    }
}

/// A sender that finds its connection closed may not read the answer. Reading on holds an
/// instance, so it is done for those who have shown that they may have one.
#[test]
fn the_rest_of_a_request_is_read_for_callers_alone() {
    let variables: &[(&str, &str)] = &[
        ("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "echo"),
        ("LAMBDA_INVOCATION_TOKEN", SECRET),
    ];
    let bearer = ("authorization", "Bearer a-token-of-callers");
    let huge = ("content-length", "7000000");
    // (method, path, headers, status, whether the rest is read)
    let table: &[(&str, &str, Pairs, u16, bool)] = &[
        ("GET", "/healthz", &[bearer, huge], 200, false),
        ("GET", "/nowhere", &[bearer, huge], 404, false),
        ("DELETE", PLAIN, &[bearer, huge], 405, false),
        ("POST", PLAIN, &[huge], 401, false),
        ("POST", LAMBDA, &[huge], 403, false),
        ("POST", "/invoke/other", &[huge], 401, false),
        ("POST", "/invoke/other", &[bearer, huge], 403, true),
        ("POST", PLAIN, &[bearer, huge], 413, true),
        (
            "POST",
            PLAIN,
            &[bearer, ("x-amz-log-type", "All")],
            400,
            true,
        ),
    ];
    for (method, path, headers, status, read) in table {
        let begun = begin(&head(method, path, headers), &environment(variables));
        let is_read = matches!(begun, Begun::Answered(_));
        let (Begun::Closed(answer) | Begun::Answered(answer)) = begun else {
            panic!("{method} {path}");
        };
        assert_eq!(
            (answer.status, is_read),
            (*status, *read),
            "{method} {path}"
        );
    }
}

#[test]
fn what_is_configured_wrongly_serves_nobody_and_is_not_healthy() {
    let bearer: &[(&str, &str)] = &[("authorization", "Bearer a-token-of-callers")];
    for (name, value, beside) in [
        ("LAMBDA_INVOCATION_TOKEN", "too-short", None),
        ("LAMBDA_INVOCATION_TOKEN", "a token with spaces in it", None),
        (
            "LAMBDA_INVOCATION_TOKEN_PREVIOUS",
            "päss-wörd-päss-wörd",
            None,
        ),
        ("LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED", "yes", None),
        (
            "LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED",
            "true",
            Some(("LAMBDA_INVOCATION_TOKEN", SECRET)),
        ),
        ("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "echo, team-*", None),
        (
            "LAMBDA_INVOCATION_ALLOWED_FUNCTIONS",
            "arn:aws:s3:::b",
            None,
        ),
        ("LAMBDA_INVOCATION_TIMEOUT_MS", "0", None),
        ("LAMBDA_INVOCATION_TIMEOUT_MS", "60s", None),
        ("LAMBDA_INVOCATION_TIMEOUT_MS", "4294967296", None),
        ("LAMBDA_INVOCATION_BODY_TIMEOUT_MS", "-1", None),
    ] {
        let variables: Vec<_> = beside.into_iter().chain([(name, value)]).collect();
        let environment = environment(&variables);
        for (method, path, status) in [("POST", PLAIN, 500), ("GET", "/healthz", 503)] {
            let Begun::Closed(answer) = begin(&head(method, path, bearer), &environment) else {
                panic!("{name}={value}");
            };
            assert_eq!(answer.status, status, "{name}={value}");
            // Callers learn nothing of it, the operator which variable it is, and
            // nobody its value.
            let log = answer.log.as_deref().unwrap();
            assert!(log.contains(name), "{log}");
            // A rule may say `true`.
            assert!(value == "true" || !log.contains(value), "{log}");
            assert!(!body(&answer).contains("LAMBDA_INVOCATION"), "{name}");
        }
    }
}

#[test]
fn a_service_in_order_is_healthy_without_a_token() {
    for variables in [&[][..], OPEN, &[("LAMBDA_INVOCATION_TOKEN", SECRET)]] {
        let Begun::Closed(answer) = begin(&head("GET", "/healthz", &[]), &environment(variables))
        else {
            panic!("no answer");
        };
        assert_eq!((answer.status, body(&answer)), (200, r#"{"status":"ok"}"#));
        assert_eq!(answer.log, None);
    }
}

#[test]
fn only_listed_functions_are_invoked() {
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:echo";
    let other = "arn:aws:lambda:us-east-1:999999999999:function:echo";
    let partial = "123456789012:function:echo";
    let table = [
        ("", "echo", None, false),
        (" , ", "echo", None, false),
        ("*", "echo", None, true),
        ("*", other, Some("7"), true),
        ("other,*", "echo", None, true),
        ("echo", "echo", None, true),
        ("echo", "echo", Some("PROD"), true),
        ("echo", "echo:PROD", None, true),
        ("other, echo", "echo", None, true),
        ("other\necho", "echo", None, true),
        ("echo", "echo2", None, false),
        ("echo", "Echo", None, false),
        ("echo2", "echo", None, false),
        ("echo:PROD", "echo", Some("PROD"), true),
        ("echo:PROD", "echo:PROD", None, true),
        ("echo:PROD", "echo:PROD", Some("PROD"), true),
        ("echo:PROD", "echo", None, false),
        ("echo:PROD", "echo", Some("$LATEST"), false),
        ("echo:PROD", "echo:TEST", None, false),
        // The second is refused later, as it contradicts the first.
        ("echo:PROD", "echo:TEST", Some("PROD"), false),
        ("echo:1,echo:PROD", "echo:1", None, true),
        ("echo:$LATEST", "echo:$LATEST", None, true),
        // A name is one of the service's own account, and an ARN is not a name.
        ("echo", arn, None, false),
        ("echo", partial, None, false),
        (arn, "echo", None, false),
        (arn, arn, None, true),
        (arn, arn, Some("PROD"), true),
        (arn, other, None, false),
        (arn, partial, None, false),
        (partial, partial, None, true),
    ];
    for (list, name, qualifier, allowed) in table {
        let variables = [
            ("LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED", "true"),
            ("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", list),
        ];
        let query = qualifier.map_or(String::new(), |q| format!("?qualifier={q}"));
        let head = head("POST", &format!("/invoke/{name}{query}"), &[]);
        let expected = match allowed {
            true => (0, String::new()),
            false => (403, "AccessDeniedException".to_owned()),
        };
        assert_eq!(
            outcome(&head, &variables),
            expected,
            "{list:?}: {name} {qualifier:?}"
        );
    }
}
