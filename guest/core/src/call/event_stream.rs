//! The frames of `application/vnd.amazon.eventstream`, cut out of what arrives.
//!
//! A frame is its length, the length of its headers and a checksum of the two, then the
//! headers, the payload, and a checksum of it all; numbers are big-endian, checksums are those
//! of ISO/HDLC. The crate of the AWS SDKs reads them, too, and brings more than 20 KB to a
//! component, 16 of them a table. It writes the frames of the tests, which compare what it
//! reads with what is read here.

use std::mem;

use crc::{CRC_32_ISO_HDLC, Crc};

/// The media type.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// Most bytes of a frame: 16 MiB of payload and 128 KiB of headers, the most of the format,
/// with what stands around them. A longer one is refused before it is read.
pub const MAX_FRAME: usize = 16 * 1024 * 1024 + 128 * 1024 + AROUND;

/// The lengths and their checksum.
const PRELUDE: usize = 12;
/// The checksum of the whole frame.
const CHECKSUM: usize = 4;
const AROUND: usize = PRELUDE + CHECKSUM;

static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// A frame, as far as it concerns an answer of Lambda.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// `:message-type`: `event`, `exception` or `error`.
    pub(crate) message_type: Option<String>,
    /// `:event-type`, `:exception-type` or `:error-code`, by the type of the message.
    pub(crate) name: Option<String>,
    /// `:error-message`
    pub(crate) error_message: Option<String>,
    pub(crate) payload: Vec<u8>,
}

/// What is wrong with a frame, in words.
pub(crate) type Fault = &'static str;

/// What has arrived and is not read.
#[derive(Default)]
pub(crate) struct Decoder {
    bytes: Vec<u8>,
    /// How much of it has been read.
    read: usize,
}

impl Decoder {
    /// Adds what has arrived, cut anywhere.
    pub(crate) fn feed(&mut self, bytes: Vec<u8>) {
        if self.read == self.bytes.len() {
            self.bytes = bytes;
        } else {
            self.bytes.drain(..self.read);
            self.bytes.reserve_exact(bytes.len());
            self.bytes.extend_from_slice(&bytes);
        }
        self.read = 0;
    }

    /// Whether the last frame is incomplete.
    pub(crate) fn is_within_frame(&self) -> bool {
        self.read < self.bytes.len()
    }

    /// The next frame that has arrived whole. After a fault there is none: nobody knows where
    /// the next one begins.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, Fault> {
        let rest = self.bytes.get(self.read..).unwrap_or_default();
        let Some((prelude, _)) = rest.split_first_chunk::<PRELUDE>() else {
            return Ok(None);
        };
        let &[a, b, c, d, e, f, g, h, ref checksum @ ..] = prelude;
        // A wrong length is not to be waited for.
        if CRC.checksum(&[a, b, c, d, e, f, g, h]) != u32::from_be_bytes(*checksum) {
            return Err("the checksum of a frame's length is wrong");
        }
        let length = number([a, b, c, d]);
        if length > MAX_FRAME {
            return Err("a frame is larger than 16 MB");
        }
        let Some(content) = length
            .checked_sub(AROUND)
            .and_then(|content| content.checked_sub(number([e, f, g, h])))
        else {
            return Err("the lengths of a frame contradict each other");
        };
        let Some(frame) = rest.get(..length) else {
            // No more than has arrived: a length alone must not cost memory.
            let missing = length.saturating_sub(rest.len());
            self.bytes.reserve_exact(missing.min(rest.len()));
            return Ok(None);
        };
        let mut frame = read(frame, content)?;
        frame.payload = self.payload(length, content);
        Ok(Some(frame))
    }

    /// Takes the payload, of `payload` bytes, of the next frame, which has been read and is
    /// `length` bytes long. Where the frame is most of what is there, it is not copied.
    fn payload(&mut self, length: usize, payload: usize) -> Vec<u8> {
        let end = length.saturating_sub(CHECKSUM);
        let start = end.saturating_sub(payload);
        if self.read == 0 && self.bytes.len().saturating_sub(length) <= length {
            let rest = self.bytes.split_off(length);
            let mut frame = mem::replace(&mut self.bytes, rest);
            frame.truncate(end);
            frame.drain(..start);
            return frame;
        }
        let frame = self.bytes.get(self.read..).unwrap_or_default();
        let payload = frame.get(start..end).unwrap_or_default().to_vec();
        self.read = self.read.saturating_add(length);
        payload
    }
}

