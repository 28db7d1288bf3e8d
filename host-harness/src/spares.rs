//! Instances made ahead of the calls they will serve.
//!
//! Making an instance, and giving back the memory of the last one, is a third of a small
//! call. Neither need be waited for: a call waits for its function anyway, and in that time
//! the instance of the call before it is taken down and one for the call after it is made.
//! A spare has run nothing yet, so it is as new to its call as any other.

use std::sync::{Mutex, PoisonError};

use wasmtime::Store;

use crate::plugin::Plugin;
use crate::state::State;

/// An instance that has served nobody.
pub(crate) struct Spare {
    pub(crate) store: Store<State>,
    pub(crate) plugin: Plugin,
}

/// The instances that wait for a call.
pub(crate) struct Spares {
    /// 0: none is made.
    most: usize,
    ready: Mutex<Vec<Spare>>,
}

impl Spares {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            ready: Mutex::default(),
        }
    }

    /// How many wait.
    pub(crate) fn ready(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is room for another.
    pub(crate) fn wants_one(&self) -> bool {
        self.ready() < self.most
    }

    pub(crate) fn take(&self) -> Option<Spare> {
        self.lock().pop()
    }

    /// Adds one; it is dropped if others were faster.
    pub(crate) fn add(&self, spare: Spare) {
        let mut ready = self.lock();
        let superfluous = if ready.len() < self.most {
            ready.push(spare);
            None
        } else {
            Some(spare)
        };
        // An instance's memory is given back outside the lock.
        drop(ready);
        drop(superfluous);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Spare>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
