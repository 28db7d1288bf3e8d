//! Many at once, and who holds an instance.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use lambda_invocation_docs::Page;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::{Options, Service};
use rustix::net::sockopt::set_socket_recv_buffer_size;

use super::attack::calls;
use super::{BEARER, keys, lambda, options};

/// The options that the manual gives `wasmtime serve` for many calls at once.
pub(crate) fn with_room(options: Options) -> Options {
    let blocks = Page::read("docs/service.md").blocks("Many calls at once", "text");
    let words = blocks.iter().flat_map(|block| block.split_whitespace());
    words.fold(options, Options::option)
}

/// More than the 333 that there is room for by default.
#[test]
fn four_hundred_calls_wait_at_the_same_time_with_the_options_of_the_manual() {
    const CALLS: usize = 400;
    let lambda = lambda();
    // Answers none before all are there.
    let all = Barrier::new(CALLS);
    let endpoint = Server::start(move |mut connection| {
        connection.read_request()?;
        all.wait();
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")?;
        connection.finish()
    });
    let options = or_skip!(options(endpoint.url(), lambda.region(), &keys(lambda)));
    let service = with_room(options).start();
    assert_eq!(calls(&service, CALLS), [200; CALLS], "{}", service.log());
}

/// Room for one instance, so that whoever holds it is seen by the next.
pub(crate) const ONE: &str = "-Opooling-total-core-instances=3";

/// Waits until the service has an instance to spare.
#[track_caller]
fn wait_for_an_instance(service: &Service) {
    let started = Instant::now();
    while service.send("GET", "/healthz", &[], b"").status != 200 {
        assert!(started.elapsed() < Duration::from_secs(20), "it is held");
        thread::sleep(Duration::from_millis(20));
    }
}

fn call_of(service: &Service, content: &str) -> TcpStream {
    let (name, value) = BEARER;
    let head = format!(
        "POST /invoke/identity HTTP/1.1\r\nhost: service\r\n{name}: {value}\r\ncontent-length: 2\r\n\r\n{content}"
    );
    let mut connection = service.connect();
    // So that little of an answer is on its way.
    set_socket_recv_buffer_size(&connection, 1 << 16).expect("an option of TCP");
    let sent = connection.write_all(head.as_bytes());
    sent.expect("a service that reads");
    connection
}

#[test]
fn a_caller_who_does_not_take_the_answer_is_given_up() {
    let lambda = lambda();
    let length = 6_000_000;
    let endpoint = crate::large_answer(length);
    let service = or_skip!(options(endpoint.url(), lambda.region(), &keys(lambda)))
        .option(ONE)
        // By default wasmtime holds what is not taken, some 3 MB, and lets the instance go.
        .option("-Shttp-outgoing-body-chunk-size=4096")
        .env("LAMBDA_INVOCATION_BODY_TIMEOUT_MS", "500")
        .start();
    for trickles in [false, true] {
        let mut caller = call_of(&service, "{}");
        caller.peek(&mut [0; 1]).expect("an answer");
        let waiting = thread::scope(|scope| {
            let waiting = scope.spawn(|| wait_for_an_instance(&service));
            while trickles && !waiting.is_finished() {
                let _ = (&caller).read(&mut [0; 1000]);
                thread::sleep(Duration::from_millis(20));
            }
            waiting.join()
        });
        waiting.expect("an instance");
        // What it got is visibly not all.
        let mut got = Vec::new();
        let _ = caller.read_to_end(&mut got);
        assert!(got.len() < length, "{}", got.len());
    }
}

#[test]
fn a_caller_who_leaves_holds_an_instance_until_its_call_is_over() {
    let lambda = lambda();
    let endpoint = Server::start(|mut connection| {
        connection.read_request()?;
        connection.stall()
    });
    let service = or_skip!(options(endpoint.url(), lambda.region(), &keys(lambda)))
        .option(ONE)
        .env("LAMBDA_INVOCATION_TIMEOUT_MS", "500")
        .start();
    // Within the payload: nothing is called.
    drop(call_of(&service, "{"));
    wait_for_an_instance(&service);
    assert_eq!(endpoint.connections(), 0);
    // While the function runs.
    let caller = call_of(&service, "{}");
    let started = Instant::now();
    while endpoint.connections() == 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "no call");
        thread::sleep(Duration::from_millis(10));
    }
    drop(caller);
    wait_for_an_instance(&service);
    assert_eq!(endpoint.connections(), 1);
}
