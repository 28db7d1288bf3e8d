//! The body of a fuzz target: what Pulumi sends.

use prost::Message;

use crate::path;
use crate::property;
use crate::protocol::function::InvokeRequest;
use crate::protocol::provider::{ConfigureRequest, HandshakeRequest};
use crate::protocol::resource::{
    CheckRequest, CreateRequest, DeleteRequest, DiffRequest, ReadRequest, UpdateRequest,
};
use crate::protocol::values::Struct;
use crate::resource::{before::Before, desired::Desired, properties};
use crate::value::{Members, decode, encode};

/// Reads bytes as every message that holds properties, and all that is in it.
///
/// # Panics
///
/// When properties are others after they were written and read again.
pub fn message(data: &[u8]) {
    if let Ok(message) = CheckRequest::decode(data) {
        read(message.news);
    }
    if let Ok(message) = DiffRequest::decode(data) {
        for ignored in &message.ignore_changes {
            let _ = path::segments(ignored);
        }
        let (olds, inputs) = (read(message.olds), read(message.old_inputs));
        let _ = Before::read(&message.id, olds, inputs);
        read(message.news);
    }
    if let Ok(message) = CreateRequest::decode(data) {
        read(message.properties);
    }
    if let Ok(message) = ReadRequest::decode(data) {
        let (olds, inputs) = (read(message.properties), read(message.inputs));
        let _ = Before::read(&message.id, olds, inputs);
    }
    if let Ok(message) = UpdateRequest::decode(data) {
        read(message.olds);
        read(message.news);
    }
    if let Ok(message) = DeleteRequest::decode(data) {
        read(message.properties);
    }
    if let Ok(message) = InvokeRequest::decode(data) {
        read(message.args);
    }
    if let Ok(message) = ConfigureRequest::decode(data) {
        read(message.args);
    }
    let _ = HandshakeRequest::decode(data);
}

fn read(encoded: Option<Struct>) -> Members {
    let members = decode(encoded);
    // Not compared as values: no number is itself that is none.
    let written = encode(members.clone()).encode_to_vec();
    let again = Struct::decode(written.as_slice()).map(|again| encode(decode(Some(again))));
    let again = again.map(|again| again.encode_to_vec() == written);
    // What nests almost too deep does, with the mark of a secret around it.
    assert!(again != Ok(false), "other properties than were written");
    for name in members.keys() {
        let _ = path::segments(&path::of_member("", name));
    }
    for failure in property::check(&members, properties::INPUTS) {
        assert!(!failure.reason.is_empty());
    }
    let _ = Desired::read(&members);
    members
}
