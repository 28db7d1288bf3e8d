//! The guests that are not of our world, in the sandbox of `host-harness`: the same engine,
//! the same limits, the same way out, compiled in from its own files.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use http::Uri;
use lambda_invocation_core::call::endpoint::{Endpoint, Scheme};
use rustls::pki_types::CertificateDer;
use tokio::time::timeout;
use wasmtime::component::{Component, InstancePre, Linker, TypedFunc};
use wasmtime::{Engine, Store};

use crate::egress::{Origin, Policy};
use crate::engine::{self, CodeCache, Size, Ticker};
use crate::http::{Client, Hooks, PoolOptions, ProxyNote};
use crate::proxy::Proxy;
use crate::state::{self, Grant, State};

/// As the host's default.
const MEMORY: usize = 64 * 1024 * 1024;
/// As the host's for a call without a deadline.
const LONGEST_CALL: Duration = Duration::from_secs(60 * 60);

type Invoke = TypedFunc<(String, String, Vec<u8>), (Result<Vec<u8>, String>,)>;

/// What a linker links.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// What `lambda:invocation/imports` lists.
    Ours,
    /// All of `wasi:cli/imports`, and `wasi:http`.
    Command,
}

/// A guest, ready to be called.
pub struct Sandbox {
    pre: InstancePre<State>,
    client: Client,
    ticker: Ticker,
}

/// An instance to call more than once.
pub struct Instance {
    store: Store<State>,
    invoke: Invoke,
}

/// An engine as the host's.
pub fn engine(cache: &CodeCache, calls: u32) -> Result<Engine> {
    let size = Size {
        instances: calls,
        memory: MEMORY,
    };
    engine::new(cache, size).map_err(|error| anyhow!("{error}"))
}

/// wasmtime's error as ours.
pub fn wasm(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("{error:#}")
}

/// A component, ready to be instantiated.
pub fn link(engine: &Engine, component: &Component, world: World) -> Result<InstancePre<State>> {
    let linker = match world {
        World::Ours => state::linker(engine).map_err(wasm)?,
        World::Command => {
            let mut linker = Linker::new(engine);
            wasmtime_wasi::p2::add_to_linker_async(&mut linker).map_err(wasm)?;
            wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).map_err(wasm)?;
            linker
        }
    };
    linker.instantiate_pre(component).map_err(wasm)
}

/// Makes an instance of a component that sends nothing.
pub async fn instantiate(pre: &InstancePre<State>, client: &Client) -> Result<Store<State>> {
    let mut store = store(pre, client.clone(), Vec::new());
    pre.instantiate_async(&mut store).await.map_err(wasm)?;
    Ok(store)
}

/// A pool of connections that trusts `ca` beside the usual roots.
pub fn client(ca: CertificateDer<'static>) -> Client {
    Client::new(
        vec![ca],
        Arc::from([]),
        PoolOptions::default(),
        Proxy::default(),
    )
}

impl Sandbox {
    /// Links a component, which is of world [`World`].
    pub fn new(component: &Component, world: World, client: Client) -> Result<Self> {
        let engine = component.engine();
        Ok(Self {
            pre: link(engine, component, world)?,
            client,
            ticker: Ticker::start(engine.clone()).map_err(|error| anyhow!("{error}"))?,
        })
    }

    /// A new instance, which may send to `url`.
    pub async fn instance(&self, url: &str) -> Result<Instance> {
        let uri: Uri = url.parse()?;
        let endpoint = Endpoint {
            scheme: if uri.scheme_str() == Some("https") {
                Scheme::Https
            } else {
                Scheme::Http
            },
            authority: uri.authority().map(ToString::to_string).unwrap_or_default(),
            base_path: String::new(),
        };
        let origins = Origin::of_endpoint(&endpoint).into_iter().collect();
        let mut store = store(&self.pre, self.client.clone(), origins);
        let instance = self.pre.instantiate_async(&mut store).await.map_err(wasm)?;
        let invoke = instance
            .get_typed_func(&mut store, "invoke")
            .map_err(wasm)?;
        Ok(Instance { store, invoke })
    }

    /// Invokes a function in an instance.
    pub async fn invoke(
        &self,
        instance: &mut Instance,
        url: &str,
        function: &str,
        payload: Vec<u8>,
    ) -> Result<Vec<u8>> {
        let _ticking = self.ticker.tick();
        let arguments = (url.to_owned(), function.to_owned(), payload);
        let call = instance.invoke.call_async(&mut instance.store, arguments);
        let (answer,) = timeout(LONGEST_CALL, call).await?.map_err(wasm)?;
        // As the host does with instances it keeps: wasmtime-wasi-http forgets to.
        instance.store.data_mut().is_clean(usize::MAX);
        answer.map_err(|error| anyhow!("{error}"))
    }
}

fn store(pre: &InstancePre<State>, client: Client, endpoints: Vec<Origin>) -> Store<State> {
    let policy = Policy {
        endpoints,
        allowed: Arc::from([]),
    };
    let grant = Grant {
        environment: &[],
        at: None,
        memory: MEMORY,
        hooks: Hooks::new(client, policy, ProxyNote::default()),
    };
    let mut store = Store::new(pre.engine(), State::new(grant));
    store.limiter(|state| &mut state.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}
