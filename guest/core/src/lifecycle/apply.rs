//! A plan being carried out, without the carrying out.
//!
//! ```text
//! let mut apply = Apply::new(prior, desired, replace)?;
//! while let Some(request) = apply.next_request() {
//!     apply = apply.called(send(request))?;
//! }
//! apply.finish()
//! ```
//!
//! At every point the state in hand is the true one, so whatever stops an apply,
//! the next one continues there:
//!
//! | failed step | state to keep | the next apply sends |
//! | --- | --- | --- |
//! | create | none | create |
//! | update | the prior one, whole | update |
//! | delete | the prior one, whole | delete |
//! | delete, then create: the delete | the prior one, whole | delete, create |
//! | delete, then create: the create | none | create |
//! | create, then delete: the create | the prior one, whole | create, delete |
//! | create, then delete: the delete | the new one, the old as `deposed` | delete |
//!
//! Terraform keeps the *new* input after a failed update, and so never repeats it.

use std::vec;

use super::config::Config;
use super::decision::{Decision, Step, Then, decide};
use super::id;
use super::plan::{LifecycleEvent, PlanOptions, PlannedRequest};
use super::state::{Deposed, STATE_VERSION, State};
use crate::call::response::Response;
use crate::error::{Error, FunctionFailure};

/// An apply that did not finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyFailure {
    /// Why.
    pub error: Error,
    /// The state to keep. Absent when nothing is left to manage.
    pub state: Option<State>,
    /// The requests that succeeded before the failure, in order.
    pub completed: Vec<LifecycleEvent>,
}

/// An apply in progress.
pub struct Apply {
    state: Option<State>,
    steps: vec::IntoIter<Step>,
    completed: Vec<LifecycleEvent>,
}

impl Apply {
    /// Decides what is to be done. Absent `prior` creates; absent `desired` deletes.
    /// `replace` is that of [`PlanOptions`].
    ///
    /// # Errors
    ///
    /// Those of [`plan`](super::plan()), with `prior` as the state to keep.
    #[expect(
        clippy::result_large_err,
        reason = "the failure carries the state back, and is made once an apply"
    )]
    pub fn new(
        prior: Option<State>,
        desired: Option<&Config>,
        replace: bool,
    ) -> Result<Self, ApplyFailure> {
        let options = PlanOptions {
            unknown: Vec::new(),
            replace,
        };
        match decide(prior.as_ref(), desired, &options) {
            Ok(Decision { steps, .. }) => {
                let mut apply = Self {
                    state: prior,
                    steps: steps.into_iter(),
                    completed: Vec::new(),
                };
                apply.take_silent_steps();
                Ok(apply)
            }
            Err(error) => Err(ApplyFailure {
                error: error.into(),
                state: prior,
                completed: Vec::new(),
            }),
        }
    }

    /// The request to make now; none when all are made.
    pub fn next_request(&self) -> Option<&PlannedRequest> {
        self.requests().next()
    }

    /// The request to make now of an apply that makes `most` requests at most; one it makes,
    /// whatever `most` is. None when all are made.
    pub fn next_of(&self, most: Option<u32>) -> Option<&PlannedRequest> {
        let most = most.and_then(|most| usize::try_from(most.max(1)).ok());
        let may = most.is_none_or(|most| self.completed.len() < most);
        self.next_request().filter(|_| may)
    }

    /// All requests still to be made, in order.
    ///
    /// A caller checks every one before it sends the first: a replacement whose
    /// second half breaks a rule must not get as far as its first half.
    pub fn requests(&self) -> impl Iterator<Item = &PlannedRequest> {
        let steps = self.steps.as_slice().iter();
        steps.filter_map(|step| step.request.as_ref())
    }

    /// Tells what came of the request. An error ends the apply, also that of a function
    /// that ran and failed: [`Error::FunctionFailed`].
    ///
    /// # Errors
    ///
    /// As [`failed`](Self::failed), and as [`succeeded`](Self::succeeded).
    #[expect(
        clippy::result_large_err,
        reason = "the failure carries the state back, and is made once an apply"
    )]
    pub fn called(self, outcome: Result<Response, Error>) -> Result<Self, ApplyFailure> {
        match outcome {
            Ok(Response {
                function_error: None,
                payload,
                ..
            }) => self.succeeded(payload),
            Ok(Response {
                function_error: Some(function_error),
                payload,
                log_tail,
                ..
            }) => Err(self.failed(Error::FunctionFailed(FunctionFailure {
                function_error,
                payload,
                log_tail,
            }))),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Tells that the request was answered, and the function did not fail. `answer`
    /// is its payload.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] when the answer is to be kept and is not UTF-8, which a
    /// `result` cannot hold. The function has run, so the state in the failure is
    /// the new one with an empty result: a next apply does not run it again.
    #[expect(
        clippy::result_large_err,
        reason = "the failure carries the state back, and is made once an apply"
    )]
    pub fn succeeded(mut self, answer: Vec<u8>) -> Result<Self, ApplyFailure> {
        let Some(Step {
            request: Some(request),
            then,
        }) = self.steps.next()
        else {
            return Ok(self);
        };
        self.completed.push(request.event);
        let (config, before_delete) = match then {
            Then::Invoked(config) => (config, false),
            Then::InvokedBeforeDelete(config) => (config, true),
            other => {
                self.take(other);
                self.take_silent_steps();
                return Ok(self);
            }
        };
        let result = String::from_utf8(answer);
        let unreadable = result.is_err();
        let deposed = self
            .state
            .take()
            .filter(|_| before_delete)
            .map(|State { id, config, .. }| Deposed { id, config });
        self.state = Some(State {
            version: STATE_VERSION,
            id: id::of_payload(
                &request.function_name,
                &request.qualifier,
                request.payload.as_bytes(),
            ),
            config,
            result: result.unwrap_or_default(),
            imported: false,
            deposed,
        });
        if unreadable {
            return Err(self.failed(Error::Other(
                "the function ran, but its answer is not UTF-8 and cannot be kept as the result; it will not run again unless the invocation is replaced".to_owned(),
            )));
        }
        self.take_silent_steps();
        Ok(self)
    }

    /// Tells that the request failed, or the function did, and ends the apply.
    pub fn failed(self, error: Error) -> ApplyFailure {
        ApplyFailure {
            error,
            state: self.state,
            completed: self.completed,
        }
    }

    /// Ends the apply and returns the state to keep; none after a deletion. An apply of
    /// that state makes the requests that are left, if any are.
    pub fn finish(self) -> Option<State> {
        self.state
    }

    fn take_silent_steps(&mut self) {
        while let [Step { request: None, .. }, ..] = self.steps.as_slice() {
            if let Some(step) = self.steps.next() {
                self.take(step.then);
            }
        }
    }

    fn take(&mut self, then: Then) {
        match (then, &mut self.state) {
            (Then::DropState, state) => *state = None,
            (Then::DropDeposed, Some(state)) => state.deposed = None,
            (Then::Store(config), Some(state)) => {
                state.config = config;
                state.imported = false;
            }
            // Without a state there is nothing to change, and what an invocation
            // leaves behind is known only with its answer.
            (_, _) => {}
        }
    }
}
