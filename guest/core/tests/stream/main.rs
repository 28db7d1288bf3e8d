//! An answer that comes piece by piece: what is sent for it, what its events are, and what is
//! said of one that is not as Lambda gives it.

#![cfg(test)]

mod exchanged;
mod faults;
mod properties;

#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::invocation::{Invocation, Step, Unsigned};
use lambda_invocation_core::call::request::{InvocationType, LogType, Outgoing, Request};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::stream::{Completion, ResponseStream, StreamEvent};
use lambda_invocation_core::error::{Error, FunctionError};
use support::{CANARY, NOW, connection, raw, refusal, request};

const EVENT_STREAM: &[(&str, &str)] = &[
    ("Content-Type", "application/vnd.amazon.eventstream"),
    ("X-Amz-Executed-Version", "$LATEST"),
    ("x-amzn-RequestId", "an-id"),
];

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut message = Message::new(payload.to_vec());
    for (name, value) in headers {
        let value = HeaderValue::String((*value).to_owned().into());
        message = message.add_header(Header::new((*name).to_owned(), value));
    }
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn event(name: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [
        (":message-type", "event"),
        (":event-type", name),
        (":content-type", "application/octet-stream"),
    ];
    frame(&headers, payload)
}

fn chunk(payload: &str) -> Vec<u8> {
    event("PayloadChunk", payload.as_bytes())
}

fn complete(json: &str) -> Vec<u8> {
    event("InvokeComplete", json.as_bytes())
}

fn try_call(request: Request, mut connection: Connection) -> Result<Invocation, Error> {
    let signer = connection.take_signer()?.unwrap();
    let outgoing = Outgoing::from(request).streaming();
    let call = Unsigned::new(outgoing, connection, &Environment::default(), [7; 16])?;
    Ok(call.with_signer(signer)?)
}

fn call() -> Invocation {
    try_call(request(), connection()).unwrap()
}

/// A stream after its head.
fn stream() -> ResponseStream {
    let mut call = call();
    call.attempt(NOW).unwrap();
    match call.next(Ok(raw(200, EVENT_STREAM, "")), NOW, Duration::ZERO) {
        Step::Done(Ok(head)) => ResponseStream::new(call, head),
        other => panic!("no stream: {other:?}"),
    }
}

/// All events of a body that ends, and what is wrong with it.
fn events(pieces: &[&[u8]]) -> (Vec<StreamEvent>, Option<Error>) {
    let mut stream = stream();
    let mut events = Vec::new();
    for piece in pieces {
        stream.feed(piece.to_vec());
        loop {
            match stream.next_event() {
                Ok(Some(event)) => {
                    events.push(event);
                    if matches!(events.last(), Some(StreamEvent::Complete(_))) {
                        return (events, None);
                    }
                }
                Ok(None) => break,
                Err(error) => return (events, Some(error)),
            }
        }
    }
    let error = stream.end().unwrap_err();
    (events, Some(error))
}

fn fault(body: &[u8]) -> Error {
    events(&[body]).1.unwrap()
}

