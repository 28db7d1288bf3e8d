//! How it ends.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc;

use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::{Reply, Service};
use rustix::process::Signal;

use super::{TOKEN, keys, lambda, options};

const IN_FLIGHT: &str = "lambda_invocation_requests_in_flight";

/// A service whose function answers when it is told to, and calls that wait for it.
fn with_calls(many: usize, arguments: &[&str]) -> (Service, Vec<TcpStream>, mpsc::Sender<()>) {
    let (go, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let endpoint = Server::start(move |mut connection| {
        connection.read_request()?;
        // Until the other side is dropped: for all of them.
        let _ = wait.lock().expect("a sound lock").recv();
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")?;
        connection.finish()
    });
    let lambda = lambda();
    let options = options(endpoint.url(), lambda.region(), &keys(lambda)).expect("our own host");
    let options = options.option("--metrics-listen=127.0.0.1:0");
    let service = arguments.iter().fold(options, |o, a| o.option(a)).start();
    let call = |_| {
        let mut connection = service.connect();
        let request = format!(
            "POST /invoke/identity HTTP/1.1\r\nhost: service\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        let sent = connection.write_all(request.as_bytes());
        sent.expect("a service that reads");
        connection
    };
    let calls: Vec<_> = (0..many).map(call).collect();
    service.wait_for_metric(IN_FLIGHT, many as f64);
    (service, calls, go)
}

#[test]
fn sigterm_has_the_requests_under_way_answered_and_accepts_no_others() {
    for signal in [Signal::TERM, Signal::INT] {
        let (mut service, mut calls, go) = with_calls(8, &[]);
        // One of the callers has left, and one has not begun.
        drop(calls.pop());
        let silent = service.connect();
        service.signal(signal);
        service.log_with("stopping");
        let address = service.url().trim_start_matches("http://").to_owned();
        while TcpStream::connect(&address).is_ok() {
            std::thread::yield_now();
        }
        drop(go);
        for call in calls {
            let reply = Reply::read(call);
            assert_eq!((reply.status, &*reply.body), (200, "{}"), "{reply:#?}");
        }
        assert_eq!(service.wait().code(), Some(0), "{}", service.log());
        service.log_with("\"message\":\"stopped\"");
        drop(silent);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (mut service, _calls, _go) = with_calls(1, &[]);
    service.signal(Signal::TERM);
    service.log_with("stopping");
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(130), "{}", service.log());
    service.log_with("may have run");
}

#[test]
fn what_is_not_answered_in_time_is_cut_off_and_said() {
    let (mut service, _calls, _go) = with_calls(2, &["--shutdown-timeout=200ms"]);
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(4), "{}", service.log());
    service.log_with("2 requests were cut off; their functions may have run");
}
