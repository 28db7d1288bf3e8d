//! The component in its host, against the local endpoint. The component must be built:
//! `cargo xtask build`.

#![cfg(test)]

mod lifecycle;

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_invocation_core::call::connection::{Connection, Credentials, RetryMode, RetryPolicy};
use lambda_invocation_core::call::request::{InvocationType, LogType, Request};
use lambda_invocation_core::call::response::RawResponse;
use lambda_invocation_core::call::sign;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_core::error::{Error, TransportPhase};
use lambda_invocation_host::{CallError, Host, HostBuilder, LoadError, Permission, Transport};
use lambda_invocation_local::{Invocation, LocalEndpoint};

fn plugin() -> PathBuf {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/components/lambda-invocation.wasm"
    ));
    assert!(
        path.exists(),
        "build the component first: cargo xtask build"
    );
    path
}

fn builder() -> HostBuilder {
    Host::builder(plugin())
}

/// As it is after `cargo add`: the crate that is published has the component inside.
#[tokio::test]
async fn a_host_needs_no_path_where_the_component_was_embedded() {
    match Host::new() {
        Ok(host) => {
            let request = request("identity", "1");
            let connection = Connection {
                region: Some("eu-central-1".to_owned()),
                ..Connection::default()
            };
            let error = host.prepare(request, connection).await.unwrap_err();
            let expected = CallError::Failed(Error::NoCredentials(String::new()));
            assert_eq!(
                std::mem::discriminant(&error),
                std::mem::discriminant(&expected)
            );
        }
        Err(error) => {
            assert!(matches!(error, LoadError::NotBundled(_)), "{error}");
            assert!(option_env!("LAMBDA_COMPONENT_TO_EMBED").is_none());
        }
    }
}

fn host() -> Host {
    builder().build().unwrap()
}

/// A host for each way of sending.
fn hosts(set: impl Fn(HostBuilder) -> HostBuilder) -> [Host; 2] {
    [Transport::Component, Transport::Host]
        .map(|transport| set(builder()).transport(transport).build().unwrap())
}

fn both() -> [Host; 2] {
    hosts(|builder| builder)
}

fn connection(endpoint: &LocalEndpoint) -> Connection {
    let keys = endpoint.credentials();
    Connection {
        region: Some(endpoint.region().to_owned()),
        endpoint_url: Some(endpoint.url()),
        credentials: Some(Credentials {
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            session_token: keys.session_token.clone(),
        }),
        retry: Some(RetryPolicy {
            mode: RetryMode::Never,
            max_attempts: 1,
        }),
        ..Connection::default()
    }
}

fn request(function_name: &str, payload: &str) -> Request {
    Request {
        function_name: function_name.to_owned(),
        payload: payload.as_bytes().to_vec(),
        ..Request::default()
    }
}

async fn local() -> LocalEndpoint {
    LocalEndpoint::builder().start().await.unwrap()
}

