//! The shared configuration files: which lines mean what, and which are refused.

#![cfg(test)]

mod support;

use lambda_invocation_core::credentials::read::{self, Unread};
use lambda_invocation_core::credentials::shared_config::{Fault, File, SharedConfig};
use proptest::prelude::*;
use support::{CANARY, environment};
use zeroize::Zeroizing;

fn both(config: &str, credentials: &str) -> SharedConfig {
    let mut shared = SharedConfig::default();
    shared.add(File::Config, config.as_bytes()).unwrap();
    shared
        .add(File::Credentials, credentials.as_bytes())
        .unwrap();
    shared
}

fn value<'a>(shared: &'a SharedConfig, profile: &str, setting: &str) -> Option<&'a str> {
    shared.get(profile, setting).map(|found| found.value)
}

#[test]
fn settings_are_read_from_every_form_of_line() {
    let shared = both(
        "\u{feff}; a comment\r\n# another\r\n\r\n\
         [ profile  work ] # after a section\r\n\
         region=eu-west-1\r\n\
         Output = json ; after a value\r\n\
         colon: yes\r\n\
         with#hash = a#b;c\r\n\
         with=equals = c\r\n\
         s3 =\r\n  max_queue_size = 9\r\n\r\n  # nested, too\r\n  region = nested\r\n\
         after = nested\r\n\
         long = one\r\n  two\r\n\
         empty =\r\n\
         [profile indented]\r\n  a = 1\r\n  b = 2\r\n c = 3\r\n  of_c = 4\r\n\
         [profile \"with space\"]\r\nregion = quoted\r\n\
         [profile old-mac]\ra = 1\rb = 2\r\
         [profile not a name]\r\nregion = other\r\n\
         [sso-session work]\r\nregion = other\r\n\
         [work]\r\nregion = other\r\n\
         [profile bare]",
        "",
    );
    for (profile, setting, expected) in [
        ("work", "region", Some("eu-west-1")),
        ("work", "output", Some("json")),
        ("work", "colon", Some("yes")),
        ("work", "with#hash", Some("a#b;c")),
        ("work", "with", Some("equals = c")),
        ("work", "max_queue_size", None),
        ("work", "s3.region", Some("nested")),
        ("work", "after", Some("nested")),
        ("work", "long", Some("one\ntwo")),
        ("work", "empty", None),
        ("work", "missing", None),
        ("indented", "a", Some("1")),
        ("indented", "b", Some("2")),
        ("indented", "c", Some("3\nof_c = 4")),
        ("with space", "region", Some("quoted")),
        ("old-mac", "b", Some("2")),
        ("bare", "region", None),
        ("missing", "region", None),
    ] {
        assert_eq!(
            value(&shared, profile, setting),
            expected,
            "{profile}.{setting}"
        );
    }
    for (profile, exists) in [
        ("bare", true),
        ("missing", false),
        ("not a name", false),
        ("sso-session work", false),
    ] {
        assert_eq!(shared.place(profile).is_some(), exists, "{profile}");
    }
}

#[test]
fn the_credentials_file_and_the_prefixed_default_win() {
    for config in [
        "[default]\na = bare\nc = gone\n[profile default]\na = prefixed\nb = config\n[q]\na = none",
        "[profile default]\na = prefixed\nb = config\n[default]\na = bare\nc = gone\n[q]\na = none",
    ] {
        let shared = both(
            config,
            "[default]\nb = credentials\n[q]\na = q\n[profile p]\na = other name\n",
        );
        for (profile, setting, expected) in [
            ("default", "a", Some("prefixed")),
            ("default", "b", Some("credentials")),
            ("default", "c", None),
            ("q", "a", Some("q")),
            ("p", "a", None),
            ("profile p", "a", Some("other name")),
        ] {
            assert_eq!(
                value(&shared, profile, setting),
                expected,
                "{profile}.{setting}"
            );
        }
    }
    let shared = both("[default]\na = bare", "");
    assert_eq!(value(&shared, "default", "a"), Some("bare"));
}

