//! One call of `invoke`: what a row of the action and of the data source is, and how
//! it is run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::request::{InvocationType, LogType, Request};
use lambda_invocation_core::error::Error;
use lambda_invocation_host::{CallError, Host};

use serde_json::Value;

use crate::endpoint::{Arrived, Endpoint, Place};
use crate::fixture::Title;

/// Calls in a row.
pub struct Row {
    pub title: Title,
    pub calls: Vec<Call>,
}

/// A call, and what comes of it.
pub struct Call {
    pub request: Request,
    pub expected: Expected,
}

pub enum Expected {
    /// The answer of the fixture that the request names, from this version; status 200.
    Answer { version: &'static str },
    /// An empty payload.
    Status(u16),
    /// A function error, whose log is there.
    FunctionError,
    /// For this argument; nothing is sent.
    Refused(&'static str),
}

pub fn request(fixture: &str, payload: &str) -> Request {
    Request {
        function_name: fixture.to_owned(),
        payload: payload.as_bytes().to_vec(),
        ..Request::default()
    }
}

pub async fn run(rows: &[Row], host: &Host, endpoint: &Endpoint) {
    for row in rows {
        for call in &row.calls {
            let about = format!("{} on {:?}", row.title.name, endpoint.place);
            one(call, host, endpoint, &about).await;
        }
    }
}

async fn one(call: &Call, host: &Host, endpoint: &Endpoint, about: &str) {
    let fixture = &call.request.function_name;
    let request = Request {
        function_name: endpoint.function(fixture),
        ..call.request.clone()
    };
    let result = host.invoke(request.clone(), endpoint.connection()).await;
    let arrived = endpoint.take_arrived();
    if let Expected::Refused(argument) = call.expected {
        match result {
            Err(CallError::Failed(Error::InvalidArgument(error))) => {
                assert_eq!(error.argument, argument, "{about}");
            }
            other => panic!("{about}: {other:?}"),
        }
        assert!(arrived.is_empty(), "{about}");
        return;
    }
    let response = result.unwrap_or_else(|e| panic!("{about}: {e}"));
    assert_eq!(arrived.len(), 1, "{about}");
    is_sent(&arrived[0], &request, about);
    let payload = String::from_utf8(response.payload).unwrap();
    match call.expected {
        Expected::Answer { version } => {
            assert_eq!(response.status_code, 200, "{about}");
            assert_eq!(response.function_error, None, "{about}");
            assert_eq!(
                response.executed_version.as_deref(),
                Some(version),
                "{about}"
            );
            let sent = &arrived[0].payload;
            assert!(
                endpoint.is_answer(fixture, sent, &payload),
                "{about}: {payload}"
            );
            if endpoint.place == Place::Local && fixture == "echo" {
                is_seen(&request, &payload, about);
            }
        }
        Expected::Status(status) => {
            assert_eq!(response.status_code, status, "{about}");
            assert_eq!(payload, "", "{about}");
        }
        Expected::FunctionError => {
            assert_eq!(response.status_code, 200, "{about}");
            let error = response.function_error.unwrap();
            assert_eq!(error.kind, "Unhandled", "{about}");
            assert!(
                error.error_message.is_some() && !payload.is_empty(),
                "{about}"
            );
        }
        Expected::Refused(_) => {}
    }
    let synchronous = matches!(
        request.invocation_type,
        None | Some(InvocationType::RequestResponse)
    );
    if request.log_type == Some(LogType::Tail) && synchronous {
        let log = STANDARD.decode(response.log_result.unwrap()).unwrap();
        assert!(!log.is_empty(), "{about}");
        assert_eq!(response.log_tail.unwrap().as_bytes(), log, "{about}");
    } else {
        assert_eq!(
            (response.log_result, response.log_tail),
            (None, None),
            "{about}"
        );
    }
}

/// What the local endpoint's `echo` tells of a call besides its event.
fn is_seen(request: &Request, answer: &str, about: &str) {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let context = request.client_context.as_ref().map_or(Value::Null, |text| {
        serde_json::from_slice(&STANDARD.decode(text).unwrap()).unwrap()
    });
    assert_eq!(answer["saw"]["client_context"], context, "{about}");
    assert_eq!(
        answer["saw"]["tenant_id"],
        Value::from(request.tenant_id.clone()),
        "{about}"
    );
}

/// What was asked for, and no header beyond that.
fn is_sent(arrived: &Arrived, request: &Request, about: &str) {
    assert_eq!(arrived.payload.as_bytes(), request.payload, "{about}");
    assert_eq!(arrived.function_name, request.function_name, "{about}");
    assert_eq!(arrived.qualifier, request.qualifier, "{about}");
    for (name, value) in [
        (
            "x-amz-invocation-type",
            request.invocation_type.map(InvocationType::as_str),
        ),
        ("x-amz-log-type", request.log_type.map(LogType::as_str)),
        ("x-amz-client-context", request.client_context.as_deref()),
        ("x-amz-tenant-id", request.tenant_id.as_deref()),
    ] {
        assert_eq!(arrived.header(name), value, "{about}: {name}");
    }
}
