//! Time per call, by size.

use std::collections::HashMap;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::caller::{Callers, Way};
use crate::options::Options;
use crate::report::{Row, Target};
use crate::server::ECHO;
use crate::stats::Samples;

/// A size: its name, its bytes, rounds, and calls a round for each way.
const SIZES: &[(&str, usize, usize, usize)] = &[
    ("100 B", 100, 30, 60),
    ("10 KB", 10_000, 30, 40),
    ("100 KB", 100_000, 25, 20),
    ("1 MB", 1_000_000, 20, 5),
    ("5 MB", 5_000_000, 20, 2),
];

/// Who is compared with whom.
const COMPARED: &[(Way, &str, Way)] = &[
    (Way::Ours, "fresh, vs native SDK", Way::Native),
    (Way::Ours, "fresh, vs SDK in wasm", Way::Sdk),
    (Way::Ours, "fresh, vs unsigned floor", Way::Floor),
    (Way::OursReused, "reused, vs native SDK", Way::Native),
    (Way::OursHost, "host transport, vs native SDK", Way::Native),
    (Way::Core, "core natively, vs native SDK", Way::Native),
    (Way::Client, "HTTP client alone, vs native SDK", Way::Native),
    (Way::OursReused, "reused, vs SDK in wasm", Way::SdkReused),
    (
        Way::OursReused,
        "reused, vs unsigned floor",
        Way::FloorReused,
    ),
];

/// The targets, over plain HTTP.
const TARGETS: &[(&str, &str, f64)] = &[
    ("100 B", "fresh, vs native SDK", 1.0),
    ("100 B", "fresh, vs SDK in wasm", 0.35),
    ("100 B", "reused, vs native SDK", 1.1),
    ("100 B", "host transport, vs native SDK", 0.8),
    ("1 MB", "host transport, vs native SDK", 0.95),
    ("5 MB", "host transport, vs native SDK", 0.65),
    ("5 MB", "reused, vs native SDK", 1.0),
    ("5 MB", "fresh, vs native SDK", 1.6),
    ("5 MB", "fresh, vs SDK in wasm", 0.85),
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

/// Measures every way at every size, and names the rows after `prefix`.
pub async fn measure(
    options: &Options,
    prefix: &str,
    targets: bool,
    callers: &Callers,
    rows: &mut Vec<Row>,
) -> Result<()> {
    println!("# {prefix}");
    for &(size, bytes, rounds, calls) in SIZES {
        let payload = payload(bytes);
        let mut samples: HashMap<Way, Samples> = HashMap::new();
        // The first round warms up.
        for round in 0..=options.rounds(rounds) {
            for turn in 0..callers.len() {
                // Each way goes first, and after each other, equally often.
                let Some((way, caller)) = callers.get((turn + round) % callers.len()) else {
                    continue;
                };
                for _ in 0..calls {
                    let payload = payload.clone();
                    let started = Instant::now();
                    let answer = caller.call(ECHO, payload).await;
                    let elapsed = started.elapsed();
                    let answer = answer.with_context(|| way.name())?;
                    ensure!(answer.len() == bytes, "{}: a wrong answer", way.name());
                    if round > 0 {
                        samples.entry(*way).or_default().push_us(elapsed);
                    }
                }
            }
        }
        for (way, _) in callers {
            if let Some(samples) = samples.get(way) {
                println!("{size}, {}: {} us", way.name(), samples.describe());
            }
        }
        for (ours, compared, peer) in COMPARED {
            let median = |way| samples.get(way).map(Samples::median);
            let target = TARGETS
                .iter()
                .filter(|_| targets)
                .find(|(s, c, _)| s == &size && c == compared)
                .map_or(Target::None, |(_, _, target)| Target::RatioAtMost(*target));
            rows.push(Row::new(
                format!("{prefix} {size}, {compared}"),
                "us",
                median(ours),
                median(peer),
                target,
            ));
        }
    }
    Ok(())
}
