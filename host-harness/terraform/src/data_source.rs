//! The data source: an invocation at every plan and apply that reads it.

use lambda_invocation_core::lifecycle::{Config, id};
use lambda_invocation_engine::{Problem, result_text};

use crate::attributes::{
    CLIENT_CONTEXT, FUNCTION_NAME, ID, LOG_RESULT, LOG_TYPE, MAX_ATTEMPTS, QUALIFIER,
    REGION_STORED, RESULT, RETRY_MODE, TENANT_ID, TIMEOUT,
};
use crate::diagnostics::Diagnostics;
use crate::invocation::{self, Invocation, Naming};
use crate::protocol::data_source::{ReadDataRequest, ReadDataResponse};
use crate::protocol::{Deferred, DeferredReason, DynamicValue, ValidateRequest};
use crate::provider::{Provider, members};
use crate::schema::Presence::{Defaulted, Required};
use crate::schema::{Attribute, Kind, Schema};
use crate::value::Value;

const NAMING: Naming = Naming {
    payload: "input",
    write_only: None,
    may_be_empty: true,
};

/// The data source's block.
pub fn schema() -> Schema {
    Schema {
        version: 0,
        description: "Invokes a Lambda function whenever it is read: in every plan, and in an apply where an argument is known only then. Use the resource for a function that is to run once.",
        attributes: vec![
            FUNCTION_NAME,
            Attribute::new(
                "input",
                Kind::String,
                Required,
                "The event: a JSON text, mostly by `jsonencode`, sent byte for byte.",
            ),
            Attribute {
                presence: Defaulted,
                ..QUALIFIER
            },
            TENANT_ID,
            CLIENT_CONTEXT,
            LOG_TYPE,
            REGION_STORED,
            TIMEOUT,
            RETRY_MODE,
            MAX_ATTEMPTS,
            RESULT,
            LOG_RESULT,
            ID,
        ],
        blocks: Vec::new(),
    }
}

/// `ValidateDataResourceConfig`
pub fn validate(request: &ValidateRequest) -> Diagnostics {
    invocation::validate(request, NAMING)
}

/// `ReadDataSource`
pub async fn read(provider: &Provider, request: ReadDataRequest) -> ReadDataResponse {
    if let Some(problem) = invocation::unconfigured(provider) {
        let capabilities = request.client_capabilities.unwrap_or_default();
        if capabilities.deferral_allowed {
            return ReadDataResponse {
                deferred: Some(Deferred {
                    reason: DeferredReason::ProviderConfigUnknown.into(),
                }),
                ..ReadDataResponse::default()
            };
        }
        return failed(problem);
    }
    match try_read(provider, &request).await {
        Ok(state) => ReadDataResponse {
            state: Some(state),
            ..ReadDataResponse::default()
        },
        Err(problem) => failed(problem),
    }
}

fn failed(problem: Problem) -> ReadDataResponse {
    ReadDataResponse {
        diagnostics: Diagnostics::from(problem).into(),
        ..ReadDataResponse::default()
    }
}

async fn try_read(provider: &Provider, request: &ReadDataRequest) -> Result<DynamicValue, Problem> {
    let mut members = members(request.config.as_ref())?;
    let Invocation {
        mut request,
        mut call,
        mut problems,
    } = Invocation::read(&members, NAMING);
    if let Some(problem) = problems.pop() {
        return Err(problem);
    }
    let engine = provider.engine();
    if call.region.is_none() {
        call.region = engine.region().await;
    }
    // As the resource finds it: in the attribute, in the name, or else $LATEST.
    let config = Config {
        function_name: request.function_name.clone(),
        qualifier: request.qualifier.take(),
        ..Config::default()
    };
    let qualifier = config.qualifier().to_owned();
    let id = id::of_payload(&request.function_name, &qualifier, &request.payload);
    request.qualifier = Some(qualifier.clone());
    let region = call.region.clone();
    let response = engine.invoke(request, &call).await?;
    if let Some(problem) = Problem::of_response(&config.function_name, &response) {
        return Err(problem);
    }
    let result = result_text(response.payload)?;
    for (name, value) in [
        ("qualifier", Value::from(qualifier)),
        ("region", region.into()),
        ("result", result.into()),
        ("log_result", response.log_result.into()),
        // hashicorp/aws writes this one with underscores.
        ("id", id.replace(',', "_").into()),
    ] {
        members.insert(name.to_owned(), value);
    }
    Ok(Value::Map(members).encode())
}
