//! The local endpoint beside a test, with a record of what arrives.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use lambda_invocation_local::LocalEndpoint;
use tokio::runtime::Runtime;

use crate::lambda_host::Keys;

/// A local endpoint that runs beside the test.
pub struct Local {
    endpoint: LocalEndpoint,
    seen: AtomicUsize,
    _runtime: Runtime,
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

/// A request: the function, the qualifier and the payload.
pub type Arrived = (String, Option<String>, String);

impl Local {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread");
        let endpoint = LocalEndpoint::builder().start();
        Self {
            endpoint: runtime.block_on(endpoint).expect("an endpoint"),
            seen: AtomicUsize::new(0),
            _runtime: runtime,
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.endpoint.url()
    }

    /// Its region.
    pub fn region(&self) -> &str {
        self.endpoint.region()
    }

    /// The credentials that it takes.
    pub fn keys(&self) -> Keys {
        let keys = self.endpoint.credentials();
        Keys {
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            session_token: keys.session_token.clone(),
        }
    }

    /// What has arrived since the last look.
    ///
    /// # Panics
    ///
    /// When a payload is no text.
    pub fn arrived(&self) -> Vec<Arrived> {
        let all = self.endpoint.invocations();
        let seen = self.seen.swap(all.len(), Ordering::SeqCst);
        all.into_iter()
            .skip(seen)
            .map(|invocation| {
                let payload = String::from_utf8(invocation.payload.to_vec()).expect("text");
                (invocation.function_name, invocation.qualifier, payload)
            })
            .collect()
    }

    /// The payloads of it.
    pub fn payloads(&self) -> Vec<String> {
        let arrived = self.arrived();
        arrived.into_iter().map(|(_, _, payload)| payload).collect()
    }
}
