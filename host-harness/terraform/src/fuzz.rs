//! The bodies of fuzz targets: what Terraform sends.

use prost::Message;

use crate::protocol::action::ActionRequest;
use crate::protocol::data_source::ReadDataRequest;
use crate::protocol::ephemeral::OpenRequest;
use crate::protocol::provider::ConfigureRequest;
use crate::protocol::resource::{
    ApplyRequest, ImportRequest, MoveRequest, PlanRequest, ReadRequest, UpgradeRequest,
};
use crate::protocol::{DynamicValue, ValidateRequest};
use crate::provider::settings;
use crate::resource::desired::Desired;
use crate::resource::state;
use crate::value::Value;

/// Reads bytes as a value in MessagePack, and as one in JSON.
///
/// # Panics
///
/// When a value is another one after it was written and read again.
pub fn value(data: &[u8]) {
    for (msgpack, json) in [(data, &[][..]), (&[][..], data)] {
        let encoded = DynamicValue {
            msgpack: msgpack.to_vec(),
            json: json.to_vec(),
        };
        read(Some(&encoded));
    }
}

fn read(encoded: Option<&DynamicValue>) {
    let Ok(value) = Value::decode(encoded) else {
        return;
    };
    let written = value.clone().encode();
    let again = Value::decode(Some(&written));
    assert_eq!(
        again.map(|again| again.encode() == written),
        Ok(true),
        "another value than was written"
    );
    let Value::Map(members) = value else { return };
    let desired = Desired::read(&members);
    for problem in &desired.problems {
        assert!(!problem.summary.is_empty());
    }
    let _ = state::read(&members);
    let _ = settings::read(&members, |_| None);
}

/// Reads bytes as every message that holds a value or a state, and all that is in it.
///
/// # Panics
///
/// As [`value`].
pub fn message(data: &[u8]) {
    if let Ok(message) = PlanRequest::decode(data) {
        for value in [
            message.prior_state,
            message.proposed_new_state,
            message.config,
        ] {
            read(value.as_ref());
        }
    }
    if let Ok(message) = ApplyRequest::decode(data) {
        for value in [message.prior_state, message.planned_state, message.config] {
            read(value.as_ref());
        }
    }
    if let Ok(message) = UpgradeRequest::decode(data) {
        value(&message.raw_state.unwrap_or_default().json);
    }
    if let Ok(message) = MoveRequest::decode(data) {
        value(&message.source_state.unwrap_or_default().json);
    }
    if let Ok(message) = ReadRequest::decode(data) {
        read(message.current_state.as_ref());
    }
    if let Ok(message) = ConfigureRequest::decode(data) {
        read(message.config.as_ref());
    }
    if let Ok(message) = ValidateRequest::decode(data) {
        read(message.config.as_ref());
    }
    if let Ok(message) = ReadDataRequest::decode(data) {
        read(message.config.as_ref());
    }
    if let Ok(message) = OpenRequest::decode(data) {
        read(message.config.as_ref());
    }
    if let Ok(message) = ActionRequest::decode(data) {
        read(message.config.as_ref());
    }
    let _ = ImportRequest::decode(data);
}
