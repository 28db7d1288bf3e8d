//! The interface `invocation-lifecycle`.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::error::{ArgumentError, Error};
use lambda_invocation_core::lifecycle::{
    Apply, ApplyFailure, ChangePlan, Config, Diagnostic, PlanOptions, PlannedRequest,
    State as Invocation,
};

use super::Host;
use super::exchange::Whose;
use crate::builder::Transport;
use crate::error::{ApplyError, CallError};
use crate::instances::Owner;
use crate::provider::Asked;

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
        .map_err(|error| ArgumentError::from(error).into())
    }

    /// Carries out the plan for the same arguments, and returns the state to keep, or none
    /// after a deletion. `replace` is that of [`PlanOptions`].
    ///
    /// # Errors
    ///
    /// [`ApplyError::Failed`], or [`ApplyError::Stopped`] when the component was stopped,
    /// both with the state to keep.
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
        if self.inner.transport == Transport::Host {
            let apply = Apply::new(prior, desired.as_ref(), replace);
            let apply = apply.map_err(|failure| ApplyError::Failed(Box::new(failure)))?;
            return self.sending(&asked, apply, max_requests, &connection).await;
        }
        let scope = self.scope(&connection, regions.iter().copied());
        let note = scope.note.clone();
        let connection = match self.given(connection, regions) {
            Ok(connection) => connection,
            Err(error) => return Err(not_begun(error, prior)),
        };
        let desired = desired.map(Into::into);
        let sent = prior.clone().map(Into::into);
        self.call(scope, async move |callee| {
            let (store, lifecycle) = callee.invocation_lifecycle()?;
            lifecycle
                .call_apply(
                    store,
                    sent.as_ref(),
                    desired.as_ref(),
                    replace,
                    max_requests,
                    Some(&connection.0),
                )
                .await
        })
        .await
        .map_err(|error| ApplyError::Stopped {
            error,
            state: prior.map(Box::new),
        })?
        .map(|state| state.map(Into::into))
        .map_err(|failure| {
            let mut failure = ApplyFailure::from(failure);
            failure.error = note.explain(asked.failed(failure.error));
            ApplyError::Failed(Box::new(failure))
        })
    }

    /// Makes the requests of an apply, each a call of its own: at most `most` of them.
    async fn sending(
        &self,
        asked: &Asked<'_>,
        mut apply: Apply,
        most: Option<u32>,
        connection: &Connection,
    ) -> Result<Option<Invocation>, ApplyError> {
        // As in the component: one after the first must not turn out to be refused when the
        // first has run.
        let later = apply.requests().skip(1);
        let later: Vec<_> = later.map(|planned| call(planned, connection)).collect();
        for call in later {
            let checked = match call {
                Ok((request, connection)) => self.check(asked, request, connection).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = checked {
                return Err(ended(apply, error));
            }
        }
        while let Some(planned) = apply.next_of(most) {
            let called = match call(planned, connection) {
                Ok((request, connection)) => {
                    let call = self.exchange_as(asked, request, connection, Whose::Shared, None);
                    call.await
                }
                Err(error) => Err(error.into()),
            };
            let called = match called {
                Ok(response) => Ok(response),
                Err(CallError::Failed(error)) => Err(error),
                Err(stopped) => return Err(ended(apply, stopped)),
            };
            let applied = apply.called(called);
            apply = applied.map_err(|failure| ApplyError::Failed(Box::new(failure)))?;
        }
        Ok(apply.finish())
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
        .map_err(|error| ArgumentError::from(error).into())
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
        .map_err(|error| ArgumentError::from(error).into())
    }
}

/// The request, and the connection to make it over.
fn call(planned: &PlannedRequest, connection: &Connection) -> Result<(Request, Connection), Error> {
    planned.check()?;
    Ok((planned.into(), planned.connection(connection)))
}

/// An apply that a call's error ends.
fn ended(apply: Apply, error: CallError) -> ApplyError {
    match error {
        CallError::Failed(error) => ApplyError::Failed(Box::new(apply.failed(error))),
        error => ApplyError::Stopped {
            error,
            state: apply.finish().map(Box::new),
        },
    }
}
