//! The local endpoint, with a record of what arrives, and workspaces that use it.

use std::sync::atomic::{AtomicUsize, Ordering};

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::terraform::{Terraform, Workspace};
use tokio::runtime::Runtime;

/// A local endpoint that runs beside the test.
pub struct Lambda {
    endpoint: LocalEndpoint,
    seen: AtomicUsize,
    _runtime: Runtime,
}

/// A request: the function, the qualifier and the payload.
pub type Arrived = (String, Option<String>, String);

impl Lambda {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let endpoint = LocalEndpoint::builder().start();
        Self {
            endpoint: runtime.block_on(endpoint).unwrap(),
            seen: AtomicUsize::new(0),
            _runtime: runtime,
        }
    }

    /// A workspace that calls it. `body` goes behind the head that names the provider.
    pub fn workspace(&self, terraform: &Terraform, body: &str) -> Workspace {
        let mut workspace = terraform.workspace(&configuration(body));
        self.connect(&mut workspace);
        workspace
    }

    pub fn connect(&self, workspace: &mut Workspace) {
        let keys = self.endpoint.credentials();
        let keys = Keys {
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            session_token: keys.session_token.clone(),
        };
        workspace.connect(&self.endpoint.url(), self.endpoint.region(), &keys);
    }

    /// The id of the key that it knows.
    pub fn access_key_id(&self) -> String {
        self.endpoint.credentials().access_key_id.clone()
    }

    /// What has arrived since the last look.
    pub fn arrived(&self) -> Vec<Arrived> {
        let all = self.endpoint.invocations();
        let seen = self.seen.swap(all.len(), Ordering::SeqCst);
        all.into_iter()
            .skip(seen)
            .map(|invocation| {
                let payload = String::from_utf8(invocation.payload.to_vec()).unwrap();
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

/// A configuration that uses our provider under its own name.
pub fn configuration(body: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    lambda = {{ source = \"lambda-invocation/lambda\" }}\n  }}\n}}\n{body}"
    )
}
