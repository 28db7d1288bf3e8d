//! What a hostile component can do with what it is given for a call, and what it cannot: with
//! the keys of one day, one region and Lambda, without the secret; to the call's own endpoint,
//! and to no other; with no file and no variable of the host's.
//!
//! The components here are made for it. Each is world `plugin` whose `invoke` does one thing,
//! and tells what came of it as the limit of an error `response-too-large`.

#![cfg(test)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_invocation_core::call::connection::{Connection, Credentials, DerivedCredentials};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::sign::{self, SigningTime};
use lambda_invocation_core::error::{Error, ResponseLimit};
use lambda_invocation_host::{CallError, Host, HostBuilder};
use lambda_invocation_local::LocalEndpoint;
use support::special;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const DAY: Duration = Duration::from_secs(86_400);
const PAYLOAD: &str = "{\"password\":\"payload-of-the-call\"}";

/// 2026-08-30, 12:36 UTC.
fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_788_093_360)
}

/// Gives memory out, and never takes any back.
const REALLOC: &str = "(local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (block $enough (loop $more
        (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $enough (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
        (br $more)))
    (local.get $at)";
/// What is below is for the bodies themselves.
const FREE: &str = "(global $free (mut i32) (i32.const 8192))";

/// Ends `invoke` with this value of 64 bits, which must leave the addresses from 2048 alone.
fn tell(value: &str) -> String {
    format!(
        "(i32.store8 (i32.const 2048) (i32.const 1))
         (i32.store8 (i32.const 2056) (i32.const 8))
         (i64.store (i32.const 2064) {value})
         (i32.const 2048)"
    )
}

/// A component whose `invoke` does this, with these imports by name.
fn component(invoke: &str, imports: &[(&str, &str)]) -> Vec<u8> {
    let bodies = [("cm32p2_realloc", REALLOC), ("|invoke", invoke)];
    special(&bodies, imports, FREE)
}

fn builder(component: Vec<u8>) -> HostBuilder {
    Host::builder(component).no_cache().at(noon())
}

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: Some("session-token-of-the-caller".to_owned()),
    }
}

fn connection(url: &str) -> Connection {
    Connection {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(url.to_owned()),
        credentials: Some(credentials()),
        ..Connection::default()
    }
}

fn request(function_name: &str) -> Request {
    Request {
        function_name: function_name.to_owned(),
        payload: PAYLOAD.as_bytes().to_vec(),
        ..Request::default()
    }
}

/// What a component told of a call to this endpoint.
async fn told(host: &Host, url: &str) -> u64 {
    match host.invoke(request("f"), connection(url)).await {
        Err(CallError::Failed(Error::ResponseTooLarge(ResponseLimit { limit }))) => limit,
        other => panic!("{other:?}"),
    }
}

/// Looks through all of its memory for 16 bytes, which are in its code and not in its memory.
fn searching(needle: &[u8]) -> Vec<u8> {
    let number = |at: usize| i64::from_le_bytes(needle[at..at + 8].try_into().unwrap());
    let (first, second) = (number(0), number(8));
    let found = tell("(local.get $found)");
    component(
        &format!(
            "(local $at i32) (local $end i32) (local $found i64)
             (local.set $end (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 16)))
             (block $done (loop $next
                 (br_if $done (i32.gt_u (local.get $at) (local.get $end)))
                 (if (i32.and
                         (i64.eq (i64.load (local.get $at)) (i64.const {first}))
                         (i64.eq (i64.load offset=8 (local.get $at)) (i64.const {second})))
                     (then (local.set $found (i64.const 1))))
                 (local.set $at (i32.add (local.get $at) (i32.const 1)))
                 (br $next)))
             {found}"
        ),
        &[],
    )
}

/// The key for a day, counted from today, a region and a service.
fn key(days: u32, region: &str, service: &str) -> Vec<u8> {
    let since = (noon() + DAY * days).duration_since(UNIX_EPOCH).unwrap();
    let time = SigningTime::new(since);
    sign::key(&credentials().secret_access_key, region, service, &time).to_vec()
}

