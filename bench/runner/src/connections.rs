//! Connections and handshakes: a pool is worth something only if it is used.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::caller::{Caller, Callers};
use crate::invoke::payload;
use crate::measured::Measured;
use crate::server::{ECHO, Server};

const CALLS: usize = 2_000;
const TABLE: &str = "connections";
/// How many of them at a time, and what that is called.
const TOGETHER: [(usize, &str); 2] = [(1, "in turn"), (64, "64 at a time")];

/// Counts at the server, for callers that nobody has used yet: over plain HTTP, and over
/// TLS.
pub async fn measure(server: &Server, plain: &Callers, secure: &Callers, to: &mut Measured) {
    for (at_a_time, name) in TOGETHER {
        for (way, caller) in plain {
            let counts = server.counts();
            let before = counts.connections.load(Relaxed);
            if let Err(error) = run(caller, at_a_time).await {
                to.note(&format!("{TABLE}, {name}, {}", way.name()), &error);
                continue;
            }
            let made = counts.connections.load(Relaxed) - before;
            let case = format!("TCP connections, {name}");
            to.value(TABLE, way.name(), &case, "", made as f64);
        }
    }
    for (at_a_time, name) in TOGETHER {
        for (way, caller) in secure {
            let counts = server.counts();
            // A slot is a connection that was open beside the others: more handshakes
            // than that, and one was made for a connection that had been thrown away.
            let before = counts.handshakes.load(Relaxed);
            let others = counts.open();
            counts.most_open.store(others, Relaxed);
            if let Err(error) = run(caller, at_a_time).await {
                to.note(&format!("{TABLE} over TLS, {name}, {}", way.name()), &error);
                continue;
            }
            let made = counts.handshakes.load(Relaxed) - before;
            let slots = counts.most_open.load(Relaxed) - others;
            let case = format!("TLS handshakes, {name}");
            to.value(TABLE, way.name(), &case, "", made as f64);
            let per_slot = made as f64 / slots.max(1) as f64;
            let case = format!("handshakes per pool slot, {name}");
            to.value(TABLE, way.name(), &case, "", per_slot);
        }
    }
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
