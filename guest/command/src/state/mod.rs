//! The state file: what the managed invocations are now.
//!
//! ```json
//! {
//!   "version": 1,
//!   "serial": 7,
//!   "invocations": {
//!     "NAME": {
//!       "state": {"version": 1, "id": "...", "config": {...}, "result": "...", "imported": false},
//!       "depends-on": ["OTHER"]
//!     }
//!   }
//! }
//! ```
//!
//! `state` is the record of the WIT package. `depends-on` stands beside it, so that what
//! has left the configuration can still be deleted in the right order. `intent` is there
//! from before an invocation is sent until its outcome is saved: see [`Intent`]. `serial`
//! grows by one with each version of the file.
//!
//! A change is written to `FILE.tmp` beside the file, flushed to the disk, and
//! renamed over it: whatever happens, the file is the old or the new one. It is made
//! under a [lock], and only if the file is still what was read. What
//! cannot be written where it belongs is left in `FILE.unsaved`, and as long as that is
//! there no run begins. All are readable for their owner only, where there is such a
//! thing: inputs and results may be secrets.

mod disk;
mod file;
pub mod lock;
mod record;
mod terraform;

use std::collections::BTreeMap;

use lambda_invocation_core::lifecycle::{Config, LifecycleEvent, State};
use serde::{Deserialize, Serialize};

pub use self::file::{StateFile, read};
pub use self::terraform::{parse as parse_terraform, read as read_terraform};

/// The version of the file this code writes, and the only one it reads.
const VERSION: u32 = 1;

/// What a state file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct Document {
    version: u32,
    /// Which version of the file this is.
    pub serial: u64,
    /// The invocations by name.
    #[serde(deserialize_with = "record::invocations")]
    pub invocations: BTreeMap<String, Entry>,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            version: VERSION,
            serial: 0,
            invocations: BTreeMap::new(),
        }
    }
}

impl Document {
    /// Reads the text of a state file. An empty one, as `mktemp` makes it, is an empty state.
    ///
    /// # Errors
    ///
    /// What is wrong, and at which line and column; never a value.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        record::read(bytes)
    }

    /// The text of a state file.
    ///
    /// # Errors
    ///
    /// Those of the writer, of which none is known.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        record::write(self)
    }

    /// Sets or removes an entry, and returns the one before.
    pub(crate) fn set(&mut self, name: &str, entry: Option<Entry>) -> Option<Entry> {
        match entry {
            Some(entry) => self.invocations.insert(name.to_owned(), entry),
            None => self.invocations.remove(name),
        }
    }
}

/// What is kept of an invocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "an object"
)]
pub struct Entry {
    /// The state of the WIT package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Names of those it depended on when it was applied, sorted.
    pub depends_on: Vec<String>,
    /// Present from before an invocation is sent until its outcome is saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
}

impl Entry {
    /// Whether the outcome of an invocation is not known.
    pub fn is_open(&self) -> bool {
        self.intent.is_some()
    }
}

/// An invocation that is about to be sent. Found when a run begins, nothing is known of
/// its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "an object"
)]
pub struct Intent {
    /// What it tells the function.
    pub event: LifecycleEvent,
    /// The function.
    pub function_name: String,
    /// When: UTC, as in RFC 3339.
    pub at: String,
    /// SHA-256 of its payload, in hex.
    pub payload_sha256: String,
    /// What is wanted; absent for a deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<Config>,
    /// Whether the user asked for a replacement.
    pub replace: bool,
}

#[cfg(test)]
mod tests;
