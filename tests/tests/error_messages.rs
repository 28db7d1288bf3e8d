//! Every error that a user can act on, produced end to end by a server or a host that
//! really gives it: `docs/errors.md` holds what `lambda-host` says of each, and is written
//! anew when `UPDATE_DOCS` is set.
//!
//! Everything secret in these runs carries a mark (the keys, the token of the container
//! endpoint, the payload, what servers answer), and nothing that is printed may.

use std::any::Any;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::connection::{self, Connection as ToLambda};
use lambda_invocation_core::call::invocation::{Invocation, Step, Unsigned};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::{RawResponse, Response};
use lambda_invocation_core::call::settings::{Environment, Settings};
use lambda_invocation_core::credentials::{self as sources, Fetched};
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::{Error, FunctionError, FunctionFailure};
use lambda_invocation_core::lifecycle::{self, ApplyFailure, Config, Deposed, State};
use lambda_invocation_host::credentials::{Resolved, Source};
use lambda_invocation_host::{ApplyError, CallError, Host};
use lambda_invocation_local::{Builder, Credentials, LocalEndpoint};
use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::{LambdaHost, Run};
use lambda_invocation_tests::server::{self, Connection, Server};
use lambda_invocation_tests::wasmtime::Wasmtime;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};
use serde_json::Value;
use tokio::runtime::Runtime;

const HOUR: Duration = Duration::from_secs(3_600);
const DID_NOT_RUN: &str = "nothing was sent, so the function did not run";
const MAY_HAVE_RUN: &str = "the request may have reached Lambda, so the function may have run";

/// A situation, and what is to be said of it.
struct Case {
    /// The situation, for people.
    name: &'static str,
    /// The exit code, as in the README.
    code: i32,
    /// The case of `types.error` that the JSON document has it under.
    case: &'static str,
    /// What the line must say, among others: what happened, why, and the names of the
    /// variables and options to set.
    says: &'static [&'static str],
    /// The command, made anew for each run.
    command: fn() -> Staged,
}

/// A command, and what must live as long as it runs.
struct Staged(LambdaHost, Box<dyn Any>);

