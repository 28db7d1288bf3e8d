//! What the connection, the environment and the defaults come to.

#![cfg(test)]

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials, RetryMode, RetryPolicy};
use lambda_invocation_core::call::settings::{self, Environment, Settings};
use lambda_invocation_core::error::Error;
use support::{CANARY, connection, environment, refusal};

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDENV"),
    ("AWS_SECRET_ACCESS_KEY", "env-secret"),
];

fn resolve(connection: Connection, variables: &[(&str, &str)]) -> Result<Settings, Error> {
    Settings::resolve(connection, &environment(variables))
}

/// With keys and a region from the environment.
fn resolve_with(connection: Connection, more: &[(&str, &str)]) -> Result<Settings, Error> {
    let mut variables = vec![("AWS_REGION", "us-east-1")];
    variables.extend(KEYS);
    variables.extend_from_slice(more);
    resolve(connection, &variables)
}

#[test]
fn a_region_comes_from_the_connection_then_aws_region_then_the_default_region() {
    let named = |region: &str| Connection {
        region: Some(region.to_owned()),
        ..Connection::default()
    };
    let both = [
        ("AWS_DEFAULT_REGION", "eu-west-3"),
        ("AWS_REGION", "eu-west-2"),
    ];
    let empty = [("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-west-3")];
    for (connection, variables, region) in [
        (named("eu-west-1"), &both[..], "eu-west-1"),
        (Connection::default(), &both, "eu-west-2"),
        (Connection::default(), &both[..1], "eu-west-3"),
        (Connection::default(), &empty, "eu-west-3"),
    ] {
        let variables = [&KEYS[..], variables].concat();
        let settings = resolve(connection, &variables).unwrap();
        assert_eq!(settings.region, region);
        let host = format!("lambda.{region}.amazonaws.com");
        assert_eq!(settings.endpoint.authority, host);
    }
    for variables in [&[][..], &[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "")]] {
        assert_eq!(
            resolve(Connection::default(), variables),
            Err(Error::NoRegion)
        );
    }
}

#[test]
fn an_endpoint_url_comes_from_the_connection_then_lambdas_variable_then_the_general_one() {
    const GENERAL: (&str, &str) = ("AWS_ENDPOINT_URL", "https://general.example");
    const LAMBDAS: (&str, &str) = ("AWS_ENDPOINT_URL_LAMBDA", "https://lambdas.example/base");
    const IGNORED: (&str, &str) = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    const REAL: &str = "https://lambda.us-east-1.amazonaws.com";
    let named = Connection {
        endpoint_url: Some("https://named.example".to_owned()),
        ..Connection::default()
    };
    let absent = Connection::default();
    for (connection, variables, origin) in [
        (&named, &[GENERAL, LAMBDAS][..], "https://named.example"),
        (&named, &[GENERAL, IGNORED], "https://named.example"),
        (&absent, &[GENERAL, LAMBDAS], "https://lambdas.example"),
        (
            &absent,
            &[GENERAL, ("AWS_ENDPOINT_URL_LAMBDA", "")],
            "https://general.example",
        ),
        (&absent, &[GENERAL], "https://general.example"),
        (&absent, &[GENERAL, LAMBDAS, IGNORED], REAL),
        (&absent, &[GENERAL, (IGNORED.0, "TRUE")], REAL),
        (
            &absent,
            &[GENERAL, (IGNORED.0, "false")],
            "https://general.example",
        ),
        (&absent, &[], REAL),
    ] {
        let settings = resolve_with(connection.clone(), variables).unwrap();
        assert_eq!(settings.endpoint.origin(), origin, "{variables:?}");
    }
}

