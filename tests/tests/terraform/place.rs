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
    /// Lives as long as it is needed. There is none for MiniStack.
    local: Option<(LocalEndpoint, Runtime)>,
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
            local: Some((endpoint, runtime)),
        }
    }

    fn ministack(ministack: &MiniStack) -> Self {
        static FURNISHED: OnceLock<()> = OnceLock::new();
        FURNISHED.get_or_init(|| ministack.answer(&answers()));
        Self {
            name: "MiniStack",
            recorder: Recorder::start(ministack.url.trim_start_matches("http://").to_owned()),
            keys: ministack.made.caller.clone(),
            local: None,
        }
    }

    pub fn connect(&self, workspace: &mut Workspace) {
        workspace.connect(self.recorder.url(), REGION, &self.keys);
    }

    /// The function that stands here for a fixture of the AWS provider.
    pub fn function(&self, fixture: &'static str) -> &'static str {
        match (self.is_local(), fixture) {
            (true, "lambda_invocation_ephemeral") => "echo",
            // It fails for some inputs.
            (true, "lambda_invocation_crud_update_failure") => "log",
            (true, _) => "identity",
            (false, fixture) => fixture,
        }
    }

    /// Its ARN.
    pub fn arn(&self, fixture: &'static str) -> String {
        let function = self.function(fixture);
        format!("arn:aws:lambda:{REGION}:000000000000:function:{function}")
    }

    /// Whether this is what `lambda_invocation` returns for an event: on MiniStack with the
    /// `key3` of the fixture.
    pub fn is_answer(&self, event: &str, result: &Value) -> bool {
        let result = result.as_str().unwrap_or_default();
        if self.is_local() {
            return result == event;
        }
        let mut expected: Value = serde_json::from_str(event).unwrap();
        expected["key3"] = json!("value3");
        serde_json::from_str::<Value>(result).is_ok_and(|result| result == expected)
    }

    /// The member of the answer of `lambda_invocation_ephemeral` that holds its event.
    pub fn ephemeral_member(&self) -> &'static str {
        match self.is_local() {
            true => "event",
            false => "output",
        }
    }

    fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// The requests since the last look.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.recorder.take_arrived()
    }
}