const CASES: &[Case] = &[
    // Who calls.
    Case {
        name: "no credentials",
        code: 2,
        case: "no-credentials",
        says: &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "--profile"],
        command: || Staged(anonymous("http://127.0.0.1:1"), Box::new(())),
    },
    Case {
        name: "no credentials: half of them",
        code: 2,
        case: "no-credentials",
        says: &["AWS_SECRET_ACCESS_KEY"],
        command: || {
            let run =
                anonymous("http://127.0.0.1:1").env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "no credentials: the profile does not exist",
        code: 2,
        case: "no-credentials",
        says: &["\"nowhere\"", "aws configure list-profiles"],
        command: || {
            let run = anonymous("http://127.0.0.1:1").args(["--profile", "nowhere"]);
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "no credentials: the container endpoint does not answer",
        code: 2,
        case: "no-credentials",
        says: &["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        command: || {
            let (url, socket) = server::refusing();
            let run =
                anonymous("http://127.0.0.1:1").env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
            Staged(run, Box::new(socket))
        },
    },
    Case {
        name: "no credentials: STS refuses the web identity",
        code: 2,
        case: "no-credentials",
        says: &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
        command: || {
            let sts = answering(
                "403 Forbidden",
                "content-type: text/xml",
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                 <Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message>\
                 </Error></ErrorResponse>",
            );
            let run = anonymous("http://127.0.0.1:1")
                .file("token", canary::keys().session_token.unwrap())
                .env("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
                .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy")
                .env("AWS_ENDPOINT_URL_STS", sts.url());
            Staged(run, Box::new(sts))
        },
    },
    Case {
        name: "unknown access key",
        code: 3,
        case: "service",
        says: &[
            "UnrecognizedClientException (HTTP 403)",
            "AWS_ACCESS_KEY_ID",
            "AWS_SESSION_TOKEN",
        ],
        command: || {
            let other = Credentials {
                access_key_id: "AKIAOTHER".to_owned(),
                ..endpoint_credentials()
            };
            local(LocalEndpoint::builder().credentials(other))
        },
    },
    Case {
        name: "wrong secret",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "AWS_SECRET_ACCESS_KEY",
        ],
        command: || {
            let other = Credentials {
                secret_access_key: "another".to_owned(),
                ..endpoint_credentials()
            };
            local(LocalEndpoint::builder().credentials(other))
        },
    },
    Case {
        name: "expired token",
        code: 3,
        case: "service",
        says: &["ExpiredTokenException (HTTP 403)", "AWS_SESSION_TOKEN"],
        command: || local(accepting().session_expires(SystemTime::UNIX_EPOCH)),
    },
    Case {
        name: "clock behind",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "Signature expired",
            "set the host's clock right",
        ],
        command: || local(accepting().clock(|| SystemTime::now() + HOUR)),
    },
    Case {
        name: "clock ahead",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "Signature not yet current",
            "set the host's clock right",
        ],
        command: || local(accepting().clock(|| SystemTime::now() - HOUR)),
    },
    Case {
        name: "no permission",
        code: 3,
        case: "service",
        says: &[
            "AccessDeniedException (HTTP 403)",
            "grant the caller lambda:InvokeFunction",
        ],
        command: || {
            refusing_with(
                "403 Forbidden",
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/caller is not authorized to perform: \
                 lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:echo \
                 because no identity-based policy allows the lambda:InvokeFunction action",
            )
        },
    },
    // Where.
    Case {
        name: "no region",
        code: 2,
        case: "no-region",
        says: &["AWS_REGION", "--region"],
        command: || {
            let run = LambdaHost::new(["invoke", "echo"]).keys(&canary::keys());
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "no such region",
        code: 2,
        case: "invalid-argument",
        says: &["invalid region", "eu-central-1", "AWS_REGION", "--region"],
        command: || {
            let run =
                LambdaHost::new(["invoke", "echo", "--region", "virginia"]).keys(&canary::keys());
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "wrong region: the ARN is of another",
        code: 2,
        case: "invalid-argument",
        says: &["invalid function-name", "region", "AWS_REGION", "--region"],
        command: || {
            let arn = "arn:aws:lambda:eu-west-1:123456789012:function:echo";
            let run =
                LambdaHost::new(["invoke", arn, "--region", "us-east-1"]).keys(&canary::keys());
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "wrong region: the endpoint is of another",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "AWS_REGION",
            "AWS_ENDPOINT_URL_LAMBDA",
        ],
        command: || local(accepting().region("eu-west-1")),
    },
    Case {
        name: "function missing, or in another region",
        code: 3,
        case: "service",
        says: &[
            "ResourceNotFoundException (HTTP 404)",
            "AWS_REGION",
            "--region",
        ],
        command: || {
            let Staged(run, alive) = local_function("missing", accepting());
            Staged(run, alive)
        },
    },
    // What.
    Case {
        name: "throttled",
        code: 3,
        case: "throttled",
        says: &[
            "ReservedFunctionConcurrentInvocationLimitExceeded",
            "try again in",
            "reserved concurrency",
        ],
        command: || local_function("throttle", accepting()),
    },
    Case {
        name: "throttled: the caller's rate",
        code: 3,
        case: "throttled",
        says: &[
            "CallerRateLimitExceeded",
            "AWS_MAX_ATTEMPTS",
            "--max-attempts",
        ],
        command: || {
            let answer =
                r#"{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate exceeded"}"#;
            against(answering(
                "429 Too Many Requests",
                "x-amzn-errortype: TooManyRequestsException",
                answer,
            ))
        },
    },
    Case {
        name: "payload too large",
        code: 2,
        case: "invalid-argument",
        says: &["invalid payload", "6,291,456 bytes (6 MB)", "through S3"],
        command: || {
            let payload = format!("\"cAnArY{}\"", "x".repeat(6_291_456));
            let run = signed("http://127.0.0.1:1")
                .args(["--payload-file", "-"])
                .stdin(payload);
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "payload too large for the service",
        code: 3,
        case: "service",
        says: &["RequestEntityTooLargeException (HTTP 413)", "through S3"],
        command: || {
            refusing_with(
                "413 Request Entity Too Large",
                "RequestEntityTooLargeException",
                "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
            )
        },
    },
    Case {
        name: "KMS access denied: the function's role was deleted and recreated",
        code: 3,
        case: "service",
        says: &[
            "KMSAccessDeniedException (HTTP 502)",
            "switch the function to another role and back",
            "recreate the function",
        ],
        command: || {
            refusing_with(
                "502 Bad Gateway",
                "KMSAccessDeniedException",
                "Lambda was unable to decrypt the environment variables because KMS access was denied. \
                 Please check the function's KMS key settings. KMS Exception: UnrecognizedClientException \
                 KMS Message: The security token included in the request is invalid.",
            )
        },
    },
    // The way there.
    Case {
        name: "denied by the host's policy",
        code: 5,
        case: "denied-by-host",
        says: &["http://169.254.169.254", "--allow"],
        command: || {
            Staged(
                signed("http://169.254.169.254").args(["--allow-http"]),
                Box::new(()),
            )
        },
    },
    Case {
        name: "DNS failure",
        code: 4,
        case: "transport",
        says: &[
            "https://lambda.nowhere.invalid",
            "name lookup failed",
            DID_NOT_RUN,
            "AWS_ENDPOINT_URL_LAMBDA",
            "--endpoint-url",
        ],
        command: || {
            Staged(
                signed("https://lambda.nowhere.invalid").args(["--connect-timeout", "60s"]),
                Box::new(()),
            )
        },
    },
    Case {
        name: "connection refused",
        code: 4,
        case: "transport",
        says: &[
            "connection refused",
            DID_NOT_RUN,
            "AWS_ENDPOINT_URL_LAMBDA",
            "--endpoint-url",
        ],
        command: || {
            let (url, socket) = server::refusing();
            Staged(signed(&url), Box::new(socket))
        },
    },
    Case {
        name: "TLS failure: nobody vouches for the certificate",
        code: 4,
        case: "transport",
        says: &[
            "certificate was not accepted",
            DID_NOT_RUN,
            "--endpoint-url",
            "SSL_CERT_FILE",
        ],
        command: || Staged(signed(&self_signed()), Box::new(())),
    },
    Case {
        name: "TLS failure: the server does not speak it",
        code: 4,
        case: "transport",
        says: &["TLS protocol error", DID_NOT_RUN, "--endpoint-url"],
        command: || {
            let server = answering("400 Bad Request", "x-a: b", "");
            Staged(
                signed(&server.url().replace("http:", "https:")),
                Box::new(server),
            )
        },
    },
    Case {
        name: "broken off before the answer",
        code: 4,
        case: "transport",
        says: &["connection was closed", MAY_HAVE_RUN, "--retry idempotent"],
        command: || {
            against(Server::start(|mut connection| {
                connection.read_request().map(drop)
            }))
        },
    },
    Case {
        name: "response too large",
        code: 4,
        case: "response-too-large",
        says: &["6356992 bytes", "AWS_ENDPOINT_URL_LAMBDA", "--endpoint-url"],
        command: || against(answering("200 OK", "x-a: b", &"x".repeat(6_356_993))),
    },
    // Time.
    Case {
        name: "timed out: connecting",
        code: 4,
        case: "timeout",
        says: &[
            "after 300 ms waiting for a connection",
            MAY_HAVE_RUN,
            "--connect-timeout",
        ],
        command: || {
            let (url, queue) = server::full();
            Staged(
                signed(&url).args(["--connect-timeout", "300ms"]),
                Box::new(queue),
            )
        },
    },
    Case {
        name: "timed out: the response",
        code: 4,
        case: "timeout",
        says: &[
            "after 300 ms waiting for the response",
            MAY_HAVE_RUN,
            "--response-timeout",
        ],
        command: || {
            let Staged(run, alive) = against(silent());
            Staged(run.args(["--response-timeout", "300ms"]), alive)
        },
    },
    Case {
        name: "timed out: the deadline",
        code: 4,
        case: "timeout",
        says: &["after 600 ms in total", MAY_HAVE_RUN, "--timeout"],
        command: || {
            let Staged(run, alive) = against(silent());
            Staged(run.args(["--timeout", "600ms"]), alive)
        },
    },
];

// What the cases are made from.

/// A call without credentials, but with a token that it could send somewhere.
fn anonymous(endpoint: &str) -> LambdaHost {
    function("echo", endpoint)
}

fn function(name: &str, endpoint: &str) -> LambdaHost {
    LambdaHost::new(["invoke", name, "--region", "us-east-1", "--retry", "never"])
        .args(["--endpoint-url", endpoint])
        .env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            canary::keys().session_token.unwrap(),
        )
}

/// A call with keys, and a payload unless another is given.
fn signed(endpoint: &str) -> LambdaHost {
    anonymous(endpoint).keys(&canary::keys())
}

fn endpoint_credentials() -> Credentials {
    let keys = canary::keys();
    Credentials {
        access_key_id: keys.access_key_id,
        secret_access_key: keys.secret_access_key,
        session_token: keys.session_token,
    }
}

/// A Lambda that knows the keys.
fn accepting() -> Builder {
    LocalEndpoint::builder().credentials(endpoint_credentials())
}

fn local(endpoint: Builder) -> Staged {
    local_function("echo", endpoint)
}

fn local_function(name: &str, endpoint: Builder) -> Staged {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    });
    let endpoint = runtime.block_on(endpoint.start()).unwrap();
    let run = function(name, &endpoint.url())
        .keys(&canary::keys())
        .args(["--payload", &canary::payload()]);
    Staged(run, Box::new(endpoint))
}

