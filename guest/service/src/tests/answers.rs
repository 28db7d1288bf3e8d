//! What callers get of an answer.

use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::error::FunctionError;

use super::{body, code, header};
use crate::answer::Dialect;
use crate::service::finish;

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