#[tokio::test]
async fn the_sandbox_holds_the_keys_of_the_call_and_not_the_secret() {
    let secret = credentials().secret_access_key.clone();
    for (what, needle, holds, holds_without_deriving) in [
        ("the secret", secret.as_bytes(), false, true),
        (
            "the end of the secret",
            &secret.as_bytes()[20..],
            false,
            true,
        ),
        ("the key id", &b"AKIAIOSFODNN7EXAMPLE"[..], true, true),
        (
            "the session token",
            &b"session-token-of-the-caller"[..],
            true,
            true,
        ),
        ("the payload", &b"payload-of-the-call"[..], true, true),
        (
            "the key of the day",
            &key(0, "us-east-1", "lambda")[..],
            true,
            false,
        ),
        (
            "tomorrow's key",
            &key(1, "us-east-1", "lambda")[..],
            false,
            false,
        ),
        (
            "another region's key",
            &key(0, "eu-west-1", "lambda")[..],
            false,
            false,
        ),
        (
            "another service's key",
            &key(0, "us-east-1", "s3")[..],
            false,
            false,
        ),
    ] {
        for (derives, holds) in [(true, holds), (false, holds_without_deriving)] {
            let host = builder(searching(needle)).derive_keys(derives);
            let found = told(&host.build().unwrap(), "http://127.0.0.1:1").await;
            assert_eq!(
                found,
                u64::from(holds),
                "{what}, with keys derived: {derives}"
            );
        }
    }
}

#[tokio::test]
async fn the_sandbox_has_no_variable_but_those_that_it_was_given() {
    let count = "(call $environment (i32.const 1024))";
    let told_count = tell("(i64.load32_u (i32.const 1028))");
    let component = component(
        &format!("{count} {told_count}"),
        &[("get-environment", "$environment")],
    );
    assert!(std::env::vars().count() > 0);
    let host = builder(component.clone()).build().unwrap();
    assert_eq!(told(&host, "http://127.0.0.1:1").await, 0);
    let host = builder(component).env("A", "1").build().unwrap();
    assert_eq!(told(&host, "http://127.0.0.1:1").await, 1);
}

/// Sends a request to an authority by itself, with plain HTTP or with TLS, and tells 0 where it
/// was answered, and else 1,000 and the number of the error in `error-code`.
fn sending(authority: &str, https: bool) -> Vec<u8> {
    let stores: String = (authority.bytes().enumerate())
        .map(|(at, byte)| format!("(i32.store8 (i32.const {}) (i32.const {byte}))", 1024 + at))
        .collect();
    let length = authority.len();
    let scheme = i32::from(https);
    // Some hosts refuse when the request is sent, some when its response is asked for.
    let at_once = tell("(i64.add (i64.const 1000) (i64.load8_u (i32.const 1288)))");
    let outcome = tell(
        "(select (i64.const 0)
            (i64.add (i64.const 1000) (i64.load8_u (i32.const 1560)))
            (i32.eqz (i32.load8_u (i32.const 1552))))",
    );
    component(
        &format!(
            "(local $request i32) (local $future i32)
             {stores}
             (local.set $request (call $request (call $fields)))
             (drop (call $scheme (local.get $request) (i32.const 1) (i32.const {scheme})
                 (i32.const 0) (i32.const 0)))
             (drop (call $authority (local.get $request) (i32.const 1) (i32.const 1024)
                 (i32.const {length})))
             (i32.store8 (i32.const 1016) (i32.const 47))
             (drop (call $path (local.get $request) (i32.const 1) (i32.const 1016)
                 (i32.const 1)))
             (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 1280))
             (if (i32.load8_u (i32.const 1280)) (then {at_once} return))
             (local.set $future (i32.load (i32.const 1288)))
             (call $block (call $subscribe (local.get $future)))
             (call $get (local.get $future) (i32.const 1536))
             {outcome}"
        ),
        &[
            ("[constructor]fields", "$fields"),
            ("[constructor]outgoing-request", "$request"),
            ("[method]outgoing-request.set-scheme", "$scheme"),
            ("[method]outgoing-request.set-authority", "$authority"),
            ("[method]outgoing-request.set-path-with-query", "$path"),
            ("handle", "$handle"),
            ("[method]future-incoming-response.subscribe", "$subscribe"),
            ("[method]future-incoming-response.get", "$get"),
            ("[method]pollable.block", "$block"),
        ],
    )
}

/// A server that answers one request on each connection, and how many there were.
async fn server() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let connections = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            let mut seen = [0; 1024];
            if stream.read(&mut seen).await.is_ok_and(|read| read > 0) {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).await.unwrap();
            }
        }
    });
    (address, count)
}

