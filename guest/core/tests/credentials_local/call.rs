//! A call with fetched credentials.

use std::time::Duration;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::invocation::{Invocation, Step, Unsigned};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::{container, have_expired, instance_metadata};
use lambda_invocation_core::error::{Error, ServiceError};
use proptest::prelude::*;

use crate::support::{
    CANARY, NOW, connection, credentials, environment, invocation, raw, refusal, request,
};
use crate::{FULL, RELATIVE, TOKEN, document};

#[test]
fn a_call_is_checked_before_its_credentials_are_there_and_then_signed_with_them() {
    let new =
        |request, connection| Unsigned::new(request, connection, &Environment::default(), [7; 16]);
    let mut bad = request();
    bad.function_name = "no such name!".to_owned();
    assert_eq!(refusal(new(bad, connection())).0, "function-name");
    assert_eq!(
        new(request(), Connection::default()).unwrap_err(),
        Error::NoRegion
    );
    let unsigned = || {
        let connection = Connection {
            credentials: None,
            ..connection()
        };
        new(request(), connection).unwrap()
    };
    assert_eq!(unsigned().settings().region, "us-east-1");
    let mut damaged = credentials(None);
    damaged.secret_access_key.push('\n');
    assert_eq!(
        refusal(unsigned().with_signer(damaged)).0,
        "secret-access-key"
    );
    let signed = unsigned().with_signer(credentials(None)).unwrap();
    let same = invocation(request(), connection());
    assert_eq!(
        signed.prepare(NOW).unwrap().canonical_request,
        same.prepare(NOW).unwrap().canonical_request
    );
}

fn expired(call: &mut Invocation) -> Error {
    call.attempt(NOW).unwrap();
    let raw = raw(
        403,
        &[("x-amzn-errortype", "ExpiredTokenException")],
        r#"{"message":"The security token included in the request is expired"}"#,
    );
    match call.next(Ok(raw), NOW, Duration::ZERO) {
        Step::Done(Err(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn expired_credentials_are_told_apart_and_may_be_replaced_while_attempts_are_left() {
    let mut call = invocation(request(), connection());
    let error = expired(&mut call);
    assert!(have_expired(&error));
    assert!(call.may_renew());
    let mut other = credentials(Some("other-token"));
    other.access_key_id = "AKIDOTHER".to_owned();
    call.renew(other).unwrap();
    let head = call.attempt(NOW).unwrap();
    let header = |name| {
        head.headers
            .iter()
            .find(|(n, _)| *n == name)
            .unwrap()
            .1
            .as_str()
    };
    assert!(header("authorization").contains("Credential=AKIDOTHER/"));
    assert_eq!(header("x-amz-security-token"), "other-token");
    assert!(header("amz-sdk-request").starts_with("attempt=2;"));
    expired(&mut call);
    assert!(!call.may_renew());

    let service = |code: &str| {
        Error::Service(ServiceError {
            code: code.to_owned(),
            status: 403,
            message: String::new(),
            hint: None,
            request_id: None,
            maybe_ran: false,
            attempts: 0,
        })
    };
    assert!(have_expired(&service("ExpiredToken")));
    assert!(!have_expired(&service("AccessDeniedException")));
    assert!(!have_expired(&Error::NoRegion));
}

#[test]
fn debug_shows_no_secret() {
    let variables = environment(&[(RELATIVE, "/"), (TOKEN, CANARY)]);
    let question = container::question(&variables, None).unwrap();
    let fetched = container::read(raw(200, &[], &document(&[])), NOW).unwrap();
    let shown = format!("{question:?} {fetched:?}");
    assert!(!shown.contains(CANARY), "{shown}");
}

proptest! {
    #[test]
    fn no_answer_panics(status in any::<u16>(), body in any::<Vec<u8>>()) {
        let answer = || lambda_invocation_core::call::response::RawResponse {
            status,
            headers: Vec::new(),
            body: body.clone(),
        };
        let _ = container::read(answer(), NOW);
        let mut question = instance_metadata::question(&Environment::default(), true).unwrap();
        let _ = instance_metadata::ask_for_role(&mut question, answer());
        let _ = instance_metadata::ask_for_credentials(&mut question, answer());
        let _ = instance_metadata::read(answer(), NOW);
    }

    #[test]
    fn no_document_panics(id in ".{0,9}", secret in ".{0,9}", end in "[0-9TZ:.+-]{0,24}") {
        let body = document(&[
            ("AccessKeyId", Some(&id)),
            ("SecretAccessKey", Some(&secret)),
            ("Expiration", Some(&end)),
        ]);
        if let Ok(fetched) = container::read(raw(200, &[], &body), NOW) {
            prop_assert!(id.bytes().all(|b| b.is_ascii_graphic()));
            let _ = fetched.is_fresh(NOW);
        }
    }

    #[test]
    fn whatever_uri_is_accepted_leads_where_it_may(uri in "(https?|HTTP)://[a-z0-9.:\\[\\]@/?#%-]{0,24}") {
        let variables = environment(&[(FULL, &uri)]);
        if let Ok(question) = container::question(&variables, None) {
            let endpoint = &question.endpoint;
            let plain = endpoint.origin().starts_with("http://");
            let host = endpoint.authority.rsplit_once(':').map_or(&*endpoint.authority, |(h, _)| h);
            let loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]";
            prop_assert!(!plain || loopback || endpoint.authority == "[::1]", "{uri}");
            prop_assert!(question.head.path_and_query.starts_with('/'));
        }
    }
}
