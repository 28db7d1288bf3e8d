//! Connections that are silent while a function runs.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_tests::server::{Connection, Server};

use crate::remote;

/// NAT gateways forget a connection that is silent for some 350 s.
#[test]
#[cfg(target_os = "linux")]
fn a_silent_connection_is_kept_alive() {
    let silent = Server::start(|mut connection: Connection| connection.wait_for_the_client());
    let (_, port) = silent.url().rsplit_once(':').unwrap();
    let port: u16 = port.parse().unwrap();
    let running = remote("f", silent.url()).start();
    let started = Instant::now();
    // In proc(5): the remote address, the state (01 is established), and the timer that runs
    // (02 is that of keep-alive).
    let remote = format!("0100007F:{port:04X}");
    let is_kept_alive = || {
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        table.lines().any(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            matches!(fields.as_slice(), [_, _, to, "01", _, timer, ..] if *to == remote && timer.starts_with("02:"))
        })
    };
    while !is_kept_alive() {
        assert!(started.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(50));
    }
    drop(running);
}
