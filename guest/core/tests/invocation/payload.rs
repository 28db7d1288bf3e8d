//! A payload that is hashed elsewhere, or given up early.

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::sign::sha256_hex;

use crate::support::{NOW, connection, invocation, request};
use crate::with_policy;

#[test]
fn a_hash_that_the_caller_knows_is_signed_as_it_is() {
    let signed = |payload_sha256| {
        let request = Request {
            payload_sha256,
            ..request()
        };
        invocation(request, connection()).prepare(NOW).unwrap()
    };
    let computed = signed(None);
    let right = sha256_hex(&request().payload);
    assert_eq!(signed(Some(right)), computed);
    let wrong = signed(Some(sha256_hex(b"another payload")));
    assert_ne!(wrong.canonical_request, computed.canonical_request);
    assert_eq!(wrong.body, computed.body);
}

#[test]
fn a_payload_is_given_up_once_no_attempt_can_follow() {
    use RetryMode::{Idempotent, Never, Safe};
    for (mode, max_attempts, status, given_up) in [
        (Safe, 3, 200, true),
        (Safe, 3, 202, true),
        (Never, 1, 200, true),
        (Idempotent, 1, 200, true),
        (Idempotent, 3, 200, false),
        (Safe, 3, 429, false),
        (Safe, 3, 502, false),
        (Never, 1, 500, false),
    ] {
        let mut call = invocation(request(), with_policy(mode, max_attempts));
        call.attempt(NOW).unwrap();
        let payload = request().payload;
        let taken = call.take_payload(status);
        assert_eq!(
            taken,
            given_up.then(|| payload.clone()),
            "{mode:?} {status}"
        );
        let left = if given_up { Vec::new() } else { payload };
        assert_eq!(call.payload(), &left[..], "{mode:?} {status}");
    }
}
