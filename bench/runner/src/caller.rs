//! The ways to invoke a function that are compared.

use std::sync::{Arc, Mutex, PoisonError};

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail};
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use lambda_invocation_core::call::connection::{self, Connection};
use lambda_invocation_core::call::exchange::{self, Answer, Attempt, Exchange, Step};
use lambda_invocation_core::call::request::{self, Request};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::sign;
use lambda_invocation_host::Host;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as LegacyClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use wasmtime_wasi_http::RequestOptions;

use crate::http::Client;
use crate::sandbox::{Instance, Sandbox};
use crate::way::Way;

/// Whose key it is, does not matter: the server looks at no signature.
pub const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
/// See [`ACCESS_KEY_ID`].
pub const SECRET_ACCESS_KEY: &str = "bench-secret";
/// Where everybody pretends to be.
pub const REGION: &str = "us-east-1";

/// A client of hyper's own.
type Hyper = LegacyClient<HttpConnector, Full<Bytes>>;

/// What makes calls in one way.
pub enum Caller {
    /// The component in its host, in a new instance for each call or in kept ones, as
    /// the host is set up.
    Host(Host, Connection),
    /// Another guest in the same sandbox.
    Sandbox {
        /// The guest.
        sandbox: Sandbox,
        /// The endpoint.
        url: String,
        /// Instances to call again, if they are to be.
        kept: Option<Mutex<Vec<Instance>>>,
    },
    /// The same with an instance for each call, whatever the transport.
    Open(Host, Connection),
    /// hyper's client alone, which sends the payload and nothing else.
    Hyper(Hyper, String),
    /// Core in the process itself, with the library's client: the host transport without
    /// a component.
    Core(Client, Connection),
    /// `aws-sdk-lambda`, in the process itself.
    Native(aws_sdk_lambda::Client),
}

impl Caller {
    /// Invokes a function and returns what it answered.
    pub async fn call(&self, function: &str, payload: Vec<u8>) -> Result<Vec<u8>> {
        match self {
            Self::Host(host, connection) => {
                let request = Request {
                    function_name: function.to_owned(),
                    payload,
                    ..Request::default()
                };
                let response = host.invoke(request, connection.clone()).await?;
                Ok(response.payload)
            }
            Self::Sandbox {
                sandbox,
                url,
                kept: None,
            } => {
                let mut instance = sandbox.instance(url).await?;
                sandbox.invoke(&mut instance, url, function, payload).await
            }
            Self::Sandbox {
                sandbox,
                url,
                kept: Some(kept),
            } => {
                let ready = kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut instance = match ready {
                    Some(instance) => instance,
                    None => sandbox.instance(url).await?,
                };
                let answer = sandbox
                    .invoke(&mut instance, url, function, payload)
                    .await?;
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(instance);
                Ok(answer)
            }
            Self::Open(host, connection) => {
                let config = EphemeralConfig {
                    function_name: function.to_owned(),
                    payload: String::from_utf8(payload)?,
                    ..EphemeralConfig::default()
                };
                let opened = host.open(config, connection.clone()).await?;
                Ok(opened.result.into_bytes())
            }
            Self::Hyper(client, url) => {
                let url = format!("{url}/2015-03-31/functions/{function}/invocations");
                let request = http::Request::post(url).header("content-type", "application/json");
                let response = client.request(request.body(Full::from(payload))?).await?;
                ensure_good(response.status())?;
                Ok(response.into_body().collect().await?.to_bytes().to_vec())
            }
            Self::Core(client, connection) => core(client, connection, function, payload).await,
            Self::Native(client) => {
                let answer = client
                    .invoke()
                    .function_name(function)
                    .payload(Blob::new(payload))
                    .send()
                    .await
                    .map_err(|error| anyhow!("{}", DisplayErrorContext(error)))?;
                Ok(answer.payload.map(Blob::into_inner).unwrap_or_default())
            }
        }
    }
}

