//! `cargo xtask bench`: the component beside what it competes with, in one process and one
//! run.

#[path = "../../../host-harness/host/src/egress.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod egress;
#[path = "../../../host-harness/host/src/engine.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod engine;
#[path = "../../../host-harness/host/src/error.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod error;
#[path = "../../../host-harness/host/src/http/mod.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod http;
#[path = "../../../host-harness/host/src/proxy.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod proxy;
#[path = "../../../host-harness/host/src/state.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod state;

#[path = "../../../tests/src/peer.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod peer;
#[path = "../../../tests/src/venv.rs"]
mod venv;

mod about;
mod artifact;
mod build;
mod caller;
mod cold;
mod connections;
mod invoke;
mod lifecycle;
mod memory;
mod options;
mod plot;
mod provider;
mod report;
mod sandbox;
mod server;
mod sign;
mod stats;
mod throughput;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lambda_invocation_host::{Host, HostBuilder, Transport};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::runtime::{self, Runtime};
use wasmtime::component::Component;

use caller::{Caller, Callers, Way};
use engine::CodeCache;
use options::{Options, Profile};
use report::{Report, Row};
use sandbox::{Sandbox, World};
use server::Server;

/// Most calls at a time of what is measured, but for memory.
const CALLS: u32 = 512;
/// The library's default, for calls that are made in turn.
const IN_TURN: u32 = 64;

fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    match (options.memory.clone(), options.profile.clone()) {
        (Some((way, calls)), _) => threads()?.block_on(in_flight(options, way, calls)),
        (None, Some(watched)) => match watched.together {
            Some(calls) => threads()?.block_on(profile_together(options, watched, calls)),
            None => one_thread()?.block_on(profile_in_turn(options, watched)),
        },
        (None, None) => run(options),
    }
}

