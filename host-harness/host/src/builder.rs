//! How a [`Host`] is set up.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::egress::Origin;
use crate::engine::{self, CodeCache, Size};
use crate::error::LoadError;
use crate::host::Host;
use crate::http::PoolOptions;
use crate::inspect::{self, Inspection};
use crate::provider::CredentialProvider;
use crate::proxy::Proxy;
use crate::shared::MAX_RESTING;

/// A component: the one that comes with this crate, a file, or bytes.
#[derive(Default)]
pub enum ComponentSource {
    /// The plugin of this crate's own version, which is inside the crate as it is published.
    /// In a build from the repository it is only there if `LAMBDA_COMPONENT_TO_EMBED` named
    /// its file; else it is looked for [beside the program](Self::installed). For a service it
    /// is `lambda-invocation-service.wasm`, and `LAMBDA_SERVICE_COMPONENT_TO_EMBED`.
    #[default]
    Bundled,
    /// A file in the binary format.
    File(PathBuf),
    /// The binary format itself.
    Bytes(Vec<u8>),
}

impl ComponentSource {
    /// The plugin's file, `lambda-invocation.wasm`, beside the program that is running, or
    /// where a build of this project puts it.
    pub fn installed() -> Option<Self> {
        PLUGIN.beside_the_program().map(Self::File)
    }
}

/// A component that this crate carries, or that lies beside the program.
pub(crate) struct Carried {
    bytes: Option<&'static [u8]>,
    file: &'static str,
}

/// For [`HostBuilder::build`].
const PLUGIN: Carried = Carried {
    bytes: lambda_invocation_component::PLUGIN,
    file: "lambda-invocation.wasm",
};

/// For the module `serve`.
#[cfg(feature = "serve")]
pub(crate) const SERVICE: Carried = Carried {
    bytes: lambda_invocation_component::SERVICE,
    file: "lambda-invocation-service.wasm",
};

impl Carried {
    fn beside_the_program(&self) -> Option<PathBuf> {
        let program = std::env::current_exe().ok()?;
        let directory = program.parent()?;
        [
            directory.join(self.file),
            directory.parent()?.join("components").join(self.file),
        ]
        .into_iter()
        .find(|path| path.is_file())
    }
}

impl From<&Path> for ComponentSource {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<PathBuf> for ComponentSource {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&str> for ComponentSource {
    /// The path of a file.
    fn from(path: &str) -> Self {
        Self::File(path.into())
    }
}

impl From<Vec<u8>> for ComponentSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for ComponentSource {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl fmt::Debug for ComponentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundled => f.write_str("Bundled"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Bytes(bytes) => f.debug_tuple("Bytes").field(&bytes.len()).finish(),
        }
    }
}

/// Who sends the requests of [`Host::invoke`], [`Host::invoke_streaming`], [`Host::open`] and
/// [`Host::lifecycle_apply`]. The component checks, signs, reads the answers and decides what
/// to repeat in both cases, and says the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// The component, over `wasi:http`: what it does in every host. Each call has an instance
    /// to itself for as long as it takes.
    #[default]
    Component,
    /// This library, with its HTTP client, as the component signs and says
    /// (interface `exchange`). It is faster and needs less memory, as payloads and answers
    /// stay outside of the sandbox: only the answer of a failed call enters it, and a stream.
    ///
    /// Calls with the same credentials share instances, and hold none while they wait;
    /// [`Host::open`] has one to itself. An instance that traps fails every call that it has
    /// begun: [`CallError::maybe_ran`](crate::CallError::maybe_ran) tells what had been sent.
    /// An apply is one such call for each of its requests, and the state between them is this
    /// library's to keep: an apply that is stopped loses nothing of it.
    /// [`HostBuilder::reuse_instances`] and [`HostBuilder::spare_instances`] have no effect on
    /// such calls, and the component sends nothing in them, not even for credentials.
    Host,
}

/// Sets a [`Host`] up. Every option has a default that is safe and fast.
#[must_use]
pub struct HostBuilder {
    pub(crate) component: ComponentSource,
    pub(crate) cache: CodeCache,
    pub(crate) memory_limit: usize,
    pub(crate) max_calls: u32,
    pub(crate) max_kept_instances: u32,
    pub(crate) max_spare_instances: u32,
    pub(crate) transport: Transport,
    pub(crate) time_limit: Option<Duration>,
    pub(crate) at: Option<SystemTime>,
    pub(crate) derive_keys: bool,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) allowed: Vec<Origin>,
    root_certificates: Vec<Vec<u8>>,
    pub(crate) pool: PoolOptions,
    pub(crate) proxy: Proxy,
    pub(crate) provider: Option<Arc<dyn CredentialProvider>>,
}

