//! The component, with a fresh instance for each request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Request;
use hyper::body::Incoming;
use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::settings::{self, Environment};
use lambda_invocation_core::error::Error;
use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;
use wasmtime::component::Linker;
use wasmtime::{Engine, Result, Store};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::limits::Place;
use super::record::{Observer, Record};
use crate::builder::{HostBuilder, SERVICE};
use crate::egress::{Origin, Policy};
use crate::engine::Ticker;
use crate::error::LoadError;
use crate::http::{Client, Counts, Hooks, ProxyNote};
use crate::provider::CredentialProvider;
use crate::spares::{Spare, Spares};
use crate::state::{Grant, State};

/// Most bytes that an instance may say to operators.
const MAX_SAID: usize = 16 * 1024;
/// How long an instance may take, where the embedder does not say: as for calls.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// How long making one ahead may take.
const MAKING: Duration = Duration::from_secs(5);
/// How long a failure to find credentials stands for all requests: the source may be slow to say
/// so, and who has no token can have it asked.
const FAILURE_STANDS: Duration = Duration::from_secs(1);

/// What the component answers; an error where it ended without.
pub(super) type Answering = oneshot::Receiver<http::Response<HyperOutgoingBody>>;

/// The component, ready to answer.
pub(super) struct Service {
    proxy: ProxyPre<State>,
    client: Client,
    endpoints: Vec<Origin>,
    allowed: Arc<[Origin]>,
    variables: Vec<(String, String)>,
    memory_limit: usize,
    longest: Duration,
    ticker: Ticker,
    spares: Spares<Proxy>,
    provider: Option<Arc<dyn CredentialProvider>>,
    failure: Mutex<Option<(Instant, Error)>>,
    observer: Arc<Observer>,
}

impl Service {
    pub(super) fn new(builder: HostBuilder, observer: Arc<Observer>) -> Result<Self, LoadError> {
        let loaded = builder.load(&SERVICE)?;
        let roots = builder.parse_root_certificates()?;
        let proxy = linker(&loaded.engine)
            .and_then(|linker| linker.instantiate_pre(&loaded.component))
            .and_then(ProxyPre::new)
            .map_err(|error| LoadError::World(format!("wasi:http/proxy: {error:#}")))?;
        let environment = Environment::new(builder.environment.clone());
        // Where there is no endpoint, the component will say why.
        let endpoint = settings::endpoint(&Connection::default(), &environment).ok();
        let allowed: Arc<[Origin]> = builder.allowed.into();
        let spares = usize::try_from(builder.max_spare_instances).unwrap_or(usize::MAX);
        Ok(Self {
            proxy,
            client: Client::new(roots, Arc::clone(&allowed), builder.pool, builder.proxy),
            endpoints: endpoint.iter().filter_map(Origin::of_endpoint).collect(),
            allowed,
            variables: builder.environment,
            memory_limit: builder.memory_limit,
            longest: builder.time_limit.unwrap_or(LONGEST),
            ticker: Ticker::start(loaded.engine)?,
            spares: Spares::new(spares),
            provider: builder.provider,
            failure: Mutex::default(),
            observer,
        })
    }

    /// Its connections with Lambda.
    pub(super) fn counts(&self) -> &Counts {
        self.client.counts()
    }

    pub(super) fn spare_instances(&self) -> usize {
        self.spares.ready()
    }