/// A call of a server, with a payload.
fn against(server: Server) -> Staged {
    let run = signed(server.url()).args(["--payload", &canary::payload()]);
    Staged(run, Box::new(server))
}

/// A server with one answer to everything.
fn answering(status: &str, header: &str, body: &str) -> Server {
    let answer = format!(
        "HTTP/1.1 {status}\r\n{header}\r\nx-canary: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        canary::payload(),
        body.len(),
    );
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        connection.read_request()?;
        connection.send(&answer)?;
        connection.finish()
    })
}

/// A Lambda that refuses everything in these words, and repeats the payload and the
/// token besides.
fn refusing_with(status: &str, code: &str, message: &str) -> Staged {
    let body = serde_json::json!({
        "Type": "User",
        "Message": message,
        "payload": canary::payload(),
        "token": canary::keys().session_token,
    });
    let header = format!("x-amzn-errortype: {code}\r\nx-amzn-requestid: {REQUEST_ID}");
    against(answering(status, &header, &body.to_string()))
}

const REQUEST_ID: &str = "3f2b6c1e-0d4a-4c58-9b7e-2a1f0e9d8c7b";

fn silent() -> Server {
    Server::start(|mut connection| connection.wait_for_the_client())
}

/// The URL of a TLS server whose certificate is its own word.
fn self_signed() -> String {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // The client breaks the handshake off, which is the point.
            let _ = shake_hands(Arc::clone(&config), stream.unwrap());
        }
    });
    url
}

