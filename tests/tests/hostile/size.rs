//! Servers that say too much.

use std::time::Duration;

use crate::{against, answering, answering_and_staying, broke, returned, was_too_large};

#[test]
fn a_header_of_100_kb_does_no_harm() {
    let header = "x".repeat(100 * 1024);
    let run = answering(format!(
        "HTTP/1.1 200 OK\r\nx-long: {header}\r\ncontent-length: 4\r\n\r\nnull"
    ));
    assert!(!run.stderr.contains("xxxx"), "it was repeated to the user");
    match run.code {
        0 => returned(&run, "null"),
        _ => broke(&run),
    }
}

#[test]
fn a_body_that_announces_more_than_the_limit_is_not_read() {
    was_too_large(&answering_and_staying(
        "HTTP/1.1 200 OK\r\ncontent-length: 7000000\r\n\r\n",
    ));
}

#[test]
fn a_body_over_the_limit_is_refused_however_it_comes() {
    let body = "x".repeat(7_000_000);
    was_too_large(&answering(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 7000000\r\n\r\n{body}"
    )));
    was_too_large(&answering(format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    )));
    was_too_large(&answering(format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}"
    )));
}

#[test]
fn a_flood_without_end_is_cut_off_at_the_limit() {
    was_too_large(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        connection.send_for_ever(chunk.as_bytes(), Duration::ZERO)
    }));
}

#[test]
fn a_failure_nested_beyond_reason_is_a_failure() {
    let body = "[".repeat(1_000_000);
    let run = answering(format!(
        "HTTP/1.1 200 OK\r\nx-amz-function-error: Unhandled\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.stdout, body);
    assert_eq!(run.stderr, "the function failed (Unhandled)\n");
}

#[test]
fn what_a_server_says_cannot_steer_the_terminal() {
    let body = r#"{"errorType":"E\u001b[2J","errorMessage":"m\u0007\u009b31m\nn","stackTrace":["at \u001b]0;t\u0007"]}"#;
    // "\x1b[31mred\n" as a log.
    let run = answering(format!(
        "HTTP/1.1 200 OK\r\nx-amz-function-error: Unhandled\r\nx-amz-log-result: G1szMW1yZWQK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("red"), "{run:#?}");
    assert!(
        !run.stderr.contains(|c: char| c.is_control() && c != '\n'),
        "{run:#?}"
    );
}
