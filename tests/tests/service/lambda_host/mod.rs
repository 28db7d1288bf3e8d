//! Under `lambda-host serve`.

#[path = "../access.rs"]
mod access;
#[path = "../attack.rs"]
mod attack;
#[path = "../clients.rs"]
mod clients;
mod connections;
#[path = "../credentials.rs"]
mod credentials;
mod endings;
#[path = "../failures.rs"]
mod failures;
#[path = "../forwarding.rs"]
mod forwarding;
mod limits;
mod observability;
mod page;
#[path = "../repeats.rs"]
mod repeats;
mod soak;
#[path = "../streaming.rs"]
mod streaming;
mod tls;

crate::host!(Host::LambdaHost);

/// Options with which callers must not suffer from others.
const LIMITS: &[&[&str]] = &[&[], &["--max-concurrent-requests=50"]];
