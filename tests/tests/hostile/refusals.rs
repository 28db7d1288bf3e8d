//! Servers that refuse.

use lambda_invocation_tests::server::Server;

use crate::{NULL, against, against_with_5_mb, answering, both_ways, broke, five_mb};

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
    let runs = both_ways(
        |mut connection| {
            connection.read_a_little()?;
            connection.send(TOO_LARGE_REQUEST)
        },
        five_mb,
    );
    for run in runs {
        match run.code {
            3 => assert!(run.refusal(3).contains("RequestTooLargeException")),
            _ => broke(&run),
        }
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
            "AccessDenied (HTTP 403)",
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
