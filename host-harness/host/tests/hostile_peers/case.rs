//! A row of the table: a peer, and how a call to it ends.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use crate::frames::H2;
use crate::peer::Link;

/// What a peer does with a connection.
pub type Peer = Arc<dyn Fn(Link) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Which of a call's limits runs out in a case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// None: all are so long that an end by one of them shows.
    Long,
    BrieflyToConnect,
    BrieflyForTheResponse,
    /// The deadline of the whole call.
    Briefly,
}

pub enum Ends {
    Answer(&'static [u8]),
    Error {
        /// A part of its text.
        says: &'static str,
        maybe_ran: bool,
    },
}

pub struct Case {
    pub name: String,
    pub peer: Peer,
    pub payload: Vec<u8>,
    pub waits: Waits,
    pub ends: Ends,
    /// As the error says. There are as many connections at most.
    pub attempts: u32,
    /// How many whole requests the peer reads without saying that it did not process them.
    pub runs: u32,
}

impl Case {
    /// By default the peer reads the whole request, and the call is made once.
    pub fn new<F: Future<Output = io::Result<()>> + Send + 'static>(
        name: impl Into<String>,
        ends: Ends,
        peer: impl Fn(Link) -> F + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            peer: Arc::new(move |link| {
                let play = peer(link);
                Box::pin(async move {
                    // The client is free to leave.
                    let _left = play.await;
                })
            }),
            payload: b"{}".to_vec(),
            waits: Waits::Long,
            ends,
            attempts: 1,
            runs: 1,
        }
    }

    /// Over HTTP/2, with these settings.
    pub fn h2<F: Future<Output = io::Result<()>> + Send + 'static>(
        name: &str,
        ends: Ends,
        settings: &'static [(u16, u32)],
        peer: impl Fn(H2) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::new(format!("HTTP/2: {name}"), ends, move |link| {
            let peer = peer.clone();
            async move { peer(H2::accept(link, settings).await?).await }
        })
    }

    /// The peer never has a whole request to process.
    pub fn without_a_run(self) -> Self {
        Self { runs: 0, ..self }
    }

    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    pub fn waits(self, waits: Waits) -> Self {
        Self { waits, ..self }
    }

    /// With a payload that no buffer on the way holds.
    pub fn with_5_mb(self) -> Self {
        let payload = format!("\"{}\"", "x".repeat(5_000_000)).into_bytes();
        Self { payload, ..self }
    }
}

/// The TLS handshake fails, so nothing is sent, and trying again would not help.
pub fn tls_fails(says: &'static str) -> Ends {
    Ends::Error {
        says,
        maybe_ran: false,
    }
}

/// Nothing is sent, or nothing is processed.
pub fn did_not_run(says: &'static str) -> Ends {
    Ends::Error {
        says,
        maybe_ran: false,
    }
}

pub fn may_have_run(says: &'static str) -> Ends {
    Ends::Error {
        says,
        maybe_ran: true,
    }
}
