//! The plugin, embedded.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lambda_invocation_command::grammar::Common;
use lambda_invocation_command::interrupt::Interrupt;
use lambda_invocation_command::run::{Lambda, Unapplied};
use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::{InvocationType, Request};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::stream::{Completion, StreamEvent};
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{
    ApplyFailure, ChangePlan, Config, Diagnostic, PlanOptions, State,
};
use lambda_invocation_host::credentials::{self, NativeChain};
use lambda_invocation_host::{
    ApplyError, CallError, ComponentSource, CredentialProvider, Host, HostBuilder, LoadError,
    ProvidingCredentials,
};
use lambda_invocation_local::LocalEndpoint;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::cli::HostOptions;
use crate::progress::{self, News};

/// The plugin in a host of its own, and where it calls.
pub struct Embedded<'a> {
    runtime: &'a Runtime,
    host: Host,
    /// Of the call under way.
    news: News,
    /// The local endpoint, where that is to answer; it runs as long as this value lives.
    local: Option<LocalEndpoint>,
    /// That of the environment or the profile.
    region: Option<String>,
    interrupt: Arc<Interrupt>,
    /// What the user gives a call.
    timeout: Option<Duration>,
}

impl<'a> Embedded<'a> {
    /// Loads the component, and starts the local endpoint where that is to answer.
    pub fn start(
        options: &HostOptions,
        common: &Common,
        runtime: &'a Runtime,
        interrupt: Arc<Interrupt>,
    ) -> Result<Self, Error> {
        let mut builder = builder(options).transport(options.transport.into());
        for origin in &options.allow {
            builder = builder.allow(origin.clone());
        }
        if let Some(at) = options.at {
            builder = builder.at(at);
        }
        let _runtime = runtime.enter();
        let variables;
        let (local, region) = if options.local {
            variables = credentials::variables();
            let local = local_endpoint(common, runtime)?;
            if options.verbose {
                eprintln!("credentials: the local endpoint's");
            }
            let region = local.region().to_owned();
            (Some(local), Some(region))
        } else {
            let chain;
            (builder, chain) = on_this_machine(builder, options, common)?;
            variables = chain.variables()?;
            let region = chain.region()?;
            builder = builder.credentials(Told::new(chain, options, &interrupt));
            (None, region)
        };
        for (name, value) in variables {
            builder = builder.env(name, value);
        }
        let news = News::default();
        let (shown, verbose) = (news.clone(), options.verbose);
        let host = builder.build().map_err(load_error)?;
        let host = host.watched(move |setback| {
            shown.set(setback);
            if verbose {
                eprintln!("{setback}");
            }
        });
        Ok(Self {
            runtime,
            host,
            news,
            local,
            region,
            interrupt,
            timeout: common.timeout,
        })
    }

    /// Adds where to call, as far as the options leave it open.
    fn placed(&self, mut connection: Connection) -> Connection {
        connection.region = connection.region.or_else(|| self.region.clone());
        if let Some(endpoint) = &self.local {
            let credentials = endpoint.credentials();
            connection.endpoint_url = Some(endpoint.url());
            connection.credentials = Some(Credentials {
                access_key_id: credentials.access_key_id.clone(),
                secret_access_key: credentials.secret_access_key.clone(),
                session_token: credentials.session_token.clone(),
            });
        }
        connection
    }

    fn wait<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, Error> {
        self.runtime
            .block_on(progress::shown(what, &self.news, call))
            .map_err(call_error)
    }

    /// A call that sends nothing. A component that computes is given no more time for it
    /// than the user gives a call.
    fn pure<T>(&self, call: impl Future<Output = Result<T, CallError>>) -> Result<T, Error> {
        let outcome = self.runtime.block_on(async {
            let Some(limit) = self.timeout else {
                return call.await;
            };
            let stopped = Err(CallError::TimeLimit {
                after: limit,
                maybe_ran: false,
            });
            timeout(limit, call).await.unwrap_or(stopped)
        });
        outcome.map_err(call_error)
    }
}

