//! The peer's end of a connection of HTTP/2, frame by frame (RFC 9113).

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, copy, sink, split};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::peer::{Link, Tally, config};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

pub const NO_ERROR: u32 = 0;
pub const PROTOCOL_ERROR: u32 = 1;
pub const INTERNAL_ERROR: u32 = 2;
pub const REFUSED_STREAM: u32 = 7;
pub const CANCEL: u32 = 8;
pub const ENHANCE_YOUR_CALM: u32 = 11;
pub const HTTP_1_1_REQUIRED: u32 = 13;

pub const INITIAL_WINDOW_SIZE: u16 = 4;

/// `:status: 200` is in HPACK's table.
pub const STATUS_200: &[u8] = &[0x88];

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header that is in no table.
pub fn header(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).expect("below 127");
    let mut header = vec![0, length(name)];
    header.extend(name.as_bytes());
    header.push(length(value));
    header.extend(value.as_bytes());
    header
}

/// The head of an answer, with these headers beside its status.
pub fn head(stream: u32, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut block = STATUS_200.to_vec();
    for (name, value) in headers {
        block.extend(header(name, value));
    }
    frame(HEADERS, END_HEADERS, stream, &block)
}

pub fn answer(stream: u32) -> Vec<u8> {
    [
        head(stream, &[("content-length", "4")]),
        frame(DATA, END_STREAM, stream, b"null"),
    ]
    .concat()
}

pub fn reset(stream: u32, reason: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &reason.to_be_bytes())
}

pub fn go_away(last: u32, reason: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), reason.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

pub fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let entry = |(id, value): &(u16, u32)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat();
    let payload: Vec<u8> = settings.iter().flat_map(entry).collect();
    frame(SETTINGS, 0, 0, &payload)
}

fn number(bytes: &[u8]) -> usize {
    let bytes = bytes.try_into().expect("four bytes");
    usize::try_from(u32::from_be_bytes(bytes)).unwrap()
}

pub struct H2 {
    reading: ReadHalf<TlsStream<TcpStream>>,
    writing: WriteHalf<TlsStream<TcpStream>>,
    tally: Arc<Tally>,
    /// Bytes of data that may be sent, on the connection and on its one stream.
    room: (usize, usize),
}

impl H2 {
    /// Agrees on HTTP/2, reads the client's preface, and sends these settings.
    pub async fn accept(link: Link, own: &[(u16, u32)]) -> io::Result<Self> {
        let mut h2 = Self::silent(link).await?;
        h2.send(&settings(own)).await?;
        Ok(h2)
    }

    /// Agrees on HTTP/2, and reads the client's preface.
    pub async fn silent(link: Link) -> io::Result<Self> {
        let config = config(link.pki.good(), rustls::ALL_VERSIONS, b"h2");
        let mut secure = link.tls_with(config).await?;
        let mut preface = [0; 24];
        secure.stream.read_exact(&mut preface).await?;
        assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        let (reading, writing) = split(secure.stream);
        Ok(Self {
            reading,
            writing,
            tally: secure.tally,
            room: (65_535, 65_535),
        })
    }

    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writing.write_all(bytes).await?;
        self.writing.flush().await
    }

    /// Reads to the end of a request's head, and returns its stream.
    pub async fn head(&mut self) -> io::Result<u32> {
        self.read_to(|kind, flags| kind == HEADERS && flags & END_HEADERS != 0)
            .await
    }

    /// Reads a whole request, and returns its stream.
    pub async fn request(&mut self) -> io::Result<u32> {
        self.read_to(|kind, flags| kind <= HEADERS && flags & END_STREAM != 0)
            .await
    }

    /// Reads a whole request, and runs the function.
    pub async fn run(&mut self) -> io::Result<u32> {
        let stream = self.request().await?;
        self.tally.runs.fetch_add(1, Ordering::SeqCst);
        Ok(stream)
    }

    /// Reads up to such a frame.
    async fn read_to(&mut self, is_it: fn(u8, u8) -> bool) -> io::Result<u32> {
        loop {
            let (kind, flags, stream) = self.read().await?;
            if is_it(kind, flags) {
                return Ok(stream);
            }
        }
    }

    /// Reads a frame: its kind, flags and stream. Settings are acknowledged, data is made room
    /// for, and the room that the client gives is noted.
    async fn read(&mut self) -> io::Result<(u8, u8, u32)> {
        let mut head = [0; 9];
        self.reading.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]);
        let stream = u32::from_be_bytes(stream);
        let mut payload = vec![0; length as usize];
        self.reading.read_exact(&mut payload).await?;
        match (kind, &*payload) {
            (SETTINGS, settings) if flags & ACK == 0 => {
                for setting in settings.chunks_exact(6) {
                    let (id, value) = setting.split_at(2);
                    if id == INITIAL_WINDOW_SIZE.to_be_bytes() {
                        self.room.1 = number(value);
                    }
                }
                self.send(&frame(SETTINGS, ACK, 0, b"")).await?;
            }
            (WINDOW_UPDATE, increment) if stream == 0 => self.room.0 += number(increment),
            (WINDOW_UPDATE, increment) => self.room.1 += number(increment),
            (DATA, [_, ..]) => {
                let room = length.to_be_bytes();
                self.send(&frame(WINDOW_UPDATE, 0, 0, &room)).await?;
                self.send(&frame(WINDOW_UPDATE, 0, stream, &room)).await?;
            }
            _ => {}
        }
        Ok((kind, flags, stream))
    }

    /// Sends data without end, as much as there is room for.
    pub async fn pour(mut self, stream: u32) -> io::Result<()> {
        loop {
            let room = self.room.0.min(self.room.1).min(16_384);
            if room > 0 {
                self.room = (self.room.0 - room, self.room.1 - room);
                let data = vec![b' '; room];
                self.send(&frame(DATA, 0, stream, &data)).await?;
            } else {
                self.read().await?;
            }
        }
    }

    /// Sends these bytes, then reads until the client leaves.
    pub async fn then_stay(mut self, bytes: &[u8]) -> io::Result<()> {
        self.send(bytes).await?;
        copy(&mut self.reading, &mut sink()).await.map(drop)
    }

    /// Sends these bytes, then closes TLS as it should be.
    pub async fn then_close(mut self, bytes: &[u8]) -> io::Result<()> {
        self.send(bytes).await?;
        self.writing.shutdown().await?;
        copy(&mut self.reading, &mut sink()).await.map(drop)
    }

    /// Sends these bytes without end, and reads what the client has to say to them.
    pub async fn flood(mut self, bytes: &[u8]) -> io::Result<()> {
        let many = bytes.repeat(1 + 16_000 / bytes.len());
        let write = async {
            loop {
                self.writing.write_all(&many).await?;
            }
        };
        let mut ignored = sink();
        tokio::select! {
            written = write => written,
            read = copy(&mut self.reading, &mut ignored) => read.map(drop),
        }
    }

    pub async fn stall(self) -> io::Result<()> {
        let _open = self;
        pending().await
    }
}
