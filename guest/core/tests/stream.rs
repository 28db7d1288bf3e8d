//! An answer that comes piece by piece: what is sent for it, what its events are, and what is
//! said of one that is not as Lambda gives it.

#![cfg(test)]

mod support;

use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::exchange::{self, Answer, Exchange};
use lambda_invocation_core::call::invocation::{Invocation, Step, Unsigned};
use lambda_invocation_core::call::request::{InvocationType, LogType, Outgoing, Request};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_core::call::stream::{Completion, MAX_FRAME, ResponseStream, StreamEvent};
use lambda_invocation_core::call::wasi_http::{Failure, TransportFailure};
use lambda_invocation_core::error::{Error, FunctionError, TimeoutPhase, TransportPhase};
use proptest::prelude::*;
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
    Unsigned::new(outgoing, connection, &Environment::default(), [7; 16])?.with_signer(signer)
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
            match stream.next() {
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
    match stream.next() {
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
    assert_eq!(stream.next(), Ok(None));
    let completion = StreamEvent::Complete(Completion::default());
    assert_eq!(stream.end(), Ok(completion));
}

#[test]
fn what_is_wrong_with_a_stream_has_a_type_and_the_function_may_have_run() {
    let whole = chunk("a piece of it");
    let with_byte = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        bytes
    };
    let mut long = u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes().to_vec();
    long.extend([0; 4]);
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    long.extend(crc.checksum(&long).to_be_bytes());
    let typed = |message_type| {
        frame(
            &[
                (":message-type", message_type),
                (":event-type", "PayloadChunk"),
            ],
            b"",
        )
    };
    let table = [
        ("a length", with_byte(3), "UnexpectedFrame"),
        (
            "the checksum of the lengths",
            with_byte(9),
            "UnexpectedFrame",
        ),
        ("a header", with_byte(14), "UnexpectedFrame"),
        ("the payload", with_byte(whole.len() - 6), "UnexpectedFrame"),
        (
            "the checksum",
            with_byte(whole.len() - 1),
            "UnexpectedFrame",
        ),
        ("too long", long, "UnexpectedFrame"),
        (
            "no HTTP body of this kind",
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            "UnexpectedFrame",
        ),
        (
            "an unknown event",
            event("PayloadUpdate", b"x"),
            "UnexpectedEvent",
        ),
        (
            "an unknown type of message",
            typed("chunk"),
            "UnexpectedEvent",
        ),
        (
            "no type of message",
            frame(&[], b"{'foo':'bar'}"),
            "UnexpectedEvent",
        ),
        (
            "an event without a name",
            frame(&[(":message-type", "event")], b""),
            "UnexpectedEvent",
        ),
        (
            "a completion that is no object",
            complete("[]"),
            "UnexpectedEvent",
        ),
        (
            "a completion that is no JSON",
            complete("{"),
            "UnexpectedEvent",
        ),
        (
            "a completion that is no UTF-8",
            event("InvokeComplete", b"\xff"),
            "UnexpectedEvent",
        ),
    ];
    for (what, bytes, code) in table {
        let body = [chunk("before"), bytes].concat();
        let (events, error) = events(&[&body]);
        assert_eq!(events, [StreamEvent::Chunk(b"before".to_vec())], "{what}");
        match error.unwrap() {
            Error::Service(e) => {
                assert_eq!(
                    (e.code.as_str(), e.status, e.maybe_ran),
                    (code, 200, true),
                    "{what}"
                );
                assert_eq!((e.attempts, e.request_id.as_deref()), (1, Some("an-id")));
                assert!(e.hint.is_some());
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    for (body, detail) in [
        (Vec::new(), "the stream ended before its completion"),
        (whole.clone(), "the stream ended before its completion"),
        (whole[..20].to_vec(), "the stream ended within a frame"),
    ] {
        match fault(&body) {
            Error::Transport(e) => {
                assert_eq!(
                    (e.phase, e.detail.as_str()),
                    (TransportPhase::Response, detail)
                );
                assert!(e.maybe_ran);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The vector `payload_no_headers` of the format's own tests.
#[test]
fn a_frame_of_the_formats_vectors_is_read_and_one_with_another_checksum_is_not() {
    let vector = "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936";
    let frame = hex::decode(vector).unwrap();
    match fault(&frame) {
        Error::Service(e) => assert_eq!(e.code, "UnexpectedEvent"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_within_the_stream_are_those_of_lambda() {
    let exception = |name: &str, body: &str| {
        let headers = [
            (":message-type", "exception"),
            (":exception-type", name),
            (":content-type", "application/json"),
        ];
        frame(&headers, body.as_bytes())
    };
    match fault(&exception("ServiceException", r#"{"Message":"at fault"}"#)) {
        Error::Service(e) => {
            assert_eq!(
                (e.code.as_str(), e.message.as_str()),
                ("ServiceException", "at fault")
            );
            assert!(e.maybe_ran);
        }
        other => panic!("{other:?}"),
    }
    // A code that elsewhere says that nothing ran.
    match fault(&exception(
        "TooManyRequestsException",
        r#"{"message":"slow"}"#,
    )) {
        Error::Throttled(e) => assert!(e.maybe_ran),
        other => panic!("{other:?}"),
    }
    let headers = [
        (":message-type", "error"),
        (":error-code", "InternalError"),
        (":error-message", "at \"fault\"\n"),
    ];
    match fault(&frame(&headers, b"")) {
        Error::Service(e) => {
            assert_eq!(
                (e.code.as_str(), e.message.as_str()),
                ("InternalError", "at \"fault\"")
            );
        }
        other => panic!("{other:?}"),
    }
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
    let event = stream.next().unwrap().unwrap();
    assert!(!format!("{event:?}{stream:?}").contains(CANARY));
    let headers = [
        (":message-type", "exception"),
        (":exception-type", "ServiceException"),
    ];
    stream.feed(frame(
        &headers,
        br#"{"Message":"token FwoGZXIvYXdzEXAMPLETOKEN"}"#,
    ));
    let error = stream.next().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("EXAMPLETOKEN"));
    let details = format!(r#"{{"ErrorCode":"Unhandled","ErrorDetails":"{CANARY}"}}"#);
    let (events, _) = events(&[&complete(&details)]);
    assert!(!format!("{events:?}").contains(CANARY));
}

#[test]
fn nothing_is_read_of_a_stream_that_is_over() {
    let mut stream = stream();
    stream.feed([complete("{}"), chunk("after")].concat());
    assert!(matches!(stream.next(), Ok(Some(StreamEvent::Complete(_)))));
    assert!(matches!(stream.next(), Err(Error::Other(_))));
    assert!(matches!(stream.end(), Err(Error::Other(_))));
}

fn exchanged(connection: Connection) -> Exchange {
    let request = exchange::Request {
        function_name: "my-function".to_owned(),
        payload_len: 2,
        payload_sha256: sha256_hex(b"{}"),
        streaming: Some(true),
        ..exchange::Request::default()
    };
    Exchange::new(request, connection, &Environment::default(), [7; 16])
}

/// A call that the host sends, after the head of its stream.
fn begun(connection: Connection) -> Exchange {
    let mut call = exchanged(connection);
    let attempt = call.attempt(NOW, Duration::ZERO).unwrap();
    assert!(
        attempt
            .url
            .ends_with("/2021-11-15/functions/my-function/response-streaming-invocations")
    );
    let head = raw(200, EVENT_STREAM, "");
    let answer = Answer {
        status: head.status,
        headers: head.headers,
        body: None,
    };
    match call.next(Ok(answer), NOW, Duration::ZERO) {
        Ok(exchange::Step::Done(head)) => assert_eq!(head.status_code, 200),
        other => panic!("{other:?}"),
    }
    call
}

#[test]
fn a_host_that_sends_feeds_what_arrives_and_is_given_the_events() {
    let mut call = begun(connection());
    let body = [chunk("one"), chunk("two"), complete("{}")].concat();
    let (some, rest) = body.split_at(chunk("one").len() + 5);
    let one = [StreamEvent::Chunk(b"one".to_vec())];
    assert_eq!(call.read(Ok(Some(some.to_vec()))).unwrap(), one);
    let rest = call.read(Ok(Some(rest.to_vec()))).unwrap();
    assert_eq!(rest.len(), 2);
    assert_eq!(rest[1], StreamEvent::Complete(Completion::default()));
    assert!(matches!(call.read(Ok(None)), Err(Error::Other(_))));
    assert!(matches!(
        call.attempt(NOW, Duration::ZERO),
        Err(Error::Other(_))
    ));
}

#[test]
fn events_before_a_fault_are_given_first() {
    let mut call = begun(connection());
    let body = [chunk("one"), b"no frame at all".to_vec()].concat();
    assert_eq!(call.read(Ok(Some(body))).unwrap().len(), 1);
    match call.read(Ok(None)) {
        Err(Error::Service(e)) => assert_eq!(e.code, "UnexpectedFrame"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(call.read(Ok(None)), Err(Error::Other(_))));
}

#[test]
fn a_stream_that_breaks_or_takes_too_long_says_so_and_that_the_function_may_have_run() {
    let with_deadline = Connection {
        deadline_ms: Some(5_000),
        response_timeout_ms: Some(700),
        ..connection()
    };
    let transport = Failure::Transport(TransportFailure {
        phase: TransportPhase::Response,
        detail: "broken".to_owned(),
        maybe_ran: false,
    });
    for (failure, after_ms) in [
        (Failure::Timeout(TimeoutPhase::Response), Some(700)),
        (Failure::Timeout(TimeoutPhase::Deadline), Some(5_000)),
        (transport, None),
    ] {
        let mut call = begun(with_deadline.clone());
        call.read(Ok(Some(chunk("one")))).unwrap();
        let error = call.read(Err(failure)).unwrap_err();
        assert!(error.maybe_ran(), "{error:?}");
        match (error, after_ms) {
            (Error::Timeout(e), Some(ms)) => assert_eq!((e.after_ms, e.attempts), (ms, 1)),
            (Error::Transport(e), None) => assert_eq!(e.attempts, 1),
            (other, _) => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_body_of_a_refusal_is_asked_for_and_that_of_a_stream_is_not_read_before_it_begins() {
    let never = Connection {
        retry: Some(RetryPolicy {
            mode: RetryMode::Never,
            max_attempts: 1,
        }),
        ..connection()
    };
    let mut call = exchanged(never);
    assert!(matches!(call.read(Ok(None)), Err(Error::Other(_))));
    call.attempt(NOW, Duration::ZERO).unwrap();
    let refused = |body: Option<&[u8]>| Answer {
        status: 404,
        headers: vec![],
        body: body.map(<[u8]>::to_vec),
    };
    let step = call.next(Ok(refused(None)), NOW, Duration::ZERO);
    assert_eq!(step, Ok(exchange::Step::ReadBody));
    let body = br#"{"__type":"ResourceNotFoundException"}"#;
    match call.next(Ok(refused(Some(body))), NOW, Duration::ZERO) {
        Err(Error::Service(e)) => assert_eq!(
            (e.code.as_str(), e.maybe_ran),
            ("ResourceNotFoundException", false)
        ),
        other => panic!("{other:?}"),
    }
}

fn whole() -> (Vec<u8>, Vec<StreamEvent>) {
    let body = [
        chunk("one"),
        chunk(&"x".repeat(300)),
        chunk(""),
        complete(r#"{"LogResult":"eA=="}"#),
    ]
    .concat();
    let (events, error) = events(&[&body]);
    assert_eq!((events.len(), error), (4, None));
    (body, events)
}

proptest! {
    /// Where the network cuts a stream makes no difference.
    #[test]
    fn any_split_of_the_bytes_gives_the_same_events(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let (body, expected) = whole();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect();
        prop_assert_eq!(events(&pieces), (expected, None));
    }

    /// What was not changed is given as it was; what was, is never given.
    #[test]
    fn any_change_is_an_error_after_the_events_before_it(place in any::<prop::sample::Index>(), mask in 1_u8..) {
        let (mut body, expected) = whole();
        let place = place.index(body.len());
        body[place] ^= mask;
        let (events, error) = events(&[&body]);
        prop_assert!(events.len() < expected.len());
        prop_assert_eq!(&events[..], &expected[..events.len()]);
        let error = error.unwrap();
        prop_assert!(matches!(error, Error::Service(_) | Error::Transport(_)), "{:?}", error);
        prop_assert!(error.maybe_ran());
    }

    #[test]
    fn any_end_is_an_error_after_the_events_before_it(end in any::<prop::sample::Index>()) {
        let (body, expected) = whole();
        let end = end.index(body.len());
        let (events, error) = events(&[&body[..end]]);
        prop_assert_eq!(&events[..], &expected[..events.len()]);
        prop_assert!(matches!(error, Some(Error::Transport(_))), "{:?}", error);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), framed in any::<bool>()) {
        let body = if framed { event("InvokeComplete", &bytes) } else { bytes };
        let (_, error) = events(&[&body]);
        prop_assert!(error.is_none_or(|error| error.maybe_ran()));
    }
}
