//! The shared configuration files, and what a profile in them means.

mod support;

use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::credentials::profile::{By, Name, Source, source};
use lambda_invocation_core::credentials::shared_config::{File, SharedConfig};
use lambda_invocation_core::credentials::sts::Role;
use lambda_invocation_core::credentials::web_identity::{self, WebIdentity};
use lambda_invocation_core::error::Error;
use proptest::prelude::*;
use support::{CANARY, environment, refusal};

fn config(text: &str) -> SharedConfig {
    both(text, "")
}

fn both(config: &str, credentials: &str) -> SharedConfig {
    let mut shared = SharedConfig::default();
    shared.add(File::Config, config).unwrap();
    shared.add(File::Credentials, credentials).unwrap();
    shared
}

fn named(name: &str) -> Name<'_> {
    Name { name, by: By::Call }
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

// The files.

#[test]
fn settings_are_read_from_every_form_of_line() {
    let shared = config(
        "\u{feff}; a comment\r\n# another\r\n\r\n\
         [ profile  work ] # after a section\r\n\
         region=eu-west-1\r\n\
         Output = json ; after a value\r\n\
         \tindented = yes\r\n\
         with#hash = a#b;c\r\n\
         with=equals = c\r\n\
         s3 =\r\n  max_queue_size = 9\r\n\r\n  region = nested\r\n\
         after = nested\r\n\
         long = one\r\n  two\r\n\
         empty =\r\n\
         [profile \"with space\"]\r\nregion = quoted\r\n\
         [sso-session work]\r\nregion = other\r\n\
         [work]\r\nregion = other\r\n\
         [profile bare]",
    );
    for (profile, setting, value) in [
        ("work", "region", Some("eu-west-1")),
        ("work", "output", Some("json")),
        ("work", "indented", Some("yes")),
        ("work", "with#hash", Some("a#b;c")),
        ("work", "with", Some("equals = c")),
        ("work", "max_queue_size", None),
        ("work", "after", Some("nested")),
        ("work", "long", Some("one")),
        ("work", "empty", None),
        ("work", "missing", None),
        ("with space", "region", Some("quoted")),
        ("bare", "region", None),
        ("missing", "region", None),
    ] {
        assert_eq!(shared.get(profile, setting), value, "{profile}.{setting}");
    }
    assert!(shared.has("bare") && !shared.has("sso-session work"));
}

#[test]
fn the_credentials_file_and_the_later_setting_win() {
    let shared = both(
        "[default]\na = bare\nb = config\n[profile default]\na = prefixed\n\
         [profile p]\na = first\na = second\n[profile p]\nb = again\n[q]\na = none\n",
        "[default]\nb = credentials\n[q]\na = q\n[profile p]\na = other name\n",
    );
    for (profile, setting, value) in [
        ("default", "a", Some("prefixed")),
        ("default", "b", Some("credentials")),
        ("p", "a", Some("second")),
        ("p", "b", Some("again")),
        ("q", "a", Some("q")),
    ] {
        assert_eq!(shared.get(profile, setting), value, "{profile}.{setting}");
    }
    assert_eq!(
        both("[default]\na = bare", "").get("default", "a"),
        Some("bare")
    );
}

#[test]
fn a_line_that_is_nothing_is_named_by_its_number() {
    for (text, line) in [
        ("[default]\na = b\nCANARYdoNotPrint\n", 3),
        ("a = b", 1),
        ("[default", 1),
        ("\n\n[]x", 3),
    ] {
        for file in [File::Config, File::Credentials] {
            let fault = SharedConfig::default().add(file, text).unwrap_err();
            assert_eq!(fault.line, line, "{text:?}");
        }
    }
}

