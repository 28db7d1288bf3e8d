//! The operations Invoke and InvokeWithResponseStream: from an HTTP request to its answer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;
use tokio::time::{sleep, timeout};

use super::arguments::{Arguments, INVOCATION_TYPE, InvocationType, event, one_of};
use super::attempts::Attempts;
use super::function_name::Target;
use super::functions::{Answer, Call, Callee, Function, MAX_RESPONSE, Outcome, Saw};
use super::ids::Ids;
use super::records::{Invocation, Number, Records};
use super::reply::{self, Body, Refusal};
use super::stream::{self, Script};
use super::tasks::Tasks;
use super::verify::{Received, Verifier};
use super::{cors, date, execution_log, runtime_error};

/// Most bytes that are read of a body already refused, so that its sender gets to
/// read the refusal.
const MAX_DRAIN: u64 = 64 << 20;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");
const DURABLE_EXECUTION_ARN: HeaderName = HeaderName::from_static("x-amz-durable-execution-arn");

/// What the connections of one endpoint share.
pub(super) struct Service {
    pub(super) region: String,
    /// What functions return that always return the same, by their names.
    pub(super) answers: BTreeMap<String, Bytes>,
    pub(super) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    pub(super) verifier: Verifier,
    pub(super) records: Records,
    pub(super) tasks: Tasks,
    pub(super) attempts: Attempts,
    pub(super) ids: Ids,
}

/// Why a connection breaks without an answer.
#[derive(Debug)]
pub(super) struct HungUp;

impl fmt::Display for HungUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was to break")
    }
}

impl std::error::Error for HungUp {}