/// What the host transport does, with core's decisions made here.
async fn core(
    client: &Client,
    connection: &Connection,
    function: &str,
    payload: Vec<u8>,
) -> Result<Vec<u8>> {
    let started = Instant::now();
    request::check_payload(&payload, None)?;
    let request = exchange::Request {
        function_name: function.to_owned(),
        payload_len: payload.len() as u64,
        payload_sha256: sign::sha256_hex(&payload),
        ..exchange::Request::default()
    };
    let mut call = Exchange::new(
        request,
        connection.clone(),
        &Environment::default(),
        [7; 16],
    );
    let now = || SystemTime::now().duration_since(UNIX_EPOCH);
    let Attempt { url, headers, .. } = call.attempt(now()?, started.elapsed())?;
    let (headers, body) = post(client, &url, &headers, payload.into()).await?;
    let answer = Answer {
        status: 200,
        headers,
        body: None,
    };
    match call.next(Ok(answer), now()?, started.elapsed())? {
        Step::Done(_) => Ok(body),
        other => bail!("not done: {other:?}"),
    }
}

/// The headers and the body of an answer.
type Answered = (Vec<(String, String)>, Vec<u8>);

async fn post(
    client: &Client,
    url: &str,
    headers: &[(String, String)],
    payload: Bytes,
) -> Result<Answered> {
    let mut request = http::Request::post(url).header("content-length", payload.len());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let body = Full::new(payload).map_err(|never| match never {});
    let request = request.body(body.boxed_unsync())?;
    let response = client.send(request, RequestOptions::default()).await;
    let response = response.map_err(|failed| anyhow!("{failed}"))?;
    ensure_good(response.status())?;
    let headers = response.headers().iter();
    let headers = headers
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let body = response.into_body().collect().await;
    let body = body.map_err(|error| anyhow!("{error}"))?;
    Ok((headers, body.to_bytes().to_vec()))
}

fn ensure_good(status: http::StatusCode) -> Result<()> {
    status.is_success().then_some(()).context("a refusal")
}

/// How our component is told where to go.
pub fn connection(url: &str) -> Connection {
    Connection {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(url.to_owned()),
        credentials: Some(connection::Credentials {
            access_key_id: ACCESS_KEY_ID.to_owned(),
            secret_access_key: SECRET_ACCESS_KEY.to_owned(),
            session_token: None,
        }),
        ..Connection::default()
    }
}

/// `aws-sdk-lambda` with its defaults; `ca` is trusted, where there is TLS.
pub fn native(url: &str, ca: Option<&str>) -> Result<Caller> {
    use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
    use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
    let mut config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(url)
        .credentials_provider(Credentials::from_keys(
            ACCESS_KEY_ID,
            SECRET_ACCESS_KEY,
            None,
        ));
    if let Some(ca) = ca {
        // Its default client, but for the CA.
        let roots = TrustStore::default().with_pem_certificate(ca.as_bytes());
        let context = TlsContext::builder().with_trust_store(roots).build()?;
        config = config.http_client(
            aws_smithy_http_client::Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(context)
                .build_https(),
        );
    }
    Ok(Caller::Native(aws_sdk_lambda::Client::from_conf(
        config.build(),
    )))
}

/// The component in its host.
pub fn host(host: &Host, url: &str) -> Caller {
    Caller::Host(host.clone(), connection(url))
}

/// The same, with an instance for each call.
pub fn open(host: &Host, url: &str) -> Caller {
    Caller::Open(host.clone(), connection(url))
}

/// hyper's client alone, as fast as it goes.
pub fn hyper(url: &str) -> Caller {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = LegacyClient::builder(TokioExecutor::new()).build(connector);
    Caller::Hyper(client, url.to_owned())
}

/// Core without a component.
pub fn natively(client: Client, url: &str) -> Caller {
    Caller::Core(client, connection(url))
}

/// A guest in the sandbox.
pub fn guest(sandbox: Sandbox, url: &str, reuse: bool) -> Caller {
    Caller::Sandbox {
        sandbox,
        url: url.to_owned(),
        kept: reuse.then(Mutex::default),
    }
}

/// Ways by name, shared with tasks.
pub type Callers = Vec<(Way, Arc<Caller>)>;
