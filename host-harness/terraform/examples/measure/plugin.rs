//! A provider that was started as Terraform starts it, but without TLS: its calls, by hand.
//!
//! A message of protobuf is fields, each a tag and a value; what is asked here has strings
//! and nested messages only. gRPC puts a zero and the length in front.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::UnixStream;

use crate::Result;

/// The process and the connection to it.
pub struct Plugin {
    child: Child,
    sender: SendRequest<Full<Bytes>>,
}

impl Drop for Plugin {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Plugin {
    /// Starts the program and connects to it. `lambda` is the endpoint it is to call.
    pub async fn start(program: &Path, lambda: &str) -> Result<Self> {
        let mut child = Command::new(program)
            .env(
                "TF_PLUGIN_MAGIC_COOKIE",
                "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
            )
            .env("PLUGIN_PROTOCOL_VERSIONS", "6")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .env("AWS_ENDPOINT_URL_LAMBDA", lambda)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("no standard output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let socket = line
            .split('|')
            .nth(3)
            .ok_or("the program is not a plugin")?;
        let stream = UnixStream::connect(socket).await?;
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { child, sender })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `GetProviderSchema`
    pub async fn schema(&mut self) -> Result<()> {
        let answer = self.call("GetProviderSchema", &[]).await?;
        if answer.len() < 1000 {
            return Err("the provider gives no schema".into());
        }
        Ok(())
    }

    /// `ConfigureProvider`, with nothing set.
    pub async fn configure(&mut self) -> Result<()> {
        let config = field(1, &object(&[]));
        self.call("ConfigureProvider", &field(2, &config)).await?;
        Ok(())
    }

    /// `ApplyResourceChange` for a new resource, whose answer is not waited for.
    pub fn begin_creation(&mut self) -> Result<()> {
        let values = object(&[("function_name", "function"), ("input", "{}")]);
        let values = field(1, &values);
        let message = [
            field(1, b"lambda_invocation"),
            field(3, &values),
            field(4, &values),
        ];
        tokio::spawn(self.send("ApplyResourceChange", &message.concat())?);
        Ok(())
    }

    async fn call(&mut self, method: &str, message: &[u8]) -> Result<Bytes> {
        let response = self.send(method, message)?.await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }

    fn send(
        &mut self,
        method: &str,
        message: &[u8],
    ) -> Result<impl Future<Output = hyper::Result<Response<Incoming>>> + use<>> {
        let length = u32::try_from(message.len())?;
        let body = [&[0][..], &length.to_be_bytes(), message].concat();
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://provider/tfplugin6.Provider/{method}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Full::new(Bytes::from(body)))?;
        Ok(self.sender.send_request(request))
    }
}

/// A field of protobuf that has a length.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    const HAS_LENGTH: u8 = 2;
    let mut field = vec![number << 3 | HAS_LENGTH];
    let mut length = value.len();
    while length > 0x7f {
        field.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend(value);
    field
}

/// An object of a few short strings in MessagePack.
fn object(members: &[(&str, &str)]) -> Vec<u8> {
    const OBJECT: u8 = 0x80;
    const STRING: u8 = 0xa0;
    let mut packed = vec![OBJECT | members.len() as u8];
    for text in members.iter().flat_map(|(name, value)| [name, value]) {
        packed.push(STRING | text.len() as u8);
        packed.extend(text.as_bytes());
    }
    packed
}
