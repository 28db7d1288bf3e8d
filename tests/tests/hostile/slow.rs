//! Servers that take their time.

use std::time::Duration;

use lambda_invocation_tests::server::{self, Connection};

use crate::{
    MAY_HAVE_RUN, against, against_with_5_mb, answering_and_staying, bounded, call, ran_out_of_time,
};

#[test]
fn a_server_that_never_answers_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| connection.wait_for_the_client()));
}

#[test]
fn a_server_that_never_reads_meets_the_deadline() {
    ran_out_of_time(&against_with_5_mb(Connection::stall));
}

#[test]
fn a_server_that_reads_a_little_and_stops_meets_the_deadline() {
    ran_out_of_time(&against_with_5_mb(|mut connection| {
        connection.read_a_little()?;
        connection.stall()
    }));
}

#[test]
fn a_head_of_a_byte_a_second_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\nx-slow: ")?;
        connection.send_for_ever(b"x", Duration::from_secs(1))
    }));
}

#[test]
fn a_body_of_a_byte_a_second_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")?;
        connection.send_for_ever(b" ", Duration::from_secs(1))
    }));
}

/// There is nearly always something to read, so no wait ever runs its course.
#[test]
fn a_body_that_trickles_without_end_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        connection.send_for_ever(b"1\r\n \r\n", Duration::from_micros(50))
    }));
}

#[test]
fn a_body_that_stops_without_an_end_meets_the_deadline() {
    ran_out_of_time(&answering_and_staying(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n",
    ));
}

#[test]
fn a_body_shorter_than_its_length_meets_the_deadline() {
    ran_out_of_time(&answering_and_staying(
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nnull",
    ));
}

#[test]
fn interim_responses_without_end_meet_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send_for_ever(b"HTTP/1.1 100 Continue\r\n\r\n", Duration::from_millis(10))
    }));
}

#[test]
fn a_server_that_never_accepts_meets_the_connect_timeout() {
    let (url, _full) = server::full();
    let run = bounded(
        call(&url)
            .args(["--payload", "{}", "--connect-timeout", "300ms"])
            .run(),
    );
    let line = run.refusal(4);
    assert!(
        line.contains("timed out after 300 ms waiting for a connection"),
        "{line}"
    );
    // Hosts there are that say so of a server that accepted, and works.
    assert!(line.contains(MAY_HAVE_RUN), "{line}");
}