/// Reads all but the payload of a frame that is whole, and has so many bytes of it.
fn read(frame: &[u8], payload: usize) -> Result<Frame, Fault> {
    let parts = frame.split_last_chunk::<CHECKSUM>();
    let (frame, _) = parts
        .filter(|(frame, checksum)| CRC.checksum(frame) == u32::from_be_bytes(**checksum))
        .ok_or("the checksum of a frame is wrong")?;
    let end = frame.len().saturating_sub(payload);
    let mut headers = frame.get(PRELUDE..end).unwrap_or_default();
    let (mut message_type, mut event, mut exception, mut code) = (None, None, None, None);
    let mut error_message = None;
    while !headers.is_empty() {
        let (name, value) = header(&mut headers).ok_or("the headers of a frame cannot be read")?;
        let place = match name {
            b":message-type" => &mut message_type,
            b":event-type" => &mut event,
            b":exception-type" => &mut exception,
            b":error-code" => &mut code,
            b":error-message" => &mut error_message,
            _ => continue,
        };
        // The first one counts.
        if place.is_none() {
            *place = value.map(str::to_owned);
        }
    }
    Ok(Frame {
        name: match message_type.as_deref() {
            Some("event") => event,
            Some("exception") => exception,
            _ => code,
        },
        message_type,
        error_message,
        payload: Vec::new(),
    })
}

/// Takes the name of the next header, and its value where that is text.
fn header<'a>(headers: &mut &'a [u8]) -> Option<(&'a [u8], Option<&'a str>)> {
    let mut take = |length: usize| {
        let (taken, rest) = headers.split_at_checked(length)?;
        *headers = rest;
        Some(taken)
    };
    let length = *take(1)?.first()?;
    let name = take(length.into())?;
    std::str::from_utf8(name).ok()?;
    let kind = *take(1)?.first()?;
    let length = match kind {
        // True and false.
        0 | 1 => 0,
        // Numbers of one, two, four and eight bytes; a time.
        2 => 1,
        3 => 2,
        4 => 4,
        5 | 8 => 8,
        // Bytes and text.
        6 | 7 => match take(2)? {
            &[a, b] => u16::from_be_bytes([a, b]).into(),
            _ => return None,
        },
        // A UUID.
        9 => 16,
        _ => return None,
    };
    let value = take(length)?;
    let text = match kind {
        7 => Some(std::str::from_utf8(value).ok()?),
        _ => None,
    };
    Some((name, text))
}