impl Lambda for Embedded<'_> {
    fn invoke(&mut self, request: Request, connection: Connection) -> Result<Response, Error> {
        let connection = self.placed(connection);
        let what = request.function_name.clone();
        let _calling = (request.invocation_type != Some(InvocationType::DryRun))
            .then(|| self.interrupt.calling());
        self.wait(&what, self.host.invoke(request, connection))
    }

    fn invoke_streaming(
        &mut self,
        request: Request,
        connection: Connection,
        piece: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<Completion>, Error> {
        let connection = self.placed(connection);
        let what = request.function_name.clone();
        let _calling = (request.invocation_type != Some(InvocationType::DryRun))
            .then(|| self.interrupt.calling());
        let mut stream = self.wait(&what, self.host.invoke_streaming(request, connection))?;
        loop {
            match self.runtime.block_on(stream.next()).map_err(call_error)? {
                Some(StreamEvent::Chunk(bytes)) if piece(&bytes) => {}
                Some(StreamEvent::Complete(completion)) => return Ok(Some(completion)),
                Some(StreamEvent::Chunk(_)) | None => return Ok(None),
            }
        }
    }

    fn prepare(
        &mut self,
        request: Request,
        connection: Connection,
    ) -> Result<SignedRequest, Error> {
        let connection = self.placed(connection);
        // Credentials are asked for within its deadline.
        self.wait(PURE, self.host.prepare(request, connection))
    }

    fn validate(&mut self, config: &Config) -> Result<Vec<Diagnostic>, Error> {
        self.pure(self.host.lifecycle_validate(config.clone()))
    }

    fn plan(
        &mut self,
        prior: Option<&State>,
        desired: Option<&Config>,
        options: &PlanOptions,
    ) -> Result<ChangePlan, Error> {
        let (prior, desired) = (prior.cloned(), desired.cloned());
        self.pure(self.host.lifecycle_plan(prior, desired, options.clone()))
    }

    fn apply_one(
        &mut self,
        prior: Option<State>,
        desired: Option<&Config>,
        replace: bool,
        connection: Connection,
    ) -> Result<Option<State>, Unapplied> {
        let connection = self.placed(connection);
        let _calling = self.interrupt.calling();
        let call =
            self.host
                .lifecycle_apply_one(prior.clone(), desired.cloned(), replace, connection);
        let what = desired
            .or(prior.as_ref().map(|prior| &prior.config))
            .map_or(PURE, |config| &config.function_name);
        self.runtime
            .block_on(progress::shown(what, &self.news, call))
            .map_err(unapplied)
    }

    fn import_state(&mut self, id: &str) -> Result<State, Error> {
        self.pure(self.host.lifecycle_import(id))
    }

    fn upgrade_state(&mut self, version: u32, json: &str) -> Result<State, Error> {
        self.pure(self.host.lifecycle_upgrade(version, json))
    }

    fn open(&mut self, config: EphemeralConfig, connection: Connection) -> Result<Opened, Error> {
        let connection = self.placed(connection);
        let what = config.function_name.clone();
        let _calling = self.interrupt.calling();
        self.wait(&what, self.host.open(config, connection))
    }
}

/// The ways out of this machine, and its credentials, as the options and the environment have
/// them.
pub fn on_this_machine(
    mut builder: HostBuilder,
    options: &HostOptions,
    common: &Common,
) -> Result<(HostBuilder, NativeChain), Error> {
    let proxy = credentials::proxy()?;
    if options.verbose && !proxy.is_none() {
        eprintln!("proxy: {proxy}");
    }
    let mut chain = NativeChain::new().proxy(proxy.clone());
    builder = builder.proxy(proxy);
    if let Some(pem) = credentials::ca_bundle()? {
        chain = chain.root_certificates(&pem);
        builder = builder.root_certificates(pem);
    }
    if let Some(profile) = &common.profile {
        chain = chain.profile(profile);
    }
    Ok((builder, chain))
}

/// The credential chain of this machine, which says once who signs.
pub struct Told {
    chain: NativeChain,
    /// Whether that is still to be said.
    untold: AtomicBool,
    interrupt: Arc<Interrupt>,
}

