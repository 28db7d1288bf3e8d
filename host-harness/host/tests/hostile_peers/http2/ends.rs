//! Resets, GOAWAY, and connections that close. RFC 9113 section 8.7 says when a request was not
//! processed.

use super::{CLOSED, INCOMPLETE, NO_HTTP, NO_RESPONSE, NULL};
use crate::case::{Case, Waits, did_not_run, may_have_run};
use crate::frames::*;

const REFUSED: &str = "the host has no connection to spare";
const UNAVAILABLE: &str = "destination unavailable";

pub fn cases() -> Vec<Case> {
    vec![
        Case::h2("answers", NULL, &[], |mut h2| async move {
            let stream = h2.run().await?;
            h2.then_stay(&answer(stream)).await
        }),
        Case::h2("answers 5 MB", NULL, &[], |mut h2| async move {
            let stream = h2.run().await?;
            h2.then_stay(&answer(stream)).await
        })
        .with_5_mb(),
        // Section 8.1 allows it.
        Case::h2(
            "answers before it has the payload",
            NULL,
            &[],
            |mut h2| async move {
                let stream = h2.head().await?;
                h2.then_stay(&[answer(stream), reset(stream, NO_ERROR)].concat())
                    .await
            },
        )
        .with_5_mb()
        .without_a_run(),
        Case::h2(
            "refuses the stream",
            did_not_run(REFUSED),
            &[],
            |mut h2| async move {
                loop {
                    let stream = h2.request().await?;
                    h2.send(&reset(stream, REFUSED_STREAM)).await?;
                }
            },
        )
        .attempts(3)
        .without_a_run(),
        Case::h2(
            "resets before the head",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&reset(stream, INTERNAL_ERROR)).await
            },
        ),
        Case::h2(
            "resets without an error before the head",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&reset(stream, NO_ERROR)).await
            },
        ),
        Case::h2(
            "cancels before the head",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&reset(stream, CANCEL)).await
            },
        ),
        Case::h2(
            "wants calm",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&reset(stream, ENHANCE_YOUR_CALM)).await
            },
        ),
        Case::h2(
            "wants HTTP/1.1",
            may_have_run(NO_HTTP),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&reset(stream, HTTP_1_1_REQUIRED)).await
            },
        ),
        Case::h2(
            "resets after the head",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&[head(stream, &[]), reset(stream, INTERNAL_ERROR)].concat())
                    .await
            },
        ),
        Case::h2(
            "refuses after the head",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&[head(stream, &[]), reset(stream, REFUSED_STREAM)].concat())
                    .await
            },
        ),
        Case::h2(
            "resets within the body",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                let part = frame(DATA, 0, stream, b"nu");
                h2.then_stay(&[head(stream, &[]), part, reset(stream, CANCEL)].concat())
                    .await
            },
        ),
        Case::h2(
            "resets without an error within the body",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                let part = frame(DATA, 0, stream, b"null");
                h2.then_stay(&[head(stream, &[]), part, reset(stream, NO_ERROR)].concat())
                    .await
            },
        ),
        Case::h2(
            "resets within the payload",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.head().await?;
                h2.then_stay(&reset(stream, INTERNAL_ERROR)).await
            },
        )
        .with_5_mb()
        .without_a_run(),
        Case::h2(
            "goes away before the request",
            did_not_run(UNAVAILABLE),
            &[],
            |h2| async move { h2.then_stay(&go_away(0, NO_ERROR)).await },
        )
        .attempts(3)
        .without_a_run(),
        Case::h2(
            "goes away with an error before the request",
            did_not_run(UNAVAILABLE),
            &[],
            |h2| async move { h2.then_stay(&go_away(0, ENHANCE_YOUR_CALM)).await },
        )
        .attempts(3)
        .without_a_run(),
        Case::h2(
            "goes away without processing the request",
            did_not_run(UNAVAILABLE),
            &[],
            |mut h2| async move {
                h2.request().await?;
                h2.then_stay(&go_away(0, NO_ERROR)).await
            },
        )
        .attempts(3)
        .without_a_run(),
        Case::h2(
            "goes away with an error, without processing the request",
            did_not_run(UNAVAILABLE),
            &[],
            |mut h2| async move {
                h2.request().await?;
                h2.then_close(&go_away(0, INTERNAL_ERROR)).await
            },
        )
        .attempts(3)
        .without_a_run(),
        Case::h2(
            "goes away in two steps",
            did_not_run(UNAVAILABLE),
            &[],
            |mut h2| async move {
                h2.request().await?;
                let steps = [go_away(i32::MAX as u32, NO_ERROR), go_away(0, NO_ERROR)];
                h2.then_stay(&steps.concat()).await
            },
        )
        .attempts(3)
        .without_a_run(),
        Case::h2(
            "goes away after the answer",
            NULL,
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_close(&[go_away(stream, NO_ERROR), answer(stream)].concat())
                    .await
            },
        ),
        Case::h2(
            "goes away with an error and answers",
            NULL,
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_close(&[go_away(stream, INTERNAL_ERROR), answer(stream)].concat())
                    .await
            },
        ),
        Case::h2(
            "goes away in the middle of the call",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_close(&go_away(stream, NO_ERROR)).await
            },
        ),
        Case::h2(
            "goes away with an error in the middle of the call",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_close(&go_away(stream, INTERNAL_ERROR)).await
            },
        ),
        Case::h2(
            "goes away with an error and hangs up",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&go_away(stream, PROTOCOL_ERROR)).await
            },
        ),
        Case::h2(
            "goes away, and then farther",
            may_have_run(NO_HTTP),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                let steps = [go_away(stream, NO_ERROR), go_away(stream + 2, NO_ERROR)];
                h2.then_stay(&steps.concat()).await
            },
        ),
        Case::h2(
            "goes away within the body",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                let part = frame(DATA, 0, stream, b"null");
                h2.then_close(&[head(stream, &[]), part, go_away(0, NO_ERROR)].concat())
                    .await
            },
        ),
        Case::h2(
            "closes before the head",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move {
                h2.run().await?;
                h2.then_close(b"").await
            },
        ),
        Case::h2(
            "hangs up before the head",
            may_have_run(CLOSED),
            &[],
            |mut h2| async move { h2.run().await.map(drop) },
        ),
        Case::h2(
            "closes within the body",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_close(&[head(stream, &[]), frame(DATA, 0, stream, b"null")].concat())
                    .await
            },
        ),
        Case::h2(
            "hangs up within the body",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.send(&[head(stream, &[]), frame(DATA, 0, stream, b"null")].concat())
                    .await
            },
        ),
        Case::h2(
            "hangs up within a frame",
            may_have_run(INCOMPLETE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                let cut = &frame(DATA, END_STREAM, stream, b"null")[..11];
                h2.send(&[&head(stream, &[]), cut].concat()).await
            },
        ),
        Case::h2(
            "stops within the body",
            may_have_run(NO_RESPONSE),
            &[],
            |mut h2| async move {
                let stream = h2.run().await?;
                h2.then_stay(&[head(stream, &[]), frame(DATA, 0, stream, b"nu")].concat())
                    .await
            },
        )
        .waits(Waits::BrieflyForTheResponse),
    ]
}
