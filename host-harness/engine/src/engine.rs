//! A configured provider.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{ChangePlan, Config, PlanOptions, State};
use lambda_invocation_host::credentials::{self, Resolved};
use lambda_invocation_host::{ApplyError, CallError, Host};
use tokio::sync::{Mutex, OnceCell};
use tokio::task;

use crate::component;
use crate::problem::Problem;
use crate::settings::{CallOptions, Settings};

/// How long before their end credentials are renewed.
const RENEWAL: Duration = Duration::from_secs(5 * 60);

/// A provider that has been configured. It can be asked from any number of tasks.
///
/// Nothing is loaded, read or asked before a call needs it.
#[derive(Default)]
pub struct Engine {
    settings: Settings,
    host: OnceCell<Host>,
    signer: Mutex<Option<Arc<Resolved>>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("settings", &self.settings)
            .field("loaded", &self.host.initialized())
            .finish_non_exhaustive()
    }
}

/// What came of an apply.
#[derive(Debug)]
pub struct Applied {
    /// The state to keep; none where nothing is left to manage.
    pub state: Option<State>,
    /// What went wrong, if it did not finish.
    pub failure: Option<Failure>,
}

/// Why an apply did not finish.
#[derive(Debug)]
pub struct Failure {
    /// What to tell the user.
    pub problem: Problem,
    /// Whether a request was sent and not answered, so that the function may have run and
    /// nobody knows. False where the function is known to have failed.
    pub unanswered: bool,
}

impl Engine {
    /// A provider with this configuration.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// The region of calls that name none, where one can be found.
    pub async fn region(&self) -> Option<String> {
        match &self.settings.region {
            Some(region) => Some(region.clone()),
            None => credentials::region(self.settings.profile.as_deref()).await,
        }
    }

    /// Checks a configuration: an empty answer means that it is sound. Faults that depend
    /// on an attribute that is not known yet are found once it is.
    ///
    /// # Errors
    ///
    /// A [`Problem`] of the component itself.
    pub async fn validate(
        &self,
        config: Config,
        options: PlanOptions,
    ) -> Result<Vec<Problem>, Problem> {
        if !options.unknown.is_empty() {
            return Ok(self
                .plan(None, Some(config), options)
                .await
                .err()
                .into_iter()
                .collect());
        }
        let name = config.function_name.clone();
        let found = self
            .host()
            .await?
            .lifecycle_validate(config)
            .await
            .map_err(|error| Problem::of_call(&name, &error))?;
        Ok(found
            .into_iter()
            .map(|fault| Problem::of_argument(fault.attribute.as_str(), fault.message))
            .collect())
    }

    /// Says what [`apply`](Self::apply) would do. Absent `prior` creates; absent `desired`
    /// deletes.
    ///
    /// # Errors
    ///
    /// A [`Problem`] of an argument, or of the component itself.
    pub async fn plan(
        &self,
        prior: Option<State>,
        desired: Option<Config>,
        options: PlanOptions,
    ) -> Result<ChangePlan, Problem> {
        let name = function_name(prior.as_ref(), desired.as_ref());
        self.host()
            .await?
            .lifecycle_plan(prior, desired, options)
            .await
            .map_err(|error| Problem::of_call(&name, &error))
    }

    /// Carries the plan for the same arguments out.
    pub async fn apply(
        &self,
        prior: Option<State>,
        desired: Option<Config>,
        call: &CallOptions,
    ) -> Applied {
        let name = function_name(prior.as_ref(), desired.as_ref());
        let not_begun = |prior, problem| Applied {
            state: prior,
            failure: Some(Failure {
                problem,
                unanswered: false,
            }),
        };
        let host = match self.host().await {
            Ok(host) => host,
            Err(problem) => return not_begun(prior, problem),
        };
        let connection = match self.connection(call).await {
            Ok(connection) => connection,
            Err(error) => {
                return not_begun(prior, Problem::of_call(&name, &CallError::Failed(error)));
            }
        };
        let (state, error) = match host
            .lifecycle_apply(prior.clone(), desired, false, connection)
            .await
        {
            Ok(state) => {
                return Applied {
                    state,
                    failure: None,
                };
            }
            Err(ApplyError::Failed(failure)) => (failure.state, CallError::Failed(failure.error)),
            // How far the component came is lost with it.
            Err(ApplyError::Stopped(error)) => (prior, error),
        };
        let answered = matches!(error, CallError::Failed(Error::FunctionFailed(_)));
        Applied {
            state,
            failure: Some(Failure {
                problem: Problem::of_call(&name, &error),
                unanswered: error.maybe_ran() && !answered,
            }),
        }
    }

