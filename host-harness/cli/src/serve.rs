//! `lambda-host serve`.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::Common;
use lambda_invocation_command::render::Streams;
use lambda_invocation_core::error::Error;
use lambda_invocation_host::HostBuilder;
use lambda_invocation_host::credentials;
use lambda_invocation_host::serve::{Ended, Options, Server, Tls};
use lambda_invocation_local::LocalEndpoint;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::cli::{HostOptions, Sender, ServeOptions};
use crate::lambda::{self, Told};
use crate::signals::Signals;

/// What the variables of the service begin with. Of others, the component sees only those that say
/// how to reach Lambda.
const PREFIX: &str = "LAMBDA_INVOCATION_";
const TIMEOUT_MS: &str = "LAMBDA_INVOCATION_TIMEOUT_MS";

/// Serves until a signal says to stop.
pub fn serve(
    options: ServeOptions,
    common: &Common,
    host: &HostOptions,
    runtime: &Runtime,
    streams: &mut Streams<'_>,
) -> io::Result<u8> {
    raise_the_limit_of_files();
    let started = runtime.block_on(Running::start(options, common, host, runtime));
    match started {
        Ok(running) => runtime.block_on(running.until_stopped()),
        Err(error) => streams.error(&error, common.output),
    }
}

struct Running {
    server: Server,
    listener: TcpListener,
    signals: Signals,
    /// The local endpoint, where that is to answer; it runs as long as this value lives.
    _local: Option<LocalEndpoint>,
}

impl Running {
    async fn start(
        options: ServeOptions,
        common: &Common,
        host: &HostOptions,
        runtime: &Runtime,
    ) -> Result<Self, Error> {
        refuse_what_has_no_meaning(common, host)?;
        let variables = configuration(common);
        let mut builder = lambda::builder_of(host, "LAMBDA_SERVICE_COMPONENT");
        for origin in &host.allow {
            builder = builder.allow(origin.clone());
        }
        let (mut builder, local) = with_lambda(builder, common, host, runtime)?;
        for (name, value) in variables {
            builder = builder.env(name, value);
        }
        let (listen, metrics_listen) = (options.listen, options.metrics_listen);
        let is_tls = options.tls_certificate.is_some();
        let server = Server::new(builder, serving(options)?).map_err(lambda::load_error)?;
        let listener = listen_on(listen).await?;
        let scheme = if is_tls { "https" } else { "http" };
        if let Some(address) = metrics_listen {
            let listener = listen_on(address).await?;
            let said = format!("metrics on http://{}/metrics", address_of(&listener)?);
            server.say("info", &said);
            let server = server.clone();
            tokio::spawn(async move { server.run_metrics(listener).await });
        }
        // Before it says that it is there: who reads that may end it.
        let signals = Signals::new().map_err(|error| Error::Other(error.to_string()))?;
        let said = format!("listening on {scheme}://{}", address_of(&listener)?);
        server.say("info", &said);
        Ok(Self {
            server,
            listener,
            signals,
            _local: local,
        })
    }

    /// Serves until a signal comes, and then until all is answered, time is up, or another signal
    /// comes.
    async fn until_stopped(mut self) -> io::Result<u8> {
        let server = self.server.clone();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let signals = async {
            self.signals.next().await;
            server.say("info", "stopping: the requests under way are answered");
            let _ = stop.send(());
            self.signals.next().await;
        };
        let serving = self.server.run(self.listener, async {
            // It is not dropped before there was a signal.
            let _ = stopped.await;
        });
        let (level, said, code) = tokio::select! {
            ended = serving => match ended {
                Ended::Answered => ("info", "stopped".to_owned(), exit::DONE),
                Ended::CutOff(requests) => {
                    let said = format!(
                        "stopped: {requests} requests were cut off; their functions may have run"
                    );
                    ("error", said, exit::TRANSPORT)
                }
            },
            () = signals => {
                let said = "stopped at once: the functions of requests under way may have run";
                ("error", said.to_owned(), exit::INTERRUPTED)
            }
        };
        server.say(level, &said);
        server.flush();
        Ok(code)
    }
}

/// Options that every command understands, and that the component has no variable for.
fn refuse_what_has_no_meaning(common: &Common, host: &HostOptions) -> Result<(), Error> {
    for (is_given, name) in [
        (common.allow_http, "allow-http"),
        (common.connect_timeout.is_some(), "connect-timeout"),
        (common.response_timeout.is_some(), "response-timeout"),
        (common.retry.is_some(), "retry"),
        (host.at.is_some(), "at"),
        (matches!(host.transport, Sender::Host), "transport"),
    ] {
        if is_given {
            return Err(Error::invalid(name, "serve has no such option"));
        }
    }
    Ok(())
}