/// Why there is no answer of a function.
enum Stop {
    Refused(Refusal),
    HungUp,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Service {
    /// Answers one request. An error breaks the connection.
    pub(super) async fn answer(
        self: Arc<Self>,
        connection: u64,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, HungUp> {
        if let Some(answer) = cors::preflight(&request) {
            return Ok(answer);
        }
        self.records.request();
        let from_page = cors::is_from_page(&request);
        let now = date::of((self.clock)());
        let request_id = self.ids.request_id();
        let mut number = None;
        let result = self
            .invoke(connection, &request_id, now, request, &mut number)
            .await;
        let mut error_code = None;
        let mut response = match result {
            Ok(response) => response,
            Err(Stop::Refused(refusal)) => {
                self.records.refused();
                error_code = Some(refusal.code.clone().into_owned());
                refusal.into_response()
            }
            Err(Stop::HungUp) => return Err(HungUp),
        };
        self.records.update(number, |invocation| {
            invocation.status = Some(response.status().as_u16());
            invocation.error_code = error_code;
        });
        reply::stamp(
            response.headers_mut(),
            &date::http(date::of((self.clock)())),
            &request_id,
            &self.ids.trace_id(now.unix_timestamp()),
        );
        if from_page {
            cors::allow(response.headers_mut());
        }
        Ok(response)
    }

    async fn invoke(
        self: &Arc<Self>,
        connection: u64,
        request_id: &str,
        now: OffsetDateTime,
        request: Request<Incoming>,
        number: &mut Option<Number>,
    ) -> Result<Response<Body>, Stop> {
        let (parts, body) = request.into_parts();
        let path = InvokePath::of(&parts)?;
        let mut record = |payload: Bytes| {
            *number = self.records.begin(|| Invocation {
                connection,
                request_id: request_id.to_owned(),
                function_name: path.label.clone(),
                qualifier: path.qualifier.clone(),
                invocation_type: parts
                    .headers
                    .get(INVOCATION_TYPE)
                    .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
                headers: parts.headers.clone(),
                payload,
                executed_version: None,
                status: None,
                error_code: None,
                function_error: false,
                finished: false,
            });
        };

        let limit = one_of(
            &parts.headers,
            &INVOCATION_TYPE,
            "invocationType",
            &InvocationType::ALL,
        )
        .ok()
        .flatten()
        .unwrap_or(InvocationType::RequestResponse)
        .max_payload();
        let payload = match self.read_payload(&parts.headers, body, limit).await {
            Ok(payload) => payload,
            Err(stop) => {
                record(Bytes::new());
                return Err(stop);
            }
        };
        record(payload.clone());
        let number = *number;

        let received = Received {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            payload: &payload,
        };
        self.verifier.verify(&received, now)?;
        let arguments = Arguments::read(&parts.headers)?;
        if path.streaming && arguments.invocation_type == InvocationType::Event {
            let rule = "Member must satisfy enum value set: [RequestResponse, DryRun]";
            return Err(Refusal::validation("invocationType", rule).into());
        }
        let event = event(&payload)?;
        let target = Target::parse(&path.label, path.qualifier.as_deref(), &self.region)?;
        let function = self.callee(&target)?;
        let version = target.executed_version()?;
        if arguments.invocation_type == InvocationType::DryRun {
            return Ok(reply::empty(StatusCode::NO_CONTENT));
        }

        let started = Instant::now();
        let answer = function.run(&Call {
            event,
            request_id,
            sdk_invocation_id: arguments.sdk_invocation_id,
            attempts: &self.attempts,
            saw: Saw {
                function: &target.name,
                qualifier: target.qualifier.as_deref(),
                executed_version: version,
                invocation_type: arguments.invocation_type.name(),
                client_context: arguments.client_context,
                tenant_id: arguments.tenant_id,
                durable_execution_name: arguments.durable_execution_name,
            },
        });
        let ran = !matches!(answer.outcome, Outcome::Refused(_));
        if ran {
            self.records.ran();
            self.records.update(number, |invocation| {
                invocation.executed_version = Some(version.to_owned());
            });
        }
        if arguments.invocation_type == InvocationType::Event {
            let service = Arc::clone(self);
            self.tasks.spawn(async move {
                sleep(answer.after).await;
                service.finished(number, &answer.outcome);
            });
            return Ok(reply::empty(StatusCode::ACCEPTED));
        }
        let answer = match answer.outcome {
            Outcome::Streamed(script) if !path.streaming => script.whole(MAX_RESPONSE),
            _ => answer,
        };
        if !answer.after.is_zero() {
            sleep(answer.after).await;
        }
        if path.streaming && ran && !matches!(answer.outcome, Outcome::HungUp) {
            let log_tail = arguments
                .log_tail
                .then(|| execution_log::tail(request_id, version, &answer.log, started.elapsed()));
            let log_tail = log_tail.map(|tail| STANDARD.encode(tail));
            let (script, first) = Script::of(answer.outcome);
            let (out, body) = stream::body();
            let service = Arc::clone(self);
            self.tasks.spawn(async move {
                let failed = script.play(first, log_tail, &out).await;
                service.ended(number, true, failed);
            });
            let mut response = reply::event_stream(body);
            let headers = response.headers_mut();
            headers.insert(EXECUTED_VERSION, HeaderValue::from_static(version));
            return Ok(response);
        }
        self.finished(number, &answer.outcome);

        let Answer { log, outcome, .. } = answer;
        let (body, failed) = match outcome {
            Outcome::Returned(body) if body.len() <= MAX_RESPONSE => (body, false),
            Outcome::Returned(_) => (runtime_error::response_too_large(MAX_RESPONSE).into(), true),
            Outcome::Failed(body) => (body.into(), true),
            Outcome::Refused(refusal) => return Err(refusal.into()),
            Outcome::HungUp | Outcome::Streamed(_) => return Err(Stop::HungUp),
        };
        let mut response = reply::json(StatusCode::OK, body);
        let headers = response.headers_mut();
        headers.insert(EXECUTED_VERSION, HeaderValue::from_static(version));
        if failed {
            headers.insert(FUNCTION_ERROR, HeaderValue::from_static("Unhandled"));
        }
        if arguments.log_tail {
            let tail = execution_log::tail(request_id, version, &log, started.elapsed());
            reply::set(headers, LOG_RESULT, &STANDARD.encode(tail));
        }
        if let Some(name) = arguments.durable_execution_name {
            let arn = target.version_arn(version);
            let arn = format!("{arn}/durable-execution/{name}/{request_id}");
            reply::set(headers, DURABLE_EXECUTION_ARN, &arn);
        }
        Ok(response)
    }

    /// The function that a request names.
    fn callee(&self, target: &Target) -> Result<Callee<'_>, Refusal> {
        if let Some(answer) = self.answers.get(&target.name) {
            return Ok(Callee::Fixed(answer));
        }
        Function::find(&target.name)
            .map(Callee::BuiltIn)
            .ok_or_else(|| target.not_found())
    }

    /// Notes that a function came to its end.
    fn finished(&self, number: Option<Number>, outcome: &Outcome) {
        let (finished, failed) = match outcome {
            Outcome::Returned(body) => (true, body.len() > MAX_RESPONSE),
            Outcome::Failed(_) => (true, true),
            Outcome::HungUp | Outcome::Streamed(_) => (true, false),
            Outcome::Refused(_) => (false, false),
        };
        self.ended(number, finished, failed);
    }

    fn ended(&self, number: Option<Number>, finished: bool, failed: bool) {
        self.records.update(number, |invocation| {
            invocation.finished = finished;
            invocation.function_error = failed;
        });
    }

    /// Reads a body of at most `limit` bytes. A longer one is refused as soon as
    /// that is known, by its `Content-Length` or by what came.
    async fn read_payload(
        &self,
        headers: &HeaderMap,
        mut body: Incoming,
        limit: usize,
    ) -> Result<Bytes, Stop> {
        let reading = async {
            if body.size_hint().lower() > limit as u64 {
                return Err(too_large(limit));
            }
            // Most bodies come in one piece, which is then not copied.
            let mut first = Bytes::new();
            let mut all = BytesMut::new();
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else {
                    return Err(Stop::HungUp);
                };
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                if first.len() + all.len() + data.len() > limit {
                    return Err(too_large(limit));
                }
                if first.is_empty() && all.is_empty() {
                    first = data;
                    continue;
                }
                if all.is_empty() {
                    all.extend_from_slice(&std::mem::take(&mut first));
                }
                all.extend_from_slice(&data);
            }
            Ok(if all.is_empty() { first } else { all.freeze() })
        };
        let result = match timeout(BODY_TIMEOUT, reading).await {
            Ok(result) => result,
            Err(_) => {
                return Err(Refusal::front_end(
                    StatusCode::REQUEST_TIMEOUT,
                    "RequestTimeoutException",
                    "The request body did not arrive in time.",
                )
                .into());
            }
        };
        // Whoever waits for "100 Continue" has not begun to send.
        if result.is_err() && !headers.contains_key(header::EXPECT) {
            self.tasks.spawn(drain(body));
        }
        result
    }
}