fn shake_hands(config: Arc<ServerConfig>, mut stream: TcpStream) -> io::Result<()> {
    let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
    while session.is_handshaking() {
        session.complete_io(&mut stream)?;
    }
    Ok(())
}

// The tests.

const HEAD: &str = "\
# Errors, and what to do about them

What `lambda-host` says in each situation: what happened, why, whether the function may have run, and what to set. A
test makes every situation really happen and holds these lines. The exit code is the one of the
[README](../README.md); the name beside it is the case of `error` in [`wit/types.wit`](../wit/types.wit), under which
`--output json` has the same as data. `PORT`, `ID`, `TIME` and `WHY` stand for what differs from run to run.
";

#[test]
fn every_error_says_what_happened_why_and_what_to_do() {
    let mut found = HEAD.to_owned();
    let mut faults = Vec::new();
    for case in CASES {
        let Staged(command, _alive) = (case.command)();
        let run = command.run();
        no_secret_is_in(case, &run);
        let line = run.refusal(case.code);
        let unsaid = case.says.iter().filter(|text| !line.contains(**text));
        faults.extend(unsaid.map(|text| format!("{}: {text:?} is not in {line:?}", case.name)));
        let line = normal(line);
        found += &format!(
            "\n## {}\n\nExit code {}, `{}`.\n\n```text\n{line}\n```\n",
            case.name, case.code, case.case
        );
        verbose_says_it_too(case, &line);
    }
    assert!(faults.is_empty(), "{faults:#?}");
    compare(&found);
}

