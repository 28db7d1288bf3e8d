//! What a `credential_process` prints, and a portal of IAM Identity Center answers.

#![cfg(test)]

mod support;

use std::time::Duration;

use lambda_invocation_core::credentials::process::Process;
use lambda_invocation_core::credentials::sso::{Outcome, Sso};
use lambda_invocation_core::error::Error;
use proptest::prelude::*;
use support::{CANARY, NOW};

fn process() -> Process {
    Process {
        profile: "p".to_owned(),
        command: format!("tool --token {CANARY}"),
    }
}

fn output(version: &str, expiration: &str) -> String {
    format!(
        r#"{{"Version": {version}, "AccessKeyId": "AKID", "SecretAccessKey": "{CANARY}", "SessionToken": "t"{expiration}}}"#
    )
}

#[test]
fn an_answer_is_kept_until_it_expires_or_for_a_quarter_of_an_hour() {
    const MINUTE: Duration = Duration::from_secs(60);
    for (expiration, minutes) in [
        ("", 10),
        (r#", "Expiration": null"#, 10),
        (r#", "Expiration": "2026-08-30T13:36:00Z""#, 55),
        // As the AWS CLI writes it.
        (r#", "Expiration": "2026-08-30T13:36:00+00:00""#, 55),
        (r#", "Expiration": "2026-08-30T13:36:00.123Z""#, 55),
    ] {
        let fetched = process().read(output("1", expiration).as_bytes(), NOW);
        let fetched = fetched.unwrap();
        assert_eq!(fetched.credentials.access_key_id, "AKID");
        assert_eq!(fetched.credentials.secret_access_key, CANARY);
        assert_eq!(fetched.credentials.session_token.as_deref(), Some("t"));
        let last = MINUTE * minutes - Duration::from_secs(1);
        assert!(fetched.is_fresh(NOW + last), "{expiration}");
        assert!(!fetched.is_fresh(NOW + last + MINUTE), "{expiration}");
    }
}

#[test]
fn a_wrong_answer_is_one_line_that_quotes_nothing() {
    for (output, says) in [
        (String::new(), "not a JSON object with a Version"),
        (CANARY.to_owned(), "not a JSON object with a Version"),
        (
            format!("[\"{CANARY}\"]"),
            "not a JSON object with a Version",
        ),
        (output("2", ""), "Version of its output is not 1"),
        (output("\"1\"", ""), "Version of its output is not 1"),
        (r#"{"Version": 1}"#.to_owned(), "lacks AccessKeyId"),
        (
            output("1", "").replace("AKID", "A\\r\\nb"),
            "no header can carry",
        ),
        (
            output("1", r#", "Expiration": "yesterday""#),
            "not a time in UTC",
        ),
        (
            output("1", r#", "Expiration": "2020-01-01T00:00:00Z""#),
            "have expired",
        ),
    ] {
        let Err(Error::NoCredentials(said)) = process().read(output.as_bytes(), NOW) else {
            panic!("{output} is accepted");
        };
        let start = "profile \"p\": credential_process: ";
        assert!(said.starts_with(start) && said.contains(says), "{said}");
        assert!(!said.contains(CANARY) && !said.contains('\n'), "{said}");
    }
}

#[test]
fn debug_shows_no_command() {
    assert!(!format!("{:?}", process()).contains(CANARY));
}

#[test]
fn what_to_do_follows_from_the_last_answer_of_the_portal() {
    let sso = Sso {
        profile: "p".to_owned(),
        session: None,
        start_url: "https://example.awsapps.com/start".to_owned(),
        region: "us-east-1".to_owned(),
        account_id: "123456789012".to_owned(),
        role_name: "Developer".to_owned(),
    };
    let sign_in = "aws sso login --profile \"p\"";
    for (last, says) in [
        (None, sign_in),
        (Some(Outcome::Answered(400)), sign_in),
        (Some(Outcome::Answered(401)), sign_in),
        (
            Some(Outcome::Answered(403)),
            "check sso_account_id and sso_role_name",
        ),
        (
            Some(Outcome::Answered(404)),
            "check sso_account_id and sso_role_name",
        ),
        (Some(Outcome::Answered(503)), "HTTP 503"),
        (
            Some(Outcome::Unanswered(Error::NoCredentials(
                "not reached".to_owned(),
            ))),
            "not reached",
        ),
    ] {
        let Error::NoCredentials(said) = sso.failed(last.as_ref()) else {
            panic!("another error");
        };
        assert!(
            said.starts_with("profile \"p\": ") && said.contains(says),
            "{said}"
        );
    }
}

proptest! {
    #[test]
    fn no_output_panics(output in any::<Vec<u8>>()) {
        let _ = process().read(&output, NOW);
    }
}
