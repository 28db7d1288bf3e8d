//! Many who have no token cost the others nothing.

use std::io::Write as _;
use std::net::TcpStream;
use std::thread;

use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::service::{Reply, Service};

use super::{BEARER, LIMITS, lambda, local};

/// Connections that promise a body and do not send it, once each has its answer.
fn promises(service: &Service, many: usize, request_line: &str, header: &str) -> Vec<TcpStream> {
    let head =
        format!("{request_line} HTTP/1.1\r\nhost: service\r\n{header}content-length: 1000\r\n\r\n");
    let mut connections = Vec::new();
    // wasmtime lets the system keep 100 connections for it; a further one waits a second.
    while connections.len() < many {
        let mut some: Vec<_> = (0..50).map(|_| service.connect()).collect();
        for connection in &mut some {
            let sent = connection.write_all(head.as_bytes());
            sent.expect("a service that reads");
        }
        for connection in &some {
            connection.peek(&mut [0; 1]).expect("an answer");
        }
        connections.append(&mut some);
    }
    connections
}

/// Sends calls at the same time and returns the statuses of their answers.
pub(crate) fn calls(service: &Service, many: usize) -> Vec<u16> {
    let call = || service.post("/invoke/identity", &[BEARER], b"{}").status;
    thread::scope(|scope| {
        let calls: Vec<_> = (0..many).map(|_| scope.spawn(call)).collect();
        calls
            .into_iter()
            .map(|call| call.join().expect("an answer"))
            .collect()
    })
}

/// What is refused, or is no call, is answered and closed at once, whatever it promises.
#[test]
fn who_has_no_token_holds_nothing_that_callers_need() {
    let lambda = lambda();
    let wrong = "authorization: Bearer token-of-nobody\r\n";
    for limit in LIMITS {
        let options = or_skip!(local(lambda));
        let service = limit.iter().fold(options, |o, l| o.option(l)).start();
        for (request_line, header, status) in [
            ("GET /healthz", "", 200),
            ("POST /nowhere", "", 404),
            ("POST /invoke/identity", wrong, 401),
            ("POST /2015-03-31/functions/identity/invocations", "", 403),
        ] {
            let promises = promises(&service, 400, request_line, header);
            assert_eq!(calls(&service, 40), [200; 40], "{request_line}");
            for promise in promises {
                let reply = Reply::read(promise);
                assert_eq!(reply.status, status, "{request_line}");
            }
        }
    }
}
