//! `ephemeral.open` leaves nothing behind: afterwards, no part of the payload, the
//! answer or the credentials is in the component's linear memory.
//!
//! A component's memory is not visible from outside, so the test lends the engine
//! memory of its own and reads that. The component must be built: `cargo xtask build`.

#![cfg(test)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use lambda_invocation_core::call::sign::SigningTime;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, LinearMemory, MemoryCreator, MemoryType, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

#[allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
#[path = "../src/bindings.rs"]
mod bindings;
use bindings::exports::lambda::invocation::{ephemeral, invoke, types};

const PAYLOAD: &str = "pAyL0aD-cAnArY-7f3k9q2m5x8w1z4v";
const ANSWER: &str = "aNsW3r-cAnArY-2b6n8j4h1g5f9d3s7";
const SECRET: &str = "s3cR3t-cAnArY-5t8y2u6i1o9p4a7l3";
const TOKEN: &str = "t0k3N-cAnArY-9e4r7w1q6m3n8b2v5c";
/// 32 bytes, the length of a signing key.
const KEY: &str = "k3Y-cAnArY-8h2j5k9l1q4w7e6r3t0y!";
/// Pieces of a canary this long count as found.
const PIECE: usize = 10;

/// Memory lent to the engine, and kept to be read.
#[derive(Clone, Copy)]
struct Block(*mut u8);

const BLOCK_LAYOUT: Layout = match Layout::from_size_align(32 << 20, 64 << 10) {
    Ok(layout) => layout,
    Err(_) => panic!("a power of two"),
};

// SAFETY: the tests read it only when no component runs.
#[expect(unsafe_code, reason = "memory the engine borrows is shared by nature")]
unsafe impl Send for Block {}
// SAFETY: as above.
#[expect(unsafe_code, reason = "memory the engine borrows is shared by nature")]
unsafe impl Sync for Block {}

#[derive(Default)]
struct Lender(Mutex<Vec<Block>>);

// SAFETY: `new_memory` gives zeroed memory of at least the minimum.
#[expect(
    unsafe_code,
    reason = "the trait that lends memory to an engine is unsafe"
)]
unsafe impl MemoryCreator for Lender {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        _: Option<usize>,
        _: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        // SAFETY: the layout is not empty.
        let block = Block(unsafe { alloc_zeroed(BLOCK_LAYOUT) });
        self.0.lock().unwrap().push(block);
        Ok(Box::new(Lent {
            block,
            size: minimum,
        }))
    }
}

struct Lent {
    block: Block,
    size: usize,
}

// SAFETY: the block stays where it is and as long as `BLOCK_LAYOUT` says.
#[expect(
    unsafe_code,
    reason = "the trait that lends memory to an engine is unsafe"
)]
unsafe impl LinearMemory for Lent {
    fn byte_size(&self) -> usize {
        self.size
    }

    fn byte_capacity(&self) -> usize {
        BLOCK_LAYOUT.size()
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        if new_size > BLOCK_LAYOUT.size() {
            return Err(wasmtime::format_err!("the lent memory is used up"));
        }
        self.size = new_size;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.block.0
    }
}

impl Lender {
    /// The canaries of which a piece lies in any lent memory.
    fn found<'c>(&self, canaries: &[&'c str]) -> Vec<&'c str> {
        let blocks = self.0.lock().unwrap();
        let found = |canary: &str| {
            blocks.iter().any(|block| {
                // SAFETY: the block is this long, and no component runs now.
                #[expect(unsafe_code, reason = "reads what was lent")]
                let memory = unsafe { std::slice::from_raw_parts(block.0, BLOCK_LAYOUT.size()) };
                // Most of it was never touched.
                let end = memory.iter().rposition(|byte| *byte != 0);
                let memory = &memory[..end.map_or(0, |end| end + 1)];
                canary
                    .as_bytes()
                    .windows(PIECE)
                    .any(|piece| contains(memory, piece))
            })
        };
        canaries
            .iter()
            .copied()
            .filter(|canary| found(canary))
            .collect()
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        for block in self.0.lock().unwrap().iter() {
            // SAFETY: allocated with this layout; the engine that borrowed it is gone.
            #[expect(unsafe_code, reason = "frees what was lent")]
            unsafe {
                dealloc(block.0, BLOCK_LAYOUT);
            }
        }
    }
}

fn contains(memory: &[u8], piece: &[u8]) -> bool {
    let mut rest = memory;
    while let Some(at) = rest.iter().position(|byte| *byte == piece[0]) {
        rest = &rest[at..];
        if rest.starts_with(piece) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    lambda: Lambda,
}

/// Answers every request with the canary.
struct Lambda;

type Answer = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), HttpError>> + Send>,
);

