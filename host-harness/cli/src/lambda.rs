//! The plugin, embedded.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use lambda_invocation_command::grammar::Common;
use lambda_invocation_command::interrupt::Interrupt;
use lambda_invocation_command::run::Lambda;
use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::{InvocationType, Request};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{
    ApplyFailure, ChangePlan, Config, Diagnostic, PlanOptions, State,
};
use lambda_invocation_host::{
    ApplyError, CallError, ComponentSource, Host, HostBuilder, LoadError, credentials,
};
use lambda_invocation_local::LocalEndpoint;
use tokio::runtime::Runtime;

use crate::cli::HostOptions;
use crate::progress;

/// The variables that the component may see, beside those for endpoints: how to reach
/// Lambda, and nothing secret.
const VARIABLES: &[&str] = &[
    "AWS_DEFAULT_REGION",
    "AWS_MAX_ATTEMPTS",
    "AWS_REGION",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
];

/// The plugin in a host of its own, and who it signs for.
pub struct Embedded<'a> {
    runtime: &'a Runtime,
    host: Host,
    /// The local endpoint, where that is to answer; it runs as long as this value lives.
    local: Option<LocalEndpoint>,
    profile: Option<String>,
    verbose: bool,
    signer: Option<Signer>,
    interrupt: Arc<Interrupt>,
}

/// Who signs, and the region that comes with that.
struct Signer {
    credentials: Credentials,
    region: Option<String>,
}

impl<'a> Embedded<'a> {
    /// Loads the component, and starts the local endpoint where that is to answer.
    pub fn start(
        options: &HostOptions,
        common: &Common,
        runtime: &'a Runtime,
        interrupt: Arc<Interrupt>,
    ) -> Result<Self, Error> {
        let mut builder = builder(options)?;
        for name in VARIABLES {
            if let Ok(value) = std::env::var(name)
                && !value.is_empty()
            {
                builder = builder.env(*name, value);
            }
        }
        if !options.local {
            for (name, value) in credentials::endpoint_variables(common.profile.as_deref())? {
                builder = builder.env(name, value);
            }
        }
        for origin in &options.allow {
            builder = builder.allow(origin.clone());
        }
        if let Some(at) = options.at {
            builder = builder.at(at);
        }
        let _runtime = runtime.enter();
        let host = builder.build().map_err(load_error)?;
        let local = if options.local {
            let mut endpoint = LocalEndpoint::builder();
            if let Some(region) = &common.region {
                endpoint = endpoint.region(region);
            }
            let started = runtime.block_on(endpoint.start());
            Some(started.map_err(|error| {
                Error::Other(format!("the local endpoint does not start: {error}"))
            })?)
        } else {
            None
        };
        Ok(Self {
            runtime,
            host,
            local,
            profile: common.profile.clone(),
            verbose: options.verbose,
            signer: None,
            interrupt,
        })
    }

    /// Adds who signs and where to, as far as the options leave it open.
    fn signed_by(&mut self, mut connection: Connection) -> Result<Connection, Error> {
        let signer = match self.signer.take() {
            Some(signer) => signer,
            None => self.find_signer(connection.region.as_deref())?,
        };
        connection.credentials = Some(signer.credentials.clone());
        connection.region = connection.region.or_else(|| signer.region.clone());
        if let Some(endpoint) = &self.local {
            connection.endpoint_url = Some(endpoint.url());
        }
        self.signer = Some(signer);
        Ok(connection)
    }

    /// Asks the local endpoint, or else the native credential chain: once, and only
    /// when something is to be signed.
    fn find_signer(&self, region: Option<&str>) -> Result<Signer, Error> {
        let (signer, source) = match &self.local {
            Some(endpoint) => {
                let credentials = endpoint.credentials();
                let signer = Signer {
                    credentials: Credentials {
                        access_key_id: credentials.access_key_id.clone(),
                        secret_access_key: credentials.secret_access_key.clone(),
                        session_token: credentials.session_token.clone(),
                    },
                    region: Some(endpoint.region().to_owned()),
                };
                (signer, "the local endpoint's".to_owned())
            }
            None => {
                let found = self
                    .runtime
                    .block_on(credentials::resolve(self.profile.as_deref(), region))
                    .map_err(|error| Error::NoCredentials(error.to_string()))?;
                let source = format!("{}, key id …{}", found.source, found.key_id_suffix());
                let signer = Signer {
                    credentials: found.credentials,
                    region: found.region,
                };
                (signer, source)
            }
        };
        if self.verbose {
            eprintln!("credentials: {source}");
        }
        Ok(signer)
    }

