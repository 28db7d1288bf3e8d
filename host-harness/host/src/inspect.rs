//! What a component is, without running it: what it asks for, what it offers, how
//! large it is.

use std::fmt;

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

/// What a component is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Bytes of the component.
    pub size: usize,
    /// Bytes of machine code and data after compilation.
    pub compiled_size: usize,
    /// What it imports, in its own order.
    pub imports: Vec<Interface>,
    /// What it exports, in its own order.
    pub exports: Vec<Interface>,
    /// What its imports let it do, each permission once.
    pub permissions: Vec<Permission>,
}

/// An imported or exported interface, or a function outside any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// With its version, for example `wasi:http/types@0.2.4`.
    pub name: String,
    /// The functions of it that the component names; methods as in
    /// `[method]fields.append`. Empty for types alone.
    pub functions: Vec<String>,
}

/// Something a component can do with what it imports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Permission {
    /// Send HTTP requests: to the endpoint of the call, and where it was allowed to.
    OutgoingHttp,
    /// Read the environment variables and arguments it is given.
    Environment,
    /// Tell the time and wait.
    Clocks,
    /// Draw random bytes.
    Random,
    /// Use the files of preopened directories. Never given here.
    Filesystem,
    /// Open sockets and look up names. Never given here.
    Sockets,
    /// Read and write the standard streams. Never given here.
    StandardStreams,
    /// End the process. Never given here.
    Exit,
    /// An interface this host does not know. Never given here.
    Other(String),
}

impl Permission {
    /// Whether a [`Host`](crate::Host) gives it. A component that needs one that is not
    /// given does not load.
    pub fn is_given(&self) -> bool {
        matches!(
            self,
            Self::OutgoingHttp | Self::Environment | Self::Clocks | Self::Random
        )
    }

    /// What an interface amounts to; nothing, if it only passes bytes or types on.
    fn of(interface: &str) -> Option<Self> {
        let name = interface.split('@').next().unwrap_or(interface);
        for (prefix, permission) in [
            ("wasi:io/", None),
            ("wasi:http/types", None),
            ("wasi:http/outgoing-handler", Some(Self::OutgoingHttp)),
            ("wasi:cli/environment", Some(Self::Environment)),
            ("wasi:cli/exit", Some(Self::Exit)),
            ("wasi:cli/", Some(Self::StandardStreams)),
            ("wasi:clocks/", Some(Self::Clocks)),
            ("wasi:random/", Some(Self::Random)),
            ("wasi:filesystem/", Some(Self::Filesystem)),
            ("wasi:sockets/", Some(Self::Sockets)),
        ] {
            if name.starts_with(prefix) {
                return permission;
            }
        }
        Some(Self::Other(interface.to_owned()))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutgoingHttp => "outgoing HTTP",
            Self::Environment => "environment variables",
            Self::Clocks => "clocks",
            Self::Random => "random bytes",
            Self::Filesystem => "files",
            Self::Sockets => "sockets",
            Self::StandardStreams => "standard streams",
            Self::Exit => "ending the process",
            Self::Other(interface) => interface,
        })
    }
}

/// Looks at a component of `size` bytes.
pub(crate) fn inspect(engine: &Engine, component: &Component, size: usize) -> Inspection {
    let ty = component.component_type();
    let imports: Vec<Interface> = ty
        .imports(engine)
        .map(|(name, item)| interface(engine, name, &item.ty))
        .collect();
    let exports = ty
        .exports(engine)
        .map(|(name, item)| interface(engine, name, &item.ty))
        .collect();
    let mut permissions = Vec::new();
    for permission in imports.iter().filter_map(|i| Permission::of(&i.name)) {
        if !permissions.contains(&permission) {
            permissions.push(permission);
        }
    }
    let image = component.image_range();
    Inspection {
        size,
        compiled_size: (image.end as usize).saturating_sub(image.start as usize),
        imports,
        exports,
        permissions,
    }
}

fn interface(engine: &Engine, name: &str, item: &ComponentItem) -> Interface {
    let functions = match item {
        ComponentItem::ComponentInstance(instance) => instance
            .exports(engine)
            .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
            .map(|(name, _)| name.to_owned())
            .collect(),
        _ => Vec::new(),
    };
    Interface {
        name: name.to_owned(),
        functions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_what_it_lets_a_component_do() {
        for (interface, permission) in [
            ("wasi:io/streams@0.2.4", None),
            ("wasi:http/types@0.2.4", None),
            (
                "wasi:http/outgoing-handler@0.2.4",
                Some(Permission::OutgoingHttp),
            ),
            ("wasi:cli/environment@0.2.0", Some(Permission::Environment)),
            ("wasi:cli/stdout@0.2.6", Some(Permission::StandardStreams)),
            (
                "wasi:cli/terminal-input@0.2.6",
                Some(Permission::StandardStreams),
            ),
            ("wasi:cli/exit@0.2.6", Some(Permission::Exit)),
            ("wasi:clocks/wall-clock@0.2.4", Some(Permission::Clocks)),
            ("wasi:random/random@0.2.4", Some(Permission::Random)),
            (
                "wasi:filesystem/preopens@0.2.6",
                Some(Permission::Filesystem),
            ),
            ("wasi:sockets/tcp@0.2.6", Some(Permission::Sockets)),
            (
                "wasi:keyvalue/store@0.2.0-draft",
                Some(Permission::Other(
                    "wasi:keyvalue/store@0.2.0-draft".to_owned(),
                )),
            ),
        ] {
            assert_eq!(Permission::of(interface), permission, "{interface}");
        }
    }
}
