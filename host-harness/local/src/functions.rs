//! The functions that the endpoint has, each driven by its event.
//!
//! An event that a function cannot read makes that function fail, as a handler
//! does that throws; it is never a refusal of the service.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::attempts::Attempts;
use super::reply::Refusal;
use super::runtime_error::{self, RUNTIMES};
use super::stream::{self, Script};

/// Most bytes of a synchronous response: 6 MB and 100 bytes.
pub(super) const MAX_RESPONSE: usize = 6_291_556;

/// Longest time a function may run: 15 minutes.
const MAX_TIMEOUT_MS: u64 = 900_000;

/// A function of the endpoint.
///
/// Every function has the versions `$LATEST` and `1`, and the alias `PROD` for
/// version 1.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a line, with the members of its event.
    pub about: &'static str,
    /// An event to try it with.
    pub example: &'static str,
    run: fn(&Call<'_>) -> Result<Answer, String>,
}

/// The functions that there are.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "echo",
        about: "returns {event, saw}: the event as it came, and what else came with it",
        example: r#"{"name":"world"}"#,
        run: echo,
    },
    Function {
        name: "identity",
        about: "returns the event, byte for byte",
        example: r#"{"name":"world"}"#,
        run: identity,
    },
    Function {
        name: "fail",
        about: "throws; runtime: python (default), node, java, go, go-panic, dotnet, ruby, custom or exit; message",
        example: r#"{"runtime":"node"}"#,
        run: fail,
    },
    Function {
        name: "sleep",
        about: "returns {slept_ms} after ms milliseconds, or times out after timeout seconds (default 900)",
        example: r#"{"ms":1500}"#,
        run: sleep,
    },
    Function {
        name: "log",
        about: "writes lines, a string or a list of them, to its log and returns null",
        example: r#"{"lines":["one","two"]}"#,
        run: log,
    },
    Function {
        name: "big",
        about: "returns a JSON string that is bytes long, its quotes included",
        example: r#"{"bytes":6291556}"#,
        run: big,
    },
    Function {
        name: "throttle",
        about: "is throttled (429), for ever or times times a call; reason, retry_after (s, default 1), retry_after_ms",
        example: r#"{"times":1}"#,
        run: throttle,
    },
    Function {
        name: "flaky",
        about: "fails fail times a call (default 1) with a service error: status (default 500), code; or drop: no answer at all",
        example: r#"{"fail":1,"status":502,"code":"ENINotReadyException"}"#,
        run: flaky,
    },
    Function {
        name: "drip",
        about: "writes pieces (default 3, or endless) of bytes bytes, one every ms milliseconds (default 100); end: fail, cut, missing, checksum, unknown, exception or silent",
        example: r#"{"pieces":5,"ms":100}"#,
        run: stream::drip,
    },
];

impl Function {
    /// The function of that name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    fn run(&self, call: &Call<'_>) -> Answer {
        (self.run)(call).unwrap_or_else(|message| {
            Outcome::Failed(runtime_error::value_error(&message, call.request_id)).into()
        })
    }
}

/// A function that a request names.
pub(super) enum Callee<'a> {
    /// One of [`FUNCTIONS`].
    BuiltIn(&'static Function),
    /// One that returns the same whatever its event is: see
    /// [`Builder::answer`](super::Builder::answer).
    Fixed(&'a Bytes),
}

impl Callee<'_> {
    /// Runs it, except for its waiting, which is [`Answer::after`].
    pub(super) fn run(&self, call: &Call<'_>) -> Answer {
        match self {
            Self::BuiltIn(function) => function.run(call),
            Self::Fixed(answer) => Outcome::Returned((*answer).clone()).into(),
        }
    }
}

/// What a function is called with.
pub(super) struct Call<'a> {
    /// JSON text.
    pub(super) event: &'a str,
    pub(super) request_id: &'a str,
    /// `amz-sdk-invocation-id`, or nothing.
    pub(super) sdk_invocation_id: &'a str,
    pub(super) attempts: &'a Attempts,
    pub(super) saw: Saw<'a>,
}

