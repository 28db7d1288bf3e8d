//! How many requests a second `wasmtime serve` and `lambda-host serve` answer, one after the
//! other in one run, with the local endpoint for Lambda.
//!
//! ```sh
//! cargo xtask build && cargo build --release -p lambda-host
//! cargo run --release -p lambda-invocation-tests --example service_load -- 64 10
//! ```
//!
//! The arguments are callers at a time and seconds. All programs share the machine.

#![allow(clippy::expect_used, reason = "a measurement that cannot be made ends")]

use std::env;
use std::error::Error;
use std::time::Duration;

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::load::load;
use lambda_invocation_tests::service::{Host, Service};

const TOKEN: &str = "token-of-the-callers";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let callers = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let seconds = arguments.next().map_or(Ok(10), |text| text.parse())?;

    let lambda = LocalEndpoint::builder().keep_invocations(0).start().await?;
    let keys = lambda.credentials();
    println!("request, host, callers, requests/s, median, 99th percentile, answers other than 200");
    for (name, payload) in [
        ("GET /healthz", None),
        ("POST /invoke/identity, 100 bytes", Some(100)),
        ("POST /invoke/identity, 100,000 bytes", Some(100_000)),
    ] {
        let request = match payload {
            None => b"GET /healthz HTTP/1.1\r\nhost: service\r\n\r\n".to_vec(),
            Some(length) => format!(
                "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: {length}\r\n\r\n\"{}\"",
                "x".repeat(length - 2)
            )
            .into_bytes(),
        };
        for host in [Host::Wasmtime, Host::LambdaHost] {
            let service = Service::of(host)?
                .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
                .env("AWS_REGION", lambda.region())
                .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
                .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
                .env("AWS_MAX_ATTEMPTS", "1")
                .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
                .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
                .start();
            let (url, request) = (service.url().to_owned(), request.clone());
            let duration = Duration::from_secs(seconds);
            // The endpoint goes on answering meanwhile.
            let load = tokio::task::spawn_blocking(move || load(&url, &request, callers, duration));
            let measured = load.await?;
            println!(
                "{name}, {host:?}, {callers}, {:.0}, {:.1?}, {:.1?}, {}",
                measured.rate(),
                measured.percentile(50),
                measured.percentile(99),
                measured.others,
            );
        }
    }
    Ok(())
}
