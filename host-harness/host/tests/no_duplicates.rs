//! No function runs twice unasked: servers that break off at every possible point,
//! and count how often they ran the function.
//!
//! Thousands of scripts of faults are played under each retry mode. A server counts a
//! run as soon as it has the whole request and has not refused it, whatever becomes of
//! the answer, which is the worst Lambda could do.

#![cfg(test)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials, RetryMode, RetryPolicy};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_host::{Host, Transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const SCRIPTS: u64 = 1_000;
/// Calls at the same time.
const BREADTH: usize = 64;
const ATTEMPTS: u32 = 3;
const PAYLOAD_LEN: usize = 3_000;

/// What a server does with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    CloseOnAccept,
    CloseAfterHead,
    CloseWithinBody,
    RunThenClose,
    RunThenCloseWithinHead,
    RunThenCloseWithinBody,
    /// Refuses with a status and a code, and has not run the function.
    Refuse(u16, &'static str),
    /// Fails with a status and a code, and has run the function.
    RunThenFail(u16, &'static str),
    RunAndAnswer,
}

const FAULTS: &[Fault] = &[
    Fault::CloseOnAccept,
    Fault::CloseAfterHead,
    Fault::CloseWithinBody,
    Fault::RunThenClose,
    Fault::RunThenCloseWithinHead,
    Fault::RunThenCloseWithinBody,
    Fault::Refuse(429, "TooManyRequestsException"),
    Fault::Refuse(409, "CodeArtifactUserPendingException"),
    Fault::Refuse(409, "SnapStartNotReadyException"),
    Fault::Refuse(502, "ENINotReadyException"),
    Fault::Refuse(502, "ResourceNotReadyException"),
    Fault::Refuse(502, "KMSAccessDeniedException"),
    Fault::Refuse(404, "ResourceNotFoundException"),
    Fault::RunThenFail(500, "ServiceException"),
    Fault::RunThenFail(502, "SomethingNewException"),
    Fault::RunThenFail(502, "EC2UnexpectedException"),
    Fault::RunThenFail(503, "ServiceUnavailable"),
    Fault::RunThenFail(504, "GatewayTimeout"),
    Fault::RunThenFail(410, "EFSIOException"),
    Fault::RunAndAnswer,
];

/// A script a number, the same at every run: the SplitMix64 generator.
fn script(seed: u64) -> Vec<Fault> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut draw = |below: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap()
    };
    (0..1 + draw(ATTEMPTS as usize))
        .map(|_| FAULTS[draw(FAULTS.len())])
        .collect()
}

/// How often the function ran, and how many requests were begun.
#[derive(Default)]
struct Counts {
    runs: AtomicU32,
    connections: AtomicU32,
}

async fn serve(listener: TcpListener, script: Vec<Fault>, counts: Arc<Counts>) {
    let mut script = script.into_iter();
    while let Ok((mut stream, _)) = listener.accept().await {
        counts.connections.fetch_add(1, Ordering::Relaxed);
        // A connection serves request after request until a fault breaks it.
        while let Some(()) = one(&mut stream, script.next(), &counts).await {}
    }
}