impl Told {
    pub fn new(chain: NativeChain, options: &HostOptions, interrupt: &Arc<Interrupt>) -> Self {
        Self {
            chain,
            untold: AtomicBool::new(options.verbose),
            interrupt: Arc::clone(interrupt),
        }
    }
}

impl CredentialProvider for Told {
    fn credentials<'a>(&'a self, connection: &'a Connection) -> ProvidingCredentials<'a> {
        Box::pin(async move {
            let _preparing = self.interrupt.preparing();
            let found = self.chain.resolve(connection).await?;
            if self.untold.swap(false, Ordering::Relaxed) {
                eprintln!(
                    "credentials: {}, key id …{}",
                    found.source,
                    found.key_id_suffix()
                );
            }
            Ok(found.credentials)
        })
    }

    fn forget(&self) {
        self.chain.forget();
    }
}

pub fn local_endpoint(common: &Common, runtime: &Runtime) -> Result<LocalEndpoint, Error> {
    let mut endpoint = LocalEndpoint::builder();
    if let Some(region) = &common.region {
        endpoint = endpoint.region(region);
    }
    let started = runtime.block_on(endpoint.start());
    started.map_err(|error| Error::Other(format!("the local endpoint does not start: {error}")))
}

/// With what the host knows of whether a request was sent: the text of a stop has it, too, but
/// nothing can act on that.
fn unapplied(error: ApplyError) -> Unapplied {
    match error {
        ApplyError::Failed(failure) => (*failure).into(),
        ApplyError::Stopped { error, state } => Unapplied {
            maybe_ran: error.maybe_ran(),
            failure: ApplyFailure {
                error: call_error(error),
                state: state.map(|state| *state),
                completed: Vec::new(),
            },
        },
    }
}

/// Names a call that sends nothing, and so takes no time worth showing.
const PURE: &str = "lambda-host";

/// A host for the component the options name, or else the one inside this program or beside it.
pub fn builder(options: &HostOptions) -> HostBuilder {
    builder_of(options, "LAMBDA_COMPONENT")
}

/// The same, where the environment names the component in this variable.
pub fn builder_of(options: &HostOptions, variable: &str) -> HostBuilder {
    let named = options.component.clone();
    let component = match named.or_else(|| in_environment(variable)) {
        Some(path) => path.into(),
        None => ComponentSource::Bundled,
    };
    let builder = Host::builder(component);
    if options.no_cache {
        builder.no_cache()
    } else {
        builder
    }
}

fn in_environment(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable)?;
    // An empty variable is an unset one.
    (!path.is_empty()).then(|| path.into())
}

/// What keeps a component from loading is mostly the file that was named.
pub fn load_error(error: LoadError) -> Error {
    match error {
        LoadError::NotBundled(file) => Error::invalid(
            "component",
            format!(
                "{file} is neither inside this program nor beside it: build it with cargo xtask build, or name it with --component"
            ),
        ),
        LoadError::Read { .. } | LoadError::Component(_) | LoadError::World(_) => {
            Error::invalid("component", error.to_string())
        }
        _ => Error::Other(error.to_string()),
    }
}

fn call_error(error: CallError) -> Error {
    match error {
        CallError::Failed(error) => error,
        stopped => Error::Other(stopped.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_the_host_knows_of_a_stopped_apply_is_kept() {
        let trapped = |maybe_ran| CallError::Trapped {
            reason: "unreachable".to_owned(),
            maybe_ran,
        };
        let memory = |maybe_ran| CallError::MemoryLimit {
            limit: 1,
            maybe_ran,
        };
        let time = |maybe_ran| CallError::TimeLimit {
            after: Duration::from_secs(1),
            maybe_ran,
        };
        for (error, maybe_ran) in [
            (trapped(false), false),
            (trapped(true), true),
            (memory(false), false),
            (memory(true), true),
            (time(false), false),
            (time(true), true),
            (CallError::Failed(Error::NoRegion), false),
            (CallError::Failed(Error::Other(String::new())), true),
        ] {
            let said = error.to_string();
            let unapplied = unapplied(ApplyError::Stopped { error, state: None });
            assert_eq!(unapplied.maybe_ran, maybe_ran, "{said}");
            assert_eq!(unapplied.failure.error.to_string(), said);
        }
    }
}
