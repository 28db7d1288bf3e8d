//! Calls that the host sends: that they are told what the component would say by itself, and
//! what becomes of the instances that they share.

#![cfg(test)]

mod apply;

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials, RetryMode, RetryPolicy};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_core::error::Error;
use lambda_invocation_host::{
    CallError, CredentialProvider, Host, HostBuilder, ProvidingCredentials, Setback, Transport,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

fn builder(transport: Transport) -> HostBuilder {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/components/lambda-invocation.wasm"
    );
    Host::builder(path).transport(transport)
}

fn host() -> Host {
    let built = builder(Transport::Host).max_concurrent_calls(256).build();
    built.expect("the component: cargo xtask build")
}

fn credentials(secret: &str) -> Credentials {
    Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: secret.to_owned(),
        session_token: None,
    }
}

fn connection(url: &str) -> Connection {
    Connection {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(url.to_owned()),
        credentials: Some(credentials("secret")),
        ..Connection::default()
    }
}

fn request(payload: &str) -> Request {
    Request {
        function_name: "f".to_owned(),
        payload: payload.as_bytes().to_vec(),
        ..Request::default()
    }
}

/// What a server does with a request, counted from 0 over all connections.
type Behaviour = fn(usize) -> Then;

enum Then {
    Answer(String),
    Close,
    /// Half of an answer.
    Break,
    Stall,
}

fn answer(status: u16, headers: &str, body: &str) -> Then {
    let length = body.len();
    Then::Answer(format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}"
    ))
}

/// Where requests are answered so.
async fn serve(behaviour: Behaviour) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counted = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(one(stream, Arc::clone(&counted), behaviour));
        }
    });
    url
}

async fn one(mut stream: TcpStream, counted: Arc<AtomicUsize>, behaviour: Behaviour) -> Option<()> {
    loop {
        let mut seen = Vec::new();
        while !is_whole(&seen) {
            if stream.read_buf(&mut seen).await.ok()? == 0 {
                return None;
            }
        }
        match behaviour(counted.fetch_add(1, Ordering::SeqCst)) {
            Then::Answer(text) => stream.write_all(text.as_bytes()).await.ok()?,
            Then::Close => return None,
            Then::Break => {
                let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1";
                return stream.write_all(half).await.ok();
            }
            Then::Stall => pending().await,
        }
    }
}

/// Whether a request has arrived with its body.
fn is_whole(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length = length.split("\r\n").next().unwrap();
    body.len() >= length.parse().unwrap()
}