    fn wait<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, Error> {
        self.runtime
            .block_on(progress::shown(what, call))
            .map_err(call_error)
    }
}

impl Lambda for Embedded<'_> {
    fn invoke(&mut self, request: Request, connection: Connection) -> Result<Response, Error> {
        let connection = self.signed_by(connection)?;
        let what = request.function_name.clone();
        let _calling = (request.invocation_type != Some(InvocationType::DryRun))
            .then(|| self.interrupt.calling());
        self.wait(&what, self.host.invoke(request, connection))
    }

    fn prepare(
        &mut self,
        request: Request,
        connection: Connection,
    ) -> Result<SignedRequest, Error> {
        let connection = self.signed_by(connection)?;
        self.wait(PURE, self.host.prepare(request, connection))
    }

    fn validate(&mut self, config: &Config) -> Result<Vec<Diagnostic>, Error> {
        self.wait(PURE, self.host.lifecycle_validate(config.clone()))
    }

    fn plan(
        &mut self,
        prior: Option<&State>,
        desired: Option<&Config>,
        options: &PlanOptions,
    ) -> Result<ChangePlan, Error> {
        let (prior, desired) = (prior.cloned(), desired.cloned());
        self.wait(
            PURE,
            self.host.lifecycle_plan(prior, desired, options.clone()),
        )
    }

    fn apply_one(
        &mut self,
        prior: Option<State>,
        desired: Option<&Config>,
        replace: bool,
        connection: Connection,
    ) -> Result<Option<State>, ApplyFailure> {
        let connection = match self.signed_by(connection) {
            Ok(connection) => connection,
            Err(error) => return Err(not_begun(error, prior)),
        };
        let _calling = self.interrupt.calling();
        let call =
            self.host
                .lifecycle_apply_one(prior.clone(), desired.cloned(), replace, connection);
        let what = desired
            .or(prior.as_ref().map(|prior| &prior.config))
            .map_or(PURE, |config| &config.function_name);
        match self.runtime.block_on(progress::shown(what, call)) {
            Ok(state) => Ok(state),
            Err(ApplyError::Failed(failure)) => Err(*failure),
            // How far the component came is lost with it.
            Err(ApplyError::Stopped(error)) => Err(not_begun(call_error(error), prior)),
        }
    }

    fn import_state(&mut self, id: &str) -> Result<State, Error> {
        self.wait(PURE, self.host.lifecycle_import(id))
    }

    fn upgrade_state(&mut self, version: u32, json: &str) -> Result<State, Error> {
        self.wait(PURE, self.host.lifecycle_upgrade(version, json))
    }

    fn open(&mut self, config: EphemeralConfig, connection: Connection) -> Result<Opened, Error> {
        let connection = self.signed_by(connection)?;
        let what = config.function_name.clone();
        let _calling = self.interrupt.calling();
        self.wait(&what, self.host.open(config, connection))
    }
}

/// The failure of an apply of which nothing is known to have been done.
fn not_begun(error: Error, prior: Option<State>) -> ApplyFailure {
    ApplyFailure {
        error,
        state: prior,
        completed: Vec::new(),
    }
}

/// Names a call that sends nothing, and so takes no time worth showing.
const PURE: &str = "lambda-host";

/// A host for the component the options name, or else the one beside this program.
pub fn builder(options: &HostOptions) -> Result<HostBuilder, Error> {
    let named = options.component.clone();
    let component = match named.or_else(in_environment) {
        Some(path) => path.into(),
        None => ComponentSource::installed().ok_or_else(|| {
            Error::invalid(
                "component",
                "lambda-invocation.wasm is not beside this program: build it with cargo xtask build, or name it with --component",
            )
        })?,
    };
    let builder = Host::builder(component);
    Ok(if options.no_cache {
        builder.no_cache()
    } else {
        builder
    })
}

fn in_environment() -> Option<PathBuf> {
    let path = std::env::var_os("LAMBDA_COMPONENT")?;
    // An empty variable is an unset one.
    (!path.is_empty()).then(|| path.into())
}

/// What keeps a component from loading is mostly the file that was named.
pub fn load_error(error: LoadError) -> Error {
    match error {
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
