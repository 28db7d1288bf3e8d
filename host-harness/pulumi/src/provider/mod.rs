//! The provider: how it starts, how it is configured, and what a call is about.

pub mod config;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use lambda_invocation_engine::grpc::Status;
use lambda_invocation_engine::{Engine, Problem};
use tokio::sync::{RwLock, RwLockReadGuard};

use crate::protocol::function::{InvokeRequest, InvokeResponse};
use crate::protocol::provider::{
    ConfigureRequest, ConfigureResponse, GetSchemaRequest, GetSchemaResponse, HandshakeRequest,
    HandshakeResponse, PluginAttach, PluginInfo,
};
use crate::protocol::resource::{
    Changes, CheckRequest, CheckResponse, CreateRequest, CreateResponse, DeleteRequest,
    DiffRequest, DiffResponse, ReadRequest, ReadResponse, UpdateRequest, UpdateResponse,
};
use crate::protocol::{CheckFailure, Empty};
use crate::value::{Value, decode};
use crate::{failure, function, resource, schema};

/// The provider of one engine, for one run.
#[derive(Debug)]
pub struct Provider {
    /// For checks that come before the configuration.
    unconfigured: Engine,
    /// For functions of a provider that needs no configuration.
    environment: Engine,
    configured: OnceLock<Engine>,
    handshake: OnceLock<HandshakeRequest>,
    /// Held for reading by every call that sends something.
    calls: RwLock<()>,
    cancelled: AtomicBool,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            unconfigured: Engine::unconfigured(),
            environment: Engine::default(),
            configured: OnceLock::new(),
            handshake: OnceLock::new(),
            calls: RwLock::default(),
            cancelled: AtomicBool::default(),
        }
    }
}

impl Provider {
    /// `Handshake`
    pub async fn handshake(
        self: Arc<Self>,
        request: HandshakeRequest,
    ) -> Result<HandshakeResponse, Status> {
        let response = HandshakeResponse {
            accept_secrets: true,
            accept_resources: true,
            accept_outputs: true,
            accepts_outputs_in_invoke: request.accepts_outputs_in_invoke,
        };
        // An engine does so once.
        let _ = self.handshake.set(request);
        Ok(response)
    }

