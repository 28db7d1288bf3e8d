//! How many requests a second one `wasmtime serve` of the service component answers, with
//! the local endpoint for Lambda: callers that keep their connections open, each with the
//! next request as soon as the last is answered.
//!
//! ```sh
//! cargo xtask build && cargo run -p lambda-invocation-tests --example service_load -- 64 10
//! ```
//!
//! The arguments are callers at a time and seconds. All three programs share the machine.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made ends"
)]

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::service::Service;

const TOKEN: &str = "token-of-the-callers";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let callers = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let seconds = arguments.next().map_or(Ok(10), |text| text.parse())?;

    let lambda = LocalEndpoint::builder().keep_invocations(0).start().await?;
    let keys = lambda.credentials();
    let service = Service::options()?
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*")
        .start();
    println!("request, callers, requests/s, median, 99th percentile, answers other than 200");
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
        let address = service.url().trim_start_matches("http://").to_owned();
        let duration = Duration::from_secs(seconds);
        // The endpoint goes on answering on this thread meanwhile.
        let load = tokio::task::spawn_blocking(move || load(&address, &request, callers, duration));
        let (mut times, refused, took) = load.await?;
        times.sort();
        let percentile = |of: usize| times.get(times.len() * of / 100).copied();
        println!(
            "{name}, {callers}, {:.0}, {:.1?}, {:.1?}, {refused}",
            times.len() as f64 / took.as_secs_f64(),
            percentile(50).unwrap_or_default(),
            percentile(99).unwrap_or_default(),
        );
    }
    Ok(())
}

/// How long each answer took, how many were not a 200, and how long all of it took.
fn load(
    address: &str,
    request: &[u8],
    callers: usize,
    duration: Duration,
) -> (Vec<Duration>, usize, Duration) {
    let refused = AtomicUsize::new(0);
    let started = Instant::now();
    let times = thread::scope(|scope| {
        let callers: Vec<_> = (0..callers)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    let mut connection = connect(address);
                    while started.elapsed() < duration {
                        let sent = Instant::now();
                        if exchange(&mut connection, request) != 200 {
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        times.push(sent.elapsed());
                    }
                    times
                })
            })
            .collect();
        callers
            .into_iter()
            .flat_map(|caller| caller.join().expect("a caller that is answered"))
            .collect()
    });
    (times, refused.into_inner(), started.elapsed())
}

fn connect(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("a service that listens");
    stream.set_nodelay(true).expect("an option of TCP");
    BufReader::new(stream)
}

/// Sends a request and returns the status of the answer, which is read to its end.
fn exchange(connection: &mut BufReader<TcpStream>, request: &[u8]) -> u16 {
    let sent = connection.get_mut().write_all(request);
    sent.expect("a service that reads");
    let (mut status, mut length) = (0, 0);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        let read = connection.read_line(&mut line).expect("an answer");
        assert!(read > 0, "the service closed the connection");
        if line.starts_with("HTTP/1.1 ") {
            status = line[9..12].parse().expect("a status");
        } else if let Some(digits) = line.strip_prefix("content-length: ") {
            length = digits.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).expect("a whole body");
    status
}
