//! The bindings of a component whose imports are the ones of this crate.

/// Generates the bindings of a world into a module of its own, and exports a component by
/// them.
///
/// Of the WASI interfaces that the world imports it takes the bindings of this crate, so
/// that a component has each of them once: those of world `imports`, or the ones that
/// `imports` lists. `with` maps further types, as the option of `wit_bindgen::generate!`
/// does.
///
/// ```ignore
/// lambda_invocation_wasi::component! {
///     path: "../../wit",
///     world: "lambda:invocation/service",
///     with: {},
///     mod bindings exports component::Component;
/// }
/// ```
#[macro_export]
macro_rules! component {
    (
        path: $path:tt,
        world: $world:tt,
        with: $with:tt,
        mod $module:ident exports $($component:ident)::+;
    ) => {
        $crate::component! {
            path: $path,
            world: $world,
            imports: {
                "wasi:io/poll@0.2.4": lambda_invocation_wasi::bindings::wasi::io::poll,
                "wasi:io/error@0.2.4": lambda_invocation_wasi::bindings::wasi::io::error,
                "wasi:io/streams@0.2.4": lambda_invocation_wasi::bindings::wasi::io::streams,
                "wasi:clocks/monotonic-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::monotonic_clock,
                "wasi:clocks/wall-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::wall_clock,
                "wasi:cli/environment@0.2.4": lambda_invocation_wasi::bindings::wasi::cli::environment,
                "wasi:random/random@0.2.4": lambda_invocation_wasi::bindings::wasi::random::random,
                "wasi:http/types@0.2.4": lambda_invocation_wasi::bindings::wasi::http::types,
                "wasi:http/outgoing-handler@0.2.4": lambda_invocation_wasi::bindings::wasi::http::outgoing_handler,
            },
            with: $with,
            mod $module exports $($component)::+;
        }
    };
    (
        path: $path:tt,
        world: $world:tt,
        imports: { $($imports:tt)* },
        with: { $($with:tt)* },
        mod $module:ident exports $($component:ident)::+;
    ) => {
        #[allow(
            missing_docs,
            unsafe_code,
            clippy::all,
            clippy::arithmetic_side_effects,
            clippy::indexing_slicing,
            clippy::unwrap_used,
            clippy::panic,
            clippy::allow_attributes_without_reason,
            reason = "generated code"
        )]
        mod $module {
            $crate::wit_bindgen::generate!({
                path: $path,
                world: $world,
                runtime_path: "lambda_invocation_wasi::wit_bindgen::rt",
                with: {
                    $($imports)*
                    $($with)*
                },
            });

            // The names of component exports are no symbols a native linker accepts; the
            // crate still builds there, for clippy, the IDE and tests.
            #[cfg(target_family = "wasm")]
            use super::$($component)::+ as Component;
            #[cfg(target_family = "wasm")]
            export!(Component);
        }
    };
}
