//! The interface `invocation-lifecycle`.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::lifecycle::{
    ApplyFailure, ChangePlan, Config, Diagnostic, PlanOptions, State as Invocation,
};

use super::Host;
use crate::error::{ApplyError, CallError};
use crate::instances::Owner;

impl Host {
    /// Checks a configuration without reference to a state. An empty list means that it
    /// is valid.
    ///
    /// # Errors
    ///
    /// The host's own cases.
    pub async fn lifecycle_validate(&self, config: Config) -> Result<Vec<Diagnostic>, CallError> {
        let config = config.into();
        let found = self
            .call(self.pure(Owner::NOBODY), async move |callee| {
                let (store, lifecycle) = callee.invocation_lifecycle()?;
                lifecycle.call_validate(store, &config).await
            })
            .await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// Says what [`lifecycle_apply`](Self::lifecycle_apply) would do. Absent `prior`
    /// creates; absent `desired` deletes.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with `InvalidArgument`, and the host's own cases.
    pub async fn lifecycle_plan(
        &self,
        prior: Option<Invocation>,
        desired: Option<Config>,
        options: PlanOptions,
    ) -> Result<ChangePlan, CallError> {
        let (prior, desired) = (prior.map(Into::into), desired.map(Into::into));
        let options = options.into();
        self.call(self.pure(Owner::NOBODY), async move |callee| {
            let (store, lifecycle) = callee.invocation_lifecycle()?;
            lifecycle
                .call_plan(store, prior.as_ref(), desired.as_ref(), &options)
                .await
        })
        .await?
        .map(Into::into)
        .map_err(|error| CallError::Failed(error.into()))
    }

    /// Carries out the plan for the same arguments, and returns the state to keep, or none
    /// after a deletion. `replace` is that of [`PlanOptions`].
    ///
    /// # Errors
    ///
    /// [`ApplyError::Failed`] with the state to keep, or [`ApplyError::Stopped`] when the
    /// component was stopped before it could return one.
    pub async fn lifecycle_apply(
        &self,
        prior: Option<Invocation>,
        desired: Option<Config>,
        replace: bool,
        connection: Connection,
    ) -> Result<Option<Invocation>, ApplyError> {
        self.apply(prior, desired, replace, None, connection).await
    }

    /// As [`lifecycle_apply`](Self::lifecycle_apply), but ends after one request. For a
    /// caller that writes down what is about to be sent, and stores the state after each:
    /// it applies as often as the plan has requests, with `replace` until a creation has
    /// succeeded.
    ///
    /// # Errors
    ///
    /// As [`lifecycle_apply`](Self::lifecycle_apply).
    pub async fn lifecycle_apply_one(
        &self,
        prior: Option<Invocation>,
        desired: Option<Config>,
        replace: bool,
        connection: Connection,
    ) -> Result<Option<Invocation>, ApplyError> {
        self.apply(prior, desired, replace, Some(1), connection)
            .await
    }

    async fn apply(
        &self,
        prior: Option<Invocation>,
        desired: Option<Config>,
        replace: bool,
        max_requests: Option<u32>,
        connection: Connection,
    ) -> Result<Option<Invocation>, ApplyError> {
        let regions: Vec<Option<&str>> = [
            prior.as_ref().map(|prior| &prior.config),
            prior
                .as_ref()
                .and_then(|prior| prior.deposed.as_ref())
                .map(|deposed| &deposed.config),
            desired.as_ref(),
        ]
        .into_iter()
        .flatten()
        .map(|config| config.region.as_deref())
        .collect();
        let not_begun = |error, prior| {
            ApplyError::Failed(Box::new(ApplyFailure {
                error,
                state: prior,
                completed: Vec::new(),
            }))
        };
        let (asked, connection) = match self.asked(connection).await {
            Ok(asked) => asked,
            Err(error) => return Err(not_begun(error, prior)),
        };
        let scope = self.scope(&connection, regions.iter().copied());
        let note = scope.note.clone();
        let connection = match self.given(connection, regions) {
            Ok(connection) => connection,
            Err(error) => return Err(not_begun(error, prior)),
        };
        let (prior, desired) = (prior.map(Into::into), desired.map(Into::into));
        self.call(scope, async move |callee| {
            let (store, lifecycle) = callee.invocation_lifecycle()?;
            lifecycle
                .call_apply(
                    store,
                    prior.as_ref(),
                    desired.as_ref(),
                    replace,
                    max_requests,
                    Some(&connection.0),
                )
                .await
        })
        .await
        .map_err(ApplyError::Stopped)?
        .map(|state| state.map(Into::into))
        .map_err(|failure| {
            let mut failure = ApplyFailure::from(failure);
            failure.error = note.explain(asked.failed(failure.error));
            ApplyError::Failed(Box::new(failure))
        })
    }

    /// Makes a state for an invocation that exists elsewhere. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with `InvalidArgument`, and the host's own cases.
    pub async fn lifecycle_import(&self, id: &str) -> Result<Invocation, CallError> {
        let id = id.to_owned();
        self.call(self.pure(Owner::NOBODY), async move |callee| {
            let (store, lifecycle) = callee.invocation_lifecycle()?;
            lifecycle.call_import_state(store, &id).await
        })
        .await?
        .map(Into::into)
        .map_err(|error| CallError::Failed(error.into()))
    }

    /// Reads a stored state of an older version, as JSON.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with `InvalidArgument`, and the host's own cases.
    pub async fn lifecycle_upgrade(
        &self,
        version: u32,
        json: &str,
    ) -> Result<Invocation, CallError> {
        let json = json.to_owned();
        self.call(self.pure(Owner::NOBODY), async move |callee| {
            let (store, lifecycle) = callee.invocation_lifecycle()?;
            lifecycle.call_upgrade_state(store, version, &json).await
        })
        .await?
        .map(Into::into)
        .map_err(|error| CallError::Failed(error.into()))
    }
}
