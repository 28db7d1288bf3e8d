//! Under `wasmtime serve`.

#[path = "../access.rs"]
mod access;
#[path = "../attack.rs"]
mod attack;
#[path = "../clients.rs"]
mod clients;
#[path = "../credentials.rs"]
mod credentials;
#[path = "../failures.rs"]
mod failures;
#[path = "../forwarding.rs"]
mod forwarding;
mod instances;
mod load;
mod proxy;
#[path = "../repeats.rs"]
mod repeats;
#[path = "../streaming.rs"]
mod streaming;

crate::host!(Host::Wasmtime);

/// Options with which callers must not suffer from others.
const LIMITS: &[&[&str]] = &[&[], &["--max-concurrent-requests=300"]];
