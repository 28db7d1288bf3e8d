//! What the profile that counts means: its credentials, and its endpoints.

#![cfg(test)]

mod support;

use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::chain::{Files as _, Source};
use lambda_invocation_core::credentials::process::Process;
use lambda_invocation_core::credentials::profile::{By, Profile};
use lambda_invocation_core::credentials::read::Unread;
use lambda_invocation_core::credentials::sso::Sso;
use lambda_invocation_core::credentials::sts::Role;
use lambda_invocation_core::credentials::web_identity::WebIdentity;
use lambda_invocation_core::error::Error;
use proptest::prelude::*;
use support::{CANARY, environment};
use zeroize::Zeroizing;

const KEYS: &str = "aws_access_key_id = AKID\naws_secret_access_key = secret\n";

/// The profile that counts, with these two files.
fn of_files(
    asked: Option<&str>,
    variables: &[(&str, &str)],
    config: &str,
    credentials: &str,
) -> Result<Profile, Error> {
    let environment = environment(&[&[("HOME", "/h")], variables].concat());
    Profile::read(asked, &environment, &mut |path| {
        Ok(Zeroizing::new(match path {
            "/h/.aws/config" => config.as_bytes().to_vec(),
            _ => credentials.as_bytes().to_vec(),
        }))
    })
}

fn p(config: &str) -> Profile {
    of_files(Some("p"), &[], config, "").unwrap()
}

