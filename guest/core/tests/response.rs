//! What an answer with a good status says, and what redirects become.

#![cfg(test)]

mod support;

use lambda_invocation_core::call::request::InvocationType::{self, *};
use lambda_invocation_core::call::response::{self, MAX_RESPONSE, RawResponse};
use lambda_invocation_core::call::retry::{Repeat, repeat};
use lambda_invocation_core::error::{Error, FunctionError, ServiceError};
use support::{interpret, raw};

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

const TYPES: [(InvocationType, u16); 3] = [(RequestResponse, 200), (Event, 202), (DryRun, 204)];

#[test]
fn each_invocation_types_status_is_a_success_and_absent_headers_stay_absent() {
    for (invocation_type, status) in TYPES {
        let body = if status == 200 { "null" } else { "" };
        let response = response::interpret(raw(status, &[], body), invocation_type).unwrap();
        assert_eq!(response.status_code, status);
        assert_eq!(response.payload, body.as_bytes());
        assert_eq!(response.executed_version, None);
        assert_eq!(response.log_result, None);
        assert_eq!(response.log_tail, None);
        assert_eq!(response.request_id, None);
        assert_eq!(response.durable_execution_arn, None);
    }
}

/// The error of an answer that says nothing of what became of the function.
#[track_caller]
fn foreign(answer: RawResponse, invocation_type: InvocationType) -> ServiceError {
    let status = answer.status;
    match response::interpret(answer, invocation_type) {
        Err(Error::Service(e)) => {
            assert!(e.maybe_ran, "{e:?}");
            assert_eq!(e.status, status);
            assert!(e.hint.as_ref().unwrap().contains("--endpoint-url"), "{e:?}");
            assert_eq!(repeat(&Error::Service(e.clone())), Repeat::Never);
            e
        }
        other => panic!("{invocation_type:?} {status}: {other:?}"),
    }
}