/// Reads what is left of a refused body and throws it away: a sender that finds
/// the connection closed on it may never read the answer.
async fn drain(mut body: Incoming) {
    let drained = async {
        let mut left = MAX_DRAIN;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, |data| data.len() as u64);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Late or on time, the rest is not wanted.
    let _ = timeout(BODY_TIMEOUT, drained).await;
}

/// What the path and the query say, percent-decoded.
struct InvokePath {
    label: String,
    qualifier: Option<String>,
    /// Whether the answer is to be an event stream.
    streaming: bool,
}

impl InvokePath {
    /// Refuses what is neither operation.
    fn of(parts: &Parts) -> Result<Self, Refusal> {
        let path = parts.uri.path();
        let label = |before, after| path.strip_prefix(before)?.strip_suffix(after);
        let whole = label("/2015-03-31/functions/", "/invocations");
        let streaming = label("/2021-11-15/functions/", "/response-streaming-invocations");
        let label = whole
            .or(streaming)
            .filter(|label| !label.contains('/'))
            .ok_or_else(|| {
                Refusal::front_end(
                    StatusCode::NOT_FOUND,
                    "UnknownOperationException",
                    "This endpoint has two operations: POST /2015-03-31/functions/FunctionName/invocations and POST /2021-11-15/functions/FunctionName/response-streaming-invocations",
                )
            })?;
        if parts.method != Method::POST {
            return Err(Refusal::front_end(
                StatusCode::METHOD_NOT_ALLOWED,
                "UnknownOperationException",
                "Invoke is a POST request",
            ));
        }
        let qualifier = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .find_map(|pair| pair.strip_prefix("Qualifier="));
        Ok(Self {
            label: decode(label),
            qualifier: qualifier.map(decode),
            streaming: streaming.is_some(),
        })
    }
}

/// Bytes that are not UTF-8 become U+FFFD, which no name may hold.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn too_large(limit: usize) -> Stop {
    Refusal::service(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLargeException",
        format!("Request must be smaller than {limit} bytes for the InvokeFunction operation"),
    )
    .into()
}
