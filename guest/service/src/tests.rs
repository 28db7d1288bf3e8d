//! The decisions, a table each.

mod docs;

use std::borrow::Cow;

use lambda_invocation_core::call::request::{InvocationType, LogType};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::error::{
    Error, FunctionError, HostDenial, ServiceError, ThrottlingError, TimeoutError, TimeoutPhase,
    TransportError, TransportPhase,
};

use crate::answer::{Answer, Dialect};
use crate::failure::Failure;
use crate::headers::Headers;
use crate::route::{Route, Target, route};
use crate::service::{Accepted, Begun, Head, begin, finish};

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
        Begun::Answered(answer) => (answer.status, code(&answer)),
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
        Begun::Answered(answer) => panic!("{} {}", answer.status, body(&answer)),
    }
}

/// Open to all callers and functions.
const OPEN: &[(&str, &str)] = &[
    ("LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED", "true"),
    ("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*"),
];

#[test]
fn paths_and_methods_lead_to_their_routes() {
    let target = |dialect, name: &str, qualifier: Option<&str>| {
        Ok(Route::Invoke(Target {
            dialect,
            function_name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
        }))
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
            let Begun::Answered(answer) = begin(&head(method, path, bearer), &environment) else {
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
        let Begun::Answered(answer) = begin(&head("GET", "/healthz", &[]), &environment(variables))
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

#[test]
fn the_headers_of_the_invoke_api_become_the_arguments() {
    let head = head(
        "POST",
        "/2015-03-31/functions/echo/invocations?Qualifier=PROD",
        &[
            ("X-Amz-Invocation-Type", "Event"),
            ("x-amz-log-type", "Tail"),
            ("X-Amz-Client-Context", "e30="),
            ("X-Amz-Tenant-Id", "a  b"),
            ("X-Amz-Durable-Execution-Name", "order-17"),
            ("Content-Length", "1048576"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Encoding", "identity"),
        ],
    );
    let variables: Vec<_> = OPEN
        .iter()
        .copied()
        .chain([
            ("LAMBDA_INVOCATION_TIMEOUT_MS", "1500"),
            ("LAMBDA_INVOCATION_BODY_TIMEOUT_MS", "2500"),
        ])
        .collect();
    let accepted = accepted(&head, &variables);
    let request = &accepted.arguments.request;
    assert_eq!(request.function_name, "echo");
    assert_eq!(request.qualifier.as_deref(), Some("PROD"));
    assert_eq!(request.invocation_type, Some(InvocationType::Event));
    assert_eq!(request.log_type, Some(LogType::Tail));
    assert_eq!(request.client_context.as_deref(), Some("e30="));
    assert_eq!(request.tenant_id.as_deref(), Some("a  b"));
    assert_eq!(request.durable_execution_name.as_deref(), Some("order-17"));
    assert_eq!(accepted.arguments.declared, Some(1_048_576));
    assert_eq!(accepted.arguments.limit, 1_048_576);
    assert_eq!(accepted.connection.deadline_ms, Some(1_500));
    assert_eq!(accepted.body_timeout.as_millis(), 2_500);
    assert_eq!(accepted.dialect, Dialect::Lambda);
}

#[test]
fn without_headers_nothing_is_asked_for() {
    let accepted = accepted(&head("POST", PLAIN, &[]), OPEN);
    let request = &accepted.arguments.request;
    assert_eq!(request.invocation_type, None);
    assert_eq!(request.log_type, None);
    assert_eq!(request.client_context, None);
    assert_eq!(accepted.arguments.declared, None);
    assert_eq!(accepted.arguments.limit, 6_291_456);
    assert_eq!(accepted.connection.deadline_ms, None);
    assert_eq!(accepted.body_timeout.as_millis(), 30_000);
}

#[test]
fn headers_that_break_a_rule_are_refused() {
    let event = ("x-amz-invocation-type", "Event");
    let table: &[(Pairs, u16)] = &[
        (&[("x-amz-invocation-type", "event")], 400),
        (&[("x-amz-invocation-type", "")], 400),
        (&[event, event], 400),
        (&[("x-amz-log-type", "tail")], 400),
        (&[("x-amz-tenant-id", "a\r\nx-amz-b: c")], 400),
        (&[("x-amz-tenant-id", "ä")], 400),
        (&[("content-length", "-1")], 400),
        (&[("content-length", "")], 400),
        (&[("content-length", "1"), ("content-length", "2")], 400),
        (&[("content-length", "6291456")], 0),
        (&[("content-length", "6291457")], 413),
        (&[("content-length", "99999999999999999999999")], 413),
        (&[event, ("content-length", "1048576")], 0),
        (&[event, ("content-length", "1048577")], 413),
        (&[("content-encoding", "gzip")], 415),
        (&[("content-encoding", "Identity")], 0),
        (&[("content-type", "text/plain")], 0),
    ];
    for (headers, status) in table {
        for path in [PLAIN, LAMBDA] {
            let (found, _) = outcome(&head("POST", path, headers), OPEN);
            assert_eq!(found, *status, "{path} {headers:?}");
        }
    }
}

fn response() -> Response {
    Response {
        status_code: 200,
        payload: br#"{"a":1}"#.to_vec(),
        executed_version: Some("$LATEST".to_owned()),
        log_result: Some("bG9n".to_owned()),
        log_tail: Some("log".to_owned()),
        function_error: None,
        request_id: Some("id-1".to_owned()),
        durable_execution_arn: None,
        attempts: 1,
    }
}

#[test]
fn what_lambda_answered_is_passed_on() {
    for dialect in [Dialect::Lambda, Dialect::Plain] {
        let answer = finish(dialect, Ok(response()));
        assert_eq!(answer.status, 200);
        assert_eq!(body(&answer), r#"{"a":1}"#);
        let names: Vec<_> = answer
            .headers
            .iter()
            .map(|(n, v)| (*n, v.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                ("content-type", "application/json"),
                ("x-amz-executed-version", "$LATEST"),
                ("x-amz-log-result", "bG9n"),
                ("x-amzn-requestid", "id-1"),
            ]
        );
        let queued = Response {
            status_code: 202,
            payload: Vec::new(),
            executed_version: None,
            log_result: None,
            ..response()
        };
        let answer = finish(dialect, Ok(queued));
        assert_eq!((answer.status, body(&answer)), (202, ""));
        assert_eq!(header(&answer, "content-type"), None);
    }
}

#[test]
fn a_function_error_is_a_200_for_sdks_and_a_502_for_others() {
    let failed = || Response {
        payload: br#"{"errorMessage":"no <b>"}"#.to_vec(),
        function_error: Some(FunctionError {
            kind: "Unhandled".to_owned(),
            error_type: Some("ValueError".to_owned()),
            error_message: Some("no <b>".to_owned()),
            stack_trace: vec!["line 1".to_owned()],
        }),
        ..response()
    };
    let lambda = finish(Dialect::Lambda, Ok(failed()));
    assert_eq!(lambda.status, 200);
    assert_eq!(body(&lambda), r#"{"errorMessage":"no <b>"}"#);
    let plain = finish(Dialect::Plain, Ok(failed()));
    assert_eq!(plain.status, 502);
    assert_eq!(
        body(&plain),
        r#"{"error":{"function_error":"Unhandled","function_may_have_run":true,"message":"no \u003cb\u003e","request_id":"id-1","stack_trace":["line 1"],"type":"ValueError"}}"#
    );
    for answer in [lambda, plain] {
        assert_eq!(header(&answer, "x-amz-function-error"), Some("Unhandled"));
        assert_eq!(header(&answer, "x-amz-log-result"), Some("bG9n"));
    }
    let bare = Response {
        function_error: Some(FunctionError {
            kind: "Unhandled".to_owned(),
            ..FunctionError::default()
        }),
        ..response()
    };
    let answer = finish(Dialect::Plain, Ok(bare));
    assert_eq!(code(&answer), "Unhandled");
}

#[test]
fn what_cannot_stand_in_a_header_is_left_out() {
    let odd = Response {
        executed_version: Some("1\r\nset-cookie: a=b".to_owned()),
        log_result: Some(String::new()),
        request_id: Some("ä".to_owned()),
        ..response()
    };
    let answer = finish(Dialect::Lambda, Ok(odd));
    let names: Vec<_> = answer.headers.iter().map(|(n, _)| *n).collect();
    assert_eq!(names, ["content-type"]);
}

/// One of each kind of error, and what callers get: status, code, whether the function
/// may have run, and whether the operator is told more.
fn failures() -> Vec<(&'static str, Error, u16, &'static str, bool, bool)> {
    let service = |status, code: &str| {
        Error::Service(ServiceError {
            code: code.to_owned(),
            status,
            message: "message".to_owned(),
            hint: Some(Cow::Borrowed("hint")),
            request_id: Some("id-1".to_owned()),
        })
    };
    let throttled = |reason: &str| {
        Error::Throttled(ThrottlingError {
            reason: reason.to_owned(),
            retry_after_ms: Some(1_001),
            message: "Rate Exceeded.".to_owned(),
            request_id: Some("id-1".to_owned()),
        })
    };
    let transport = |phase, sent| {
        Error::Transport(TransportError {
            phase,
            detail: "http://10.0.0.1: connection refused".to_owned(),
            sent,
        })
    };
    let timeout = |phase, sent| {
        Error::Timeout(TimeoutError {
            phase,
            after_ms: 7,
            sent,
        })
    };
    let denied = Error::DeniedByHost(HostDenial {
        url: "https://lambda".to_owned(),
        hint: "grant it".to_owned(),
    });
    vec![
        (
            "an argument that breaks a rule",
            Error::invalid("client-context", "must be base64"),
            400,
            "InvalidParameterValueException",
            false,
            false,
        ),
        (
            "a payload that is not JSON",
            Error::invalid("payload", "not JSON"),
            400,
            "InvalidRequestContentException",
            false,
            false,
        ),
        (
            "the service's configuration breaks a rule",
            Error::invalid("AWS_MAX_ATTEMPTS", "must be a number"),
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "the service has no region",
            Error::NoRegion,
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "the service has no credentials",
            Error::NoCredentials("no source".to_owned()),
            503,
            "ServiceUnavailableException",
            false,
            true,
        ),
        (
            "the host denies the connection",
            denied,
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "AWS refuses the service's credentials or signature",
            service(403, "ExpiredTokenException"),
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "AWS does not let the service invoke the function",
            service(403, "AccessDeniedException"),
            403,
            "AccessDeniedException",
            false,
            true,
        ),
        (
            "no such function, version or alias",
            service(404, "ResourceNotFoundException"),
            404,
            "ResourceNotFoundException",
            false,
            false,
        ),
        (
            "any other error of Lambda",
            service(502, "InvalidZipFileException"),
            502,
            "InvalidZipFileException",
            false,
            false,
        ),
        (
            "an error within Lambda",
            service(500, "ServiceException"),
            500,
            "ServiceException",
            true,
            false,
        ),
        (
            "an answer that is not Lambda's",
            service(302, "UnexpectedRedirect"),
            502,
            "BadGatewayException",
            true,
            true,
        ),
        (
            "throttling",
            throttled("ReservedFunctionConcurrentInvocationLimitExceeded"),
            429,
            "TooManyRequestsException",
            false,
            false,
        ),
        (
            "throttling of the network interfaces behind Lambda",
            throttled("EC2ThrottledException"),
            502,
            "EC2ThrottledException",
            false,
            false,
        ),
        (
            "no connection to Lambda",
            transport(TransportPhase::Connect, false),
            502,
            "BadGatewayException",
            false,
            true,
        ),
        (
            "the connection to Lambda broke",
            transport(TransportPhase::Response, true),
            502,
            "BadGatewayException",
            true,
            true,
        ),
        (
            "no connection to Lambda in time",
            timeout(TimeoutPhase::Connect, false),
            504,
            "GatewayTimeoutException",
            false,
            false,
        ),
        (
            "no answer of Lambda in time",
            timeout(TimeoutPhase::Deadline, true),
            504,
            "GatewayTimeoutException",
            true,
            false,
        ),
        (
            "an answer larger than Lambda's are",
            Error::ResponseTooLarge { limit: 1 },
            502,
            "BadGatewayException",
            true,
            false,
        ),
    ]
}

#[test]
fn errors_become_statuses_and_tell_callers_nothing_of_the_service() {
    for (what, error, status, code, may_have_run, logged) in failures() {
        let failure = Failure::from(error);
        assert_eq!(failure.status, status, "{what}");
        assert_eq!(failure.code, code, "{what}");
        assert_eq!(failure.may_have_run, may_have_run, "{what}");
        assert_eq!(failure.log.is_some(), logged, "{what}");
        if logged {
            for internal in ["10.0.0.1", "AWS_", "hint", "source", "message", "https:"] {
                assert!(
                    !failure.message.contains(internal),
                    "{what}: {}",
                    failure.message
                );
            }
        }
    }
}

#[test]
fn every_code_for_the_services_own_credentials_is_its_own_fault() {
    for (status, code) in [
        (403, "InvalidSignatureException"),
        (403, "UnrecognizedClientException"),
        (403, "MissingAuthenticationTokenException"),
        (403, "ExpiredTokenException"),
        (403, "SignatureDoesNotMatch"),
        (400, "IncompleteSignatureException"),
        (400, "ExpiredTokenException"),
        (401, "Http401"),
        (403, "Http403"),
    ] {
        let failure = Failure::from(Error::Service(ServiceError {
            code: code.to_owned(),
            status,
            message: "The security token is invalid".to_owned(),
            hint: None,
            request_id: None,
        }));
        assert_eq!(
            (failure.status, &*failure.code),
            (500, "ServiceException"),
            "{code}"
        );
    }
    // A 403 of Lambda's own is about the function.
    let failure = Failure::from(Error::Service(ServiceError {
        code: "EFSMountFailureException".to_owned(),
        status: 403,
        message: String::new(),
        hint: None,
        request_id: None,
    }));
    assert_eq!(
        (failure.status, &*failure.code),
        (403, "EFSMountFailureException")
    );
}

#[test]
fn failures_have_the_form_of_their_dialect() {
    let throttled = || {
        let all = failures();
        let (_, error, ..) = all
            .into_iter()
            .find(|(what, ..)| *what == "throttling")
            .unwrap();
        Failure::from(error)
    };
    let lambda = Answer::of_failure(throttled(), Dialect::Lambda);
    assert_eq!(
        body(&lambda),
        r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
    );
    assert_eq!(header(&lambda, "retry-after"), Some("2"));
    assert_eq!(header(&lambda, "x-amzn-requestid"), Some("id-1"));
    let plain = Answer::of_failure(throttled(), Dialect::Plain);
    assert_eq!(
        body(&plain),
        r#"{"error":{"function_may_have_run":false,"message":"Rate Exceeded.","reason":"ReservedFunctionConcurrentInvocationLimitExceeded","request_id":"id-1","type":"TooManyRequestsException"}}"#
    );
    assert_eq!(header(&plain, "retry-after"), Some("2"));
    assert_eq!(header(&plain, "x-amzn-errortype"), None);

    // Lambda's members, by status.
    for (status, expected) in [
        (400, r#"{"Type":"User","message":"why"}"#),
        (401, r#"{"Message":"why","Type":"User"}"#),
        (404, r#"{"Message":"why","Type":"User"}"#),
        (502, r#"{"Message":"why","Type":"Service"}"#),
    ] {
        let answer = Answer::of_failure(Failure::new(status, "C", "why"), Dialect::Lambda);
        assert_eq!(body(&answer), expected);
    }
    // Where Lambda names no time, SDKs have a rule of their own, and others a second.
    let unsaid = || Failure::new(429, "TooManyRequestsException", "");
    let lambda = Answer::of_failure(unsaid(), Dialect::Lambda);
    assert_eq!(header(&lambda, "retry-after"), None);
    let plain = Answer::of_failure(unsaid(), Dialect::Plain);
    assert_eq!(header(&plain, "retry-after"), Some("1"));

    // A server may say nothing.
    let silent = Failure::from(Error::Service(ServiceError {
        code: "Http503".to_owned(),
        status: 503,
        message: String::new(),
        hint: None,
        request_id: None,
    }));
    let plain = Answer::of_failure(silent, Dialect::Plain);
    assert!(body(&plain).contains(r#""message":"Lambda answered with HTTP 503""#));

    let unknown = Answer::of_failure(Failure::new(401, "C", "why"), Dialect::Plain);
    assert_eq!(header(&unknown, "www-authenticate"), Some("Bearer"));
    let (dialect, wrong) = route("GET", LAMBDA);
    let answer = Answer::of_failure(wrong.unwrap_err(), dialect);
    assert_eq!(header(&answer, "allow"), Some("POST"));
}