impl fmt::Debug for HostBuilder {
    /// Shows the names of environment variables, not their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.environment.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("HostBuilder")
            .field("component", &self.component)
            .field("cache", &self.cache)
            .field("memory_limit", &self.memory_limit)
            .field("max_concurrent_calls", &self.max_calls)
            .field("reuse_instances", &self.max_kept_instances)
            .field("spare_instances", &self.max_spare_instances)
            .field("transport", &self.transport)
            .field("time_limit", &self.time_limit)
            .field("at", &self.at)
            .field("derive_keys", &self.derive_keys)
            .field("environment", &names)
            .field("allowed", &self.allowed)
            .field("root_certificates", &self.root_certificates.len())
            .field("pool", &self.pool)
            .field("proxy", &self.proxy)
            .field("credentials", &self.provider.is_some())
            .finish()
    }
}

impl HostBuilder {
    pub(crate) fn new(component: ComponentSource) -> Self {
        Self {
            component,
            cache: CodeCache::default(),
            memory_limit: 64 * 1024 * 1024,
            max_calls: 64,
            max_kept_instances: 0,
            max_spare_instances: 1,
            transport: Transport::default(),
            time_limit: None,
            at: None,
            derive_keys: true,
            environment: Vec::new(),
            allowed: Vec::new(),
            root_certificates: Vec::new(),
            pool: PoolOptions::default(),
            proxy: Proxy::default(),
            provider: None,
        }
    }

