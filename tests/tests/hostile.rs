//! Servers that break the rules. Whatever they do, the call ends within its time
//! limit, says in one line what happened and whether the function may have run, and
//! is not made a second time.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::{LambdaHost, Run};
use lambda_invocation_tests::server::{self, Connection, Server};

/// The `--timeout` of every call.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What the program may take beside: to start on a busy machine, and to compile the
/// component the first time.
const SLACK: Duration = Duration::from_secs(20);

const MAY_HAVE_RUN: &str = "the request may have reached Lambda, so the function may have run";
const DID_NOT_RUN: &str = "nothing was sent, so the function did not run";
const DEADLINE: &str = "timed out after 2000 ms in total";
const TOO_LARGE: &str = "the response is larger than 6356992 bytes";

const NULL: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull";

fn call(url: &str) -> LambdaHost {
    LambdaHost::new(["invoke", "f", "--region", "us-east-1", "--timeout", "2s"])
        .args(["--endpoint-url", url])
        .keys(&canary::keys())
}

fn bounded(run: Run) -> Run {
    assert!(run.took < TIMEOUT + SLACK, "{run:#?}");
    assert!(!canary::is_in(&run.stderr), "{run:#?}");
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    assert!(!run.stderr.contains("backtrace"), "{run:#?}");
    run
}

/// Calls a server once.
fn against(behaviour: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static) -> Run {
    let server = Server::start(behaviour);
    let run = bounded(
        call(server.url())
            .args(["--payload", &canary::payload()])
            .run(),
    );
    assert_eq!(server.connections(), 1, "the call was repeated: {run:#?}");
    run
}

/// Calls a server with a payload that no buffer on the way holds.
fn against_with_5_mb(
    behaviour: impl Fn(Connection) -> io::Result<()> + Send + Sync + 'static,
) -> Run {
    let server = Server::start(behaviour);
    let payload = format!("\"{}\"", "x".repeat(5_000_000));
    let run = bounded(
        call(server.url())
            .args(["--payload-file", "-"])
            .stdin(payload)
            .run(),
    );
    assert_eq!(server.connections(), 1, "the call was repeated: {run:#?}");
    run
}

/// Answers a request with these bytes, then closes.
fn answering(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Run {
    against(move |mut connection| {
        connection.read_request()?;
        connection.send(&bytes)?;
        connection.finish()
    })
}

/// Answers a request with these bytes, then leaves the connection open.
fn answering_and_staying(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Run {
    against(move |mut connection| {
        connection.read_request()?;
        connection.send(&bytes)?;
        connection.wait_for_the_client()
    })
}

#[track_caller]
fn ran_out_of_time(run: &Run) {
    let line = run.refusal(4);
    assert!(line.contains(DEADLINE), "{line}");
    assert!(line.contains(MAY_HAVE_RUN), "{line}");
    assert!(run.took >= TIMEOUT, "{run:#?}");
}

#[track_caller]
fn broke(run: &Run) {
    let line = run.refusal(4);
    assert!(line.contains(MAY_HAVE_RUN), "{line}");
    assert!(!line.contains(DEADLINE), "{line}");
}

#[track_caller]
fn was_too_large(run: &Run) {
    let line = run.refusal(4);
    assert!(line.contains(TOO_LARGE), "{line}");
}

#[track_caller]
fn returned(run: &Run, payload: &str) {
    assert_eq!(run.output(), payload, "{run:#?}");
}

// Servers that take their time.

#[test]
fn a_server_that_never_answers_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| connection.wait_for_the_client()));
}

#[test]
fn a_server_that_never_reads_meets_the_deadline() {
    ran_out_of_time(&against_with_5_mb(Connection::stall));
}

#[test]
fn a_server_that_reads_a_little_and_stops_meets_the_deadline() {
    ran_out_of_time(&against_with_5_mb(|mut connection| {
        connection.read_a_little()?;
        connection.stall()
    }));
}

#[test]
fn a_head_of_a_byte_a_second_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\nx-slow: ")?;
        connection.send_for_ever(b"x", Duration::from_secs(1))
    }));
}