fn shared(host: &Host) -> usize {
    let shown = format!("{host:?}");
    let (_, after) = shown.split_once("shared_instances: ").unwrap();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[tokio::test]
async fn both_ways_of_sending_say_the_same() {
    let table: &[(&str, Behaviour)] = &[
        ("good", |_| {
            answer(200, "x-amz-executed-version: 7\r\n", "[1]")
        }),
        ("empty", |_| answer(202, "", "")),
        ("failed", |_| {
            let report = r#"{"errorType":"E","errorMessage":"m","stackTrace":["a"]}"#;
            answer(200, "x-amz-function-error: Unhandled\r\n", report)
        }),
        ("refused", |_| {
            let headers = "x-amzn-errortype: ResourceNotFoundException\r\nx-amzn-requestid: 1\r\n";
            answer(404, headers, r#"{"Message":"no such function"}"#)
        }),
        ("throttled once", |request| match request {
            0 => answer(429, "x-amz-retry-after: 1\r\n", "{}"),
            _ => answer(200, "", "2"),
        }),
        ("throttled for ever", |_| {
            answer(429, "x-amz-retry-after: 1\r\n", r#"{"Reason":"r"}"#)
        }),
        ("unknown", |_| answer(500, "", "<html>")),
        ("redirect", |_| {
            answer(307, "location: http://127.0.0.1:1/\r\n", "")
        }),
        ("compressed", |_| {
            answer(200, "content-encoding: gzip\r\n", "1")
        }),
        ("closed", |_| Then::Close),
        ("broken", |_| Then::Break),
        ("silent", |_| Then::Stall),
        ("no HTTP", |_| Then::Answer("SSH-2.0\r\n".to_owned())),
        ("too large", |_| {
            Then::Answer("HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n1".to_owned())
        }),
    ];
    let policies = [RetryMode::Never, RetryMode::Safe, RetryMode::Idempotent];
    let hosts = [Transport::Component, Transport::Host]
        .map(|transport| builder(transport).build().unwrap());
    for (name, behaviour) in table {
        for mode in policies {
            let mut outcomes = Vec::new();
            for host in &hosts {
                let connection = Connection {
                    response_timeout_ms: Some(150),
                    retry: Some(RetryPolicy {
                        mode,
                        max_attempts: 2,
                    }),
                    ..connection(&serve(*behaviour).await)
                };
                outcomes.push(host.invoke(request("{}"), connection).await);
            }
            assert_eq!(outcomes[0], outcomes[1], "{name} under {mode:?}");
        }
    }
    // Before anything is sent, and where nothing can be.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let tables: [(Request, Connection); 6] = [
        (request("{}"), connection(&nobody)),
        (request("{"), connection(&nobody)),
        (request(&"1".repeat(6_291_457)), connection(&nobody)),
        (Request::default(), connection(&nobody)),
        (request("{}"), connection("http://example.com")),
        (request("{}"), Connection::default()),
    ];
    for (request, connection) in tables {
        let mut outcomes = Vec::new();
        for host in &hosts {
            outcomes.push(host.invoke(request.clone(), connection.clone()).await);
        }
        assert!(outcomes[0].is_err());
        assert_eq!(outcomes[0], outcomes[1]);
    }
}

#[tokio::test]
async fn a_deadline_ends_an_attempt_and_the_wait_for_another() {
    for (behaviour, maybe_ran) in [
        ((|_| Then::Stall) as Behaviour, true),
        (|_| answer(429, "x-amz-retry-after: 60000\r\n", "{}"), false),
    ] {
        for transport in [Transport::Component, Transport::Host] {
            let host = builder(transport).build().unwrap();
            let connection = Connection {
                deadline_ms: Some(150),
                ..connection(&serve(behaviour).await)
            };
            let error = host.invoke(request("{}"), connection).await.unwrap_err();
            assert_eq!(error.maybe_ran(), maybe_ran, "{error}");
            if maybe_ran {
                assert!(
                    error.to_string().contains("after 150 ms in total"),
                    "{error}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_wait_hold_no_instance() {
    let url = serve(|_| Then::Stall).await;
    let host = host();
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let (host, connection) = (host.clone(), connection(&url));
            tokio::spawn(async move { host.invoke(request("{}"), connection).await })
        })
        .collect();
    // Each of them is at the server by then, or has an instance.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let processors = std::thread::available_parallelism().unwrap().get();
    assert!((1..=processors).contains(&shared(&host)), "{host:?}");
    for call in calls {
        call.abort();
    }
}

#[tokio::test]
async fn an_instance_is_shared_by_calls_with_the_same_credentials_alone() {
    let url = serve(|_| answer(200, "", "1")).await;
    let host = host();
    for _ in 0..5 {
        host.invoke(request("{}"), connection(&url)).await.unwrap();
        assert_eq!(shared(&host), 1);
    }
    let other = Connection {
        credentials: Some(credentials("other")),
        ..connection(&url)
    };
    host.invoke(request("{}"), other).await.unwrap();
    assert_eq!(shared(&host), 2);
    // No more of those that rest are kept, however many callers there are.
    for caller in 0..40 {
        let one = Connection {
            credentials: Some(credentials(&format!("{caller}"))),
            ..connection(&url)
        };
        host.invoke(request("{}"), one).await.unwrap();
    }
    assert!(shared(&host) <= 18, "{host:?}");
}

#[tokio::test]
async fn open_leaves_no_instance() {
    let url = serve(|_| answer(200, "", "1")).await;
    let host = host();
    let config = EphemeralConfig {
        function_name: "f".to_owned(),
        payload: "{}".to_owned(),
        ..EphemeralConfig::default()
    };
    let opened = host.open(config, connection(&url)).await.unwrap();
    assert_eq!(opened.result, "1");
    assert_eq!(shared(&host), 0);
}

#[tokio::test]
async fn an_instance_begins_a_thousand_calls() {
    let url = serve(|_| answer(200, "", "1")).await;
    let host = host();
    for _ in 0..2_001 {
        host.invoke(request("{}"), connection(&url)).await.unwrap();
    }
    assert_eq!(shared(&host), 1);
}

#[tokio::test]
async fn a_call_that_is_dropped_does_not_harm_the_next() {
    let url = serve(|request| match request {
        0 => Then::Stall,
        _ => answer(200, "", "1"),
    });
    let (host, url) = (host(), url.await);
    let dropped = host.invoke(request("{}"), connection(&url));
    let limit = Duration::from_millis(100);
    assert!(timeout(limit, dropped).await.is_err());
    let next = host.invoke(request("{}"), connection(&url)).await;
    assert_eq!(next.unwrap().attempts, 1);
    assert_eq!(shared(&host), 1);
}

/// With more memory than it may have, a component traps: before the request is sent by a
/// long argument, after it by a long answer.
#[tokio::test]
async fn a_component_that_is_stopped_says_whether_anything_was_sent() {
    const LIMIT: usize = 4 * 1024 * 1024;
    let limited = builder(Transport::Host).memory_limit(LIMIT);
    let host = limited.build().unwrap();
    let url = serve(|request| match request {
        0 => answer(500, "", &"x".repeat(5_000_000)),
        _ => answer(200, "", "1"),
    });
    let url = url.await;
    for (function_name, maybe_ran) in [("f".repeat(5_000_000), false), ("f".to_owned(), true)] {
        let request = Request {
            function_name,
            ..request("{}")
        };
        let error = host.invoke(request, connection(&url)).await.unwrap_err();
        let limit = LIMIT;
        assert_eq!(error, CallError::MemoryLimit { limit, maybe_ran });
        let sent = "the request may have reached Lambda";
        assert_eq!(error.to_string().contains(sent), maybe_ran, "{error}");
    }
    host.invoke(request("{}"), connection(&url)).await.unwrap();
}

/// The instance is lost while the call has no need of it, as another call traps in it: here
/// while credentials are asked for anew.
#[tokio::test]
async fn a_trap_between_attempts_says_whether_an_earlier_one_may_have_run() {
    let closed_and_expired: Behaviour = |request| match request {
        0 => Then::Close,
        _ => expired(),
    };
    let table: [(RetryMode, Behaviour, bool); 2] = [
        (RetryMode::Safe, |_| expired(), false),
        (RetryMode::Idempotent, closed_and_expired, true),
    ];
    for (mode, behaviour, maybe_ran) in table {
        let host: Arc<OnceLock<Host>> = Arc::default();
        let url = serve(behaviour).await;
        let trapping = Trapping {
            host: Arc::clone(&host),
            asked: AtomicUsize::new(0),
            url: url.clone(),
        };
        let limited = builder(Transport::Host).memory_limit(4 * 1024 * 1024);
        let built = limited.credentials(trapping).build().unwrap();
        host.set(built.clone()).unwrap();
        let connection = Connection {
            credentials: None,
            retry: Some(RetryPolicy {
                mode,
                max_attempts: 3,
            }),
            ..connection(&url)
        };
        let error = built.invoke(request("{}"), connection).await.unwrap_err();
        let reason = "in another call with the same credentials".to_owned();
        assert_eq!(error, CallError::Trapped { reason, maybe_ran });
    }
}

/// Has a call trap when it is asked for the second time.
struct Trapping {
    host: Arc<OnceLock<Host>>,
    asked: AtomicUsize,
    url: String,
}

impl CredentialProvider for Trapping {
    fn credentials<'a>(&'a self, _: &'a Connection) -> ProvidingCredentials<'a> {
        Box::pin(async {
            if self.asked.fetch_add(1, Ordering::SeqCst) > 0 {
                let request = Request {
                    function_name: "f".repeat(5_000_000),
                    ..request("{}")
                };
                let host = self.host.get().unwrap();
                let error = host.invoke(request, connection(&self.url)).await;
                assert!(matches!(error, Err(CallError::MemoryLimit { .. })));
            }
            Ok(credentials("secret"))
        })
    }
}

fn expired() -> Then {
    answer(403, "x-amzn-errortype: ExpiredTokenException\r\n", "{}")
}

/// Gives other credentials each time, and counts.
#[derive(Default)]
struct Counting {
    given: Arc<AtomicUsize>,
    forgotten: Arc<AtomicUsize>,
}

impl CredentialProvider for Counting {
    fn credentials<'a>(&'a self, _: &'a Connection) -> ProvidingCredentials<'a> {
        let given = self.given.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(credentials(&format!("secret-{given}"))) })
    }

    fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn expired_credentials_are_asked_for_anew() {
    let provider = Counting::default();
    let counts = (Arc::clone(&provider.given), Arc::clone(&provider.forgotten));
    let counts = || {
        (
            counts.0.load(Ordering::SeqCst),
            counts.1.load(Ordering::SeqCst),
        )
    };
    let host = builder(Transport::Host).credentials(provider);
    let host = host.build().unwrap();
    let without = |url: &str| Connection {
        credentials: None,
        ..connection(url)
    };

    let once = serve(|request| match request {
        0 => expired(),
        _ => answer(200, "", "1"),
    });
    let response = host.invoke(request("{}"), without(&once.await)).await;
    assert_eq!(response.unwrap().attempts, 2);
    assert_eq!(counts(), (2, 1));

    let always = serve(|_| expired()).await;
    let error = host.invoke(request("{}"), without(&always)).await;
    let Err(CallError::Failed(Error::Service(error))) = error else {
        panic!("{error:?}");
    };
    assert_eq!((&*error.code, error.attempts), ("ExpiredTokenException", 2));
    // Asked at the start and for the second attempt, and told twice.
    assert_eq!(counts(), (4, 3));

    let own = host.invoke(request("{}"), connection(&always)).await;
    assert!(own.is_err());
    assert_eq!(counts(), (4, 3));
}

#[tokio::test]
async fn what_a_call_meets_on_its_way_is_told() {
    let throttled_and_closed: Behaviour = |request| match request {
        0 => answer(429, "x-amz-retry-after: 1\r\n", "{}"),
        1 => Then::Close,
        _ => answer(200, "", "1"),
    };
    let retry = Some(RetryPolicy {
        mode: RetryMode::Idempotent,
        max_attempts: 3,
    });
    for (transport, statuses, waits) in [
        (Transport::Component, vec![Some(429)], false),
        (Transport::Host, vec![Some(429), None], true),
    ] {
        let host = builder(transport).build().unwrap();
        let told: Arc<Mutex<Vec<Setback>>> = Arc::default();
        let watched = host.watched({
            let told = Arc::clone(&told);
            move |setback| told.lock().unwrap().push(*setback)
        });
        let url = serve(throttled_and_closed).await;
        for host in [watched, host] {
            let connection = Connection {
                retry,
                ..connection(&url)
            };
            host.invoke(request("{}"), connection).await.unwrap();
        }
        let told = told.lock().unwrap();
        let seen: Vec<_> = told.iter().map(|setback| setback.status).collect();
        assert_eq!(seen, statuses, "{transport:?}");
        assert!(told.iter().all(|setback| setback.wait.is_some() == waits));
    }
}
