//! Answers that come piece by piece, whoever sends the request: the component or the host.

#![cfg(test)]

use std::future::pending;
use std::time::{Duration, Instant};

use lambda_invocation_host::{
    CallError, Completion, Connection, Credentials, Error, Host, InvocationType, LogType, Request,
    ResponseStream, RetryMode, RetryPolicy, StreamEvent, TimeoutPhase, Transport, TransportPhase,
};
use lambda_invocation_local::LocalEndpoint;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::sleep;

const BOTH: [Transport; 2] = [Transport::Component, Transport::Host];

fn host(transport: Transport) -> Host {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/components/lambda-invocation.wasm"
    );
    let built = Host::builder(path).transport(transport).build();
    built.expect("the component: cargo xtask build")
}

fn connection(endpoint: &LocalEndpoint) -> Connection {
    let credentials = endpoint.credentials();
    Connection {
        region: Some(endpoint.region().to_owned()),
        endpoint_url: Some(endpoint.url()),
        credentials: Some(Credentials {
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.clone(),
            session_token: credentials.session_token.clone(),
        }),
        ..Connection::default()
    }
}

fn request(function: &str, event: &str) -> Request {
    Request {
        function_name: function.to_owned(),
        payload: event.as_bytes().to_vec(),
        ..Request::default()
    }
}

/// All that comes, and how it ends.
async fn read(mut stream: ResponseStream) -> (String, Result<Completion, CallError>) {
    let mut text = Vec::new();
    loop {
        match stream.next().await {
            Ok(Some(StreamEvent::Chunk(bytes))) => text.extend(bytes),
            Ok(Some(StreamEvent::Complete(completion))) => {
                assert_eq!(stream.next().await, Ok(None));
                let text = String::from_utf8(text).unwrap();
                return (text, Ok(completion));
            }
            Ok(None) => panic!("no completion"),
            Err(error) => return (String::from_utf8(text).unwrap(), Err(error)),
        }
    }
}

async fn ended(
    host: &Host,
    connection: Connection,
    request: Request,
) -> (String, Result<Completion, CallError>) {
    match host.invoke_streaming(request, connection).await {
        Ok(stream) => read(stream).await,
        Err(error) => (String::new(), Err(error)),
    }
}

#[tokio::test]
async fn pieces_come_one_by_one_with_a_head_before_and_a_completion_after() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    for transport in BOTH {
        let host = host(transport);
        let request = Request {
            log_type: Some(LogType::Tail),
            qualifier: Some("PROD".to_owned()),
            ..request("drip", r#"{"pieces":3,"ms":1}"#)
        };
        let call = host.invoke_streaming(request, connection(&endpoint));
        let stream = call.await.unwrap();
        let head = stream.head();
        assert_eq!((head.status_code, head.attempts), (200, 1));
        assert_eq!(head.executed_version.as_deref(), Some("1"));
        assert!(head.request_id.is_some() && head.payload.is_empty());
        let (text, completion) = read(stream).await;
        assert_eq!(text, "piece 1 \npiece 2 \npiece 3 \n");
        let completion = completion.unwrap();
        assert!(completion.log_tail.unwrap().contains("END RequestId"));
        assert_eq!(completion.function_error, None);
    }
}

#[tokio::test]
async fn a_function_that_does_not_stream_answers_in_one_piece() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    for transport in BOTH {
        let host = host(transport);
        let place = connection(&endpoint);
        let (text, completion) = ended(&host, place.clone(), request("identity", "[1, 2]")).await;
        assert_eq!(
            (text.as_str(), completion),
            ("[1, 2]", Ok(Completion::default()))
        );
        let dry = Request {
            invocation_type: Some(InvocationType::DryRun),
            ..request("identity", "{}")
        };
        let (text, completion) = ended(&host, place, dry).await;
        assert_eq!((text.as_str(), completion), ("", Ok(Completion::default())));
    }
}

#[tokio::test]
async fn a_function_that_fails_says_so_at_the_end_of_what_it_wrote() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    for transport in BOTH {
        let host = host(transport);
        for (function, event, text) in [
            ("drip", r#"{"pieces":1,"ms":1,"end":"fail"}"#, "piece 1 \n"),
            ("fail", "{}", ""),
        ] {
            let request = request(function, event);
            let (got, completion) = ended(&host, connection(&endpoint), request).await;
            assert_eq!(got, text);
            let completion = completion.unwrap();
            let error = completion.function_error.unwrap();
            assert_eq!(error.kind, "Unhandled");
            assert_eq!(error.error_type.as_deref(), Some("ValueError"));
            assert!(completion.error_details.unwrap().starts_with('{'));
        }
    }
}

