//! Inputs of the provider's tests, and the names of what a row is.

/// `{"key1":"value1","key2":"value2"}`, the provider's usual input.
pub const BASIC: &str = r#"{"key1":"value1","key2":"value2"}"#;
/// [`BASIC`] with a change.
pub const CHANGED: &str = r#"{"key1":"valueB","key2":"value2"}"#;
/// The input of the provider's `_complex` tests.
pub const COMPLEX: &str =
    r#"{"key1":{"subkey1":"subvalue1"},"key2":{"subkey2":"subvalue2","subkey3":{"a":"b"}}}"#;

/// What a row is called and says.
#[derive(Debug, Clone, Copy)]
pub struct Title {
    /// The provider's name for it, or ours.
    pub name: &'static str,
    /// Whether the provider has it.
    pub upstream: bool,
    /// What holds when it passes.
    pub asserts: &'static str,
    /// How far it holds on the local endpoint.
    pub local: &'static str,
    /// How far it holds on MiniStack.
    pub ministack: &'static str,
    /// Where it differs from the provider's.
    pub note: &'static str,
}

/// A row of the provider.
pub const fn upstream(name: &'static str, asserts: &'static str) -> Title {
    Title {
        name,
        upstream: true,
        asserts,
        local: "passes",
        ministack: "passes",
        note: "",
    }
}

/// A row that the provider lacks.
pub const fn ours(name: &'static str, asserts: &'static str) -> Title {
    Title {
        upstream: false,
        ..upstream(name, asserts)
    }
}

impl Title {
    /// Where an endpoint does not have all that the row is about.
    pub const fn on(self, local: &'static str, ministack: &'static str) -> Self {
        Self {
            local,
            ministack,
            ..self
        }
    }

    /// With a note.
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}