fn number(bytes: [u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
    use aws_smithy_types::DateTime;
    use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
    use proptest::prelude::*;

    use super::*;

    /// What the crate of the AWS SDKs reads in one frame.
    fn theirs(bytes: &[u8]) -> Option<Frame> {
        let mut rest = bytes;
        let message = read_message_from(&mut rest).ok()?;
        let text = |name: &str| {
            let mut named = message
                .headers()
                .iter()
                .filter(|h| h.name().as_str() == name);
            let text = named.find_map(|header| header.value().as_string().ok());
            text.map(|text| text.as_str().to_owned())
        };
        let message_type = text(":message-type");
        Some(Frame {
            name: match message_type.as_deref() {
                Some("event") => text(":event-type"),
                Some("exception") => text(":exception-type"),
                _ => text(":error-code"),
            },
            message_type,
            error_message: text(":error-message"),
            payload: message.payload().to_vec(),
        })
    }

    fn ours(bytes: &[u8]) -> Option<Frame> {
        let mut decoder = Decoder::default();
        decoder.feed(bytes.to_vec());
        decoder.next().ok().flatten()
    }

    fn value() -> impl Strategy<Value = HeaderValue> {
        prop_oneof![
            any::<bool>().prop_map(HeaderValue::Bool),
            any::<i8>().prop_map(HeaderValue::Byte),
            any::<i16>().prop_map(HeaderValue::Int16),
            any::<i32>().prop_map(HeaderValue::Int32),
            any::<i64>().prop_map(HeaderValue::Int64),
            prop::collection::vec(any::<u8>(), 0..40)
                .prop_map(|bytes| HeaderValue::ByteArray(bytes.into())),
            prop::sample::select(vec!["event", "exception", "error", "", "ümlaut"])
                .prop_map(|text| HeaderValue::String(text.to_owned().into())),
            (0_i64..4_000_000_000)
                .prop_map(|seconds| HeaderValue::Timestamp(DateTime::from_secs(seconds))),
            any::<u128>().prop_map(HeaderValue::Uuid),
        ]
    }

    fn name() -> impl Strategy<Value = String> {
        let names = [
            ":message-type",
            ":event-type",
            ":exception-type",
            ":error-code",
            ":error-message",
            ":content-type",
            "",
        ];
        prop::sample::select(names.to_vec()).prop_map(str::to_owned)
    }

    fn frame() -> impl Strategy<Value = Vec<u8>> {
        let headers = prop::collection::vec((name(), value()), 0..8);
        let payload = prop::collection::vec(any::<u8>(), 0..60);
        (headers, payload).prop_map(|(headers, payload)| {
            let mut message = Message::new(payload);
            for (name, value) in headers {
                message = message.add_header(Header::new(name, value));
            }
            let mut bytes = Vec::new();
            write_message_to(&message, &mut bytes).unwrap();
            bytes
        })
    }

    /// With checksums that are right, whatever stands between.
    fn sealed(headers: &[u8], payload: &[u8], declared: u32) -> Vec<u8> {
        let length = u32::try_from(AROUND + headers.len() + payload.len()).unwrap();
        let mut bytes = [length.to_be_bytes(), declared.to_be_bytes()].concat();
        bytes.extend(CRC.checksum(&bytes).to_be_bytes());
        bytes.extend_from_slice(headers);
        bytes.extend_from_slice(payload);
        bytes.extend(CRC.checksum(&bytes).to_be_bytes());
        bytes
    }

    proptest! {
        #[test]
        fn a_frame_is_read_as_the_sdks_read_it(bytes in frame()) {
            prop_assert!(ours(&bytes).is_some());
            prop_assert_eq!(ours(&bytes), theirs(&bytes));
        }

        #[test]
        fn a_changed_frame_is_refused_as_the_sdks_refuse_it(bytes in frame(), place in any::<prop::sample::Index>(), mask in 1_u8..) {
            let mut bytes = bytes;
            let place = place.index(bytes.len());
            bytes[place] ^= mask;
            prop_assert_eq!(ours(&bytes), None);
            prop_assert_eq!(theirs(&bytes), None);
        }

        #[test]
        fn what_stands_between_right_checksums_is_read_as_the_sdks_read_it(
            headers in prop::collection::vec(prop_oneof![0_u8..12, any::<u8>()], 0..40),
            payload in prop::collection::vec(any::<u8>(), 0..10),
            off in prop_oneof![4 => Just(0_i64), 1 => -3_i64..4],
        ) {
            let declared = i64::try_from(headers.len()).unwrap() + off;
            let Ok(declared) = u32::try_from(declared) else { return Ok(()) };
            let bytes = sealed(&headers, &payload, declared);
            prop_assert_eq!(ours(&bytes), theirs(&bytes));
        }
    }
}
