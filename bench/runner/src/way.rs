//! The ways to invoke a function that are compared, by name.

/// A way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// hyper's client alone, which sends the payload unsigned.
    Hyper,
    /// The library's HTTP client with core's decisions, without a component.
    Core,
    /// The AWS SDK in the process.
    Native,
    /// Our component over `wasi:http`, a new instance for each call.
    WasiNew,
    /// Our component over `wasi:http`, kept instances.
    WasiKept,
    /// Our component decides and the host sends; a new instance for each call.
    HostNew,
    /// Our component decides and the host sends; kept instances.
    HostKept,
    /// A guest that only sends, a new instance for each call.
    FloorNew,
    /// A guest that only sends, kept instances.
    FloorKept,
    /// The AWS SDK as a component, a new instance for each call.
    SdkNew,
    /// The AWS SDK as a component, kept instances.
    SdkKept,
}

impl Way {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 11] = [
        Self::Hyper,
        Self::Core,
        Self::Native,
        Self::WasiNew,
        Self::WasiKept,
        Self::HostNew,
        Self::HostKept,
        Self::FloorNew,
        Self::FloorKept,
        Self::SdkNew,
        Self::SdkKept,
    ];

    /// Those for many calls at a time.
    pub const TOGETHER: [Self; 7] = [
        Self::Hyper,
        Self::Core,
        Self::Native,
        Self::WasiNew,
        Self::WasiKept,
        Self::HostNew,
        Self::HostKept,
    ];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hyper => "raw hyper",
            Self::Core => "core natively",
            Self::Native => "native SDK",
            Self::WasiNew => "`wasi:http`, new instance",
            Self::WasiKept => "`wasi:http`, kept instance",
            Self::HostNew => "host transport, new instance",
            Self::HostKept => "host transport, kept instance",
            Self::FloorNew => "unsigned floor, new instance",
            Self::FloorKept => "unsigned floor, kept instance",
            Self::SdkNew => "SDK in wasm, new instance",
            Self::SdkKept => "SDK in wasm, kept instance",
        }
    }

    /// The one of this name on a command line: that of the variant.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| format!("{way:?}") == name)
    }
}