#[test]
fn a_body_of_a_byte_a_second_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")?;
        connection.send_for_ever(b" ", Duration::from_secs(1))
    }));
}

/// There is nearly always something to read, so no wait ever runs its course.
#[test]
fn a_body_that_trickles_without_end_meets_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        connection.send_for_ever(b"1\r\n \r\n", Duration::from_micros(50))
    }));
}

#[test]
fn a_body_that_stops_without_an_end_meets_the_deadline() {
    ran_out_of_time(&answering_and_staying(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n",
    ));
}

#[test]
fn a_body_shorter_than_its_length_meets_the_deadline() {
    ran_out_of_time(&answering_and_staying(
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nnull",
    ));
}

#[test]
fn interim_responses_without_end_meet_the_deadline() {
    ran_out_of_time(&against(|mut connection| {
        connection.read_request()?;
        connection.send_for_ever(b"HTTP/1.1 100 Continue\r\n\r\n", Duration::from_millis(10))
    }));
}

#[test]
fn a_server_that_never_accepts_meets_the_connect_timeout() {
    let (url, _full) = server::full();
    let run = bounded(
        call(&url)
            .args(["--payload", "{}", "--connect-timeout", "300ms"])
            .run(),
    );
    let line = run.refusal(4);
    assert!(
        line.contains("timed out after 300 ms waiting for a connection"),
        "{line}"
    );
    // Hosts there are that say so of a server that accepted, and works.
    assert!(line.contains(MAY_HAVE_RUN), "{line}");
}

// Servers that leave.

#[test]
fn a_port_without_a_server_is_told_from_one_that_breaks() {
    let (url, _bound) = server::refusing();
    let run = bounded(call(&url).args(["--payload", "{}"]).run());
    let line = run.refusal(4);
    assert!(line.contains("cannot connect"), "{line}");
    assert!(line.contains("refused"), "{line}");
    assert!(line.contains(DID_NOT_RUN), "{line}");
}

/// Whether something of the request was written before that showed is a matter of
/// luck. Only where nothing was may the call be repeated.
#[test]
fn a_server_that_leaves_at_once_is_tried_again_only_if_nothing_was_sent() {
    let behaviours: [fn(Connection) -> io::Result<()>; 2] = [
        |connection| {
            drop(connection);
            Ok(())
        },
        Connection::reset,
    ];
    for behaviour in behaviours {
        let server = Server::start(behaviour);
        let run = bounded(call(server.url()).args(["--payload", "{}"]).run());
        let line = run.refusal(4);
        if line.contains(MAY_HAVE_RUN) {
            // The attempts before this one, if any, sent nothing.
            assert!((1..=3).contains(&server.connections()), "{line}");
        } else {
            assert!(line.contains(DID_NOT_RUN), "{line}");
            assert_eq!(server.connections(), 3, "{line}");
        }
    }
}

#[test]
fn a_server_that_closes_within_the_request_breaks_the_call() {
    broke(&against_with_5_mb(|mut connection| {
        connection.read_a_little()
    }));
}

#[test]
fn a_server_that_closes_after_the_request_breaks_the_call() {
    broke(&answering(""));
}

#[test]
fn a_server_that_resets_within_the_request_breaks_the_call() {
    broke(&against_with_5_mb(|mut connection| {
        connection.read_a_little()?;
        connection.reset()
    }));
}

#[test]
fn a_server_that_resets_after_the_request_breaks_the_call() {
    broke(&against(|mut connection| {
        connection.read_request()?;
        connection.reset()
    }));
}

#[test]
fn a_server_that_resets_within_the_body_breaks_the_call() {
    broke(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")?;
        // Else the reset overtakes the head.
        thread::sleep(Duration::from_millis(200));
        connection.reset()
    }));
}

#[test]
fn a_response_that_is_cut_off_breaks_the_call() {
    for cut in [
        "H",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnul",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnul",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n",
    ] {
        println!("{cut:?}");
        broke(&answering(cut));
    }
}

// Servers that do not speak HTTP, or badly.

