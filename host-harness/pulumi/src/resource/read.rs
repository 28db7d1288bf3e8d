//! `Read`: a refresh, or an import.

use lambda_invocation_engine::grpc::Status;

use crate::failure;
use crate::protocol::resource::{ReadRequest, ReadResponse};
use crate::provider::Provider;
use crate::value::{Members, Value, encode};

/// Reads a resource. There is nothing to look at: an invocation is over when it is over. So
/// a refresh finds what the engine has, and an import what the id says. Nothing is sent.
pub async fn read(provider: &Provider, request: ReadRequest) -> Result<ReadResponse, Status> {
    let known = request.properties.as_ref();
    if known.is_some_and(|properties| properties.fields.contains_key("functionName")) {
        return Ok(ReadResponse {
            id: request.id,
            properties: request.properties,
            inputs: request.inputs,
        });
    }
    let state = provider
        .engine()
        .import(&request.id)
        .await
        .map_err(failure::known)?;
    let config = state.config;
    let outputs: Members = [
        ("functionName", Some(config.function_name)),
        ("qualifier", config.qualifier),
        ("region", config.region),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), Value::Text(value?))))
    .collect();
    let mut inputs = outputs.clone();
    // It is required, and not known: an empty one stands for it until the program gives it.
    inputs.insert("input".to_owned(), "".into());
    Ok(ReadResponse {
        id: state.id,
        properties: Some(encode(outputs)),
        inputs: Some(encode(inputs)),
    })
}
