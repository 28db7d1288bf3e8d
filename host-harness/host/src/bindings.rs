//! World `plugin` of the WIT package, from the host's side.
//!
//! Private: its records print what they hold. The module `convert` turns them into core's
//! types, which do not.

wasmtime::component::bindgen!({
    path: "wit",
    world: "lambda:invocation/plugin",
    exports: { default: async },
    with: {
        "wasi:io": wasmtime_wasi::p2::bindings::io,
        "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        "wasi:cli": wasmtime_wasi::p2::bindings::cli,
        "wasi:random": wasmtime_wasi::p2::bindings::random,
        "wasi:http": wasmtime_wasi_http::p2::bindings::http,
    },
});
