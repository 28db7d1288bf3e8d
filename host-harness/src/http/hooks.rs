//! Where `wasi:http` meets the client: the egress policy, then the request.

use std::sync::Arc;

use http::{HeaderName, Request};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody,
    WasiHttpHooks,
};

use super::Client;
use crate::egress::Policy;

/// Most bytes taken from a component in one write: a whole payload, which is 6 MB at
/// most, so that it is moved in one piece.
const WRITE_CHUNK: usize = 6 * 1024 * 1024;

/// Headers that a component may not set. In one place in memory: as the constant that it
/// is, the list would be made anew for every header.
static FORBIDDEN: [HeaderName; 9] = DEFAULT_FORBIDDEN_HEADERS;

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

/// The outgoing side of one call.
pub(crate) struct Hooks {
    client: Client,
    policy: Policy,
}

impl Hooks {
    pub(crate) fn new(client: Client, policy: Policy) -> Self {
        Self { client, policy }
    }
}

impl WasiHttpHooks for Hooks {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        FORBIDDEN.contains(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name| FORBIDDEN.contains(name))
    }

    /// The client derives it from the URI, for HTTP/1.1; in HTTP/2 `:authority` stands
    /// in its place.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent>> + Send> {
        if !self.policy.permits(request.uri()) {
            tracing::debug!("egress denied");
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        let client = self.client.clone();
        Box::new(async move {
            let response = client.send(request, options.unwrap_or_default()).await?;
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(std::future::ready(Ok(())));
            Ok((response, done))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        WRITE_CHUNK
    }
}
