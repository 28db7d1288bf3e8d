//! Inputs of the provider's tests, and the names of what a row is.

/// `{"key1":"value1","key2":"value2"}`, the provider's usual input.
pub const BASIC: &str = r#"{"key1":"value1","key2":"value2"}"#;
/// [`BASIC`] with a change.
pub const CHANGED: &str = r#"{"key1":"valueB","key2":"value2"}"#;
/// The input of the provider's `_complex` tests.
pub const COMPLEX: &str = r#"{"key1":{"subkey1":"subvalue1"},"key2":{"subkey2":"subvalue2","subkey3":{"a":"b"}}}"#;

/// What a row is called and says.
#[derive(Debug, Clone, Copy)]
pub struct Title {
    /// The provider's name for it, or ours.
    pub name: &'static str,
    /// Whether the provider has it.
    pub upstream: bool,
    /// What holds when it passes.
    pub asserts: &'static str,
    /// Where it differs from the provider's, and what an endpoint lacks.
    pub note: &'static str,
}

/// A row of the provider.
pub const fn upstream(name: &'static str, asserts: &'static str) -> Title {
    Title {
        name,
        upstream: true,
        asserts,
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
    /// With a note.
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}
