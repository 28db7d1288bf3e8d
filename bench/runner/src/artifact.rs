//! The components themselves: size, compilation, machine code, loading, instantiation.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use object::{Object as _, ObjectSection as _};
use wasmtime::component::Component;

use crate::engine::CodeCache;
use crate::measured::Measured;
use crate::options::Options;
use crate::sandbox::{self, World, wasm};
use crate::stats::Samples;

struct Artifact {
    name: &'static str,
    bytes: Vec<u8>,
    world: World,
    compile: Samples,
    load: Samples,
    instantiate: Samples,
    code: f64,
}

impl Artifact {
    fn read(name: &'static str, path: &Path, world: World) -> Result<Self> {
        Ok(Self {
            name,
            bytes: fs::read(path).with_context(|| format!("reading {}", path.display()))?,
            world,
            compile: Samples::default(),
            load: Samples::default(),
            instantiate: Samples::default(),
            code: f64::NAN,
        })
    }
}

/// Measures ours beside the SDK in wasm.
pub async fn measure(
    options: &Options,
    client: &crate::http::Client,
    to: &mut Measured,
) -> Result<()> {
    let mut all = [
        Artifact::read("ours", &options.component, World::Ours)?,
        Artifact::read("ours, `exchange` alone", &options.exchange, World::Ours)?,
        Artifact::read("SDK in wasm", &options.sdk, World::Command)?,
    ];
    let directory = tempfile::tempdir()?;
    let without = sandbox::engine(&CodeCache::Off, 1)?;
    let with = sandbox::engine(&CodeCache::Directory(directory.path().to_owned()), 1)?;
    for artifact in &mut all {
        // The first makes the cache's entry.
        Component::from_binary(&with, &artifact.bytes).map_err(wasm)?;
    }
    for _ in 0..options.rounds(10) {
        for artifact in &mut all {
            let started = Instant::now();
            let component = Component::from_binary(&without, &artifact.bytes).map_err(wasm)?;
            artifact.compile.push_ms(started.elapsed());
            artifact.code = machine_code(&component)?;
        }
    }
    for _ in 0..options.rounds(50) {
        for artifact in &mut all {
            let started = Instant::now();
            black_box(Component::from_binary(&with, &artifact.bytes).map_err(wasm)?);
            artifact.load.push_ms(started.elapsed());
        }
    }
    let mut linked = Vec::new();
    for artifact in &all {
        let component = Component::from_binary(&with, &artifact.bytes).map_err(wasm)?;
        linked.push(sandbox::link(&with, &component, artifact.world)?);
    }
    for _ in 0..options.rounds(50) {
        for (artifact, pre) in all.iter_mut().zip(&linked) {
            for _ in 0..20 {
                let started = Instant::now();
                black_box(sandbox::instantiate(pre, client).await?);
                artifact.instantiate.push_us(started.elapsed());
            }
        }
    }
    for artifact in &all {
        let (name, table) = (artifact.name, "component");
        to.value(table, name, "size", "KB", artifact.bytes.len() as f64 / 1e3);
        to.value(table, name, "machine code", "KB", artifact.code / 1e3);
        to.samples(table, name, "compile", "ms", &artifact.compile);
        to.samples(table, name, "load from cache", "ms", &artifact.load);
        to.samples(table, name, "instantiate", "us", &artifact.instantiate);
    }
    Ok(())
}

/// Bytes of instructions.
fn machine_code(component: &Component) -> Result<f64> {
    let serialized = component.serialize().map_err(wasm)?;
    let file = object::File::parse(&*serialized)?;
    let text = file.section_by_name(".text").context("no code")?;
    Ok(text.size() as f64)
}
