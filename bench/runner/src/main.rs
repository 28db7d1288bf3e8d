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
#[allow(
    dead_code,
    unexpected_cfgs,
    reason = "a part of it is needed, without the crate's features"
)]
mod http;
#[path = "../../../host-harness/host/src/proxy.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod proxy;
#[path = "../../../host-harness/host/src/state.rs"]
#[allow(
    dead_code,
    unexpected_cfgs,
    reason = "a part of it is needed, without the crate's features"
)]
mod state;

#[path = "../../../tests/src/peer.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod peer;
#[path = "../../../tests/src/venv.rs"]
#[allow(dead_code, reason = "a part of it is needed")]
mod venv;

mod about;
mod artifact;
mod build;
mod caller;
mod cold;
mod connections;
mod invoke;
mod jobs;
mod lifecycle;
mod measured;
mod memory;
mod options;
mod plot;
mod provider;
mod report;
mod sandbox;
mod server;
mod sign;
mod stats;
mod tables;
mod throughput;
mod way;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use lambda_invocation_host::{Host, HostBuilder, Transport};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::runtime::{self, Runtime};
use wasmtime::component::Component;

use caller::{Caller, Callers};
use engine::CodeCache;
use measured::Measured;
use options::{Options, Profile};
use sandbox::{Sandbox, World};
use server::Server;
use way::Way;

/// Most calls at a time of what is measured, but for memory.
const CALLS: u32 = 512;
/// The library's default, for calls that are made in turn.
const IN_TURN: u32 = 64;

fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    if let Some((way, calls)) = options.memory.clone() {
        return threads()?.block_on(in_flight(options, &way, calls));
    }
    if let Some(watched) = options.profile.clone() {
        return match watched.together {
            Some(calls) => threads()?.block_on(profile_together(options, watched, calls)),
            None => one_thread()?.block_on(profile_in_turn(options, watched)),
        };
    }
    let Some(part) = options.part.clone() else {
        return jobs::run(&options);
    };
    let mut measured = Measured::default();
    measure(&options, &part, &mut measured)?;
    let values = serde_json::to_string(&measured)?;
    fs::write(&options.values, values).context("writing the values")
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

/// Measures a part.
fn measure(options: &Options, part: &str, to: &mut Measured) -> Result<()> {
    memory::raise_descriptors(2 * CALLS as usize)?;
    let server = Server::start()?;
    let peers = Peers {
        options: options.clone(),
        ca: server.ca().to_owned(),
    };
    let url = server.url(false);
    match part {
        "invoke" => {
            let callers = peers.callers(&Way::ALL, &url, IN_TURN, to);
            let table = if options.one_cpu {
                "invoke-one"
            } else {
                "invoke-all"
            };
            one_thread()?.block_on(invoke::measure(options, table, &callers, to));
        }
        "tls" => {
            // hyper's own client knows no TLS.
            let ways = &Way::ALL[1..];
            let callers = peers.callers(ways, &server.url(true), IN_TURN, to);
            one_thread()?.block_on(invoke::measure(options, "tls", &callers, to));
        }
        "sign" => {
            let hosts = (
                peers.host(Way::WasiNew, IN_TURN)?,
                peers.host(Way::WasiKept, IN_TURN)?,
            );
            one_thread()?.block_on(sign::measure(options, &hosts.0, &hosts.1, to))?;
        }
        "component" => {
            let client = peers.client()?;
            one_thread()?.block_on(artifact::measure(options, &client, to))?;
        }
        "cold" => cold::measure(options, &server, to)?,
        "providers" => {
            let measured = options.provider.as_ref();
            let measured = measured.context("they could not be built or measured")?;
            provider::read(measured, to)?;
        }
        "memory" => memory::measure(options, to),
        "throughput" => {
            let tables = if options.one_cpu {
                ["rate-one", "p99-one"]
            } else {
                ["rate-all", "p99-all"]
            };
            let callers = peers.callers(&Way::TOGETHER, &url, CALLS, to);
            threads()?.block_on(throughput::measure(options, tables, &callers, to));
        }
        "lifecycle" => {
            let mut hosts = Vec::new();
            for way in [Way::WasiNew, Way::WasiKept, Way::HostKept] {
                hosts.push((way, peers.host(way, CALLS)?));
            }
            let native = Arc::new(peers.caller(Way::Native, &url, CALLS)?);
            threads()?.block_on(lifecycle::measure(options, &hosts, &native, &url, to))?;
        }
        "connections" => {
            let ways = [Way::Native, Way::WasiNew, Way::HostKept];
            let plain = peers.callers(&ways, &url, CALLS, to);
            let secure = peers.callers(&ways, &server.url(true), CALLS, to);
            threads()?.block_on(connections::measure(&server, &plain, &secure, to));
        }
        _ => bail!("no such part: {part}"),
    }
    Ok(())
}