#[test]
fn the_request_has_a_path_of_its_own_and_the_arguments_of_invoke() {
    let request = Request {
        function_name: "my-function:PROD".to_owned(),
        invocation_type: Some(InvocationType::RequestResponse),
        log_type: Some(LogType::Tail),
        qualifier: Some("PROD".to_owned()),
        tenant_id: Some("a tenant".to_owned()),
        client_context: Some("e30=".to_owned()),
        ..request()
    };
    let head = try_call(request.clone(), connection())
        .unwrap()
        .attempt(NOW)
        .unwrap();
    assert_eq!(
        head.path_and_query,
        "/2021-11-15/functions/my-function%3APROD/response-streaming-invocations?Qualifier=PROD"
    );
    let mut whole = support::invocation(request, connection());
    let whole = whole.attempt(NOW).unwrap();
    let names = |headers: &[(&'static str, String)]| {
        let unsigned = |(name, value): &(&'static str, String)| match *name {
            "authorization" => (*name, String::new()),
            _ => (*name, value.clone()),
        };
        headers.iter().map(unsigned).collect::<Vec<_>>()
    };
    assert_eq!(names(&head.headers), names(&whole.headers));
    // The signature covers the path.
    assert_ne!(head.headers, whole.headers);
}

#[test]
fn what_the_operation_does_not_have_is_refused_before_anything_is_sent() {
    let event = Request {
        invocation_type: Some(InvocationType::Event),
        ..request()
    };
    let durable = Request {
        durable_execution_name: Some("once".to_owned()),
        ..request()
    };
    for (request, argument) in [
        (event, "invocation-type"),
        (durable, "durable-execution-name"),
    ] {
        assert_eq!(refusal(try_call(request, connection())).0, argument);
    }
    let not_json = Request {
        payload: b"{".to_vec(),
        ..request()
    };
    assert_eq!(refusal(try_call(not_json, connection())).0, "payload");
}

#[test]
fn chunks_come_as_they_were_sent_and_the_completion_says_how_the_function_ended() {
    let log = STANDARD.encode("END of the log");
    let report = r#"{"errorType":"ValueError","errorMessage":"no","stackTrace":["at x"]}"#;
    let failed = |error_type: Option<&str>, message: &str, frames: &[&str]| FunctionError {
        kind: "Unhandled".to_owned(),
        error_type: error_type.map(str::to_owned),
        error_message: Some(message.to_owned()),
        stack_trace: frames.iter().map(|&frame| frame.to_owned()).collect(),
    };
    let details = |details: &str| Some(details.to_owned());
    let table = [
        ("{}".to_owned(), Completion::default()),
        (
            r#"{"ErrorCode":null,"ErrorDetails":"","More":[[1]]}"#.to_owned(),
            Completion::default(),
        ),
        (
            format!(r#"{{"LogResult":"{log}"}}"#),
            Completion {
                log_result: Some(log.clone()),
                log_tail: Some("END of the log".to_owned()),
                ..Completion::default()
            },
        ),
        (
            format!(r#"{{"ErrorCode":"Unhandled","ErrorDetails":{report:?}}}"#),
            Completion {
                function_error: Some(failed(Some("ValueError"), "no", &["at x"])),
                error_details: details(report),
                ..Completion::default()
            },
        ),
        (
            r#"{"ErrorCode":"Unhandled","ErrorDetails":"Task timed out"}"#.to_owned(),
            Completion {
                function_error: Some(failed(None, "Task timed out", &[])),
                error_details: details("Task timed out"),
                ..Completion::default()
            },
        ),
        (
            r#"{"ErrorDetails":"only details"}"#.to_owned(),
            Completion {
                function_error: Some(failed(None, "only details", &[])),
                error_details: details("only details"),
                ..Completion::default()
            },
        ),
    ];
    for (json, completion) in table {
        let body = [chunk("one"), chunk(""), chunk("two"), complete(&json)].concat();
        let (events, error) = events(&[&body]);
        assert_eq!(error, None);
        let expected = [
            StreamEvent::Chunk(b"one".to_vec()),
            StreamEvent::Chunk(Vec::new()),
            StreamEvent::Chunk(b"two".to_vec()),
            StreamEvent::Complete(completion),
        ];
        assert_eq!(events, expected, "{json}");
    }
    let (events, _) = events(&[&complete(r#"{"ErrorCode":"Sandbox.Timedout"}"#)]);
    let [StreamEvent::Complete(completion)] = &events[..] else {
        panic!("{events:?}");
    };
    let error = completion.function_error.as_ref().unwrap();
    assert_eq!(
        (error.kind.as_str(), &error.error_message),
        ("Sandbox.Timedout", &None)
    );
}

/// The head of the stream decides on everything that may be repeated.
#[test]
fn before_the_stream_begins_the_rules_of_invoke_hold() {
    let throttled = raw(
        429,
        &[("x-amzn-errortype", "TooManyRequestsException")],
        "{}",
    );
    let mut call = call();
    call.attempt(NOW).unwrap();
    assert!(matches!(
        call.next(Ok(throttled), NOW, Duration::ZERO),
        Step::Repeat(_)
    ));
    call.attempt(NOW).unwrap();
    let Step::Done(Ok(head)) = call.next(Ok(raw(200, EVENT_STREAM, "")), NOW, Duration::ZERO)
    else {
        panic!("no stream");
    };
    assert_eq!(head.executed_version.as_deref(), Some("$LATEST"));
    let mut stream = ResponseStream::new(call, head);
    match stream.end() {
        Err(Error::Transport(e)) => assert_eq!((e.attempts, e.maybe_ran), (2, true)),
        other => panic!("{other:?}"),
    }
}

/// MiniStack does so, and says nothing in the completion that SDKs read.
#[test]
fn a_function_error_in_the_head_is_not_lost() {
    let failed = [EVENT_STREAM, &[("X-Amz-Function-Error", "Unhandled")]].concat();
    let mut call = call();
    call.attempt(NOW).unwrap();
    let Step::Done(Ok(head)) = call.next(Ok(raw(200, &failed, "")), NOW, Duration::ZERO) else {
        panic!("no stream");
    };
    let mut stream = ResponseStream::new(call, head);
    stream.feed(complete("{}"));
    match stream.next_event() {
        Ok(Some(StreamEvent::Complete(completion))) => {
            assert_eq!(completion.function_error.unwrap().kind, "Unhandled");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_that_is_no_event_stream_is_not_read() {
    let gzip = [EVENT_STREAM, &[("content-encoding", "gzip")]].concat();
    for (status, headers, code) in [
        (
            200,
            &[("content-type", "application/json")][..],
            "UnexpectedContent",
        ),
        (200, &[], "UnexpectedContent"),
        (200, &gzip, "UnexpectedContentEncoding"),
        (202, EVENT_STREAM, "UnexpectedStatus"),
        (302, EVENT_STREAM, "UnexpectedRedirect"),
    ] {
        let mut call = call();
        call.attempt(NOW).unwrap();
        let head = raw(status, headers, "");
        assert_eq!(call.needs_body(&head), status != 200, "{status}");
        match call.next(Ok(head), NOW, Duration::ZERO) {
            Step::Done(Err(Error::Service(e))) => {
                assert_eq!((e.code.as_str(), e.maybe_ran), (code, true));
            }
            other => panic!("{other:?}"),
        }
    }
    let mut call = call();
    call.attempt(NOW).unwrap();
    let parameters = [("content-type", "Application/vnd.amazon.EventStream; v=1")];
    let answer = call.next(Ok(raw(200, &parameters, "")), NOW, Duration::ZERO);
    assert!(matches!(answer, Step::Done(Ok(_))), "{answer:?}");
}

#[test]
fn a_dry_run_completes_with_its_head() {
    let dry = Request {
        invocation_type: Some(InvocationType::DryRun),
        ..request()
    };
    let mut call = try_call(dry, connection()).unwrap();
    call.attempt(NOW).unwrap();
    let Step::Done(Ok(head)) = call.next(Ok(raw(204, &[], "")), NOW, Duration::ZERO) else {
        panic!("refused");
    };
    let mut stream = ResponseStream::new(call, head);
    assert_eq!(stream.next_event(), Ok(None));
    let completion = StreamEvent::Complete(Completion::default());
    assert_eq!(stream.end(), Ok(completion));
}

#[test]
fn no_text_shows_a_secret_that_a_stream_quotes_nor_what_it_carries() {
    let connection = Connection {
        credentials: Some(support::credentials(Some("FwoGZXIvYXdzEXAMPLETOKEN"))),
        ..connection()
    };
    let mut call = try_call(request(), connection).unwrap();
    call.attempt(NOW).unwrap();
    let Step::Done(Ok(head)) = call.next(Ok(raw(200, EVENT_STREAM, "")), NOW, Duration::ZERO)
    else {
        panic!("no stream");
    };
    let mut stream = ResponseStream::new(call, head);
    stream.feed(chunk(CANARY));
    let event = stream.next_event().unwrap().unwrap();
    assert!(!format!("{event:?}{stream:?}").contains(CANARY));
    let headers = [
        (":message-type", "exception"),
        (":exception-type", "ServiceException"),
    ];
    stream.feed(frame(
        &headers,
        br#"{"Message":"token FwoGZXIvYXdzEXAMPLETOKEN"}"#,
    ));
    let error = stream.next_event().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("EXAMPLETOKEN"));
    let details = format!(r#"{{"ErrorCode":"Unhandled","ErrorDetails":"{CANARY}"}}"#);
    let (events, _) = events(&[&complete(&details)]);
    assert!(!format!("{events:?}").contains(CANARY));
}

#[test]
fn nothing_is_read_of_a_stream_that_is_over() {
    let mut stream = stream();
    stream.feed([complete("{}"), chunk("after")].concat());
    assert!(matches!(
        stream.next_event(),
        Ok(Some(StreamEvent::Complete(_)))
    ));
    assert!(matches!(stream.next_event(), Err(Error::Other(_))));
    assert!(matches!(stream.end(), Err(Error::Other(_))));
}
