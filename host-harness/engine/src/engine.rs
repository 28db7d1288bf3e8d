//! A configured provider.

use std::fmt;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::{LogType, Request};
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{Attribute, ChangePlan, Config, PlanOptions, State, id};
use lambda_invocation_host::credentials::NativeChain;
use lambda_invocation_host::{ApplyError, CallError, Host, Setback};
use tokio::sync::OnceCell;
use tokio::task;

use crate::component::{self, Reach};
use crate::problem::Problem;
use crate::settings::{CallOptions, Settings};

/// A provider that has been configured. It can be asked from any number of tasks.
///
/// Nothing is loaded, read or asked before a call needs it.
pub struct Engine {
    settings: Settings,
    /// None before there is a configuration.
    chain: Option<NativeChain>,
    host: OnceCell<Host>,
}

impl Default for Engine {
    /// A provider whose configuration says nothing.
    fn default() -> Self {
        Self::new(Settings::default())
    }
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
    /// Whether a request was answered and the function did not fail, only what it answered
    /// cannot be kept. [`Applied::state`] is then the new one, with which it does not run
    /// again.
    pub completed: bool,
}

impl Engine {
    /// A provider with this configuration.
    pub fn new(settings: Settings) -> Self {
        Self {
            chain: Some(settings.chain()),
            settings,
            host: OnceCell::new(),
        }
    }

