//! The provider's block, read: a table of what it says and of what is wrong.

use lambda_invocation_core::call::connection::RetryMode;
use serde_json::{Value as Json, json};

use super::*;

fn read_json(block: &Json) -> Read {
    let Value::Map(members) = Value::from(block.clone()) else {
        panic!("{block} is no block");
    };
    read(&members, |_| None)
}

fn settings(block: &Json) -> Settings {
    let read = read_json(block);
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    read.settings
}

#[test]
fn the_block_says_how_to_reach_lambda() {
    let settings = settings(&json!({
        "region": "eu-west-1", "profile": "", "token": null,
        "endpoints": [{"lambda": "http://127.0.0.1:1", "sts": "http://127.0.0.1:2", "s3": "x"}],
        "max_retries": 4, "retry_mode": "adaptive", "use_fips_endpoint": true,
        "use_dualstack_endpoint": false, "skip_credentials_validation": true,
        "shared_config_files": ["~/config"], "shared_credentials_files": ["/keys"],
        "skip_metadata_api_check": "true", "sts_region": "us-east-1",
        "https_proxy": "http://proxy.example:3128", "no_proxy": ".corp.example",
        "default_tags": [{"tags": {"a": "b"}}], "insecure": false, "allowed_account_ids": [],
    }));
    assert_eq!(settings.region.as_deref(), Some("eu-west-1"));
    assert_eq!(settings.profile, None);
    assert!(settings.start.is_none());
    assert_eq!(settings.endpoint_url.as_deref(), Some("http://127.0.0.1:1"));
    assert_eq!(settings.max_attempts, Some(5));
    assert_eq!(settings.retry_mode, Some(RetryMode::Safe));
    assert_eq!(settings.use_fips, Some(true));
    assert_eq!(settings.use_dualstack, Some(false));
    assert_eq!(settings.sts_region.as_deref(), Some("us-east-1"));
    let variables: Vec<(&str, &str)> = settings
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        variables,
        [
            ("AWS_CONFIG_FILE", "~/config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/keys"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2"),
            ("https_proxy", "http://proxy.example:3128"),
            ("no_proxy", ".corp.example"),
        ]
    );
}

#[test]
fn roles_have_every_parameter_that_sts_knows() {
    let settings = settings(&json!({
        "access_key": "AKIDEXAMPLE", "secret_key": "secret",
        "assume_role": [
            {"role_arn": "first"},
            {
                "role_arn": "second", "session_name": "me", "external_id": "agreed",
                "duration": "1h", "policy": "{}", "policy_arns": ["p"], "source_identity": "i",
                "tags": {"k": "v"}, "transitive_tag_keys": ["k"],
            },
        ],
    }));
    assert!(matches!(settings.start, Some(Start::Keys(_))));
    let [first, second] = settings.roles.as_slice() else {
        panic!("{:?}", settings.roles);
    };
    assert_eq!((first.arn.as_str(), first.more.len()), ("first", 0));
    assert_eq!(second.session_name.as_deref(), Some("me"));
    assert_eq!(second.external_id.as_deref(), Some("agreed"));
    assert_eq!(second.duration_seconds.as_deref(), Some("3600"));
    let more: Vec<(&str, &str)> = second
        .more
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        more,
        [
            ("Policy", "{}"),
            ("SourceIdentity", "i"),
            ("PolicyArns.member.1.arn", "p"),
            ("Tags.member.1.Key", "k"),
            ("Tags.member.1.Value", "v"),
            ("TransitiveTagKeys.member.1", "k"),
        ]
    );
}

#[test]
fn a_role_for_a_token_takes_it_from_the_block_or_from_a_file() {
    let of = |block: Json| settings(&json!({"assume_role_with_web_identity": [block]})).start;
    let token = of(json!({"role_arn": "r", "web_identity_token": "t"}));
    assert!(
        matches!(token, Some(Start::Token { role, token }) if role.arn == "r" && *token == "t")
    );
    let file = of(json!({"role_arn": "r", "web_identity_token_file": "/t"}));
    assert!(matches!(file, Some(Start::TokenFile(identity)) if identity.token_file == "/t"));
}

