//! The Lambda endpoint that hosts are tried against: `lambda-host`'s own, which checks
//! every signature with code that shares nothing with the signer.

use std::sync::OnceLock;

use lambda_invocation_local::{Credentials, Invocation, LocalEndpoint};
use tokio::runtime::Runtime;

use crate::canary;

/// Its region: none that programs fall back to.
pub const REGION: &str = "eu-central-1";

/// An endpoint that knows the keys of [`canary`], for as long as this lives.
#[derive(Debug)]
pub struct Endpoint(LocalEndpoint);

impl Endpoint {
    /// On a port of its own.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn start() -> Self {
        let keys = canary::keys();
        let builder = LocalEndpoint::builder()
            .region(REGION)
            .credentials(Credentials {
                access_key_id: keys.access_key_id,
                secret_access_key: keys.secret_access_key,
                session_token: keys.session_token,
            });
        Self(runtime().block_on(builder.start()).expect("a free port"))
    }

    /// The endpoint URL.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// What it was asked so far.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.0.invocations()
    }
}

/// What endpoints, and hosts that are libraries, run on.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a tokio runtime"))
}
