//! The wasmtime crate: the host library of this project.

use std::fmt::{self, Write as _};
use std::sync::{Mutex, OnceLock, PoisonError};

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::request::{LogType, Request};
use lambda_invocation_host::Host as Library;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::endpoint::runtime;
use super::{Call, Exception, Host, Instead, Network, Outcome};
use crate::build;

/// The wasmtime crate in the version of `Cargo.lock`.
pub struct WasmtimeCrate;

impl Host for WasmtimeCrate {
    fn name(&self) -> &'static str {
        "wasmtime crate"
    }

    fn version(&self) -> &'static str {
        "48.0.8 LTS"
    }

    fn drives(&self) -> &'static str {
        "the plugin, with the library [lambda-invocation-host](../host-harness/); credentials as an argument."
    }

    fn on_every_change(&self) -> bool {
        true
    }

    fn exceptions(&self) -> &'static [Exception] {
        &[Exception {
            case: "no network",
            instead: Instead::NotApplicable,
            why: "The library always links `wasi:http`, and grants the endpoint of the call only; \"denied\" is a call to an address it never grants, that of the instance metadata.",
        }]
    }

    fn install(&self) -> Result<(), String> {
        library();
        Ok(())
    }

    fn invoke(&self, call: &Call<'_>) -> Outcome {
        let logs = Logs::of_this_process();
        let request = Request {
            function_name: call.function.to_owned(),
            payload: call.payload.to_vec(),
            invocation_type: Some(call.invocation_type),
            log_type: call.tail.then_some(LogType::Tail),
            ..Request::default()
        };
        let endpoint = match call.network {
            Network::Granted => call.endpoint,
            Network::Elsewhere | Network::None => "http://169.254.169.254",
        };
        let connection = Connection {
            region: Some(call.region.to_owned()),
            endpoint_url: Some(endpoint.to_owned()),
            allow_http: Some(true),
            credentials: Some(Credentials {
                access_key_id: call.keys.access_key_id.clone(),
                secret_access_key: call.keys.secret_access_key.clone(),
                session_token: call.keys.session_token.clone(),
            }),
            deadline_ms: call.deadline_ms,
            ..Connection::default()
        };
        let result = runtime().block_on(library().invoke(request, connection));
        let logged = logs.take();
        match result {
            Ok(response) => {
                let said = format!("{:?}\n{:?}", response.log_tail, response.function_error);
                Outcome {
                    said: format!("{said}\n{response:?}\n{logged}"),
                    answer: Some(response.payload),
                }
            }
            Err(error) => Outcome {
                answer: None,
                said: format!("{error}\n{error:?}\n{logged}"),
            },
        }
    }
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::load(build::component()).expect("a component that loads"))
}

/// Everything that any crate of this process logs, at every level.
struct Logs(Mutex<String>);

impl Logs {
    fn of_this_process() -> &'static Self {
        static LOGS: Logs = Logs(Mutex::new(String::new()));
        static SUBSCRIBED: OnceLock<()> = OnceLock::new();
        SUBSCRIBED.get_or_init(|| {
            tracing::subscriber::set_global_default(&LOGS).expect("the only subscriber");
        });
        &LOGS
    }

    /// What was logged since the last time.
    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes fields down.
struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Logs {
    fn write(&self, metadata: Option<&Metadata<'_>>, record: impl FnOnce(&mut Fields<'_>)) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metadata) = metadata {
            text.push_str(metadata.target());
        }
        record(&mut Fields(&mut text));
        text.push('\n');
    }
}

impl Subscriber for &'static Logs {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(Some(span.metadata()), |fields| span.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.write(None, |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.write(Some(event.metadata()), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
