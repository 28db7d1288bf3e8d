//! Invokes a Lambda function through `lambda-invocation.wasm`, with the wasmtime crate:
//!
//! ```sh
//! lambda-invocation-example-rust COMPONENT FUNCTION PAYLOAD
//! ```
//!
//! The component may connect to one place, that of `AWS_ENDPOINT_URL_LAMBDA` or else the
//! region's endpoint, and sees no environment variable: region and credentials are
//! arguments.

use std::env::{args, var};
use std::io::Write as _;

use http::{Request, Response};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, bail, error::Context as _};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView, default_hooks};

/// World `plugin` of the WIT package.
#[allow(missing_docs, reason = "generated code")]
mod bindings {
    wasmtime::component::bindgen!({ path: "../../wit", world: "lambda:invocation/plugin" });
}
use bindings::Plugin;
use bindings::exports::lambda::invocation::{invoke, types};

/// All that the component has of this program.
struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    allowed: Allowed,
}

/// The one place it may connect to, for example `https://lambda.eu-central-1.amazonaws.com`.
struct Allowed(String);

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sending = Box<dyn Future<Output = Result<(Response<WasiBody>, Done), Error>> + Send>;

impl WasiHttpHooks for Allowed {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        done: Done,
    ) -> Sending {
        let uri = request.uri();
        let (scheme, authority) = (uri.scheme_str(), uri.authority());
        match (scheme, authority) {
            (Some(scheme), Some(authority)) if format!("{scheme}://{authority}") == self.0 => {
                default_hooks().send_request(request, options, done)
            }
            _ => Box::new(async { Err(Error::HttpRequestDenied) }),
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.allowed,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = args().skip(1).collect();
    let [component, function, payload] = arguments.as_slice() else {
        bail!("usage: lambda-invocation-example-rust COMPONENT FUNCTION PAYLOAD");
    };
    let region = var("AWS_REGION").context("AWS_REGION")?;
    let endpoint = var("AWS_ENDPOINT_URL_LAMBDA").ok();
    let allowed = endpoint
        .clone()
        .unwrap_or(format!("https://lambda.{region}.amazonaws.com"));

    // Once for the program: compile and link.
    let engine = Engine::default();
    let component = Component::from_file(&engine, component)?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_sync(&mut linker)?;

    // For each call: a fresh instance.
    let state = State {
        table: ResourceTable::new(),
        wasi: WasiCtx::default(),
        http: WasiHttpCtx::new(),
        allowed: Allowed(allowed),
    };
    let mut store = Store::new(&engine, state);
    let plugin = Plugin::instantiate(&mut store, &component, &linker)?;
    let request = invoke::Request {
        function_name: function.clone(),
        payload: payload.clone().into_bytes(),
        payload_sha256: None,
        invocation_type: None,
        log_type: None,
        qualifier: None,
        client_context: None,
        tenant_id: None,
        durable_execution_name: None,
    };
    let connection = types::Connection {
        region: Some(region),
        endpoint_url: endpoint,
        credentials: Some(types::Credentials {
            access_key_id: var("AWS_ACCESS_KEY_ID").context("AWS_ACCESS_KEY_ID")?,
            secret_access_key: var("AWS_SECRET_ACCESS_KEY").context("AWS_SECRET_ACCESS_KEY")?,
            session_token: var("AWS_SESSION_TOKEN").ok(),
        }),
        derived_credentials: None,
        use_fips: None,
        use_dualstack: None,
        connect_timeout_ms: None,
        response_timeout_ms: None,
        deadline_ms: Some(60_000),
        retry: None,
        allow_http: None,
        app_id: Some("example-rust".to_owned()),
    };
    let invoke = plugin.lambda_invocation_invoke();
    match invoke.call_invoke(&mut store, &request, Some(&connection))? {
        Ok(response) => {
            std::io::stdout().write_all(&response.payload)?;
            match response.function_error {
                Some(error) => bail!("the function failed: {:?}", error.error_type),
                None => Ok(()),
            }
        }
        // Its text holds no secret.
        Err(error) => bail!("{error:?}"),
    }
}
