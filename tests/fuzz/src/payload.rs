//! Event payloads: the key, the event, the input before and the input, with lines `---`
//! between them.

use lambda_invocation_core::json::{MAX_DEPTH, Value, check};
use lambda_invocation_core::lifecycle::LifecycleEvent;
use lambda_invocation_core::lifecycle::payload::{Input, previous};

use crate::message::{check_text, parts};

pub fn run(data: &[u8]) {
    let parts = parts(data);
    let text = |part: usize| {
        let bytes = parts.get(part).map(Vec::as_slice).unwrap_or_default();
        String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(bytes)).into_owned()
    };
    let (key, event) = (text(0), text(1));
    let event = match event.as_str() {
        "create" => LifecycleEvent::Create,
        "delete" => LifecycleEvent::Delete,
        _ => LifecycleEvent::Update,
    };
    let before = match previous(&text(2)) {
        Ok(before) => before,
        Err(fault) => {
            check_text(&fault.to_string());
            "null".to_owned()
        }
    };
    let input = match Input::read(&text(3), &key) {
        Ok(input) => input,
        Err(fault) => return check_text(&fault.to_string()),
    };
    // Rewriting twice is rewriting once.
    let again = Input::read(input.as_str(), &key).expect("what was rewritten can be read");
    assert_eq!(again.as_str(), input.as_str());
    let payload = input.payload(event, &before);
    assert_eq!(check(payload.as_bytes()), Ok(()), "{payload}");
    // The event is one level more, and the input before another.
    let depth = payload.bytes().filter(|b| matches!(b, b'{' | b'[')).count();
    if depth > MAX_DEPTH {
        return;
    }
    let value = Value::parse(&payload).expect("JSON");
    assert_eq!(value.encode(), payload, "not in the order of its keys");
    let Value::Object(mut members) = value else {
        panic!("not an object")
    };
    let Some(Value::Object(told)) = members.remove(key.as_str()) else {
        panic!("no event under {key:?}: {payload}");
    };
    assert_eq!(told.len(), 2);
    let action = Value::String(event.as_str().into());
    assert!(
        told.get("action") == Some(&action),
        "another event: {payload}"
    );
    assert_eq!(told.get("prev_input").map(Value::encode), Some(before));
    // All the rest is the input.
    let Ok(Value::Object(mut given)) = Value::parse(input.as_str()) else {
        panic!("the input is no object any more");
    };
    given.remove(key.as_str());
    assert!(given == members, "another input than was given");
}
