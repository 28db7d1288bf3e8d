//! What callers get of an error.

use lambda_invocation_core::error::{
    Error, HostDenial, ResponseLimit, ServiceError, ThrottlingError, TimeoutError, TimeoutPhase,
    TransportError, TransportPhase,
};

use super::{LAMBDA, body, header};
use crate::answer::{Answer, Dialect};
use crate::failure::Failure;
use crate::route::route;

/// One of each kind of error, and what callers get: status, code, whether the function
/// may have run, and whether the operator is told more.
pub fn failures() -> Vec<(&'static str, Error, u16, &'static str, bool, bool)> {
    let service = |status, code: &str| {
        Error::Service(ServiceError {
            code: code.to_owned(),
            status,
            message: "message".to_owned(),
            hint: Some("hint".to_owned()),
            request_id: Some("id-1".to_owned()),
            maybe_ran: matches!(status, 302 | 500),
            attempts: 0,
        })
    };
    let throttled = |reason: &str| {
        Error::Throttled(ThrottlingError {
            reason: reason.to_owned(),
            retry_after_ms: Some(1_001),
            message: "Rate Exceeded.".to_owned(),
            request_id: Some("id-1".to_owned()),
            maybe_ran: false,
            attempts: 0,
        })
    };
    let transport = |phase, sent| {
        Error::Transport(TransportError {
            phase,
            detail: "http://10.0.0.1: connection refused".to_owned(),
            maybe_ran: sent,
            attempts: 0,
        })
    };
    let timeout = |phase, sent| {
        Error::Timeout(TimeoutError {
            phase,
            after_ms: 7,
            maybe_ran: sent,
            attempts: 0,
        })
    };
    let denied = Error::DeniedByHost(HostDenial {
        url: "https://lambda".to_owned(),
        hint: "grant it".to_owned(),
    });
    vec![
        (
            "an argument that breaks a rule",
            Error::invalid("client-context", "must be base64"),
            400,
            "InvalidParameterValueException",
            false,
            false,
        ),
        (
            "a payload that is not JSON",
            Error::invalid("payload", "not JSON"),
            400,
            "InvalidRequestContentException",
            false,
            false,
        ),
        (
            "the service's configuration breaks a rule",
            Error::invalid("AWS_MAX_ATTEMPTS", "must be a number"),
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "the service has no region",
            Error::NoRegion,
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "the service has no credentials",
            Error::NoCredentials("no source".to_owned()),
            503,
            "ServiceUnavailableException",
            false,
            true,
        ),
        (
            "the host denies the connection",
            denied,
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "AWS refuses the service's credentials or signature",
            service(403, "ExpiredTokenException"),
            500,
            "ServiceException",
            false,
            true,
        ),
        (
            "AWS does not let the service invoke the function",
            service(403, "AccessDeniedException"),
            403,
            "AccessDeniedException",
            false,
            true,
        ),
        (
            "no such function, version or alias",
            service(404, "ResourceNotFoundException"),
            404,
            "ResourceNotFoundException",
            false,
            false,
        ),
        (
            "any other error of Lambda",
            service(502, "InvalidZipFileException"),
            502,
            "InvalidZipFileException",
            false,
            false,
        ),
        (
            "an error within Lambda",
            service(500, "ServiceException"),
            424,
            "ServiceException",
            true,
            false,
        ),
        (
            "an answer that is not Lambda's",
            service(302, "UnexpectedRedirect"),
            424,
            "BadGatewayException",
            true,
            true,
        ),
        (
            "throttling",
            throttled("ReservedFunctionConcurrentInvocationLimitExceeded"),
            429,
            "TooManyRequestsException",
            false,
            false,
        ),
        (
            "throttling within a stream",
            Error::Throttled(ThrottlingError {
                reason: "TooManyRequestsException".to_owned(),
                retry_after_ms: Some(1_001),
                message: "Rate Exceeded.".to_owned(),
                request_id: Some("id-1".to_owned()),
                maybe_ran: true,
                attempts: 0,
            }),
            424,
            "ServiceException",
            true,
            false,
        ),
        (
            "throttling of the network interfaces behind Lambda",
            throttled("EC2ThrottledException"),
            502,
            "EC2ThrottledException",
            false,
            false,
        ),
        (
            "no connection to Lambda",
            transport(TransportPhase::Connect, false),
            502,
            "BadGatewayException",
            false,
            true,
        ),
        (
            "the connection to Lambda broke",
            transport(TransportPhase::Response, true),
            424,
            "BadGatewayException",
            true,
            true,
        ),
        (
            "no connection to Lambda in time",
            timeout(TimeoutPhase::Connect, false),
            504,
            "GatewayTimeoutException",
            false,
            false,
        ),
        (
            "no answer of Lambda in time",
            timeout(TimeoutPhase::Deadline, true),
            424,
            "GatewayTimeoutException",
            true,
            false,
        ),
        (
            "an answer larger than Lambda's are",
            Error::ResponseTooLarge(ResponseLimit { limit: 1 }),
            424,
            "BadGatewayException",
            true,
            false,
        ),
    ]
}