/// With `-v` and `--output json` the line is the same; only where the credentials came
/// from is added, and the error as a document.
fn verbose_says_it_too(case: &Case, line: &str) {
    let Staged(command, _alive) = (case.command)();
    let run = command.args(["-v", "--output", "json"]).run();
    no_secret_is_in(case, &run);
    assert_eq!(run.code, case.code, "{}: {run:#?}", case.name);
    let mut lines = run.stderr.lines();
    let mut first = lines.next().unwrap_or_default();
    if case.case != "no-credentials" {
        assert_eq!(
            first, "credentials: environment variables, key id …MPLE",
            "{}",
            case.name
        );
        first = lines.next().unwrap_or_default();
    }
    assert_eq!(normal(first), line, "{}", case.name);
    assert_eq!(lines.next(), None, "{}: {run:#?}", case.name);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(
        document["error"].get(case.case).is_some(),
        "{}: {document}",
        case.name
    );
}

/// The command component under the wasmtime CLI, whose HTTP stack and exit codes are not
/// ours: what a user can act on is the same.
#[test]
fn the_command_component_says_what_to_do_as_well() {
    let (refusing, _socket) = server::refusing();
    let (full, _queue) = server::full();
    let (stalled, untrusted) = (silent(), self_signed());
    let url = |server: &Server| server.url().to_owned();
    for (name, endpoint, arguments, says) in [
        (
            "no region",
            url(&stalled),
            &[][..],
            &["no region", "AWS_REGION", "--region"][..],
        ),
        (
            "DNS failure",
            "https://lambda.nowhere.invalid".to_owned(),
            &["--region", "us-east-1", "--connect-timeout", "60s"],
            &["cannot connect", DID_NOT_RUN, "AWS_ENDPOINT_URL_LAMBDA"],
        ),
        (
            "refused",
            refusing,
            &["--region", "us-east-1"],
            &["cannot connect", DID_NOT_RUN, "AWS_ENDPOINT_URL_LAMBDA"],
        ),
        (
            "TLS failure",
            untrusted,
            &["--region", "us-east-1"],
            &["TLS", DID_NOT_RUN, "--endpoint-url"],
        ),
        (
            "timed out: connecting",
            full,
            &["--region", "us-east-1", "--connect-timeout", "300ms"],
            &["after 300 ms", "connect-timeout"],
        ),
        (
            "timed out: the response",
            url(&stalled),
            &["--region", "us-east-1", "--response-timeout", "300ms"],
            &["after 300 ms", MAY_HAVE_RUN, "--response-timeout"],
        ),
        (
            "timed out: the deadline",
            url(&stalled),
            &["--region", "us-east-1", "--timeout", "300ms"],
            &["after 300 ms in total", MAY_HAVE_RUN, "--timeout"],
        ),
    ] {
        let Some(run) = Wasmtime::new(["invoke", "echo", "--retry", "never"]) else {
            return;
        };
        let run = run
            .args(["--payload", &canary::payload(), "--endpoint-url", &endpoint])
            .args(arguments)
            .keys(&canary::keys())
            .run();
        let line = run.refusal(1);
        for text in says {
            assert!(line.contains(text), "{name}: {text:?} is not in {line:?}");
        }
        assert!(!canary::is_in(line), "{name}: {line}");
    }
}

