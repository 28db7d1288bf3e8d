//! Interface `ephemeral`.

use lambda_invocation_core::error::Error as CoreError;

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::ephemeral::{
    Connection, EphemeralConfig, Error, Guest, Opened,
};
use crate::convert::connection as convert;
use crate::wipe;

impl Guest for Plugin {
    fn open(config: EphemeralConfig, connection: Option<Connection>) -> Result<Opened, Error> {
        wipe::everything_freed_from_now_on();
        let opened = open(config, connection);
        wipe::stack();
        Ok(opened?)
    }
}

// Not inlined, so that its frame lies where `wipe::stack` wipes.
#[inline(never)]
fn open(config: EphemeralConfig, connection: Option<Connection>) -> Result<Opened, CoreError> {
    Ok(lambda_invocation_wasi::open(config.into(), convert(connection))?.into())
}
