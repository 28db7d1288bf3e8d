//! The endpoint over TCP, as a client meets it. The client here is a plain socket
//! so that it can also send what no HTTP library would.

use std::collections::HashSet;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::verify::{Received, Scope, canonical_request, hex, hmac, signing_key, string_to_sign};
use super::*;

/// Signs as a client would, with the functions that the published vectors check in
/// `verify`.
pub(super) struct Signer {
    pub(super) credentials: Credentials,
    pub(super) region: &'static str,
    pub(super) service: &'static str,
    /// Seconds since 1970.
    pub(super) time: i64,
}

impl Default for Signer {
    fn default() -> Self {
        Self {
            credentials: Credentials::default(),
            region: "us-east-1",
            service: "lambda",
            time: date::seconds(SystemTime::now()),
        }
    }
}

impl Signer {
    /// Adds the date, the token and the signature of `host` and all `x-amz-*`.
    pub(super) fn sign(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &mut HeaderMap,
        payload: &[u8],
    ) {
        let amz_date = date::basic(self.time);
        headers.insert("x-amz-date", amz_date.parse().unwrap());
        if let Some(token) = &self.credentials.session_token {
            headers.insert("x-amz-security-token", token.parse().unwrap());
        }
        let mut signed: Vec<String> = headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .filter(|name| name == "host" || name.starts_with("x-amz-"))
            .collect();
        signed.sort();
        let signed: Vec<&str> = signed.iter().map(String::as_str).collect();
        let scope = Scope {
            date: &amz_date[..8],
            region: self.region,
            service: self.service,
            terminator: "aws4_request",
        };
        let request = Received {
            method,
            path,
            query,
            headers,
            payload,
        };
        let canonical = canonical_request(&request, &signed);
        let to_sign = string_to_sign(&canonical, &amz_date, &scope);
        let secret = &self.credentials.secret_access_key;
        let key = signing_key(secret, scope.date, self.region, self.service);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}/{}/{}/{}, SignedHeaders={}, Signature={}",
            self.credentials.access_key_id,
            scope.date,
            scope.region,
            scope.service,
            scope.terminator,
            signed.join(";"),
            hex(&hmac(&key, to_sign.as_bytes()))
        );
        headers.insert("authorization", authorization.parse().unwrap());
    }
}

/// An invocation to be made.
struct Request {
    label: String,
    query: String,
    headers: Vec<(&'static str, String)>,
    payload: Vec<u8>,
    signer: Signer,
}

fn invoke(label: &str, payload: impl AsRef<[u8]>) -> Request {
    Request {
        label: label.to_owned(),
        query: String::new(),
        headers: Vec::new(),
        payload: payload.as_ref().to_vec(),
        signer: Signer::default(),
    }
}

impl Request {
    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn qualifier(mut self, qualifier: &str) -> Self {
        self.query = format!("Qualifier={qualifier}");
        self
    }

    fn head(&self, endpoint: &LocalEndpoint) -> String {
        let path = format!("/2015-03-31/functions/{}/invocations", self.label);
        let mut headers = HeaderMap::new();
        headers.insert("host", endpoint.address().to_string().parse().unwrap());
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        self.signer
            .sign("POST", &path, &self.query, &mut headers, &self.payload);
        let mark = if self.query.is_empty() { "" } else { "?" };
        let mut head = format!("POST {path}{mark}{} HTTP/1.1\r\n", self.query);
        for (name, value) in &headers {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        head
    }

    /// With a `Content-Length`.
    fn bytes(&self, endpoint: &LocalEndpoint) -> Vec<u8> {
        let length = self.payload.len();
        let head = format!("{}content-length: {length}\r\n\r\n", self.head(endpoint));
        [head.as_bytes(), &self.payload].concat()
    }

    /// In chunks of 64 KB.
    fn chunked(&self, endpoint: &LocalEndpoint) -> Vec<u8> {
        let head = format!("{}transfer-encoding: chunked\r\n\r\n", self.head(endpoint));
        let mut bytes = head.into_bytes();
        for chunk in self.payload.chunks(65_536) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }
}

/// What came back.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn code(&self) -> Option<&str> {
        self.header("x-amzn-errortype")
    }

    fn message(&self) -> String {
        let body = self.json();
        let message = body.get("message").or(body.get("Message")).unwrap();
        message.as_str().unwrap().to_owned()
    }
}

struct Client<'a> {
    endpoint: &'a LocalEndpoint,
    stream: TcpStream,
    /// Read and not yet used: the start of the next answer.
    ahead: Vec<u8>,
}

