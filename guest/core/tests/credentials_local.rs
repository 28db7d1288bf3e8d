//! Credentials of containers and instances: what is asked, and what answers mean.

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::invocation::{Invocation, Step, Unsigned};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::{
    Fetched, Method, Question, TRIES, container, have_expired, instance_metadata, none_found,
};
use lambda_invocation_core::error::{
    Error, HostDenial, ServiceError, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};
use proptest::prelude::*;
use support::{CANARY, NOW, connection, environment, raw, refusal, request};

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// URL of a question.
fn url(question: &Question) -> String {
    question.endpoint.origin() + &question.head.path_and_query
}

/// The text of `NoCredentials`.
fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::NoCredentials(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn document(changes: &[(&str, Option<&str>)]) -> String {
    let mut members = serde_json::json!({
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": CANARY,
        "Token": format!("{CANARY}=="),
        "Expiration": "2026-08-30T13:36:00Z",
        "RoleArn": "arn:aws:iam::123456789012:role/task",
    });
    for (name, value) in changes {
        match value {
            Some(value) => members[*name] = (*value).into(),
            None => drop(members.as_object_mut().unwrap().remove(*name)),
        }
    }
    members.to_string()
}

#[test]
fn a_container_is_asked_at_the_uri_of_the_environment() {
    for (name, uri, asked) in [
        (
            RELATIVE,
            "/v2/credentials/0b-1?id=1",
            "http://169.254.170.2/v2/credentials/0b-1?id=1",
        ),
        (
            FULL,
            "http://169.254.170.23/v1/credentials",
            "http://169.254.170.23/v1/credentials",
        ),
        (
            FULL,
            "http://[fd00:ec2::23]/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
        ),
        (FULL, "http://169.254.170.2", "http://169.254.170.2/"),
        // The path is the service's own, its last slash included.
        (
            FULL,
            "http://localhost:8080/2016-11-01/provider/",
            "http://localhost:8080/2016-11-01/provider/",
        ),
        (FULL, "http://127.9.9.9:1/a//b", "http://127.9.9.9:1/a//b"),
        (FULL, "http://[::1]:8080/a?b=/c", "http://[::1]:8080/a?b=/c"),
        (
            FULL,
            "https://credentials.example/X",
            "https://credentials.example/X",
        ),
        (
            FULL,
            "HTTPS://Credentials.Example:443",
            "https://credentials.example/",
        ),
    ] {
        let environment = environment(&[(name, uri)]);
        assert!(container::is_configured(&environment));
        let question = container::question(&environment, None).unwrap();
        assert_eq!(url(&question), asked);
        assert_eq!(question.method, Method::Get);
        assert!(question.head.headers.is_empty() && question.body.is_empty());
        assert_eq!(question.timeout, Duration::from_secs(2));
    }
    assert!(!container::is_configured(&environment(&[(TOKEN, "x")])));
}

#[test]
fn the_relative_uri_wins_over_the_full_one() {
    let both = environment(&[(FULL, "https://other.example/"), (RELATIVE, "/mine")]);
    let question = container::question(&both, None).unwrap();
    assert_eq!(url(&question), "http://169.254.170.2/mine");
}

#[test]
fn a_container_is_never_asked_at_another_place() {
    for (name, uri) in [
        (FULL, "http://169.254.169.254/latest"),
        (FULL, "http://169.254.170.22/"),
        (FULL, "http://169.254.170.2.example/"),
        (FULL, "http://10.0.0.1/"),
        (FULL, "http://example.com/"),
        (FULL, "http://me.localhost/"),
        (FULL, "http://localhost.example/"),
        (FULL, "http://[fd00:ec2::254]/"),
        (FULL, "http://[::ffff:10.0.0.1]/"),
        (FULL, "http://127.0.0.1@example.com/"),
        (FULL, "http://user:CANARYdoNotPrint@127.0.0.1/"),
        (FULL, "http:///path"),
        (FULL, "http://127.0.0.1/#x"),
        (FULL, "http://127.0.0.1?x"),
        (FULL, "http://127.0.0.1/ x"),
        (FULL, "http://127.0.0.1/\r\nx: y"),
        (FULL, "file:///etc/passwd"),
        (FULL, "//127.0.0.1/"),
        (FULL, "127.0.0.1/"),
        (FULL, "://"),
        (RELATIVE, "mine"),
        (RELATIVE, "@example.com/"),
        (RELATIVE, ":80/x"),
        (RELATIVE, "/x#y"),
        (RELATIVE, "/x y"),
        (RELATIVE, "/ä"),
    ] {
        let (argument, rule) = refusal(container::question(&environment(&[(name, uri)]), None));
        assert_eq!(argument, name, "{uri}");
        assert!(!rule.contains(CANARY), "{rule}");
    }
}

#[test]
fn the_token_is_sent_as_it_is_and_a_files_wins() {
    let variables = environment(&[(RELATIVE, "/"), (TOKEN, "Basic abc==")]);
    let header = |token| {
        let question = container::question(&variables, token).unwrap();
        question.head.headers.clone()
    };
    assert_eq!(header(None), [("authorization", "Basic abc==".to_owned())]);
    assert_eq!(header(Some("file")), [("authorization", "file".to_owned())]);
}

#[test]
fn a_token_that_would_begin_another_header_is_refused() {
    for bad in ["CANARYdoNotPrint\n", "CANARYdoNotPrint\r\nx: y", "ä", "\0"] {
        let variables = environment(&[(RELATIVE, "/"), (TOKEN, bad)]);
        let (argument, rule) = refusal(container::question(&variables, None));
        assert_eq!(argument, TOKEN);
        assert!(!rule.contains(CANARY), "{rule}");
        let (argument, _) = refusal(container::question(&variables, Some(bad)));
        assert_eq!(argument, container::TOKEN_FILE);
    }
    let empty = container::question(&environment(&[(RELATIVE, "/")]), Some(""));
    assert_eq!(refusal(empty).0, container::TOKEN_FILE);
}

#[test]
fn a_containers_answer_becomes_credentials_that_last_until_shortly_before_their_end() {
    let fetched = container::read(raw(200, &[], &document(&[])), NOW).unwrap();
    let token = format!("{CANARY}==");
    assert_eq!(
        fetched.credentials,
        Credentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: CANARY.to_owned(),
            session_token: Some(token),
        }
    );
    let minutes = |minutes: u64| NOW + Duration::from_secs(minutes * 60);
    assert!(fetched.is_fresh(NOW));
    assert!(fetched.is_fresh(minutes(54)));
    assert!(!fetched.is_fresh(minutes(55)));
    assert!(!fetched.is_fresh(minutes(600)));
    // Over a month's end.
    assert!(!fetched.is_fresh(minutes(60 * 24 * 2)));
}

