//! The managed invocation: what a row is, and how it is run.

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::LifecycleEvent::{Create, Delete, Update};
use lambda_invocation_core::lifecycle::{
    ApplyFailure, Config, LifecycleEvent, LifecycleScope, PlanAction, PlanOptions, State, id,
};
use lambda_invocation_host::{ApplyError, CallError, Host};

use crate::endpoint::{self, Arrived, Endpoint};
use crate::fixture::Title;
use crate::resource_rows::rows;

/// A resource from what there is at first, over its applies.
pub struct Row {
    pub title: Title,
    start: Start,
    steps: Vec<Step>,
    import_verify: bool,
}

/// What there is at first. `FUNCTION` in a text stands for the name that the fixture
/// has on the endpoint.
enum Start {
    Nothing,
    /// An id.
    Imported {
        fixture: &'static str,
        id: &'static str,
    },
    /// A schema version and the attributes of a Terraform state.
    Upgraded {
        fixture: &'static str,
        version: u32,
        attributes: &'static str,
    },
}

/// An apply, and what is planned, sent and kept.
pub struct Step {
    desired: Option<Config>,
    action: PlanAction,
    reasons: &'static [&'static str],
    sends: Vec<(LifecycleEvent, &'static str)>,
    outcome: Outcome,
    /// The last part of the id afterwards, where the provider's is known.
    md5: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Outcome {
    Done,
    /// For this attribute; nothing is sent.
    Refused(&'static str),
    /// The request of this number fails.
    Fails(usize, Cause, Kept),
}

/// Why a request fails.
#[derive(Clone, Copy)]
pub enum Cause {
    /// The function does.
    Function,
    /// The connection breaks.
    Connection,
}

/// What a failed apply leaves.
#[derive(Clone, Copy)]
pub enum Kept {
    /// The state before, whole.
    Prior,
    Nothing,
    /// The new state, which owes the deletion of the prior one.
    Deposing,
}

impl Row {
    /// From nothing.
    pub fn new(title: Title, steps: impl Into<Vec<Step>>) -> Self {
        Self {
            title,
            start: Start::Nothing,
            steps: steps.into(),
            import_verify: false,
        }
    }

    pub fn imported(self, fixture: &'static str, id: &'static str) -> Self {
        Self {
            start: Start::Imported { fixture, id },
            ..self
        }
    }

    pub fn upgraded(self, fixture: &'static str, version: u32, attributes: &'static str) -> Self {
        Self {
            start: Start::Upgraded {
                fixture,
                version,
                attributes,
            },
            ..self
        }
    }

    /// Whether the state at the end, imported by its id, is the same invocation.
    pub fn import_verify(self) -> Self {
        Self {
            import_verify: true,
            ..self
        }
    }
}

/// CREATE_ONLY, as nothing else is said.
pub fn config(fixture: &str, input: &str) -> Config {
    Config {
        function_name: fixture.to_owned(),
        input: input.to_owned(),
        ..Config::default()
    }
}

pub fn crud(fixture: &str, input: &str) -> Config {
    Config {
        lifecycle_scope: Some(LifecycleScope::Crud),
        ..config(fixture, input)
    }
}

pub fn create(desired: Config, payload: &'static str) -> Step {
    Step {
        sends: vec![(Create, payload)],
        ..Step::new(Some(desired), PlanAction::Create, &[])
    }
}

pub fn update(desired: Config, why: &'static [&'static str], payload: &'static str) -> Step {
    Step {
        sends: vec![(Update, payload)],
        ..Step::new(Some(desired), PlanAction::Update, why)
    }
}

pub fn replace(
    desired: Config,
    why: &'static [&'static str],
    sends: impl Into<Vec<(LifecycleEvent, &'static str)>>,
) -> Step {
    Step {
        sends: sends.into(),
        ..Step::new(Some(desired), PlanAction::Replace, why)
    }
}

pub fn store(desired: Config, why: &'static [&'static str]) -> Step {
    Step::new(Some(desired), PlanAction::Update, why)
}

