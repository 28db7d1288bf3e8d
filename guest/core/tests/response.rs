//! What an answer with a good status says, and what redirects become.

#![cfg(test)]

mod support;

use lambda_invocation_core::call::response::{MAX_RESPONSE, interpret};
use lambda_invocation_core::error::{Error, FunctionError};
use support::raw;

#[test]
fn a_success_is_read_whole() {
    let response = interpret(raw(
        200,
        &[
            ("Content-Type", "application/json"),
            ("X-Amzn-RequestId", "11111111-2222"),
            ("x-amz-executed-version", "$LATEST"),
            ("X-AMZ-LOG-RESULT", "U1RBUlQKRU5ECg=="),
            (
                "X-Amz-Durable-Execution-Arn",
                "arn:aws:lambda:us-east-1:1:execution:x",
            ),
        ],
        r#"{"ok":true}"#,
    ))
    .unwrap();
    assert_eq!(response.status_code, 200);
    assert_eq!(response.payload, br#"{"ok":true}"#);
    assert_eq!(response.executed_version.as_deref(), Some("$LATEST"));
    assert_eq!(response.log_result.as_deref(), Some("U1RBUlQKRU5ECg=="));
    assert_eq!(response.log_tail.as_deref(), Some("START\nEND\n"));
    assert_eq!(response.function_error, None);
    assert_eq!(response.request_id.as_deref(), Some("11111111-2222"));
    let arn = response.durable_execution_arn.as_deref();
    assert_eq!(arn, Some("arn:aws:lambda:us-east-1:1:execution:x"));
    assert_eq!(response.attempts, 1);
}

#[test]
fn each_invocation_types_status_is_a_success_and_absent_headers_stay_absent() {
    for status in [200, 202, 204] {
        let response = interpret(raw(status, &[], "")).unwrap();
        assert_eq!(response.status_code, status);
        assert_eq!(response.payload, b"");
        assert_eq!(response.executed_version, None);
        assert_eq!(response.log_result, None);
        assert_eq!(response.log_tail, None);
        assert_eq!(response.request_id, None);
        assert_eq!(response.durable_execution_arn, None);
    }
}

#[test]
fn a_log_is_kept_as_sent_and_decoded_where_it_can_be() {
    for (sent, decoded) in [
        ("", Some("")),
        ("b2s=", Some("ok")),
        (" b2s= ", Some("ok")),
        // Cut in the middle of a character, as Lambda does at 4 KB.
        ("gpxi", Some("\u{fffd}\u{fffd}b")),
        ("not base64!", None),
        ("b2s", None),
    ] {
        let response = interpret(raw(200, &[("x-amz-log-result", sent)], "{}")).unwrap();
        assert_eq!(response.log_result.as_deref(), Some(sent));
        assert_eq!(response.log_tail.as_deref(), decoded, "{sent}");
    }
}

struct Report {
    runtime: &'static str,
    body: &'static str,
    error_type: Option<&'static str>,
    message: Option<&'static str>,
    frames: &'static [&'static str],
}

