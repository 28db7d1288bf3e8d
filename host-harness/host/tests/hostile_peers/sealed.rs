//! Records of a connection whose handshake is done, with any content.

use std::io;

use rustls::crypto::cipher::{MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use rustls::{
    ConnectionTrafficSecrets, ContentType, ProtocolVersion, SupportedCipherSuite,
    SupportedProtocolVersion,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::peer::{Link, config};

/// The peer's end of a connection on which a whole request has been read.
pub struct Sealed {
    pub stream: TcpStream,
    encrypter: Box<dyn MessageEncrypter>,
    number: u64,
}

impl Sealed {
    pub async fn run(link: Link, version: &'static SupportedProtocolVersion) -> io::Result<Self> {
        let mut config = config(link.pki.good(), &[version], b"http/1.1");
        config.enable_secret_extraction = true;
        config.send_tls13_tickets = 0;
        let mut secure = link.tls_with(config).await?;
        secure.run().await?;
        let (stream, tls) = secure.stream.into_inner();
        let suite = tls.negotiated_cipher_suite().expect("a handshake");
        let secrets = tls.dangerous_extract_secrets();
        let (number, secrets) = secrets.map_err(io::Error::other)?.tx;
        let (ConnectionTrafficSecrets::Aes128Gcm { key, iv }
        | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv }) = secrets
        else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let encrypter = match suite {
            SupportedCipherSuite::Tls13(suite) => suite.aead_alg.encrypter(key, iv),
            SupportedCipherSuite::Tls12(suite) => {
                let fixed = suite.aead_alg.key_block_shape().fixed_iv_len;
                let (fixed, explicit) = iv.as_ref().split_at(fixed);
                suite.aead_alg.encrypter(key, fixed, explicit)
            }
        };
        Ok(Self {
            stream,
            encrypter,
            number,
        })
    }

    /// A record, as it goes over the wire.
    pub fn record(&mut self, kind: ContentType, content: &[u8]) -> Vec<u8> {
        let plain = OutboundPlainMessage {
            typ: kind,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(content),
        };
        let sealed = self.encrypter.encrypt(plain, self.number).unwrap();
        self.number += 1;
        sealed.encode()
    }

    pub async fn send(&mut self, kind: ContentType, content: &[u8]) -> io::Result<()> {
        let record = self.record(kind, content);
        self.stream.write_all(&record).await
    }

    /// The same record without end.
    pub async fn flood(&mut self, kind: ContentType, content: &[u8]) -> io::Result<()> {
        loop {
            let records: Vec<u8> = (0..100).flat_map(|_| self.record(kind, content)).collect();
            self.stream.write_all(&records).await?;
        }
    }
}
