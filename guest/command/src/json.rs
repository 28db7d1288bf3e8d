//! The JSON documents of `--output json`: keys as in the WIT package, absent values
//! left out. Bytes are text where they are UTF-8, and base64 under a key that says
//! so where they are not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::ephemeral::Opened;
use lambda_invocation_core::error::{Error, FunctionError, TimeoutPhase, TransportPhase};
use lambda_invocation_core::lifecycle::{
    ChangePlan, LifecycleEvent, PlanAction, PlannedRequest, State,
};
use serde_json::{Map, Value, json};

use crate::failure::{Failure, Unanswered};

/// An object without the entries whose value is `null`.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(
        entries
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

/// The payload's key and value.
fn payload(bytes: &[u8]) -> (&'static str, Value) {
    match std::str::from_utf8(bytes) {
        Ok(text) => ("payload", json!(text)),
        Err(_) => ("payload-base64", json!(STANDARD.encode(bytes))),
    }
}

/// `invoke.response`.
pub fn response(response: &Response) -> Value {
    object([
        ("status-code", json!(response.status_code)),
        payload(&response.payload),
        ("executed-version", json!(response.executed_version)),
        ("log-result", json!(response.log_result)),
        ("log-tail", json!(response.log_tail)),
        (
            "function-error",
            response
                .function_error
                .as_ref()
                .map_or(Value::Null, function_error),
        ),
        ("request-id", json!(response.request_id)),
        (
            "durable-execution-arn",
            json!(response.durable_execution_arn),
        ),
        ("attempts", json!(response.attempts)),
    ])
}

/// `invoke.signed-request`; the body in base64.
pub fn signed_request(request: &SignedRequest) -> Value {
    object([
        ("method", json!(request.method)),
        ("url", json!(request.url)),
        ("headers", json!(request.headers)),
        ("body", json!(STANDARD.encode(&request.body))),
        ("canonical-request", json!(request.canonical_request)),
        ("string-to-sign", json!(request.string_to_sign)),
    ])
}

/// `ephemeral.opened`.
pub fn opened(opened: &Opened) -> Value {
    object([
        ("result", json!(opened.result)),
        ("status-code", json!(opened.status_code)),
        ("executed-version", json!(opened.executed_version)),
        (
            "function-error",
            opened
                .function_error
                .as_ref()
                .map_or(Value::Null, function_error),
        ),
        ("log-result", json!(opened.log_result)),
        ("request-id", json!(opened.request_id)),
    ])
}

/// `invocation-lifecycle.change-plan`, with the id and, where it stays, the result
/// of the state before.
pub fn plan(plan: &ChangePlan, prior: Option<&State>) -> Value {
    let stays = plan.result_known
        && !matches!(
            plan.action,
            PlanAction::Create | PlanAction::Delete | PlanAction::Forget
        );
    object([
        ("action", json!(action(plan.action))),
        ("reasons", reasons(plan)),
        (
            "requests",
            plan.requests.iter().map(planned_request).collect(),
        ),
        ("result-known", json!(plan.result_known)),
        ("id", json!(prior.map(|prior| &prior.id))),
        (
            "result",
            json!(prior.filter(|_| stays).map(|prior| &prior.result)),
        ),
    ])
}

fn planned_request(request: &PlannedRequest) -> Value {
    object([
        ("event", json!(request.event.as_str())),
        ("function-name", json!(request.function_name)),
        ("qualifier", json!(request.qualifier)),
        ("region", json!(request.region)),
        ("tenant-id", json!(request.tenant_id)),
        ("client-context", json!(request.client_context)),
        ("payload", json!(request.payload)),
    ])
}

/// Why an apply did not come to its end.
pub struct Stopped<'a> {
    /// Whether a request was sent and not answered.
    pub unanswered: bool,
    /// What was completed before.
    pub completed: &'a [LifecycleEvent],
}

/// What an apply did: the action, and the id and the result of the state after it.
pub fn applied(plan: &ChangePlan, state: Option<&State>, stopped: Option<&Stopped<'_>>) -> Value {
    let completed = |stopped: &Stopped<'_>| -> Value {
        let events = stopped.completed.iter();
        events.map(|event| json!(event.as_str())).collect()
    };
    object([
        ("action", json!(action(plan.action))),
        ("reasons", reasons(plan)),
        ("failed", json!(stopped.map(|_| true))),
        (
            "unanswered",
            json!(stopped.filter(|stopped| stopped.unanswered).map(|_| true)),
        ),
        ("completed", stopped.map_or(Value::Null, completed)),
        ("id", json!(state.map(|state| &state.id))),
        ("result", json!(state.map(|state| &state.result))),
    ])
}

