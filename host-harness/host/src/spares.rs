//! Fresh instances, prepared during an earlier call.
//!
//! Making an instance and dropping the last one takes a third of a small call. No call
//! needs to wait for either: while it waits for its function, the instance of the previous
//! call is dropped and one for the next call is made. A spare has run nothing, so it is as
//! fresh as one made when the call begins.

use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmtime::Store;

use crate::state::State;

/// An instance that has served nobody.
pub(crate) struct Spare<I> {
    pub(crate) store: Store<State>,
    pub(crate) instance: I,
}

/// The instances that wait for a call.
pub(crate) struct Spares<I> {
    /// 0: none is made.
    most: usize,
    state: Mutex<Waiting<I>>,
}

struct Waiting<I> {
    ready: Vec<Spare<I>>,
    /// Places taken by those that are being made: the pool has room for `most` in all.
    making: usize,
}

impl<I> Spares<I> {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::new(Waiting {
                ready: Vec::new(),
                making: 0,
            }),
        }
    }

    /// How many wait.
    pub(crate) fn ready(&self) -> usize {
        self.lock().ready.len()
    }

    pub(crate) fn take(&self) -> Option<Spare<I>> {
        self.lock().ready.pop()
    }

    /// A place for another, if there is one, to be had before it is made.
    pub(crate) fn place(&self) -> Option<Place<'_, I>> {
        let mut state = self.lock();
        if state.ready.len().saturating_add(state.making) >= self.most {
            return None;
        }
        state.making = state.making.saturating_add(1);
        Some(Place { spares: self })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<I>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for a spare. Free again on drop.
pub(crate) struct Place<'a, I> {
    spares: &'a Spares<I>,
}

impl<I> Place<'_, I> {
    /// Has it wait for a call.
    pub(crate) fn fill(self, spare: Spare<I>) {
        self.spares.lock().ready.push(spare);
    }
}

impl<I> Drop for Place<'_, I> {
    fn drop(&mut self) {
        let mut state = self.spares.lock();
        state.making = state.making.saturating_sub(1);
    }
}
