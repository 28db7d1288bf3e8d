//! The metadata service of an instance.

use http::Method;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::instance_metadata;

use crate::support::{CANARY, NOW, environment, raw, refusal};
use crate::{document, reason, url};

#[test]
fn an_instance_is_asked_for_a_token_then_its_role_then_its_credentials() {
    let mut question = instance_metadata::question(&Environment::default(), true).unwrap();
    assert_eq!(question.method, Method::PUT);
    assert_eq!(url(&question), "http://169.254.169.254/latest/api/token");
    assert_eq!(
        question.head.headers,
        [("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_owned())]
    );
    instance_metadata::ask_for_role(&mut question, raw(200, &[], "to-ken==")).unwrap();
    let roles = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
    let token = [("x-aws-ec2-metadata-token", "to-ken==".to_owned())];
    assert_eq!(question.method, Method::GET);
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
        let question = instance_metadata::question(&environment(variables), true).unwrap();
        assert_eq!(url(&question), asked);
    }
    let bad = instance_metadata::question(&environment(&[(ENDPOINT, "imds.example")]), true);
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
        let mut question = instance_metadata::question(&Environment::default(), true).unwrap();
        let first = instance_metadata::ask_for_role(&mut question, raw(status, &[], body));
        let second = instance_metadata::ask_for_credentials(&mut question, raw(status, &[], body));
        for said in [reason(first), reason(second)] {
            assert!(said.contains(text) && !said.contains(CANARY), "{said}");
        }
    }
    let mut question = instance_metadata::question(&Environment::default(), true).unwrap();
    let none = instance_metadata::ask_for_credentials(&mut question, raw(404, &[], ""));
    assert!(reason(none).contains("has no role"));
}