/// Plays one fault; `None` closes the connection.
async fn one(stream: &mut TcpStream, fault: Option<Fault>, counts: &Counts) -> Option<()> {
    let fault = fault.unwrap_or(Fault::RunAndAnswer);
    if fault == Fault::CloseOnAccept {
        return None;
    }
    let mut seen = Vec::new();
    let head = loop {
        if let Some(at) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        read(stream, &mut seen).await?;
    };
    if fault == Fault::CloseAfterHead {
        return None;
    }
    let part = match fault {
        Fault::CloseWithinBody => PAYLOAD_LEN / 2,
        _ => PAYLOAD_LEN,
    };
    while seen.len() < head + part {
        read(stream, &mut seen).await?;
    }
    let runs = !matches!(fault, Fault::CloseWithinBody | Fault::Refuse(..));
    if runs {
        counts.runs.fetch_add(1, Ordering::Relaxed);
    }
    let (answer, goes_on) = match fault {
        Fault::RunThenCloseWithinHead => ("HTTP/1.1 200 OK\r\nContent-Le".to_owned(), false),
        Fault::RunThenCloseWithinBody => (
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789".to_owned(),
            false,
        ),
        Fault::Refuse(status, code) | Fault::RunThenFail(status, code) => (
            format!(
                "HTTP/1.1 {status} X\r\nx-amzn-ErrorType: {code}\r\nContent-Length: 2\r\n\r\n{{}}"
            ),
            true,
        ),
        Fault::RunAndAnswer => (
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull".to_owned(),
            true,
        ),
        _ => return None,
    };
    stream.write_all(answer.as_bytes()).await.ok()?;
    goes_on.then_some(())
}

async fn read(stream: &mut TcpStream, seen: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(seen).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

/// Plays a script under a mode, and returns how often the function ran.
async fn play(host: Host, seed: u64, mode: RetryMode) -> u32 {
    let counts = Arc::new(Counts::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve(listener, script(seed), Arc::clone(&counts)));
    let request = Request {
        function_name: "f".to_owned(),
        payload: format!("\"{}\"", "x".repeat(PAYLOAD_LEN - 2)).into_bytes(),
        ..Request::default()
    };
    let connection = Connection {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(url),
        credentials: Some(Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        }),
        deadline_ms: Some(60_000),
        retry: Some(RetryPolicy {
            mode,
            max_attempts: ATTEMPTS,
        }),
        ..Connection::default()
    };
    let outcome = host.invoke(request, connection).await;
    let runs = counts.runs.load(Ordering::Relaxed);
    let connections = counts.connections.load(Ordering::Relaxed);
    let told = format!(
        "script {seed} under {mode:?}: {:?} gave {outcome:?}",
        script(seed)
    );
    match &outcome {
        Ok(response) => {
            assert!(runs >= 1, "an answer without a run: {told}");
            assert!(response.attempts <= ATTEMPTS, "{told}");
        }
        Err(error) => assert!(
            runs == 0 || error.maybe_ran(),
            "the function ran, and the error denies it: {told}"
        ),
    }
    if mode != RetryMode::Idempotent {
        assert!(runs <= 1, "ran {runs} times: {told}");
    }
    if mode == RetryMode::Never {
        assert!(connections <= 1, "{connections} connections: {told}");
    }
    server.abort();
    runs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_makes_a_function_run_twice_unless_the_caller_says_it_may() {
    for transport in [Transport::Component, Transport::Host] {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../target/components/lambda-invocation.wasm"
        );
        let host = Host::builder(path)
            .transport(transport)
            .max_concurrent_calls(u32::try_from(BREADTH).unwrap())
            // Every script has a server of its own: connections are of no use after it.
            .pool_idle_timeout(Duration::from_secs(1))
            .build()
            .expect("the component: cargo xtask build");
        for mode in [RetryMode::Never, RetryMode::Safe, RetryMode::Idempotent] {
            let repeated = play_all(&host, mode).await;
            // The scripts would show a duplicate if there were one: here there may be.
            assert_eq!(repeated > 0, mode == RetryMode::Idempotent, "{mode:?}");
        }
    }
}

/// Plays every script, and returns in how many of them the function ran more than once.
async fn play_all(host: &Host, mode: RetryMode) -> u32 {
    let mut playing = JoinSet::new();
    let mut repeated = 0;
    for seed in 0..SCRIPTS {
        if playing.len() == BREADTH {
            repeated += u32::from(playing.join_next().await.unwrap().unwrap() > 1);
        }
        playing.spawn(play(host.clone(), seed, mode));
    }
    while let Some(runs) = playing.join_next().await {
        repeated += u32::from(runs.unwrap() > 1);
    }
    repeated
}
