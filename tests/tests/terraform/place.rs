//! The two endpoints that a configuration runs on, each with a recorder in front.

use std::sync::OnceLock;

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::peer;
use lambda_invocation_tests::recorder::{Arrived, Recorder};
use lambda_invocation_tests::terraform::Workspace;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Functions that both have, and what they return whatever they are asked.
fn answers() -> Vec<(&'static str, Value)> {
    let done = json!({"status": "done"});
    vec![
        ("data_processor", json!({"status": "initialized"})),
        ("worker", done.clone()),
        ("validator", done.clone()),
        ("debug", done.clone()),
        ("mobile_backend", done.clone()),
        ("api", done.clone()),
        ("processor", done.clone()),
        ("orchestrator", done),
        ("secret_generator", json!({"api_key": "key-1"})),
        (
            "resource-optimizer",
            json!({"min_instances": 1, "max_instances": 4, "desired_instances": 2}),
        ),
        (
            "compliance-checker",
            json!({"compliant": true, "violations": []}),
        ),
        (
            "config-fetcher",
            json!({"replica_count": 3, "max_percent": 200, "min_healthy_percent": 50}),
        ),
        ("credential-generator", json!({"user": "temporary"})),
        ("my-function", json!({})),
        ("sink", json!(null)),
    ]
}

/// An endpoint with a record of its own.
pub struct Place {
    pub name: &'static str,
    recorder: Recorder,
    keys: Keys,
    /// Lives as long as it is needed.
    _local: Option<(LocalEndpoint, Runtime)>,
}

impl Place {
    /// Both, or only the local one where MiniStack cannot be had, which then is said.
    pub fn both() -> Vec<Self> {
        let mut both = vec![Self::local()];
        match MiniStack::shared() {
            Ok(ministack) => both.push(Self::ministack(ministack)),
            Err(reason) => peer::skip(&reason),
        }
        both
    }

    fn local() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let builder = LocalEndpoint::builder().region(REGION);
        let builder = answers()
            .into_iter()
            .fold(builder, |builder, (name, answer)| {
                builder.answer(name, answer.to_string())
            });
        let endpoint = runtime.block_on(builder.start()).unwrap();
        let keys = endpoint.credentials();
        Self {
            name: "the local endpoint",
            recorder: Recorder::start(endpoint.address().to_string()),
            keys: Keys {
                access_key_id: keys.access_key_id.clone(),
                secret_access_key: keys.secret_access_key.clone(),
                session_token: keys.session_token.clone(),
            },
            _local: Some((endpoint, runtime)),
        }
    }

    fn ministack(ministack: &MiniStack) -> Self {
        static FURNISHED: OnceLock<()> = OnceLock::new();
        FURNISHED.get_or_init(|| ministack.answer(&answers()));
        Self {
            name: "MiniStack",
            recorder: Recorder::start(ministack.url.trim_start_matches("http://").to_owned()),
            keys: ministack.made.caller.clone(),
            _local: None,
        }
    }

    pub fn connect(&self, workspace: &mut Workspace) {
        workspace.connect(self.recorder.url(), REGION, &self.keys);
    }

    /// The requests since the last look.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.recorder.take_arrived()
    }
}