impl WasiHttpHooks for Lambda {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Result<Answer, HttpError>> + Send> {
        Box::new(async move {
            let sent = request.into_body().collect().await?.to_bytes();
            assert!(contains(&sent, PAYLOAD.as_bytes()));
            let body = format!("{{\"answer\":\"{ANSWER}\"}}");
            let response = http::Response::builder()
                .header("x-amz-executed-version", "$LATEST")
                .header("content-length", body.len())
                .body(
                    Full::new(Bytes::from(body))
                        .map_err(|never| match never {})
                        .boxed_unsync(),
                )
                .unwrap();
            let done: Box<dyn Future<Output = Result<(), HttpError>> + Send> =
                Box::new(async { Ok(()) });
            Ok((response, done))
        })
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.lambda,
        }
    }
}

async fn plugin(lender: &Arc<Lender>) -> (Store<State>, bindings::Plugin) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/components/lambda-invocation.wasm"
    );
    let mut config = Config::new();
    config
        .with_host_memory(Arc::clone(lender) as Arc<dyn MemoryCreator>)
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_init_cow(false);
    let engine = Engine::new(&config).unwrap();
    let component = Component::from_file(&engine, path)
        .unwrap_or_else(|error| panic!("{error:#}; build the component first: cargo xtask build"));
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async::<State>(&mut linker).unwrap();
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
    let state = State {
        table: ResourceTable::new(),
        wasi: WasiCtx::builder().build(),
        http: WasiHttpCtx::new(),
        lambda: Lambda,
    };
    let mut store = Store::new(&engine, state);
    let plugin = bindings::Plugin::instantiate_async(&mut store, &component, &linker)
        .await
        .unwrap();
    (store, plugin)
}

fn connection() -> types::Connection {
    types::Connection {
        region: Some("us-east-1".to_owned()),
        endpoint_url: None,
        credentials: Some(types::Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: SECRET.to_owned(),
            session_token: Some(TOKEN.to_owned()),
        }),
        derived_credentials: None,
        use_fips: None,
        use_dualstack: None,
        connect_timeout_ms: None,
        response_timeout_ms: None,
        deadline_ms: None,
        retry: None,
        allow_http: None,
        app_id: None,
    }
}

/// The same, with keys in place of the secret: for the days around now, whichever they are.
fn derived() -> types::Connection {
    let now = std::time::SystemTime::now();
    let days = [now, now + std::time::Duration::from_secs(60)];
    let date = |time: &std::time::SystemTime| {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap();
        SigningTime::new(since).date().to_owned()
    };
    types::Connection {
        credentials: None,
        derived_credentials: Some(types::DerivedCredentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            session_token: Some(TOKEN.to_owned()),
            keys: days
                .iter()
                .map(|time| types::SigningKey {
                    date: date(time),
                    region: "us-east-1".to_owned(),
                    key: KEY.as_bytes().to_vec(),
                })
                .collect(),
        }),
        ..connection()
    }
}

fn payload() -> String {
    // Long enough to be hashed in several blocks, and not a multiple of one.
    format!(
        "{{\"pad\":\"{}\",\"secret\":\"{PAYLOAD}\"}}",
        "x".repeat(1_000)
    )
}

#[tokio::test]
async fn open_leaves_no_trace_of_payload_answer_or_credentials() {
    let lender = Arc::new(Lender::default());
    let (mut store, plugin) = plugin(&lender).await;
    for (round, connection) in [connection(), derived(), connection()].iter().enumerate() {
        let opened = plugin
            .lambda_invocation_ephemeral()
            .call_open(
                &mut store,
                &ephemeral::EphemeralConfig {
                    function_name: "secret_generator".to_owned(),
                    payload: payload(),
                    client_context: None,
                    qualifier: None,
                    region: None,
                    tenant_id: None,
                    log_type: None,
                },
                Some(connection),
            )
            .await
            .unwrap()
            .unwrap();
        assert!(opened.result.contains(ANSWER));
        let found = lender.found(&[PAYLOAD, ANSWER, SECRET, TOKEN, KEY]);
        assert_eq!(found, [""; 0], "after round {round}");
    }
}

/// The scan finds what is there: `invoke` does not wipe the payload and the answer.
#[tokio::test]
async fn the_scan_finds_what_invoke_leaves() {
    let lender = Arc::new(Lender::default());
    let (mut store, plugin) = plugin(&lender).await;
    let response = plugin
        .lambda_invocation_invoke()
        .call_invoke(
            &mut store,
            &invoke::Request {
                function_name: "secret_generator".to_owned(),
                payload: payload().into_bytes(),
                payload_sha256: None,
                invocation_type: None,
                log_type: None,
                qualifier: None,
                client_context: None,
                tenant_id: None,
                durable_execution_name: None,
            },
            Some(&connection()),
        )
        .await
        .unwrap()
        .unwrap();
    assert!(contains(&response.payload, ANSWER.as_bytes()));
    assert!(!lender.found(&[PAYLOAD, ANSWER]).is_empty());
}
