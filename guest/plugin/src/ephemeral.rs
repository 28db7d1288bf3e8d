//! Interface `ephemeral`.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::Error;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::ephemeral::Guest;
use crate::wipe;

impl Guest for Plugin {
    fn open(config: EphemeralConfig, connection: Option<Connection>) -> Result<Opened, Error> {
        wipe::everything_freed_from_now_on();
        let opened = open(config, connection);
        wipe::stack();
        opened
    }
}

// Not inlined, so that its frame lies where `wipe::stack` wipes.
#[inline(never)]
fn open(config: EphemeralConfig, connection: Option<Connection>) -> Result<Opened, Error> {
    lambda_invocation_wasi::open(config, connection.unwrap_or_default())
}