#[test]
fn variants_come_from_the_connection_then_the_environment() {
    const FIPS: (&str, &str) = ("AWS_USE_FIPS_ENDPOINT", "true");
    const DUALSTACK: (&str, &str) = ("AWS_USE_DUALSTACK_ENDPOINT", "True");
    let chosen = |use_fips, use_dualstack| Connection {
        use_fips,
        use_dualstack,
        ..Connection::default()
    };
    for (connection, variables, host) in [
        (
            chosen(None, None),
            &[][..],
            "lambda.us-east-1.amazonaws.com",
        ),
        (
            chosen(None, None),
            &[FIPS],
            "lambda-fips.us-east-1.amazonaws.com",
        ),
        (chosen(None, None), &[DUALSTACK], "lambda.us-east-1.api.aws"),
        (
            chosen(None, None),
            &[FIPS, DUALSTACK],
            "lambda-fips.us-east-1.api.aws",
        ),
        (
            chosen(Some(false), Some(false)),
            &[FIPS, DUALSTACK],
            "lambda.us-east-1.amazonaws.com",
        ),
        (
            chosen(Some(true), Some(true)),
            &[],
            "lambda-fips.us-east-1.api.aws",
        ),
    ] {
        let settings = resolve_with(connection, variables).unwrap();
        assert_eq!(settings.endpoint.authority, host, "{variables:?}");
    }
    let url = ("AWS_ENDPOINT_URL", "https://h");
    let refused = resolve_with(Connection::default(), &[url, FIPS]);
    assert_eq!(refusal(refused).0, "use-fips");
}

#[test]
fn a_flag_that_is_neither_true_nor_false_is_refused_by_name() {
    for name in [
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ] {
        for value in ["1", "yes", CANARY] {
            let (argument, reason) = refusal(resolve_with(Connection::default(), &[(name, value)]));
            assert_eq!(
                (argument.as_str(), reason.as_str()),
                (name, "must be true or false")
            );
        }
    }
}

#[test]
fn the_endpoint_alone_needs_no_credentials() {
    let endpoint = settings::endpoint(
        &Connection::default(),
        &environment(&[("AWS_REGION", "eu-central-1")]),
    )
    .unwrap();
    assert_eq!(
        endpoint.origin(),
        "https://lambda.eu-central-1.amazonaws.com"
    );
}