#[test]
fn what_is_wrong_is_said_at_the_argument() {
    let web = "assume_role_with_web_identity";
    for (block, at, words) in [
        (
            json!({"access_key": "a"}),
            "secret_key",
            "must be set where another",
        ),
        (
            json!({"token": "a"}),
            "access_key",
            "must be set where another",
        ),
        (
            json!({"secret_key": "a"}),
            "access_key",
            "must be set where another",
        ),
        (
            json!({"https_proxy": "socks5://me:CANARY@p:1"}),
            "https_proxy",
            "only proxies of http",
        ),
        (
            json!({"insecure": true}),
            "insecure",
            "certificates are always verified",
        ),
        (
            json!({"allowed_account_ids": ["1"]}),
            "allowed_account_ids",
            "the account is not looked up",
        ),
        (
            json!({"forbidden_account_ids": ["1"]}),
            "forbidden_account_ids",
            "the account is not looked up",
        ),
        (
            json!({"retry_mode": "legacy"}),
            "retry_mode",
            "must be one of never",
        ),
        (
            json!({"max_retries": -1}),
            "max_retries",
            "must not be negative",
        ),
        (
            json!({"shared_config_files": ["a", "b"]}),
            "shared_config_files",
            "must name one file",
        ),
        (
            json!({"custom_ca_bundle": "/nowhere"}),
            "custom_ca_bundle",
            "which cannot be read",
        ),
        (
            json!({"custom_ca_bundle": "/dev/null"}),
            "custom_ca_bundle",
            "which holds no certificates",
        ),
        (
            json!({"assume_role": [{"role_arn": ""}]}),
            "assume_role[0].role_arn",
            "must not be empty",
        ),
        (
            json!({"assume_role": [{"role_arn": "a"}, {"role_arn": "b", "duration": "1m"}]}),
            "assume_role[1].duration",
            "must be a duration",
        ),
        (
            json!({web: [{"role_arn": "a"}]}),
            "assume_role_with_web_identity[0].web_identity_token",
            "must be set, or else",
        ),
        (
            json!({web: [{"role_arn": "a", "web_identity_token": "t"}], "access_key": "a", "secret_key": "s"}),
            web,
            "must not be set beside access_key",
        ),
    ] {
        let diagnostics: Vec<_> = read_json(&block).diagnostics.into();
        let [diagnostic] = diagnostics.as_slice() else {
            panic!("{block}: {diagnostics:?}");
        };
        assert_eq!(
            diagnostic.attribute,
            Some(crate::diagnostics::path(at)),
            "{block}"
        );
        let said = diagnostic.detail.to_lowercase();
        assert!(said.contains(words), "{block}: {said}");
    }
}

#[test]
fn the_bundle_of_the_environment_counts_where_the_block_names_none() {
    let of = |block: &Json| {
        let Value::Map(members) = Value::from(block.clone()) else {
            panic!("{block} is no block");
        };
        let diagnostics: Vec<_> = read(&members, |name| {
            (name == "AWS_CA_BUNDLE").then(|| "/nowhere".to_owned())
        })
        .diagnostics
        .into();
        diagnostics
            .into_iter()
            .map(|d| d.detail)
            .collect::<String>()
    };
    let said = of(&json!({}));
    assert!(
        said.starts_with("AWS_CA_BUNDLE names \"/nowhere\""),
        "{said}"
    );
    let said = of(&json!({"custom_ca_bundle": "/elsewhere"}));
    assert!(said.starts_with("Names \"/elsewhere\""), "{said}");
}

#[test]
fn what_is_not_known_yet_is_no_fault_and_is_remembered() {
    let mut members = Members::new();
    for name in ["region", "secret_key"] {
        members.insert(name.to_owned(), Value::Unknown);
    }
    members.insert("access_key".to_owned(), "a".into());
    let endpoint = Members::from([("lambda".to_owned(), Value::Unknown)]);
    members.insert(
        "endpoints".to_owned(),
        Value::List(vec![Value::Map(endpoint)]),
    );
    let read = read(&members, |_| None);
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    assert_eq!(read.unknown, ["endpoints", "region", "secret_key"]);
    assert_eq!(read.settings.endpoint_url, None);
}
