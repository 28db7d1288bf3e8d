//! Servers that leave.

use std::io;
use std::thread;
use std::time::Duration;

use lambda_invocation_tests::server::{self, Connection, Server};

use crate::{
    DID_NOT_RUN, MAY_HAVE_RUN, against, against_with_5_mb, answering, bounded, broke, call,
};

#[test]
fn a_port_without_a_server_is_told_from_one_that_breaks() {
    let (url, _bound) = server::refusing();
    let run = bounded(call(&url).args(["--payload", "{}"]).run());
    let line = run.refusal(4);
    assert!(line.contains("cannot connect"), "{line}");
    assert!(line.contains("refused"), "{line}");
    assert!(line.contains(DID_NOT_RUN), "{line}");
}

/// Whether something of the request was written before that showed is a matter of
/// luck. Only where nothing was may the call be repeated.
#[test]
fn a_server_that_leaves_at_once_is_tried_again_only_if_nothing_was_sent() {
    let behaviours: [fn(Connection) -> io::Result<()>; 2] = [
        |connection| {
            drop(connection);
            Ok(())
        },
        Connection::reset,
    ];
    for behaviour in behaviours {
        let server = Server::start(behaviour);
        let run = bounded(call(server.url()).args(["--payload", "{}"]).run());
        let line = run.refusal(4);
        if line.contains(MAY_HAVE_RUN) {
            // The attempts before this one, if any, sent nothing.
            assert!((1..=3).contains(&server.connections()), "{line}");
        } else {
            assert!(line.contains(DID_NOT_RUN), "{line}");
            assert_eq!(server.connections(), 3, "{line}");
        }
    }
}

#[test]
fn a_server_that_closes_within_the_request_breaks_the_call() {
    broke(&against_with_5_mb(|mut connection| {
        connection.read_a_little()
    }));
}

#[test]
fn a_server_that_closes_after_the_request_breaks_the_call() {
    broke(&answering(""));
}

#[test]
fn a_server_that_resets_within_the_request_breaks_the_call() {
    broke(&against_with_5_mb(|mut connection| {
        connection.read_a_little()?;
        connection.reset()
    }));
}

#[test]
fn a_server_that_resets_after_the_request_breaks_the_call() {
    broke(&against(|mut connection| {
        connection.read_request()?;
        connection.reset()
    }));
}

#[test]
fn a_server_that_resets_within_the_body_breaks_the_call() {
    broke(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")?;
        // Else the reset overtakes the head.
        thread::sleep(Duration::from_millis(200));
        connection.reset()
    }));
}

#[test]
fn a_response_that_is_cut_off_breaks_the_call() {
    for cut in [
        "H",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnul",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnul",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n",
    ] {
        println!("{cut:?}");
        broke(&answering(cut));
    }
}
