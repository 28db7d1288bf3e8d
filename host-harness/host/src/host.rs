//! The host: a component, loaded once, and its functions to call.

mod exchange;
mod lifecycle;
mod scope;
mod send;
mod streaming;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::{InvocationType, MAX_PAYLOAD, Request};
use lambda_invocation_core::call::response::{RawResponse, Response};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::sign;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::timeout;
use wasmtime::{Store, Trap};

use self::exchange::Whose;
use self::scope::Scope;
pub use self::streaming::ResponseStream;
use crate::builder::{ComponentSource, HostBuilder, Loaded, Transport};
use crate::egress::{Origin, Policy};
use crate::engine::Ticker;
use crate::error::{CallError, LoadError};
use crate::http::{Client, Hooks, ProxyNote, Setback, Watcher};
use crate::inspect::{self, Inspection};
use crate::instances::{Instance, Instances, Owner};
use crate::plugin::{Callee, Plugin, PluginPre};
use crate::provider::CredentialProvider;
use crate::shared::SharedInstances;
use crate::spares::{Spare, Spares};
use crate::state::{self, Grant, State};

/// Beyond a call's deadline, for the component to report it; and for an instance that is
/// made ahead.
const GRACE: Duration = Duration::from_secs(5);

/// A component of world `lambda:invocation/plugin`, ready to be called.
///
/// Cloning is cheap and shares everything: the compiled code, the connections, the
/// limits. Each call gets a fresh instance, which is dropped when the call ends, so calls
/// see nothing of each other ([`HostBuilder::reuse_instances`] is the exception). Calls
/// can be made from any number of tasks, and need a tokio runtime with I/O and time.
///
/// Dropping the future of a call stops the call. Its request may have been sent by then.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
    watcher: Option<Watcher>,
}

struct Inner {
    plugin: PluginPre,
    size: usize,
    client: Client,
    allowed: Arc<[Origin]>,
    /// For the component.
    variables: Vec<(String, String)>,
    /// The same, for finding out which endpoint the component will use.
    environment: Environment,
    at: Option<SystemTime>,
    derive_keys: bool,
    memory_limit: usize,
    time_limit: Option<Duration>,
    turns: Arc<Semaphore>,
    ticker: Ticker,
    instances: Instances,
    spares: Spares<Plugin>,
    transport: Transport,
    shared: SharedInstances,
    /// Who gives credentials to calls that bring none.
    provider: Option<Arc<dyn CredentialProvider>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("size", &self.inner.size)
            .field("allowed", &self.inner.allowed)
            .field("at", &self.inner.at)
            .field("derive_keys", &self.inner.derive_keys)
            .field("memory_limit", &self.inner.memory_limit)
            .field("time_limit", &self.inner.time_limit)
            .field("resting_instances", &self.inner.instances.resting())
            .field("spare_instances", &self.inner.spares.ready())
            .field("transport", &self.inner.transport)
            .field("shared_instances", &self.inner.shared.len())
            .finish_non_exhaustive()
    }
}

impl Host {
    /// Loads the component that comes with this crate, with every option at its default.
    /// Options for it: `Host::builder(ComponentSource::Bundled)`.
    ///
    /// # Errors
    ///
    /// As [`HostBuilder::build`].
    pub fn new() -> Result<Self, LoadError> {
        Self::load(ComponentSource::Bundled)
    }

    /// Loads a component with every option at its default.
    ///
    /// # Errors
    ///
    /// As [`HostBuilder::build`].
    pub fn load(component: impl Into<ComponentSource>) -> Result<Self, LoadError> {
        Self::builder(component).build()
    }

    /// Options for a component: a path, or the bytes themselves.
    pub fn builder(component: impl Into<ComponentSource>) -> HostBuilder {
        HostBuilder::new(component.into())
    }

    pub(crate) fn linked(builder: HostBuilder, loaded: Loaded) -> Result<Self, LoadError> {
        let Loaded {
            engine,
            component,
            size,
        } = loaded;
        let roots = builder.parse_root_certificates()?;
        let allowed: Arc<[Origin]> = builder.allowed.into();
        let plugin = state::linker(&engine)
            .and_then(|linker| linker.instantiate_pre(&component))
            .and_then(PluginPre::new)
            .map_err(|error| LoadError::World(format!("lambda:invocation/plugin: {error:#}")))?;
        Ok(Self {
            inner: Arc::new(Inner {
                plugin,
                size,
                client: Client::new(roots, Arc::clone(&allowed), builder.pool, builder.proxy),
                allowed,
                environment: Environment::new(builder.environment.clone()),
                variables: builder.environment,
                at: builder.at,
                derive_keys: builder.derive_keys,
                memory_limit: builder.memory_limit,
                time_limit: builder.time_limit,
                turns: Arc::new(Semaphore::new(in_memory(builder.max_calls))),
                ticker: Ticker::start(engine)?,
                instances: Instances::new(
                    in_memory(builder.max_kept_instances),
                    builder.pool.idle_timeout,
                ),
                spares: Spares::new(in_memory(builder.max_spare_instances)),
                transport: builder.transport,
                shared: SharedInstances::new(builder.pool.idle_timeout),
                provider: builder.provider,
            }),
            watcher: None,
        })
    }

