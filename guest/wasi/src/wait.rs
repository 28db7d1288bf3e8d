//! Waiting, with limits that hold whatever the host or the server does.
//!
//! Hosts may ignore the timeouts of `request-options`, and theirs do not cover a
//! server that sends a byte now and then, so every wait here races its own timer.

use std::time::Duration;

use lambda_invocation_core::error::{Error, TimeoutError, TimeoutPhase};

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::io::poll::{Pollable, poll};

/// A time limit that is running.
pub(crate) struct Timer {
    pollable: Pollable,
    phase: TimeoutPhase,
    limit: Duration,
}

impl Timer {
    pub(crate) fn start(phase: TimeoutPhase, limit: Duration) -> Self {
        Self {
            pollable: monotonic_clock::subscribe_duration(nanos(limit)),
            phase,
            limit,
        }
    }

    /// The error for when it has run out while a request was under way.
    fn error(&self) -> Error {
        Error::Timeout(TimeoutError {
            phase: self.phase,
            after_ms: u32::try_from(self.limit.as_millis()).unwrap_or(u32::MAX),
            maybe_ran: true,
            attempts: 0,
        })
    }
}

/// The limit on all of something, where there is one: the whole call, or a part of it
/// that has a limit of its own besides.
pub(crate) struct Deadline<'a> {
    timer: Option<Timer>,
    outer: Option<&'a Deadline<'a>>,
}

impl Deadline<'_> {
    /// The limit on the whole call.
    pub(crate) fn start(limit: Option<Duration>) -> Self {
        Self {
            timer: limit.map(|limit| Timer::start(TimeoutPhase::Deadline, limit)),
            outer: None,
        }
    }

    /// Fails where it has run out, for who need not wait: [`ready`] looks at the events first.
    ///
    /// # Errors
    ///
    /// `Timeout`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.timers().find(|timer| timer.pollable.ready()) {
            Some(timer) => Err(timer.error()),
            None => Ok(()),
        }
    }

    fn timers(&self) -> impl Iterator<Item = &Timer> {
        let outer = self.outer.and_then(|outer| outer.timer.as_ref());
        self.timer.as_ref().into_iter().chain(outer)
    }

    /// A limit on a part of it.
    pub(crate) fn within<'a>(outer: &'a Deadline<'a>, limit: Duration) -> Deadline<'a> {
        Deadline {
            timer: Some(Timer::start(TimeoutPhase::Response, limit)),
            outer: Some(outer),
        }
    }
}

/// Waits until one of `events` is ready.
///
/// # Errors
///
/// `Timeout` when the deadline or `timer` runs out first.
pub(crate) fn ready(
    events: &[&Pollable],
    timer: Option<&Timer>,
    deadline: &Deadline<'_>,
) -> Result<(), Error> {
    let timers: Vec<&Timer> = timer.into_iter().chain(deadline.timers()).collect();
    let mut all = events.to_vec();
    all.extend(timers.iter().map(|timer| &timer.pollable));
    let woken = poll(&all);
    let is_woken = |index: usize| woken.iter().any(|&i| usize::try_from(i) == Ok(index));
    if (0..events.len()).any(is_woken) {
        return Ok(());
    }
    match timers
        .iter()
        .zip(events.len()..)
        .find(|(_, index)| is_woken(*index))
    {
        Some((timer, _)) => Err(timer.error()),
        None => Ok(()),
    }
}

/// Sleeps.
pub(crate) fn sleep(duration: Duration) {
    if !duration.is_zero() {
        monotonic_clock::subscribe_duration(nanos(duration)).block();
    }
}

/// Sleeps, but not past the deadline.
///
/// # Errors
///
/// `Timeout` when that runs out.
pub(crate) fn pause(duration: Duration, deadline: &Deadline<'_>) -> Result<(), Error> {
    let over = monotonic_clock::subscribe_duration(nanos(duration));
    ready(&[&over], None, deadline)
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
