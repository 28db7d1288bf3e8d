//! The two endpoints that every row runs on, and a recorder in front of them.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lambda_invocation_core::call::connection::{Connection, Credentials, RetryMode, RetryPolicy};
use lambda_invocation_host::{Host, LoadError};
use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::build;
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::peer;
use lambda_invocation_tests::server::Server;
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

/// A request as it left the component.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// As the path names it.
    pub function_name: String,
    /// Of the query.
    pub qualifier: Option<String>,
    pub payload: String,
    head: String,
}

impl Arrived {
    /// The value of a header, whose name must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// An endpoint with a record of its own.
pub struct Endpoint {
    pub place: Place,
    recorder: Server,
    keys: Credentials,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// The number of the request, from 0 over the whole record, whose connection
    /// breaks before it gets any further.
    breaks: Arc<AtomicUsize>,
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
        let arrived = Arc::<Mutex<Vec<Arrived>>>::default();
        let breaks = Arc::new(AtomicUsize::new(usize::MAX));
        let (record, broken) = (Arc::clone(&arrived), Arc::clone(&breaks));
        let recorder = Server::start(move |mut client| {
            let request = client.read_request()?;
            let number = {
                let mut record = record.lock().expect("a sound lock");
                record.push(arrival(&request.head, &request.body));
                record.len() - 1
            };
            if number == broken.load(Ordering::SeqCst) {
                return Ok(());
            }
            client.send(relayed(&address, &request.head, &request.body)?)
        });
        Self {
            place,
            recorder,
            keys,
            arrived,
            breaks,
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
        let next = self.arrived.lock().expect("a sound lock").len();
        self.breaks.store(next + ahead, Ordering::SeqCst);
    }

    /// The requests since the last look.
    pub fn take_arrived(&self) -> Vec<Arrived> {
        self.breaks.store(usize::MAX, Ordering::SeqCst);
        std::mem::take(&mut *self.arrived.lock().expect("a sound lock"))
    }
}

/// The fixture's own doing, with the `TEST_DATA` that it was made with.
fn with_test_data(mut event: Value) -> Value {
    if let Value::Object(members) = &mut event {
        members.insert("key3".to_owned(), json!("value3"));
    }
    event
}

fn arrival(head: &str, body: &[u8]) -> Arrived {
    let decoded = |text: &str| text.replace("%24", "$").replace("%3A", ":");
    let target = head.split(' ').nth(1).expect("a request line");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let function_name = path
        .strip_prefix("/2015-03-31/functions/")
        .and_then(|path| path.strip_suffix("/invocations"))
        .expect("the path of Invoke");
    Arrived {
        function_name: decoded(function_name),
        qualifier: query.strip_prefix("Qualifier=").map(decoded),
        payload: String::from_utf8(body.to_vec()).expect("JSON text"),
        head: head.to_owned(),
    }
}

/// What the endpoint answers to a request. A connection a request, so that the end of
/// the answer needs no looking for.
fn relayed(address: &str, head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut endpoint = TcpStream::connect(address)?;
    let head = head.trim_end();
    endpoint.write_all(format!("{head}\r\nconnection: close\r\n\r\n").as_bytes())?;
    endpoint.write_all(body)?;
    let mut answer = Vec::new();
    endpoint.read_to_end(&mut answer)?;
    Ok(answer)
}