#[test]
fn what_is_not_http_breaks_the_call() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        // A TLS alert: handshake failure.
        b"\x15\x03\x01\x00\x02\x02\x28",
        // HTTP/2 settings.
        b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        b"\x00\xff\xfe\x80\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"null",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na\0b: c\r\n\r\n",
    ] {
        println!("{:?}", bytes.escape_ascii().to_string());
        broke(&answering(bytes));
    }
}

#[test]
fn lengths_that_cannot_be_break_the_call() {
    for head in [
        "content-length: -1\r\n",
        "content-length: four\r\n",
        "content-length: 99999999999999999999999999\r\n",
        "content-length: 4\r\ncontent-length: 5\r\n",
    ] {
        println!("{head:?}");
        broke(&answering(format!("HTTP/1.1 200 OK\r\n{head}\r\nnull")));
    }
}

#[test]
fn chunks_that_cannot_be_break_the_call() {
    for body in [
        "-1\r\nnull\r\n0\r\n\r\n",
        "four\r\nnull\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nnull\r\n0\r\n\r\n",
        "2\r\nnull\r\n0\r\n\r\n",
    ] {
        println!("{body:?}");
        broke(&answering(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}"
        )));
    }
}

#[test]
fn a_head_without_end_breaks_the_call() {
    broke(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\n")?;
        connection.send_for_ever(
            "x-more: of the same\r\n".repeat(1000).as_bytes(),
            Duration::ZERO,
        )
    }));
}

#[test]
fn switching_protocols_is_no_answer() {
    let run = answering(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: any\r\nconnection: upgrade\r\n\r\n",
    );
    assert!([3, 4].contains(&run.code), "{run:#?}");
    run.refusal(run.code);
}

#[test]
fn what_is_odd_but_allowed_is_an_answer() {
    for answer in [
        NULL,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
        "HTTP/1.0 200 OK\r\n\r\nnull",
        "HTTP/1.1 200\r\nCONTENT-LENGTH:4\r\n\r\nnull",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nnull",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull and more than that",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;a=b\r\nnull\r\n0\r\nx-trailer: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx-amz-log-result: ???\r\nx-amz-executed-version: \r\ncontent-length: 4\r\n\r\nnull",
    ] {
        println!("{answer:?}");
        returned(&answering(answer), "null");
    }
}

#[test]
fn a_response_in_single_bytes_is_an_answer() {
    let run = against(|mut connection| {
        connection.read_request()?;
        for byte in NULL.as_bytes() {
            connection.send([*byte])?;
            thread::sleep(Duration::from_millis(2));
        }
        connection.finish()
    });
    returned(&run, "null");
}

#[test]
fn a_header_that_is_not_utf_8_does_not_spoil_the_answer() {
    let run = answering(b"HTTP/1.1 200 OK\r\nx-name: \xff\xfe\r\ncontent-length: 4\r\n\r\nnull");
    returned(&run, "null");
}

// Servers that say too much.

#[test]
fn a_header_of_100_kb_does_no_harm() {
    let header = "x".repeat(100 * 1024);
    let run = answering(format!(
        "HTTP/1.1 200 OK\r\nx-long: {header}\r\ncontent-length: 4\r\n\r\nnull"
    ));
    assert!(!run.stderr.contains("xxxx"), "it was repeated to the user");
    match run.code {
        0 => returned(&run, "null"),
        _ => broke(&run),
    }
}

#[test]
fn a_body_that_announces_more_than_the_limit_is_not_read() {
    was_too_large(&answering_and_staying(
        "HTTP/1.1 200 OK\r\ncontent-length: 7000000\r\n\r\n",
    ));
}

#[test]
fn a_body_over_the_limit_is_refused_however_it_comes() {
    let body = "x".repeat(7_000_000);
    was_too_large(&answering(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 7000000\r\n\r\n{body}"
    )));
    was_too_large(&answering(format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    )));
    was_too_large(&answering(format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}"
    )));
}

#[test]
fn a_flood_without_end_is_cut_off_at_the_limit() {
    was_too_large(&against(|mut connection| {
        connection.read_request()?;
        connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        connection.send_for_ever(chunk.as_bytes(), Duration::ZERO)
    }));
}