#[test]
fn any_other_status_than_the_invocation_types_is_an_error_after_which_the_function_may_have_run() {
    for (invocation_type, expected) in TYPES {
        for status in 200..400 {
            if status == expected {
                continue;
            }
            for headers in [&[][..], &[("x-amz-executed-version", "1")]] {
                let e = foreign(raw(status, headers, r#"{"ran":true}"#), invocation_type);
                let code = match status {
                    300.. => "UnexpectedRedirect",
                    _ => "UnexpectedStatus",
                };
                assert_eq!(e.code, code);
            }
        }
    }
    let e = foreign(raw(200, &[], "{}"), DryRun);
    assert_eq!(e.message, "Lambda answers DryRun with 204");
}

#[test]
fn a_body_in_another_coding_than_its_own_is_no_payload() {
    for (value, accepted) in [
        ("gzip", false),
        ("br", false),
        ("GZIP", false),
        ("identity, gzip", false),
        ("identity", true),
        ("Identity ", true),
        ("", true),
    ] {
        for (invocation_type, status) in TYPES {
            let headers = [("Content-Encoding", value), ("x-amz-executed-version", "1")];
            let answer = raw(status, &headers, "");
            if accepted {
                response::interpret(answer, invocation_type).unwrap();
            } else {
                let e = foreign(answer, invocation_type);
                assert_eq!(e.code, "UnexpectedContentEncoding", "{value}");
            }
        }
    }
    let twice = [
        ("content-encoding", "identity"),
        ("content-encoding", "gzip"),
        ("x-amz-executed-version", "1"),
    ];
    assert_eq!(
        foreign(raw(200, &twice, "{}"), RequestResponse).code,
        "UnexpectedContentEncoding"
    );
}

#[test]
fn what_is_not_json_is_a_payload_only_with_a_header_of_lambdas() {
    for body in [
        "<html><body>Sign in to the network</body></html>",
        "<?xml version=\"1.0\"?><a/>",
        "OK",
        "\u{0}\u{1}",
        "{\"a\":",
        "{} trailing",
        "",
    ] {
        let others = [
            ("content-type", "text/html"),
            // Any service of AWS sends it.
            ("x-amzn-RequestId", "r1"),
            ("x-amzn-trace-id", "t"),
        ];
        for headers in [&[][..], &others] {
            let e = foreign(raw(200, headers, body), RequestResponse);
            assert_eq!(e.code, "UnexpectedContent", "{body:?}");
            assert!(!format!("{e:?}").contains("Sign in"), "{e:?}");
        }
        for header in [
            ("X-Amz-Executed-Version", "$LATEST"),
            ("X-Amz-Function-Error", "Unhandled"),
        ] {
            let response = interpret(raw(200, &[header], body)).unwrap();
            assert_eq!(response.payload, body.as_bytes());
        }
        if !body.is_empty() {
            foreign(raw(202, &others, body), Event);
        }
    }
    // Emulators leave the headers out.
    for body in ["null", " {\"a\": 1}\n", "\"<html>\"", "0", "[]"] {
        let headers = [("content-type", "text/plain; charset=utf-8")];
        assert_eq!(
            interpret(raw(200, &headers, body)).unwrap().payload,
            body.as_bytes()
        );
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
            "Caused by: java.io.IOException: deep",
            "example.Disk.read(Disk.java:3)",
        ],
    },
    Report {
        runtime: "Java, a chain of causes",
        body: r#"{"errorMessage":"a","errorType":"A","stackTrace":["a.A"],"cause":{"errorMessage":"b","errorType":"B","stackTrace":["b.B"],"cause":{"errorType":"C","stackTrace":["c.C"],"cause":{"errorMessage":"d","errorType":"D","stackTrace":[]}}}}"#,
        error_type: Some("A"),
        message: Some("a"),
        frames: &[
            "a.A",
            "Caused by: B: b",
            "b.B",
            "Caused by: C",
            "c.C",
            "Caused by: D: d",
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
            "Caused by: IOException: deep",
        ],
    },
    Report {
        runtime: ".NET, AggregateException",
        body: r#"{"errorType":"AggregateException","errorMessage":"two","stackTrace":["at A"],"cause":{"errorType":"E1","errorMessage":"one"},"causes":[{"errorType":"E1","errorMessage":"one","stackTrace":["at B"]},{"errorType":"E2","errorMessage":"other"}]}"#,
        error_type: Some("AggregateException"),
        message: Some("two"),
        frames: &["at A", "Caused by: E1: one", "at B", "Caused by: E2: other"],
    },
    Report {
        runtime: "Node.js, thrown object",
        body: r#"{"errorType":"object","errorMessage":{"code": 7, "why": ["a", {"b": null}]},"trace":[]}"#,
        error_type: Some("object"),
        message: Some(r#"{"code":7,"why":["a",{"b":null}]}"#),
        frames: &[],
    },
    Report {
        runtime: "custom, a message that is no text",
        body: r#"{"errorType":404,"errorMessage":[1, 2]}"#,
        error_type: Some("404"),
        message: Some("[1,2]"),
        frames: &[],
    },
    Report {
        runtime: "custom, a cause of its own kind",
        body: r#"{"errorType":"E","errorMessage":"m","cause":"the disk","causes":null}"#,
        error_type: Some("E"),
        message: Some("m"),
        frames: &[],
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
fn a_function_error_header_is_short_visible_ascii_and_never_lost() {
    let long = "x".repeat(100_000);
    for (sent, kind) in [
        ("Unhandled", "Unhandled"),
        ("Handled", "Handled"),
        (" Handled ", "Handled"),
        ("", "Unhandled"),
        (" ", "Unhandled"),
        ("H\u{fffd}ndled", "Unhandled"),
        ("\u{202e}dednah\u{1b}[31m", "dednah [31m"),
        (&long, &long[..128]),
    ] {
        let headers = [("X-Amz-Function-Error", sent)];
        let response = interpret(raw(200, &headers, "{}")).unwrap();
        assert_eq!(response.function_error.unwrap().kind, kind);
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
        r#"{"stackTrace":{"a":1},"trace":7,"cause":{"a":1},"causes":[1,{}]}"#,
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
        assert!(e.hint.unwrap().contains("--endpoint-url"));
        assert!(!e.message.contains("evil"));
        assert_eq!(e.request_id.as_deref(), Some("r1"));
    }
}

#[test]
fn the_limit_leaves_room_for_the_largest_answer_lambda_gives() {
    const { assert!(MAX_RESPONSE > 6_291_556 && MAX_RESPONSE < 7 * 1024 * 1024) }
}
