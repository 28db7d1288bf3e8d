//! The JSON documents of `--output json`: keys as in the WIT package, absent values
//! left out. Bytes are text where they are UTF-8, and base64 under a key that says
//! so where they are not.

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::{ChangePlan, LifecycleEvent, PlanAction, State};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::{Failure, Unanswered};

/// A record of the WIT package, without its absent values.
pub fn record(record: &impl Serialize) -> Value {
    // No record has a key that is no text, and nothing else can fail here.
    without_nulls(json!(record))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                members
                    .map(|(key, value)| (key, without_nulls(value)))
                    .collect(),
            )
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// `invocation-lifecycle.change-plan`, with the id and, where it stays, the result
/// of the state before.
pub fn plan(plan: &ChangePlan, prior: Option<&State>) -> Value {
    let stays = plan.result_known
        && !matches!(
            plan.action,
            PlanAction::Create | PlanAction::Delete | PlanAction::Forget
        );
    without_nulls(json!({
        "action": plan.action,
        "reasons": reasons(plan),
        "requests": plan.requests,
        "result-known": plan.result_known,
        "id": prior.map(|prior| &prior.id),
        "result": prior.filter(|_| stays).map(|prior| &prior.result),
    }))
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
    without_nulls(json!({
        "action": plan.action,
        "reasons": reasons(plan),
        "failed": stopped.map(|_| true),
        "unanswered": stopped.filter(|stopped| stopped.unanswered).map(|_| true),
        "completed": stopped.map(|stopped| stopped.completed),
        "id": state.map(|state| &state.id),
        "result": state.map(|state| &state.result),
    }))
}

fn reasons(plan: &ChangePlan) -> Value {
    let names = plan.reasons.iter().map(|reason| reason.as_str());
    names.collect()
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
    match error {
        // An object like the others.
        Error::NoRegion => json!({"no-region": {}}),
        error => record(error),
    }
}

#[cfg(test)]
mod tests {
    use lambda_invocation_core::call::invocation::SignedRequest;
    use lambda_invocation_core::call::response::Response;
    use lambda_invocation_core::error::{
        ArgumentError, FunctionError, FunctionFailure, ResponseLimit, ThrottlingError,
        TimeoutError, TimeoutPhase, TransportError, TransportPhase,
    };

    use super::*;

    fn function_error() -> FunctionError {
        FunctionError {
            kind: "Unhandled".to_owned(),
            error_type: Some("E".to_owned()),
            error_message: None,
            stack_trace: vec!["a".to_owned()],
        }
    }

    #[test]
    fn an_error_is_its_case_with_the_record_of_it() {
        let transport = TransportError {
            phase: TransportPhase::Tls,
            detail: "d".to_owned(),
            maybe_ran: false,
            attempts: 1,
        };
        let timeout = TimeoutError {
            phase: TimeoutPhase::Deadline,
            after_ms: 5,
            maybe_ran: true,
            attempts: 2,
        };
        let throttled = ThrottlingError {
            reason: "r".to_owned(),
            retry_after_ms: None,
            message: "m".to_owned(),
            request_id: Some("i".to_owned()),
            maybe_ran: false,
            attempts: 3,
        };
        let failed = FunctionFailure {
            function_error: function_error(),
            payload: vec![0xff],
            log_tail: None,
        };
        for (given, json) in [
            (
                Error::InvalidArgument(ArgumentError {
                    argument: "a".to_owned(),
                    reason: "r".to_owned(),
                }),
                json!({"invalid-argument": {"argument": "a", "reason": "r"}}),
            ),
            (
                Error::NoCredentials("none".to_owned()),
                json!({"no-credentials": "none"}),
            ),
            (Error::NoRegion, json!({"no-region": {}})),
            (
                Error::Transport(transport),
                json!({"transport": {
                    "phase": "tls", "detail": "d", "maybe-ran": false, "attempts": 1,
                }}),
            ),
            (
                Error::Timeout(timeout),
                json!({"timeout": {
                    "phase": "deadline", "after-ms": 5, "maybe-ran": true, "attempts": 2,
                }}),
            ),
            (
                Error::Throttled(throttled),
                json!({"throttled": {
                    "reason": "r", "message": "m", "request-id": "i", "maybe-ran": false,
                    "attempts": 3,
                }}),
            ),
            (
                Error::ResponseTooLarge(ResponseLimit { limit: 6 }),
                json!({"response-too-large": {"limit": 6}}),
            ),
            (
                Error::FunctionFailed(failed),
                json!({"function-failed": {
                    "function-error": {
                        "kind": "Unhandled", "error-type": "E", "stack-trace": ["a"],
                    },
                    "payload-base64": "/w==",
                }}),
            ),
            (Error::Other("o".to_owned()), json!({"other": "o"})),
        ] {
            assert_eq!(error(&given), json!({"error": json}));
        }
    }

    #[test]
    fn records_leave_out_what_is_absent_and_carry_bytes_as_text_or_base64() {
        let response = |payload: &[u8]| Response {
            status_code: 200,
            payload: payload.to_vec(),
            executed_version: None,
            log_result: None,
            log_tail: None,
            function_error: Some(function_error()),
            request_id: None,
            durable_execution_arn: None,
            attempts: 1,
        };
        let text = record(&response(b"{\"a\":null}"));
        assert_eq!(
            text,
            json!({
                "status-code": 200,
                "payload": "{\"a\":null}",
                "function-error": {"kind": "Unhandled", "error-type": "E", "stack-trace": ["a"]},
                "attempts": 1,
            })
        );
        assert_eq!(record(&response(&[0xff]))["payload-base64"], "/w==");
        let signed = SignedRequest {
            method: "POST".to_owned(),
            url: "https://h/".to_owned(),
            headers: vec![("host".to_owned(), "h".to_owned())],
            body: b"{}".to_vec(),
            canonical_request: "c".to_owned(),
            string_to_sign: "s".to_owned(),
        };
        assert_eq!(
            record(&signed),
            json!({
                "method": "POST",
                "url": "https://h/",
                "headers": [["host", "h"]],
                "body": "e30=",
                "canonical-request": "c",
                "string-to-sign": "s",
            })
        );
    }
}
