//! A function may run for 15 minutes, and a synchronous call waits that long without
//! being told to. Shown with the component itself, over a clock that jumps from one event
//! to the next: nothing here takes as long as it says.

#![cfg(test)]

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use tokio::sync::Notify;
use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::{cli, clocks, io, random};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

#[allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
#[path = "../src/bindings.rs"]
mod bindings;
use bindings::PluginPre;
use bindings::exports::lambda::invocation::{invoke, types};

/// The longest that Lambda lets a function run.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// The component's own limit on waiting for the response, if the caller sets none.
const DEFAULT: Duration = Duration::from_secs(910);

/// A clock that stands still while anything happens, and then jumps to the next instant
/// that somebody waits for.
#[derive(Clone, Default)]
struct Clock {
    state: Arc<Mutex<Instants>>,
    jumped: Arc<Notify>,
}

#[derive(Default)]
struct Instants {
    now: Duration,
    awaited: BTreeSet<Duration>,
}

impl Clock {
    fn now(&self) -> Duration {
        self.state.lock().unwrap().now
    }

    async fn wait_until(&self, instant: Duration) {
        self.state.lock().unwrap().awaited.insert(instant);
        loop {
            let jumped = self.jumped.notified();
            if self.now() >= instant {
                return;
            }
            jumped.await;
        }
    }

    /// Runs it for ever.
    async fn run(self) {
        loop {
            // On one thread this lets everything happen that does not wait.
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
            {
                let mut state = self.state.lock().unwrap();
                if let Some(next) = state.awaited.pop_first() {
                    state.now = state.now.max(next);
                }
            }
            self.jumped.notify_waiters();
        }
    }
}

/// A function that takes its time, in front of which there is no network.
struct Function {
    clock: Clock,
    /// Until its response begins.
    head_after: Duration,
    /// Between the head and the body.
    body_after: Duration,
    /// The options of each request.
    seen: Vec<RequestOptions>,
}

type Sent = (
    Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for Function {
    fn send_request(
        &mut self,
        _: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = wasmtime_wasi_http::Result<Sent>> + Send> {
        self.seen.push(options.expect("the component sets options"));
        let (clock, sent_at) = (self.clock.clone(), self.clock.now());
        let (head_after, body_after) = (self.head_after, self.body_after);
        Box::new(async move {
            clock.wait_until(sent_at + head_after).await;
            let at = clock.now() + body_after;
            let body = Late(Some(Box::pin(async move { clock.wait_until(at).await })));
            let response = Response::new(body.map_err(|e: Infallible| match e {}).boxed_unsync());
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(std::future::ready(Ok(())));
            Ok((response, done))
        })
    }
}

/// The body `null`, after a wait.
struct Late(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Body for Late {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(wait) = &mut self.0 else {
            return Poll::Ready(None);
        };
        match wait.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                self.0 = None;
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"null")))))
            }
        }
    }
}

/// What the component is given.
struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    function: Function,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.function,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// A pollable of the clock.
struct Timer(Clock, Duration);

#[wasmtime_wasi::async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        self.0.wait_until(self.1).await;
    }
}

impl clocks::monotonic_clock::Host for Host {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(nanos(self.function.clock.now()))
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let clock = self.function.clock.clone();
        let timer = self.table.push(Timer(clock, Duration::from_nanos(when)))?;
        subscribe(&mut self.table, timer)
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let now = nanos(self.function.clock.now());
        self.subscribe_instant(now.saturating_add(duration))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap()
}

struct Table;

impl wasmtime::component::HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// The compiled component, for all calls.
struct Loaded {
    engine: Engine,
    plugin: PluginPre<Host>,
}