#[test]
fn credentials_without_an_end_or_a_token_are_used_and_not_kept() {
    let body = document(&[("Expiration", None), ("Token", None)]);
    let fetched = container::read(raw(200, &[], &body), NOW).unwrap();
    assert_eq!(fetched.credentials.session_token, None);
    assert!(!fetched.is_fresh(NOW));
    assert!(!Fetched::without_end(fetched.credentials).is_fresh(NOW));
}

#[test]
fn the_end_is_read_in_the_forms_of_utc() {
    for (time, fresh) in [
        ("2026-08-30T12:41:01Z", true),
        ("2026-08-30T12:41:00Z", false),
        ("2026-08-30T12:36:01Z", false),
        ("2026-08-30T12:41:01.999Z", true),
        ("2027-01-01T00:00:00.000000Z", true),
    ] {
        let body = document(&[("Expiration", Some(time))]);
        let fetched = container::read(raw(200, &[], &body), NOW).unwrap();
        assert_eq!(fetched.is_fresh(NOW), fresh, "{time}");
    }
    for (time, text) in [
        ("2026-08-30T12:36:00Z", "have expired"),
        ("1999-12-31T23:59:59Z", "have expired"),
        ("2026-08-30T14:36:00+02:00", "not a time in UTC"),
        ("2026-08-30T14:36:00", "not a time in UTC"),
        ("2026-08-30", "not a time in UTC"),
        ("1788093360", "not a time in UTC"),
        ("CANARYdoNotPrint", "not a time in UTC"),
        ("", "not a time in UTC"),
    ] {
        let body = document(&[("Expiration", Some(time))]);
        let said = reason(container::read(raw(200, &[], &body), NOW));
        assert!(said.contains(text), "{time}: {said}");
        assert!(!said.contains(CANARY), "{said}");
    }
}

#[test]
fn a_wrong_answer_is_one_line_that_quotes_nothing() {
    for (status, body, text) in [
        (404, document(&[]), "HTTP 404"),
        (500, CANARY.to_owned(), "HTTP 500"),
        (204, String::new(), "HTTP 204"),
        (200, String::new(), "lacks AccessKeyId"),
        (200, format!("<html>{CANARY}"), "lacks AccessKeyId"),
        (200, format!("[\"{CANARY}\"]"), "lacks AccessKeyId"),
        (200, "[".repeat(9_999), "lacks AccessKeyId"),
        (200, document(&[("AccessKeyId", None)]), "lacks AccessKeyId"),
        (
            200,
            document(&[("SecretAccessKey", None)]),
            "SecretAccessKey",
        ),
        (
            200,
            document(&[("AccessKeyId", Some(""))]),
            "no header can carry",
        ),
        (
            200,
            document(&[("Token", Some("a\r\nb"))]),
            "no header can carry",
        ),
        (
            200,
            document(&[("Code", Some(CANARY))]),
            "Code is not Success",
        ),
    ] {
        for said in [
            reason(container::read(raw(status, &[], &body), NOW)),
            reason(instance_metadata::read(raw(status, &[], &body), NOW)),
        ] {
            assert!(said.contains(text), "{said}");
            assert!(!said.contains(CANARY) && !said.contains('\n'), "{said}");
        }
    }
}