#[test]
fn the_environment_holds_credentials_whole_or_says_which_half_is_missing() {
    let token = ("AWS_SESSION_TOKEN", "env-token");
    let whole = [&KEYS[..], &[token]].concat();
    assert_eq!(
        settings::credentials_in(&environment(&whole)),
        Ok(Some(Credentials {
            access_key_id: "AKIDENV".to_owned(),
            secret_access_key: "env-secret".to_owned(),
            session_token: Some("env-token".to_owned()),
        }))
    );
    let lasting = [&KEYS[..], &[("AWS_SESSION_TOKEN", "")]].concat();
    let found = settings::credentials_in(&environment(&lasting)).unwrap();
    assert_eq!(found.unwrap().session_token, None);
    assert_eq!(settings::credentials_in(&environment(&[token])), Ok(None));
    for (variables, text) in [
        (&[KEYS[0]][..], "AWS_SECRET_ACCESS_KEY is not"),
        (&[KEYS[1]], "AWS_ACCESS_KEY_ID is not"),
        (
            &[KEYS[0], ("AWS_SECRET_ACCESS_KEY", "")],
            "AWS_SECRET_ACCESS_KEY is not",
        ),
    ] {
        match settings::credentials_in(&environment(variables)) {
            Err(Error::NoCredentials(places)) => assert!(places.contains(text), "{places}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn time_limits_have_defaults_and_are_at_least_a_millisecond() {
    let ms = Duration::from_millis;
    let defaults = resolve_with(Connection::default(), &[]).unwrap();
    assert_eq!(defaults.connect_timeout, ms(3_100));
    assert_eq!(defaults.response_timeout, ms(910_000));
    assert_eq!(defaults.deadline, None);
    let limits = |connect, response, deadline| Connection {
        connect_timeout_ms: connect,
        response_timeout_ms: response,
        deadline_ms: deadline,
        ..connection()
    };
    let named = resolve(limits(Some(1), Some(2), Some(u32::MAX)), &[]).unwrap();
    assert_eq!(named.connect_timeout, ms(1));
    assert_eq!(named.response_timeout, ms(2));
    assert_eq!(named.deadline, Some(ms(u64::from(u32::MAX))));
    for (connection, argument) in [
        (limits(Some(0), None, None), "connect-timeout-ms"),
        (limits(None, Some(0), None), "response-timeout-ms"),
        (limits(None, None, Some(0)), "deadline-ms"),
    ] {
        let (named, reason) = refusal(resolve(connection, &[]));
        assert_eq!(
            (named.as_str(), reason.as_str()),
            (argument, "must be at least 1")
        );
    }
}

#[test]
fn a_retry_policy_comes_from_the_connection_then_the_environment() {
    let policy = |mode, max_attempts| RetryPolicy { mode, max_attempts };
    let named = |policy| Connection {
        retry: Some(policy),
        ..Connection::default()
    };
    let absent = Connection::default();
    let attempts = |value| ("AWS_MAX_ATTEMPTS", value);
    let mode = |value| ("AWS_RETRY_MODE", value);
    use RetryMode::{Idempotent, Never, Safe};
    for (connection, variables, expected) in [
        (&absent, &[][..], policy(Safe, 3)),
        (&absent, &[attempts("1")], policy(Safe, 1)),
        (&absent, &[attempts("10")], policy(Safe, 10)),
        (&absent, &[attempts("11")], policy(Safe, 10)),
        (&absent, &[attempts("")], policy(Safe, 3)),
        (&absent, &[mode("standard")], policy(Safe, 3)),
        (&absent, &[mode("legacy")], policy(Safe, 3)),
        (&absent, &[mode("adaptive"), attempts("5")], policy(Safe, 5)),
        (&absent, &[mode("off")], policy(Never, 3)),
        (&absent, &[mode("NEVER")], policy(Never, 3)),
        (&absent, &[mode("none")], policy(Never, 3)),
        (
            &named(policy(Idempotent, 4)),
            &[attempts("2"), mode("off")],
            policy(Idempotent, 4),
        ),
        (&named(policy(Safe, 1)), &[], policy(Safe, 1)),
        (&named(policy(Safe, 10)), &[], policy(Safe, 10)),
    ] {
        let settings = resolve_with(connection.clone(), variables).unwrap();
        assert_eq!(settings.retry, expected, "{variables:?}");
    }
    for max_attempts in [0, 11, u32::MAX] {
        let refused = resolve_with(named(policy(Safe, max_attempts)), &[]);
        assert_eq!(refusal(refused).0, "max-attempts", "{max_attempts}");
    }
    for value in ["0", "-1", "1.5", "three", "99999999999"] {
        let refused = resolve_with(Connection::default(), &[attempts(value)]);
        assert_eq!(refusal(refused).0, "AWS_MAX_ATTEMPTS", "{value}");
    }
}

#[test]
fn an_app_id_comes_from_the_connection_then_the_environment() {
    let named = |id: &str| Connection {
        app_id: Some(id.to_owned()),
        ..connection()
    };
    let variable = [("AWS_SDK_UA_APP_ID", "from-environment")];
    let app_id = |connection, variables: &[_]| resolve(connection, variables).unwrap().app_id;
    assert_eq!(app_id(named("mine"), &variable).as_deref(), Some("mine"));
    assert_eq!(
        app_id(connection(), &variable).as_deref(),
        Some("from-environment")
    );
    assert_eq!(app_id(connection(), &[]), None);
    // Characters, not bytes.
    for longest in ["a".repeat(50), "ä".repeat(50)] {
        assert_eq!(app_id(named(&longest), &[]), Some(longest));
    }
    for too_long in ["a".repeat(51), "ä".repeat(51)] {
        assert_eq!(refusal(resolve(named(&too_long), &[])).0, "app-id");
    }
}

#[test]
fn an_empty_variable_counts_as_not_set_and_the_first_of_two_counts() {
    let environment = environment(&[("A", ""), ("B", "1"), ("B", "2")]);
    assert_eq!(environment.get("A"), None);
    assert_eq!(environment.get("B"), Some("1"));
    assert_eq!(environment.get("b"), None);
    assert_eq!(Environment::default().get("A"), None);
}