pub fn no_op(desired: Config) -> Step {
    Step::new(Some(desired), PlanAction::NoOp, &[])
}

pub fn delete(payload: &'static str) -> Step {
    Step {
        sends: vec![(Delete, payload)],
        ..Step::new(None, PlanAction::Delete, &[])
    }
}

pub fn forget() -> Step {
    Step::new(None, PlanAction::Forget, &[])
}

pub fn refused(desired: Config, attribute: &'static str) -> Step {
    Step {
        outcome: Outcome::Refused(attribute),
        ..Step::new(Some(desired), PlanAction::NoOp, &[])
    }
}

impl Step {
    fn new(desired: Option<Config>, action: PlanAction, reasons: &'static [&'static str]) -> Self {
        Self {
            desired,
            action,
            reasons,
            sends: Vec::new(),
            outcome: Outcome::Done,
            md5: None,
        }
    }

    /// The request of this number, from 0, fails, and is the last.
    pub fn fails(self, number: usize, cause: Cause, kept: Kept) -> Self {
        Self {
            outcome: Outcome::Fails(number, cause, kept),
            ..self
        }
    }

    pub fn md5(self, md5: &'static str) -> Self {
        Self {
            md5: Some(md5),
            ..self
        }
    }
}

#[tokio::test]
async fn every_row_of_the_resource_passes() {
    let host = endpoint::host().unwrap();
    for row in rows() {
        for endpoint in endpoint::both().await {
            Run {
                host: &host,
                endpoint: &endpoint,
                about: format!("{} on {:?}", row.title.name, endpoint.place),
            }
            .row(&row)
            .await;
        }
    }
}

struct Run<'a> {
    host: &'a Host,
    endpoint: &'a Endpoint,
    about: String,
}

