//! Handshakes that are cut, that stall, and that are none.

use std::future::pending;
use std::io;
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::case::{Case, Ends, Waits, may_have_run, tls_fails};
use crate::peer::{Link, OK, config};

const NO_TLS: &str = "TLS protocol error";
const ALERT: &str = "the server sent a TLS alert";
/// jco's host has the same code for a function that is at work, so core takes it for that.
const NOT_CONNECTED: &str = "waiting for a connection";

/// How much of a flight is sent.
#[derive(Clone, Copy)]
enum Part {
    Bytes(usize),
    Quarters(usize),
    AllBut(usize),
}

const PARTS: &[(&str, Part)] = &[
    ("nothing", Part::Bytes(0)),
    ("a byte", Part::Bytes(1)),
    ("a record's head", Part::Bytes(5)),
    ("a quarter", Part::Quarters(1)),
    ("a half", Part::Quarters(2)),
    ("three quarters", Part::Quarters(3)),
    ("all but a byte", Part::AllBut(1)),
];

const VERSIONS: &[(&str, &SupportedProtocolVersion)] = &[("TLS 1.2", &TLS12), ("TLS 1.3", &TLS13)];

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = cut().collect();
    cases.extend(bytes());
    cases.extend(others());
    cases
}

fn cut() -> impl Iterator<Item = Case> {
    VERSIONS.iter().flat_map(|(called, version)| {
        PARTS.iter().flat_map(move |(of, part)| {
            let (version, part) = (*version, *part);
            let closes = Case::new(
                format!("{called}: closes after {of} of its flight"),
                tls_fails(NO_TLS),
                move |mut link| async move { send(&mut link, version, part).await },
            );
            let stalls = Case::new(
                format!("{called}: stalls after {of} of its flight"),
                may_have_run(NOT_CONNECTED),
                move |mut link| async move {
                    send(&mut link, version, part).await?;
                    pending().await
                },
            );
            [closes, stalls.waits(Waits::BrieflyToConnect)].map(Case::without_a_run)
        })
    })
}

/// Answers the client's first flight with a part of the server's.
async fn send(
    link: &mut Link,
    version: &'static SupportedProtocolVersion,
    part: Part,
) -> io::Result<()> {
    let config = config(link.pki.good(), &[version], b"http/1.1");
    let mut tls = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
    let mut flight = Vec::new();
    while flight.is_empty() {
        let mut seen = [0; 4096];
        let read = link.stream.read(&mut seen).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        tls.read_tls(&mut &seen[..read])?;
        tls.process_new_packets().map_err(io::Error::other)?;
        while tls.wants_write() {
            tls.write_tls(&mut flight)?;
        }
    }
    let length = match part {
        Part::Bytes(bytes) => bytes,
        Part::Quarters(quarters) => flight.len() * quarters / 4,
        Part::AllBut(bytes) => flight.len() - bytes,
    };
    link.stream.write_all(&flight[..length]).await
}