impl Loaded {
    fn load() -> Self {
        let path = PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../target/components/lambda-invocation.wasm"
        ));
        assert!(
            path.exists(),
            "build the component first: cargo xtask build"
        );
        let engine = Engine::new(&Config::new()).unwrap();
        let component = Component::from_file(&engine, path).unwrap();
        let mut linker = Linker::new(&engine);
        let l = &mut linker;
        io::error::add_to_linker::<Host, Table>(l, |host| &mut host.table).unwrap();
        io::poll::add_to_linker::<Host, Table>(l, |host| &mut host.table).unwrap();
        io::streams::add_to_linker::<Host, Table>(l, |host| &mut host.table).unwrap();
        clocks::wall_clock::add_to_linker::<Host, WasiClocks>(l, Host::clocks).unwrap();
        clocks::monotonic_clock::add_to_linker::<Host, HasSelf<Host>>(l, |host| host).unwrap();
        cli::environment::add_to_linker::<Host, WasiCli>(l, Host::cli).unwrap();
        random::random::add_to_linker::<Host, WasiRandom>(l, |host| host.wasi.random()).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(l).unwrap();
        let plugin = PluginPre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
        Self { engine, plugin }
    }

    /// Invokes a function, and returns what came of it, the options of each request and
    /// when it was over.
    async fn call(
        &self,
        head_after: Duration,
        body_after: Duration,
        response_timeout_ms: Option<u32>,
    ) -> (
        Result<invoke::Response, types::Error>,
        Vec<RequestOptions>,
        Duration,
    ) {
        let clock = Clock::default();
        let running = tokio::spawn(clock.clone().run());
        let mut store = Store::new(
            &self.engine,
            Host {
                table: ResourceTable::new(),
                wasi: WasiCtx::builder().build(),
                http: WasiHttpCtx::new(),
                function: Function {
                    clock: clock.clone(),
                    head_after,
                    body_after,
                    seen: Vec::new(),
                },
            },
        );
        let plugin = self.plugin.instantiate_async(&mut store).await.unwrap();
        let request = invoke::Request {
            function_name: "f".to_owned(),
            payload: b"{}".to_vec(),
            payload_sha256: None,
            invocation_type: None,
            log_type: None,
            qualifier: None,
            client_context: None,
            tenant_id: None,
            durable_execution_name: None,
        };
        let connection = types::Connection {
            region: Some("us-east-1".to_owned()),
            endpoint_url: None,
            credentials: Some(types::Credentials {
                access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret_access_key: "secret".to_owned(),
                session_token: None,
            }),
            derived_credentials: None,
            use_fips: None,
            use_dualstack: None,
            connect_timeout_ms: None,
            response_timeout_ms,
            deadline_ms: None,
            retry: None,
            allow_http: None,
            app_id: None,
        };
        let answer = plugin
            .lambda_invocation_invoke()
            .call_invoke(&mut store, &request, Some(&connection))
            .await
            .unwrap();
        running.abort();
        (answer, store.into_data().function.seen, clock.now())
    }
}

fn returned(answer: Result<invoke::Response, types::Error>) {
    match answer {
        Ok(response) => {
            assert_eq!(response.payload, b"null");
            assert_eq!(response.attempts, 1);
        }
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_call_of_15_minutes_survives_the_defaults() {
    let plugin = Loaded::load();
    let soon = Duration::from_millis(5);
    for (head_after, body_after) in [
        (LONGEST, soon),
        (soon, LONGEST),
        (DEFAULT - soon, DEFAULT - soon),
    ] {
        let (answer, seen, over) = plugin.call(head_after, body_after, None).await;
        returned(answer);
        assert_eq!(over, head_after + body_after);
        // What a host with timeouts of its own is told to wait.
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].connect_timeout, Some(Duration::from_millis(3_100)));
        assert_eq!(seen[0].first_byte_timeout, Some(DEFAULT));
        // Later than the component's own timer, which says what happened.
        let later = DEFAULT + Duration::from_secs(1);
        assert_eq!(seen[0].between_bytes_timeout, Some(later));
        assert!(DEFAULT > LONGEST);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_function_that_never_answers_ends_the_call_at_its_limit() {
    let plugin = Loaded::load();
    let never = Duration::from_secs(24 * 60 * 60);
    for (limit, waits) in [(None, DEFAULT), (Some(5_000), Duration::from_secs(5))] {
        let (answer, seen, over) = plugin.call(never, never, limit).await;
        match answer {
            Err(types::Error::Timeout(error)) => {
                assert_eq!(error.phase, types::TimeoutPhase::Response);
                assert_eq!(u128::from(error.after_ms), waits.as_millis());
                // The function may be running still, so the call is not repeated.
                assert!(error.maybe_ran);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(over, waits);
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].first_byte_timeout, Some(waits));
    }
}
