//! `lambda-host serve` for half an hour: 64 callers at a time, 5 % faults of every kind. It fails
//! unless every answer is the one that it must be, and memory and file handles stay flat.
//!
//! ```sh
//! cargo xtask build && cargo build --release -p lambda-host
//! cargo run --release -p lambda-invocation-tests --example service_soak -- --minutes 30
//! ```

#![allow(clippy::expect_used, reason = "a measurement that cannot be made ends")]

use std::env;
use std::error::Error;
use std::time::Duration;

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::service::Service;
use lambda_invocation_tests::soak::{TIMEOUT_MS, soak};

const TOKEN: &str = "token-of-the-callers";
const CALLERS: u64 = 64;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let minutes: f64 = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 30.0,
        ["--minutes", minutes] => minutes.parse()?,
        _ => return Err("expected nothing, or --minutes N".into()),
    };
    let lambda = LocalEndpoint::builder().keep_invocations(0).start().await?;
    let keys = lambda.credentials();
    let log = tempfile::NamedTempFile::new()?;
    let service = Service::lambda_host(None)
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        .env("LAMBDA_INVOCATION_TIMEOUT_MS", &TIMEOUT_MS.to_string())
        .option("--metrics-listen=127.0.0.1:0")
        .option(&format!("--access-log={}", log.path().display()))
        .start();
    let duration = Duration::from_secs_f64(minutes * 60.0);
    // The endpoint goes on answering meanwhile.
    let report = tokio::task::spawn_blocking(move || soak(&service, TOKEN, CALLERS, duration));
    let report = report.await?;
    for (kind, many) in &report.requests {
        println!("{many:9} {kind}");
    }
    println!(
        "{} requests in {:.0?}, {} counted by the service; {} answers were wrong",
        report.total(),
        report.took,
        report.counted,
        report.wrong.len()
    );
    println!(
        "memory: {} KB early, {} KB at the end",
        report.memory.0, report.memory.1
    );
    println!(
        "file handles: {} before, {} after",
        report.handles.0, report.handles.1
    );
    for what in report.wrong.iter().take(20) {
        println!("wrong: {what}");
    }
    let grew = report.memory.1 > report.memory.0 + report.memory.0 / 4;
    let leaked = report.handles.1 > report.handles.0;
    if !report.wrong.is_empty() || !report.is_counted() || grew || leaked {
        return Err("that is not as it must be".into());
    }
    Ok(())
}
