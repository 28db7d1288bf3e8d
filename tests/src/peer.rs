//! When a peer cannot be had on this machine.

use std::env;
use std::io::{self, Write as _};
use std::thread;

/// Says that the running test is skipped, and why.
///
/// It does so on the process's own standard error, which the test harness does not
/// capture: a skipped test looks like a passed one otherwise.
///
/// # Panics
///
/// With `CI=true` in the environment, where nothing is to be skipped.
pub fn skip(reason: &str) {
    assert!(
        env::var_os("CI").is_none_or(|value| value != "true"),
        "must not be skipped with CI=true: {reason}"
    );
    let test = thread::current();
    let line = format!("SKIPPED {}: {reason}\n", test.name().unwrap_or("a test"));
    say(&line);
}

/// Tells people what takes so long.
pub(crate) fn say(line: &str) {
    // Nothing is left to do when standard error is closed.
    let _ = io::stderr().write_all(line.as_bytes());
}
