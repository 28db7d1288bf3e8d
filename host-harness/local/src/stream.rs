//! Answers that come piece by piece: the function that writes them, and the event stream of
//! InvokeWithResponseStream that they travel in.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::functions::{Answer, Call, Event, Outcome};
use super::invoke::HungUp;
use super::runtime_error;

/// The media type of an event stream.
pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// Most bytes of a piece.
const MAX_PIECE: u64 = 1 << 20;

/// What a function writes while it runs.
#[derive(Clone)]
pub(super) struct Script {
    /// How many pieces.
    pieces: u64,
    /// What each of them is, but for its number; filled up to so many bytes.
    bytes: usize,
    /// How long it takes to write one.
    every: Duration,
    end: End,
}

/// How a stream ends.
#[derive(Clone)]
enum End {
    /// The function returns.
    Returned,
    /// It fails, with this report.
    Failed(String),
    /// The connection breaks within a frame.
    Cut,
    /// The stream ends without its completion.
    Missing,
    /// A frame has a wrong checksum.
    Checksum,
    /// An event that the API does not have.
    Unknown,
    /// The service reports an error.
    Exception,
    /// Nothing more comes, and nothing ends.
    Silent,
}

/// `drip`, by its event.
pub(super) fn drip(call: &Call<'_>) -> Result<Answer, String> {
    let event = Event::of(call)?;
    let flag = |name: &str| match event.0.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(format!("{name} must be true or false")),
    };
    let pieces = match flag("endless")? {
        true => u64::MAX,
        false => event.whole("pieces", 0..=1_000_000)?.unwrap_or(3),
    };
    let end = match event.text("end")? {
        None => End::Returned,
        Some("fail") => End::Failed(runtime_error::value_error(
            "the event asked for it",
            call.request_id,
        )),
        Some("cut") => End::Cut,
        Some("missing") => End::Missing,
        Some("checksum") => End::Checksum,
        Some("unknown") => End::Unknown,
        Some("exception") => End::Exception,
        Some("silent") => End::Silent,
        Some(_) => {
            return Err(
                "end must be fail, cut, missing, checksum, unknown, exception or silent".to_owned(),
            );
        }
    };
    let bytes = event.whole("bytes", 1..=MAX_PIECE)?.unwrap_or(1);
    Ok(Outcome::Streamed(Script {
        pieces,
        bytes: usize::try_from(bytes).unwrap_or(1),
        every: Duration::from_millis(event.whole("ms", 0..=900_000)?.unwrap_or(100)),
        end,
    })
    .into())
}

impl Script {
    /// A function that does not stream writes all of its answer at its end.
    pub(super) fn of(outcome: Outcome) -> (Self, Bytes) {
        let (first, end) = match outcome {
            Outcome::Streamed(script) => return (script, Bytes::new()),
            Outcome::Returned(body) => (body, End::Returned),
            Outcome::Failed(report) => (Bytes::new(), End::Failed(report)),
            // Neither gets here.
            Outcome::Refused(_) | Outcome::HungUp => (Bytes::new(), End::Cut),
        };
        let script = Self {
            pieces: 0,
            bytes: 1,
            every: Duration::ZERO,
            end,
        };
        (script, first)
    }

    fn piece(&self, number: u64) -> Vec<u8> {
        let mut piece = format!("piece {number} ").into_bytes();
        piece.resize(piece.len().max(self.bytes.saturating_sub(1)), b'.');
        piece.push(b'\n');
        piece
    }

    /// What Invoke returns of it: all pieces in one, at most `most` bytes, after all the time
    /// that they take.
    pub(super) fn whole(self, most: usize) -> Answer {
        let mut all = Vec::new();
        let mut number = 0;
        while number < self.pieces && all.len() <= most {
            number += 1;
            all.extend(self.piece(number));
        }
        let outcome = match self.end {
            End::Failed(report) => Outcome::Failed(report),
            End::Cut | End::Silent => Outcome::HungUp,
            _ => Outcome::Returned(all.into()),
        };
        Answer {
            after: self
                .every
                .saturating_mul(u32::try_from(number).unwrap_or(u32::MAX)),
            ..outcome.into()
        }
    }

