//! What to keep between steps: the `state` record.

use std::fmt;

use super::config::Config;

/// The version of [`State`] this code writes, and the only one it plans with.
pub const STATE_VERSION: u32 = 1;

/// What to keep between steps.
///
/// `Debug` shows the length of the result only.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        rename_all = "kebab-case",
        deny_unknown_fields,
        expecting = "an object"
    )
)]
pub struct State {
    /// [`STATE_VERSION`].
    pub version: u32,
    /// `FUNCTION,QUALIFIER,HASH`: see [`id`](super::id).
    pub id: String,
    /// The configuration that was applied, [normalised](Config::normalised). In an
    /// imported state only the function name, the qualifier and perhaps the region
    /// are known; the rest is absent.
    pub config: Config,
    /// What the function returned, unchanged.
    pub result: String,
    /// True after an import until the first apply.
    pub imported: bool,
    /// An old invocation that the next apply deletes first.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub deposed: Option<Deposed>,
}

/// An old invocation that still has to be deleted, because the second half of a
/// create-first replacement failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        rename_all = "kebab-case",
        deny_unknown_fields,
        expecting = "an object"
    )
)]
pub struct Deposed {
    /// Its id.
    pub id: String,
    /// Its configuration, normalised.
    pub config: Config,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("version", &self.version)
            .field("id", &self.id)
            .field("config", &self.config)
            .field("result_len", &self.result.len())
            .field("imported", &self.imported)
            .field("deposed", &self.deposed)
            .finish()
    }
}