impl<'a> Client<'a> {
    async fn connect(endpoint: &'a LocalEndpoint) -> Self {
        Self {
            endpoint,
            stream: TcpStream::connect(endpoint.address()).await.unwrap(),
            ahead: Vec::new(),
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next answer, `None` when the connection ends instead.
    async fn receive(&mut self) -> Option<Reply> {
        timeout(Duration::from_secs(20), self.read_reply())
            .await
            .expect("an answer in time")
    }

    async fn read_reply(&mut self) -> Option<Reply> {
        let end = loop {
            if let Some(at) = self.ahead.windows(4).position(|w| w == b"\r\n\r\n") {
                break at;
            }
            self.read_more().await?;
        };
        let head = String::from_utf8(self.ahead[..end].to_vec()).unwrap();
        self.ahead.drain(..end + 4);
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap()[9..12].parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |value| value.to_str().unwrap().parse().unwrap());
        while self.ahead.len() < length {
            self.read_more().await?;
        }
        let body = self.ahead.drain(..length).collect();
        Some(Reply {
            status,
            headers,
            body,
        })
    }

    async fn read_more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.ahead).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    async fn call(&mut self, request: &Request) -> Reply {
        self.send(&request.bytes(self.endpoint)).await;
        self.receive().await.expect("an answer")
    }
}

async fn start() -> LocalEndpoint {
    LocalEndpoint::builder().start().await.unwrap()
}

/// One invocation over a connection of its own.
async fn call(endpoint: &LocalEndpoint, request: Request) -> Reply {
    Client::connect(endpoint).await.call(&request).await
}