/// Both say the same, with what came before.
#[tokio::test]
async fn a_stream_that_is_not_as_lambda_gives_it_is_an_error_with_a_type() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    let hosts = BOTH.map(host);
    for end in ["cut", "missing", "checksum", "unknown", "exception"] {
        let event = format!(r#"{{"pieces":1,"ms":1,"end":"{end}"}}"#);
        let mut said = Vec::new();
        for host in &hosts {
            let request = request("drip", &event);
            let (text, completion) = ended(host, connection(&endpoint), request).await;
            assert_eq!(text, "piece 1 \n", "{end}");
            let error = completion.unwrap_err();
            assert!(error.maybe_ran(), "{end}");
            let error = match error {
                CallError::Failed(Error::Service(mut e)) => {
                    assert!(e.request_id.take().is_some());
                    let code = match end {
                        "checksum" => "UnexpectedFrame",
                        "unknown" => "UnexpectedEvent",
                        _ => "ServiceException",
                    };
                    assert_eq!((e.code.as_str(), e.attempts), (code, 1), "{end}");
                    Error::Service(e)
                }
                CallError::Failed(Error::Transport(e)) => {
                    assert_eq!(e.phase, TransportPhase::Response);
                    assert!(["cut", "missing"].contains(&end), "{end}");
                    Error::Transport(e)
                }
                other => panic!("{end}: {other:?}"),
            };
            said.push(error);
        }
        assert_eq!(said[0], said[1], "{end}");
    }
}

