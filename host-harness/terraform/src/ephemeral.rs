//! The ephemeral resource: an invocation whose answer is in no plan and no state.

use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::FunctionFailure;
use lambda_invocation_engine::{Arguments, Problem};

use crate::attributes::{
    CLIENT_CONTEXT, FUNCTION_NAME, LOG_RESULT, LOG_TYPE, MAX_ATTEMPTS, QUALIFIER, REGION, RESULT,
    RETRY_MODE, TENANT_ID, TIMEOUT, payload,
};
use crate::diagnostics::Diagnostics;
use crate::invocation::{self, Invocation, Naming};
use crate::protocol::ephemeral::{OpenRequest, OpenResponse};
use crate::protocol::{Deferred, DeferredReason, DynamicValue, ValidateRequest};
use crate::provider::{Provider, members};
use crate::schema::Presence::{Computed, Optional, Required};
use crate::schema::{Attribute, Kind, Schema};
use crate::value::{Members, Value};

const NAMING: Naming = Naming {
    payload: "payload",
    write_only: None,
    may_be_empty: false,
};

const RETURN_FUNCTION_ERROR: &str = "return_function_error";

/// The ephemeral resource's block.
pub fn schema() -> Schema {
    Schema {
        version: 0,
        description: "Invokes a Lambda function during every plan and apply in which its arguments are known, and keeps nothing: neither the payload nor the result is in a plan, a state or a log. For secrets, and for answers that are needed during a run only.",
        attributes: vec![
            FUNCTION_NAME,
            payload(Required),
            QUALIFIER,
            CLIENT_CONTEXT,
            LOG_TYPE,
            TENANT_ID,
            REGION,
            TIMEOUT,
            RETRY_MODE,
            MAX_ATTEMPTS,
            Attribute::new(
                RETURN_FUNCTION_ERROR,
                Kind::Bool,
                Optional,
                "`true` returns a function's error in `function_error` and `result`. By default it fails the run, so that no error report is taken for a secret.",
            ),
            RESULT,
            Attribute::new(
                "status_code",
                Kind::Number,
                Computed,
                "The HTTP status of Lambda's answer: 200.",
            ),
            Attribute::new(
                "executed_version",
                Kind::String,
                Computed,
                "The version that ran: the one an alias stands for, or `$LATEST`.",
            ),
            Attribute::new(
                "function_error",
                Kind::String,
                Computed,
                "With `return_function_error`: the kind of the function's error, `Unhandled` or `Handled`, and null where there is none. `result` then holds the runtime's report.",
            ),
            LOG_RESULT,
        ],
        blocks: Vec::new(),
    }
}

/// `ValidateEphemeralResourceConfig`
pub fn validate(request: &ValidateRequest) -> Diagnostics {
    invocation::validate(request, NAMING)
}

/// `OpenEphemeralResource`. Terraform does not call it while an argument is not known.
pub async fn open(provider: &Provider, request: OpenRequest) -> OpenResponse {
    if let Some(problem) = invocation::unconfigured(provider) {
        let capabilities = request.client_capabilities.unwrap_or_default();
        if capabilities.deferral_allowed {
            return OpenResponse {
                deferred: Some(Deferred {
                    reason: DeferredReason::ProviderConfigUnknown.into(),
                }),
                ..OpenResponse::default()
            };
        }
        return failed(problem);
    }
    match try_open(provider, &request).await {
        Ok(result) => OpenResponse {
            result: Some(result),
            ..OpenResponse::default()
        },
        Err(problem) => failed(problem),
    }
}

fn failed(problem: Problem) -> OpenResponse {
    OpenResponse {
        diagnostics: Diagnostics::from(problem).into(),
        ..OpenResponse::default()
    }
}

async fn try_open(provider: &Provider, request: &OpenRequest) -> Result<DynamicValue, Problem> {
    let members = members(request.config.as_ref())?;
    let Invocation {
        request,
        call,
        mut problems,
    } = Invocation::read(&members, NAMING);
    if let Some(problem) = problems.pop() {
        return Err(problem);
    }
    let returns_errors = Arguments::of(&members)
        .flag(RETURN_FUNCTION_ERROR)
        .unwrap_or_default();
    let function_name = request.function_name.clone();
    let config = EphemeralConfig {
        function_name: request.function_name,
        payload: String::from_utf8(request.payload).unwrap_or_default(),
        client_context: request.client_context,
        qualifier: request.qualifier,
        region: call.region.clone(),
        tenant_id: request.tenant_id,
        log_type: request.log_type,
    };
    let opened = provider.engine().open(config, &call).await?;
    match &opened.function_error {
        Some(function_error) if !returns_errors => Err(Problem::of_failure(
            &function_name,
            &FunctionFailure {
                function_error: function_error.clone(),
                payload: Vec::new(),
                log_tail: None,
            },
        )),
        _ => Ok(Value::Map(result(members, opened)).encode()),
    }
}

/// What the user wrote, as it is, and what came of it.
fn result(mut members: Members, opened: Opened) -> Members {
    let kind = opened.function_error.map(|error| error.kind);
    for (name, value) in [
        ("result", Value::from(opened.result)),
        ("status_code", i64::from(opened.status_code).into()),
        ("executed_version", opened.executed_version.into()),
        ("function_error", kind.into()),
        ("log_result", opened.log_result.into()),
    ] {
        members.insert(name.to_owned(), value);
    }
    members
}