#[tokio::test]
async fn echo_returns_the_event_and_what_it_saw() {
    let endpoint = start().await;
    let reply = call(&endpoint, invoke("echo", r#"{"name":"world"}"#)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(reply.header("x-amz-function-error"), None);
    assert_eq!(reply.header("x-amz-log-result"), None);
    assert_eq!(
        reply.json(),
        json!({
            "event": { "name": "world" },
            "saw": {
                "function": "echo",
                "executed_version": "$LATEST",
                "invocation_type": "RequestResponse",
            },
        })
    );

    let request = invoke("echo", "[1]")
        .qualifier("PROD")
        .header(
            "x-amz-client-context",
            STANDARD.encode(r#"{"custom":{"a":"b"}}"#),
        )
        .header("x-amz-tenant-id", "blue  team")
        .header("x-amz-durable-execution-name", "order-7");
    let reply = call(&endpoint, request).await;
    assert_eq!(
        reply.json(),
        json!({
            "event": [1],
            "saw": {
                "function": "echo",
                "qualifier": "PROD",
                "executed_version": "1",
                "invocation_type": "RequestResponse",
                "client_context": { "custom": { "a": "b" } },
                "tenant_id": "blue  team",
                "durable_execution_name": "order-7",
            },
        })
    );
    let arn = reply.header("x-amz-durable-execution-arn").unwrap();
    let start = "arn:aws:lambda:us-east-1:000000000000:function:echo:1/durable-execution/order-7/";
    assert!(arn.starts_with(start), "{arn}");
}

#[tokio::test]
async fn the_events_bytes_are_kept() {
    let endpoint = start().await;
    let event = "{ \"b\":12345678901234567890.50, \"a\" : \"\\u00e9<é>\", \"b\": 1e999 }";
    let reply = call(&endpoint, invoke("identity", event)).await;
    assert_eq!(reply.text(), event);
    let reply = call(&endpoint, invoke("echo", event)).await;
    assert!(
        reply
            .text()
            .starts_with(&format!(r#"{{"event":{event},"saw":"#))
    );
}

#[tokio::test]
async fn a_function_without_a_payload_gets_an_empty_object() {
    let endpoint = start().await;
    assert_eq!(call(&endpoint, invoke("identity", "")).await.text(), "{}");
}

#[tokio::test]
async fn every_form_of_a_name_runs_the_version_it_names() {
    let endpoint = start().await;
    let table = [
        ("echo", None, "$LATEST"),
        ("echo", Some("%24LATEST"), "$LATEST"),
        ("echo", Some("PROD"), "1"),
        ("echo%3APROD", None, "1"),
        ("echo:PROD", None, "1"),
        ("echo%3A1", Some("1"), "1"),
        ("000000000000%3Afunction%3Aecho", None, "$LATEST"),
        (
            "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aecho%3A1",
            None,
            "1",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:echo:PROD",
            None,
            "1",
        ),
    ];
    for (label, qualifier, version) in table {
        let mut request = invoke(label, "{}");
        if let Some(qualifier) = qualifier {
            request = request.qualifier(qualifier);
        }
        let reply = call(&endpoint, request).await;
        assert_eq!(reply.status, 200, "{label}: {}", reply.text());
        assert_eq!(
            reply.header("x-amz-executed-version"),
            Some(version),
            "{label}"
        );
    }
}

#[tokio::test]
async fn functions_and_qualifiers_that_do_not_exist_are_not_found() {
    let endpoint = start().await;
    let table = [
        (
            "nope",
            None,
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nope",
        ),
        (
            "echo",
            Some("TEST"),
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:echo:TEST",
        ),
        (
            "arn:aws:lambda:eu-west-1:000000000000:function:echo",
            None,
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
        ),
    ];
    for (label, qualifier, message) in table {
        let mut request = invoke(label, "{}");
        if let Some(qualifier) = qualifier {
            request = request.qualifier(qualifier);
        }
        let reply = call(&endpoint, request).await;
        assert_eq!(reply.status, 404);
        assert_eq!(reply.code(), Some("ResourceNotFoundException"));
        assert_eq!(reply.json(), json!({ "Type": "User", "Message": message }));
    }
}

#[tokio::test]
async fn arguments_that_break_the_model_are_refused() {
    let endpoint = start().await;
    let long = STANDARD.encode(format!(r#"{{"a":"{}"}}"#, "x".repeat(2_700)));
    let table = [
        (
            "x-amz-invocation-type",
            "Sometimes",
            400,
            "ValidationException",
        ),
        ("x-amz-invocation-type", "event", 400, "ValidationException"),
        ("x-amz-log-type", "All", 400, "ValidationException"),
        ("x-amz-tenant-id", "a*b", 400, "ValidationException"),
        (
            "x-amz-durable-execution-name",
            "a b",
            400,
            "ValidationException",
        ),
        (
            "x-amz-client-context",
            "not base64",
            400,
            "InvalidRequestContentException",
        ),
        (
            "x-amz-client-context",
            "bm90IGpzb24=",
            400,
            "InvalidRequestContentException",
        ),
        (
            "x-amz-client-context",
            "WzFd",
            400,
            "InvalidRequestContentException",
        ),
        (
            "x-amz-client-context",
            &long,
            400,
            "InvalidRequestContentException",
        ),
        (
            "content-type",
            "text/plain",
            415,
            "UnsupportedMediaTypeException",
        ),
        (
            "content-type",
            "application/x-www-form-urlencoded",
            415,
            "UnsupportedMediaTypeException",
        ),
    ];
    for (name, value, status, code) in table {
        let reply = call(&endpoint, invoke("echo", "{}").header(name, value)).await;
        assert_eq!(
            (reply.status, reply.code()),
            (status, Some(code)),
            "{name}: {value}"
        );
        assert!(!reply.message().contains(value), "{}", reply.message());
    }
    assert_eq!(endpoint.counters().ran, 0);
}

#[tokio::test]
async fn the_content_types_that_sdks_send_are_accepted() {
    let endpoint = start().await;
    for media_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/x-amz-json-1.0",
        "application/octet-stream",
        "application/cloudevents+json",
    ] {
        let reply = call(
            &endpoint,
            invoke("echo", "{}").header("content-type", media_type),
        )
        .await;
        assert_eq!(reply.status, 200, "{media_type}");
    }
}

#[tokio::test]
async fn two_different_qualifiers_are_refused() {
    let endpoint = start().await;
    let reply = call(&endpoint, invoke("echo%3A1", "{}").qualifier("PROD")).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.code(), Some("InvalidParameterValueException"));
}

#[tokio::test]
async fn a_payload_that_is_not_json_is_refused_and_not_quoted() {
    let endpoint = start().await;
    for payload in [
        &b"canary"[..],
        b"{\"canary\": }",
        b"{} canary",
        b"\"canary\xff\"",
        b"{canary: 1}",
        b" ",
    ] {
        let reply = call(&endpoint, invoke("echo", payload)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.code(), Some("InvalidRequestContentException"));
        let message = reply.message();
        let start = "Could not parse request body into json: ";
        assert!(message.starts_with(start), "{message}");
        assert!(!message.contains("canary"), "{message}");
    }
}

#[tokio::test]
async fn a_deeply_nested_payload_is_an_event_like_any_other() {
    let endpoint = start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        call(&endpoint, invoke("identity", &deep)).await.text(),
        deep
    );
    let reply = call(&endpoint, invoke("sleep", &deep)).await;
    assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
}

#[tokio::test]
async fn an_event_is_accepted_and_runs_in_the_background() {
    let endpoint = start().await;
    let request = invoke("sleep", r#"{"ms":150}"#).header("x-amz-invocation-type", "Event");
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.status, 202);
    assert!(reply.body.is_empty());
    assert_eq!(reply.header("x-amz-executed-version"), None);
    let accepted = &endpoint.invocations()[0];
    assert!(!accepted.finished);
    assert_eq!(accepted.executed_version.as_deref(), Some("$LATEST"));

    let deadline = Instant::now() + Duration::from_secs(10);
    while !endpoint.invocations()[0].finished {
        assert!(Instant::now() < deadline, "the function never ended");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_runs_nothing() {
    let endpoint = start().await;
    let dry = |label: &str| invoke(label, "{}").header("x-amz-invocation-type", "DryRun");
    let reply = call(&endpoint, dry("echo")).await;
    assert_eq!(reply.status, 204);
    assert!(reply.body.is_empty());
    assert_eq!(call(&endpoint, dry("nope")).await.status, 404);
    assert_eq!(endpoint.counters().ran, 0);
    assert_eq!(endpoint.invocations()[0].executed_version, None);
}

#[tokio::test]
async fn the_log_tail_comes_when_asked_for() {
    let endpoint = start().await;
    let request = || invoke("log", r#"{"lines":["one","zwei é"]}"#);
    let reply = call(&endpoint, request().header("x-amz-log-type", "Tail")).await;
    assert_eq!(reply.text(), "null");
    let log = STANDARD
        .decode(reply.header("x-amz-log-result").unwrap())
        .unwrap();
    let log = String::from_utf8(log).unwrap();
    let id = reply.header("x-amzn-requestid").unwrap();
    let start = format!(
        "START RequestId: {id} Version: $LATEST\none\nzwei é\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: "
    );
    assert!(log.starts_with(&start), "{log}");

    let without = call(&endpoint, request().header("x-amz-log-type", "None")).await;
    assert_eq!(without.header("x-amz-log-result"), None);
}

#[tokio::test]
async fn fail_throws_in_the_shape_of_each_runtime() {
    let endpoint = start().await;
    let table = [
        ("python", "ValueError", "stackTrace"),
        ("node", "Error", "trace"),
        ("java", "java.lang.IllegalArgumentException", "stackTrace"),
        ("go", "errorString", ""),
        ("go-panic", "string", "stackTrace"),
        ("dotnet", "ArgumentException", "stackTrace"),
        ("ruby", "Function<StandardError>", "stackTrace"),
        ("custom", "HandlerError", ""),
        ("exit", "Runtime.ExitError", ""),
    ];
    for (runtime, error_type, stack) in table {
        let event = json!({ "runtime": runtime, "message": "no such luck" });
        let reply = call(&endpoint, invoke("fail", event.to_string())).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        assert_eq!(reply.header("x-amz-executed-version"), Some("$LATEST"));
        let body = reply.json();
        assert_eq!(body["errorType"], error_type, "{runtime}");
        let message = body["errorMessage"].as_str().unwrap();
        assert!(message == "no such luck" || runtime == "exit", "{message}");
        let frames = body
            .get(stack)
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        assert_eq!(frames > 0, !stack.is_empty(), "{runtime}");
    }
    let names: Vec<&str> = table.iter().map(|(name, ..)| *name).collect();
    let all: Vec<&str> = super::runtime_error::RUNTIMES
        .iter()
        .map(|r| r.name)
        .collect();
    assert_eq!(names, all);

    let default = call(&endpoint, invoke("fail", "")).await.json();
    assert_eq!(default["errorType"], "ValueError");
    assert!(endpoint.invocations().iter().all(|i| i.function_error));
}

#[tokio::test]
async fn an_event_that_a_function_cannot_read_makes_it_fail() {
    let endpoint = start().await;
    let table = [
        ("fail", r#"{"runtime":"cobol"}"#),
        ("fail", r#"{"message":1}"#),
        ("sleep", "{}"),
        ("sleep", "[]"),
        ("sleep", "null"),
        ("sleep", r#"{"ms":-1}"#),
        ("sleep", r#"{"ms":1.5}"#),
        ("sleep", r#"{"ms":1e400}"#),
        ("sleep", r#"{"ms":1,"timeout":901}"#),
        ("sleep", r#"{"ms":1,"timeout":-1}"#),
        ("sleep", r#"{"ms":1,"timeout":"1"}"#),
        ("log", "{}"),
        ("log", r#"{"lines":[1]}"#),
        ("log", r#"{"lines":{}}"#),
        ("big", "{}"),
        ("big", r#"{"bytes":1}"#),
        ("throttle", r#"{"times":"many"}"#),
        ("throttle", r#"{"retry_after":99999999}"#),
        ("throttle", r#"{"reason":7}"#),
        ("flaky", r#"{"status":200}"#),
        ("flaky", r#"{"status":99999}"#),
        ("flaky", r#"{"code":"a b"}"#),
        ("flaky", r#"{"code":""}"#),
        ("flaky", r#"{"fail":-1}"#),
        ("flaky", r#"{"drop":1}"#),
    ];
    for (function, event) in table {
        let reply = call(&endpoint, invoke(function, event)).await;
        assert_eq!(reply.status, 200, "{function} {event}");
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        assert_eq!(
            reply.json()["errorType"],
            "ValueError",
            "{function} {event}"
        );
    }
}

#[tokio::test]
async fn the_example_of_every_function_works() {
    let endpoint = start().await;
    for function in FUNCTIONS {
        let request = invoke(function.name, function.example);
        let reply = call(&endpoint, request).await;
        let expected = match function.name {
            "throttle" => 429,
            "flaky" => 502,
            _ => 200,
        };
        assert_eq!(reply.status, expected, "{}", function.name);
        let failed = reply.header("x-amz-function-error").is_some();
        assert_eq!(failed, function.name == "fail", "{}", function.name);
    }
}

#[tokio::test]
async fn sleep_takes_its_time() {
    let endpoint = start().await;
    let started = Instant::now();
    let reply = call(&endpoint, invoke("sleep", r#"{"ms":80}"#)).await;
    assert!(started.elapsed() >= Duration::from_millis(80));
    assert_eq!(reply.json(), json!({ "slept_ms": 80 }));
}

#[tokio::test]
async fn sleep_beyond_its_timeout_is_cut_off() {
    let endpoint = start().await;
    let request = invoke("sleep", r#"{"ms":3600000,"timeout":0.05}"#);
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
    let id = reply.header("x-amzn-requestid").unwrap();
    assert_eq!(
        reply.json(),
        json!({
            "errorType": "Sandbox.Timedout",
            "errorMessage": format!("RequestId: {id} Error: Task timed out after 0.05 seconds"),
        })
    );
}

#[tokio::test]
async fn big_is_as_long_as_asked_up_to_lambdas_limit() {
    let endpoint = start().await;
    for bytes in [2, 3, 70_000, 6_291_556] {
        let event = json!({ "bytes": bytes });
        let reply = call(&endpoint, invoke("big", event.to_string())).await;
        assert_eq!(reply.body.len(), bytes);
        assert!(reply.json().is_string());
    }
    for bytes in [6_291_557, u64::MAX] {
        let event = json!({ "bytes": bytes });
        let reply = call(&endpoint, invoke("big", event.to_string())).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-amz-function-error"), Some("Unhandled"));
        assert_eq!(
            reply.json(),
            json!({
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            })
        );
    }
}

#[tokio::test]
async fn throttle_answers_429_as_often_as_asked_for_each_call() {
    let endpoint = start().await;
    let reply = call(&endpoint, invoke("throttle", "{}")).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.code(), Some("TooManyRequestsException"));
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(
        reply.json(),
        json!({
            "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
            "Type": "User",
            "message": "Rate Exceeded.",
        })
    );

    let event = json!({
        "times": 2, "reason": "CallerRateLimitExceeded", "retry_after": 0, "retry_after_ms": 30,
    });
    let attempt = |id: &'static str| {
        invoke("throttle", event.to_string()).header("amz-sdk-invocation-id", id)
    };
    for (id, status) in [("a", 429), ("b", 429), ("a", 429), ("a", 200), ("b", 429)] {
        let reply = call(&endpoint, attempt(id)).await;
        assert_eq!(reply.status, status, "{id}");
        if status == 200 {
            assert_eq!(reply.json(), json!({ "attempts": 3 }));
        } else {
            assert_eq!(reply.header("x-amz-retry-after"), Some("30"));
            assert_eq!(reply.json()["Reason"], "CallerRateLimitExceeded");
        }
    }
    // The function itself ran once.
    assert_eq!(endpoint.counters().ran, 1);
}

#[tokio::test]
async fn flaky_fails_as_often_as_asked_with_the_error_asked_for() {
    let endpoint = start().await;
    let event = r#"{"fail":2,"status":502,"code":"ENINotReadyException"}"#;
    let attempt = || invoke("flaky", event).header("amz-sdk-invocation-id", "a");
    for _ in 0..2 {
        let reply = call(&endpoint, attempt()).await;
        assert_eq!(reply.status, 502);
        assert_eq!(reply.code(), Some("ENINotReadyException"));
        assert_eq!(reply.json()["Type"], "Service");
    }
    assert_eq!(
        call(&endpoint, attempt()).await.json(),
        json!({ "attempts": 3 })
    );
}

#[tokio::test]
async fn flaky_can_break_the_connection_after_it_ran() {
    let endpoint = start().await;
    let request = invoke("flaky", r#"{"drop":true}"#).header("amz-sdk-invocation-id", "a");
    let mut client = Client::connect(&endpoint).await;
    client.send(&request.bytes(&endpoint)).await;
    assert!(client.receive().await.is_none());
    let broken = &endpoint.invocations()[0];
    assert_eq!(broken.status, None);
    assert!(broken.executed_version.is_some());
    assert_eq!(
        call(&endpoint, request).await.json(),
        json!({ "attempts": 2 })
    );
}

/// A JSON string of that many bytes.
fn json_string(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes - 2))
}

#[tokio::test]
async fn payloads_are_accepted_up_to_lambdas_limits_and_refused_beyond() {
    let endpoint = start().await;
    let table = [
        ("RequestResponse", 6_291_456, 200),
        ("RequestResponse", 6_291_457, 413),
        ("DryRun", 6_291_457, 413),
        ("Event", 1_048_576, 202),
        ("Event", 1_048_577, 413),
    ];
    for (invocation_type, bytes, status) in table {
        let request =
            invoke("identity", json_string(bytes)).header("x-amz-invocation-type", invocation_type);
        let limit = if invocation_type == "Event" {
            1_048_576
        } else {
            6_291_456
        };
        for wire in [request.bytes(&endpoint), request.chunked(&endpoint)] {
            let mut client = Client::connect(&endpoint).await;
            client.send(&wire).await;
            let reply = client.receive().await.unwrap();
            assert_eq!(reply.status, status, "{invocation_type} {bytes}");
            if status == 413 {
                assert_eq!(reply.code(), Some("RequestEntityTooLargeException"));
                assert_eq!(
                    reply.message(),
                    format!(
                        "Request must be smaller than {limit} bytes for the InvokeFunction operation"
                    )
                );
            }
        }
    }
}

#[tokio::test]
async fn a_length_over_the_limit_is_refused_before_the_body_comes() {
    let endpoint = start().await;
    for expect in ["", "expect: 100-continue\r\n"] {
        let mut client = Client::connect(&endpoint).await;
        let head = invoke("echo", "").head(&endpoint);
        client
            .send(format!("{head}{expect}content-length: 99999999999\r\n\r\n").as_bytes())
            .await;
        assert_eq!(client.receive().await.unwrap().status, 413, "{expect}");
    }
    let refused = endpoint.invocations();
    assert_eq!(
        refused[0].error_code.as_deref(),
        Some("RequestEntityTooLargeException")
    );
    assert!(refused[0].payload.is_empty());
}

#[tokio::test]
async fn a_connection_is_usable_after_a_body_that_was_too_large() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    let request = invoke("identity", json_string(7_000_000));
    assert_eq!(client.call(&request).await.status, 413);
    assert_eq!(client.call(&invoke("identity", "1")).await.text(), "1");
}

#[tokio::test]
async fn whoever_waits_for_100_continue_gets_it() {
    let endpoint = start().await;
    let request = invoke("identity", "[1]");
    let mut client = Client::connect(&endpoint).await;
    let head = request.head(&endpoint);
    client
        .send(format!("{head}expect: 100-continue\r\ncontent-length: 3\r\n\r\n").as_bytes())
        .await;
    assert_eq!(client.receive().await.unwrap().status, 100);
    client.send(b"[1]").await;
    assert_eq!(client.receive().await.unwrap().text(), "[1]");
}

#[tokio::test]
async fn a_refused_signature_runs_nothing() {
    let endpoint = start().await;
    let mut request = invoke("echo", "{}");
    request.signer.credentials.secret_access_key.push('x');
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.status, 403);
    assert_eq!(reply.code(), Some("InvalidSignatureException"));
    let body = reply.json();
    assert_eq!(body.as_object().unwrap().len(), 1);
    assert!(body["message"].is_string());
    let counters = endpoint.counters();
    assert_eq!(
        (counters.requests, counters.refused, counters.ran),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn region_credentials_and_clock_can_be_set() {
    let credentials = Credentials {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: "another secret".to_owned(),
        session_token: Some("a token".to_owned()),
    };
    // 2026-08-30T12:36:00Z
    let time = 1_788_093_360;
    let endpoint = LocalEndpoint::builder()
        .region("eu-west-1")
        .credentials(credentials.clone())
        .clock(move || UNIX_EPOCH + Duration::from_secs(time))
        .start()
        .await
        .unwrap();
    assert_eq!(endpoint.region(), "eu-west-1");
    assert_eq!(endpoint.credentials(), &credentials);
    let mut request = invoke(
        "arn:aws:lambda:eu-west-1:000000000000:function:identity",
        "7",
    );
    request.signer = Signer {
        credentials,
        region: "eu-west-1",
        service: "lambda",
        time: i64::try_from(time).unwrap(),
    };
    let reply = call(&endpoint, request).await;
    assert_eq!(reply.text(), "7");
    assert_eq!(reply.header("date"), Some("Sun, 30 Aug 2026 12:36:00 GMT"));
}

#[tokio::test]
async fn every_answer_has_its_ids() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    let mut ids = HashSet::new();
    for request in [
        invoke("echo", "{}"),
        invoke("echo", "{}").header("x-amz-invocation-type", "Event"),
        invoke("echo", "{}").header("x-amz-invocation-type", "DryRun"),
        invoke("nope", "{}"),
        invoke("throttle", "{}"),
        invoke("echo", "not json"),
    ] {
        let reply = client.call(&request).await;
        let id = reply.header("x-amzn-requestid").unwrap();
        assert_eq!(id.len(), 36);
        assert!(ids.insert(id.to_owned()));
        assert!(
            reply
                .header("x-amzn-trace-id")
                .unwrap()
                .starts_with("Root=1-")
        );
        assert!(reply.header("date").unwrap().ends_with(" GMT"));
    }
    let kept: HashSet<String> = endpoint
        .invocations()
        .into_iter()
        .map(|i| i.request_id)
        .collect();
    assert_eq!(kept, ids);
}

#[tokio::test]
async fn what_is_not_invoke_is_refused_in_json() {
    let endpoint = start().await;
    let table = [
        ("GET / HTTP/1.1", 404),
        ("POST /2015-03-31/functions HTTP/1.1", 404),
        ("POST /2015-03-31/functions/a/b/invocations HTTP/1.1", 404),
        ("POST /2015-03-31/functions/invocations HTTP/1.1", 404),
        (
            "POST /2021-11-15/functions/echo/response-streaming-invocations HTTP/1.1",
            404,
        ),
        ("OPTIONS * HTTP/1.1", 404),
        ("GET /2015-03-31/functions/echo/invocations HTTP/1.1", 405),
        ("PURGE /2015-03-31/functions/echo/invocations HTTP/1.1", 405),
        // No name, and no signature: the second comes first.
        ("POST /2015-03-31/functions//invocations HTTP/1.1", 403),
    ];
    for (line, status) in table {
        let mut client = Client::connect(&endpoint).await;
        client
            .send(format!("{line}\r\nhost: a\r\n\r\n").as_bytes())
            .await;
        let reply = client.receive().await.unwrap();
        assert_eq!(reply.status, status, "{line}");
        assert_eq!(reply.header("allow").is_some(), status == 405, "{line}");
        assert!(!reply.message().is_empty());
    }
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let endpoint = start().await;
    let mut first = Client::connect(&endpoint).await;
    for n in 0..3 {
        assert_eq!(
            first.call(&invoke("identity", n.to_string())).await.text(),
            n.to_string()
        );
    }
    let mut second = Client::connect(&endpoint).await;
    second.call(&invoke("echo", "{}")).await;
    let connections: Vec<u64> = endpoint
        .invocations()
        .iter()
        .map(|i| i.connection)
        .collect();
    assert_eq!(connections, [1, 1, 1, 2]);
    assert_eq!(endpoint.counters().connections, 2);
    assert_eq!(endpoint.counters().requests, 4);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    let mut wire = Vec::new();
    for n in 0..50 {
        wire.extend(invoke("identity", n.to_string()).bytes(&endpoint));
    }
    client.send(&wire).await;
    for n in 0..50 {
        assert_eq!(client.receive().await.unwrap().text(), n.to_string());
    }
}

#[tokio::test]
async fn garbage_never_stops_the_endpoint() {
    let endpoint = start().await;
    let signed = invoke("echo", "{}").bytes(&endpoint);
    let long = [b"GET /".to_vec(), vec![b'a'; 1 << 20]].concat();
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x-h: 1\r\n".repeat(5_000));
    let nul = signed
        .iter()
        .map(|b| if *b == b':' { 0 } else { *b })
        .collect();
    let garbage: Vec<Vec<u8>> = vec![
        vec![],
        vec![0; 10_000],
        (0..=255).collect(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"POST\r\n\r\n".to_vec(),
        b"POST / HTTP/9.9\r\n\r\n".to_vec(),
        b"POST /2015-03-31/functions/%/invocations HTTP/1.1\r\n\r\n".to_vec(),
        b"POST /2015-03-31/functions/%ff%00/invocations?Qualifier=%ff HTTP/1.0\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_vec(),
        b"POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        b"POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n".to_vec(),
        long,
        many.into_bytes(),
        nul,
    ];
    let halves = (0..signed.len())
        .step_by(37)
        .map(|end| signed[..end].to_vec());
    for bytes in garbage.into_iter().chain(halves) {
        let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
        // The endpoint may close the connection while this is written.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        // It must let go of the connection, with an answer or without.
        let _ = timeout(Duration::from_secs(20), read)
            .await
            .expect("a closed connection");
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    assert_eq!(endpoint.counters().ran, 0);
    assert_eq!(call(&endpoint, invoke("echo", "{}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_functions_sleep_at_once() {
    let endpoint = start().await;
    let request = invoke("sleep", r#"{"ms":300}"#).bytes(&endpoint);
    let started = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client = Client::connect(&endpoint).await;
        client.send(&request).await;
        clients.push(client);
    }
    for client in &mut clients {
        assert_eq!(client.receive().await.unwrap().status, 200);
    }
    // One after another they would take a minute.
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_a_trace() {
    let endpoint = start().await;
    let mut client = Client::connect(&endpoint).await;
    client
        .send(&invoke("sleep", r#"{"ms":60000}"#).bytes(&endpoint))
        .await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while endpoint.counters().ran == 0 {
        assert!(Instant::now() < deadline, "the function never ran");
        sleep(Duration::from_millis(5)).await;
    }
    drop(client);
    let invocation = &endpoint.invocations()[0];
    assert_eq!(invocation.status, None);
    assert!(invocation.executed_version.is_some());
    assert!(!invocation.finished);
}

#[tokio::test]
async fn shutdown_ends_connections_and_frees_the_port() {
    let endpoint = start().await;
    let address = endpoint.address();
    let request = invoke("sleep", r#"{"ms":600000}"#);
    let mut sleeping = Client::connect(&endpoint).await;
    sleeping.send(&request.bytes(&endpoint)).await;
    let event = request.header("x-amz-invocation-type", "Event");
    assert_eq!(call(&endpoint, event).await.status, 202);

    let Client { mut stream, .. } = sleeping;
    timeout(Duration::from_secs(10), endpoint.shutdown())
        .await
        .unwrap();
    let mut rest = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))));
    assert!(TcpStream::connect(address).await.is_err());

    let again = LocalEndpoint::builder()
        .bind(address)
        .start()
        .await
        .unwrap();
    assert_eq!(call(&again, invoke("echo", "{}")).await.status, 200);
}

#[tokio::test]
async fn dropping_the_endpoint_stops_it() {
    let endpoint = start().await;
    let address = endpoint.address();
    drop(endpoint);
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let address = address.parse().unwrap();
        let error = LocalEndpoint::builder()
            .bind(address)
            .start()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let endpoint = start().await;
    let second = LocalEndpoint::builder()
        .bind(endpoint.address())
        .start()
        .await;
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn invocations_tell_what_was_sent() {
    let endpoint = start().await;
    let request = invoke("echo%3A1", "[1]")
        .qualifier("1")
        .header("x-amz-invocation-type", "RequestResponse")
        .header("x-custom", "seen");
    call(&endpoint, request).await;
    call(&endpoint, invoke("nope", "")).await;
    let kept = endpoint.invocations();
    let first = &kept[0];
    assert_eq!(first.function_name, "echo:1");
    assert_eq!(first.qualifier.as_deref(), Some("1"));
    assert_eq!(first.invocation_type.as_deref(), Some("RequestResponse"));
    assert_eq!(&first.payload[..], b"[1]");
    assert_eq!(first.headers["x-custom"], "seen");
    assert_eq!(first.executed_version.as_deref(), Some("1"));
    assert_eq!(
        (first.status, first.error_code.as_deref()),
        (Some(200), None)
    );
    assert!(first.finished);
    let second = &kept[1];
    assert_eq!(second.invocation_type, None);
    assert_eq!(second.status, Some(404));
    assert_eq!(
        second.error_code.as_deref(),
        Some("ResourceNotFoundException")
    );
    assert_eq!(second.executed_version, None);
}

#[tokio::test]
async fn debug_shows_no_secrets_and_no_payload() {
    let credentials = Credentials {
        access_key_id: "canary-key".to_owned(),
        secret_access_key: "canary-secret".to_owned(),
        session_token: Some("canary-token".to_owned()),
    };
    let builder = LocalEndpoint::builder().credentials(credentials.clone());
    let builder_text = format!("{builder:?}");
    let endpoint = builder.start().await.unwrap();
    let mut request = invoke("echo", r#""canary-payload""#).header(
        "x-amz-client-context",
        STANDARD.encode(r#"{"custom":"canary"}"#),
    );
    request.signer.credentials = credentials.clone();
    assert_eq!(call(&endpoint, request).await.status, 200);
    let invocations = endpoint.invocations();
    assert_eq!(
        invocations[0].headers["x-amz-security-token"],
        "canary-token"
    );
    for text in [
        format!("{credentials:?}"),
        builder_text,
        format!("{endpoint:?}"),
        format!("{invocations:?}"),
    ] {
        assert!(
            !text.contains("canary") && !text.contains("Y2FuYXJ5"),
            "{text}"
        );
    }
}
