//! The floor: one request over the transport of `lambda-invocation-wasi`, compiled in from
//! its own files, without arguments to check, a signature, retries or limits on the whole.

lambda_invocation_wasi::component! {
    path: ["../../wit", "../wit"],
    world: "bench:guest/floor",
    imports: all,
    mod exports exports Floor;
}

use lambda_invocation_wasi::bindings;

#[path = "../../../guest/wasi/src/error_code.rs"]
mod error_code;
#[path = "../../../guest/wasi/src/transport.rs"]
mod transport;
#[allow(dead_code, reason = "the transport needs a part of it")]
#[path = "../../../guest/wasi/src/wait.rs"]
mod wait;

use std::time::Duration;

use lambda_invocation_core::call::endpoint::{Endpoint, Scheme};
use lambda_invocation_core::call::invocation::Head;
use lambda_invocation_core::call::response::MAX_RESPONSE;
use lambda_invocation_core::call::wasi_http::Limits;

use bindings::wasi::http::types::Method;
use transport::Exchange;
use wait::Deadline;

/// The component.
struct Floor;

impl exports::Guest for Floor {
    fn invoke(
        endpoint_url: String,
        function_name: String,
        payload: Vec<u8>,
    ) -> Result<Vec<u8>, String> {
        let (scheme, authority) = match endpoint_url.split_once("://") {
            Some(("https", authority)) => (Scheme::Https, authority),
            Some((_, authority)) => (Scheme::Http, authority),
            None => return Err("no URL".to_owned()),
        };
        let endpoint = Endpoint {
            scheme,
            authority: authority.to_owned(),
            base_path: String::new(),
        };
        let exchange = Exchange {
            method: Method::Post,
            endpoint: &endpoint,
            limits: Limits {
                connect: Duration::from_millis(3_100),
                response: Duration::from_secs(910),
                body: MAX_RESPONSE,
            },
        };
        let head = Head {
            path_and_query: format!("/2015-03-31/functions/{function_name}/invocations"),
            headers: vec![("content-type", "application/json".to_owned())],
        };
        let deadline = Deadline::start(None);
        let response = transport::send(&exchange, head, &payload, &deadline)
            .and_then(|response| transport::read(response, Vec::new(), &exchange, &deadline))
            .map_err(|error| error.to_string())?;
        Ok(response.body)
    }
}
