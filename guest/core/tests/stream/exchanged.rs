//! Calls that the host sends: it feeds what arrives, and is given the events.

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::exchange::{self, Answer, Exchange};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::sign::sha256_hex;
use lambda_invocation_core::call::stream::{Completion, StreamEvent};
use lambda_invocation_core::call::wasi_http::{Failure, TransportFailure};
use lambda_invocation_core::error::{Error, TimeoutPhase, TransportPhase};

use crate::support::{NOW, connection, raw};
use crate::{EVENT_STREAM, chunk, complete};

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
