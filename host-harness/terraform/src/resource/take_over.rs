//! States from elsewhere: stored by other versions, by hashicorp/aws, or made by an import.

use lambda_invocation_engine::{Event, Problem};

use super::desired::Desired;
use super::schema::schema;
use super::unanswered;
use crate::diagnostics::Diagnostics;
use crate::protocol::RawState;
use crate::protocol::resource::{
    ImportRequest, ImportResponse, ImportedResource, MoveRequest, MoveResponse, ReadRequest,
    ReadResponse, UpgradeRequest, UpgradeResponse,
};
use crate::provider::{INVOCATION, Provider, malformed};
use crate::value::{Members, Value};

/// `UpgradeResourceState`, which Terraform calls for every state it reads, whatever its
/// version: what a `terraform state replace-provider` left of hashicorp/aws comes here.
pub async fn upgrade(provider: &Provider, request: UpgradeRequest) -> UpgradeResponse {
    match upgraded(provider, request.version, request.raw_state.as_ref()).await {
        Ok(state) => UpgradeResponse {
            upgraded_state: Some(state.encode()),
            diagnostics: Vec::new(),
        },
        Err(problem) => UpgradeResponse {
            upgraded_state: None,
            diagnostics: Diagnostics::from(problem).into(),
        },
    }
}

/// `MoveResourceState`: a `moved` block from a resource of another type.
pub async fn take_over(provider: &Provider, request: MoveRequest) -> MoveResponse {
    let moved = if INVOCATION.contains(&request.source_type_name.as_str()) {
        upgraded(
            provider,
            request.source_schema_version,
            request.source_state.as_ref(),
        )
        .await
    } else {
        Err(Problem {
            argument: None,
            summary: "Only a Lambda invocation can become one".to_owned(),
            detail: "A resource can be moved here from aws_lambda_invocation and lambda_invocation alone.".to_owned(),
        })
    };
    match moved {
        Ok(state) => MoveResponse {
            target_state: Some(state.encode()),
            diagnostics: Vec::new(),
            target_private: request.source_private,
        },
        Err(problem) => MoveResponse {
            diagnostics: Diagnostics::from(problem).into(),
            ..MoveResponse::default()
        },
    }
}

/// The component reads what hashicorp/aws writes; what only this provider writes stays as
/// it is.
async fn upgraded(
    provider: &Provider,
    version: i64,
    raw: Option<&RawState>,
) -> Result<Value, Problem> {
    let json = raw.map(|raw| raw.json.as_slice()).unwrap_or_default();
    let version = u32::try_from(version).map_err(|_| malformed())?;
    let text = std::str::from_utf8(json).map_err(|_| malformed())?;
    let state = provider.engine().upgrade(version, text).await?;
    let Ok(Value::Map(mut stored)) = Value::from_json(json) else {
        return Err(malformed());
    };
    stored.insert("id".to_owned(), state.id.into());
    if !state.imported {
        let scope = state.config.lifecycle_scope();
        for (name, value) in [
            ("qualifier", state.config.qualifier().into()),
            ("terraform_key", state.config.terraform_key().into()),
            ("lifecycle_scope", scope.as_str().into()),
        ] {
            stored.insert(name.to_owned(), value);
        }
    }
    Ok(Value::Map(conforming(stored)))
}

/// The attributes that the schema has, and no others; an empty string that hashicorp/aws
/// may write for an optional attribute is null.
fn conforming(mut stored: Members) -> Members {
    let empty = Value::from("");
    schema()
        .attributes
        .iter()
        .map(|attribute| {
            let value = stored.remove(attribute.name).unwrap_or(Value::Null);
            let optional = matches!(attribute.name, "qualifier" | "region" | "tenant_id");
            let value = if optional && value == empty {
                Value::Null
            } else {
                value
            };
            (attribute.name.to_owned(), value)
        })
        .collect()
}

/// `ReadResource`. There is nothing to look at: an invocation is over when it is over.
pub async fn read(provider: &Provider, request: ReadRequest) -> ReadResponse {
    let mut response = ReadResponse {
        new_state: request.current_state.clone(),
        diagnostics: Vec::new(),
        private: request.private,
    };
    let Ok(Value::Map(mut state)) = Value::decode(request.current_state.as_ref()) else {
        return response;
    };
    if let Some(open) = unanswered::read(&response.private, Some(&state)) {
        let again = || {
            let call = Desired::read(&state).call;
            provider.engine().may_run_again(&open.id, &call)
        };
        let remembered = match open.unanswered.event {
            Event::Create => true,
            // Made as the state says.
            Event::Delete => !again(),
            Event::Update => false,
        };
        if remembered {
            provider.unanswered.remember(open);
        }
    }
    // A state of hashicorp/aws before its release 6 does not say where the function is.
    if state.get("region") == Some(&Value::Null)
        && let Some(region) = provider.engine().region().await
    {
        state.insert("region".to_owned(), region.into());
        response.new_state = Some(Value::Map(state).encode());
    }
    response
}

/// `ImportResourceState`: a state for an invocation that was made elsewhere. Nothing is
/// sent, now or when the configuration is adopted.
pub async fn import(provider: &Provider, request: ImportRequest) -> ImportResponse {
    let state = match provider.engine().import(&request.id).await {
        Ok(state) => state,
        Err(mut problem) => {
            problem.argument = None;
            return ImportResponse {
                diagnostics: Diagnostics::from(problem).into(),
                ..ImportResponse::default()
            };
        }
    };
    let region = match state.config.region {
        Some(region) => Some(region),
        None => provider.engine().region().await,
    };
    let members: Members = [
        ("id", Value::from(state.id)),
        ("function_name", state.config.function_name.into()),
        ("qualifier", state.config.qualifier.into()),
        ("region", region.into()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    ImportResponse {
        imported_resources: vec![ImportedResource {
            type_name: request.type_name,
            state: Some(Value::Map(conforming(members)).encode()),
            private: Vec::new(),
        }],
        diagnostics: Vec::new(),
    }
}
