//! Plan and apply of many managed invocations.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use lambda_invocation_core::lifecycle::{Config, PlanOptions};
use lambda_invocation_host::Host;
use tokio::task::JoinSet;

use crate::caller::{Caller, connection};
use crate::measured::Measured;
use crate::options::Options;
use crate::server::ECHO;
use crate::stats::Samples;
use crate::way::Way;

const INVOCATIONS: usize = 1_000;
/// Terraform's default.
const AT_A_TIME: usize = 10;
const INPUT: &str = r#"{"resource_name":"database_setup","database_url":"mydb.cluster-xyz:5432"}"#;

/// Measures ours beside as many plain calls of the native SDK.
pub async fn measure(
    options: &Options,
    hosts: &[(Way, Host)],
    native: &Arc<Caller>,
    url: &str,
    to: &mut Measured,
) -> Result<()> {
    let mut ours: HashMap<Way, Samples> = HashMap::new();
    let mut peer = Samples::default();
    for _ in 0..options.rounds(10) {
        for (way, host) in hosts {
            let (host, url) = (host.clone(), url.to_owned());
            let took = all(move || managed(host.clone(), url.clone())).await?;
            ours.entry(*way).or_default().push_ms(took);
        }
        let native = Arc::clone(native);
        peer.push_ms(
            all(move || {
                let native = Arc::clone(&native);
                async move { native.call(ECHO, INPUT.into()).await.map(|_| ()) }
            })
            .await?,
        );
    }
    let case = "1,000 invocations, 10 at a time";
    to.samples("lifecycle", Way::Native.name(), case, "ms", &peer);
    for (way, _) in hosts {
        if let Some(samples) = ours.get(way) {
            to.samples("lifecycle", way.name(), case, "ms", samples);
        }
    }
    Ok(())
}

async fn managed(host: Host, url: String) -> Result<()> {
    let config = Config {
        function_name: ECHO.to_owned(),
        input: INPUT.to_owned(),
        ..Config::default()
    };
    let plan = host
        .lifecycle_plan(None, Some(config.clone()), PlanOptions::default())
        .await?;
    ensure!(plan.requests.len() == 1, "a plan without a request");
    let state = host
        .lifecycle_apply(None, Some(config), false, connection(&url))
        .await
        .map_err(|error| anyhow!("{error}"))?;
    ensure!(
        state.is_some_and(|state| state.result == INPUT),
        "a wrong result"
    );
    Ok(())
}

/// Runs it for every invocation.
async fn all<F>(run: impl Fn() -> F + Send + Sync + 'static) -> Result<Duration>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let run = Arc::new(run);
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for _ in 0..AT_A_TIME {
        let (run, next) = (Arc::clone(&run), Arc::clone(&next));
        tasks.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < INVOCATIONS {
                run().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(started.elapsed())
}