/// Bodies as the runtimes send them.
const REPORTS: &[Report] = &[
    Report {
        runtime: "Python 3",
        body: r#"{"errorMessage": "division by zero", "errorType": "ZeroDivisionError", "requestId": "3f2b", "stackTrace": ["  File \"/var/task/app.py\", line 4, in handler\n    return 1 / 0\n"]}"#,
        error_type: Some("ZeroDivisionError"),
        message: Some("division by zero"),
        frames: &["  File \"/var/task/app.py\", line 4, in handler\n    return 1 / 0\n"],
    },
    Report {
        runtime: "Python 2.7 and 3.6",
        body: r#"{"errorMessage": "no", "errorType": "ValueError", "stackTrace": [["/var/task/app.py", 4, "handler", "raise ValueError('no')"]]}"#,
        error_type: Some("ValueError"),
        message: Some("no"),
        frames: &["/var/task/app.py 4 handler raise ValueError('no')"],
    },
    Report {
        runtime: "Python, import error",
        body: r#"{"errorMessage": "Unable to import module 'app': No module named 'app'", "errorType": "Runtime.ImportModuleError", "requestId": "", "stackTrace": []}"#,
        error_type: Some("Runtime.ImportModuleError"),
        message: Some("Unable to import module 'app': No module named 'app'"),
        frames: &[],
    },
    Report {
        runtime: "Node.js",
        body: r#"{"errorType":"TypeError","errorMessage":"x is not a function","trace":["TypeError: x is not a function","    at Runtime.handler (file:///var/task/index.mjs:2:3)","    at Runtime.handleOnceNonStreaming (file:///var/runtime/index.mjs:1173:29)"]}"#,
        error_type: Some("TypeError"),
        message: Some("x is not a function"),
        frames: &[
            "TypeError: x is not a function",
            "    at Runtime.handler (file:///var/task/index.mjs:2:3)",
            "    at Runtime.handleOnceNonStreaming (file:///var/runtime/index.mjs:1173:29)",
        ],
    },
    Report {
        runtime: "Node.js, thrown string",
        body: r#"{"errorType":"string","errorMessage":"boom","trace":[]}"#,
        error_type: Some("string"),
        message: Some("boom"),
        frames: &[],
    },
    Report {
        runtime: "Java",
        body: r#"{"errorMessage":"no","errorType":"java.lang.IllegalStateException","stackTrace":["example.Handler.handleRequest(Handler.java:12)","java.base/java.lang.reflect.Method.invoke(Unknown Source)"],"cause":{"errorMessage":"deep","errorType":"java.io.IOException","stackTrace":["example.Disk.read(Disk.java:3)"]}}"#,
        error_type: Some("java.lang.IllegalStateException"),
        message: Some("no"),
        frames: &[
            "example.Handler.handleRequest(Handler.java:12)",
            "java.base/java.lang.reflect.Method.invoke(Unknown Source)",
        ],
    },
    Report {
        runtime: "Go, panic",
        body: r#"{"errorMessage":"boom","errorType":"string","stackTrace":[{"path":"github.com/aws/aws-lambda-go@v1.47.0/lambda/errors.go","line":39,"label":"lambdaPanicResponse"},{"path":"main.go","line":11,"label":"main.handler"}]}"#,
        error_type: Some("string"),
        message: Some("boom"),
        frames: &[
            "github.com/aws/aws-lambda-go@v1.47.0/lambda/errors.go:39 lambdaPanicResponse",
            "main.go:11 main.handler",
        ],
    },
    Report {
        runtime: "Go, error",
        body: r#"{"errorMessage":"no such order","errorType":"errorString"}"#,
        error_type: Some("errorString"),
        message: Some("no such order"),
        frames: &[],
    },
    Report {
        runtime: ".NET",
        body: r#"{"errorType":"InvalidOperationException","errorMessage":"no","stackTrace":["at Example.Function.Handler(Stream s) in /src/Function.cs:line 9","at lambda_method1(Closure, Stream, ILambdaContext)"],"cause":{"errorType":"IOException","errorMessage":"deep","stackTrace":[]}}"#,
        error_type: Some("InvalidOperationException"),
        message: Some("no"),
        frames: &[
            "at Example.Function.Handler(Stream s) in /src/Function.cs:line 9",
            "at lambda_method1(Closure, Stream, ILambdaContext)",
        ],
    },
    Report {
        runtime: "Ruby",
        body: r#"{"errorMessage":"undefined local variable or method 'x'","errorType":"Function<NameError>","stackTrace":["/var/task/app.rb:3:in 'handler'"]}"#,
        error_type: Some("Function<NameError>"),
        message: Some("undefined local variable or method 'x'"),
        frames: &["/var/task/app.rb:3:in 'handler'"],
    },
    Report {
        runtime: "Rust",
        body: r#"{"errorType":"&alloc::boxed::Box<dyn core::error::Error>","errorMessage":"no"}"#,
        error_type: Some("&alloc::boxed::Box<dyn core::error::Error>"),
        message: Some("no"),
        frames: &[],
    },
    Report {
        runtime: "custom, lines in one string",
        body: r#"{"errorType":"Error","errorMessage":"no","stackTrace":"bootstrap: line 3\nbootstrap: line 9"}"#,
        error_type: Some("Error"),
        message: Some("no"),
        frames: &["bootstrap: line 3", "bootstrap: line 9"],
    },
    Report {
        runtime: "time limit",
        body: r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 3f2b Error: Task timed out after 3.00 seconds"}"#,
        error_type: Some("Sandbox.Timedout"),
        message: Some("RequestId: 3f2b Error: Task timed out after 3.00 seconds"),
        frames: &[],
    },
    Report {
        runtime: "time limit, older",
        body: r#"{"errorMessage":"2026-08-30T12:36:03.012Z 3f2b Task timed out after 3.00 seconds"}"#,
        error_type: None,
        message: Some("2026-08-30T12:36:03.012Z 3f2b Task timed out after 3.00 seconds"),
        frames: &[],
    },
    Report {
        runtime: "exit",
        body: r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 3f2b Error: Runtime exited with error: signal: killed"}"#,
        error_type: Some("Runtime.ExitError"),
        message: Some("RequestId: 3f2b Error: Runtime exited with error: signal: killed"),
        frames: &[],
    },
];