#[test]
fn a_failure_nested_beyond_reason_is_a_failure() {
    let body = "[".repeat(1_000_000);
    let run = answering(format!(
        "HTTP/1.1 200 OK\r\nx-amz-function-error: Unhandled\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.stdout, body);
    assert_eq!(run.stderr, "the function failed (Unhandled)\n");
}

#[test]
fn what_a_server_says_cannot_steer_the_terminal() {
    let body = r#"{"errorType":"E\u001b[2J","errorMessage":"m\u0007\u009b31m\nn","stackTrace":["at \u001b]0;t\u0007"]}"#;
    // "\x1b[31mred\n" as a log.
    let run = answering(format!(
        "HTTP/1.1 200 OK\r\nx-amz-function-error: Unhandled\r\nx-amz-log-result: G1szMW1yZWQK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("red"), "{run:#?}");
    assert!(
        !run.stderr.contains(|c: char| c.is_control() && c != '\n'),
        "{run:#?}"
    );
}

// Servers that refuse.

#[test]
fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let target = Server::start(|mut connection| {
            connection.read_request()?;
            connection.send(NULL)
        });
        let location = target.url().to_owned();
        let run = answering(format!(
            "HTTP/1.1 {status} Moved\r\nlocation: {location}/\r\ncontent-length: 0\r\n\r\n"
        ));
        let line = run.refusal(3);
        assert!(line.contains(&format!("(HTTP {status})")), "{line}");
        assert!(line.contains("redirect"), "{line}");
        assert_eq!(target.connections(), 0);
    }
}

const TOO_LARGE_REQUEST: &str = "HTTP/1.1 413 Payload Too Large\r\n\
    x-amzn-errortype: RequestTooLargeException\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

#[test]
fn a_refusal_that_does_not_wait_for_the_payload_is_heard() {
    let run = against_with_5_mb(|mut connection| {
        connection.read_a_little()?;
        connection.send(TOO_LARGE_REQUEST)?;
        connection.finish()
    });
    let line = run.refusal(3);
    assert!(
        line.contains("RequestTooLargeException (HTTP 413)"),
        "{line}"
    );
}

/// The system resets such a connection, and the refusal may be lost on the way.
#[test]
fn a_refusal_that_hangs_up_on_the_payload_ends_the_call() {
    let run = against_with_5_mb(|mut connection| {
        connection.read_a_little()?;
        connection.send(TOO_LARGE_REQUEST)
    });
    match run.code {
        3 => assert!(run.refusal(3).contains("RequestTooLargeException")),
        _ => broke(&run),
    }
}

#[test]
fn an_error_in_any_form_is_one_line() {
    let long = "long ".repeat(100_000);
    let table = [
        (500, "", "Http500 (HTTP 500)"),
        (
            502,
            "<html><h1>Bad Gateway</h1>\n</html>",
            "Http502 (HTTP 502)",
        ),
        (
            403,
            "<Error><Code>AccessDenied</Code></Error>",
            "Http403 (HTTP 403)",
        ),
        (400, "{", "Http400 (HTTP 400)"),
        (400, "[1]", "Http400 (HTTP 400)"),
        (400, r#"{"__type":17,"message":{}}"#, "Http400 (HTTP 400)"),
        (
            400,
            r#"{"code":"aws#Odd:http://x/","message":"two\nlines"}"#,
            "Odd (HTTP 400): two lines",
        ),
        (
            400,
            r#"{"code":"\u001b[31m","message":"\u001b]0;title\u0007"}"#,
            "(HTTP 400)",
        ),
        (
            404,
            &format!(r#"{{"message":"{long}"}}"#),
            "Http404 (HTTP 404)",
        ),
        (599, r#"{"message":"new"}"#, "Http599 (HTTP 599): new"),
        (999, "", "Http999 (HTTP 999)"),
    ];
    for (status, body, expected) in table {
        let run = answering(format!(
            "HTTP/1.1 {status} Any\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ));
        let line = run.refusal(3);
        assert!(line.contains(expected), "{status}: {line}");
        assert!(line.len() < 2_000, "{status}: {line}");
        assert!(!line.contains(char::is_control), "{status}: {line:?}");
    }
}

/// AWS quotes the canonical request, and with it the session token, when a
/// signature does not match.
#[test]
fn a_refusal_that_quotes_the_session_token_does_not_spread_it() {
    let run = against(|mut connection| {
        let request = connection.read_request()?;
        let token = request.header("x-amz-security-token").unwrap_or_default();
        let body = format!(
            r#"{{"message":"The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:{token}\n'"}}"#
        );
        connection.send(format!(
            "HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: InvalidSignatureException\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))?;
        connection.finish()
    });
    let line = run.refusal(3);
    assert!(
        line.contains("InvalidSignatureException (HTTP 403)"),
        "{line}"
    );
}

// Repeating.

#[test]
fn a_broken_call_is_repeated_only_for_those_who_vouch_for_it() {
    let ids = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&ids);
    let server = Server::start(move |mut connection| {
        let request = connection.read_request()?;
        let id = request.header("amz-sdk-invocation-id").map(str::to_owned);
        let mut seen = seen.lock().expect("no panic elsewhere");
        seen.push(id);
        if seen.len() < 3 {
            return Ok(());
        }
        connection.send(NULL)?;
        connection.finish()
    });
    let run = bounded(
        call(server.url())
            .args(["--payload", "{}", "--retry", "idempotent"])
            .run(),
    );
    returned(&run, "null");
    let ids = ids.lock().expect("no panic elsewhere");
    assert_eq!(ids.len(), 3);
    assert!(ids[0].is_some());
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_server_that_asks_for_patience_without_end_is_not_waited_for() {
    for header in [
        "retry-after: 3600",
        "x-amz-retry-after: 3600000",
        "retry-after: 4294967295",
    ] {
        let run = answering(format!(
            "HTTP/1.1 429 Too Many Requests\r\n{header}\r\ncontent-length: 0\r\n\r\n"
        ));
        let line = run.refusal(3);
        assert!(line.contains("throttled"), "{line}");
    }
}

/// The dates of the requests, and what came of the call, from a server whose clock
/// says `date`. It refuses the first `refusals` signatures.
fn with_a_clock_that_says(date: &'static str, refusals: usize) -> (Vec<String>, Run) {
    let dates = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&dates);
    let server = Server::start(move |mut connection| {
        let request = connection.read_request()?;
        let mut seen = seen.lock().expect("no panic elsewhere");
        seen.push(request.header("x-amz-date").unwrap_or_default().to_owned());
        if seen.len() > refusals {
            connection.send(NULL)?;
        } else {
            connection.send(format!(
                "HTTP/1.1 403 Forbidden\r\ndate: {date}\r\n\
                 x-amzn-errortype: InvalidSignatureException\r\nconnection: close\r\n\
                 content-length: 0\r\n\r\n"
            ))?;
        }
        connection.finish()
    });
    let run = bounded(call(server.url()).args(["--payload", "{}"]).run());
    let dates = dates.lock().expect("no panic elsewhere").clone();
    (dates, run)
}

#[test]
fn a_clock_that_is_off_is_made_up_for_once() {
    let (dates, run) = with_a_clock_that_says("Wed, 01 May 2030 12:00:00 GMT", 1);
    returned(&run, "null");
    assert_eq!(dates.len(), 2, "{dates:?}");
    assert!(dates[1].starts_with("20300501T1200"), "{dates:?}");
}

#[test]
fn a_server_that_lies_about_the_time_is_believed_once() {
    for date in [
        "Wed, 01 May 2030 12:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let (dates, run) = with_a_clock_that_says(date, usize::MAX);
        let line = run.refusal(3);
        assert!(
            line.contains("InvalidSignatureException (HTTP 403)"),
            "{line}"
        );
        assert_eq!(dates.len(), 2, "{date}: {dates:?}");
    }
}

#[test]
fn a_date_that_cannot_be_is_not_believed() {
    for date in [
        "",
        "soon",
        "Fri, 31 Feb 2030 00:00:00 GMT",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Fri, 31 Dec -2030 23:59:59 GMT",
        "Fri, 31 Dec 2030 24:60:99 GMT",
    ] {
        let (dates, run) = with_a_clock_that_says(date, usize::MAX);
        run.refusal(3);
        assert_eq!(dates.len(), 1, "{date}: {dates:?}");
    }
}
