//! Frames that are out of place, answers that are none, and what is no HTTP/2.

use super::{CLOSED, INCOMPLETE, NO_HTTP, NULL};
use crate::case::{Case, Ends, may_have_run};
use crate::frames::*;

pub fn cases() -> Vec<Case> {
    let mut cases = malformed();
    cases.extend(no_http2());
    cases
}

fn malformed() -> Vec<Case> {
    type Frames = fn(u32) -> Vec<u8>;
    let rows: Vec<(&str, Ends, Frames)> = vec![
        ("PUSH_PROMISE", may_have_run(NO_HTTP), |id| {
            let promise = [&2_u32.to_be_bytes()[..], &[0x82, 0x87, 0x84]].concat();
            frame(PUSH_PROMISE, END_HEADERS, id, &promise)
        }),
        (
            "an answer on a stream of its own",
            may_have_run(NO_HTTP),
            |_| answer(2),
        ),
        (
            "an answer to another request",
            may_have_run(NO_HTTP),
            |id| answer(id + 2),
        ),
        ("a head on no stream", may_have_run(NO_HTTP), |_| answer(0)),
        ("data before a head", may_have_run(NO_HTTP), |id| {
            frame(DATA, END_STREAM, id, b"null")
        }),
        ("a head without status", may_have_run(NO_HTTP), |id| {
            frame(HEADERS, END_HEADERS, id, &header("x", "y"))
        }),
        ("a status that is none", may_have_run(NO_HTTP), |id| {
            frame(HEADERS, END_HEADERS, id, &header(":status", "abc"))
        }),
        ("two statuses", may_have_run(NO_HTTP), |id| {
            frame(HEADERS, END_HEADERS, id, &[STATUS_200, STATUS_200].concat())
        }),
        ("a status after a header", may_have_run(NO_HTTP), |id| {
            frame(
                HEADERS,
                END_HEADERS,
                id,
                &[&header("x", "y"), STATUS_200].concat(),
            )
        }),
        ("a header in capitals", may_have_run(NO_HTTP), |id| {
            head(id, &[("X-Capital", "y")])
        }),
        ("a header for connections", may_have_run(NO_HTTP), |id| {
            head(id, &[("connection", "close")])
        }),
        ("a head that is no HPACK", may_have_run(NO_HTTP), |id| {
            frame(HEADERS, END_HEADERS, id, &[0xff; 20])
        }),
        ("a table larger than allowed", may_have_run(NO_HTTP), |id| {
            frame(HEADERS, END_HEADERS, id, &[0x3f, 0xff, 0xff, 0xff, 0x7f])
        }),
        (
            "a head with an end and no body",
            may_have_run("UnexpectedContent"),
            |id| frame(HEADERS, END_HEADERS | END_STREAM, id, STATUS_200),
        ),
        ("headers of 60 KB", may_have_run(NO_HTTP), |id| {
            let block = [STATUS_200, &header("x-long", &"y".repeat(120)).repeat(480)].concat();
            let (first, rest) = block.split_at(16_000);
            let mut frames = frame(HEADERS, 0, id, first);
            for part in rest.chunks(16_000) {
                frames.extend(frame(CONTINUATION, 0, id, part));
            }
            frames.extend(frame(CONTINUATION, END_HEADERS, id, b""));
            frames
        }),
        (
            "a frame between parts of a head",
            may_have_run(NO_HTTP),
            |id| {
                [
                    frame(HEADERS, 0, id, STATUS_200),
                    frame(PING, 0, 0, &[0; 8]),
                ]
                .concat()
            },
        ),
        (
            "a part of a head that was not begun",
            may_have_run(NO_HTTP),
            |id| frame(CONTINUATION, END_HEADERS, id, STATUS_200),
        ),
        (
            "less body than its length",
            may_have_run(INCOMPLETE),
            |id| {
                let head = head(id, &[("content-length", "9")]);
                [head, frame(DATA, END_STREAM, id, b"null")].concat()
            },
        ),
        (
            "more body than its length",
            may_have_run(INCOMPLETE),
            |id| {
                let head = head(id, &[("content-length", "2")]);
                [head, frame(DATA, END_STREAM, id, b"null")].concat()
            },
        ),
        (
            "no body where there is a length",
            may_have_run(NO_HTTP),
            |id| {
                let block = [STATUS_200, &header("content-length", "9")].concat();
                frame(HEADERS, END_HEADERS | END_STREAM, id, &block)
            },
        ),
        (
            "padding longer than the frame",
            may_have_run(INCOMPLETE),
            |id| [head(id, &[]), frame(DATA, 8 | END_STREAM, id, &[200, 1])].concat(),
        ),
        ("a frame longer than allowed", may_have_run(CLOSED), |id| {
            frame(DATA, END_STREAM, id, &[b' '; 20_000])
        }),
        ("a frame of 16 MB", may_have_run(CLOSED), |_| {
            vec![0xff; 1000]
        }),
        ("settings of a broken length", may_have_run(NO_HTTP), |_| {
            frame(SETTINGS, 0, 0, &[0; 5])
        }),
        ("settings on a stream", may_have_run(NO_HTTP), |id| {
            frame(SETTINGS, 0, id, b"")
        }),
        ("a ping of a broken length", may_have_run(NO_HTTP), |_| {
            frame(PING, 0, 0, &[0; 7])
        }),
        ("trailers", NULL, |id| {
            let trailers = frame(HEADERS, END_HEADERS | END_STREAM, id, &header("x", "y"));
            [head(id, &[]), frame(DATA, 0, id, b"null"), trailers].concat()
        }),
        ("trailers with a status", NULL, |id| {
            let trailers = frame(HEADERS, END_HEADERS | END_STREAM, id, STATUS_200);
            [head(id, &[]), frame(DATA, 0, id, b"null"), trailers].concat()
        }),
        ("trailers without an end", may_have_run(INCOMPLETE), |id| {
            let trailers = frame(HEADERS, END_HEADERS, id, &header("x", "y"));
            [head(id, &[]), frame(DATA, 0, id, b"null"), trailers].concat()
        }),
        ("an interim answer first", NULL, |id| {
            let interim = frame(HEADERS, END_HEADERS, id, &header(":status", "103"));
            [interim, answer(id)].concat()
        }),
        (
            "an interim answer that is the last",
            may_have_run(NO_HTTP),
            |id| {
                frame(
                    HEADERS,
                    END_HEADERS | END_STREAM,
                    id,
                    &header(":status", "103"),
                )
            },
        ),
        ("padding", NULL, |id| {
            let padded = [&[3][..], b"null", &[0; 3]].concat();
            [head(id, &[]), frame(DATA, 8 | END_STREAM, id, &padded)].concat()
        }),
    ];
    let case = |(name, ends, frames): (&str, Ends, Frames)| {
        Case::h2(name, ends, &[], move |mut h2| async move {
            let stream = h2.run().await?;
            h2.then_stay(&frames(stream)).await
        })
    };
    rows.into_iter().map(case).collect()
}

fn no_http2() -> Vec<Case> {
    let rows: Vec<(&str, &'static [u8])> = vec![
        (
            "HTTP/1.1",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        ),
        (
            "an answer of HTTP/1.1",
            b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
        ),
        (
            "the client's own preface",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ),
    ];
    let says = |(name, bytes): (&str, &'static [u8])| {
        let name = format!("HTTP/2: instead of it {name}");
        Case::new(name, may_have_run(CLOSED), move |link| async move {
            let mut h2 = H2::silent(link).await?;
            h2.run().await?;
            h2.then_stay(bytes).await
        })
    };
    rows.into_iter().map(says).collect()
}