#[test]
fn each_runtimes_report_is_read_into_type_message_and_frames() {
    for report in REPORTS {
        let headers = [("X-Amz-Function-Error", "Unhandled")];
        let response = interpret(raw(200, &headers, report.body)).unwrap();
        let expected = FunctionError {
            kind: "Unhandled".to_owned(),
            error_type: report.error_type.map(str::to_owned),
            error_message: report.message.map(str::to_owned),
            stack_trace: report
                .frames
                .iter()
                .map(|frame| (*frame).to_owned())
                .collect(),
        };
        assert_eq!(
            response.function_error,
            Some(expected),
            "{}",
            report.runtime
        );
        assert_eq!(
            response.payload,
            report.body.as_bytes(),
            "{}",
            report.runtime
        );
    }
}

#[test]
fn a_report_of_another_shape_gives_the_kind_alone() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        "",
        "null",
        "\"boom\"",
        "[]",
        "[1,2]",
        "{}",
        "{\"errorMessage\":",
        "<html>",
        "\u{0}",
        &deep,
        r#"{"errorType":null,"errorMessage":null,"stackTrace":null}"#,
        r#"{"errorType":1,"errorMessage":{"a":1},"stackTrace":{"a":1}}"#,
    ] {
        let headers = [("x-amz-function-error", "Handled")];
        let response = interpret(raw(200, &headers, body)).unwrap();
        let expected = FunctionError {
            kind: "Handled".to_owned(),
            ..FunctionError::default()
        };
        assert_eq!(response.function_error, Some(expected), "{body:.60}");
    }
}

#[test]
fn a_report_too_long_to_take_apart_gives_the_kind_alone_and_the_payload_whole() {
    let report = |length: usize| {
        let head = r#"{"errorType":"E","pad":""#;
        format!("{head}{}\"}}", "x".repeat(length - head.len() - 2))
    };
    for (length, error_type) in [(1_048_576, Some("E")), (1_048_577, None)] {
        let body = report(length);
        assert_eq!(body.len(), length);
        let headers = [("x-amz-function-error", "Unhandled")];
        let response = interpret(raw(200, &headers, &body)).unwrap();
        let error = response.function_error.unwrap();
        assert_eq!(error.kind, "Unhandled");
        assert_eq!(error.error_type.as_deref(), error_type);
        assert_eq!(response.payload.len(), length);
    }
}

#[test]
fn a_null_stack_trace_does_not_hide_the_trace() {
    let body = r#"{"errorType":"Error","stackTrace":null,"trace":["at x"]}"#;
    let response = interpret(raw(200, &[("x-amz-function-error", "Unhandled")], body)).unwrap();
    assert_eq!(response.function_error.unwrap().stack_trace, ["at x"]);
}

#[test]
fn a_redirect_is_an_error_that_names_the_endpoint() {
    for status in [300, 301, 302, 303, 307, 308, 399] {
        let headers = [
            ("Location", "https://evil.example/"),
            ("x-amzn-requestid", "r1"),
        ];
        let Err(Error::Service(e)) = interpret(raw(status, &headers, "")) else {
            panic!("{status}");
        };
        assert_eq!((e.code.as_str(), e.status), ("UnexpectedRedirect", status));
        assert!(e.hint.unwrap().contains("endpoint URL"));
        assert!(!e.message.contains("evil"));
        assert_eq!(e.request_id.as_deref(), Some("r1"));
    }
}

#[test]
fn the_limit_leaves_room_for_the_largest_answer_lambda_gives() {
    const { assert!(MAX_RESPONSE > 6_291_556 && MAX_RESPONSE < 7 * 1024 * 1024) }
}
