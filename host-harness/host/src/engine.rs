//! The WebAssembly engine: compiled code on disk, instances from a pool, and a clock
//! that keeps a component from holding on to its thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig,
};

use crate::error::LoadError;

/// How often a component that computes gives way to timers and other calls.
const TICK: Duration = Duration::from_millis(10);
/// Memory that stays with a pool's slot between calls: that of a call with the largest
/// payload, which takes longer to get from the system, page by page, than to hash. It is
/// zeroed all the same.
const KEEP_RESIDENT: usize = 8 * 1024 * 1024;
/// The same of all slots together, after as many such calls at a time.
const KEEP_RESIDENT_IN_ALL: usize = 512 * 1024 * 1024;
/// The same of a table: those of a component are a page or two.
const KEEP_TABLE_RESIDENT: usize = 16 * 1024;

/// Where compiled code is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum CodeCache {
    /// Where wasmtime keeps it: `$XDG_CACHE_HOME/wasmtime` on Linux. Unusable, it is
    /// done without.
    #[default]
    Default,
    /// In a directory of its own.
    Directory(PathBuf),
    /// Nowhere.
    Off,
}

/// What the engine is sized for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Instances at the same time.
    pub(crate) instances: u32,
    /// Bytes of memory for each.
    pub(crate) memory: usize,
}

/// Makes the engine.
pub(crate) fn new(cache: &CodeCache, size: Size) -> Result<Engine, LoadError> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        // What no component here uses is nothing that a hostile one can try.
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .gc_support(false)
        .memory_init_cow(true)
        .cache(open_cache(cache)?)
        .allocation_strategy(pool(size));
    Engine::new(&config)
        .or_else(|error| {
            // A pool reserves address space for all calls at once, which a limit on
            // the process's (ulimit -v) or a 32-bit machine does not grant.
            tracing::debug!("no instance pool, allocating on demand: {error:#}");
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            Engine::new(&config)
        })
        .map_err(|error| LoadError::Engine(format!("{error:#}")))
}

fn pool(size: Size) -> InstanceAllocationStrategy {
    /// A component of one module consists of four core instances once it is encoded:
    /// itself, and what `wit-component` ties it to its imports with.
    const CORE_INSTANCES: u32 = 8;
    const TABLES: u32 = 8;
    /// One for itself, one for an adapter.
    const MEMORIES: u32 = 2;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(size.instances)
        .total_core_instances(size.instances.saturating_mul(CORE_INSTANCES))
        .total_tables(size.instances.saturating_mul(TABLES))
        .total_memories(size.instances.saturating_mul(MEMORIES))
        .total_stacks(size.instances)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_tables_per_component(TABLES)
        .max_memories_per_component(MEMORIES)
        .max_memory_size(size.memory)
        .table_keep_resident(KEEP_TABLE_RESIDENT);
    // The kernel knows which pages a call has touched, from Linux 6.7 on. Without it, the
    // first ones would be zeroed after each call, and those are the unused end of the stack.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        let slots = usize::try_from(size.instances).unwrap_or(usize::MAX).max(1);
        pool.pagemap_scan(Enabled::Yes)
            .linear_memory_keep_resident(KEEP_RESIDENT.min(KEEP_RESIDENT_IN_ALL / slots));
    }
    pool.into()
}

fn open_cache(cache: &CodeCache) -> Result<Option<Cache>, LoadError> {
    match cache {
        CodeCache::Off => Ok(None),
        CodeCache::Default => Ok(Cache::new(CacheConfig::new())
            .inspect_err(|error| tracing::debug!("compiled code is not kept: {error:#}"))
            .ok()),
        CodeCache::Directory(directory) => {
            let refuse = |reason: String| LoadError::Cache {
                directory: directory.clone(),
                reason,
            };
            // wasmtime wants it absolute, users type it relative.
            let absolute = std::path::absolute(directory).map_err(|e| refuse(e.to_string()))?;
            std::fs::create_dir_all(&absolute).map_err(|e| refuse(e.to_string()))?;
            let mut config = CacheConfig::new();
            config.with_directory(absolute);
            Cache::new(config)
                .map(Some)
                .map_err(|e| refuse(format!("{e:#}")))
        }
    }
}

/// Advances an engine's epoch while calls are under way, on a thread of its own: a
/// component that computes occupies its runtime's.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

struct Shared {
    calls: AtomicUsize,
    stopped: AtomicBool,
}

impl Ticker {
    pub(crate) fn start(engine: Engine) -> Result<Self, LoadError> {
        let shared = Arc::new(Shared {
            calls: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let thread = thread::Builder::new()
            .name("epoch-ticker".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.run(&engine)
            })
            .map_err(|e| LoadError::Engine(format!("no thread to be had: {e}")))?;
        Ok(Self {
            shared,
            thread: thread.thread().clone(),
        })
    }

    /// Ticks until what is returned is dropped.
    pub(crate) fn tick(&self) -> Ticking<'_> {
        if self.shared.calls.fetch_add(1, Ordering::SeqCst) == 0 {
            self.thread.unpark();
        }
        Ticking(&self.shared)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Shared {
    fn run(&self, engine: &Engine) {
        while !self.stopped.load(Ordering::SeqCst) {
            if self.calls.load(Ordering::SeqCst) == 0 {
                thread::park();
            } else {
                thread::sleep(TICK);
                engine.increment_epoch();
            }
        }
    }
}

/// A call under way.
pub(crate) struct Ticking<'a>(&'a Shared);

impl Drop for Ticking<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}