#[tokio::test]
async fn a_stream_that_falls_silent_or_does_not_end_is_a_timeout() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    let silent = r#"{"pieces":1,"ms":1,"end":"silent"}"#;
    let endless = r#"{"endless":true,"ms":20}"#;
    for transport in BOTH {
        let host = host(transport);
        let place = connection(&endpoint);
        let idle = Connection {
            response_timeout_ms: Some(300),
            ..place.clone()
        };
        let bounded = Connection {
            deadline_ms: Some(600),
            ..place
        };
        for (connection, event, phase, after_ms) in [
            (idle, silent, TimeoutPhase::Response, 300),
            (bounded, endless, TimeoutPhase::Deadline, 600),
        ] {
            let (text, completion) = ended(&host, connection, request("drip", event)).await;
            assert!(text.starts_with("piece 1 \n"));
            match completion {
                Err(CallError::Failed(Error::Timeout(e))) => {
                    assert_eq!((e.phase, e.after_ms, e.maybe_ran), (phase, after_ms, true));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// The function writes faster than it is read: there is always something to read.
#[tokio::test]
async fn a_stream_that_is_read_slowly_ends_at_its_deadline() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    for transport in BOTH {
        let host = host(transport);
        let bounded = Connection {
            deadline_ms: Some(600),
            ..connection(&endpoint)
        };
        let endless = request("drip", r#"{"endless":true,"ms":0,"bytes":1048576}"#);
        let mut stream = host.invoke_streaming(endless, bounded).await.unwrap();
        let mut pieces = 0;
        let error = loop {
            match stream.next().await {
                Ok(Some(StreamEvent::Chunk(_))) => pieces += 1,
                Err(error) => break error,
                other => panic!("{other:?}"),
            }
            assert!(pieces < 60, "it is still read");
            sleep(Duration::from_millis(50)).await;
        };
        match error {
            CallError::Failed(Error::Timeout(e)) => {
                assert_eq!((e.phase, e.after_ms), (TimeoutPhase::Deadline, 600));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The event `PayloadChunk` with `one`.
const CHUNK: &[u8] = b"\
    \x00\x00\x00D\x00\x00\x001\x99\x8f!\xda\x0d:message-type\x07\x00\x05event\x0b:event-\
    type\x07\x00\x0cPayloadChunkonehZv\xaf";
/// The exception `ServiceException`.
const EXCEPTION: &[u8] = b"\
    \x00\x00\x00O\x00\x00\x00=\xe7\xe9\x5c\xe0\x0d:message-type\x07\x00\x09exception\x0f\
    :exception-type\x07\x00\x10ServiceException{}\xc8\xd5\xc0*";

/// Answers one call with these bytes, and then neither writes nor closes.
async fn silent_after(body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n{}") {
            assert_ne!(peer.read_buf(&mut request).await.unwrap(), 0);
        }
        let head = "HTTP/1.1 200 OK\r\nx-amzn-requestid: one\r\n\
            content-type: application/vnd.amazon.eventstream\r\n\r\n";
        let answer = [head.as_bytes(), &body].concat();
        peer.write_all(&answer).await.unwrap();
        pending::<()>().await;
    });
    url
}

#[tokio::test]
async fn an_error_behind_a_chunk_is_told_though_nothing_more_arrives() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    for transport in BOTH {
        let url = silent_after([CHUNK, EXCEPTION].concat()).await;
        let connection = Connection {
            endpoint_url: Some(url),
            response_timeout_ms: Some(5_000),
            ..connection(&endpoint)
        };
        let (text, completion) = ended(&host(transport), connection, request("drip", "{}")).await;
        assert_eq!(text, "one");
        match completion {
            Err(CallError::Failed(Error::Service(e))) => assert_eq!(e.code, "ServiceException"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_fails_before_the_stream_begins_follows_the_rules_of_invoke() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    for transport in BOTH {
        let host = host(transport);
        let place = Connection {
            retry: Some(RetryPolicy {
                mode: RetryMode::Safe,
                max_attempts: 2,
            }),
            ..connection(&endpoint)
        };
        let throttled = request("throttle", r#"{"times":1,"retry_after":0}"#);
        let call = host.invoke_streaming(throttled, place.clone());
        let stream = call.await.unwrap();
        assert_eq!(stream.head().attempts, 2);
        assert_eq!(read(stream).await.0, r#"{"attempts":2}"#);
        for (request, argument) in [
            (
                Request {
                    invocation_type: Some(InvocationType::Event),
                    ..request("drip", "{}")
                },
                "invocation-type",
            ),
            (
                Request {
                    durable_execution_name: Some("once".to_owned()),
                    ..request("drip", "{}")
                },
                "durable-execution-name",
            ),
            (request("drip", "{"), "payload"),
        ] {
            match host.invoke_streaming(request, place.clone()).await {
                Err(CallError::Failed(Error::InvalidArgument(e))) => {
                    assert_eq!(e.argument, argument);
                }
                other => panic!("{other:?}"),
            }
        }
        let nowhere = request("nowhere", "{}");
        match host.invoke_streaming(nowhere, place.clone()).await {
            Err(CallError::Failed(Error::Service(e))) => {
                assert_eq!(
                    (e.code.as_str(), e.maybe_ran),
                    ("ResourceNotFoundException", false)
                );
            }
            other => panic!("{other:?}"),
        }
        // After the head nothing is repeated, whatever the policy.
        let idempotent = Connection {
            retry: Some(RetryPolicy {
                mode: RetryMode::Idempotent,
                max_attempts: 3,
            }),
            ..place
        };
        let before = endpoint.counters().ran;
        let cut = request("drip", r#"{"pieces":0,"end":"cut"}"#);
        let (_, completion) = ended(&host, idempotent, cut).await;
        assert!(matches!(
            completion,
            Err(CallError::Failed(Error::Transport(_)))
        ));
        assert_eq!(endpoint.counters().ran, before + 1);
    }
}

/// More than the memory that a component may have, which nobody holds: neither while it is
/// read nor while it is not.
#[tokio::test]
async fn an_answer_larger_than_the_memory_of_the_component_is_read_and_can_be_left() {
    let endpoint = LocalEndpoint::builder().start().await.unwrap();
    for transport in BOTH {
        let host = host(transport);
        let endless = request("drip", r#"{"endless":true,"ms":0,"bytes":1048576}"#);
        let call = host.invoke_streaming(endless, connection(&endpoint));
        let mut stream = call.await.unwrap();
        let mut read = 0;
        while read < 72 << 20 {
            match stream.next().await {
                Ok(Some(StreamEvent::Chunk(bytes))) => read += bytes.len(),
                other => panic!("{other:?}"),
            }
        }
        drop(stream);
        // Its writer sees that nobody reads.
        let started = Instant::now();
        while !endpoint.invocations().iter().all(|one| one.finished) {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "it is still written"
            );
            sleep(Duration::from_millis(20)).await;
        }
        let (text, _) = ended(&host, connection(&endpoint), request("identity", "1")).await;
        assert_eq!(text, "1");
    }
}
