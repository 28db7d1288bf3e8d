//! Error answers: code, message, hint, throttles.

#![cfg(test)]

mod support;

use lambda_invocation_core::call::retry::ERRORS;
use lambda_invocation_core::error::{Error, ServiceError, ThrottlingError};
use support::{interpret, raw};

fn service(status: u16, headers: &[(&str, &str)], body: &str) -> ServiceError {
    match interpret(raw(status, headers, body)) {
        Err(Error::Service(error)) => error,
        other => panic!("{status} {headers:?} {body:.80}: {other:?}"),
    }
}

fn throttled(status: u16, headers: &[(&str, &str)], body: &str) -> ThrottlingError {
    match interpret(raw(status, headers, body)) {
        Err(Error::Throttled(error)) => error,
        other => panic!("{status} {headers:?} {body:.80}: {other:?}"),
    }
}

#[test]
fn the_code_is_found_wherever_it_stands() {
    const TYPE: &str = "x-amzn-ErrorType";
    for (headers, body, code) in [
        (&[(TYPE, "AException")][..], "{}", "AException"),
        (&[("X-AMZN-ERRORTYPE", "AException")], "{}", "AException"),
        (
            &[(
                "x-amzn-errortype",
                "AException:http://internal.amazon.com/coral/x/",
            )],
            "",
            "AException",
        ),
        (
            &[(TYPE, "com.amazonaws.lambda#AException")],
            "",
            "AException",
        ),
        (
            &[(TYPE, "com.amazonaws.lambda#AException:http://x#y")],
            "",
            "AException",
        ),
        (&[(TYPE, " AException ")], "", "AException"),
        (
            &[(TYPE, "AException")],
            r#"{"code":"B","__type":"C"}"#,
            "AException",
        ),
        (&[(TYPE, "")], r#"{"__type":"C"}"#, "C"),
        (&[], r#"{"code":"B","__type":"C"}"#, "B"),
        (&[], r#"{"__type":"com.amazon.coral.service#C"}"#, "C"),
        (&[], r#"{"__type":"C:http://x"}"#, "C"),
        (&[], r#"{"code":7,"__type":"C"}"#, "C"),
        (&[], "{}", "Http418"),
        (&[], r#"{"code":""}"#, "Http418"),
        (&[(TYPE, ":")], "", "Http418"),
        (
            &[(TYPE, "SomethingNewException")],
            "",
            "SomethingNewException",
        ),
    ] {
        assert_eq!(service(418, headers, body).code, code, "{headers:?} {body}");
    }
}

#[test]
fn the_message_is_found_in_either_case() {
    for (body, message) in [
        (
            r#"{"Type":"User","Message":"Function not found: f"}"#,
            "Function not found: f",
        ),
        (
            r#"{"Type":"User","message":"Function not found: f"}"#,
            "Function not found: f",
        ),
        (r#"{"errorMessage":"boom"}"#, "boom"),
        (r#"{"message":null,"Message":"x"}"#, "x"),
        (r#"{"message":" x\n"}"#, "x"),
        (r#"{"message":["x"]}"#, ""),
        ("{}", ""),
    ] {
        assert_eq!(service(404, &[], body).message, message, "{body}");
    }
}

#[test]
fn bodies_that_are_not_json_leave_the_status_to_speak() {
    let deep = format!("{{\"message\":{}", "[".repeat(100_000));
    for body in [
        "",
        "null",
        "[]",
        "\"text\"",
        "{\"message\":\"cut o",
        "<html><body><h1>502 Bad Gateway</h1></body></html>",
        "<html><head><title>Sorry</title></head><p>Message: <code>x</code></html>",
        "<!DOCTYPE html><title>AException</title>",
        "<",
        "\u{0}\u{1}",
        &deep,
    ] {
        let error = service(502, &[("x-amzn-RequestId", "r1")], body);
        assert_eq!(
            (error.code.as_str(), error.status),
            ("Http502", 502),
            "{body:.40}"
        );
        assert_eq!(error.message, "", "{body:.40}");
        assert_eq!(error.hint, None, "{body:.40}");
        assert_eq!(error.request_id.as_deref(), Some("r1"));
    }
    let mut latin = raw(500, &[], "");
    latin.body = b"{\"message\":\"\xe4\"}".to_vec();
    assert!(matches!(interpret(latin), Err(Error::Service(_))));
}

#[test]
fn an_error_in_xml_keeps_its_code_and_message() {
    const NO_OPERATION: &str = "Unable to determine service/operation name to be authorized";
    for (body, code, message) in [
        (
            &*format!(
                "<AccessDeniedException>\n  <Message>{NO_OPERATION}</Message>\n</AccessDeniedException>\n"
            ),
            "AccessDeniedException",
            NO_OPERATION,
        ),
        (
            "<?xml version=\"1.0\"?>\n<!-- x --><UnknownOperationException/>",
            "UnknownOperationException",
            "",
        ),
        (
            "<ErrorResponse xmlns=\"http://x/\">\n<Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>a &lt;b&gt; &amp;lt; &quot;c&quot;</Message></Error></ErrorResponse>",
            "SignatureDoesNotMatch",
            "a <b> &lt; \"c\"",
        ),
        (
            "  <Response><Errors><Error><Code>RequestExpired</Code><Message>late</Message></Error></Errors></Response>",
            "RequestExpired",
            "late",
        ),
        (
            "<Error><Code>com.amazon#A:http://x</Code><message>m</message>",
            "A",
            "m",
        ),
        ("<Error><Message>cut o", "Http403", ""),
    ] {
        let error = service(403, &[], body);
        assert_eq!((&*error.code, &*error.message), (code, message), "{body}");
    }
    // Whatever form it comes in, the hint is about the path.
    for body in [
        format!("<AccessDeniedException><Message>{NO_OPERATION}</Message></AccessDeniedException>"),
        format!(r#"{{"__type":"AccessDeniedException","Message":"{NO_OPERATION}"}}"#),
    ] {
        let hint = service(403, &[], &body).hint.unwrap();
        assert!(
            hint.contains("the path") && hint.contains("--endpoint-url"),
            "{hint}"
        );
    }
}

#[test]
fn what_a_server_says_is_short_and_on_one_line() {
    let body = format!(
        r#"{{"message":"a\r\nb\u001b[31m\u0007{}","code":"{}"}}"#,
        "x".repeat(100_000),
        "C".repeat(1_000)
    );
    let error = service(400, &[], &body);
    assert!(
        error.message.starts_with("a  b [31m x"),
        "{:.20}",
        error.message
    );
    assert_eq!(error.message.chars().count(), 1_024);
    assert_eq!(error.code.chars().count(), 128);
    let body = format!(r#"{{"Reason":"{}\n"}}"#, "R".repeat(100_000));
    let error = throttled(429, &[], &body);
    assert_eq!(error.reason.chars().count(), 128);
    let error = throttled(429, &[], r#"{"Reason":"a\nb"}"#);
    assert_eq!(error.reason, "a b");
    // Nor does anything turn the line around.
    for c in "\u{7f}\u{85}\u{61c}\u{200e}\u{200f}\u{2028}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
        let headers = [("x-amzn-RequestId", &*format!("r{c}1"))];
        let error = service(
            400,
            &headers,
            &format!(r#"{{"message":"a{c}b","code":"C{c}D"}}"#),
        );
        assert_eq!(error.message, "a b");
        assert_eq!(error.code, "C D");
        assert_eq!(error.request_id.as_deref(), Some("r 1"));
    }
}

#[test]
fn a_signature_errors_quote_of_the_request_is_cut_off() {
    let body = r#"{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'POST\n/2015-03-31/functions/f/invocations\n\nhost:h\nx-amz-security-token:SECRET\n\nhost\nabc'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256'\n"}"#;
    let error = service(
        403,
        &[("x-amzn-errortype", "InvalidSignatureException")],
        body,
    );
    assert!(error.message.ends_with("for details."), "{}", error.message);
}

#[test]
fn each_failure_to_authenticate_has_a_hint_that_helps() {
    for (status, code, message, hint) in [
        (
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            "AWS_ACCESS_KEY_ID",
        ),
        (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            "AWS_ACCESS_KEY_ID",
        ),
        (
            403,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
            "AWS_SECRET_ACCESS_KEY",
        ),
        (403, "SignatureDoesNotMatch", "", "AWS_SECRET_ACCESS_KEY"),
        (
            403,
            "InvalidSignatureException",
            "Signature expired: 20260830T123600Z is now earlier than 20260830T124200Z (20260830T124700Z - 5 min.)",
            "clock is behind",
        ),
        (
            403,
            "InvalidSignatureException",
            "Signature not yet current: 20260830T123600Z is still later than 20260830T123000Z (20260830T122500Z + 5 min.)",
            "clock is ahead",
        ),
        (
            403,
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'us-east-2'. ",
            "AWS_REGION",
        ),
        (403, "RequestTimeTooSkewed", "", "clock is off"),
        (
            403,
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "expired",
        ),
        (403, "ExpiredToken", "", "expired"),
        (
            403,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
            "Authorization header",
        ),
        (
            400,
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter.",
            "Authorization header",
        ),
        (
            403,
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/u is not authorized to perform: lambda:InvokeFunction on resource: f",
            "grant the caller lambda:InvokeFunction",
        ),
        (403, "SomethingNewException", "", "lambda:InvokeFunction"),
        (403, "", "", "lambda:InvokeFunction"),
    ] {
        let body = format!(r#"{{"Message":{message:?}}}"#);
        let error = service(status, &[("x-amzn-ErrorType", code)], &body);
        let given = error.hint.unwrap_or_default();
        assert!(given.contains(hint), "{code}: {given}");
    }
}

#[test]
fn hints_for_the_other_errors_stand_by_their_code() {
    for (status, code, hint) in [
        (404, "ResourceNotFoundException", Some("AWS_REGION")),
        (409, "CodeArtifactUserPendingException", Some("try again")),
        (409, "ResourceConflictException", Some("try again")),
        (413, "RequestTooLargeException", Some("S3")),
        (413, "RequestEntityTooLargeException", Some("S3")),
        (413, "SerializedRequestEntityTooLargeException", Some("S3")),
        (
            502,
            "KMSAccessDeniedException",
            Some("another role and back"),
        ),
        (502, "ResourceNotReadyException", Some("try again")),
        (500, "ServiceException", None),
        (400, "InvalidRequestContentException", None),
        // Modelled with status 403, but not about who is calling.
        (403, "EFSMountFailureException", None),
        (403, "S3FilesMountFailureException", None),
    ] {
        let given = service(status, &[("x-amzn-ErrorType", code)], "{}").hint;
        match hint {
            Some(text) => assert!(given.is_some_and(|given| given.contains(text)), "{code}"),
            None => assert_eq!(given, None, "{code}"),
        }
    }
}

#[test]
fn every_modelled_error_keeps_its_code_status_message_and_request_id() {
    for rule in ERRORS {
        let headers = [("x-amzn-ErrorType", rule.code), ("x-amzn-RequestId", "r1")];
        match interpret(raw(
            rule.status,
            &headers,
            r#"{"Type":"User","Message":"why"}"#,
        )) {
            Err(Error::Service(e)) => {
                assert_eq!((e.code.as_str(), e.status), (rule.code, rule.status));
                assert_eq!(e.message, "why");
                assert_eq!(e.request_id.as_deref(), Some("r1"));
            }
            Err(Error::Throttled(e)) => {
                assert!(["TooManyRequestsException", "EC2ThrottledException"].contains(&rule.code));
                assert_eq!((e.reason.as_str(), e.message.as_str()), (rule.code, "why"));
                assert_eq!(e.request_id.as_deref(), Some("r1"));
            }
            other => panic!("{}: {other:?}", rule.code),
        }
    }
}

#[test]
fn a_throttle_names_the_limit_and_the_wait() {
    const TYPE: (&str, &str) = ("x-amzn-ErrorType", "TooManyRequestsException");
    let error = throttled(
        429,
        &[TYPE, ("Retry-After", "2"), ("x-amzn-requestid", "r1")],
        r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#,
    );
    assert_eq!(
        error,
        ThrottlingError {
            reason: "ReservedFunctionConcurrentInvocationLimitExceeded".to_owned(),
            retry_after_ms: Some(2_000),
            message: "Rate Exceeded.".to_owned(),
            maybe_ran: false,
            request_id: Some("r1".to_owned()),
            attempts: 0,
        }
    );
    // A status or a code is enough; without a reason the code stands in for it.
    for (status, headers, reason) in [
        (429, &[TYPE][..], "TooManyRequestsException"),
        (429, &[], "Http429"),
        (
            429,
            &[("x-amzn-ErrorType", "NewThrottleException")],
            "NewThrottleException",
        ),
        (
            400,
            &[("x-amzn-ErrorType", "ThrottlingException")],
            "ThrottlingException",
        ),
        (
            502,
            &[("x-amzn-ErrorType", "EC2ThrottledException")],
            "EC2ThrottledException",
        ),
        (503, &[("x-amzn-ErrorType", "SlowDown")], "SlowDown"),
    ] {
        assert_eq!(throttled(status, headers, "").reason, reason);
    }
}

#[test]
fn the_wait_is_read_from_either_header() {
    const MS: &str = "x-amz-retry-after";
    const SECONDS: &str = "Retry-After";
    for (headers, wait) in [
        (&[(SECONDS, "1")][..], Some(1_000)),
        (&[(SECONDS, " 1 ")], Some(1_000)),
        (&[(SECONDS, "0")], Some(0)),
        (&[(MS, "1500")], Some(1_500)),
        (
            &[("X-Amz-Retry-After", "1500"), (SECONDS, "9")],
            Some(1_500),
        ),
        (&[(MS, "-1"), (SECONDS, "9")], Some(9_000)),
        (&[(MS, "soon")], None),
        (&[(SECONDS, "1.5")], None),
        (&[(SECONDS, "Wed, 21 Oct 2026 07:28:00 GMT")], None),
        (&[(SECONDS, "-1")], None),
        (&[(SECONDS, "")], None),
        // Longer than the record can say is still long.
        (&[(SECONDS, "4294967")], Some(4_294_967_000)),
        (&[(SECONDS, "4294968")], Some(u32::MAX)),
        (&[], None),
    ] {
        assert_eq!(
            throttled(429, headers, "").retry_after_ms,
            wait,
            "{headers:?}"
        );
    }
}

#[test]
fn the_request_id_is_found_in_either_header() {
    for (headers, id) in [
        (
            &[("x-amzn-RequestId", "a"), ("x-amz-request-id", "b")][..],
            Some("a"),
        ),
        (&[("X-Amz-Request-Id", "b")], Some("b")),
        (&[], None),
    ] {
        assert_eq!(service(500, headers, "").request_id.as_deref(), id);
    }
}
