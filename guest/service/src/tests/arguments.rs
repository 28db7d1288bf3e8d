//! The headers of a request become arguments.

use lambda_invocation_core::call::request::{InvocationType, LogType};

use super::{LAMBDA, OPEN, PLAIN, Pairs, accepted, head, outcome};
use crate::answer::Dialect;

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