#[test]
fn what_is_at_fault_is_named_by_its_line_and_not_quoted() {
    for (text, line, cause) in [
        (
            &b"[default]\na = b\nCANARYdoNotPrint\n"[..],
            3,
            "neither a section",
        ),
        (b"[default]\n= CANARYdoNotPrint\n", 2, "neither a section"),
        (b"a = b", 1, "before the first section"),
        (b"[default", 1, "a section is [NAME]"),
        (b"\n\n[]x", 3, "a section is [NAME]"),
        (b"[a]\n[b]\n[a]", 3, "in line 1"),
        (b"[a]\nx = 1\ny = 2\nX = 3", 4, "in line 2"),
        (b"[a]\ns3 =\n  a = 1\n  A = 2", 4, "in line 3"),
        (b"[a]\ns3 =\n  CANARYdoNotPrint", 3, "NAME = VALUE"),
        (b"\xff\xfe[\0d\0", 1, "UTF-16"),
        (b"\xfe\xff\0[\0d", 1, "UTF-16"),
        (b"[a]\nx = \xe4\n", 2, "not UTF-8"),
    ] {
        for file in [File::Config, File::Credentials] {
            let Fault {
                line: at,
                cause: said,
            } = SharedConfig::default().add(file, text).unwrap_err();
            assert_eq!(at, line, "{said}");
            assert!(said.contains(cause) && !said.contains(CANARY), "{said}");
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
        (
            &[("HOME", ""), ("USERPROFILE", "/users/me")],
            Some("/users/me/.aws/config"),
            Some("/users/me/.aws/credentials"),
        ),
    ] {
        let environment = environment(variables);
        assert_eq!(File::Config.path(&environment).as_deref(), config);
        assert_eq!(File::Credentials.path(&environment).as_deref(), credentials);
    }
}

#[test]
fn a_missing_file_is_said_and_one_that_cannot_be_read_is_an_error() {
    let environment = environment(&[("HOME", "/h")]);
    let shared = SharedConfig::read(&environment, &mut |path| match path {
        "/h/.aws/config" => Ok(Zeroizing::new(b"[default]\na = 1".to_vec())),
        _ => Err(Unread::Missing("no such file".to_owned())),
    })
    .unwrap();
    assert_eq!(
        shared.searched(),
        "/h/.aws/config, /h/.aws/credentials: no such file"
    );
    let found = shared.get("default", "a").unwrap();
    assert_eq!(shared.shown(found.at), "/h/.aws/config, line 2");
    for (read, said) in [
        (
            Err(Unread::Failed("permission denied".to_owned())),
            "/h/.aws/config: permission denied",
        ),
        (
            Ok(Zeroizing::new(b"CANARYdoNotPrint".to_vec())),
            "/h/.aws/config, line 1: neither a section, a setting nor a comment",
        ),
    ] {
        let refused = SharedConfig::read(&environment, &mut |_| read.clone());
        assert_eq!(refused.unwrap_err(), said);
    }
}

#[test]
fn what_never_ends_is_not_read_to_its_end() {
    use std::io::{self, Error, ErrorKind, repeat};
    let (file, other) = (|| Ok(true), || Ok(false));
    let missing: fn() -> io::Result<bool> = || Err(Error::from(ErrorKind::NotFound));
    assert_eq!(
        *read::read(file(), || Ok(&b"1234"[..]), 4).unwrap(),
        b"1234"
    );
    let longer = read::read(file(), || Ok(repeat(b' ')), 4).unwrap_err();
    assert_eq!(
        longer,
        Unread::Failed("it has more than 4 bytes".to_owned())
    );
    // What is no file is not even opened.
    let pipe = read::read(other(), || -> io::Result<io::Empty> { panic!("opened") }, 4);
    assert_eq!(
        pipe.unwrap_err(),
        Unread::Failed("it is not a file".to_owned())
    );
    let unseen = read::read(
        missing(),
        || -> io::Result<io::Empty> { panic!("opened") },
        4,
    );
    assert!(matches!(unseen, Err(Unread::Missing(_))));
    let text = read::token(file(), || Ok(&b"\xff"[..]));
    assert_eq!(text.unwrap_err(), "it is not UTF-8");
}

#[test]
fn a_file_that_is_switched_off_is_not_read() {
    let environment = environment(&[
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ]);
    let shared = SharedConfig::read(&environment, &mut |path| panic!("{path} is read"));
    assert_eq!(shared.unwrap().place("default"), None);
}

#[test]
fn debug_shows_names_only() {
    let shared = both("", "[p]\naws_secret_access_key = CANARYdoNotPrint");
    assert_eq!(format!("{shared:?}"), r#"{"p"}"#);
}

proptest! {
    #[test]
    fn no_file_panics(
        config in "(?s)[\\[\\] a-c=:#;\n\r\t\"'ä]{0,200}",
        credentials in any::<Vec<u8>>(),
    ) {
        let mut shared = SharedConfig::default();
        let _ = shared.add(File::Config, config.as_bytes());
        let _ = shared.add(File::Credentials, &credentials);
        for name in ["default", "a", ""] {
            let _ = (shared.place(name), shared.get(name, "a"));
        }
    }
}