/// Peers that answer the client's first flight with these bytes, and stay.
fn bytes() -> Vec<Case> {
    let hello =
        |version: [u8; 2], extensions: &[u8]| record(22, &server_hello(version, extensions));
    let alert = |level, description| record(21, &[level, description]);
    // `application_layer_protocol_negotiation` with the one protocol `http/1.0`.
    let alpn = b"\0\x10\0\x0b\0\x09\x08http/1.0";
    let rows: Vec<(&str, Vec<u8>, &'static str)> = vec![
        ("SSL 3.0", hello([3, 0], b""), NO_TLS),
        ("TLS 1.0", hello([3, 1], b""), NO_TLS),
        ("TLS 1.1", hello([3, 2], b""), NO_TLS),
        ("TLS 9.9", hello([9, 9], b""), NO_TLS),
        (
            "a protocol that was not offered",
            hello([3, 3], alpn),
            NO_TLS,
        ),
        (
            "a hello that is longer than it says",
            record(22, b"\x02\0\0\x02\x03\x03\0\0"),
            NO_TLS,
        ),
        ("a hello for servers", record(22, b"\x01\0\0\0"), NO_TLS),
        (
            "application data",
            record(23, b"HTTP/1.1 200 OK\r\n\r\n"),
            NO_TLS,
        ),
        ("a change of ciphers", record(20, &[1]), NO_TLS),
        ("a record of an unknown kind", record(99, &[0]), NO_TLS),
        (
            "a record longer than records are",
            b"\x16\x03\x03\xff\xff".to_vec(),
            NO_TLS,
        ),
        ("an empty record", record(22, b""), NO_TLS),
        ("alert: handshake failure", alert(2, 40), ALERT),
        ("alert: protocol version", alert(2, 70), ALERT),
        ("alert: internal error", alert(2, 80), ALERT),
        ("alert: unrecognized name", alert(2, 112), ALERT),
        ("alert: no application protocol", alert(2, 120), ALERT),
        ("alert: unknown", alert(2, 255), ALERT),
        (
            "plain HTTP",
            b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n".to_vec(),
            NO_TLS,
        ),
        ("plain HTTP with an answer", OK.to_vec(), NO_TLS),
        ("SSH", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), NO_TLS),
        ("zeros", vec![0; 1024], NO_TLS),
        (
            "settings of HTTP/2 in the clear",
            b"\0\0\0\x04\0\0\0\0\0".to_vec(),
            NO_TLS,
        ),
    ];
    let case = |(name, bytes, says): (&str, Vec<u8>, _)| {
        let name = format!("instead of a handshake: {name}");
        Case::new(name, tls_fails(says), move |mut link| {
            let bytes = bytes.clone();
            async move {
                link.stream.read_exact(&mut [0; 5]).await?;
                link.stream.write_all(&bytes).await?;
                pending().await
            }
        })
    };
    rows.into_iter()
        .map(case)
        .map(Case::without_a_run)
        .collect()
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], content].concat()
}

fn server_hello(version: [u8; 2], extensions: &[u8]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([7; 32]);
    // No session; TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256; no compression.
    body.extend([0, 0xc0, 0x2b, 0]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[2], &length[1..], &body].concat()
}

fn others() -> Vec<Case> {
    vec![
        Case::new(
            "another protocol is asked for by the server (ALPN)",
            tls_fails(ALERT),
            |link| async move {
                let config = config(link.pki.good(), rustls::ALL_VERSIONS, b"http/1.0");
                link.tls_with(config).await.map(drop)
            },
        )
        .without_a_run(),
        Case::new(
            "no protocol is agreed on (ALPN)",
            Ends::Answer(b"null"),
            |link| async move {
                let config = config(link.pki.good(), rustls::ALL_VERSIONS, b"");
                let mut secure = link.tls_with(config).await?;
                secure.run().await?;
                secure.stream.write_all(OK).await
            },
        ),
        Case::new(
            "TLS 1.2: wants a certificate of the client",
            tls_fails(ALERT),
            |link| async {
                let config = wanting_a_certificate(&link, &TLS12);
                link.tls_with(config).await.map(drop)
            },
        )
        .without_a_run(),
        // The client has sent its request by the time it learns of it.
        Case::new(
            "TLS 1.3: wants a certificate of the client",
            may_have_run("the connection was closed"),
            |link| async {
                let config = wanting_a_certificate(&link, &TLS13);
                link.tls_with(config).await.map(drop)
            },
        )
        .without_a_run(),
        Case::new(
            "records of nothing without end",
            tls_fails(NO_TLS),
            |mut link| async move {
                let empty = record(22, b"").repeat(1000);
                loop {
                    link.stream.write_all(&empty).await?;
                }
            },
        )
        .without_a_run(),
        Case::new(
            "a certificate of 16 MB",
            tls_fails(NO_TLS),
            |mut link| async move {
                link.stream.read_exact(&mut [0; 5]).await?;
                link.stream
                    .write_all(&record(22, &server_hello([3, 3], b"")))
                    .await?;
                let part = record(22, &[0; 16_000]);
                let first = record(22, b"\x0b\xff\xff\xff\xff\xff\xfc");
                link.stream.write_all(&first).await?;
                loop {
                    link.stream.write_all(&part).await?;
                }
            },
        )
        .without_a_run(),
    ]
}

fn wanting_a_certificate(link: &Link, version: &'static SupportedProtocolVersion) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (chain, key) = link.pki.good();
    let mut roots = RootCertStore::empty();
    let (issuers, _) = link.pki.self_signed();
    roots.add_parsable_certificates(issuers);
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(chain, key)
        .unwrap()
}
