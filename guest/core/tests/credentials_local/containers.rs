//! The credential endpoint of a container.

use std::time::Duration;

use http::Method;
use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::credentials::{Fetched, container, instance_metadata};

use crate::support::{CANARY, NOW, environment, raw, refusal};
use crate::{FULL, RELATIVE, TOKEN, document, reason, url};

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
        assert_eq!(question.method, Method::GET);
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
    for file in ["file", "file\n", "file\r\n"] {
        assert_eq!(header(Some(file)), [("authorization", "file".to_owned())]);
    }
}

#[test]
fn a_token_that_would_begin_another_header_is_refused() {
    for bad in ["\nCANARYdoNotPrint", "CANARYdoNotPrint\r\nx: y", "ä", "\0"] {
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