#[test]
fn the_files_are_in_the_home_or_where_the_variables_say() {
    let home = ("HOME", "/home/me");
    for (variables, config, credentials) in [
        (&[][..], None, None),
        (
            &[home],
            Some("/home/me/.aws/config"),
            Some("/home/me/.aws/credentials"),
        ),
        (
            &[
                home,
                ("AWS_CONFIG_FILE", "~/c"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/d"),
            ],
            Some("/home/me/c"),
            Some("/d"),
        ),
        (&[("AWS_CONFIG_FILE", "c")], Some("c"), None),
    ] {
        let environment = environment(variables);
        assert_eq!(File::Config.path(&environment).as_deref(), config);
        assert_eq!(File::Credentials.path(&environment).as_deref(), credentials);
    }
}

// The profile.

#[test]
fn the_profile_is_the_calls_then_the_environments_then_the_default() {
    let both = [("AWS_DEFAULT_PROFILE", "c"), ("AWS_PROFILE", "b")];
    for (asked, variables, name, by) in [
        (Some("a"), &both[..], "a", By::Call),
        (None, &both, "b", By::Environment),
        (None, &both[..1], "c", By::Environment),
        (None, &[("AWS_PROFILE", "")], "default", By::Nobody),
    ] {
        assert_eq!(Name::new(asked, &environment(variables)), Name { name, by });
    }
}

#[test]
fn a_profile_that_was_named_must_exist_and_for_a_call_hold_credentials() {
    let shared = config("[profile region]\nregion = x");
    for (name, by, text) in [
        ("missing", By::Call, Some("does not exist")),
        ("missing", By::Environment, Some("does not exist")),
        ("default", By::Nobody, None),
        ("region", By::Call, Some("holds no credentials")),
        ("region", By::Environment, None),
    ] {
        let found = source(&shared, Name { name, by });
        match text {
            Some(text) => assert!(reason(found).contains(text), "{name}"),
            None => assert_eq!(found, Ok(None), "{name}"),
        }
    }
}

#[test]
fn a_profiles_keys_are_its_credentials() {
    let shared = both(
        "[profile p]\naws_access_key_id = AKID\n",
        "[p]\naws_secret_access_key = secret\naws_session_token = token\ncredential_process = x",
    );
    let mut expected = keys("AKID");
    expected.session_token = Some("token".to_owned());
    assert_eq!(
        source(&shared, named("p")),
        Ok(Some(Source::Keys(expected)))
    );
}

#[test]
fn a_role_is_assumed_as_the_source_profile_or_the_credential_source() {
    const KEYS: &str = "aws_access_key_id = AKID\naws_secret_access_key = secret\n";
    let role = |arn: &str| Role {
        arn: arn.to_owned(),
        ..Role::default()
    };
    let with = |arn: &str, source: Source| Source::Role {
        role: role(arn),
        region: None,
        with: Box::new(source),
    };
    let akid = || Source::Keys(keys("AKID"));
    for (text, expected) in [
        (
            format!("[profile p]\nrole_arn = A\nsource_profile = k\n[profile k]\n{KEYS}"),
            with("A", akid()),
        ),
        // A profile may name itself.
        (
            format!("[profile p]\nrole_arn = A\nsource_profile = p\n{KEYS}"),
            with("A", akid()),
        ),
        (
            format!(
                "[profile p]\nrole_arn = A\nsource_profile = q\n\
                 [profile q]\nrole_arn = B\nsource_profile = q\n{KEYS}"
            ),
            with("A", with("B", akid())),
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = Environment".to_owned(),
            with("A", Source::Environment),
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = EcsContainer".to_owned(),
            with("A", Source::Container),
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = Ec2InstanceMetadata".to_owned(),
            with("A", Source::InstanceMetadata),
        ),
        (
            format!("[profile p]\nrole_arn = A\nweb_identity_token_file = /t\nregion = x\n{KEYS}"),
            Source::WebIdentity {
                identity: WebIdentity {
                    role: role("A"),
                    token_file: "/t".to_owned(),
                },
                region: Some("x".to_owned()),
            },
        ),
        (
            "[profile p]\nrole_arn = A\ncredential_source = Environment\nregion = x\n\
             role_session_name = me\nexternal_id = e\nduration_seconds = 900"
                .to_owned(),
            Source::Role {
                role: Role {
                    arn: "A".to_owned(),
                    session_name: Some("me".to_owned()),
                    external_id: Some("e".to_owned()),
                    duration_seconds: Some("900".to_owned()),
                },
                region: Some("x".to_owned()),
                with: Box::new(Source::Environment),
            },
        ),
    ] {
        assert_eq!(
            source(&config(&text), named("p")),
            Ok(Some(expected)),
            "{text}"
        );
    }
}

#[test]
fn what_cannot_be_done_is_refused_with_the_profile_at_fault() {
    for (text, profile, advice) in [
        (
            "sso_session = s\nsso_account_id = 1",
            "p",
            "use lambda-host",
        ),
        ("sso_start_url = https://x", "p", "use lambda-host"),
        ("login_session = arn", "p", "use lambda-host"),
        (
            "credential_process = CANARYdoNotPrint",
            "p",
            "use lambda-host",
        ),
        (
            "role_arn = A\nsource_profile = k\nmfa_serial = M",
            "p",
            "use lambda-host",
        ),
        ("role_arn = A", "p", "without source_profile"),
        (
            "role_arn = A\nsource_profile = k\ncredential_source = Environment",
            "p",
            "keep one of them",
        ),
        (
            "role_arn = A\ncredential_source = CANARYdoNotPrint",
            "p",
            "none of",
        ),
        (
            "role_arn = A\nsource_profile = missing",
            "missing",
            "does not exist",
        ),
        (
            "role_arn = A\nsource_profile = empty",
            "empty",
            "holds no credentials",
        ),
        (
            "role_arn = A\nsource_profile = p",
            "p",
            "holds no credentials",
        ),
        (
            "role_arn = A\nsource_profile = loop",
            "loop",
            "does not end",
        ),
        (
            "aws_access_key_id = CANARYdoNotPrint",
            "p",
            "no aws_secret_access_key",
        ),
        (
            "aws_secret_access_key = CANARYdoNotPrint",
            "p",
            "no aws_access_key_id",
        ),
        (
            "aws_access_key_id = A\naws_secret_access_key = CANARYdoNotPrint ä",
            "p",
            "secret-access-key holds spaces",
        ),
    ] {
        let shared = config(&format!(
            "[profile p]\n{text}\n[profile empty]\nregion = x\n\
             [profile loop]\nrole_arn = L\nsource_profile = p\n"
        ));
        let said = reason(source(&shared, named("p")));
        assert!(
            said.starts_with(&format!("profile \"{profile}\": ")),
            "{said}"
        );
        assert!(said.contains(advice) && !said.contains(CANARY), "{said}");
    }
}

#[test]
fn a_chain_without_an_end_is_cut() {
    let mut text = String::new();
    for n in 0..1_000 {
        text += &format!(
            "[profile p{n}]\nrole_arn = A\nsource_profile = p{}\n",
            n + 1
        );
    }
    assert!(reason(source(&config(&text), named("p0"))).contains("does not end"));
}

#[test]
fn a_name_is_quoted_so_that_it_stays_on_its_line() {
    let said = reason(source(&SharedConfig::default(), named("a\nb\u{1b}[0m")));
    assert!(said.starts_with(r#"profile "a\nb\u{1b}[0m": "#), "{said}");
}

#[test]
fn debug_shows_names_only() {
    let shared = both("", "[p]\naws_secret_access_key = CANARYdoNotPrint");
    assert_eq!(format!("{shared:?}"), r#"{"p"}"#);
}

// Endpoints.

/// The Lambda endpoint, the STS endpoint and whether both are ignored, after `[profile p]`
/// has been added to the variables.
fn endpoints(
    text: &str,
    variables: &[(&str, &str)],
) -> (Option<String>, Option<String>, Option<String>) {
    let mut environment = environment(variables);
    config(text).add_endpoints("p", &mut environment).unwrap();
    let url = |own: &str| {
        environment
            .get(own)
            .or_else(|| environment.get("AWS_ENDPOINT_URL"))
            .map(str::to_owned)
    };
    (
        url("AWS_ENDPOINT_URL_LAMBDA"),
        url("AWS_ENDPOINT_URL_STS"),
        environment
            .get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .map(str::to_owned),
    )
}

/// "Service-specific endpoints" in the AWS SDKs and Tools Reference Guide.
#[test]
fn endpoints_have_the_precedence_of_the_reference_guide() {
    const ALL: &str = "[profile p]\nendpoint_url = http://profile\nservices = s\n\
        [services s]\nlambda =\n  endpoint_url = http://services\ns3 =\n  endpoint_url = http://s3\n";
    const GLOBAL: (&str, &str) = ("AWS_ENDPOINT_URL", "http://global");
    const OWN: (&str, &str) = ("AWS_ENDPOINT_URL_LAMBDA", "http://own");
    const STS: (&str, &str) = ("AWS_ENDPOINT_URL_STS", "http://sts");
    for (text, variables, lambda, sts) in [
        ("", &[][..], None, None),
        ("[profile p]\nregion = x", &[], None, None),
        (
            "[profile p]\nendpoint_url = http://profile",
            &[],
            Some("http://profile"),
            Some("http://profile"),
        ),
        (ALL, &[], Some("http://services"), Some("http://profile")),
        (ALL, &[STS], Some("http://services"), Some("http://sts")),
        (ALL, &[GLOBAL], Some("http://global"), Some("http://global")),
        (ALL, &[OWN], Some("http://own"), Some("http://profile")),
        (
            ALL,
            &[OWN, GLOBAL],
            Some("http://own"),
            Some("http://global"),
        ),
        // An empty variable counts as not set.
        (
            ALL,
            &[("AWS_ENDPOINT_URL_LAMBDA", ""), ("AWS_ENDPOINT_URL", "")],
            Some("http://services"),
            Some("http://profile"),
        ),
        // Another service's section, and another's profile, say nothing.
        (
            "[profile p]\nservices = s\n[services s]\ns3 =\n  endpoint_url = http://s3",
            &[],
            None,
            None,
        ),
        (
            "[profile q]\nendpoint_url = http://q\n[services s]\nlambda =\n endpoint_url = http://s",
            &[],
            None,
            None,
        ),
        // One section, in two pieces, with names in any case and both services.
        (
            "[services s]\nLambda =\n\tEndpoint_URL = http://l # here\n[profile p]\nservices=s\n\
             [services s]\nsts =\n  region = x\n  endpoint_url = http://t\n",
            &[],
            Some("http://l"),
            Some("http://t"),
        ),
        // Nested settings count in sections for services only.
        (
            "[profile p]\nlambda =\n  endpoint_url = http://nested",
            &[],
            None,
            None,
        ),
        // A setting that is not nested belongs to no service.
        (
            "[profile p]\nservices = s\n[services s]\nlambda =\nendpoint_url = http://flat",
            &[],
            None,
            None,
        ),
    ] {
        let (found_lambda, found_sts, ignored) = endpoints(text, variables);
        assert_eq!(found_lambda.as_deref(), lambda, "{text} {variables:?}");
        assert_eq!(found_sts.as_deref(), sts, "{text} {variables:?}");
        assert_eq!(ignored, None, "{text} {variables:?}");
    }
}

#[test]
fn a_profile_can_have_endpoints_ignored_unless_the_environment_says_otherwise() {
    const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
    for (setting, variable, ignored) in [
        (None, None, None),
        (Some("true"), None, Some("true")),
        (Some("TRUE"), None, Some("true")),
        (Some("false"), None, None),
        (Some("true"), Some("false"), Some("false")),
        (Some("false"), Some("true"), Some("true")),
        (Some("neither"), Some("true"), Some("true")),
    ] {
        let mut text = "[profile p]\nendpoint_url = http://profile\n".to_owned();
        if let Some(value) = setting {
            text += &format!("ignore_configured_endpoint_urls = {value}\n");
        }
        let variables: Vec<_> = variable.map(|value| (IGNORE, value)).into_iter().collect();
        let (.., found) = endpoints(&text, &variables);
        assert_eq!(found.as_deref(), ignored, "{setting:?} {variable:?}");
    }
}

#[test]
fn endpoints_whose_form_is_at_fault_are_refused_with_the_profile() {
    for (settings, says) in [
        ("services = nowhere", "services"),
        (
            "ignore_configured_endpoint_urls = CANARYdoNotPrint",
            "true or false",
        ),
    ] {
        let shared = config(&format!("[profile p]\n{settings}"));
        let refused = shared.add_endpoints("p", &mut environment(&[]));
        let (argument, reason) = refusal(refused);
        assert_eq!(argument, "profile");
        assert!(
            reason.starts_with("\"p\": ") && reason.contains(says),
            "{reason}"
        );
        assert!(!reason.contains(CANARY), "{reason}");
    }
}

// Web identity of the environment.

#[test]
fn a_web_identity_needs_its_token_file_and_its_role() {
    let file = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    let name = ("AWS_ROLE_SESSION_NAME", "me");
    let configured = |variables: &[(&str, &str)]| web_identity::configured(&environment(variables));
    assert_eq!(configured(&[role, name]), Ok(None));
    assert!(reason(configured(&[file, name])).contains("AWS_ROLE_ARN is not set"));
    for (variables, session_name) in [
        (&[file, role][..], None),
        (&[file, role, name], Some("me".to_owned())),
    ] {
        let identity = configured(variables).unwrap().unwrap();
        assert_eq!(identity.token_file, "/token");
        assert_eq!(identity.role.arn, role.1);
        assert_eq!(identity.role.session_name, session_name);
    }
}

proptest! {
    #[test]
    fn no_file_panics(config in "(?s)[\\[\\] a-c=#;\n\r\t\"'ä]{0,200}", credentials in any::<String>()) {
        let mut shared = SharedConfig::default();
        let _ = shared.add(File::Config, &config);
        let _ = shared.add(File::Credentials, &credentials);
        for name in ["default", "a", ""] {
            let _ = source(&shared, named(name));
        }
    }

    #[test]
    fn whatever_profiles_say_of_each_other_it_ends(links in prop::collection::vec((0..4_usize, 0..6_usize), 0..12)) {
        let mut text = String::new();
        for (from, to) in links {
            text += &format!("[profile p{from}]\nrole_arn = A\n");
            text += &match to {
                4 => "credential_source = Environment\n".to_owned(),
                5 => "aws_access_key_id = a\naws_secret_access_key = b\n".to_owned(),
                to => format!("source_profile = p{to}\n"),
            };
        }
        let _ = source(&config(&text), named("p0"));
    }
}
