//! The components `lambda-invocation.wasm` and `lambda-invocation-service.wasm`, for programs that
//! carry them inside.
//!
//! `lambda-invocation-host` runs them: with this crate it needs no file. A program has those in it
//! that it uses.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

/// The component with the interfaces, in the binary format. There is none in a build from the
/// repository, unless `LAMBDA_COMPONENT_TO_EMBED` names the file while this crate is compiled.
pub const PLUGIN: Option<&[u8]> = include!(concat!(env!("OUT_DIR"), "/plugin.rs"));

/// The HTTP service, in the same way; the variable is `LAMBDA_SERVICE_COMPONENT_TO_EMBED`.
pub const SERVICE: Option<&[u8]> = include!(concat!(env!("OUT_DIR"), "/service.rs"));

#[cfg(test)]
mod tests {
    use super::{PLUGIN, SERVICE};

    #[test]
    fn what_is_inside_is_a_component() {
        for (bytes, variable) in [
            (PLUGIN, option_env!("LAMBDA_COMPONENT_TO_EMBED")),
            (SERVICE, option_env!("LAMBDA_SERVICE_COMPONENT_TO_EMBED")),
        ] {
            assert_eq!(bytes.is_some(), variable.is_some());
            // The magic number, and the version of components.
            assert!(bytes.is_none_or(|bytes| bytes.starts_with(b"\0asm\x0d\0\x01\0")));
        }
    }
}
