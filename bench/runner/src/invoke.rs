//! Time per call, by size.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::caller::{Caller, Callers};
use crate::measured::Measured;
use crate::options::Options;
use crate::server::ECHO;
use crate::stats::Samples;
use crate::way::Way;

/// A size: its name, its bytes, rounds, and calls a round for each way.
const SIZES: &[(&str, usize, usize, usize)] = &[
    ("100 B", 100, 40, 60),
    ("1 MB", 1_000_000, 25, 5),
    ("5 MB", 5_000_000, 20, 2),
];

/// A JSON string of this many bytes.
pub fn payload(bytes: usize) -> Vec<u8> {
    let mut payload = vec![b'x'; bytes];
    for quote in [0, bytes.saturating_sub(1)] {
        if let Some(byte) = payload.get_mut(quote) {
            *byte = b'"';
        }
    }
    payload
}

/// Measures every way at every size. One that fails is left out from there.
pub async fn measure(options: &Options, table: &str, callers: &Callers, to: &mut Measured) {
    for &(size, bytes, rounds, calls) in SIZES {
        let mut samples: HashMap<Way, Samples> = HashMap::new();
        let mut failed = HashSet::new();
        // The first round warms up.
        for round in 0..=options.rounds(rounds) {
            for turn in 0..callers.len() {
                // Each way goes first, and after each other, equally often.
                let Some((way, caller)) = callers.get((turn + round) % callers.len()) else {
                    continue;
                };
                if failed.contains(way) {
                    continue;
                }
                match calls_in_turn(caller, bytes, calls).await {
                    Ok(times) if round > 0 => {
                        let samples = samples.entry(*way).or_default();
                        times.into_iter().for_each(|time| samples.push_us(time));
                    }
                    Ok(_) => {}
                    Err(error) => {
                        failed.insert(*way);
                        samples.remove(way);
                        to.note(&format!("{table}, {size}, {}", way.name()), &error);
                    }
                }
            }
        }
        for (way, _) in callers {
            if let Some(samples) = samples.get(way) {
                to.samples(table, way.name(), size, "us", samples);
            }
        }
    }
}

async fn calls_in_turn(caller: &Caller, bytes: usize, calls: usize) -> Result<Vec<Duration>> {
    let payload = payload(bytes);
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let payload = payload.clone();
        let started = Instant::now();
        let answer = caller.call(ECHO, payload).await;
        times.push(started.elapsed());
        ensure!(answer?.len() == bytes, "a wrong answer");
    }
    Ok(times)
}