    /// Makes a state for an invocation that exists elsewhere. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A [`Problem`] of `id`, or of the component itself.
    pub async fn import(&self, id: &str) -> Result<State, Problem> {
        self.host()
            .await?
            .lifecycle_import(id)
            .await
            .map_err(|error| Problem::of_call("", &error))
    }

    /// Reads the attributes of a state that an older version, or Terraform's AWS provider,
    /// wrote.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that says what is wrong with it.
    pub async fn upgrade(&self, version: u32, json: &str) -> Result<State, Problem> {
        self.host()
            .await?
            .lifecycle_upgrade(version, json)
            .await
            .map_err(|error| Problem::of_call("", &error))
    }

    /// Invokes a function. One that ran and failed is a success of the call.
    ///
    /// # Errors
    ///
    /// A [`Problem`] of an argument, or of the call.
    pub async fn invoke(&self, request: Request, call: &CallOptions) -> Result<Response, Problem> {
        let name = request.function_name.clone();
        let host = self.host().await?;
        let answer = match self.connection(call).await {
            Ok(connection) => host.invoke(request, connection).await,
            Err(error) => Err(error.into()),
        };
        answer.map_err(|error| Problem::of_call(&name, &error))
    }

    /// Invokes a function whose answer must not be kept.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub async fn open(
        &self,
        config: EphemeralConfig,
        call: &CallOptions,
    ) -> Result<Opened, Problem> {
        let name = config.function_name.clone();
        let host = self.host().await?;
        let answer = match self.connection(call).await {
            Ok(connection) => host.open(config, connection).await,
            Err(error) => Err(error.into()),
        };
        answer.map_err(|error| Problem::of_call(&name, &error))
    }

    async fn host(&self) -> Result<&Host, Problem> {
        let unloadable = |detail: String| Problem {
            argument: None,
            summary: "The component of this provider cannot be loaded".to_owned(),
            detail,
        };
        self.host
            .get_or_try_init(|| async {
                let profile = self.settings.profile.clone();
                // It compiles where the cache is empty, which takes some tenths of a second.
                task::spawn_blocking(move || {
                    let endpoints = credentials::endpoint_variables(profile.as_deref())
                        .map_err(|error| error.to_string())?;
                    component::load(endpoints).map_err(|error| error.to_string())
                })
                .await
                .map_err(|error| error.to_string())
                .flatten()
            })
            .await
            .map_err(unloadable)
    }

    /// How a call reaches Lambda, and as whom.
    async fn connection(&self, call: &CallOptions) -> Result<Connection, Error> {
        let mut connection = self.settings.connection(call);
        if connection.region.is_none() {
            connection.region = self.region().await;
        }
        connection.credentials = match &self.settings.credentials {
            Some(credentials) => Some(credentials.clone()),
            None => Some(
                self.signer(connection.region.as_deref())
                    .await?
                    .credentials
                    .clone(),
            ),
        };
        Ok(connection)
    }

    /// The credentials of the native chain, until shortly before they expire.
    async fn signer(&self, region: Option<&str>) -> Result<Arc<Resolved>, Error> {
        let mut signer = self.signer.lock().await;
        if let Some(found) = &*signer
            && found
                .expires
                .is_none_or(|end| end > SystemTime::now() + RENEWAL)
        {
            return Ok(Arc::clone(found));
        }
        let found = credentials::resolve(self.settings.profile.as_deref(), region)
            .await
            .map_err(|error| Error::NoCredentials(error.to_string()))?;
        Ok(Arc::clone(signer.insert(Arc::new(found))))
    }
}

fn function_name(prior: Option<&State>, desired: Option<&Config>) -> String {
    desired
        .or(prior.map(|prior| &prior.config))
        .map(|config| config.function_name.clone())
        .unwrap_or_default()
}
