//! Peers that break the rules of TLS and of HTTP/2, one way each, and calls to them with each
//! way of sending. Whatever a peer does, the call ends within its limits, with an error that
//! says truly whether the function may have run, and the function runs once at most.
//!
//! Certificates are made here, and the bytes of the peers are written by hand where a library
//! would not write them. The component must be built: `cargo xtask build`.

#![cfg(test)]

mod authority;
mod case;
mod certificates;
mod flights;
mod frames;
mod http2;
mod peer;
mod records;
mod sealed;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::error::Error;
use lambda_invocation_host::{CallError, Host, Transport};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::authority::Pki;
use self::case::{Case, Ends, Waits};
use self::peer::{Link, Tally};

/// Longer than any call here may take, by far.
const BOUND: Duration = Duration::from_secs(60);
/// What all calls together may add to the memory of this process, which holds the peers, too.
/// Without a limit on what is kept of a flood it would be gigabytes.
const MEMORY: u64 = 256 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_survives_every_peer_and_says_truly_whether_the_function_may_have_run() {
    let pki = Arc::new(Pki::new());
    let hosts = [Transport::Component, Transport::Host].map(|transport| host(&pki, transport));
    let cases = [
        certificates::cases(),
        flights::cases(),
        records::cases(),
        http2::cases(),
    ];
    let cases: Vec<Case> = cases.into_iter().flatten().collect();
    let count = cases.len();
    let turns = Arc::new(Semaphore::new(8));
    let before = peak_memory();
    let mut calls = JoinSet::new();
    for case in cases {
        let case = Arc::new(case);
        for (transport, host) in ["component", "host"].into_iter().zip(&hosts) {
            let (host, pki, case) = (host.clone(), Arc::clone(&pki), Arc::clone(&case));
            let turns = Arc::clone(&turns);
            calls.spawn(async move {
                let _turn = turns.acquire_owned().await;
                let said = play(&host, pki, &case).await;
                said.map_err(|wrong| format!("{} ({transport}): {wrong}", case.name))
            });
        }
    }
    let said = calls.join_all().await;
    let mut wrong: Vec<String> = said.into_iter().filter_map(Result::err).collect();
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{count} hostile peers, each with both ways of sending");
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < MEMORY, "{grown} bytes");
}

fn host(pki: &Pki, transport: Transport) -> Host {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/components/lambda-invocation.wasm"
    );
    let host = Host::builder(path)
        .root_certificates(pki.root_pem())
        .transport(transport);
    host.build().expect("the component: cargo xtask build")
}

/// The most memory that this process has had; 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// One call to the peer of a case.
async fn play(host: &Host, pki: Arc<Pki>, case: &Case) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tally = Arc::new(Tally::default());
    let (peer, tallying) = (Arc::clone(&case.peer), Arc::clone(&tally));
    let mut peers = JoinSet::new();
    peers.spawn(async move {
        let mut links = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            tallying.connections.fetch_add(1, Ordering::SeqCst);
            links.spawn(peer(Link {
                stream,
                pki: Arc::clone(&pki),
                tally: Arc::clone(&tallying),
            }));
        }
    });
    let called = timeout(
        BOUND,
        host.invoke(request(case), connection(port, case.waits)),
    )
    .await;
    let called = called.map_err(|_| "the call did not end".to_owned())?;
    drop(peers);
    let runs = tally.runs.load(Ordering::SeqCst);
    let connections = tally.connections.load(Ordering::SeqCst);
    let seen = format!("{called:?}; {runs} runs, {connections} connections");
    let holds = match (&case.ends, &called) {
        (Ends::Answer(payload), Ok(response)) => response.payload == *payload,
        (Ends::Error { says, maybe_ran }, Err(CallError::Failed(error))) => {
            error.to_string().contains(says)
                && error.maybe_ran() == *maybe_ran
                && (runs == 0 || error.maybe_ran())
                && attempts(error).is_none_or(|attempts| attempts == case.attempts)
        }
        _ => false,
    };
    // On a machine with more to do than this, the time may be up before the whole request has
    // arrived.
    let is_counted = runs == case.runs || (case.waits != Waits::Long && runs < case.runs);
    if holds && is_counted && connections <= case.attempts && runs <= 1 {
        Ok(())
    } else {
        Err(seen)
    }
}

fn attempts(error: &Error) -> Option<u32> {
    match error {
        Error::Transport(e) => Some(e.attempts),
        Error::Timeout(e) => Some(e.attempts),
        Error::Service(e) => Some(e.attempts),
        _ => None,
    }
}

fn request(case: &Case) -> Request {
    Request {
        function_name: "f".to_owned(),
        payload: case.payload.clone(),
        ..Request::default()
    }
}

fn connection(port: u16, waits: Waits) -> Connection {
    let millis = |short: bool| Some(if short { 3_000 } else { 30_000 });
    Connection {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(format!("https://localhost:{port}")),
        credentials: Some(Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        }),
        connect_timeout_ms: millis(waits == Waits::BrieflyToConnect),
        response_timeout_ms: millis(waits == Waits::BrieflyForTheResponse),
        deadline_ms: millis(waits == Waits::Briefly).map(|ms| ms * 4 / 3),
        ..Connection::default()
    }
}
