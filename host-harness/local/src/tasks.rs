//! The tasks of an endpoint, which all end with it.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// `None` once stopped.
pub(super) struct Tasks(Mutex<Option<JoinSet<()>>>);

impl Default for Tasks {
    fn default() -> Self {
        Self(Mutex::new(Some(JoinSet::new())))
    }
}

impl Tasks {
    /// Starts a task, unless the endpoint has stopped.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tasks) = tasks.as_mut() {
            // Those that ended are kept until somebody asks for them.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    /// Ends all tasks, each at its next await.
    pub(super) fn stop(&self) -> JoinSet<()> {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tasks = tasks.take().unwrap_or_default();
        tasks.abort_all();
        tasks
    }
}