    /// Writes it as an event stream until it ends, or nobody reads any more. Whether the
    /// function failed comes back.
    pub(super) async fn play(self, first: Bytes, log: Option<String>, out: &Sender) -> bool {
        // Nobody that reads is no failure of the function.
        let _ = self.try_play(first, log, out).await;
        matches!(self.end, End::Failed(_))
    }

    async fn try_play(&self, first: Bytes, log: Option<String>, out: &Sender) -> Result<(), Gone> {
        if !first.is_empty() {
            out.send(event("PayloadChunk", first)).await?;
        }
        let mut number = 0;
        while number < self.pieces {
            number += 1;
            if !self.every.is_zero() {
                sleep(self.every).await;
            }
            out.send(event("PayloadChunk", self.piece(number).into()))
                .await?;
        }
        let mut completion = Map::new();
        let mut say = |member: &str, text: &str| {
            completion.insert(member.to_owned(), text.into());
        };
        if let Some(log) = &log {
            say("LogResult", log);
        }
        match &self.end {
            End::Returned => {}
            End::Failed(report) => {
                say("ErrorCode", "Unhandled");
                say("ErrorDetails", report);
            }
            End::Cut => {
                let mut half = event("PayloadChunk", self.piece(number + 1).into());
                half.truncate(half.len() / 2);
                out.send(half).await?;
                return out.break_off().await;
            }
            End::Missing => return Ok(()),
            End::Checksum => {
                let mut wrong = event("PayloadChunk", self.piece(number + 1).into());
                if let Some(last) = wrong.last_mut() {
                    *last ^= 1;
                }
                out.send(wrong).await?;
            }
            End::Unknown => out.send(event("PayloadUpdate", Bytes::new())).await?,
            End::Exception => {
                let headers = [
                    (":message-type", "exception"),
                    (":exception-type", "ServiceException"),
                    (":content-type", "application/json"),
                ];
                let body = json!({"Message": "The event asked for this error."});
                out.send(frame(&headers, body.to_string().into())).await?;
                return Ok(());
            }
            End::Silent => {
                out.0.closed().await;
                return Ok(());
            }
        }
        let completion = Value::Object(completion).to_string();
        out.send(event("InvokeComplete", completion.into())).await
    }
}

fn event(name: &str, payload: Bytes) -> Vec<u8> {
    let content_type = match name {
        "InvokeComplete" => "application/json",
        _ => "application/octet-stream",
    };
    let headers = [
        (":message-type", "event"),
        (":event-type", name),
        (":content-type", content_type),
    ];
    frame(&headers, payload)
}

fn frame(headers: &[(&'static str, &str)], payload: Bytes) -> Vec<u8> {
    let mut message = Message::new(payload);
    for (name, value) in headers {
        let value = HeaderValue::String((*value).to_owned().into());
        message = message.add_header(Header::new(*name, value));
    }
    let mut bytes = Vec::new();
    // What is written here fits the format's lengths.
    let _ = write_message_to(&message, &mut bytes);
    bytes
}

/// Nobody reads any more.
struct Gone;

/// Where a script writes to. It waits for who reads, so that no more than a piece is held.
pub(super) struct Sender(mpsc::Sender<Result<Bytes, HungUp>>);

impl Sender {
    async fn send(&self, bytes: Vec<u8>) -> Result<(), Gone> {
        self.0.send(Ok(bytes.into())).await.map_err(|_| Gone)
    }

    async fn break_off(&self) -> Result<(), Gone> {
        self.0.send(Err(HungUp)).await.map_err(|_| Gone)
    }
}

/// The body of an answer that is written while it is sent.
pub(super) struct Pieces(mpsc::Receiver<Result<Bytes, HungUp>>);

/// A body, and where to write it.
pub(super) fn body() -> (Sender, Pieces) {
    let (send, receive) = mpsc::channel(1);
    (Sender(send), Pieces(receive))
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = HungUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HungUp>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
