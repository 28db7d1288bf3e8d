//! What comes over a connection that was made well: records that are out of place, and ends
//! that are none.

use std::future::pending;

use rustls::ContentType::{Alert, ApplicationData, ChangeCipherSpec, Handshake};
use rustls::version::{TLS12, TLS13};
use tokio::io::AsyncWriteExt as _;

use crate::case::{Case, Ends, Waits, may_have_run};
use crate::peer::OK;
use crate::sealed::Sealed;

const CLOSED: &str = "the connection was closed";
const INCOMPLETE: &str = "the connection broke within the response";
/// Whether the first record was read before the second one is chance.
const BROKE: &str = "connection broke while receiving";
const NO_HTTP: &str = "HTTP protocol error";
const HELLO_REQUEST: &[u8] = &[0, 0, 0, 0];
const CLOSE_NOTIFY: &[u8] = &[1, 0];

pub fn cases() -> Vec<Case> {
    let mut cases = out_of_place();
    cases.extend(ends());
    cases.extend(no_http());
    cases
}

fn out_of_place() -> Vec<Case> {
    vec![
        Case::new(
            "TLS 1.2: asks to negotiate again",
            Ends::Answer(b"null"),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS12).await?;
                sealed.send(Handshake, HELLO_REQUEST).await?;
                sealed.send(ApplicationData, OK).await?;
                pending().await
            },
        ),
        Case::new(
            "TLS 1.2: asks to negotiate again without end",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS12).await?;
                sealed.flood(Handshake, HELLO_REQUEST).await
            },
        ),
        Case::new(
            "TLS 1.2: says hello again",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS12).await?;
                sealed.send(Handshake, &[2, 0, 0, 0]).await?;
                pending().await
            },
        ),
        Case::new(
            "TLS 1.3: asks for a certificate afterwards",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                sealed.send(Handshake, &[13, 0, 0, 3, 0, 0, 0]).await?;
                pending().await
            },
        ),
        Case::new(
            "TLS 1.3: changes keys twice at once",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                sealed
                    .send(Handshake, &[24, 0, 0, 1, 1, 24, 0, 0, 1, 1])
                    .await?;
                pending().await
            },
        ),
        Case::new(
            "TLS 1.3: changes keys and does not use them",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                sealed.send(Handshake, &[24, 0, 0, 1, 0]).await?;
                sealed.send(ApplicationData, OK).await?;
                pending().await
            },
        ),
        Case::new(
            "TLS 1.3: tickets without end",
            may_have_run("waiting for the response"),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                let mut ticket = vec![4, 0, 0x10, 0x0d, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x10, 0];
                ticket.extend([7; 0x1000]);
                ticket.extend([0, 0]);
                ticket[2..4].copy_from_slice(&[0x10, 0x0d]);
                sealed.flood(Handshake, &ticket).await
            },
        )
        .waits(Waits::BrieflyForTheResponse),
        Case::new(
            "TLS 1.3: data of nothing without end",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                sealed.flood(ApplicationData, b"").await
            },
        ),
        Case::new(
            "TLS 1.2: warnings without end",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS12).await?;
                sealed.flood(Alert, &[1, 90]).await
            },
        ),
        Case::new(
            "an alert after the request",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                sealed.send(Alert, &[2, 80]).await?;
                pending().await
            },
        ),
        Case::new(
            "an alert within the answer",
            may_have_run(BROKE),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                sealed.send(ApplicationData, &OK[..OK.len() - 1]).await?;
                sealed.send(Alert, &[2, 80]).await?;
                pending().await
            },
        ),
        Case::new(
            "a change of ciphers after the request",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS12).await?;
                sealed.send(ChangeCipherSpec, &[1]).await?;
                pending().await
            },
        ),
        Case::new(
            "a record that was altered",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                let mut record = sealed.record(ApplicationData, OK);
                *record.last_mut().expect("it has a tag") ^= 1;
                sealed.stream.write_all(&record).await?;
                pending().await
            },
        ),
        Case::new(
            "a record that is sent twice",
            may_have_run(BROKE),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                let record = sealed.record(
                    ApplicationData,
                    b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nnull",
                );
                sealed.stream.write_all(&record).await?;
                sealed.stream.write_all(&record).await?;
                pending().await
            },
        ),
        Case::new(
            "an answer in the clear",
            may_have_run(CLOSED),
            |link| async {
                let mut sealed = Sealed::run(link, &TLS13).await?;
                sealed.stream.write_all(OK).await?;
                pending().await
            },
        ),
    ]
}

const SIZED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n";
const UNTIL_THE_END: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";

/// Without `close_notify` whoever is between could have cut the answer.
fn ends() -> Vec<Case> {
    let rows: Vec<(&str, Option<&str>, bool, Ends)> = vec![
        (
            "before the answer, with notice",
            None,
            true,
            may_have_run(CLOSED),
        ),
        ("before the answer", None, false, may_have_run(CLOSED)),
        (
            "within the head, with notice",
            Some("HTTP/1.1 200 OK\r\nx"),
            true,
            may_have_run(CLOSED),
        ),
        (
            "within the head",
            Some("HTTP/1.1 200 OK\r\nx"),
            false,
            may_have_run(CLOSED),
        ),
        (
            "within a body with a length, with notice",
            Some(SIZED),
            true,
            may_have_run(INCOMPLETE),
        ),
        (
            "within a body with a length",
            Some(SIZED),
            false,
            may_have_run(INCOMPLETE),
        ),
        (
            "within chunks, with notice",
            Some(CHUNKED),
            true,
            may_have_run(INCOMPLETE),
        ),
        (
            "within chunks",
            Some(CHUNKED),
            false,
            may_have_run(INCOMPLETE),
        ),
        (
            "a body without length, with notice",
            Some(UNTIL_THE_END),
            true,
            Ends::Answer(b"null"),
        ),
        (
            "a body without length",
            Some(UNTIL_THE_END),
            false,
            may_have_run(INCOMPLETE),
        ),
    ];
    let case = |(name, head, notice, ends): (&str, Option<&'static str>, bool, Ends)| {
        Case::new(format!("closes: {name}"), ends, move |link| async move {
            let mut sealed = Sealed::run(link, &TLS13).await?;
            if let Some(head) = head {
                let said = if head.ends_with('\n') {
                    [head, "null"].concat()
                } else {
                    head.to_owned()
                };
                sealed.send(ApplicationData, said.as_bytes()).await?;
            }
            if notice {
                sealed.send(Alert, CLOSE_NOTIFY).await?;
            }
            sealed.stream.shutdown().await?;
            pending().await
        })
    };
    rows.into_iter().map(case).collect()
}

fn no_http() -> Vec<Case> {
    let settings = b"\0\0\0\x04\0\0\0\0\0";
    let rows: Vec<(&str, &'static [u8])> = vec![
        ("frames of HTTP/2 where HTTP/1.1 was agreed on", settings),
        ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("a record of TLS in TLS", b"\x16\x03\x03\0\x04\0\0\0\0"),
    ];
    let case = |(name, bytes): (&str, &'static [u8])| {
        Case::new(
            format!("instead of HTTP/1.1: {name}"),
            may_have_run(NO_HTTP),
            move |link| async move {
                let mut secure = link.tls().await?;
                secure.run().await?;
                secure.stream.write_all(bytes).await?;
                secure.stream.flush().await?;
                secure.drain().await
            },
        )
    };
    rows.into_iter().map(case).collect()
}
