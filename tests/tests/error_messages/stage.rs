//! What the cases are made from: arguments, endpoints, servers.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, OnceLock};
use std::thread;

use lambda_invocation_local::{Builder, Credentials, LocalEndpoint};
use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::server::{Connection, Server};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};
use tokio::runtime::Runtime;

use crate::Staged;

/// A call without credentials, but with a token that it could send somewhere.
pub fn anonymous(endpoint: &str) -> LambdaHost {
    function("echo", endpoint)
}

/// A call as a profile with these settings.
pub fn of_profile(name: &str, settings: &str) -> Staged {
    let run = anonymous("http://127.0.0.1:1")
        .args(["--profile", name])
        .env("PATH", "/usr/bin:/bin")
        .file(".aws/config", format!("[profile {name}]\n{settings}\n"));
    Staged(run, Box::new(()))
}

pub fn function(name: &str, endpoint: &str) -> LambdaHost {
    LambdaHost::new(["invoke", name, "--region", "us-east-1", "--retry", "never"])
        .args(["--endpoint-url", endpoint])
        .env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            canary::keys().session_token.unwrap(),
        )
}

/// A call with keys, and a payload unless another is given.
pub fn signed(endpoint: &str) -> LambdaHost {
    anonymous(endpoint).keys(&canary::keys())
}

pub fn endpoint_credentials() -> Credentials {
    let keys = canary::keys();
    Credentials {
        access_key_id: keys.access_key_id,
        secret_access_key: keys.secret_access_key,
        session_token: keys.session_token,
    }
}

/// A Lambda that knows the keys.
pub fn accepting() -> Builder {
    LocalEndpoint::builder().credentials(endpoint_credentials())
}

pub fn local(endpoint: Builder) -> Staged {
    local_function("echo", endpoint)
}

pub fn local_function(name: &str, endpoint: Builder) -> Staged {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    });
    let endpoint = runtime.block_on(endpoint.start()).unwrap();
    let run = function(name, &endpoint.url())
        .keys(&canary::keys())
        .args(["--payload", &canary::payload()]);
    Staged(run, Box::new(endpoint))
}

/// A call of a server, with a payload.
pub fn against(server: Server) -> Staged {
    let run = signed(server.url()).args(["--payload", &canary::payload()]);
    Staged(run, Box::new(server))
}

/// A server with one answer to everything.
pub fn answering(status: &str, header: &str, body: &str) -> Server {
    let answer = format!(
        "HTTP/1.1 {status}\r\n{header}\r\nx-canary: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        canary::payload(),
        body.len(),
    );
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        connection.read_request()?;
        connection.send(&answer)?;
        connection.finish()
    })
}

/// A Lambda that refuses everything in these words, and repeats the payload and the
/// token besides.
pub fn refusing_with(status: &str, code: &str, message: &str) -> Staged {
    let body = serde_json::json!({
        "Type": "User",
        "Message": message,
        "payload": canary::payload(),
        "token": canary::keys().session_token,
    });
    let header = format!("x-amzn-errortype: {code}\r\nx-amzn-requestid: {REQUEST_ID}");
    against(answering(status, &header, &body.to_string()))
}

pub const REQUEST_ID: &str = "3f2b6c1e-0d4a-4c58-9b7e-2a1f0e9d8c7b";

pub fn silent() -> Server {
    Server::start(|mut connection| connection.wait_for_the_client())
}

/// The URL of a TLS server whose certificate is its own word.
pub fn self_signed() -> String {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // The client breaks the handshake off, which is the point.
            let _ = shake_hands(Arc::clone(&config), stream.unwrap());
        }
    });
    url
}

pub fn shake_hands(config: Arc<ServerConfig>, mut stream: TcpStream) -> io::Result<()> {
    let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
    while session.is_handshaking() {
        session.complete_io(&mut stream)?;
    }
    Ok(())
}
