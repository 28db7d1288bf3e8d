//! Ctrl-C and its like: who wants an end, and what has to be finished first.

use std::sync::atomic::{AtomicBool, Ordering};

/// What a program's handler of signals and the command that runs tell each other.
#[derive(Debug, Default)]
pub struct Interrupt {
    wanted: AtomicBool,
    /// Whether the command ends by itself, once what is under way is saved.
    waits: AtomicBool,
    /// Whether a function may be running.
    calling: AtomicBool,
    /// Whether credentials are still waited for.
    preparing: AtomicBool,
}

/// What a handler of signals has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nothing: the command ends by itself, after the invocation under way.
    Wait,
    /// End the program.
    End {
        /// Whether a function may be running, and go on to run.
        calling: bool,
    },
}

impl Interrupt {
    /// The user wants an end. The second time nothing is waited for.
    pub fn request(&self) -> Order {
        let again = self.wanted.swap(true, Ordering::SeqCst);
        if self.waits.load(Ordering::SeqCst) && !again {
            Order::Wait
        } else {
            Order::End {
                calling: self.calling.load(Ordering::SeqCst)
                    && !self.preparing.load(Ordering::SeqCst),
            }
        }
    }

    /// Whether the user wants an end.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst)
    }

    /// From here on an end has to wait, until what is returned is dropped: whoever calls
    /// this asks [`is_wanted`](Self::is_wanted) before each invocation.
    pub fn wait(&self) -> impl Drop + '_ {
        Set::new(&self.waits)
    }

    /// From here on a function may be running, until what is returned is dropped.
    pub fn calling(&self) -> impl Drop + '_ {
        Set::new(&self.calling)
    }

    /// Nothing of a call has been sent, until what is returned is dropped: its credentials
    /// are waited for.
    pub fn preparing(&self) -> impl Drop + '_ {
        Set::new(&self.preparing)
    }
}

struct Set<'a>(&'a AtomicBool);

impl<'a> Set<'a> {
    fn new(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::SeqCst);
        Self(flag)
    }
}

impl Drop for Set<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_to_be_saved_is_waited_for_and_only_once() {
        let interrupt = Interrupt::default();
        let end = |calling| Order::End { calling };
        assert_eq!(interrupt.request(), end(false));

        let interrupt = Interrupt::default();
        let calling = interrupt.calling();
        assert_eq!(interrupt.request(), end(true));
        let preparing = interrupt.preparing();
        assert_eq!(interrupt.request(), end(false));
        drop(preparing);
        assert_eq!(interrupt.request(), end(true));
        drop(calling);

        let interrupt = Interrupt::default();
        let waits = interrupt.wait();
        let calling = interrupt.calling();
        assert!(!interrupt.is_wanted());
        assert_eq!(interrupt.request(), Order::Wait);
        assert!(interrupt.is_wanted());
        assert_eq!(interrupt.request(), end(true));
        drop(calling);
        drop(waits);
        assert_eq!(interrupt.request(), end(false));
    }
}
