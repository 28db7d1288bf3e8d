//! The order of the sources, and where the search for them ends.

#![cfg(test)]

mod support;

use lambda_invocation_core::credentials::chain::{Files, LastResort, Source, source};
use lambda_invocation_core::credentials::profile::Profile;
use lambda_invocation_core::credentials::web_identity;
use lambda_invocation_core::error::Error;
use support::{environment, refusal};
use zeroize::Zeroizing;

use LastResort::{InstanceMetadata, Nothing};

type Variables<'a> = &'a [(&'a str, &'a str)];

const HOME: Variables<'_> = &[("HOME", "/h")];
const KEYS: Variables<'_> = &[("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
const HALF: Variables<'_> = &[("AWS_ACCESS_KEY_ID", "ENV")];
const EMPTY: Variables<'_> = &[
    ("AWS_ACCESS_KEY_ID", ""),
    ("AWS_SECRET_ACCESS_KEY", ""),
    ("AWS_PROFILE", ""),
    ("AWS_DEFAULT_PROFILE", ""),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", ""),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""),
    ("AWS_EC2_METADATA_DISABLED", ""),
];
const PROFILE: Variables<'_> = &[("AWS_PROFILE", "p")];
const MISSING: Variables<'_> = &[("AWS_PROFILE", "missing")];
const REGION_ONLY: Variables<'_> = &[("AWS_DEFAULT_PROFILE", "region")];
const TOKEN: Variables<'_> = &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "A")];
const HALF_TOKEN: Variables<'_> = &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")];
const CONTAINER: Variables<'_> = &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")];
const ASKED: Variables<'_> = &[("AWS_EC2_METADATA_DISABLED", "False")];
const DISABLED: Variables<'_> = &[("AWS_EC2_METADATA_DISABLED", "true")];

const CONFIG: &str = "[profile p]\naws_access_key_id = P\naws_secret_access_key = s\n\
                      [profile region]\nregion = x\n";
const WITH_DEFAULT: &str = "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n";