    /// The credentials of a call, where somebody gives them.
    ///
    /// # Errors
    ///
    /// That there are none, for the log.
    pub(super) async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        let Some(provider) = &self.provider else {
            return Ok(None);
        };
        let mut failure = self.failure.lock().await;
        if let Some((since, error)) = &*failure
            && since.elapsed() < FAILURE_STANDS
        {
            return Err(error.clone());
        }
        let found = provider.credentials(&Connection::default()).await;
        *failure = found.as_ref().err().map(|e| (Instant::now(), e.clone()));
        found.map(Some)
    }

    /// Has an instance answer. It goes on to its end even if nobody waits: its call may have
    /// been sent. The place of a request that is no call is free when the instance is gone.
    pub(super) fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        scheme: Scheme,
        credentials: Option<Credentials>,
        record: Arc<Record>,
        brief: Option<Place>,
    ) -> Answering {
        let (send, receive) = oneshot::channel();
        let service = Arc::clone(self);
        tokio::spawn(async move {
            let said = MemoryOutputPipe::new(MAX_SAID);
            let wasi = service.wasi(credentials, said.clone());
            let running = service.run(request, scheme, wasi, &record, send);
            let ended = timeout(service.longest, running).await;
            let wrong = match ended {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("the component trapped: {}", error.root_cause())),
                Err(_) => Some("the component was stopped: it took too long".to_owned()),
            };
            let messages = &service.observer.messages;
            for line in String::from_utf8_lossy(&said.contents()).lines() {
                messages.say("error", Some(&record.id), line);
            }
            if let Some(wrong) = wrong {
                messages.say("error", Some(&record.id), &wrong);
            }
            if record
                .attempts
                .expired
                .load(std::sync::atomic::Ordering::Relaxed)
                && let Some(provider) = &service.provider
            {
                provider.forget();
            }
            drop((record, brief));
            service.make_spare().await;
        });
        receive
    }

    async fn run(
        &self,
        request: Request<Incoming>,
        scheme: Scheme,
        wasi: WasiCtx,
        record: &Arc<Record>,
        send: oneshot::Sender<http::Response<HyperOutgoingBody>>,
    ) -> Result<()> {
        let _ticking = self.ticker.tick();
        let policy = Policy {
            endpoints: self.endpoints.clone(),
            allowed: Arc::clone(&self.allowed),
        };
        let hooks = Hooks::new(self.client.clone(), policy, ProxyNote::default());
        let hooks = hooks.counting(Arc::clone(&record.attempts));
        let (mut store, proxy) = match self.spares.take() {
            Some(Spare {
                mut store,
                instance,
            }) => {
                store.data_mut().set_hooks(hooks);
                (store, Some(instance))
            }
            None => (self.store(hooks), None),
        };
        store.data_mut().set_wasi(wasi);
        // At each tick it gives way to others.
        store.set_epoch_deadline(1);
        let proxy = match proxy {
            Some(proxy) => proxy,
            None => self.proxy.instantiate_async(&mut store).await?,
        };
        let written_down = Arc::clone(record);
        let mut http = store.data_mut().http();
        let request = http.new_incoming_request(scheme, request)?;
        let out = http.new_response_outparam_from_callback(move |answer| {
            // It has no other failure to give than that it has no answer.
            if let Ok(response) = answer {
                written_down.answered(&response);
                // Whoever waited may have left.
                let _ = send.send(response);
            }
        })?;
        let handler = proxy.wasi_http_incoming_handler();
        handler.call_handle(&mut store, request, out).await
    }

    /// Makes an instance for a request to come.
    async fn make_spare(&self) {
        let Some(place) = self.spares.place() else {
            return;
        };
        let nowhere = Policy {
            endpoints: Vec::new(),
            allowed: Arc::from([]),
        };
        let hooks = Hooks::new(self.client.clone(), nowhere, ProxyNote::default());
        let mut store = self.store(hooks);
        let _ticking = self.ticker.tick();
        store.set_epoch_deadline(1);
        // What goes wrong here will go wrong in a request again, and be reported there.
        let made = timeout(MAKING, self.proxy.instantiate_async(&mut store)).await;
        if let Ok(Ok(instance)) = made {
            place.fill(Spare { store, instance });
        }
    }

    fn store(&self, hooks: Hooks) -> Store<State> {
        let grant = Grant {
            environment: &[],
            at: None,
            memory: self.memory_limit,
            hooks,
        };
        State::new(grant).in_store(self.proxy.engine())
    }

    /// What an instance sees of the system: two clocks, random bytes, the variables that it was
    /// given, and a place for its messages.
    fn wasi(&self, credentials: Option<Credentials>, said: MemoryOutputPipe) -> WasiCtx {
        let mut wasi = WasiCtx::builder();
        wasi.envs(&self.variables).stderr(said);
        if let Some(credentials) = credentials {
            wasi.env("AWS_ACCESS_KEY_ID", &credentials.access_key_id);
            wasi.env("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key);
            if let Some(token) = &credentials.session_token {
                wasi.env("AWS_SESSION_TOKEN", token);
            }
        }
        wasi.build()
    }
}

/// Links all of WASI: the standard library that the component is built with imports files and
/// standard streams. There is nothing behind them.
fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}
