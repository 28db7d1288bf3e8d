//! A proxy of others, and endpoints behind it.

use std::fs;
use std::io::{self, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::daemon::Daemon;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::recorder::relayed;
use lambda_invocation_tests::server::{Connection, Request, Server};
use lambda_invocation_tests::venv::{Package, Venv};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PROXY_PY: Package = Package {
    name: "proxy.py",
    version: "2.4.10",
    requirements: include_str!("../../peers/proxy_py.txt"),
};
/// How long it may take to listen: what hangs fails its test.
const PATIENCE: Duration = Duration::from_secs(60);
/// Names that only the proxy leads anywhere.
const HOST: &str = "lambda.test";

/// proxy.py, which leads every name to this machine.
pub struct Proxied {
    /// Its URL, without a user.
    pub url: String,
    _daemon: Daemon,
    _directory: TempDir,
}

impl Proxied {
    /// With a user and a password (`USER:PASSWORD`), if clients have to know them.
    pub fn start(user: Option<&str>) -> Result<Self, String> {
        let venv = Venv::of(PROXY_PY)?;
        let directory = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/run_proxy_py.py");
        let mut daemon = Daemon::start(
            Command::new(venv.python())
                .arg(script)
                .arg(directory.path())
                .args(user)
                .env_clear()
                .env("HOME", directory.path()),
        );
        let port: u16 = daemon.wait_for(PATIENCE, |said| {
            let (_, port) = said.split_once("port ")?;
            port.lines().next()?.parse().ok()
        });
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            _daemon: daemon,
            _directory: directory,
        })
    }

    /// Its URL with a user and a password.
    pub fn with_user(&self, user: &str) -> String {
        self.url.replace("://", &format!("://{user}@"))
    }
}

/// A Lambda that knows its caller.
pub struct Endpoint {
    /// Its URL, by a name that is not in the DNS.
    pub url: String,
    /// The file with its certificate, if it has one.
    pub certificate: PathBuf,
    /// The caller's.
    pub keys: Keys,
    local: LocalEndpoint,
    _directory: TempDir,
}

impl Endpoint {
    /// Without TLS.
    pub fn plain() -> Self {
        let local = local();
        let url = format!("http://{HOST}:{}", local.address().port());
        Self::at(url, "", local)
    }

    /// With a certificate for its name.
    pub fn with_tls() -> Self {
        let local = local();
        let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
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
        let url = format!("https://{HOST}:{}", listener.local_addr().unwrap().port());
        let address = local.address().to_string();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, address) = (Arc::clone(&config), address.clone());
                // An error means that the client has left.
                thread::spawn(move || pass_on(config, stream.unwrap(), &address));
            }
        });
        Self::at(url, &made.cert.pem(), local)
    }

    fn at(url: String, certificate: &str, local: LocalEndpoint) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("certificate.pem");
        fs::write(&file, certificate).unwrap();
        let keys = local.credentials();
        Self {
            url,
            certificate: file,
            keys: Keys {
                access_key_id: keys.access_key_id.clone(),
                secret_access_key: keys.secret_access_key.clone(),
                session_token: keys.session_token.clone(),
            },
            local,
            _directory: directory,
        }
    }

    /// How many requests arrived.
    pub fn requests(&self) -> usize {
        self.local.invocations().len()
    }
}

/// Takes TLS off a request.
fn pass_on(config: Arc<ServerConfig>, stream: TcpStream, address: &str) -> io::Result<()> {
    let session = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(session, stream);
    let request = Request::read(BufReader::new(&mut stream))?;
    let answer = relayed(address, &request.head, &request.body)?;
    stream.write_all(&answer)?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn local() -> LocalEndpoint {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    });
    runtime.block_on(LocalEndpoint::builder().start()).unwrap()
}

/// An STS that gives these keys for any token.
pub fn sts(keys: &Keys) -> Server {
    let token = keys.session_token.clone().unwrap_or_default();
    let body = format!(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <AssumeRoleWithWebIdentityResult><Credentials>\
         <AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{token}</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
         </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
        keys.access_key_id, keys.secret_access_key
    );
    answering("200 OK", body)
}

/// A server with one answer to everything.
pub fn answering(status: &str, body: String) -> Server {
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    Server::start(move |mut connection: Connection| -> io::Result<()> {
        connection.read_request()?;
        connection.send(&answer)?;
        connection.finish()
    })
}
