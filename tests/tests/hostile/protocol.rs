//! Servers that do not speak HTTP, or badly.

use std::thread;
use std::time::Duration;

use crate::{NULL, against, answering, broke, returned};

#[test]
fn what_is_not_http_breaks_the_call() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        // A TLS alert: handshake failure.
        b"\x15\x03\x01\x00\x02\x02\x28",
        // HTTP/2 settings.
        b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        b"\x00\xff\xfe\x80\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"null",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na\0b: c\r\n\r\n",
    ] {
        println!("{:?}", bytes.escape_ascii().to_string());
        broke(&answering(bytes));
    }
}

#[test]
fn lengths_that_cannot_be_break_the_call() {
    for head in [
        "content-length: -1\r\n",
        "content-length: four\r\n",
        "content-length: 99999999999999999999999999\r\n",
        "content-length: 4\r\ncontent-length: 5\r\n",
    ] {
        println!("{head:?}");
        broke(&answering(format!("HTTP/1.1 200 OK\r\n{head}\r\nnull")));
    }
}

#[test]
fn chunks_that_cannot_be_break_the_call() {
    for body in [
        "-1\r\nnull\r\n0\r\n\r\n",
        "four\r\nnull\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nnull\r\n0\r\n\r\n",
        "2\r\nnull\r\n0\r\n\r\n",
    ] {
        println!("{body:?}");
        broke(&answering(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}"
        )));
    }
}

#[test]
fn a_head_without_end_breaks_the_call() {
    broke(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\n")?;
        connection.send_for_ever(
            "x-more: of the same\r\n".repeat(1000).as_bytes(),
            Duration::ZERO,
        )
    }));
}

#[test]
fn switching_protocols_is_no_answer() {
    let run = answering(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: any\r\nconnection: upgrade\r\n\r\n",
    );
    assert!([3, 4].contains(&run.code), "{run:#?}");
    run.refusal(run.code);
}

#[test]
fn what_is_odd_but_allowed_is_an_answer() {
    for answer in [
        NULL,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
        "HTTP/1.0 200 OK\r\n\r\nnull",
        "HTTP/1.1 200\r\nCONTENT-LENGTH:4\r\n\r\nnull",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nnull",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull and more than that",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;a=b\r\nnull\r\n0\r\nx-trailer: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx-amz-log-result: ???\r\nx-amz-executed-version: \r\ncontent-length: 4\r\n\r\nnull",
    ] {
        println!("{answer:?}");
        returned(&answering(answer), "null");
    }
}

#[test]
fn a_response_in_single_bytes_is_an_answer() {
    let run = against(|mut connection| {
        connection.read_request()?;
        for byte in NULL.as_bytes() {
            connection.send([*byte])?;
            thread::sleep(Duration::from_millis(2));
        }
        connection.finish()
    });
    returned(&run, "null");
}

#[test]
fn a_header_that_is_not_utf_8_does_not_spoil_the_answer() {
    let run = answering(b"HTTP/1.1 200 OK\r\nx-name: \xff\xfe\r\ncontent-length: 4\r\n\r\nnull");
    returned(&run, "null");
}
