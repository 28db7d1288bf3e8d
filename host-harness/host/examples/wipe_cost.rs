//! What it costs that `ephemeral.open` wipes what it frees: the same call through
//! `open` and through `invoke`, in turns, against the local endpoint.
//!
//! ```sh
//! cargo xtask build && cargo run --release -p lambda-invocation-host --example wipe_cost
//! ```
//!
//! Without `--release` the rows with more bytes say little: passing `list<u8>` (`invoke`)
//! is then slower than passing `string` (`open`).

#![allow(
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made ends"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_host::Host;
use lambda_invocation_local::LocalEndpoint;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = Host::load("target/components/lambda-invocation.wasm")?;
    let lambda = LocalEndpoint::builder().keep_invocations(0).start().await?;
    let keys = lambda.credentials();
    let connection = Connection {
        region: Some(lambda.region().to_owned()),
        endpoint_url: Some(lambda.url()),
        credentials: Some(Credentials {
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            session_token: None,
        }),
        ..Connection::default()
    };
    println!("bytes each way, invoke, open, ratio of medians");
    for (length, rounds) in [(100, 500), (100_000, 100), (5_000_000, 15)] {
        let payload = format!("\"{}\"", "x".repeat(length - 2));
        let (mut plain, mut wiped) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let request = Request {
                function_name: "identity".to_owned(),
                payload: payload.clone().into_bytes(),
                ..Request::default()
            };
            let started = Instant::now();
            host.invoke(request, connection.clone()).await?;
            plain.push(started.elapsed());
            let config = EphemeralConfig {
                function_name: "identity".to_owned(),
                payload: payload.clone(),
                ..EphemeralConfig::default()
            };
            let started = Instant::now();
            host.open(config, connection.clone()).await?;
            wiped.push(started.elapsed());
        }
        let (plain, wiped) = (median(plain), median(wiped));
        println!(
            "{length}, {plain:?}, {wiped:?}, {:.2}",
            wiped.as_secs_f64() / plain.as_secs_f64()
        );
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
