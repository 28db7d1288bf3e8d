//! A component's exports, interface by interface.
//!
//! The generated bindings look all functions up when they make an instance, and compare
//! the types of each: for a call of one of them, half of what instantiation takes. Here an
//! interface is looked up when a call wants it, and stays so for as long as the instance.

use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Result, Store};

use crate::bindings::exports::lambda::invocation::{
    ephemeral, exchange, invocation_lifecycle, invoke, invoke_streaming,
};
use crate::state::State;

/// A component of world `plugin`, linked, with its exports found by name.
pub(crate) struct PluginPre {
    instance: InstancePre<State>,
    invoke: invoke::GuestIndices,
    invoke_streaming: invoke_streaming::GuestIndices,
    invocation_lifecycle: invocation_lifecycle::GuestIndices,
    ephemeral: ephemeral::GuestIndices,
    exchange: exchange::GuestIndices,
}

impl PluginPre {
    /// # Errors
    ///
    /// An export of the world that is missing.
    pub(crate) fn new(instance: InstancePre<State>) -> Result<Self> {
        Ok(Self {
            invoke: invoke::GuestIndices::new(&instance)?,
            invoke_streaming: invoke_streaming::GuestIndices::new(&instance)?,
            invocation_lifecycle: invocation_lifecycle::GuestIndices::new(&instance)?,
            ephemeral: ephemeral::GuestIndices::new(&instance)?,
            exchange: exchange::GuestIndices::new(&instance)?,
            instance,
        })
    }

    pub(crate) fn instance_pre(&self) -> &InstancePre<State> {
        &self.instance
    }

    /// A new instance.
    pub(crate) async fn instantiate(&self, store: &mut Store<State>) -> Result<Plugin> {
        Ok(Plugin {
            instance: self.instance.instantiate_async(store).await?,
            invoke: None,
            invoke_streaming: None,
            invocation_lifecycle: None,
            ephemeral: None,
            exchange: None,
        })
    }
}

/// An instance, and the interfaces of it that have been called.
pub(crate) struct Plugin {
    instance: Instance,
    invoke: Option<invoke::Guest>,
    invoke_streaming: Option<invoke_streaming::Guest>,
    invocation_lifecycle: Option<invocation_lifecycle::Guest>,
    ephemeral: Option<ephemeral::Guest>,
    exchange: Option<exchange::Guest>,
}

/// Instance, its store, and where to find its exports: what a call is made with.
pub(crate) struct Callee<'a> {
    pub(crate) store: &'a mut Store<State>,
    pub(crate) plugin: &'a mut Plugin,
    pub(crate) pre: &'a PluginPre,
}

macro_rules! interface {
    ($name:ident) => {
        /// The interface, and the store to call it with.
        ///
        /// # Errors
        ///
        /// A function that is missing or of another type.
        pub(crate) fn $name(self) -> Result<(&'a mut Store<State>, &'a $name::Guest)> {
            let guest = match &mut self.plugin.$name {
                Some(guest) => guest,
                none => {
                    let guest = self
                        .pre
                        .$name
                        .load(&mut *self.store, &self.plugin.instance)?;
                    none.insert(guest)
                }
            };
            Ok((self.store, guest))
        }
    };
}

impl<'a> Callee<'a> {
    interface!(invoke);
    interface!(invoke_streaming);
    interface!(invocation_lifecycle);
    interface!(ephemeral);
    interface!(exchange);
}