/// Types of the core and of the host that hold keys, payloads, answers or what surrounds
/// them, each with the mark in every field that may hold a secret.
#[test]
fn debug_shows_no_secret_of_any_type_that_holds_one() {
    let payload = canary::payload();
    let keys = canary::keys();
    let credentials = connection::Credentials {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        session_token: keys.session_token.clone(),
    };
    let connection = ToLambda {
        region: Some("us-east-1".to_owned()),
        // Before it is checked it may hold user info.
        endpoint_url: Some("https://user:cAnArY@example.com".to_owned()),
        credentials: Some(credentials.clone()),
        ..ToLambda::default()
    };
    let request = Request {
        function_name: "f".to_owned(),
        payload: payload.clone().into_bytes(),
        client_context: Some(STANDARD.encode(&payload)),
        ..Request::default()
    };
    let settings = Settings::resolve(
        ToLambda {
            endpoint_url: None,
            ..connection.clone()
        },
        &Environment::default(),
    )
    .unwrap();
    let unsigned = Unsigned::new(
        request.clone(),
        ToLambda {
            endpoint_url: None,
            ..connection.clone()
        },
        &Environment::default(),
        [7; 16],
    );
    let mut invocation = Invocation::new(request.clone(), settings.clone(), [7; 16]).unwrap();
    let now = Duration::from_secs(1_788_093_360);
    invocation.attempt(now);
    let under_way = format!("{invocation:?}");
    let signed = invocation.prepare(now);
    let function_error = FunctionError {
        kind: "Unhandled".to_owned(),
        error_type: Some("ValueError".to_owned()),
        error_message: Some(payload.clone()),
        stack_trace: vec![payload.clone()],
    };
    let response = Response {
        status_code: 200,
        payload: payload.clone().into_bytes(),
        executed_version: None,
        log_result: Some(STANDARD.encode(&payload)),
        log_tail: Some(payload.clone()),
        function_error: Some(function_error.clone()),
        request_id: None,
        durable_execution_arn: None,
        attempts: 1,
    };
    let failure = Error::FunctionFailed(Box::new(FunctionFailure {
        function_error: function_error.clone(),
        payload: payload.clone().into_bytes(),
        log_tail: Some(payload.clone()),
    }));
    let raw = RawResponse {
        status: 200,
        headers: vec![("x-a".to_owned(), payload.clone())],
        body: payload.clone().into_bytes(),
    };
    let opened = Opened::from(response.clone());
    let ephemeral = EphemeralConfig {
        function_name: "f".to_owned(),
        payload: payload.clone(),
        client_context: Some(STANDARD.encode(&payload)),
        ..EphemeralConfig::default()
    };
    let config = Config {
        function_name: "f".to_owned(),
        input: payload.clone(),
        triggers: vec![("trigger".to_owned(), payload.clone())],
        ..Config::default()
    };
    let plan = lifecycle::plan(None, Some(&config)).unwrap();
    let state = State {
        version: lifecycle::STATE_VERSION,
        id: "f,$LATEST,0".to_owned(),
        config: config.clone(),
        result: payload.clone(),
        imported: false,
        deposed: Some(Deposed {
            id: "f,$LATEST,0".to_owned(),
            config: config.clone(),
        }),
    };
    let apply_failure = ApplyFailure {
        error: failure.clone(),
        state: Some(state.clone()),
        completed: Vec::new(),
    };
    let fetched = Fetched::without_end(credentials.clone());
    let container = sources::container::question(
        &Environment::new(vec![
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(),
                "http://127.0.0.1/".to_owned(),
            ),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN".to_owned(),
                payload.clone(),
            ),
        ]),
        None,
    );
    let resolved = Resolved {
        credentials: credentials.clone(),
        source: Source::Environment,
        expires: None,
        region: None,
    };
    let builder = Host::builder(Vec::new()).env("AWS_SECRET_ACCESS_KEY", &payload);
    let texts = [
        format!("{credentials:?}"),
        format!("{connection:?}"),
        format!("{request:?}"),
        format!("{settings:?}"),
        format!("{unsigned:?}"),
        under_way,
        format!("{signed:?}"),
        format!("{raw:?}"),
        format!("{response:?}"),
        format!("{:?}", Step::Done(Ok(response.clone()))),
        format!("{function_error:?}"),
        format!("{failure:?}"),
        format!("{opened:?}"),
        format!("{ephemeral:?}"),
        format!("{config:?}"),
        format!("{plan:?}"),
        format!("{state:?}"),
        format!("{apply_failure:?}"),
        format!("{fetched:?}"),
        format!("{:?}", container.unwrap()),
        format!("{resolved:?}"),
        format!("{builder:?}"),
        format!("{:?}", CallError::Failed(failure.clone())),
        format!("{:?}", ApplyError::Failed(Box::new(apply_failure.clone()))),
        format!("{keys:?}"),
        format!("{:?}", endpoint_credentials()),
        format!("{:?}", accepting()),
    ];
    for text in &texts {
        assert!(!canary::is_in(text), "{text}");
        assert!(!text.contains(&STANDARD.encode(&payload)), "{text}");
        assert!(!text.contains(&keys.access_key_id), "{text}");
    }
}