    /// `GetPluginInfo`
    pub async fn plugin_info(self: Arc<Self>, Empty {}: Empty) -> Result<PluginInfo, Status> {
        Ok(PluginInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    /// `Attach`: an engine that did not start this program. Nothing is told to it.
    pub async fn attach(self: Arc<Self>, _: PluginAttach) -> Result<Empty, Status> {
        Ok(Empty {})
    }

    /// `GetSchema`
    pub async fn schema(
        self: Arc<Self>,
        request: GetSchemaRequest,
    ) -> Result<GetSchemaResponse, Status> {
        match request.version {
            0 => Ok(GetSchemaResponse {
                schema: schema::package().to_string(),
            }),
            other => Err(failure::misused(&format!(
                "there is no version {other} of the schema's format"
            ))),
        }
    }

    /// `GetMapping` and `GetMappings`: no program of another tool is converted to this one.
    pub async fn mapping(self: Arc<Self>, Empty {}: Empty) -> Result<Empty, Status> {
        Ok(Empty {})
    }

    /// `CheckConfig`
    pub async fn check_config(
        self: Arc<Self>,
        request: CheckRequest,
    ) -> Result<CheckResponse, Status> {
        let inputs = request.news.unwrap_or_default();
        let (_, failures) = config::read(&decode(Some(inputs.clone())));
        Ok(CheckResponse {
            inputs: Some(inputs),
            failures: failures.into_iter().map(CheckFailure::from).collect(),
        })
    }

    /// `DiffConfig`. No change of the configuration makes the provider another one: a
    /// resource that it moves to another region is replaced by its own comparison, and one
    /// that names its region stays.
    pub async fn diff_config(
        self: Arc<Self>,
        request: DiffRequest,
    ) -> Result<DiffResponse, Status> {
        let (olds, news) = (
            decode(request.old_inputs.or(request.olds)),
            decode(request.news),
        );
        let diffs: Vec<String> = config::PROPERTIES
            .iter()
            .map(|property| property.name)
            .filter(|name| olds.get(*name).map(Value::plain) != news.get(*name).map(Value::plain))
            .map(str::to_owned)
            .collect();
        let changes = match diffs.is_empty() {
            true => Changes::None,
            false => Changes::Some,
        };
        Ok(DiffResponse {
            changes: changes.into(),
            diffs,
            ..DiffResponse::default()
        })
    }

    /// `Configure`
    pub async fn configure(
        self: Arc<Self>,
        request: ConfigureRequest,
    ) -> Result<ConfigureResponse, Status> {
        let (settings, failures) = config::read(&decode(request.args));
        if let Some(first) = failures.into_iter().next() {
            return Err(failure::misused(&format!(
                "{}: {}",
                first.path, first.reason
            )));
        }
        // An engine does so once.
        let _ = self.configured.set(Engine::new(settings));
        Ok(ConfigureResponse {
            accept_secrets: true,
            supports_preview: true,
            accept_resources: true,
            accept_outputs: true,
        })
    }

    /// `Cancel`: the user interrupts. A function that runs cannot be called back, so the
    /// call under way goes on to its end, and the engine saves its result; none is begun any
    /// more.
    pub async fn cancel(self: Arc<Self>, Empty {}: Empty) -> Result<Empty, Status> {
        self.stop();
        Ok(Empty {})
    }

    /// Begins no call any more.
    pub fn stop(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    /// What makes the calls.
    pub fn engine(&self) -> &Engine {
        self.configured.get().unwrap_or(&self.environment)
    }

    /// What checks inputs. Before there is a configuration, nothing is known of who calls
    /// and how.
    pub fn checks(&self) -> &Engine {
        self.configured.get().unwrap_or(&self.unconfigured)
    }

    /// What the engine can do.
    pub fn peer(&self) -> HandshakeRequest {
        self.handshake.get().cloned().unwrap_or_default()
    }

    /// Begins a call that sends something, and lasts until what is returned is dropped.
    ///
    /// # Errors
    ///
    /// After a [`cancel`](Self::cancel).
    pub async fn begin(&self) -> Result<RwLockReadGuard<'_, ()>, Status> {
        let call = self.calls.read().await;
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(failure::known(Problem {
                argument: None,
                summary: "The run was cancelled".to_owned(),
                detail: "Nothing was sent.".to_owned(),
            }));
        }
        Ok(call)
    }

    /// Waits for the calls under way.
    pub async fn calls_under_way(&self) {
        drop(self.calls.write().await);
    }

    /// `Check`
    pub async fn check(self: Arc<Self>, request: CheckRequest) -> Result<CheckResponse, Status> {
        resource::expect(&request.r#type, &request.urn)?;
        resource::check(&self, request).await
    }

    /// `Diff`
    pub async fn diff(self: Arc<Self>, request: DiffRequest) -> Result<DiffResponse, Status> {
        resource::expect(&request.r#type, &request.urn)?;
        resource::diff(&self, request).await
    }

    /// `Create`
    pub async fn create(self: Arc<Self>, request: CreateRequest) -> Result<CreateResponse, Status> {
        resource::expect(&request.r#type, &request.urn)?;
        resource::create(&self, request).await
    }

    /// `Read`
    pub async fn read(self: Arc<Self>, request: ReadRequest) -> Result<ReadResponse, Status> {
        resource::expect(&request.r#type, &request.urn)?;
        resource::read(&self, request).await
    }

    /// `Update`
    pub async fn update(self: Arc<Self>, request: UpdateRequest) -> Result<UpdateResponse, Status> {
        resource::expect(&request.r#type, &request.urn)?;
        resource::update(&self, request).await
    }

    /// `Delete`
    pub async fn delete(self: Arc<Self>, request: DeleteRequest) -> Result<Empty, Status> {
        resource::expect(&request.r#type, &request.urn)?;
        resource::delete(&self, request).await
    }

    /// `Invoke`
    pub async fn invoke(self: Arc<Self>, request: InvokeRequest) -> Result<InvokeResponse, Status> {
        function::invoke(&self, request).await
    }
}