#[tokio::test]
async fn a_function_is_invoked_and_answers() {
    for host in both() {
        let endpoint = local().await;
        let request = Request {
            log_type: Some(LogType::Tail),
            ..request("echo", r#"{"name":"world"}"#)
        };
        let response = host.invoke(request, connection(&endpoint)).await.unwrap();
        assert_eq!(response.status_code, 200);
        let payload = String::from_utf8(response.payload).unwrap();
        assert!(payload.contains(r#""name""#), "{payload}");
        assert!(response.log_tail.unwrap().contains("REPORT"));
        assert_eq!(endpoint.invocations().len(), 1);
    }
}

#[tokio::test]
async fn the_other_invocation_types_have_their_own_statuses() {
    let endpoint = local().await;
    for host in both() {
        for (invocation_type, status) in
            [(InvocationType::Event, 202), (InvocationType::DryRun, 204)]
        {
            let request = Request {
                invocation_type: Some(invocation_type),
                ..request("echo", "{}")
            };
            let response = host.invoke(request, connection(&endpoint)).await.unwrap();
            assert_eq!(response.status_code, status);
            assert!(response.payload.is_empty());
        }
    }
}

#[tokio::test]
async fn six_megabytes_fit_in_both_directions_and_in_the_default_memory() {
    let endpoint = local().await;
    let payload = format!("\"{}\"", "x".repeat(6_291_456 - 2));
    for host in both() {
        let request = request("identity", &payload);
        let response = host.invoke(request, connection(&endpoint)).await.unwrap();
        assert!(response.payload == payload.as_bytes());
    }
}

/// The library computes it; a caller's own one is signed for as it is.
#[tokio::test]
async fn a_wrong_hash_of_the_payload_is_refused_by_the_endpoint() {
    let endpoint = local().await;
    let with_hash = |payload_sha256| Request {
        payload_sha256,
        ..request("echo", "{}")
    };
    for host in both() {
        let right = sign::sha256_hex(b"{}");
        for hash in [None, Some(right)] {
            let request = with_hash(hash);
            host.invoke(request, connection(&endpoint)).await.unwrap();
        }
        let wrong = with_hash(Some(sign::sha256_hex(b"[]")));
        match host.invoke(wrong, connection(&endpoint)).await.unwrap_err() {
            CallError::Failed(Error::Service(e)) => {
                assert_eq!((e.status, &*e.code), (403, "InvalidSignatureException"))
            }
            other => panic!("{other:?}"),
        }
    }
    let ran = |invocation: &Invocation| invocation.executed_version.is_some();
    assert_eq!(endpoint.invocations().iter().filter(|i| ran(i)).count(), 4);
}

#[tokio::test]
async fn calls_share_a_kept_connection() {
    for host in both() {
        let endpoint = local().await;
        for _ in 0..5 {
            let request = request("echo", "{}");
            host.invoke(request, connection(&endpoint)).await.unwrap();
        }
        assert_eq!(endpoint.invocations().len(), 5);
        assert_eq!(endpoint.counters().connections, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_calls_than_turns_are_all_answered() {
    let endpoint = local().await;
    for host in hosts(|builder| builder.max_concurrent_calls(2)) {
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let host = host.clone();
                let connection = connection(&endpoint);
                tokio::spawn(async move { host.invoke(request("echo", "{}"), connection).await })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn kept_instances_answer_as_new_ones_do() {
    let endpoint = local().await;
    let host = builder().reuse_instances(4).build().unwrap();
    for round in 0..3 {
        let calls = (0..8).map(|call| {
            let (host, connection) = (host.clone(), connection(&endpoint));
            let payload = format!(r#"{{"round":{round},"call":{call}}}"#);
            tokio::spawn(async move {
                let response = host.invoke(request("identity", &payload), connection).await;
                assert_eq!(response.unwrap().payload, payload.as_bytes());
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
    }
    // The real component leaves nothing that keeps its instances from being kept.
    let debug = format!("{host:?}");
    assert!(debug.contains("resting_instances: 4"), "{debug}");

    let failed = host.invoke(request("missing", "{}"), connection(&endpoint));
    assert!(matches!(failed.await, Err(CallError::Failed(_))));
    let debug = format!("{host:?}");
    assert!(debug.contains("resting_instances: 4"), "{debug}");
}

#[tokio::test]
async fn a_refused_connection_is_an_error_that_nothing_was_sent() {
    let endpoint = local().await;
    let connection = connection(&endpoint);
    endpoint.shutdown().await;
    for host in both() {
        let called = host.invoke(request("echo", "{}"), connection.clone());
        let error = called.await.unwrap_err();
        assert!(!error.maybe_ran());
        let CallError::Failed(Error::Transport(error)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.phase, TransportPhase::Connect);
        assert!(!error.maybe_ran);
    }
}

#[tokio::test]
async fn the_metadata_service_is_no_endpoint() {
    let connection = Connection {
        endpoint_url: Some("http://169.254.169.254".to_owned()),
        allow_http: Some(true),
        ..connection(&local().await)
    };
    for host in both() {
        let called = host.invoke(request("echo", "{}"), connection.clone());
        let error = called.await.unwrap_err();
        let CallError::Failed(Error::DeniedByHost(denial)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(denial.url, "http://169.254.169.254");
    }
}

#[tokio::test]
async fn a_call_is_stopped_at_its_time_limit() {
    let endpoint = local().await;
    let limit = Duration::from_millis(200);
    for host in hosts(|builder| builder.time_limit(limit)) {
        let request = request("sleep", r#"{"ms":30000}"#);
        let error = host.invoke(request, connection(&endpoint)).await;
        let stopped = CallError::TimeLimit {
            after: limit,
            maybe_ran: true,
        };
        assert_eq!(error, Err(stopped));
    }
}

#[tokio::test]
async fn too_little_memory_is_named_as_the_reason() {
    let endpoint = local().await;
    let limit = 4 * 1024 * 1024;
    let host = builder().memory_limit(limit).build().unwrap();
    let payload = format!("\"{}\"", "x".repeat(5 * 1024 * 1024));
    let error = host
        .invoke(request("identity", &payload), connection(&endpoint))
        .await
        .unwrap_err();
    assert_eq!(
        error,
        CallError::MemoryLimit {
            limit,
            maybe_ran: true
        }
    );
}

#[tokio::test]
async fn a_stopped_clock_repeats_signatures() {
    let time = UNIX_EPOCH + Duration::from_secs(1_788_093_360);
    let host = builder().at(time).build().unwrap();
    let connection = Connection {
        region: Some("us-east-1".to_owned()),
        endpoint_url: None,
        ..connection(&local().await)
    };
    let mut signed = Vec::new();
    for _ in 0..2 {
        let request = request("my-function:PROD", "{}");
        signed.push(host.prepare(request, connection.clone()).await.unwrap());
    }
    assert_eq!(signed[0], signed[1]);
    assert!(
        signed[0]
            .headers
            .contains(&("x-amz-date".to_owned(), "20260830T123600Z".to_owned()))
    );
    let host = builder().at(SystemTime::UNIX_EPOCH).build().unwrap();
    let early = host.prepare(request("f", "{}"), connection).await.unwrap();
    assert!(early.string_to_sign.contains("19700101T000000Z"));
}

#[tokio::test]
async fn the_component_sees_the_variables_it_is_given_and_no_others() {
    let endpoint = local().await;
    let bare = Connection {
        region: None,
        endpoint_url: None,
        ..connection(&endpoint)
    };
    for host in both() {
        let outcome = host.invoke(request("echo", "{}"), bare.clone()).await;
        assert_eq!(outcome, Err(CallError::Failed(Error::NoRegion)));
    }
    for host in hosts(|builder| {
        builder
            .env("AWS_REGION", endpoint.region())
            .env("AWS_ENDPOINT_URL_LAMBDA", endpoint.url())
    }) {
        let called = host.invoke(request("echo", "{}"), bare.clone());
        assert_eq!(called.await.unwrap().status_code, 200);
    }
}

#[tokio::test]
async fn a_response_is_interpreted() {
    let host = host();
    let response = RawResponse {
        status: 200,
        headers: vec![("X-Amz-Executed-Version".to_owned(), "7".to_owned())],
        body: b"1".to_vec(),
    };
    let response = host.interpret(response, None).await.unwrap();
    assert_eq!(response.executed_version.as_deref(), Some("7"));
    let refused = RawResponse {
        status: 404,
        headers: vec![(
            "x-amzn-ErrorType".to_owned(),
            "ResourceNotFoundException".to_owned(),
        )],
        body: b"{}".to_vec(),
    };
    let CallError::Failed(Error::Service(error)) = host.interpret(refused, None).await.unwrap_err()
    else {
        panic!("not a service error");
    };
    assert_eq!(error.code, "ResourceNotFoundException");
    let ran = || RawResponse {
        status: 200,
        headers: Vec::new(),
        body: b"1".to_vec(),
    };
    let asked = Some(InvocationType::RequestResponse);
    host.interpret(ran(), asked).await.unwrap();
    for asked in [InvocationType::Event, InvocationType::DryRun] {
        let error = host.interpret(ran(), Some(asked)).await.unwrap_err();
        assert!(error.maybe_ran(), "{error}");
    }
}

#[tokio::test]
async fn an_ephemeral_invocation_is_opened() {
    let endpoint = local().await;
    let config = EphemeralConfig {
        function_name: "identity".to_owned(),
        payload: r#"{"secret":1}"#.to_owned(),
        ..EphemeralConfig::default()
    };
    for host in both() {
        let called = host.open(config.clone(), connection(&endpoint));
        let opened = called.await.unwrap();
        assert_eq!(opened.result, r#"{"secret":1}"#);
        assert_eq!(opened.status_code, 200);
    }
}

#[test]
fn an_inspection_shows_what_the_component_asks_for() {
    let inspection = host().inspect();
    assert_eq!(inspection, builder().inspect().unwrap());
    assert_eq!(inspection.size, std::fs::read(plugin()).unwrap().len());
    assert!(inspection.compiled_size > inspection.size / 2);
    assert!(inspection.permissions.iter().all(Permission::is_given));
    assert!(inspection.permissions.contains(&Permission::OutgoingHttp));
    let invoke = inspection
        .exports
        .iter()
        .find(|interface| interface.name.starts_with("lambda:invocation/invoke@"))
        .unwrap();
    assert_eq!(invoke.functions, ["invoke", "prepare", "interpret"]);
}

#[test]
fn the_component_of_hosts_that_send_asks_for_clocks_and_random_bytes_alone() {
    let component = plugin().with_file_name("lambda-invocation-exchange.wasm");
    let inspection = Host::builder(component).inspect().unwrap();
    let names = inspection.imports.iter().map(|interface| &*interface.name);
    let names: Vec<&str> = names.map(|name| name.split('@').next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "wasi:clocks/monotonic-clock",
            "wasi:clocks/wall-clock",
            "wasi:random/random"
        ]
    );
    assert_eq!(
        inspection.permissions,
        [Permission::Clocks, Permission::Random]
    );
}

#[test]
fn compiled_code_is_kept_where_it_is_told_to() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("compiled");
    builder().cache_dir(&cache).build().unwrap();
    assert!(std::fs::read_dir(&cache).unwrap().next().is_some());
    // Not a directory: an error rather than a slow start nobody understands.
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = builder().cache_dir(&file).build().unwrap_err();
    assert!(matches!(error, LoadError::Cache { .. }), "{error}");
}

#[test]
fn calls_can_be_made_from_any_task() {
    fn assert_send<T: Send>(_: T) {}
    fn assert_sync<T: Send + Sync>(_: &T) {}
    let host = host();
    assert_sync(&host);
    assert_send(host.invoke(Request::default(), Connection::default()));
    assert_send(host.lifecycle_apply(None, None, false, Connection::default()));
    assert_send(host.open(EphemeralConfig::default(), Connection::default()));
}

/// A container's credential endpoint that answers once, with the local endpoint's keys.
async fn container(endpoint: &LocalEndpoint) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let keys = endpoint.credentials();
    let body = format!(
        r#"{{"AccessKeyId":"{}","SecretAccessKey":"{}"}}"#,
        keys.access_key_id, keys.secret_access_key
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        assert!(request[..length].starts_with(b"GET /creds HTTP/1.1\r\n"));
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    url
}

#[tokio::test]
async fn container_credentials_are_fetched_where_the_host_allows_it_and_only_there() {
    let endpoint = local().await;
    let url = container(&endpoint).await;
    let with_container =
        || builder().env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/creds"));
    let connection = || Connection {
        credentials: None,
        ..connection(&endpoint)
    };

    let denied = with_container().build().unwrap();
    let error = denied.invoke(request("echo", "{}"), connection()).await;
    assert!(
        matches!(error, Err(CallError::Failed(Error::DeniedByHost(_)))),
        "{error:?}"
    );
    assert_eq!(endpoint.counters().requests, 0);

    let allowed = with_container()
        .allow(url.parse().unwrap())
        .build()
        .unwrap();
    let response = allowed
        .invoke(request("echo", "{}"), connection())
        .await
        .unwrap();
    assert_eq!(response.status_code, 200);
}