#[track_caller]
fn no_secret_is_in(case: &Case, run: &Run) {
    assert!(
        !canary::is_in(&run.stdout) && !canary::is_in(&run.stderr),
        "{}: {run:#?}",
        case.name
    );
}

/// The line without what differs from run to run: ports, ids, times, and the words of
/// the system's resolver.
fn normal(line: &str) -> String {
    let line = replaced_after("127.0.0.1:", |c| c.is_ascii_digit(), "PORT", line);
    let line = replaced_after("(request id ", |c| c != ')', "ID", &line);
    let resolver = "failed to lookup address information: ";
    let line = replaced_after(resolver, |c| c != ';', "WHY", &line);
    let times: Vec<&str> = line
        .split(|c: char| !c.is_ascii_alphanumeric())
        // As in 20260830T123600Z.
        .filter(|word| word.len() == 16 && word.ends_with('Z') && word.get(8..9) == Some("T"))
        .collect();
    let mut timeless = line.clone();
    for time in times {
        timeless = timeless.replace(time, "TIME");
    }
    timeless
}

/// `line` with `new` for what follows `before` at once and is made of such characters.
fn replaced_after(before: &str, of: fn(char) -> bool, new: &str, line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once(before) {
        out += &[head, before, new].concat();
        rest = tail.trim_start_matches(of);
    }
    out + rest
}

fn compare(found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (expected, found) in expected.lines().zip(found.lines()) {
        assert_eq!(expected, found, "UPDATE_DOCS=1 writes docs/errors.md anew");
    }
    assert_eq!(
        expected.len(),
        found.len(),
        "docs/errors.md is not what is said: run \
         UPDATE_DOCS=1 cargo test -p lambda-invocation-tests --test error_messages"
    );
}
