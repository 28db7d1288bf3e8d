//! A client on a plain socket, so that it can also send what no HTTP library would.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_invocation_local::LocalEndpoint;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::signer::Signer;

/// An invocation to be made.
pub struct Request {
    label: String,
    query: String,
    pub headers: Vec<(&'static str, String)>,
    pub payload: Vec<u8>,
    pub signer: Signer,
}

pub fn invoke(label: &str, payload: impl AsRef<[u8]>) -> Request {
    Request {
        label: label.to_owned(),
        query: String::new(),
        headers: Vec::new(),
        payload: payload.as_ref().to_vec(),
        signer: Signer::default(),
    }
}

impl Request {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn qualifier(mut self, qualifier: &str) -> Self {
        self.query = format!("Qualifier={qualifier}");
        self
    }

    fn target(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        let (label, query) = (&self.label, &self.query);
        format!("/2015-03-31/functions/{label}/invocations{mark}{query}")
    }

    /// The headers, signed for this endpoint.
    pub fn signed(&self, endpoint: &LocalEndpoint) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("host", endpoint.address().to_string().parse().unwrap());
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let url = format!("{}{}", endpoint.url(), self.target());
        self.signer.sign(&url, &mut headers, &self.payload);
        headers
    }

    /// All up to the header that tells the length of the body.
    pub fn head(&self, endpoint: &LocalEndpoint) -> Vec<u8> {
        self.head_with(&self.signed(endpoint))
    }

    fn head_with(&self, headers: &HeaderMap) -> Vec<u8> {
        let mut head = format!("POST {} HTTP/1.1\r\n", self.target()).into_bytes();
        for (name, value) in headers {
            let line = [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"];
            head.extend(line.concat());
        }
        head
    }

    /// With a `Content-Length`.
    pub fn bytes(&self, endpoint: &LocalEndpoint) -> Vec<u8> {
        self.bytes_with(&self.signed(endpoint))
    }

    /// With a `Content-Length`, and with these headers instead of its own.
    pub fn bytes_with(&self, headers: &HeaderMap) -> Vec<u8> {
        let length = format!("content-length: {}\r\n\r\n", self.payload.len());
        [&self.head_with(headers), length.as_bytes(), &self.payload].concat()
    }

    /// In chunks of 64 KB.
    pub fn chunked(&self, endpoint: &LocalEndpoint) -> Vec<u8> {
        let mut bytes = self.head(endpoint);
        bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
        for chunk in self.payload.chunks(65_536) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn code(&self) -> Option<&str> {
        self.header("x-amzn-errortype")
    }

    pub fn message(&self) -> String {
        let body = self.json();
        let message = body.get("message").or(body.get("Message")).unwrap();
        message.as_str().unwrap().to_owned()
    }
}

pub struct Client<'a> {
    pub endpoint: &'a LocalEndpoint,
    pub stream: TcpStream,
    /// Read and not yet used: the start of the next answer.
    ahead: Vec<u8>,
}

impl<'a> Client<'a> {
    pub async fn connect(endpoint: &'a LocalEndpoint) -> Self {
        Self {
            endpoint,
            stream: TcpStream::connect(endpoint.address()).await.unwrap(),
            ahead: Vec::new(),
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next answer, `None` when the connection ends instead.
    pub async fn receive(&mut self) -> Option<Reply> {
        timeout(Duration::from_secs(20), self.read_reply())
            .await
            .expect("an answer in time")
    }

    async fn read_reply(&mut self) -> Option<Reply> {
        let end = loop {
            if let Some(at) = self.ahead.windows(4).position(|w| w == b"\r\n\r\n") {
                break at;
            }
            self.read_more().await?;
        };
        let head = String::from_utf8(self.ahead[..end].to_vec()).unwrap();
        self.ahead.drain(..end + 4);
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap()[9..12].parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |value| value.to_str().unwrap().parse().unwrap());
        while self.ahead.len() < length {
            self.read_more().await?;
        }
        let body = self.ahead.drain(..length).collect();
        Some(Reply {
            status,
            headers,
            body,
        })
    }

    async fn read_more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.ahead).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    pub async fn call(&mut self, request: &Request) -> Reply {
        self.send(&request.bytes(self.endpoint)).await;
        self.receive().await.expect("an answer")
    }
}

pub async fn start() -> LocalEndpoint {
    LocalEndpoint::builder().start().await.unwrap()
}

/// One invocation over a connection of its own.
pub async fn call(endpoint: &LocalEndpoint, request: Request) -> Reply {
    Client::connect(endpoint).await.call(&request).await
}
