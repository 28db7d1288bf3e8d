//! The components themselves: size, compilation, machine code, loading, instantiation.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use object::{Object as _, ObjectSection as _};
use wasmtime::component::Component;

use crate::engine::CodeCache;
use crate::options::Options;
use crate::report::{Row, Target};
use crate::sandbox::{self, World, wasm};
use crate::stats::Samples;

struct Artifact {
    bytes: Vec<u8>,
    world: World,
    compile: Samples,
    load: Samples,
    instantiate: Samples,
    code: f64,
}

/// Measures ours beside the SDK in wasm.
pub async fn measure(
    options: &Options,
    client: &crate::http::Client,
    rows: &mut Vec<Row>,
) -> Result<()> {
    println!("# The component itself");
    let read = |path: &std::path::Path| {
        fs::read(path).with_context(|| format!("reading {}", path.display()))
    };
    let new = |bytes, world| Artifact {
        bytes,
        world,
        compile: Samples::default(),
        load: Samples::default(),
        instantiate: Samples::default(),
        code: f64::NAN,
    };
    let mut all = [
        new(read(&options.component)?, World::Ours),
        new(read(&options.sdk)?, World::Command),
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
    let [ours, sdk] = all;
    for (what, a, b) in [
        ("compile (ms)", &ours.compile, &sdk.compile),
        ("load (ms)", &ours.load, &sdk.load),
        ("instantiate (us)", &ours.instantiate, &sdk.instantiate),
    ] {
        println!(
            "{what}: ours {}; SDK in wasm {}",
            a.describe(),
            b.describe()
        );
    }
    let kb = |bytes: f64| Some(bytes / 1e3);
    let size = |artifact: &Artifact| kb(artifact.bytes.len() as f64);
    rows.push(Row::new(
        "size of the component",
        "KB",
        size(&ours),
        None,
        Target::AtMost(200.0),
    ));
    let versus = |name: &str, unit, ours, sdk, target| {
        Row::new(format!("{name}, vs SDK in wasm"), unit, ours, sdk, target)
    };
    let median = |samples: &Samples| Some(samples.median());
    rows.extend([
        versus(
            "size",
            "KB",
            size(&ours),
            size(&sdk),
            Target::RatioAtMost(0.16),
        ),
        versus(
            "compile",
            "ms",
            median(&ours.compile),
            median(&sdk.compile),
            Target::RatioAtMost(0.16),
        ),
        versus(
            "machine code",
            "KB",
            kb(ours.code),
            kb(sdk.code),
            Target::None,
        ),
        versus(
            "load from cache",
            "ms",
            median(&ours.load),
            median(&sdk.load),
            Target::None,
        ),
        versus(
            "instantiate",
            "us",
            median(&ours.instantiate),
            median(&sdk.instantiate),
            Target::None,
        ),
    ]);
    Ok(())
}

/// Bytes of instructions.
fn machine_code(component: &Component) -> Result<f64> {
    let serialized = component.serialize().map_err(wasm)?;
    let file = object::File::parse(&*serialized)?;
    let text = file.section_by_name(".text").context("no code")?;
    Ok(text.size() as f64)
}
