//! What is said of a stream that is not as Lambda gives it.

use lambda_invocation_core::call::stream::{MAX_FRAME, StreamEvent};
use lambda_invocation_core::error::{Error, TransportPhase};

use crate::{chunk, complete, event, events, fault, frame};

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
            "a completion that is too long to be taken apart",
            complete(&format!("{}{{}}", " ".repeat(1_048_576))),
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
