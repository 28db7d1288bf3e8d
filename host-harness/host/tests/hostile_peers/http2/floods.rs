//! Frames without end, and windows that are shut.

use super::{CLOSED, INCOMPLETE, NO_HTTP, NO_RESPONSE};
use crate::case::{Case, Ends, Waits, may_have_run};
use crate::frames::*;

/// The client's window, or the most that it reads: as it makes room, either may be met first.
const EITHER: &str = "";

pub fn cases() -> Vec<Case> {
    let mut cases = floods();
    cases.extend(windows());
    cases
}

fn floods() -> Vec<Case> {
    let rows: Vec<(&str, Vec<u8>, Ends)> = vec![
        (
            "SETTINGS",
            settings(&[(INITIAL_WINDOW_SIZE, 65_535)]),
            may_have_run(NO_RESPONSE),
        ),
        (
            "SETTINGS of nothing",
            settings(&[]),
            may_have_run(NO_RESPONSE),
        ),
        (
            "acknowledgements",
            frame(SETTINGS, ACK, 0, b""),
            may_have_run(NO_HTTP),
        ),
        (
            "PING",
            frame(PING, 0, 0, &[0; 8]),
            may_have_run(NO_RESPONSE),
        ),
        (
            "answers to PING",
            frame(PING, ACK, 0, &[0; 8]),
            may_have_run(NO_RESPONSE),
        ),
        (
            "PRIORITY",
            frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 9]),
            may_have_run(NO_RESPONSE),
        ),
        (
            "frames of an unknown kind",
            frame(0xbe, 0, 0, &[0; 100]),
            may_have_run(NO_RESPONSE),
        ),
        (
            "room",
            frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes()),
            may_have_run(NO_RESPONSE),
        ),
        (
            "room for the connection",
            frame(WINDOW_UPDATE, 0, 0, &1_000_000_u32.to_be_bytes()),
            may_have_run(CLOSED),
        ),
        (
            "resets of the stream",
            reset(1, CANCEL),
            may_have_run(CLOSED),
        ),
        (
            "interim answers",
            frame(HEADERS, END_HEADERS, 1, &header(":status", "103")),
            may_have_run(NO_RESPONSE),
        ),
        (
            "going away",
            go_away(1, NO_ERROR),
            may_have_run(NO_RESPONSE),
        ),
    ];
    let flood = |(name, bytes, ends): (&str, Vec<u8>, Ends)| {
        let waits = match ends {
            Ends::Error {
                says: NO_RESPONSE, ..
            } => Waits::BrieflyForTheResponse,
            _ => Waits::Long,
        };
        Case::h2(&format!("a flood of {name}"), ends, &[], move |mut h2| {
            let bytes = bytes.clone();
            async move {
                h2.run().await?;
                h2.flood(&bytes).await
            }
        })
        .waits(waits)
    };
    let mut cases: Vec<Case> = rows.into_iter().map(flood).collect();
    cases.extend([
        Case::h2(
            "a flood of CONTINUATION",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&frame(HEADERS, 0, stream, STATUS_200)).await?;
                h2.flood(&frame(
                    CONTINUATION,
                    0,
                    stream,
                    &header("x", "y").repeat(200),
                ))
                .await
            },
        ),
        Case::h2(
            "a flood of CONTINUATION of nothing",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&frame(HEADERS, 0, stream, STATUS_200)).await?;
                h2.flood(&frame(CONTINUATION, 0, stream, b"")).await
            },
        ),
        Case::h2(
            "rapid resets of streams that were never opened",
            may_have_run(NO_HTTP),
            &[],
            |mut h2| async move {
                h2.run().await?;
                let resets: Vec<u8> = (1..2000).flat_map(|id| reset(id * 2, CANCEL)).collect();
                h2.then_stay(&resets).await
            },
        ),
        Case::h2(
            "rapid resets of later streams",
            may_have_run(NO_HTTP),
            &[],
            |mut h2| async move {
                h2.run().await?;
                let resets: Vec<u8> = (1..2000).flat_map(|id| reset(id * 2 + 1, CANCEL)).collect();
                h2.then_stay(&resets).await
            },
        ),
        Case::h2(
            "data of nothing without end",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&head(stream, &[])).await?;
                h2.flood(&frame(DATA, 0, stream, b"")).await
            },
        )
        .waits(Waits::Briefly),
        Case::h2(
            "a body without end",
            may_have_run("larger than"),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&head(stream, &[])).await?;
                h2.pour(stream).await
            },
        ),
        Case::h2(
            "a body without end that takes more room than there is",
            may_have_run(EITHER),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&head(stream, &[])).await?;
                h2.flood(&frame(DATA, 0, stream, &[b' '; 16_000])).await
            },
        ),
        Case::h2(
            "a body that announces too much",
            may_have_run("larger than"),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&head(stream, &[("content-length", "7000000")]))
                    .await
            },
        ),
    ]);
    cases
}

fn windows() -> Vec<Case> {
    const NO_ROOM: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 0)];
    vec![
        Case::h2(
            "never gives room for the payload",
            may_have_run(NO_RESPONSE),
            NO_ROOM,
            |h2| async move { h2.then_stay(b"").await },
        )
        .with_5_mb()
        .waits(Waits::BrieflyForTheResponse)
        .without_a_run(),
        Case::h2(
            "gives no more room for the payload",
            may_have_run(NO_RESPONSE),
            &[],
            |h2| async move { h2.then_stay(b"").await },
        )
        .with_5_mb()
        .waits(Waits::BrieflyForTheResponse)
        .without_a_run(),
        Case::h2("never reads", may_have_run(NO_RESPONSE), &[], H2::stall)
            .with_5_mb()
            .waits(Waits::BrieflyForTheResponse)
            .without_a_run(),
        Case::h2(
            "allows no streams",
            may_have_run(NO_RESPONSE),
            &[(3, 0)],
            |h2| async move { h2.then_stay(b"").await },
        )
        .waits(Waits::BrieflyForTheResponse)
        .without_a_run(),
        Case::h2(
            "more room than there can be",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                h2.run().await?;
                let room = frame(WINDOW_UPDATE, 0, 0, &i32::MAX.to_be_bytes());
                h2.then_stay(&room).await
            },
        ),
        Case::h2(
            "room of nothing",
            may_have_run(NO_HTTP),
            &[],
            |mut h2| async move {
                h2.run().await?;
                h2.then_stay(&frame(WINDOW_UPDATE, 0, 0, &[0; 4])).await
            },
        ),
        Case::h2(
            "a window larger than there can be",
            may_have_run(NO_HTTP),
            &[],
            |mut h2| async move {
                h2.run().await?;
                h2.then_stay(&settings(&[(INITIAL_WINDOW_SIZE, u32::MAX)]))
                    .await
            },
        ),
        Case::h2(
            "more data than there is room for",
            may_have_run(EITHER),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&head(stream, &[])).await?;

                let data = frame(DATA, 0, stream, &[b' '; 16_384]).repeat(400);
                h2.then_stay(&data).await
            },
        ),
    ]
}
