//! Whether one `wasmtime serve` and one `lambda-host serve` let so many calls wait at the same
//! time, and the memory that each of them takes: the endpoint answers none before all are there.
//!
//! ```sh
//! cargo xtask build && cargo build --release -p lambda-host
//! cargo run --release -p lambda-invocation-tests --example service_waiting -- 1000
//! ```

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::{Host, Options, Reply, Service};
use lambda_invocation_tests::soak::memory;

const TOKEN: &str = "token-of-the-callers";

fn main() -> Result<(), Box<dyn Error>> {
    let calls: usize = env::args().nth(1).map_or(Ok(1_000), |text| text.parse())?;
    for host in [Host::Wasmtime, Host::LambdaHost] {
        let options = with_room(Service::of(host)?, host, calls);
        wait(host, options, calls)?;
    }
    Ok(())
}

fn with_room(options: Options, host: Host, calls: usize) -> Options {
    let options = match host {
        Host::Wasmtime => options
            .option(&format!("-Opooling-total-core-instances={}", 3 * calls))
            .option(&format!("-Opooling-total-tables={}", 2 * calls))
            .option(&format!("-Opooling-total-component-instances={calls}"))
            .option(&format!("-Opooling-total-memories={calls}"))
            .option(&format!("-Opooling-total-stacks={calls}"))
            .option(&format!("--max-concurrent-connections={calls}")),
        Host::LambdaHost => options.option(&format!("--max-requests-per-token={calls}")),
    };
    options.option(&format!("--max-concurrent-requests={calls}"))
}

fn wait(host: Host, options: Options, calls: usize) -> Result<(), Box<dyn Error>> {
    let released = Arc::new(AtomicBool::new(false));
    let release = Arc::clone(&released);
    let endpoint = Server::start(move |mut connection| {
        connection.read_request()?;
        while !released.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(100));
        }
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")?;
        connection.finish()
    });
    let service = options
        .env("AWS_ENDPOINT_URL_LAMBDA", endpoint.url())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        .start();
    let before = memory(service.process_id());
    let request = format!(
        "POST /invoke/function HTTP/1.1\r\nhost: service\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    let mut callers = Vec::new();
    for caller in 1..=calls {
        let mut connection = service.connect();
        connection.write_all(request.as_bytes())?;
        callers.push(connection);
        // The system keeps 100 connections for wasmtime that it has not accepted.
        if caller % 50 == 0 {
            thread::sleep(Duration::from_millis(100));
        }
    }
    for _ in 0..600 {
        if endpoint.connections() == calls {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let waiting = endpoint.connections();
    let taken = memory(service.process_id()).saturating_sub(before);
    println!("{host:?}: calls that wait: {waiting} of {calls}");
    let each = taken / u64::try_from(waiting.max(1))?;
    println!("{host:?}: memory: {taken} KB, {each} KB each");
    release.store(true, Ordering::Relaxed);
    let mut statuses = BTreeMap::<u16, usize>::new();
    for caller in callers {
        *statuses.entry(Reply::read(caller).status).or_default() += 1;
    }
    println!("{host:?}: answers by status: {statuses:?}");
    Ok(())
}