/// The source in a word: its name, and whose key it is.
fn found(
    asked: Option<&str>,
    variables: &[Variables<'_>],
    config: Option<&str>,
    last: LastResort,
) -> Result<String, String> {
    let environment = environment(&[HOME, &variables.concat()].concat());
    let profile = config.map(|config| {
        Profile::read(asked, &environment, &mut |path| {
            let is_config = path == "/h/.aws/config";
            let text = if is_config { config } else { "" };
            Ok(Zeroizing::new(text.as_bytes().to_vec()))
        })
    });
    let found = match &profile {
        Some(Err(error)) => Err(error.clone()),
        Some(Ok(profile)) => source(&environment, Some(profile as &dyn Files), last),
        None => source(&environment, None, last),
    };
    match found {
        Ok(Source::Environment(keys) | Source::Profile(keys)) => Ok(keys.access_key_id.clone()),
        Ok(Source::InstanceMetadata { asked: false }) => Ok("last resort".to_owned()),
        Ok(source) => Ok(source.name().to_owned()),
        Err(Error::NoCredentials(text)) => Err(text),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn the_first_source_that_is_configured_counts() {
    let all = Some([CONFIG, WITH_DEFAULT].concat());
    let all = all.as_deref();
    let named = Some(CONFIG);
    for (asked, variables, config, last, expected) in [
        // Everything at once, and then less and less.
        (
            Some("p"),
            &[KEYS, TOKEN, CONTAINER, ASKED][..],
            all,
            Nothing,
            "P",
        ),
        (
            None,
            &[KEYS, PROFILE, TOKEN, CONTAINER, ASKED],
            all,
            Nothing,
            "ENV",
        ),
        (None, &[PROFILE, TOKEN, CONTAINER, ASKED], all, Nothing, "P"),
        (None, &[TOKEN, CONTAINER, ASKED], all, Nothing, "DEFAULT"),
        (
            None,
            &[TOKEN, CONTAINER, ASKED],
            named,
            Nothing,
            "web identity",
        ),
        (
            None,
            &[CONTAINER, ASKED],
            named,
            Nothing,
            "container credentials",
        ),
        (None, &[ASKED], named, Nothing, "instance metadata"),
        (None, &[], named, InstanceMetadata, "last resort"),
        (None, &[ASKED], named, InstanceMetadata, "instance metadata"),
        // What is empty is not there.
        (None, &[EMPTY], all, Nothing, "DEFAULT"),
        (None, &[EMPTY], named, InstanceMetadata, "last resort"),
        (Some(""), &[EMPTY], all, Nothing, "DEFAULT"),
        // Without files.
        (
            None,
            &[KEYS, PROFILE, TOKEN, CONTAINER],
            None,
            Nothing,
            "ENV",
        ),
        (
            None,
            &[CONTAINER, ASKED],
            None,
            Nothing,
            "container credentials",
        ),
        (None, &[ASKED], None, Nothing, "instance metadata"),
    ] {
        let found = found(asked, variables, config, last);
        assert_eq!(found.as_deref(), Ok(expected), "{variables:?}");
    }
}

#[test]
fn a_source_that_is_configured_and_fails_ends_the_search() {
    let all = [CONFIG, WITH_DEFAULT].concat();
    let default_only = |settings: &str| format!("[default]\n{settings}\n");
    for (asked, variables, config, says) in [
        (
            None,
            &[HALF, CONTAINER][..],
            Some(all.as_str()),
            "AWS_SECRET_ACCESS_KEY is not",
        ),
        (
            Some("missing"),
            &[KEYS, CONTAINER],
            Some(&all),
            "\"missing\" does not exist",
        ),
        (
            None,
            &[KEYS, MISSING, CONTAINER],
            Some(&all),
            "\"missing\" does not exist",
        ),
        (
            None,
            &[REGION_ONLY, CONTAINER],
            Some(&all),
            "\"region\" holds no credentials",
        ),
        (
            Some("region"),
            &[KEYS],
            Some(&all),
            "\"region\" holds no credentials",
        ),
        (
            None,
            &[CONTAINER],
            Some(&default_only("role_arn = A\nsource_profile = gone")),
            "\"gone\", which does not exist",
        ),
        (
            None,
            &[CONTAINER],
            Some(&default_only("aws_access_key_id = A")),
            "no aws_secret_access_key",
        ),
        (None, &[CONTAINER], Some("[default\n"), "line 1"),
        (
            None,
            &[HALF_TOKEN, CONTAINER],
            Some(CONFIG),
            "AWS_ROLE_ARN is not: set both",
        ),
        // Without files, nobody else is taken for the profile or the web identity.
        (None, &[PROFILE, CONTAINER], None, "AWS_PROFILE: "),
        (
            None,
            &[REGION_ONLY, CONTAINER],
            None,
            "AWS_DEFAULT_PROFILE: ",
        ),
        (
            None,
            &[TOKEN, CONTAINER],
            None,
            "AWS_WEB_IDENTITY_TOKEN_FILE: ",
        ),
    ] {
        let said = found(asked, variables, config, InstanceMetadata).unwrap_err();
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn without_a_source_the_error_names_every_place() {
    const PLACES: [&str; 4] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "_FULL_URI",
        "instance metadata",
    ];
    for (variables, config, last, places) in [
        (
            DISABLED,
            Some(CONFIG),
            InstanceMetadata,
            &[
                "profile \"default\" holds none (/h/.aws/config, /h/.aws/credentials)",
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
                "AWS_EC2_METADATA_DISABLED is true",
            ][..],
        ),
        (DISABLED, Some(CONFIG), Nothing, &["--profile"]),
        (
            &[],
            None,
            Nothing,
            &["lambda-host", "AWS_EC2_METADATA_DISABLED=false"],
        ),
    ] {
        let said = found(None, &[variables], config, last).unwrap_err();
        for place in PLACES.iter().chain(places) {
            assert!(said.contains(place), "{place}: {said}");
        }
    }
}

#[test]
fn whether_instance_metadata_is_asked_must_be_true_or_false() {
    let environment = environment(&[("AWS_EC2_METADATA_DISABLED", "no")]);
    let refused = source(&environment, None, Nothing);
    assert_eq!(refusal(refused).0, "AWS_EC2_METADATA_DISABLED");
}

#[test]
fn a_web_identity_is_the_environments() {
    let name: Variables<'_> = &[("AWS_ROLE_SESSION_NAME", "me")];
    let configured = |variables: &[Variables<'_>]| {
        web_identity::configured(&environment(&variables.concat())).unwrap()
    };
    assert_eq!(configured(&[name, &TOKEN[1..]]), None);
    for (variables, session_name) in [
        (&[TOKEN][..], None),
        (&[TOKEN, name], Some("me".to_owned())),
    ] {
        let identity = configured(variables).unwrap();
        assert_eq!(identity.token_file, "/t");
        assert_eq!(identity.role.arn, "A");
        assert_eq!(identity.role.session_name, session_name);
    }
}

#[test]
fn a_token_is_one_word_without_the_line_break_of_an_editor() {
    let identity = web_identity::configured(&environment(TOKEN));
    let identity = identity.unwrap().unwrap();
    for text in ["to.k.en", "to.k.en\n", " \tto.k.en\r\n\r\n"] {
        assert_eq!(identity.token(text), Ok("to.k.en"));
    }
    for (text, says) in [("", "empty"), (" \n", "empty"), ("to\nken", "line breaks")] {
        let Err(Error::NoCredentials(said)) = identity.token(text) else {
            panic!("{text:?} is a token");
        };
        assert!(
            said.starts_with("web identity token file \"/t\": "),
            "{said}"
        );
        assert!(said.contains(says), "{said}");
    }
}
