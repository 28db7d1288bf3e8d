//! The component `lambda-invocation.wasm`, for programs that carry it inside.
//!
//! `lambda-invocation-host` runs it: with this crate it needs no file.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

/// The component in the binary format. There is none in a build from the repository, unless
/// `LAMBDA_COMPONENT_TO_EMBED` names the file while this crate is compiled.
pub const PLUGIN: Option<&[u8]> = include!(concat!(env!("OUT_DIR"), "/plugin.rs"));

#[cfg(test)]
mod tests {
    use super::PLUGIN;

    #[test]
    fn what_is_inside_is_a_component() {
        let embedded = option_env!("LAMBDA_COMPONENT_TO_EMBED").is_some();
        assert_eq!(PLUGIN.is_some(), embedded);
        // The magic number, and the version of components.
        assert!(PLUGIN.is_none_or(|bytes| bytes.starts_with(b"\0asm\x0d\0\x01\0")));
    }
}
