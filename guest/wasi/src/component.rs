//! The bindings of a component whose imports are the ones of this crate.

/// Generates the bindings of a world into a module of its own, and exports a component by
/// them.
///
/// Of the WASI interfaces that the world imports it takes the bindings of this crate, so
/// that a component has each of them once: `all` of world `imports`, or `clocks_and_random`.
/// With `records`, the records of the interface `types` are core's, and those that are listed
/// are what they are listed with, as the option `with` of `wit_bindgen::generate!` has it.
///
/// ```ignore
/// lambda_invocation_wasi::component! {
///     path: "../../wit",
///     world: "lambda:invocation/service",
///     imports: all,
///     mod bindings exports component::Component;
/// }
/// ```
#[macro_export]
macro_rules! component {
    (
        path: $path:tt,
        world: $world:tt,
        imports: $imports:ident,
        records: { $($records:tt)* },
        mod $module:ident exports $($component:ident)::+;
    ) => {
        $crate::component! {
            path: $path,
            world: $world,
            imports: $imports,
            with: {
                "lambda:invocation/types@0.1.0/invocation-type": lambda_invocation_core::call::request::InvocationType,
                "lambda:invocation/types@0.1.0/log-type": lambda_invocation_core::call::request::LogType,
                "lambda:invocation/types@0.1.0/credentials": lambda_invocation_core::call::connection::Credentials,
                "lambda:invocation/types@0.1.0/signing-key": lambda_invocation_core::call::connection::SigningKey,
                "lambda:invocation/types@0.1.0/derived-credentials": lambda_invocation_core::call::connection::DerivedCredentials,
                "lambda:invocation/types@0.1.0/retry-mode": lambda_invocation_core::call::connection::RetryMode,
                "lambda:invocation/types@0.1.0/retry-policy": lambda_invocation_core::call::connection::RetryPolicy,
                "lambda:invocation/types@0.1.0/connection": lambda_invocation_core::call::connection::Connection,
                "lambda:invocation/types@0.1.0/function-error": lambda_invocation_core::error::FunctionError,
                "lambda:invocation/types@0.1.0/argument-error": lambda_invocation_core::error::ArgumentError,
                "lambda:invocation/types@0.1.0/host-denial": lambda_invocation_core::error::HostDenial,
                "lambda:invocation/types@0.1.0/transport-phase": lambda_invocation_core::error::TransportPhase,
                "lambda:invocation/types@0.1.0/transport-error": lambda_invocation_core::error::TransportError,
                "lambda:invocation/types@0.1.0/timeout-phase": lambda_invocation_core::error::TimeoutPhase,
                "lambda:invocation/types@0.1.0/timeout-error": lambda_invocation_core::error::TimeoutError,
                "lambda:invocation/types@0.1.0/throttling-error": lambda_invocation_core::error::ThrottlingError,
                "lambda:invocation/types@0.1.0/service-error": lambda_invocation_core::error::ServiceError,
                "lambda:invocation/types@0.1.0/response-limit": lambda_invocation_core::error::ResponseLimit,
                "lambda:invocation/types@0.1.0/function-failure": lambda_invocation_core::error::FunctionFailure,
                "lambda:invocation/types@0.1.0/error": lambda_invocation_core::error::Error,
                "lambda:invocation/types@0.1.0/response": lambda_invocation_core::call::response::Response,
                "lambda:invocation/types@0.1.0/completion": lambda_invocation_core::call::stream::Completion,
                "lambda:invocation/types@0.1.0/stream-event": lambda_invocation_core::call::stream::StreamEvent,
                $($records)*
            },
            mod $module exports $($component)::+;
        }
    };
    (
        path: $path:tt,
        world: $world:tt,
        imports: $imports:ident,
        mod $module:ident exports $($component:ident)::+;
    ) => {
        $crate::component! {
            path: $path,
            world: $world,
            imports: $imports,
            with: {},
            mod $module exports $($component)::+;
        }
    };
    (
        path: $path:tt,
        world: $world:tt,
        imports: all,
        with: { $($with:tt)* },
        mod $module:ident exports $($component:ident)::+;
    ) => {
        $crate::component! {
            path: $path,
            world: $world,
            imports: clocks_and_random,
            with: {
                "wasi:io/error@0.2.4": lambda_invocation_wasi::bindings::wasi::io::error,
                "wasi:io/streams@0.2.4": lambda_invocation_wasi::bindings::wasi::io::streams,
                "wasi:cli/environment@0.2.4": lambda_invocation_wasi::bindings::wasi::cli::environment,
                "wasi:http/types@0.2.4": lambda_invocation_wasi::bindings::wasi::http::types,
                "wasi:http/outgoing-handler@0.2.4": lambda_invocation_wasi::bindings::wasi::http::outgoing_handler,
                $($with)*
            },
            mod $module exports $($component)::+;
        }
    };
    (
        path: $path:tt,
        world: $world:tt,
        imports: clocks_and_random,
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
                    "wasi:io/poll@0.2.4": lambda_invocation_wasi::bindings::wasi::io::poll,
                    "wasi:clocks/monotonic-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::monotonic_clock,
                    "wasi:clocks/wall-clock@0.2.4": lambda_invocation_wasi::bindings::wasi::clocks::wall_clock,
                    "wasi:random/random@0.2.4": lambda_invocation_wasi::bindings::wasi::random::random,
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
