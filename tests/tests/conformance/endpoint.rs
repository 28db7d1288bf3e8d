//! The two endpoints that every row runs on, and a recorder in front of them.

use lambda_invocation_core::call::connection::{Connection, Credentials, RetryMode, RetryPolicy};
use lambda_invocation_host::{Host, LoadError};
use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::build;
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::peer;
pub use lambda_invocation_tests::recorder::Arrived;
use lambda_invocation_tests::recorder::Recorder;
use serde_json::{Value, json};

/// The function of the local endpoint that takes the place of a fixture. MiniStack
/// has all of them under the names on the left.
pub const FIXTURES: [(&str, &str); 7] = [
    ("lambda_invocation", "identity"),
    ("lambda_invocation_crud", "identity"),
    // It fails for what its event holds, so the rows send it what makes both fail.
    ("lambda_invocation_crud_update_failure", "log"),
    ("lambda_invocation_ephemeral", "echo"),
    ("echo", "echo"),
    ("log", "log"),
    ("fail", "fail"),
];

pub fn host() -> Result<Host, LoadError> {
    Host::builder(build::component()).build()
}

/// Which endpoint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Local,
    MiniStack,
}

/// An endpoint with a record of its own.
pub struct Endpoint {
    pub place: Place,
    recorder: Recorder,
    keys: Credentials,
    /// Lives as long as it is needed.
    _local: Option<LocalEndpoint>,
}

/// Both, or only the local one where MiniStack cannot be had, which then has been
/// said.
pub async fn both() -> Vec<Endpoint> {
    let local = LocalEndpoint::builder().region(REGION).start().await;
    let local = local.expect("a free port");
    let keys = local.credentials();
    let keys = Credentials {
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        session_token: keys.session_token.clone(),
    };
    let address = local.address().to_string();
    let mut endpoints = vec![Endpoint::new(Place::Local, address, keys, Some(local))];
    match MiniStack::shared() {
        Ok(ministack) => {
            let keys = &ministack.made.caller;
            let keys = Credentials {
                access_key_id: keys.access_key_id.clone(),
                secret_access_key: keys.secret_access_key.clone(),
                session_token: keys.session_token.clone(),
            };
            let address = ministack.url.trim_start_matches("http://").to_owned();
            endpoints.push(Endpoint::new(Place::MiniStack, address, keys, None));
        }
        Err(reason) => peer::skip(&reason),
    }
    endpoints
}

impl Endpoint {
    fn new(place: Place, address: String, keys: Credentials, local: Option<LocalEndpoint>) -> Self {
        Self {
            place,
            recorder: Recorder::start(address),
            keys,
            _local: local,
        }
    }

    /// No attempt is repeated, so a request counts once.
    pub fn connection(&self) -> Connection {
        Connection {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(self.recorder.url().to_owned()),
            credentials: Some(self.keys.clone()),
            retry: Some(RetryPolicy {
                mode: RetryMode::Never,
                max_attempts: 1,
            }),
            ..Connection::default()
        }
    }

    /// The function that is the fixture here; an ARN where the fixture is `arn:`.
    pub fn function(&self, fixture: &str) -> String {
        if let Some(fixture) = fixture.strip_prefix("arn:") {
            let name = self.function(fixture);
            return format!("arn:aws:lambda:{REGION}:000000000000:function:{name}");
        }
        let local = FIXTURES.iter().find(|(name, _)| *name == fixture);
        let (_, local) = local.unwrap_or_else(|| panic!("{fixture} is in no table"));
        match self.place {
            Place::Local => (*local).to_owned(),
            Place::MiniStack => fixture.to_owned(),
        }
    }

    /// Whether `answer` is what the fixture returns for `payload`: byte for byte on
    /// the local endpoint, and the same JSON on MiniStack, whose functions parse it.
    pub fn is_answer(&self, fixture: &str, payload: &str, answer: &str) -> bool {
        let fixture = fixture.trim_start_matches("arn:");
        let local = self.function(fixture);
        if self.place == Place::Local && local == "identity" && !payload.is_empty() {
            return answer == payload;
        }
        let (Ok(event), Ok(answer)) = (
            serde_json::from_str::<Value>(if payload.is_empty() { "{}" } else { payload }),
            serde_json::from_str::<Value>(answer),
        ) else {
            return false;
        };
        match (self.place, fixture) {
            (_, "log") => answer.is_null(),
            (Place::Local, _) if local == "log" => answer.is_null(),
            (_, "echo") => answer["event"] == event,
            (Place::Local, _) if local == "echo" => answer["event"] == event,
            (Place::MiniStack, "lambda_invocation") => answer == with_test_data(event),
            (Place::MiniStack, "lambda_invocation_ephemeral") => answer == json!({"output": event}),
            (Place::Local | Place::MiniStack, _) => answer == event,
        }
    }

    /// Breaks the connection of the request that is `ahead` of the next.
    pub fn break_request(&self, ahead: usize) {
        self.recorder.break_request(ahead);
    }

    /// The requests since the last look.
    pub fn take_arrived(&self) -> Vec<Arrived> {
        self.recorder.take_arrived()
    }
}

/// The fixture's own doing, with the `TEST_DATA` that it was made with.
fn with_test_data(mut event: Value) -> Value {
    if let Value::Object(members) = &mut event {
        members.insert("key3".to_owned(), json!("value3"));
    }
    event
}