#[test]
fn an_instance_is_asked_only_when_its_metadata_is_expressly_not_disabled() {
    const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
    let asked = |value| instance_metadata::is_asked_for(&environment(&[(DISABLED, value)]));
    assert_eq!(
        instance_metadata::is_asked_for(&Environment::default()),
        Ok(false)
    );
    for (value, expected) in [
        ("", false),
        ("true", false),
        ("False", true),
        ("false", true),
    ] {
        assert_eq!(asked(value), Ok(expected), "{value}");
    }
    assert_eq!(refusal(asked("no")).0, DISABLED);
}

#[test]
fn an_instance_is_asked_for_a_token_then_its_role_then_its_credentials() {
    let mut question = instance_metadata::question(&Environment::default()).unwrap();
    assert_eq!(question.method, Method::Put);
    assert_eq!(url(&question), "http://169.254.169.254/latest/api/token");
    assert_eq!(
        question.head.headers,
        [("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_owned())]
    );
    instance_metadata::ask_for_role(&mut question, raw(200, &[], "to-ken==")).unwrap();
    let roles = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
    let token = [("x-aws-ec2-metadata-token", "to-ken==".to_owned())];
    assert_eq!(question.method, Method::Get);
    assert_eq!(url(&question), roles);
    assert_eq!(question.head.headers, token);
    let role = raw(200, &[], "a+b=c,d.e@f-g_h/?%\nsecond");
    instance_metadata::ask_for_credentials(&mut question, role).unwrap();
    assert_eq!(url(&question), format!("{roles}a+b=c,d.e@f-g_h%2F%3F%25"));
    assert_eq!(question.head.headers, token);
    let body = document(&[("Code", Some("Success"))]);
    assert!(instance_metadata::read(raw(200, &[], &body), NOW).is_ok());
}

#[test]
fn the_metadata_service_may_be_elsewhere() {
    const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    const MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
    for (variables, asked) in [
        (
            &[(MODE, "IPv4")][..],
            "http://169.254.169.254/latest/api/token",
        ),
        (&[(MODE, "ipv6")], "http://[fd00:ec2::254]/latest/api/token"),
        (
            &[(MODE, "IPv6"), (ENDPOINT, "http://imds.example:8080/base/")],
            "http://imds.example:8080/base/latest/api/token",
        ),
    ] {
        let question = instance_metadata::question(&environment(variables)).unwrap();
        assert_eq!(url(&question), asked);
    }
    let bad = instance_metadata::question(&environment(&[(ENDPOINT, "imds.example")]));
    assert_eq!(refusal(bad).0, ENDPOINT);
}

#[test]
fn an_instances_wrong_words_are_refused() {
    for (status, body, text) in [
        (401, CANARY, "HTTP 401"),
        (200, "", "not one word"),
        (200, "\n", "not one word"),
        (200, "<html>CANARYdoNotPrint", "not one word"),
        (200, "CANARYdoNotPrint\u{7f}", "not one word"),
        (200, "ä", "not one word"),
    ] {
        let mut question = instance_metadata::question(&Environment::default()).unwrap();
        let first = instance_metadata::ask_for_role(&mut question, raw(status, &[], body));
        let second = instance_metadata::ask_for_credentials(&mut question, raw(status, &[], body));
        for said in [reason(first), reason(second)] {
            assert!(said.contains(text) && !said.contains(CANARY), "{said}");
        }
    }
    let mut question = instance_metadata::question(&Environment::default()).unwrap();
    let none = instance_metadata::ask_for_credentials(&mut question, raw(404, &[], ""));
    assert!(reason(none).contains("has no role"));
}

/// Transport and timeout errors of a question.
fn transport(phase: TransportPhase) -> Error {
    Error::Transport(TransportError {
        phase,
        detail: "connection refused".to_owned(),
        sent: true,
    })
}

fn timeout(phase: TimeoutPhase) -> Error {
    Error::Timeout(TimeoutError {
        phase,
        after_ms: 2_000,
        sent: true,
    })
}

#[test]
fn what_may_pass_is_asked_again() {
    let question = container::question(&environment(&[(RELATIVE, "/")]), None).unwrap();
    for (outcome, again) in [
        (Ok(raw(200, &[], "")), false),
        (Ok(raw(404, &[], "")), false),
        (Ok(raw(429, &[], "")), true),
        (Ok(raw(500, &[], "")), true),
        (Ok(raw(503, &[], "")), true),
        (Err(transport(TransportPhase::Connect)), true),
        (Err(transport(TransportPhase::Response)), true),
        (Err(transport(TransportPhase::Tls)), false),
        (Err(timeout(TimeoutPhase::Connect)), true),
        (Err(timeout(TimeoutPhase::Response)), true),
        (Err(timeout(TimeoutPhase::Deadline)), false),
        (Err(Error::ResponseTooLarge { limit: 1 }), false),
    ] {
        assert_eq!(
            question.again(&outcome, 1, 0).is_some(),
            again,
            "{outcome:?}"
        );
        assert_eq!(question.again(&outcome, TRIES, 0), None, "{outcome:?}");
    }
}

#[test]
fn the_pause_doubles_and_is_never_half_as_long_again() {
    let question = container::question(&environment(&[(RELATIVE, "/")]), None).unwrap();
    let outcome = Ok(raw(503, &[], ""));
    for (tries, least) in [(1, 100), (2, 200)] {
        for random in [0, 1, 49, 50, 12_345, u32::MAX] {
            let pause = question.again(&outcome, tries, random).unwrap();
            let least = Duration::from_millis(least);
            assert!(
                pause >= least && pause < least + least / 2,
                "{tries}, {random}: {pause:?}"
            );
        }
        assert_ne!(
            question.again(&outcome, tries, 1),
            question.again(&outcome, tries, 2)
        );
    }
}

#[test]
fn no_answer_is_the_sources_fault_but_for_the_hosts_denial_and_the_deadline() {
    let question = container::question(&environment(&[(RELATIVE, "/")]), None).unwrap();
    for (error, text) in [
        (transport(TransportPhase::Connect), "connection refused"),
        (timeout(TimeoutPhase::Response), "no answer in time"),
        (
            Error::invalid("endpoint-url", "not accepted"),
            "not accepted",
        ),
        (
            Error::ResponseTooLarge { limit: 65_536 },
            "more than 65,536 bytes",
        ),
    ] {
        let said = reason(Err::<(), _>(question.unanswered(error)));
        let expected = format!("container credentials: 169.254.170.2: {text}");
        assert_eq!(said, expected);
    }
    let denial = Error::DeniedByHost(HostDenial {
        url: "http://169.254.170.2".to_owned(),
        hint: "allow it".to_owned(),
    });
    assert_eq!(question.unanswered(denial.clone()), denial);
    // Nothing reached Lambda.
    let Error::Timeout(e) = question.unanswered(timeout(TimeoutPhase::Deadline)) else {
        panic!("not a timeout");
    };
    assert!(!e.sent && e.phase == TimeoutPhase::Deadline);
}

#[test]
fn without_a_source_the_error_names_every_place() {
    let Error::NoCredentials(text) = none_found(None) else {
        panic!("another error");
    };
    for place in [
        "connection",
        "AWS_ACCESS_KEY_ID",
        "profiles and web identity",
        "lambda-host",
        RELATIVE,
        "_FULL_URI",
        "AWS_EC2_METADATA_DISABLED=false",
    ] {
        assert!(text.contains(place), "{place}: {text}");
    }
    let Error::NoCredentials(text) = none_found(Some("profile \"p\" holds none")) else {
        panic!("another error");
    };
    assert!(text.contains("; profile \"p\" holds none; "), "{text}");
}

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
    let mut damaged = support::credentials(None);
    damaged.secret_access_key.push('\n');
    assert_eq!(
        refusal(unsigned().with_credentials(damaged)).0,
        "secret-access-key"
    );
    let signed = unsigned()
        .with_credentials(support::credentials(None))
        .unwrap();
    let same = support::invocation(request(), connection());
    assert_eq!(
        signed.prepare(NOW).canonical_request,
        same.prepare(NOW).canonical_request
    );
}

fn expired(call: &mut Invocation) -> Error {
    call.attempt(NOW);
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
    let mut call = support::invocation(request(), connection());
    let error = expired(&mut call);
    assert!(have_expired(&error));
    assert!(call.may_attempt_again());
    let mut other = support::credentials(Some("other-token"));
    other.access_key_id = "AKIDOTHER".to_owned();
    call.renew(other).unwrap();
    let head = call.attempt(NOW);
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
    assert!(!call.may_attempt_again());

    let service = |code: &str| {
        Error::Service(ServiceError {
            code: code.to_owned(),
            status: 403,
            message: String::new(),
            hint: None,
            request_id: None,
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
        let mut question = instance_metadata::question(&Environment::default()).unwrap();
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
