//! What Lambda, or something in its place, answers: `STATUS TYPE ELAPSED`, headers, body.

use std::time::Duration;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::invocation::{Invocation, Step, Unsigned};
use lambda_invocation_core::call::request::{InvocationType, Request};
use lambda_invocation_core::call::response::{RawResponse, interpret};
use lambda_invocation_core::call::settings::Environment;

use crate::message::{Message, NOW, check_line, check_text, credentials};

/// A call of the smallest kind.
pub fn invocation(invocation_type: InvocationType) -> Invocation {
    let request = Request {
        function_name: "my-function".to_owned(),
        payload: b"{}".to_vec(),
        invocation_type: Some(invocation_type),
        ..Request::default()
    };
    let connection = Connection {
        region: Some("us-east-1".to_owned()),
        ..Connection::default()
    };
    Unsigned::new(request, connection, &Environment::default(), [7; 16])
        .and_then(|call| Ok(call.with_signer(credentials())?))
        .expect("a call")
}

/// The response of a message.
pub fn answer(message: Message) -> RawResponse {
    RawResponse {
        status: message.number(0).unwrap_or(200),
        headers: message.headers,
        body: message.body,
    }
}

pub fn run(data: &[u8]) {
    let message = Message::read(data);
    let invocation_type = match message.line.split_ascii_whitespace().nth(1) {
        Some("Event") => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        _ => InvocationType::RequestResponse,
    };
    let elapsed = Duration::from_millis(message.number(2).unwrap_or(20));
    let raw = answer(message);

    let read = interpret(raw.clone(), invocation_type);
    match &read {
        Ok(response) => {
            assert_eq!(response.status_code, invocation_type.status());
            assert_eq!(response.payload, raw.body);
        }
        Err(error) => {
            check_line(&error.to_string());
        }
    }

    let mut call = invocation(invocation_type);
    let mut attempts = 0;
    loop {
        attempts += 1;
        assert!(attempts <= 4, "without end");
        // Its own clock may be what is wrong, and then this is what cannot be signed.
        let Ok(_) = call.attempt(NOW) else { break };
        match call.next(Ok(raw.clone()), NOW, elapsed) {
            Step::Repeat(_) => {
                let error = read.as_ref().expect_err("what succeeded is not repeated");
                assert!(!error.maybe_ran(), "it may have run twice: {error}");
            }
            Step::Done(Ok(response)) => {
                // A call leaves out of the texts what it was signed with.
                let read = read.as_ref().map(|read| (read.status_code, &read.payload));
                assert_eq!(read, Ok((response.status_code, &response.payload)));
                check_line(&format!("{response:?}"));
                break;
            }
            Step::Done(Err(error)) => {
                let unlike = read.as_ref().map(|_| ()).map_err(|e| e.maybe_ran());
                assert_eq!(unlike, Err(error.maybe_ran()), "{error}");
                check_text(&error.to_string());
                check_text(&format!("{error:?}"));
                break;
            }
        }
    }
}