/// What `echo` tells of a call besides its event.
pub(super) struct Saw<'a> {
    pub(super) function: &'a str,
    pub(super) qualifier: Option<&'a str>,
    pub(super) executed_version: &'a str,
    pub(super) invocation_type: &'a str,
    pub(super) client_context: Option<Value>,
    pub(super) tenant_id: Option<&'a str>,
    pub(super) durable_execution_name: Option<&'a str>,
}

/// How a function answers.
pub(super) struct Answer {
    /// What it wrote to its log.
    pub(super) log: Vec<String>,
    /// How long it runs before the outcome is there.
    pub(super) after: Duration,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    /// JSON.
    Returned(Bytes),
    /// A function error, as JSON.
    Failed(String),
    /// The service refuses in place of the function, which does not run.
    Refused(Refusal),
    /// The connection breaks without an answer, though the function ran.
    HungUp,
    /// The function writes its answer while it runs.
    Streamed(Script),
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        Self {
            log: Vec::new(),
            after: Duration::ZERO,
            outcome,
        }
    }
}

fn returned(value: &Value) -> Outcome {
    Outcome::Returned(value.to_string().into())
}

/// The event goes into the answer as text: no number in it is rounded and no key
/// is moved.
fn echo(call: &Call<'_>) -> Result<Answer, String> {
    let Saw {
        function,
        qualifier,
        executed_version,
        invocation_type,
        client_context,
        tenant_id,
        durable_execution_name,
    } = &call.saw;
    let all = [
        ("function", Some(json!(function))),
        ("qualifier", qualifier.map(Value::from)),
        ("executed_version", Some(json!(executed_version))),
        ("invocation_type", Some(json!(invocation_type))),
        ("client_context", client_context.clone()),
        ("tenant_id", tenant_id.map(Value::from)),
        (
            "durable_execution_name",
            durable_execution_name.map(Value::from),
        ),
    ];
    let saw: Map<String, Value> = all
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let answer = format!(r#"{{"event":{},"saw":{}}}"#, call.event, Value::Object(saw));
    Ok(Outcome::Returned(answer.into()).into())
}

fn identity(call: &Call<'_>) -> Result<Answer, String> {
    Ok(Outcome::Returned(Bytes::copy_from_slice(call.event.as_bytes())).into())
}

fn fail(call: &Call<'_>) -> Result<Answer, String> {
    let event = Event::of(call)?;
    let runtime = event.text("runtime")?.unwrap_or("python");
    let message = event.text("message")?.unwrap_or("the event asked for it");
    let body = runtime_error::body(runtime, message, call.request_id).ok_or_else(|| {
        let names: Vec<&str> = RUNTIMES.iter().map(|r| r.name).collect();
        format!("runtime must be one of {}", names.join(", "))
    })?;
    Ok(Answer {
        log: vec![format!("[ERROR] {message}")],
        ..Outcome::Failed(body).into()
    })
}

fn sleep(call: &Call<'_>) -> Result<Answer, String> {
    let event = Event::of(call)?;
    let ms = event.whole("ms", 0..=u64::MAX)?.ok_or("ms is missing")?;
    let timeout_ms = event.milliseconds_of("timeout")?.unwrap_or(MAX_TIMEOUT_MS);
    if ms <= timeout_ms {
        return Ok(Answer {
            after: Duration::from_millis(ms),
            ..returned(&json!({ "slept_ms": ms })).into()
        });
    }
    let after = Duration::from_millis(timeout_ms);
    let body = runtime_error::timed_out(after.as_secs_f64(), call.request_id);
    Ok(Answer {
        log: vec![format!(
            "{} Task timed out after {:.2} seconds",
            call.request_id,
            after.as_secs_f64()
        )],
        after,
        outcome: Outcome::Failed(body),
    })
}

fn log(call: &Call<'_>) -> Result<Answer, String> {
    const RULE: &str = "lines must be a string or a list of strings";
    let log = match Event::of(call)?.0.get("lines").ok_or("lines is missing")? {
        Value::String(line) => vec![line.clone()],
        Value::Array(lines) => lines
            .iter()
            .map(|line| line.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or(RULE)?,
        _ => return Err(RULE.to_owned()),
    };
    Ok(Answer {
        log,
        ..returned(&Value::Null).into()
    })
}

fn big(call: &Call<'_>) -> Result<Answer, String> {
    let bytes = Event::of(call)?
        .whole("bytes", 2..=u64::MAX)?
        .ok_or("bytes is missing")?;
    // A byte too many is enough to be refused for its size, and is all the memory
    // that such an event may use.
    let bytes = usize::try_from(bytes)
        .unwrap_or(usize::MAX)
        .min(MAX_RESPONSE + 1);
    let mut body = Vec::with_capacity(bytes);
    body.push(b'"');
    body.resize(bytes - 1, b'x');
    body.push(b'"');
    Ok(Outcome::Returned(body.into()).into())
}

fn throttle(call: &Call<'_>) -> Result<Answer, String> {
    let event = Event::of(call)?;
    let reason = event
        .text("reason")?
        .unwrap_or("ReservedFunctionConcurrentInvocationLimitExceeded");
    let mut refusal = Refusal::service(
        StatusCode::TOO_MANY_REQUESTS,
        "TooManyRequestsException",
        "Rate Exceeded.",
    );
    refusal.reason = Some(reason.to_owned());
    refusal.retry_after = Some(event.whole("retry_after", 0..=86_400)?.unwrap_or(1));
    refusal.retry_after_ms = event.whole("retry_after_ms", 0..=86_400_000)?;
    Ok(match event.whole("times", 0..=u64::MAX)? {
        Some(times) => fails_at_first(call, "throttle", times, Outcome::Refused(refusal)),
        None => Outcome::Refused(refusal),
    }
    .into())
}

fn flaky(call: &Call<'_>) -> Result<Answer, String> {
    let event = Event::of(call)?;
    let status = event.whole("status", 400..=599)?.unwrap_or(500);
    let status = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or("status must be an error status")?;
    let code = event.text("code")?.unwrap_or("ServiceException");
    if code.is_empty() || code.len() > 128 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("code must be 1 to 128 letters and digits".to_owned());
    }
    let drop = match event.0.get("drop") {
        None => false,
        Some(value) => value.as_bool().ok_or("drop must be true or false")?,
    };
    let failure = if drop {
        Outcome::HungUp
    } else {
        Outcome::Refused(Refusal::service(
            status,
            code.to_owned(),
            "The event asked for this error.",
        ))
    };
    let times = event.whole("fail", 0..=u64::MAX)?.unwrap_or(1);
    Ok(fails_at_first(call, "flaky", times, failure).into())
}

/// `failure` for the first `times` attempts of a call, then the number of the
/// attempt that succeeded.
fn fails_at_first(
    call: &Call<'_>,
    function: &'static str,
    times: u64,
    failure: Outcome,
) -> Outcome {
    let attempt = call.attempts.next(function, call.sdk_invocation_id);
    if attempt <= times {
        return failure;
    }
    call.attempts.forget(function, call.sdk_invocation_id);
    returned(&json!({ "attempts": attempt }))
}

/// An event that is a JSON object, with the readers of its members.
pub(super) struct Event(pub(super) Map<String, Value>);

impl Event {
    pub(super) fn of(call: &Call<'_>) -> Result<Self, String> {
        match serde_json::from_str(call.event) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            // Valid JSON that is too deep or has too large a number ends up here
            // as well.
            _ => Err("the event must be a JSON object".to_owned()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} must be a string")),
        }
    }

    pub(super) fn whole(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, String> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        match value.as_u64().filter(|n| range.contains(n)) {
            Some(n) => Ok(Some(n)),
            None => Err(format!(
                "{name} must be a whole number from {} to {}",
                range.start(),
                range.end()
            )),
        }
    }

    /// A number of seconds, a fraction allowed, up to the longest timeout.
    fn milliseconds_of(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let milliseconds = value
            .as_f64()
            .filter(|seconds| (0.0..=900.0).contains(seconds))
            .and_then(|seconds| u64::try_from(Duration::from_secs_f64(seconds).as_millis()).ok());
        match milliseconds {
            Some(ms) => Ok(Some(ms)),
            None => Err(format!("{name} must be a number of seconds from 0 to 900")),
        }
    }
}