#[test]
fn errors_become_statuses_and_tell_callers_nothing_of_the_service() {
    for (what, error, status, code, may_have_run, logged) in failures() {
        let failure = Failure::from(error);
        assert_eq!(failure.status, status, "{what}");
        assert_eq!(failure.code, code, "{what}");
        assert_eq!(failure.may_have_run, may_have_run, "{what}");
        let is_to_repeat = failure.retry_after.is_some();
        assert!(!(is_to_repeat && may_have_run), "{what}");
        assert_eq!(failure.log.is_some(), logged, "{what}");
        if logged {
            for internal in ["10.0.0.1", "AWS_", "hint", "source", "message", "https:"] {
                assert!(
                    !failure.message.contains(internal),
                    "{what}: {}",
                    failure.message
                );
            }
        }
    }
}

#[test]
fn every_code_for_the_services_own_credentials_is_its_own_fault() {
    for (status, code) in [
        (403, "InvalidSignatureException"),
        (403, "UnrecognizedClientException"),
        (403, "MissingAuthenticationTokenException"),
        (403, "ExpiredTokenException"),
        (403, "SignatureDoesNotMatch"),
        (400, "IncompleteSignatureException"),
        (400, "ExpiredTokenException"),
        (401, "Http401"),
        (403, "Http403"),
    ] {
        let failure = Failure::from(Error::Service(ServiceError {
            code: code.to_owned(),
            status,
            message: "The security token is invalid".to_owned(),
            hint: None,
            request_id: None,
            maybe_ran: false,
            attempts: 0,
        }));
        assert_eq!(
            (failure.status, &*failure.code),
            (500, "ServiceException"),
            "{code}"
        );
    }
    // A 403 of Lambda's own is about the function.
    let failure = Failure::from(Error::Service(ServiceError {
        code: "EFSMountFailureException".to_owned(),
        status: 403,
        message: String::new(),
        hint: None,
        request_id: None,
        maybe_ran: false,
        attempts: 0,
    }));
    assert_eq!(
        (failure.status, &*failure.code),
        (403, "EFSMountFailureException")
    );
}

#[test]
fn failures_have_the_form_of_their_dialect() {
    let throttled = || {
        let all = failures();
        let (_, error, ..) = all
            .into_iter()
            .find(|(what, ..)| *what == "throttling")
            .unwrap();
        Failure::from(error)
    };
    let lambda = Answer::of_failure(throttled(), Dialect::Lambda);
    assert_eq!(
        body(&lambda),
        r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
    );
    assert_eq!(header(&lambda, "retry-after"), Some("2"));
    assert_eq!(header(&lambda, "x-amzn-requestid"), Some("id-1"));
    let plain = Answer::of_failure(throttled(), Dialect::Plain);
    assert_eq!(
        body(&plain),
        r#"{"error":{"function_may_have_run":false,"message":"Rate Exceeded.","reason":"ReservedFunctionConcurrentInvocationLimitExceeded","request_id":"id-1","type":"TooManyRequestsException"}}"#
    );
    assert_eq!(header(&plain, "retry-after"), Some("2"));
    assert_eq!(header(&plain, "x-amzn-errortype"), None);

    // Lambda's members, by status.
    for (status, expected) in [
        (400, r#"{"Type":"User","message":"why"}"#),
        (401, r#"{"Message":"why","Type":"User"}"#),
        (404, r#"{"Message":"why","Type":"User"}"#),
        (502, r#"{"Message":"why","Type":"Service"}"#),
    ] {
        let answer = Answer::of_failure(Failure::new(status, "C", "why"), Dialect::Lambda);
        assert_eq!(body(&answer), expected);
    }
    let (_, broke, ..) = failures()
        .into_iter()
        .find(|(what, ..)| *what == "the connection to Lambda broke")
        .unwrap();
    let answer = Answer::of_failure(Failure::from(broke), Dialect::Lambda);
    assert_eq!(answer.status, 424);
    assert_eq!(
        body(&answer),
        r#"{"Message":"the connection to Lambda broke before the answer was complete; the function may have run","Type":"Service"}"#
    );
    // Where Lambda names no time, SDKs have a rule of their own, and others a second.
    let unsaid = || Failure::new(429, "TooManyRequestsException", "");
    let lambda = Answer::of_failure(unsaid(), Dialect::Lambda);
    assert_eq!(header(&lambda, "retry-after"), None);
    let plain = Answer::of_failure(unsaid(), Dialect::Plain);
    assert_eq!(header(&plain, "retry-after"), Some("1"));

    // A server may say nothing.
    let silent = Failure::from(Error::Service(ServiceError {
        code: "Http503".to_owned(),
        status: 503,
        message: String::new(),
        hint: None,
        request_id: None,
        maybe_ran: false,
        attempts: 0,
    }));
    let plain = Answer::of_failure(silent, Dialect::Plain);
    assert!(body(&plain).contains(r#""message":"Lambda answered with HTTP 503""#));

    let unknown = Answer::of_failure(Failure::new(401, "C", "why"), Dialect::Plain);
    assert_eq!(header(&unknown, "www-authenticate"), Some("Bearer"));
    let (dialect, wrong) = route("GET", LAMBDA);
    let answer = Answer::of_failure(wrong.unwrap_err(), dialect);
    assert_eq!(header(&answer, "allow"), Some("POST"));
}
