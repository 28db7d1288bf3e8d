//! Interface `ephemeral`.

use crate::Plugin;
use crate::bindings::exports::lambda::invocation::ephemeral::{
    Connection, EphemeralConfig, Error, Guest, Opened,
};

impl Guest for Plugin {
    fn open(_: EphemeralConfig, _: Option<Connection>) -> Result<Opened, Error> {
        Err(Error::Other("ephemeral.open is not implemented in this version".to_owned()))
    }
}
