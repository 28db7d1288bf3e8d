//! JSON, beside `serde_json`: what that takes is taken, and means the same.

use lambda_invocation_core::json::{Value, check};

use crate::message::check_text;

pub fn run(data: &[u8]) {
    let checked = check(data);
    if let Err(fault) = &checked {
        check_text(&fault.to_string());
    }
    let peer = serde_json::from_slice::<serde_json::Value>(data);
    assert!(
        peer.is_err() || checked.is_ok(),
        "a peer takes it: {checked:?}"
    );
    let Ok(text) = std::str::from_utf8(data) else {
        assert!(checked.is_err());
        return;
    };
    let value = match Value::parse(text) {
        Ok(value) => value,
        Err(fault) => {
            assert!(peer.is_err(), "a peer reads it: {fault}");
            return;
        }
    };
    assert_eq!(checked, Ok(()));
    let encoded = value.encode();
    let again = Value::parse(&encoded).expect("what was written can be read");
    assert_eq!(again.encode(), encoded, "writing twice is writing once");
    if let Ok(peer) = peer {
        let again: serde_json::Value = serde_json::from_str(&encoded).expect("JSON to a peer");
        assert!(again == peer, "another value: {encoded}");
    }
}