    /// A provider without a configuration, for checks that are made before there is one. It
    /// reads neither the environment nor the shared configuration files: which of them count
    /// is for the configuration to say.
    pub fn unconfigured() -> Self {
        Self {
            settings: Settings::default(),
            chain: None,
            host: OnceCell::new(),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The region of calls that name none, where one can be found.
    pub async fn region(&self) -> Option<String> {
        // What is wrong with the profile is the error of the first call.
        self.find_region().ok().flatten()
    }

    /// The same, or what is wrong with the profile.
    fn find_region(&self) -> Result<Option<String>, Error> {
        match (&self.settings.region, &self.chain) {
            (Some(region), _) => Ok(Some(region.clone())),
            (None, Some(chain)) => chain.region(),
            (None, None) => Ok(None),
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
                completed: false,
            }),
        };
        let host = match self.host().await {
            Ok(host) => host,
            Err(problem) => return not_begun(prior, problem),
        };
        let connection = self.connection(call).await;
        let (state, completed, error) = match host
            .lifecycle_apply(prior, desired, false, connection)
            .await
        {
            Ok(state) => {
                return Applied {
                    state,
                    failure: None,
                };
            }
            Err(ApplyError::Failed(mut failure)) => {
                if let (Error::FunctionFailed(report), Some(LogType::None)) =
                    (&mut failure.error, call.log_type)
                {
                    report.log_tail = None;
                }
                let completed = !failure.completed.is_empty();
                (failure.state, completed, CallError::Failed(failure.error))
            }
            Err(ApplyError::Stopped { error, state }) => (state.map(|state| *state), false, error),
        };
        let answered = completed || matches!(error, CallError::Failed(Error::FunctionFailed(_)));
        Applied {
            state,
            failure: Some(Failure {
                problem: match completed {
                    true => Problem::of_answer(&name, &error),
                    false => Problem::of_call(&name, &error),
                },
                unanswered: error.maybe_ran() && !answered,
                completed,
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
        self.invoke_on(self.host().await?, request, call).await
    }

    async fn invoke_on(
        &self,
        host: &Host,
        request: Request,
        call: &CallOptions,
    ) -> Result<Response, Problem> {
        let name = request.function_name.clone();
        let connection = self.connection(call).await;
        let answer = host.invoke(request, connection).await;
        answer.map_err(|error| Problem::of_call(&name, &error))
    }

    /// As [`invoke`](Self::invoke), and tells of what the call meets on its way.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub async fn invoke_watched(
        &self,
        request: Request,
        call: &CallOptions,
        told: impl Fn(&Setback) + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let host = self.host().await?.watched(told);
        self.invoke_on(&host, request, call).await
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
        let connection = self.connection(call).await;
        let answer = host.open(config, connection).await;
        answer.map_err(|error| Problem::of_call(&name, &error))
    }

    /// Fills in the region of the provider's configuration where `config` names none, and
    /// where `prior` does not: an older version of Terraform's AWS provider stores none.
    ///
    /// # Errors
    ///
    /// A [`Problem`] when there is no region for what does not exist yet, or of the profile
    /// that may name one.
    pub async fn fill_region(
        &self,
        prior: Option<&mut State>,
        config: &mut Config,
    ) -> Result<(), Problem> {
        if config.region.is_some() {
            return Ok(());
        }
        let region = self
            .find_region()
            .map_err(|error| Problem::of_call(&config.function_name, &CallError::Failed(error)))?;
        match prior {
            None if region.is_none() => {
                return Err(Problem {
                    argument: Some(Attribute::Region.as_str().to_owned()),
                    summary: "No AWS region".to_owned(),
                    detail: "Set region here or in the provider's configuration, or AWS_REGION."
                        .to_owned(),
                });
            }
            None => config.region = region,
            Some(prior) => {
                if prior.config.region.is_none() {
                    prior.config.region.clone_from(&region);
                }
                config.region = region.or_else(|| prior.config.region.clone());
            }
        }
        Ok(())
    }

    /// The id that an invocation has once it is created, from what that sends. Where the
    /// component cannot say what that is, it is that of an empty input: an id there has to
    /// be for what was sent and not answered.
    pub async fn id_of_creation(&self, config: &Config) -> String {
        let plan = self
            .plan(None, Some(config.clone()), PlanOptions::default())
            .await
            .ok();
        let payload = plan
            .as_ref()
            .and_then(|plan| plan.requests.first())
            .map(|request| request.payload.as_bytes());
        id::of_payload(
            &config.function_name,
            config.qualifier(),
            payload.unwrap_or_default(),
        )
    }

    async fn host(&self) -> Result<&Host, Problem> {
        let unloadable = |detail: String| Problem {
            argument: None,
            summary: "The component of this provider cannot be loaded".to_owned(),
            detail,
        };
        self.host
            .get_or_try_init(|| async {
                let problem = |error| Problem::of_call("", &CallError::Failed(error));
                let reach = match &self.chain {
                    None => None,
                    Some(chain) => {
                        let proxy = chain.proxy_named().map_err(problem)?;
                        let chain = chain.clone().proxy(proxy.clone());
                        Some(Reach {
                            variables: chain.variables().map_err(problem)?,
                            chain,
                            proxy,
                            ca_bundle: self.settings.ca_bundle.clone(),
                        })
                    }
                };
                // It compiles where the cache is empty, which takes some tenths of a second.
                task::spawn_blocking(move || component::load(reach))
                    .await
                    .map_err(|error| unloadable(error.to_string()))?
                    .map_err(|error| unloadable(error.to_string()))
            })
            .await
    }

    /// How a call reaches Lambda. As whom is the chain's to say.
    async fn connection(&self, call: &CallOptions) -> Connection {
        let mut connection = self.settings.connection(call);
        if connection.region.is_none() {
            connection.region = self.region().await;
        }
        connection
    }
}

fn function_name(prior: Option<&State>, desired: Option<&Config>) -> String {
    desired
        .or(prior.map(|prior| &prior.config))
        .map(|config| config.function_name.clone())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime;

    /// A provider whose profile does not exist.
    fn mistyped() -> Engine {
        let nowhere = |name: &str| (name.to_owned(), "/nowhere/at/all".to_owned());
        Engine::new(Settings {
            profile: Some("typo".to_owned()),
            variables: vec![
                nowhere("AWS_CONFIG_FILE"),
                nowhere("AWS_SHARED_CREDENTIALS_FILE"),
                ("AWS_REGION".to_owned(), "eu-west-1".to_owned()),
            ],
            ..Settings::default()
        })
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(future)
    }

    #[test]
    fn a_profile_that_does_not_exist_is_what_is_wrong_and_not_the_region() {
        let mut config = Config {
            function_name: "f".to_owned(),
            ..Config::default()
        };
        let problem = wait(mistyped().fill_region(None, &mut config)).unwrap_err();
        assert_eq!(problem.summary, "Lambda function f was not invoked");
        assert!(problem.detail.contains("typo"), "{}", problem.detail);
        // A region in the block is none of the profile's business.
        config.region = Some("us-east-1".to_owned());
        wait(mistyped().fill_region(None, &mut config)).unwrap();
    }

    #[test]
    fn what_was_sent_has_an_id_also_where_the_component_cannot_be_asked() {
        let config = Config {
            function_name: "f:PROD".to_owned(),
            input: "{}".to_owned(),
            ..Config::default()
        };
        let id = wait(mistyped().id_of_creation(&config));
        assert_eq!(id, id::of_payload("f:PROD", "PROD", b""));
    }

    #[test]
    fn without_a_configuration_the_environment_names_no_region() {
        let mut config = Config::default();
        let unconfigured = Engine::unconfigured();
        assert_eq!(wait(unconfigured.region()), None);
        let problem = wait(unconfigured.fill_region(None, &mut config)).unwrap_err();
        assert_eq!(problem.summary, "No AWS region");
    }
}
