//! What a component is given: the imports it may have, and the state behind them for
//! one call.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime::{Engine, ResourceLimiter, Store};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{HostWallClock, WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::{cli, clocks, io, random};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::http::types::RequestOptions;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::http::Hooks;

/// Most handles (streams, bodies, pollables, ...) open at once. A request takes some ten, and
/// behind one may lie [what a body holds](crate::http::Hooks).
const MAX_RESOURCES: usize = 128;

/// The state of one call.
pub(crate) struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    /// The memory limit, and whether it was met.
    pub(crate) limits: Limits,
}

/// What a call's state is made from.
pub(crate) struct Grant<'a> {
    /// Environment variables.
    pub(crate) environment: &'a [(String, String)],
    /// A wall clock that stands still, if any.
    pub(crate) at: Option<SystemTime>,
    /// Bytes of memory.
    pub(crate) memory: usize,
    /// The way out.
    pub(crate) hooks: Hooks,
}

impl State {
    pub(crate) fn new(grant: Grant<'_>) -> Self {
        let mut wasi = WasiCtx::builder();
        wasi.envs(grant.environment);
        if let Some(at) = grant.at {
            wasi.wall_clock(StoppedClock(
                at.duration_since(UNIX_EPOCH).unwrap_or_default(),
            ));
        }
        Self {
            table: table(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: grant.hooks,
            limits: Limits {
                memory: grant.memory,
                grown: 0,
                exceeded: false,
            },
        }
    }

    /// A store for it, with its limits.
    pub(crate) fn in_store(self, engine: &Engine) -> Store<Self> {
        let mut store = Store::new(engine, self);
        store.limiter(|state| &mut state.limits);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    /// Sets what the next call sees of the system.
    #[cfg(feature = "serve")]
    pub(crate) fn set_wasi(&mut self, wasi: WasiCtx) {
        self.wasi = wasi;
    }

    /// Opens the way out of the next call, and closes that of the last.
    pub(crate) fn set_hooks(&mut self, hooks: Hooks) {
        self.hooks = hooks;
    }

    /// Whether a call has left nothing behind: no handle, no refused growth, and at
    /// most this many bytes of memory.
    pub(crate) fn is_clean(&mut self, most_memory: usize) -> bool {
        // wasmtime-wasi-http 48 looks at the options of a request where it should take
        // them out of the table. No handle leads there any more.
        if self
            .table
            .iter_mut()
            .all(|entry| entry.is::<RequestOptions>())
        {
            self.table = table();
        }
        self.table.is_empty() && !self.limits.exceeded && self.limits.grown <= most_memory
    }
}

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(MAX_RESOURCES);
    table
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
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// Links what world `imports` of the WIT package lists, and nothing else: a component
/// that asks for a file or a socket does not load.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    let l = &mut linker;
    io::error::add_to_linker::<State, Table>(l, |state| &mut state.table)?;
    io::poll::add_to_linker::<State, Table>(l, |state| &mut state.table)?;
    io::streams::add_to_linker::<State, Table>(l, |state| &mut state.table)?;
    clocks::wall_clock::add_to_linker::<State, WasiClocks>(l, State::clocks)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(l, State::clocks)?;
    cli::environment::add_to_linker::<State, WasiCli>(l, State::cli)?;
    random::random::add_to_linker::<State, WasiRandom>(l, |state| state.wasi.random())?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(l)?;
    Ok(linker)
}

struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// A wall clock that shows one instant, for signatures that can be repeated.
struct StoppedClock(Duration);

impl HostWallClock for StoppedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

/// Bounds what a component may grow to.
pub(crate) struct Limits {
    memory: usize,
    /// The largest memory so far.
    pub(crate) grown: usize,
    /// Whether more was asked for. The component sees a failed allocation and usually
    /// traps on it; this tells that trap from others.
    pub(crate) exceeded: bool,
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let permitted = desired <= self.memory;
        self.exceeded |= !permitted;
        if permitted {
            self.grown = self.grown.max(desired);
        }
        Ok(permitted)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        /// Far more than the functions of a component.
        const MAX_ELEMENTS: usize = 20_000;
        Ok(desired <= MAX_ELEMENTS)
    }
}
