//! Connections and handshakes: a pool is worth something only if it is used.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::invoke::payload;
use crate::report::{Row, Target};
use crate::server::{ECHO, Server};

const CALLS: usize = 2_000;

/// Counts at the server, for callers that nobody has used yet: over plain HTTP, and over
/// TLS.
pub async fn measure(
    server: &Server,
    plain: [&Arc<Caller>; 2],
    secure: [&Arc<Caller>; 2],
    rows: &mut Vec<Row>,
) -> Result<()> {
    println!("# Connections");
    for (at_a_time, name) in [(1, "in turn"), (64, "64 at a time")] {
        let mut per_connection = Vec::new();
        for caller in plain {
            let counts = server.counts();
            let before = (
                counts.connections.load(Relaxed),
                counts.requests.load(Relaxed),
            );
            run(caller, at_a_time).await?;
            let connections = counts.connections.load(Relaxed) - before.0;
            let requests = counts.requests.load(Relaxed) - before.1;
            println!("{name}: {requests} requests on {connections} new connections");
            per_connection.push(requests as f64 / connections.max(1) as f64);
        }
        rows.push(Row::new(
            format!("requests per TCP connection, 2,000 calls {name}, vs native SDK"),
            "requests",
            per_connection.first().copied(),
            per_connection.get(1).copied(),
            Target::None,
        ));
    }
    for (at_a_time, name) in [(1, "in turn"), (64, "64 at a time")] {
        let (mut per_slot, mut all) = (Vec::new(), Vec::new());
        for caller in secure {
            let counts = server.counts();
            // A slot is a connection that was open beside the others: more handshakes
            // than that, and one was made for a connection that had been thrown away.
            let before = counts.handshakes.load(Relaxed);
            let others = counts.open();
            counts.most_open.store(others, Relaxed);
            run(caller, at_a_time).await?;
            let made = counts.handshakes.load(Relaxed) - before;
            let slots = counts.most_open.load(Relaxed) - others;
            println!("{name}: {made} TLS handshakes for {slots} slots");
            per_slot.push(made as f64 / slots.max(1) as f64);
            all.push(made as f64);
        }
        rows.push(Row::new(
            format!("TLS handshakes per pool slot, 2,000 calls {name}"),
            "handshakes",
            per_slot.first().copied(),
            None,
            Target::AtMost(1.0),
        ));
        rows.push(Row::new(
            format!("TLS handshakes, 2,000 calls {name}, vs native SDK"),
            "handshakes",
            all.first().copied(),
            all.get(1).copied(),
            Target::None,
        ));
    }
    Ok(())
}

async fn run(caller: &Arc<Caller>, at_a_time: usize) -> Result<()> {
    let mut tasks = JoinSet::new();
    for task in 0..at_a_time {
        let calls = CALLS / at_a_time + usize::from(task < CALLS % at_a_time);
        let caller = Arc::clone(caller);
        tasks.spawn(async move {
            for _ in 0..calls {
                caller.call(ECHO, payload(100)).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}