fn source(config: &str) -> Result<Option<Source>, Error> {
    p(config).source(&Environment::default())
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::NoCredentials(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn keys(id: &str) -> Credentials {
    Credentials {
        access_key_id: id.to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    }
}

fn role(arn: &str) -> Role {
    Role {
        arn: arn.to_owned(),
        ..Role::default()
    }
}

fn assumed(profile: &str, arn: &str, with: Source) -> Source {
    Source::Role {
        profile: profile.to_owned(),
        role: role(arn),
        region: None,
        with: Box::new(with),
    }
}

#[test]
fn the_profile_is_the_calls_then_the_environments_then_the_default() {
    const CONFIG: &str = "[profile a]\n[profile b]\n[profile c]\n";
    let both = [("AWS_DEFAULT_PROFILE", "c"), ("AWS_PROFILE", "b")];
    for (asked, variables, name, by) in [
        (Some("a"), &both[..], "a", By::Call),
        (None, &both, "b", By::Variable("AWS_PROFILE")),
        (None, &both[..1], "c", By::Variable("AWS_DEFAULT_PROFILE")),
        (
            None,
            &[("AWS_PROFILE", ""), both[0]],
            "c",
            By::Variable("AWS_DEFAULT_PROFILE"),
        ),
        (None, &[("AWS_PROFILE", "")], "default", By::Nobody),
        (Some(""), &[], "default", By::Nobody),
    ] {
        let profile = of_files(asked, variables, CONFIG, "").unwrap();
        assert_eq!((profile.name(), profile.by()), (name, by));
    }
}

#[test]
fn a_profile_that_was_named_must_exist_and_hold_credentials() {
    const CONFIG: &str = "[profile region]\nregion = x";
    const FILES: &str = "(/h/.aws/config, /h/.aws/credentials)";
    let missing = format!("profile \"missing\" does not exist {FILES}: ");
    for (asked, variables, says) in [
        (Some("missing"), &[][..], missing.as_str()),
        (
            None,
            &[("AWS_PROFILE", "missing")],
            &format!("AWS_PROFILE: {missing}"),
        ),
        (
            None,
            &[("AWS_DEFAULT_PROFILE", "missing")],
            &format!("AWS_DEFAULT_PROFILE: {missing}"),
        ),
        (
            Some("region"),
            &[],
            "profile \"region\" holds no credentials (/h/.aws/config, line 1)",
        ),
        (
            None,
            &[("AWS_PROFILE", "region")],
            "profile \"region\" holds no credentials (/h/.aws/config, line 1)",
        ),
    ] {
        let found = of_files(asked, variables, CONFIG, "")
            .and_then(|profile| profile.source(&Environment::default()));
        let said = reason(found);
        assert!(said.starts_with(says), "{said}");
    }
    // Nobody named `default`.
    for config in ["", "[default]\nregion = x", CONFIG] {
        let profile = of_files(None, &[], config, "").unwrap();
        assert_eq!(profile.source(&Environment::default()), Ok(None));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_that_names_the_profile() {
    let said = reason(of_files(
        None,
        &[("AWS_PROFILE", "p")],
        "[default]\nCANARYdoNotPrint",
        "",
    ));
    assert_eq!(
        said,
        "AWS_PROFILE: profile \"p\": /h/.aws/config, line 2: neither a section, a setting nor a comment"
    );
    let unread = Profile::read(None, &environment(&[("HOME", "/h")]), &mut |_| {
        Err(Unread::Failed("permission denied".to_owned()))
    });
    assert_eq!(
        reason(unread),
        "profile \"default\": /h/.aws/config: permission denied"
    );
}

#[test]
fn what_counts_first_is_what_counts_first_in_botocore() {
    let process = || {
        Source::Process(Process {
            profile: "p".to_owned(),
            command: "tool".to_owned(),
        })
    };
    let sso = "sso_account_id = 1\nsso_role_name = R\nsso_region = r\nsso_start_url = u\n";
    let token = || Source::WebIdentity {
        profile: Some("p".to_owned()),
        identity: WebIdentity {
            role: role("A"),
            token_file: "/t".to_owned(),
        },
        region: None,
    };
    let with_token = || {
        let mut keys = keys("AKID");
        keys.session_token = Some("token".to_owned());
        Source::Profile(keys)
    };
    for (config, credentials, expected) in [
        (KEYS, "", Source::Profile(keys("AKID"))),
        ("", KEYS, Source::Profile(keys("AKID"))),
        (
            "aws_access_key_id = OTHER\naws_secret_access_key = x",
            KEYS,
            Source::Profile(keys("AKID")),
        ),
        // The token of one file does not go with the keys of the other.
        (
            "aws_session_token = stale",
            KEYS,
            Source::Profile(keys("AKID")),
        ),
        (
            KEYS,
            "aws_session_token = stale",
            Source::Profile(keys("AKID")),
        ),
        (
            &format!("{KEYS}aws_session_token = token"),
            "",
            with_token(),
        ),
        (&format!("{KEYS}credential_process = tool"), "", process()),
        (
            "credential_process = tool",
            KEYS,
            Source::Profile(keys("AKID")),
        ),
        (
            "role_arn = A\nweb_identity_token_file = /t\nsource_profile = p",
            KEYS,
            token(),
        ),
        (
            "role_arn = A\nsource_profile = p",
            &format!("{KEYS}credential_process = tool"),
            assumed("p", "A", Source::Profile(keys("AKID"))),
        ),
        (
            sso,
            KEYS,
            Source::Sso(Sso {
                profile: "p".to_owned(),
                session: None,
                start_url: "u".to_owned(),
                region: "r".to_owned(),
                account_id: "1".to_owned(),
                role_name: "R".to_owned(),
            }),
        ),
        // A session alone is for tokens, not for credentials.
        ("sso_session = s", KEYS, Source::Profile(keys("AKID"))),
    ] {
        let profile = of_files(
            Some("p"),
            &[],
            &format!("[profile p]\n{config}"),
            &format!("[p]\n{credentials}"),
        );
        let found = profile.unwrap().source(&Environment::default());
        assert_eq!(found, Ok(Some(expected)), "{config} {credentials}");
    }
}

#[test]
fn a_role_is_assumed_as_the_source_profile_or_the_credential_source() {
    let akid = || Source::Profile(keys("AKID"));
    for (text, expected) in [
        (
            format!("[profile p]\nrole_arn = A\nsource_profile = k\n[profile k]\n{KEYS}"),
            assumed("p", "A", akid()),
        ),
        // A profile may name itself.
        (
            format!("[profile p]\nrole_arn = A\nsource_profile = p\n{KEYS}"),
            assumed("p", "A", akid()),
        ),
        (
            format!(
                "[profile p]\nrole_arn = A\nsource_profile = q\n\
                 [profile q]\nrole_arn = B\nsource_profile = k\n[profile k]\n{KEYS}"
            ),
            assumed("p", "A", assumed("q", "B", akid())),
        ),
        // Of a source, its own keys come first.
        (
            format!(
                "[profile p]\nrole_arn = A\nsource_profile = q\n\
                 [profile q]\nrole_arn = B\nsource_profile = q\n{KEYS}"
            ),
            assumed("p", "A", akid()),
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = Environment".to_owned(),
            assumed("p", "A", Source::Environment(keys("OF-ENV"))),
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = EcsContainer".to_owned(),
            assumed("p", "A", Source::Container),
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = Ec2InstanceMetadata".to_owned(),
            assumed("p", "A", Source::InstanceMetadata { asked: true }),
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = EcsContainer\nregion = x\n\
             role_session_name = me\nexternal_id = e\nduration_seconds = 900"
                .to_owned(),
            Source::Role {
                profile: "p".to_owned(),
                role: Role {
                    arn: "A".to_owned(),
                    session_name: Some("me".to_owned()),
                    external_id: Some("e".to_owned()),
                    duration_seconds: Some("900".to_owned()),
                    more: Vec::new(),
                },
                region: Some("x".to_owned()),
                with: Box::new(Source::Container),
            },
        ),
    ] {
        let variables = environment(&[
            ("AWS_ACCESS_KEY_ID", "OF-ENV"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"),
        ]);
        let found = p(&text).source(&variables);
        assert_eq!(found, Ok(Some(expected)), "{text}");
    }
}

#[test]
fn a_sign_in_is_the_profiles_and_its_sessions() {
    let found = source(
        "[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\nsso_region = r\n\
         [sso-session s]\nsso_region = r\nsso_start_url = u\n",
    );
    let expected = Sso {
        profile: "p".to_owned(),
        session: Some("s".to_owned()),
        start_url: "u".to_owned(),
        region: "r".to_owned(),
        account_id: "1".to_owned(),
        role_name: "R".to_owned(),
    };
    assert_eq!(found, Ok(Some(Source::Sso(expected))));
}

#[test]
fn what_is_at_fault_is_said_with_the_profile_and_the_line() {
    for (text, profile, line, says) in [
        (
            "login_session = arn",
            "p",
            2,
            "aws configure export-credentials --profile \"p\"",
        ),
        (
            "role_arn = A\nsource_profile = k\nmfa_serial = M",
            "p",
            4,
            "aws configure export-credentials --profile \"p\"",
        ),
        ("role_arn = A", "p", 2, "but no source_profile"),
        (
            "role_arn = A\nsource_profile = k\ncredential_source = Environment",
            "p",
            3,
            "keep one of them",
        ),
        (
            "role_arn = A\ncredential_source = CANARYdoNotPrint",
            "p",
            3,
            "none of",
        ),
        (
            "role_arn = A\ncredential_source = environment",
            "p",
            3,
            "none of",
        ),
        (
            "role_arn = A\ncredential_source = Environment",
            "p",
            3,
            "are not set",
        ),
        (
            "role_arn = A\ncredential_source = EcsContainer",
            "p",
            3,
            "are not set",
        ),
        (
            "role_arn = A\nsource_profile = missing",
            "p",
            3,
            "a source_profile \"missing\", which does not exist",
        ),
        (
            "role_arn = A\nsource_profile = empty",
            "p",
            3,
            "a source_profile \"empty\", which holds no credentials",
        ),
        (
            "role_arn = A\nsource_profile = p",
            "p",
            3,
            "a source_profile \"p\", which holds no credentials",
        ),
        (
            "role_arn = A\nsource_profile = loop",
            "loop",
            12,
            "does not end",
        ),
        (
            "role_arn = A\nsource_profile = half",
            "half",
            14,
            "no aws_secret_access_key",
        ),
        (
            "role_arn = A\nduration_seconds = CANARYdoNotPrint",
            "p",
            3,
            "whole number",
        ),
        ("web_identity_token_file = /t", "p", 2, "but no role_arn"),
        (
            "aws_access_key_id = CANARYdoNotPrint",
            "p",
            2,
            "no aws_secret_access_key",
        ),
        (
            "aws_secret_access_key = CANARYdoNotPrint",
            "p",
            2,
            "no aws_access_key_id",
        ),
        (
            "aws_access_key_id = A\naws_secret_access_key = CANARYdoNotPrint ä",
            "p",
            2,
            "secret-access-key holds spaces",
        ),
        (
            "aws_access_key_id = A\u{1}\naws_secret_access_key = CANARYdoNotPrint",
            "p",
            2,
            "access-key-id holds spaces",
        ),
        ("sso_account_id = 1", "p", 1, "has no sso_start_url"),
        (
            "sso_session = gone\nsso_account_id = 1",
            "p",
            1,
            "\"gone\", which does not exist",
        ),
        (
            "sso_session = s\nsso_account_id = 1\nsso_role_name = R\nsso_region = CANARYdoNotPrint",
            "p",
            1,
            "another sso_region than its sso_session",
        ),
    ] {
        let mut config = format!("[profile p]\n{text}\n");
        while config.lines().count() < 8 {
            config += "\n";
        }
        config += "[profile empty]\nregion = x\n\
             [profile loop]\nrole_arn = L\nsource_profile = p\n\
             [profile half]\naws_access_key_id = CANARYdoNotPrint\n\
             [sso-session s]\nsso_region = r\nsso_start_url = u\n";
        let line = if line > 8 { line + 1 } else { line };
        let said = reason(source(&config));
        assert!(
            said.starts_with(&format!("profile \"{profile}\" ")),
            "{said}"
        );
        assert!(
            said.ends_with(&format!("(/h/.aws/config, line {line})")),
            "{said}"
        );
        assert!(said.contains(says) && !said.contains(CANARY), "{said}");
    }
}

#[test]
fn a_chain_without_an_end_is_cut() {
    let mut text = "[profile p]\nrole_arn = A\nsource_profile = p0\n".to_owned();
    for n in 0..1_000 {
        text += &format!(
            "[profile p{n}]\nrole_arn = A\nsource_profile = p{}\n",
            n + 1
        );
    }
    assert!(reason(source(&text)).contains("does not end"));
}

#[test]
fn a_name_is_quoted_so_that_it_stays_on_its_line() {
    let said = reason(of_files(Some("a\nb\u{1b}[0m"), &[], "", ""));
    assert!(said.starts_with(r#"profile "a\nb\u{1b}[0m" "#), "{said}");
}

proptest! {
    #[test]
    fn whatever_profiles_say_of_each_other_it_ends(links in prop::collection::vec((0..4_usize, 0..6_usize), 0..12)) {
        let mut sections = std::collections::BTreeMap::new();
        for (from, to) in links {
            sections.insert(from, match to {
                4 => "credential_source = Environment\n".to_owned(),
                5 => "aws_access_key_id = a\naws_secret_access_key = b\n".to_owned(),
                to => format!("source_profile = p{to}\n"),
            });
        }
        let mut text = "[profile p]\nrole_arn = A\nsource_profile = p0\n".to_owned();
        for (name, settings) in sections {
            text += &format!("[profile p{name}]\nrole_arn = A\n{settings}");
        }
        let _ = source(&text);
    }
}

/// As botocore has it: the variable is the operator's, and stands above the profile.
#[test]
fn a_profile_does_not_ask_for_instance_metadata_that_the_environment_forbids() {
    let p = p("[profile p]\nrole_arn = A\ncredential_source = Ec2InstanceMetadata");
    let forbidden = environment(&[("AWS_EC2_METADATA_DISABLED", "true")]);
    let said = reason(p.source(&forbidden));
    for part in ["\"p\"", "line 3", "AWS_EC2_METADATA_DISABLED is true"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let allowed = environment(&[("AWS_EC2_METADATA_DISABLED", "false")]);
    assert!(p.source(&allowed).is_ok_and(|source| source.is_some()));
}
