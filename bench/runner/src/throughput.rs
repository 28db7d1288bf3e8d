//! Many calls at a time.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::caller::{Caller, Callers};
use crate::invoke::payload;
use crate::measured::Measured;
use crate::options::Options;
use crate::server::{ECHO, SLOW};
use crate::stats::Samples;
use crate::way::Way;

/// A load: its name, the function, and how many calls at a time.
const LOADS: &[(&str, &str, usize)] = &[
    ("echo, 64 at a time", ECHO, 64),
    ("50 ms function, 64 at a time", SLOW, 64),
    ("50 ms function, 512 at a time", SLOW, 512),
];

/// What a way achieved: calls per second of each round, and the time of each call.
#[derive(Default)]
struct Achieved {
    rate: Samples,
    latency: Samples,
}

/// Measures every way under every load, into a table of rates and one of times. One that
/// fails is left out from there.
pub async fn measure(options: &Options, tables: [&str; 2], callers: &Callers, to: &mut Measured) {
    let [rates, times] = tables;
    let span = Duration::from_millis(if options.quick { 500 } else { 1_500 });
    for &(name, function, concurrency) in LOADS {
        let mut achieved: HashMap<Way, Achieved> = HashMap::new();
        let mut failed = HashSet::new();
        // The first round warms up.
        for round in 0..=options.rounds(6) {
            for turn in 0..callers.len() {
                let Some((way, caller)) = callers.get((turn + round) % callers.len()) else {
                    continue;
                };
                if failed.contains(way) {
                    continue;
                }
                match load(caller, function, concurrency, 100, span).await {
                    Ok((rate, latency)) if round > 0 => {
                        let achieved = achieved.entry(*way).or_default();
                        achieved.rate.push(rate);
                        achieved.latency.extend(latency);
                    }
                    Ok(_) => {}
                    Err(error) => {
                        failed.insert(*way);
                        achieved.remove(way);
                        to.note(&format!("{rates}, {name}, {}", way.name()), &error);
                    }
                }
            }
        }
        for (way, _) in callers {
            if let Some(achieved) = achieved.get(way) {
                to.samples(rates, way.name(), name, "calls/s", &achieved.rate);
                let p99 = achieved.latency.quantile(0.99);
                to.value(times, way.name(), name, "ms", p99);
            }
        }
    }
}

/// Keeps so many calls under way for a while, each with so many bytes; returns calls per
/// second, and milliseconds of each.
pub async fn load(
    caller: &Arc<Caller>,
    function: &'static str,
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
                caller.call(function, payload(bytes)).await?;
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