fn reasons(plan: &ChangePlan) -> Value {
    let names = plan.reasons.iter().map(|reason| reason.as_str());
    names.collect()
}

/// `invocation-lifecycle.plan-action`.
pub fn action(action: PlanAction) -> &'static str {
    match action {
        PlanAction::NoOp => "no-op",
        PlanAction::Create => "create",
        PlanAction::Update => "update",
        PlanAction::Replace => "replace",
        PlanAction::Delete => "delete",
        PlanAction::Forget => "forget",
    }
}

/// `types.function-error`.
pub fn function_error(error: &FunctionError) -> Value {
    object([
        ("kind", json!(error.kind)),
        ("error-type", json!(error.error_type)),
        ("error-message", json!(error.error_message)),
        ("stack-trace", json!(error.stack_trace)),
    ])
}

/// `{"error": {CASE: {...}}}`, the case of `types.error` and its record.
pub fn error(error: &Error) -> Value {
    json!({"error": case(error)})
}

/// [`error`], or one of the command line's own cases: `state-conflict` with its text, and
/// `unanswered` with the invocations whose outcome is not known. Of several faults the
/// first.
pub fn failure(failure: &Failure) -> Value {
    json!({"error": failure_case(failure)})
}

/// What stands under `error` in [`failure`].
pub fn failure_case(failure: &Failure) -> Value {
    match failure {
        Failure::Error(error) => case(error),
        Failure::Faults(faults) => faults.first().map_or(Value::Null, case),
        Failure::Conflict(text) => json!({"state-conflict": text}),
        Failure::Unanswered(all) => json!({"unanswered": unanswered(all)}),
    }
}

/// Invocations whose outcome is not known, by name: what was about to be sent, but for
/// the configuration.
pub fn unanswered(all: &[Unanswered]) -> Value {
    let all = all.iter().map(|one| {
        let intent = json!({
            "event": one.intent.event,
            "function-name": one.intent.function_name,
            "at": one.intent.at,
            "payload-sha256": one.intent.payload_sha256,
        });
        (one.name.clone(), intent)
    });
    Value::Object(all.collect())
}

fn case(error: &Error) -> Value {
    let (case, value) = match error {
        Error::InvalidArgument(e) => (
            "invalid-argument",
            json!({"argument": e.argument, "reason": e.reason}),
        ),
        Error::NoCredentials(places) => ("no-credentials", json!(places)),
        Error::NoRegion => ("no-region", json!({})),
        Error::DeniedByHost(e) => ("denied-by-host", json!({"url": e.url, "hint": e.hint})),
        Error::Transport(e) => (
            "transport",
            json!({
                "phase": match e.phase {
                    TransportPhase::Connect => "connect",
                    TransportPhase::Tls => "tls",
                    TransportPhase::Request => "request",
                    TransportPhase::Response => "response",
                    TransportPhase::Host => "host",
                },
                "detail": e.detail,
                "maybe-ran": e.maybe_ran,
                "attempts": e.attempts,
            }),
        ),
        Error::Timeout(e) => (
            "timeout",
            json!({
                "phase": match e.phase {
                    TimeoutPhase::Connect => "connect",
                    TimeoutPhase::Response => "response",
                    TimeoutPhase::Deadline => "deadline",
                },
                "after-ms": e.after_ms,
                "maybe-ran": e.maybe_ran,
                "attempts": e.attempts,
            }),
        ),
        Error::Throttled(e) => (
            "throttled",
            object([
                ("reason", json!(e.reason)),
                ("retry-after-ms", json!(e.retry_after_ms)),
                ("message", json!(e.message)),
                ("request-id", json!(e.request_id)),
                ("maybe-ran", json!(e.maybe_ran)),
                ("attempts", json!(e.attempts)),
            ]),
        ),
        Error::Service(e) => (
            "service",
            object([
                ("code", json!(e.code)),
                ("status", json!(e.status)),
                ("message", json!(e.message)),
                ("hint", json!(e.hint)),
                ("request-id", json!(e.request_id)),
                ("maybe-ran", json!(e.maybe_ran)),
                ("attempts", json!(e.attempts)),
            ]),
        ),
        Error::ResponseTooLarge(e) => ("response-too-large", json!({"limit": e.limit})),
        Error::FunctionFailed(e) => (
            "function-failed",
            object([
                ("function-error", function_error(&e.function_error)),
                payload(&e.payload),
                ("log-tail", json!(e.log_tail)),
            ]),
        ),
        Error::Other(text) => ("other", json!(text)),
    };
    json!({case: value})
}
