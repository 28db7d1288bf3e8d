//! Function errors as Lambda's runtimes write them: one shape a runtime, none the
//! same.

use serde_json::{Value, json};

/// A runtime and the body of its answer when a handler throws `message`.
pub(super) struct Runtime {
    /// As an event asks for it.
    pub(super) name: &'static str,
    shape: fn(message: &str, request_id: &str) -> Value,
}

/// The shapes that exist.
pub(super) const RUNTIMES: &[Runtime] = &[
    Runtime {
        name: "python",
        shape: |message, request_id| {
            json!({
                "errorMessage": message,
                "errorType": "ValueError",
                "requestId": request_id,
                "stackTrace": [
                    "  File \"/var/task/lambda_function.py\", line 9, in lambda_handler\n    return check(event)\n",
                    "  File \"/var/task/lambda_function.py\", line 4, in check\n    raise ValueError(message)\n",
                ],
            })
        },
    },
    Runtime {
        name: "node",
        shape: |message, _| {
            json!({
                "errorType": "Error",
                "errorMessage": message,
                "trace": [
                    format!("Error: {message}"),
                    "    at Runtime.handler (file:///var/task/index.mjs:2:9)",
                    "    at Runtime.handleOnceNonStreaming (file:///var/runtime/index.mjs:1173:29)",
                ],
            })
        },
    },
    Runtime {
        name: "java",
        shape: |message, _| {
            json!({
                "errorMessage": message,
                "errorType": "java.lang.IllegalArgumentException",
                "stackTrace": [
                    "example.Handler.check(Handler.java:21)",
                    "example.Handler.handleRequest(Handler.java:14)",
                    "java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(Unknown Source)",
                    "java.base/java.lang.reflect.Method.invoke(Unknown Source)",
                ],
            })
        },
    },
    // A Go handler returns its errors, which have no stack.
    Runtime {
        name: "go",
        shape: |message, _| json!({ "errorMessage": message, "errorType": "errorString" }),
    },
    Runtime {
        name: "go-panic",
        shape: |message, _| {
            json!({
                "errorMessage": message,
                "errorType": "string",
                "stackTrace": [
                    { "path": "github.com/aws/aws-lambda-go@v1.47.0/lambda/errors.go", "line": 39, "label": "lambdaPanicResponse" },
                    { "path": "runtime/panic.go", "line": 770, "label": "gopanic" },
                    { "path": "example/main.go", "line": 11, "label": "handler" },
                ],
            })
        },
    },
    Runtime {
        name: "dotnet",
        shape: |message, _| {
            json!({
                "errorType": "ArgumentException",
                "errorMessage": message,
                "stackTrace": [
                    "at Example.Function.FunctionHandler(String input, ILambdaContext context) in /src/Function.cs:line 18",
                    "at lambda_method1(Closure, Stream, ILambdaContext, Stream)",
                ],
            })
        },
    },
    Runtime {
        name: "ruby",
        shape: |message, _| {
            json!({
                "errorMessage": message,
                "errorType": "Function<StandardError>",
                "stackTrace": [
                    "/var/task/lambda_function.rb:8:in `check'",
                    "/var/task/lambda_function.rb:3:in `lambda_handler'",
                ],
            })
        },
    },
    // What the runtime API asks of a runtime that AWS did not write, and no more.
    Runtime {
        name: "custom",
        shape: |message, _| json!({ "errorType": "HandlerError", "errorMessage": message }),
    },
    // No runtime at all: the process ended, and Lambda speaks for it.
    Runtime {
        name: "exit",
        shape: |_, request_id| {
            json!({
                "errorType": "Runtime.ExitError",
                "errorMessage": format!("RequestId: {request_id} Error: Runtime exited with error: exit status 1"),
            })
        },
    },
];

/// The body for a runtime, `None` when there is none of that name.
pub(super) fn body(runtime: &str, message: &str, request_id: &str) -> Option<String> {
    let runtime = RUNTIMES.iter().find(|r| r.name == runtime)?;
    Some((runtime.shape)(message, request_id).to_string())
}

/// The body for an event that a built-in function cannot read, in the shape of
/// Python.
pub(super) fn value_error(message: &str, request_id: &str) -> String {
    json!({
        "errorMessage": message,
        "errorType": "ValueError",
        "requestId": request_id,
        "stackTrace": [],
    })
    .to_string()
}

/// The body when the function's timeout ran out, which Lambda itself writes.
pub(super) fn timed_out(seconds: f64, request_id: &str) -> String {
    json!({
        "errorType": "Sandbox.Timedout",
        "errorMessage": format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"),
    })
    .to_string()
}

/// The body in place of a response over `limit` bytes, which Lambda itself
/// writes.
pub(super) fn response_too_large(limit: usize) -> String {
    json!({
        "errorMessage": format!("Response payload size exceeded maximum allowed payload size ({limit} bytes)."),
        "errorType": "Function.ResponseSizeTooLarge",
    })
    .to_string()
}
