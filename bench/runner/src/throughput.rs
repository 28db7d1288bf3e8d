//! Many calls at a time of a function that takes a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::caller::{Caller, Callers, Way};
use crate::invoke::payload;
use crate::options::Options;
use crate::report::{Row, Target};
use crate::server::SLOW;
use crate::stats::Samples;

const CONCURRENCIES: [usize; 4] = [1, 8, 64, 512];

/// What a way achieved: calls per second of each round, and the time of each call.
#[derive(Default)]
struct Achieved {
    rate: Samples,
    latency: Samples,
}

/// Measures ours, with fresh and with reused instances, beside the native SDK.
pub async fn measure(options: &Options, callers: &Callers, rows: &mut Vec<Row>) -> Result<()> {
    println!("# Throughput: a function that takes 50 ms");
    let span = Duration::from_millis(if options.quick { 500 } else { 1_500 });
    for concurrency in CONCURRENCIES {
        let mut achieved: HashMap<Way, Achieved> = HashMap::new();
        // The first round warms up.
        for round in 0..=options.rounds(5) {
            for (way, caller) in callers {
                let (rate, latency) = load(caller, concurrency, 100, span)
                    .await
                    .with_context(|| way.name())?;
                if round > 0 {
                    let achieved = achieved.entry(*way).or_default();
                    achieved.rate.push(rate);
                    achieved.latency.extend(latency);
                }
            }
        }
        for (way, achieved) in &achieved {
            println!(
                "{concurrency} at a time, {}: {} calls/s, {} ms, p99 {:.1} ms",
                way.name(),
                achieved.rate.describe(),
                achieved.latency.describe(),
                achieved.latency.quantile(0.99)
            );
        }
        let native = achieved.get(&Way::Native);
        for (way, instance) in [
            (Way::Ours, "fresh"),
            (Way::OursReused, "reused"),
            (Way::OursHost, "host transport"),
        ] {
            let ours = achieved.get(&way);
            let target = match (way, concurrency) {
                (Way::OursHost, 512) => Target::RatioAtLeast(1.4),
                (_, 64) => Target::RatioAtLeast(1.0),
                _ => Target::None,
            };
            rows.push(Row::new(
                format!("throughput at {concurrency}, {instance}, vs native SDK"),
                "calls/s",
                ours.map(|a| a.rate.median()),
                native.map(|a| a.rate.median()),
                target,
            ));
            rows.push(Row::new(
                format!("p99 at {concurrency}, {instance}, vs native SDK"),
                "ms",
                ours.map(|a| a.latency.quantile(0.99)),
                native.map(|a| a.latency.quantile(0.99)),
                Target::None,
            ));
        }
    }
    Ok(())
}

/// Keeps so many calls under way for a while, each with so many bytes; returns calls per
/// second, and milliseconds of each.
pub async fn load(
    caller: &Arc<Caller>,
    concurrency: usize,
    bytes: usize,
    span: Duration,
) -> Result<(f64, Vec<f64>)> {
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for _ in 0..concurrency {
        let caller = Arc::clone(caller);
        tasks.spawn(async move {
            let mut latency = Vec::new();
            while started.elapsed() < span {
                let called = Instant::now();
                caller.call(SLOW, payload(bytes)).await?;
                latency.push(called.elapsed().as_secs_f64() * 1e3);
            }
            anyhow::Ok(latency)
        });
    }
    let mut all = Vec::new();
    while let Some(task) = tasks.join_next().await {
        all.extend(task??);
    }
    Ok((all.len() as f64 / started.elapsed().as_secs_f64(), all))
}