/// The variables of the service, and what the options put in their place.
fn configuration(common: &Common) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    if let Some(timeout) = common.timeout {
        variables.retain(|(name, _)| name != TIMEOUT_MS);
        variables.push((TIMEOUT_MS.to_owned(), timeout.as_millis().to_string()));
    }
    variables
}

/// Where Lambda is, and who signs.
fn with_lambda(
    mut builder: HostBuilder,
    common: &Common,
    host: &HostOptions,
    runtime: &Runtime,
) -> Result<(HostBuilder, Option<LocalEndpoint>), Error> {
    let mut set = Vec::new();
    let (variables, local) = if host.local {
        let local = tokio::task::block_in_place(|| lambda::local_endpoint(common, runtime))?;
        let keys = local.credentials();
        set.extend([
            ("AWS_ENDPOINT_URL_LAMBDA", local.url()),
            ("AWS_REGION", local.region().to_owned()),
            ("AWS_ACCESS_KEY_ID", keys.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key.clone()),
        ]);
        (credentials::variables(), Some(local))
    } else {
        let chain;
        (builder, chain) = lambda::on_this_machine(builder, host, common)?;
        let variables = chain.variables()?;
        if let Some(region) = common
            .region
            .clone()
            .map_or_else(|| chain.region(), |r| Ok(Some(r)))?
        {
            set.push(("AWS_REGION", region));
        }
        if let Some(url) = &common.endpoint_url {
            set.push(("AWS_ENDPOINT_URL_LAMBDA", url.clone()));
            set.push(("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false".to_owned()));
        }
        builder = builder.credentials(Told::new(chain, host, &Arc::default()));
        (variables, None)
    };
    if common.use_fips {
        set.push(("AWS_USE_FIPS_ENDPOINT", "true".to_owned()));
    }
    if common.use_dualstack {
        set.push(("AWS_USE_DUALSTACK_ENDPOINT", "true".to_owned()));
    }
    if let Some(attempts) = common.max_attempts {
        set.push(("AWS_MAX_ATTEMPTS", attempts.to_string()));
    }
    for (name, value) in variables {
        if set.iter().all(|(other, _)| *other != name) {
            builder = builder.env(name, value);
        }
    }
    for (name, value) in set {
        builder = builder.env(name, value);
    }
    Ok((builder, local))
}

/// How it serves.
fn serving(options: ServeOptions) -> Result<Options, Error> {
    let mut serving = Options::default()
        .max_concurrent_requests(options.max_concurrent_requests)
        .max_connections(options.max_connections)
        .head_timeout(options.header_timeout)
        .idle_timeout(options.idle_timeout)
        .shutdown_timeout(options.shutdown_timeout);
    if let Some(most) = options.max_requests_per_token {
        serving = serving.max_requests_per_token(most);
    }
    if let (Some(certificate), Some(key)) = (options.tls_certificate, options.tls_key) {
        let tls = Tls::from_pem(
            &read("tls-certificate", &certificate)?,
            &read("tls-key", &key)?,
        );
        serving = serving.tls(tls.map_err(|e| Error::invalid("tls-certificate", e.to_string()))?);
    }
    if let Some(path) = options.access_log {
        let file = File::options().append(true).create(true).open(&path);
        let file = file.map_err(|e| unusable("access-log", &path, &e))?;
        serving = serving.access_log(file);
    }
    Ok(serving)
}

fn read(option: &'static str, path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|e| unusable(option, path, &e))
}

fn unusable(option: &'static str, path: &Path, error: &io::Error) -> Error {
    Error::invalid(option, format!("{}: {error}", path.display()))
}

async fn listen_on(address: SocketAddr) -> Result<TcpListener, Error> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|e| Error::Other(format!("cannot listen on {address}: {e}")))
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, Error> {
    let address = listener.local_addr();
    address.map_err(|e| Error::Other(e.to_string()))
}

/// Systems give a process 1,024 files unless it asks for more, and each connection is one.
#[cfg(unix)]
fn raise_the_limit_of_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where there is no more to be had, further connections are not accepted for the moment.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(not(unix))]
fn raise_the_limit_of_files() {}