    /// Keeps compiled code in this directory, and creates it if it does not exist. The
    /// default is wasmtime's own (`$XDG_CACHE_HOME/wasmtime` on Linux).
    ///
    /// The code in it is run without a check, so nobody else may be able to write there.
    pub fn cache_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.cache = CodeCache::Directory(directory.into());
        self
    }

    /// Does not cache compiled code. Each [`build`](Self::build) then compiles the
    /// component, which takes some tenths of a second.
    pub fn no_cache(mut self) -> Self {
        self.cache = CodeCache::Off;
        self
    }

    /// Most bytes of memory for the component in one call. The default is 64 MiB: a
    /// payload and a response of 6 MB each, several times over.
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.memory_limit = bytes;
        self
    }

    /// Most calls at the same time. Further calls wait for their turn; neither a call's
    /// `deadline_ms` nor the [`time_limit`](Self::time_limit) counts that wait. The default
    /// is 64.
    ///
    /// The process keeps the memory of finished calls for later ones: at most 8 MiB of a
    /// call, and 512 MiB of all calls together.
    pub fn max_concurrent_calls(mut self, calls: u32) -> Self {
        self.max_calls = calls;
        self
    }

    /// Keeps up to this many instances for later calls. That saves a third of a small call
    /// without [spares](Self::spare_instances), and a tenth with them if calls are made one
    /// after the other. The default is 0: each call gets a fresh instance.
    ///
    /// An instance is kept only after a call that ended with an answer, and only if it has
    /// at most 4 MiB of memory. It is not kept after a trap, a limit, or a call that was
    /// dropped. It serves at most a thousand calls, all with the same credentials, and is
    /// dropped when it has not been used for [as long](Self::pool_idle_timeout) as unused
    /// connections are kept. [`Host::open`] never uses a kept instance and never leaves one.
    ///
    /// The payload, answer and credentials of a call stay in the instance's memory until
    /// they are overwritten or the instance is dropped. Calls with different credentials
    /// never share an instance, but calls of several tenants with the same credentials do:
    /// leave this off if you do not trust the component to keep those apart.
    pub fn reuse_instances(mut self, most: u32) -> Self {
        self.max_kept_instances = most;
        self
    }

    /// Prepares up to this many fresh instances for later calls, so that those need not
    /// wait for one. The default is 1, which is enough for calls made one after the other;
    /// with 0 each instance is made when its call begins.
    ///
    /// Instances are prepared when a call has ended. Each takes some 100 KB.
    pub fn spare_instances(mut self, most: u32) -> Self {
        self.max_spare_instances = most;
        self
    }

    /// Who sends the requests of calls. The default is [`Transport::Component`].
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// The longest time a call may take once it has its turn, in real time, whatever the
    /// component does: compute, wait, or read from a server that never ends.
    ///
    /// The default is the call's `deadline_ms` and five seconds more, so that the component
    /// can report the deadline itself. Without a deadline it is an hour: three attempts at
    /// a function of 15 minutes, and the waits between them. An apply gets that long for
    /// each of its requests.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Stops the component's wall clock at this time, so that the same call gives the same
    /// signature. Lambda accepts a signature for five minutes only.
    pub fn at(mut self, time: SystemTime) -> Self {
        self.at = Some(time);
        self
    }

    /// Whether the component is given keys derived from a call's
    /// [`credentials`](lambda_invocation_core::call::connection::Connection::credentials)
    /// in their place, which is the default: the secret then never enters the sandbox. A
    /// key is good for a day, a region and Lambda alone; those that a call needs are
    /// derived when it begins, as
    /// [`DerivedCredentials::derive`](lambda_invocation_core::call::connection::DerivedCredentials::derive)
    /// does it.
    ///
    /// Without it the component gets the secret and derives the keys itself, for a signature
    /// of any day: needed only where its clock is off by more than five minutes and it is to
    /// make up for that across midnight (UTC).
    pub fn derive_keys(mut self, derive: bool) -> Self {
        self.derive_keys = derive;
        self
    }

    /// Gives the component an environment variable. By default it has none; the host's own
    /// are never passed on.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Who gives credentials to calls whose [connection] holds none: a closure, or any
    /// [`CredentialProvider`]. It is asked before each of them, within the call's deadline;
    /// what time it takes is the call's.
    ///
    /// With the feature `aws-config` there is one for what the AWS tools know of this
    /// machine: `credentials::NativeChain`. Without a provider, a connection without
    /// credentials leaves them to the component, which looks into its
    /// [environment](Self::env).
    ///
    /// [connection]: lambda_invocation_core::call::connection::Connection
    pub fn credentials(mut self, provider: impl CredentialProvider) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Lets the component send requests to this origin, beside the endpoint of the call it
    /// is making. See [`egress`](crate::egress).
    pub fn allow(mut self, origin: Origin) -> Self {
        self.allowed.push(origin);
        self
    }

    /// Trusts the certificates in this PEM text as roots, beside those of the system
    /// and of Mozilla: for a private CA or an inspecting proxy.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sends the component's requests through a proxy. By default there is none: the
    /// environment (`HTTPS_PROXY`) is not looked at. With the feature `aws-config`,
    /// `credentials::proxy` reads it as the AWS tools do.
    ///
    /// It is not for the [provider of credentials](Self::credentials), which has connections
    /// of its own.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// How long an unused connection is kept for the next call. The default is 20 seconds.
    /// It should be shorter than the server's own limit: when a server closes a connection
    /// just as a request is sent on it, the function may have run.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool.idle_timeout = timeout;
        self
    }

    /// Most unused connections kept for one origin; 0 keeps none. By default all are kept
    /// for the [idle timeout](Self::pool_idle_timeout), so that the next burst of calls
    /// finds them. There can be somewhat more of them than [calls at the same
    /// time](Self::max_concurrent_calls), because a connection that is being made is
    /// finished and kept even if its call got another one in the meantime.
    pub fn pool_max_idle(mut self, connections: usize) -> Self {
        self.pool.max_idle_per_origin = connections;
        self
    }

    /// Compiles the component, or takes the compiled code from the cache, and links it.
    ///
    /// # Errors
    ///
    /// Every case of [`LoadError`].
    pub fn build(self) -> Result<Host, LoadError> {
        if self.max_calls == 0 {
            return Err(LoadError::Option("max_concurrent_calls must be at least 1"));
        }
        let loaded = self.load(&PLUGIN)?;
        Host::linked(self, loaded)
    }

    /// Compiles the component and says what it is, without linking it: a component of
    /// any world will do.
    ///
    /// # Errors
    ///
    /// Every case of [`LoadError`] but `World`.
    pub fn inspect(self) -> Result<Inspection, LoadError> {
        let loaded = self.load(&PLUGIN)?;
        Ok(inspect::inspect(
            &loaded.engine,
            &loaded.component,
            loaded.size,
        ))
    }

    pub(crate) fn load(&self, carried: &Carried) -> Result<Loaded, LoadError> {
        let file;
        let bytes = match &self.component {
            ComponentSource::Bytes(bytes) => bytes.as_slice(),
            ComponentSource::File(path) => {
                file = read(path)?;
                &file
            }
            ComponentSource::Bundled => match carried.bytes {
                Some(bytes) => bytes,
                None => {
                    let installed = carried.beside_the_program();
                    file = read(&installed.ok_or(LoadError::NotBundled(carried.file))?)?;
                    &file
                }
            },
        };
        let size = Size {
            // Those that are kept or spare take their place in the pool as well.
            instances: self
                .max_calls
                .saturating_add(self.max_kept_instances)
                .saturating_add(self.max_spare_instances)
                .saturating_add(match self.transport {
                    Transport::Component => 0,
                    Transport::Host => MAX_RESTING,
                }),
            memory: self.memory_limit,
        };
        let engine = engine::new(&self.cache, size)?;
        let component = Component::from_binary(&engine, bytes)
            .map_err(|error| LoadError::Component(format!("{error:#}")))?;
        Ok(Loaded {
            engine,
            component,
            size: bytes.len(),
        })
    }

    pub(crate) fn parse_root_certificates(
        &self,
    ) -> Result<Vec<CertificateDer<'static>>, LoadError> {
        let mut certificates = Vec::new();
        for pem in &self.root_certificates {
            let before = certificates.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                certificates.push(certificate.map_err(|_| LoadError::RootCertificates)?);
            }
            if certificates.len() == before {
                return Err(LoadError::RootCertificates);
            }
        }
        Ok(certificates)
    }
}

/// The bytes of a component's file, which need not be one, nor come to an end.
fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    const MAX: u64 = 64 * 1024 * 1024;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX + 1).read_to_end(&mut bytes));
    let read = match read.map(u64::try_from) {
        Ok(Ok(length)) if length <= MAX => Ok(bytes),
        Ok(_) => Err(io::Error::other(format!("it has more than {MAX} bytes"))),
        Err(error) => Err(error),
    };
    read.map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}

/// A compiled component.
pub(crate) struct Loaded {
    pub(crate) engine: Engine,
    pub(crate) component: Component,
    pub(crate) size: usize,
}