#[tokio::test]
async fn requests_of_its_own_reach_the_endpoint_of_the_call_and_nothing_else() {
    const ANSWERED: u64 = 0;
    /// `HTTP-request-denied` is the sixteenth of `error-code`.
    const DENIED: u64 = 1_015;
    let (endpoint, asked) = server().await;
    let (other, others_asked) = server().await;
    let url = format!("http://{endpoint}");
    let port = endpoint.port();
    for (authority, https, outcome) in [
        (endpoint.to_string(), false, ANSWERED),
        (endpoint.to_string(), true, DENIED),
        (other.to_string(), false, DENIED),
        (format!("localhost:{port}"), false, DENIED),
        (format!("user@{endpoint}"), false, DENIED),
        ("169.254.169.254".to_owned(), false, DENIED),
        ("169.254.170.2".to_owned(), false, DENIED),
        ("[fd00:ec2::254]".to_owned(), false, DENIED),
        ("lambda.eu-west-1.amazonaws.com".to_owned(), true, DENIED),
        ("example.com".to_owned(), true, DENIED),
    ] {
        let host = builder(sending(&authority, https)).build().unwrap();
        let told = told(&host, &url).await;
        assert_eq!(told, outcome, "{authority}, with TLS: {https}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(others_asked.load(Ordering::SeqCst), 0);
}

/// What the Lambda of a region says, so many days from now, to a request that is signed on that
/// day, or else today, with these keys.
async fn answer(days: u32, is_late: bool, region: &str, keys: DerivedCredentials) -> String {
    let now = noon() + DAY * days;
    let signed = if is_late { noon() } else { now };
    let own = credentials();
    let endpoint = LocalEndpoint::builder()
        .region(region)
        .clock(move || now)
        .credentials(lambda_invocation_local::Credentials {
            access_key_id: own.access_key_id.clone(),
            secret_access_key: own.secret_access_key.clone(),
            session_token: own.session_token.clone(),
        });
    let endpoint = endpoint.start().await.unwrap();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/components/lambda-invocation.wasm"
    );
    let host = Host::builder(path).at(signed).build();
    let host = host.expect("the component: cargo xtask build");
    let connection = Connection {
        region: Some(region.to_owned()),
        endpoint_url: Some(endpoint.url()),
        derived_credentials: Some(keys),
        ..Connection::default()
    };
    match host.invoke(request("echo"), connection).await {
        Ok(response) => response.status_code.to_string(),
        Err(CallError::Failed(Error::Service(e))) => e.code,
        Err(other) => other.to_string(),
    }
}

#[tokio::test]
async fn the_keys_sign_any_invocation_of_their_day_and_region_and_nothing_else() {
    const WRONG: &str = "InvalidSignatureException";
    let keys = || DerivedCredentials::derive(&credentials(), ["us-east-1"], noon());
    // What a component that lies writes beside the key that it has.
    let passed_off = |days: u32, region: &str| {
        let mut keys = keys();
        let [only] = keys.keys.as_mut_slice() else {
            panic!("{keys:?}");
        };
        let time = SigningTime::new((noon() + DAY * days).duration_since(UNIX_EPOCH).unwrap());
        only.date = time.date().to_owned();
        only.region = region.to_owned();
        keys
    };
    assert_eq!(answer(0, false, "us-east-1", keys()).await, "200");
    // With the date and the region that it is for, the component has no key.
    let tomorrow = answer(1, false, "us-east-1", keys()).await;
    assert!(tomorrow.contains("derived-credentials"), "{tomorrow}");
    let elsewhere = answer(0, false, "eu-west-1", keys()).await;
    assert!(elsewhere.contains("derived-credentials"), "{elsewhere}");
    // Whatever it calls the one that it has, the signature is wrong.
    let tomorrow = answer(1, false, "us-east-1", passed_off(1, "us-east-1"));
    assert_eq!(tomorrow.await, WRONG);
    let elsewhere = answer(0, false, "eu-west-1", passed_off(0, "eu-west-1"));
    assert_eq!(elsewhere.await, WRONG);
    // And one of today's is refused tomorrow as it is.
    assert_eq!(answer(1, true, "us-east-1", keys()).await, WRONG);
    // No key of another service can be made of it: all that is hashed into it comes before.
    let own = key(0, "us-east-1", "lambda");
    assert_eq!(keys().keys[0].key, own);
    for other in [
        key(0, "us-east-1", "s3"),
        key(0, "us-east-1", "sts"),
        key(0, "eu-west-1", "lambda"),
        key(1, "us-east-1", "lambda"),
    ] {
        assert_ne!(own, other);
    }
}