impl Run<'_> {
    async fn row(mut self, row: &Row) {
        let mut state = self.start(row).await;
        let mut last = None;
        for (number, step) in row.steps.iter().enumerate() {
            self.about = format!(
                "{}, step {} on {:?}",
                row.title.name,
                number + 1,
                self.endpoint.place
            );
            let desired = step.desired.as_ref().map(|config| Config {
                function_name: self.endpoint.function(&config.function_name),
                ..config.clone()
            });
            state = match step.outcome {
                Outcome::Refused(attribute) => {
                    self.refused(state, desired.clone(), attribute).await
                }
                Outcome::Done | Outcome::Fails(..) => self.step(step, state, desired.clone()).await,
            };
            last = desired;
        }
        if row.import_verify {
            self.import_verify(&state.unwrap(), last).await;
        }
    }

    async fn start(&self, row: &Row) -> Option<State> {
        let named =
            |text: &str, fixture| text.replace("FUNCTION", &self.endpoint.function(fixture));
        match row.start {
            Start::Nothing => None,
            Start::Imported { fixture, id } => {
                let state = self
                    .host
                    .lifecycle_import(&named(id, fixture))
                    .await
                    .unwrap();
                assert!(state.imported, "{}", self.about);
                Some(state)
            }
            Start::Upgraded {
                fixture,
                version,
                attributes,
            } => {
                let attributes = named(attributes, fixture);
                let state = self.host.lifecycle_upgrade(version, &attributes).await;
                let state = state.unwrap();
                let attributes: serde_json::Value = serde_json::from_str(&attributes).unwrap();
                assert_eq!(attributes["result"], *state.result, "{}", self.about);
                Some(state)
            }
        }
    }

    async fn refused(
        &self,
        prior: Option<State>,
        desired: Option<Config>,
        attribute: &str,
    ) -> Option<State> {
        let about = &self.about;
        let is_attribute = |error: &Error| match error {
            Error::InvalidArgument(error) => error.argument == attribute,
            _ => false,
        };
        let config = desired.clone().unwrap();
        let faults = self.host.lifecycle_validate(config).await.unwrap();
        let at_fault: Vec<_> = faults
            .iter()
            .map(|fault| fault.attribute.as_str())
            .collect();
        assert_eq!(at_fault, [attribute], "{about}");
        let plan = self
            .host
            .lifecycle_plan(prior.clone(), desired.clone(), PlanOptions::default());
        match plan.await {
            Err(CallError::Failed(error)) => assert!(is_attribute(&error), "{about}: {error}"),
            other => panic!("{about}: {other:?}"),
        }
        let failure = self.apply(prior.clone(), desired).await.unwrap_err();
        assert!(is_attribute(&failure.error), "{about}: {}", failure.error);
        assert_eq!(failure.state, prior, "{about}");
        assert!(self.endpoint.take_arrived().is_empty(), "{about}");
        prior
    }

    async fn step(
        &self,
        step: &Step,
        prior: Option<State>,
        desired: Option<Config>,
    ) -> Option<State> {
        let about = &self.about;
        let plan = self
            .host
            .lifecycle_plan(prior.clone(), desired.clone(), PlanOptions::default());
        let plan = plan.await.unwrap();
        assert_eq!(plan.action, step.action, "{about}");
        let reasons: Vec<_> = plan.reasons.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(reasons, step.reasons, "{about}");
        let planned: Vec<_> = plan
            .requests
            .iter()
            .map(|r| (r.event, &*r.payload))
            .collect();
        assert_eq!(planned, step.sends, "{about}");
        let invokes = step.sends.iter().any(|(event, _)| *event != Delete);
        assert_eq!(plan.result_known, !invokes, "{about}");

        if let Outcome::Fails(number, Cause::Connection, _) = step.outcome {
            self.endpoint.break_request(number);
        }
        let result = self.apply(prior.clone(), desired.clone()).await;
        let arrived = self.endpoint.take_arrived();
        let made = match step.outcome {
            Outcome::Fails(number, ..) => number + 1,
            Outcome::Done | Outcome::Refused(_) => step.sends.len(),
        };
        assert_eq!(arrived.len(), made, "{about}");
        for (arrived, (event, payload)) in arrived.iter().zip(&step.sends) {
            let to = match (event, &prior) {
                (Delete, Some(prior)) => match &prior.deposed {
                    Some(deposed) => Some(&deposed.config),
                    None => Some(&prior.config),
                },
                _ => desired.as_ref(),
            };
            self.is_sent(arrived, to.unwrap(), payload);
        }
        let state = match step.outcome {
            Outcome::Fails(number, cause, kept) => {
                let failure = result.unwrap_err();
                self.is_failure(&failure, step, number, cause);
                self.is_kept(kept, failure.state.as_ref(), prior.as_ref());
                failure.state
            }
            Outcome::Done | Outcome::Refused(_) => {
                let state = result.unwrap_or_else(|e| panic!("{about}: {}", e.error));
                self.is_state(step, state.as_ref(), prior.as_ref(), desired.as_ref());
                state
            }
        };
        if let (Some(md5), Some(state)) = (step.md5, &state) {
            let id = format!(
                "{},{},{md5}",
                state.config.function_name,
                state.config.qualifier()
            );
            assert_eq!(state.id, id, "{about}");
        }
        state
    }

    async fn apply(
        &self,
        prior: Option<State>,
        desired: Option<Config>,
    ) -> Result<Option<State>, ApplyFailure> {
        let connection = self.endpoint.connection();
        match self
            .host
            .lifecycle_apply(prior, desired, false, connection)
            .await
        {
            Ok(state) => Ok(state),
            Err(ApplyError::Failed(failure)) => Err(*failure),
            Err(ApplyError::Stopped { error, .. }) => panic!("{}: {error}", self.about),
        }
    }

    fn is_sent(&self, arrived: &Arrived, to: &Config, payload: &str) {
        let about = &self.about;
        assert_eq!(arrived.payload, payload, "{about}");
        assert_eq!(arrived.function_name, to.function_name, "{about}");
        assert_eq!(
            arrived.qualifier.as_deref(),
            Some(to.qualifier()),
            "{about}"
        );
        let tenant = arrived.header("x-amz-tenant-id");
        assert_eq!(tenant, to.tenant_id.as_deref(), "{about}");
    }

    fn is_failure(&self, failure: &ApplyFailure, step: &Step, number: usize, cause: Cause) {
        let about = &self.about;
        let completed: Vec<_> = step.sends.iter().take(number).map(|(e, _)| *e).collect();
        assert_eq!(failure.completed, completed, "{about}");
        match (cause, &failure.error) {
            (Cause::Function, Error::FunctionFailed(failed)) => {
                assert_eq!(failed.function_error.kind, "Unhandled", "{about}");
                assert!(failed.function_error.error_message.is_some(), "{about}");
                assert!(!failed.payload.is_empty(), "{about}");
                assert!(failed.log_tail.is_some(), "{about}");
            }
            (Cause::Connection, Error::Transport(broken)) => assert!(broken.maybe_ran, "{about}"),
            (_, other) => panic!("{about}: {other}"),
        }
    }

    fn is_kept(&self, kept: Kept, state: Option<&State>, prior: Option<&State>) {
        let about = &self.about;
        match (kept, state) {
            (Kept::Prior, Some(_)) => assert_eq!(state, prior, "{about}"),
            (Kept::Nothing, None) => {}
            (Kept::Deposing, Some(state)) => {
                let deposed = state.deposed.as_ref();
                let deposed = deposed.unwrap_or_else(|| panic!("{about}: nothing is deposed"));
                let prior = prior.unwrap();
                assert_eq!(
                    (&deposed.id, &deposed.config),
                    (&prior.id, &prior.config),
                    "{about}"
                );
            }
            (_, other) => panic!("{about}: {other:?}"),
        }
    }

    /// The state after an apply that was done.
    fn is_state(
        &self,
        step: &Step,
        state: Option<&State>,
        prior: Option<&State>,
        desired: Option<&Config>,
    ) {
        let about = &self.about;
        let Some(desired) = desired else {
            assert_eq!(state, None, "{about}");
            return;
        };
        let state = state.unwrap();
        if step.action == PlanAction::NoOp {
            assert_eq!(Some(state), prior, "{about}");
            return;
        }
        let mut stored = desired.normalised();
        if stored.region.is_none() {
            stored.region.clone_from(&state.config.region);
        }
        assert_eq!(state.config, stored, "{about}");
        assert!(!state.imported && state.deposed.is_none(), "{about}");
        let fixture = &step.desired.as_ref().unwrap().function_name;
        match step.sends.iter().find(|(event, _)| *event != Delete) {
            Some((_, payload)) => {
                let name = &desired.function_name;
                let id = id::of_payload(name, desired.qualifier(), payload.as_bytes());
                assert_eq!(state.id, id, "{about}");
                assert!(
                    self.endpoint.is_answer(fixture, payload, &state.result),
                    "{about}: {}",
                    state.result
                );
            }
            // Only the state changes, or the prior one was the last one's whole.
            None => {
                let prior = prior.unwrap();
                assert_eq!(
                    (&state.id, &state.result),
                    (&prior.id, &prior.result),
                    "{about}"
                );
            }
        }
    }

    /// The provider's `ImportStateVerify`, and that adopting sends nothing.
    async fn import_verify(&self, state: &State, desired: Option<Config>) {
        let about = &self.about;
        let imported = self.host.lifecycle_import(&state.id).await.unwrap();
        assert_eq!(imported.id, state.id, "{about}");
        assert_eq!(
            imported.config.function_name, state.config.function_name,
            "{about}"
        );
        assert_eq!(imported.config.qualifier, state.config.qualifier, "{about}");
        let adopted = self.apply(Some(imported), desired).await;
        let adopted = adopted
            .unwrap_or_else(|e| panic!("{about}: {}", e.error))
            .unwrap();
        assert_eq!(
            (&adopted.id, &adopted.config),
            (&state.id, &state.config),
            "{about}"
        );
        assert!(self.endpoint.take_arrived().is_empty(), "{about}");
    }
}