/// What callers are made of.
struct Peers {
    options: Options,
    ca: String,
}

impl Peers {
    /// Our component, with the defaults of the library but for `calls` at a time.
    fn host(&self, way: Way, calls: u32) -> Result<Host> {
        let builder: HostBuilder = Host::builder(&*self.options.component)
            .max_concurrent_calls(calls)
            .root_certificates(self.ca.clone());
        let builder = match way {
            Way::WasiKept => builder.reuse_instances(calls),
            Way::HostNew | Way::HostKept => builder.transport(Transport::Host),
            _ => builder,
        };
        Ok(builder.build()?)
    }

    fn client(&self) -> Result<http::Client> {
        Ok(sandbox::client(CertificateDer::from_pem_slice(
            self.ca.as_bytes(),
        )?))
    }

    /// A guest that is not ours.
    fn guest(&self, way: Way, url: &str, calls: u32) -> Result<Caller> {
        let (file, world): (&Path, _) = match way {
            Way::FloorNew | Way::FloorKept => (&self.options.floor, World::Ours),
            _ => (&self.options.sdk, World::Command),
        };
        let engine = sandbox::engine(&CodeCache::Default, calls)?;
        let component = Component::from_file(&engine, file)
            .map_err(sandbox::wasm)
            .with_context(|| format!("loading {}", file.display()))?;
        let sandbox = Sandbox::new(&component, world, self.client()?)?;
        let kept = matches!(way, Way::FloorKept | Way::SdkKept);
        Ok(caller::guest(sandbox, url, kept))
    }

    fn caller(&self, way: Way, url: &str, calls: u32) -> Result<Caller> {
        Ok(match way {
            Way::Hyper => caller::hyper(url),
            Way::Core => caller::natively(self.client()?, url),
            Way::Native => caller::native(url, url.starts_with("https").then_some(&*self.ca))?,
            Way::WasiNew | Way::WasiKept | Way::HostKept => {
                caller::host(&self.host(way, calls)?, url)
            }
            Way::HostNew => caller::open(&self.host(way, calls)?, url),
            Way::FloorNew | Way::FloorKept | Way::SdkNew | Way::SdkKept => {
                self.guest(way, url, calls)?
            }
        })
    }

    /// Those of the ways that can be had.
    fn callers(&self, ways: &[Way], url: &str, calls: u32, to: &mut Measured) -> Callers {
        let mut callers = Vec::new();
        for way in ways {
            match self.caller(*way, url, calls) {
                Ok(caller) => callers.push((*way, Arc::new(caller))),
                Err(error) => to.note(way.name(), &error),
            }
        }
        callers
    }
}

/// How long a profiler watches.
const WATCHED: Duration = Duration::from_secs(5);

/// Calls in one way for a profiler to watch, and prints how often.
async fn profile_in_turn(options: Options, watched: Profile) -> Result<()> {
    let server = Server::start()?;
    let (way, caller) = one_caller(options, &watched.way, &server, IN_TURN)?;
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
    let at_a_time = u32::try_from(calls)?;
    let (way, caller) = one_caller(options, &watched.way, &server, at_a_time)?;
    let caller = Arc::new(caller);
    let load = throughput::load(&caller, server::SLOW, calls, watched.bytes, WATCHED);
    let (rate, latency) = load.await?;
    let mut samples = stats::Samples::default();
    samples.extend(latency);
    let (median, p99) = (samples.median(), samples.quantile(0.99));
    println!(
        "{}: {rate:.0} calls/s, {median:.1} ms, p99 {p99:.1} ms",
        way.name()
    );
    Ok(())
}

/// Measures memory, in a process of its own.
async fn in_flight(options: Options, way: &str, calls: usize) -> Result<()> {
    ensure!(calls > 0, "no calls");
    memory::raise_descriptors(calls)?;
    let server = Server::start()?;
    let (_, caller) = one_caller(options, way, &server, u32::try_from(calls)?)?;
    memory::in_flight(server, caller, calls).await
}

/// The way of this name.
fn one_caller(options: Options, way: &str, server: &Server, calls: u32) -> Result<(Way, Caller)> {
    let way = Way::named(way).with_context(|| format!("no such way: {way}"))?;
    let ca = server.ca().to_owned();
    let peers = Peers { options, ca };
    Ok((way, peers.caller(way, &server.url(false), calls)?))
}
