//! Fresh instances, prepared during an earlier call.
//!
//! Making an instance and dropping the last one takes a third of a small call. No call
//! needs to wait for either: while it waits for its function, the instance of the previous
//! call is dropped and one for the next call is made. A spare has run nothing, so it is as
//! fresh as one made when the call begins.

use std::sync::{Mutex, MutexGuard, PoisonError};

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
    state: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    ready: Vec<Spare>,
    /// Places taken by those that are being made: the pool has room for `most` in all.
    making: usize,
}

impl Spares {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::default(),
        }
    }

    /// How many wait.
    pub(crate) fn ready(&self) -> usize {
        self.lock().ready.len()
    }

    pub(crate) fn take(&self) -> Option<Spare> {
        self.lock().ready.pop()
    }

    /// A place for another, if there is one, to be had before it is made.
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        let mut state = self.lock();
        if state.ready.len().saturating_add(state.making) >= self.most {
            return None;
        }
        state.making = state.making.saturating_add(1);
        Some(Place { spares: self })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for a spare. Free again on drop.
pub(crate) struct Place<'a> {
    spares: &'a Spares,
}

impl Place<'_> {
    /// Has it wait for a call.
    pub(crate) fn fill(self, spare: Spare) {
        self.spares.lock().ready.push(spare);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.spares.lock();
        state.making = state.making.saturating_sub(1);
    }
}