/// For calls that are made in turn: a caller, and nobody beside it. Handing a call from
/// thread to thread would be most of its time, and differs with the weather.
fn one_thread() -> Result<Runtime> {
    Ok(runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

/// For many calls at a time.
fn threads() -> Result<Runtime> {
    Ok(runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn run(options: Options) -> Result<()> {
    memory::raise_descriptors(2 * CALLS as usize)?;
    let server = Server::start()?;
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    let peers = Peers::load(&options, &server)?;

    if let Some(measured) = &options.provider {
        provider::read(measured, &mut rows)?;
    }
    one_thread()?.block_on(in_turn(&options, &server, &peers, &mut rows))?;
    if options.wants("cold") {
        cold::measure(&options, &server, &mut rows, &mut notes)?;
    }
    threads()?.block_on(together(&options, &server, &peers, &mut rows))?;
    if options.wants("memory") {
        memory::measure(&options, &mut rows, &mut notes)?;
    }

    let (targets, met) = rows
        .iter()
        .filter_map(|row| row.met)
        .fold((0, 0), |(all, met), row| (all + 1, met + usize::from(row)));
    println!("{met} of {targets} targets met");
    if let Some(directory) = &options.out {
        let report = Report {
            machine: about::machine(),
            versions: about::versions(&options)?,
            command: if options.quick {
                "cargo xtask bench --quick"
            } else {
                "cargo xtask bench"
            }
            .to_owned(),
            rows,
        };
        report::write(&report, &notes, directory)?;
        println!("written to {}", directory.display());
    }
    Ok(())
}

/// One call after the other.
async fn in_turn(
    options: &Options,
    server: &Server,
    peers: &Peers,
    rows: &mut Vec<Row>,
) -> Result<()> {
    if options.wants("artifact") {
        artifact::measure(options, &peers.client()?, rows).await?;
    }
    if options.wants("invoke") {
        let callers = peers.callers(&server.url(false), None)?;
        invoke::measure(options, "invoke", true, &callers, rows).await?;
    }
    if options.wants("tls") {
        let callers = peers.callers(&server.url(true), Some(server.ca()))?;
        invoke::measure(options, "invoke over TLS", false, &callers, rows).await?;
    }
    if options.wants("sign") {
        sign::measure(
            options,
            &peers.fresh(IN_TURN)?,
            &peers.reused(IN_TURN)?,
            rows,
        )
        .await?;
    }
    Ok(())
}

/// Many calls at a time.
async fn together(
    options: &Options,
    server: &Server,
    peers: &Peers,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let url = server.url(false);
    if options.wants("lifecycle") {
        let native = Arc::new(caller::native(&url, None)?);
        let (fresh, reused) = (peers.fresh(CALLS)?, peers.reused(CALLS)?);
        lifecycle::measure(options, &fresh, &reused, &native, &url, rows).await?;
    }
    if options.wants("throughput") {
        let callers = peers.callers_together(&url, CALLS)?;
        throughput::measure(options, &callers, rows).await?;
    }
    if options.wants("connections") {
        let secure = server.url(true);
        let plain = [
            Arc::new(caller::host(&peers.fresh(CALLS)?, &url)),
            Arc::new(caller::native(&url, None)?),
        ];
        let tls = [
            Arc::new(caller::host(&peers.fresh(CALLS)?, &secure)),
            Arc::new(caller::native(&secure, Some(server.ca()))?),
        ];
        connections::measure(server, plain.each_ref(), tls.each_ref(), rows).await?;
    }
    Ok(())
}

/// What callers are made of.
struct Peers {
    options: Options,
    ca: String,
    floor: Component,
    sdk: Component,
}

impl Peers {
    fn load(options: &Options, server: &Server) -> Result<Self> {
        let engine = sandbox::engine(&CodeCache::Default, 4)?;
        let component = |path: &std::path::Path| {
            Component::from_file(&engine, path)
                .map_err(sandbox::wasm)
                .with_context(|| format!("loading {}", path.display()))
        };
        Ok(Self {
            floor: component(&options.floor)?,
            sdk: component(&options.sdk)?,
            ca: server.ca().to_owned(),
            options: options.clone(),
        })
    }

    /// With the defaults of the library but for `calls` at a time.
    fn builder(&self, calls: u32) -> HostBuilder {
        Host::builder(&*self.options.component)
            .max_concurrent_calls(calls)
            .root_certificates(self.ca.clone())
    }

    fn fresh(&self, calls: u32) -> Result<Host> {
        Ok(self.builder(calls).build()?)
    }

    fn reused(&self, calls: u32) -> Result<Host> {
        Ok(self.builder(calls).reuse_instances(calls).build()?)
    }

    /// That sends itself.
    fn sending(&self, calls: u32) -> Result<Host> {
        Ok(self.builder(calls).transport(Transport::Host).build()?)
    }

    fn client(&self) -> Result<http::Client> {
        Ok(sandbox::client(CertificateDer::from_pem_slice(
            self.ca.as_bytes(),
        )?))
    }

    fn guest(&self, component: &Component, world: World, url: &str, reuse: bool) -> Result<Caller> {
        let sandbox = Sandbox::new(component, world, self.client()?)?;
        Ok(caller::guest(sandbox, url, reuse))
    }

    fn callers(&self, url: &str, ca: Option<&str>) -> Result<Callers> {
        let (floor, sdk) = (&self.floor, &self.sdk);
        Ok([
            (Way::Ours, caller::host(&self.fresh(IN_TURN)?, url)),
            (Way::Floor, self.guest(floor, World::Ours, url, false)?),
            (Way::Sdk, self.guest(sdk, World::Command, url, false)?),
            (Way::Native, caller::native(url, ca)?),
            (Way::OursReused, caller::host(&self.reused(IN_TURN)?, url)),
            (Way::OursHost, caller::host(&self.sending(IN_TURN)?, url)),
            (Way::Core, caller::natively(self.client()?, url)),
            (Way::Client, caller::client(self.client()?, url)),
            (Way::FloorReused, self.guest(floor, World::Ours, url, true)?),
            (Way::SdkReused, self.guest(sdk, World::Command, url, true)?),
        ]
        .map(|(way, caller)| (way, Arc::new(caller)))
        .into())
    }

    fn callers_together(&self, url: &str, calls: u32) -> Result<Callers> {
        Ok([
            (Way::Ours, caller::host(&self.fresh(calls)?, url)),
            (Way::OursReused, caller::host(&self.reused(calls)?, url)),
            (Way::OursHost, caller::host(&self.sending(calls)?, url)),
            (Way::Native, caller::native(url, None)?),
        ]
        .map(|(way, caller)| (way, Arc::new(caller)))
        .into())
    }
}

/// How long a profiler watches.
const WATCHED: Duration = Duration::from_secs(5);

/// Calls in one way for a profiler to watch, and prints how often.
async fn profile_in_turn(options: Options, watched: Profile) -> Result<()> {
    let server = Server::start()?;
    let callers = Peers::load(&options, &server)?.callers(&server.url(false), None)?;
    let (way, caller) = by_name(&callers, &watched.way)?;
    let payload = invoke::payload(watched.bytes);
    let started = Instant::now();
    let mut calls = 0;
    while started.elapsed() < WATCHED {
        caller.call(server::ECHO, payload.clone()).await?;
        calls += 1;
    }
    let each = started.elapsed() / calls;
    println!("{}: {calls} calls, {each:?} each", way.name());
    Ok(())
}

/// The same with so many calls at a time.
async fn profile_together(options: Options, watched: Profile, calls: usize) -> Result<()> {
    memory::raise_descriptors(2 * calls)?;
    let server = Server::start()?;
    let peers = Peers::load(&options, &server)?;
    let callers = peers.callers_together(&server.url(false), u32::try_from(calls)?)?;
    let (way, caller) = by_name(&callers, &watched.way)?;
    let (rate, latency) = throughput::load(caller, calls, watched.bytes, WATCHED).await?;
    let mut samples = stats::Samples::default();
    samples.extend(latency);
    let (median, p99) = (samples.median(), samples.quantile(0.99));
    println!(
        "{}: {rate:.0} calls/s, {median:.1} ms, p99 {p99:.1} ms",
        way.name()
    );
    Ok(())
}

fn by_name<'a>(callers: &'a Callers, name: &str) -> Result<(Way, &'a Arc<Caller>)> {
    callers
        .iter()
        .find(|(way, _)| format!("{way:?}") == name)
        .map(|(way, caller)| (*way, caller))
        .context("no such way")
}

/// Measures memory, in a process of its own.
async fn in_flight(options: Options, way: String, calls: usize) -> Result<()> {
    memory::raise_descriptors(calls)?;
    let server = Server::start()?;
    let url = server.url(false);
    let way = memory::WAYS
        .iter()
        .find(|(name, _)| *name == way)
        .map(|(_, way)| *way);
    let at_a_time = u32::try_from(calls)? + 20;
    let caller = match way {
        Some(Way::Ours) => {
            let host = Host::builder(&*options.component)
                .max_concurrent_calls(at_a_time)
                .build()?;
            caller::host(&host, &url)
        }
        Some(Way::OursHost) => {
            let host = Host::builder(&*options.component)
                .max_concurrent_calls(at_a_time)
                .transport(Transport::Host)
                .build()?;
            caller::host(&host, &url)
        }
        Some(Way::Sdk) => {
            let engine = sandbox::engine(&CodeCache::Default, at_a_time)?;
            let component = Component::from_file(&engine, &options.sdk).map_err(sandbox::wasm)?;
            let ca = CertificateDer::from_pem_slice(server.ca().as_bytes())?;
            let sandbox = Sandbox::new(&component, World::Command, sandbox::client(ca))?;
            caller::guest(sandbox, &url, false)
        }
        Some(Way::Native) => caller::native(&url, None)?,
        _ => anyhow::bail!("no such way"),
    };
    ensure!(calls > 0, "no calls");
    memory::in_flight(server, caller, calls).await
}