    /// This host, whose calls tell somebody of what they meet on their way: for programs that
    /// show progress. `told` is called in the middle of a call, which waits for it.
    ///
    /// All else is shared with this host, as with a clone.
    pub fn watched(&self, told: impl Fn(&Setback) + Send + Sync + 'static) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            watcher: Some(Arc::new(told)),
        }
    }

    /// What the component is.
    pub fn inspect(&self) -> Inspection {
        let plugin = self.inner.plugin.instance_pre();
        inspect::inspect(plugin.engine(), plugin.component(), self.inner.size)
    }

    /// Invokes a function and waits for the answer.
    ///
    /// A function that ran and failed is a success of the call, with
    /// [`Response::function_error`] set.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with every case of core's error but `FunctionFailed`, and
    /// the host's own cases.
    pub async fn invoke(
        &self,
        request: Request,
        connection: Connection,
    ) -> Result<Response, CallError> {
        if self.inner.transport == Transport::Host {
            return self
                .exchange(request, connection, Whose::Shared, None)
                .await;
        }
        let (asked, connection) = self.asked(connection).await?;
        let scope = self.scope(&connection, [None]);
        let note = scope.note.clone();
        let request = hashed(request).into();
        let connection = self.given(connection, [None])?;
        self.call(scope, async move |callee| {
            let (store, invoke) = callee.invoke()?;
            invoke
                .call_invoke(store, &request, Some(&connection.0))
                .await
        })
        .await?
        .map(Into::into)
        .map_err(|error| CallError::Failed(note.explain(asked.failed(error))))
    }

    /// Signs a request without sending it. The connection's deadline is the longest time it
    /// may take.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with `InvalidArgument`, `NoCredentials` or `NoRegion`, and
    /// the host's own cases.
    pub async fn prepare(
        &self,
        request: Request,
        connection: Connection,
    ) -> Result<SignedRequest, CallError> {
        let (_, connection) = self.asked(connection).await?;
        let mut scope = self.pure(Owner::of(&connection));
        if let Some(ms) = connection.deadline_ms {
            scope.limit = scope.limit.min(Duration::from_millis(ms.into()));
        }
        let request = hashed(request).into();
        let connection = self.given(connection, [None])?;
        self.call(scope, async move |callee| {
            let (store, invoke) = callee.invoke()?;
            invoke
                .call_prepare(store, &request, Some(&connection.0))
                .await
        })
        .await?
        .map(Into::into)
        .map_err(|error| CallError::Failed(error.into()))
    }

    /// Reads a response to a request that [`prepare`](Self::prepare) made, with the invocation
    /// type that was asked for; none means `RequestResponse`, as it does in a request.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with what Lambda answered, and the host's own cases.
    pub async fn interpret(
        &self,
        response: RawResponse,
        invocation_type: Option<InvocationType>,
    ) -> Result<Response, CallError> {
        let (response, invocation_type) = (response.into(), invocation_type.map(Into::into));
        self.call(self.pure(Owner::NOBODY), async move |callee| {
            let (store, invoke) = callee.invoke()?;
            invoke
                .call_interpret(store, &response, invocation_type)
                .await
        })
        .await?
        .map(Into::into)
        .map_err(|error| CallError::Failed(error.into()))
    }

    /// Invokes a function whose answer must not be kept.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub async fn open(
        &self,
        config: EphemeralConfig,
        connection: Connection,
    ) -> Result<Opened, CallError> {
        if self.inner.transport == Transport::Host {
            let (request, connection) = config.into_request(connection)?;
            let response = self.exchange(request, connection, Whose::Own, None).await?;
            return Ok(response.into());
        }
        let (asked, connection) = self.asked(connection).await?;
        let region = [config.region.as_deref()];
        let scope = self.scope(&connection, region).in_an_instance_of_its_own();
        let note = scope.note.clone();
        let connection = self.given(connection, region)?;
        let config = config.into();
        self.call(scope, async move |callee| {
            let (store, ephemeral) = callee.ephemeral()?;
            ephemeral
                .call_open(store, &config, Some(&connection.0))
                .await
        })
        .await?
        .map(Into::into)
        .map_err(|error| CallError::Failed(note.explain(asked.failed(error))))
    }

    /// Runs a function of the component, in a new instance or in one that was kept.
    async fn call<R>(
        &self,
        scope: Scope,
        function: impl AsyncFnOnce(Callee<'_>) -> wasmtime::Result<R>,
    ) -> Result<R, CallError> {
        let inner = &*self.inner;
        // It is never closed, so there is always a turn to come.
        let turn = Arc::clone(&inner.turns).acquire_owned().await.ok();
        let _ticking = inner.ticker.tick();
        let policy = Policy {
            endpoints: scope.endpoints,
            allowed: Arc::clone(&inner.allowed),
        };
        // Where nothing may be reached, nothing was sent.
        let maybe_ran = !policy.endpoints.is_empty() || !policy.allowed.is_empty();
        let hooks = Hooks::new(inner.client.clone(), policy, scope.note);
        let hooks = hooks.watched(self.watcher.clone());
        let (mut store, plugin, uses) = self.instance(scope.owner, hooks);
        // At each tick it gives way, so that the time limit is looked at.
        store.set_epoch_deadline(1);
        let call = async {
            let mut plugin = match plugin {
                Some(plugin) => plugin,
                None => inner.plugin.instantiate(&mut store).await?,
            };
            let callee = Callee {
                store: &mut store,
                plugin: &mut plugin,
                pre: &inner.plugin,
            };
            let answer = function(callee).await?;
            Ok::<_, wasmtime::Error>((answer, plugin))
        };
        let result = timeout(scope.limit, call).await;
        match result {
            Ok(Ok((answer, plugin))) => {
                let instance = Instance {
                    store,
                    plugin,
                    uses: uses.saturating_add(1),
                };
                match scope.owner {
                    Some(owner) => {
                        if let Some(done) = inner.instances.keep(instance, owner) {
                            self.replace(Some(done), turn);
                        }
                    }
                    None => {
                        // Nothing of it outlives the call.
                        drop(instance);
                        self.replace(None, turn);
                    }
                }
                Ok(answer)
            }
            Ok(Err(_)) if store.data().limits.exceeded => Err(CallError::MemoryLimit {
                limit: inner.memory_limit,
                maybe_ran,
            }),
            Ok(Err(error)) => Err(CallError::Trapped {
                reason: reason(&error),
                maybe_ran,
            }),
            Err(_) => Err(CallError::TimeLimit {
                after: scope.limit,
                maybe_ran,
            }),
        }
    }

    /// What a call runs in: an instance that worked for its owner before, one that was made
    /// ahead, or an empty store. With it, how many calls it has served.
    fn instance(&self, owner: Option<Owner>, hooks: Hooks) -> (Store<State>, Option<Plugin>, u32) {
        let inner = &*self.inner;
        let (mut store, plugin, uses) = match owner.and_then(|owner| inner.instances.take(owner)) {
            Some(kept) => (kept.store, kept.plugin, kept.uses),
            None => match inner.spares.take() {
                Some(spare) => (spare.store, spare.instance, 0),
                None => return (inner.new_store(hooks), None, 0),
            },
        };
        store.data_mut().set_hooks(hooks);
        (store, Some(plugin), uses)
    }

    /// Takes an instance down whose call is over, and makes one for a call to come, while
    /// nobody waits for either. The turn ends when its memory is given back.
    fn replace(&self, done: Option<Instance>, turn: Option<OwnedSemaphorePermit>) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            // The next call may be at its start: its request goes first.
            yield_now().await;
            drop(done);
            drop(turn);
            let Some(place) = inner.spares.place() else {
                return;
            };
            let policy = Policy {
                endpoints: Vec::new(),
                allowed: Arc::from([]),
            };
            let hooks = Hooks::new(inner.client.clone(), policy, ProxyNote::default());
            let mut store = inner.new_store(hooks);
            // A component may compute before it is called for the first time, and need not
            // come to an end with it.
            let _ticking = inner.ticker.tick();
            store.set_epoch_deadline(1);
            // What goes wrong here will go wrong in a call again, and be reported there.
            let made = timeout(GRACE, inner.plugin.instantiate(&mut store)).await;
            if let Ok(Ok(mut plugin)) = made {
                let callee = Callee {
                    store: &mut store,
                    plugin: &mut plugin,
                    pre: &inner.plugin,
                };
                // Most calls are of this interface: it is looked up already.
                let _ = callee.invoke();
                place.fill(Spare {
                    store,
                    instance: plugin,
                });
            }
        });
    }
}

impl Inner {
    fn new_store(&self, hooks: Hooks) -> Store<State> {
        let grant = Grant {
            environment: &self.variables,
            at: self.at,
            memory: self.memory_limit,
            hooks,
        };
        State::new(grant).in_store(self.plugin.instance_pre().engine())
    }
}

/// Tells the component the hash of the payload: it has no instructions for that, and would
/// take five times as long. What it will refuse is not hashed.
fn hashed(mut request: Request) -> Request {
    if request.payload_sha256.is_none() && request.payload.len() <= MAX_PAYLOAD {
        request.payload_sha256 = Some(sign::sha256_hex(&request.payload));
    }
    request
}

/// Why WebAssembly stopped.
fn reason(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    }
}

/// A number of instances. Those that do not fit into memory are as good as without a limit.
fn in_memory(instances: u32) -> usize {
    usize::try_from(instances).unwrap_or(usize::MAX)
}
