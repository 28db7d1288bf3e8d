//! How often the same call was tried, for the functions that fail at first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most calls remembered at once. Beyond it all are forgotten: a caller that never
/// comes back must not use up the memory.
const MAX_CALLS: usize = 16_384;

/// Attempts by function and `amz-sdk-invocation-id`, which stays the same over the
/// attempts of one call. Requests without that header count as one call.
#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<(&'static str, String), u64>>);

impl Attempts {
    /// The number of this attempt, from 1.
    pub(super) fn next(&self, function: &'static str, call: &str) -> u64 {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= MAX_CALLS {
            calls.clear();
        }
        let attempts = calls.entry((function, call.to_owned())).or_default();
        *attempts += 1;
        *attempts
    }

    /// Forgets a call, so that the next one with the same id starts at 1.
    pub(super) fn forget(&self, function: &'static str, call: &str) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.remove(&(function, call.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_by_function_and_call() {
        let attempts = Attempts::default();
        assert_eq!(attempts.next("f", "a"), 1);
        assert_eq!(attempts.next("f", "a"), 2);
        assert_eq!(attempts.next("f", "b"), 1);
        assert_eq!(attempts.next("g", "a"), 1);
        attempts.forget("f", "a");
        assert_eq!(attempts.next("f", "a"), 1);
        assert_eq!(attempts.next("f", "b"), 2);
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for call in 0..=MAX_CALLS {
            attempts.next("f", &call.to_string());
        }
        assert!(attempts.0.lock().unwrap().len() <= MAX_CALLS);
    }
}
