use std::fs;
use std::path::{Path, PathBuf};

use lambda_invocation_core::lifecycle::{Config, Deposed, LifecycleScope, ReplaceOrder};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::disk::beside;
use super::*;
use crate::failure::Failure;

fn config() -> Config {
    Config {
        function_name: "f".to_owned(),
        input: "{\"a\": 12345678901234567890, \"b\": \"\\u0000\"}\n".to_owned(),
        qualifier: Some("PROD".to_owned()),
        region: Some("eu-central-1".to_owned()),
        terraform_key: Some("tf".to_owned()),
        tenant_id: Some("tenant".to_owned()),
        client_context: Some("e30=".to_owned()),
        lifecycle_scope: Some(LifecycleScope::Crud),
        triggers: vec![
            ("a".to_owned(), "1".to_owned()),
            ("b".to_owned(), String::new()),
        ],
        replace_order: Some(ReplaceOrder::CreateFirst),
    }
}

fn entry(id: &str) -> Entry {
    Entry {
        state: Some(State {
            version: 1,
            id: id.to_owned(),
            config: config(),
            result: "\u{1b}[31m\"é\u{1F600}\\\r\n".to_owned(),
            imported: false,
            deposed: None,
        }),
        depends_on: vec!["other".to_owned()],
        intent: None,
    }
}

impl Entry {
    fn state(&mut self) -> &mut State {
        self.state.as_mut().unwrap()
    }
}

struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("state.json")
    }

    fn open(&self) -> StateFile {
        StateFile::open(&self.path()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.directory.path()).unwrap();
        let names = names.map(|one| one.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

fn conflict(failure: Failure) -> String {
    match failure {
        Failure::Conflict(text) => text,
        other => panic!("{other}"),
    }
}

#[test]
fn everything_survives_the_way_to_the_file_and_back() {
    let place = Place::new();
    let mut least = entry("2");
    least.state().config = Config {
        function_name: "g".to_owned(),
        ..Config::default()
    };
    least.state().imported = true;
    least.depends_on.clear();
    let mut owing = entry("3");
    owing.state().deposed = Some(Deposed {
        id: "old".to_owned(),
        config: config(),
    });
    let mut file = place.open();
    for (name, entry) in [("a", entry("1")), ("b-2_C", least), ("c", owing)] {
        file.set(name, Some(entry)).unwrap();
    }
    assert_eq!(read(&place.path()).unwrap(), *file.document());
    assert_eq!(file.document().serial, 3);
    assert_eq!(file.document().invocations.len(), 3);
}

#[test]
fn keys_are_those_of_the_wit_package() {
    let place = Place::new();
    place.open().set("a", Some(entry("1"))).unwrap();
    let file: Value = serde_json::from_slice(&fs::read(place.path()).unwrap()).unwrap();
    let expected = json!({
        "version": 1,
        "serial": 1,
        "invocations": {"a": {
            "state": {
                "version": 1,
                "id": "1",
                "config": {
                    "function-name": "f",
                    "input": config().input,
                    "qualifier": "PROD",
                    "region": "eu-central-1",
                    "terraform-key": "tf",
                    "tenant-id": "tenant",
                    "client-context": "e30=",
                    "lifecycle-scope": "crud",
                    "triggers": {"a": "1", "b": ""},
                    "replace-order": "create-first",
                },
                "result": entry("1").state().result,
                "imported": false,
            },
            "depends-on": ["other"],
        }},
    });
    assert_eq!(file, expected);
}

#[test]
fn a_missing_file_is_an_empty_state_and_reading_makes_none() {
    let place = Place::new();
    assert_eq!(read(&place.path()).unwrap(), Document::default());
    drop(place.open());
    assert!(!place.path().exists());
}

#[test]
fn setting_what_is_there_already_writes_nothing() {
    let place = Place::new();
    let mut file = place.open();
    file.set("a", None).unwrap();
    assert!(!place.path().exists());
    file.set("a", Some(entry("1"))).unwrap();
    let written = fs::metadata(place.path()).unwrap().modified().unwrap();
    file.set("a", Some(entry("1"))).unwrap();
    assert_eq!(file.document().serial, 1);
    assert_eq!(
        fs::metadata(place.path()).unwrap().modified().unwrap(),
        written
    );
    file.set("a", None).unwrap();
    assert!(read(&place.path()).unwrap().invocations.is_empty());
    assert_eq!(read(&place.path()).unwrap().serial, 2);
}

#[test]
fn a_second_run_is_refused_until_the_first_has_ended() {
    let place = Place::new();
    let first = place.open();
    let text = conflict(StateFile::open(&place.path()).unwrap_err());
    assert!(text.contains("another run holds"), "{text}");
    // Looking is allowed.
    read(&place.path()).unwrap();
    drop(first);
    place.open();
}

#[test]
fn nothing_but_the_state_is_left_behind() {
    let place = Place::new();
    place.open().set("a", Some(entry("1"))).unwrap();
    if cfg!(unix) {
        assert_eq!(place.names(), ["state.json"]);
    }
}

#[test]
fn a_file_that_was_changed_underneath_is_not_overwritten() {
    let other = record::write(&Document::default()).unwrap();
    for theirs in [Some(other), Some(b"torn".to_vec()), None] {
        let place = Place::new();
        let mut file = place.open();
        file.set("a", Some(entry("1"))).unwrap();
        match &theirs {
            Some(bytes) => fs::write(place.path(), bytes).unwrap(),
            None => fs::remove_file(place.path()).unwrap(),
        }
        let text = conflict(file.check_ours().unwrap_err());
        assert!(text.contains("was changed by something else"), "{text}");
        let text = conflict(file.set("b", Some(entry("2"))).unwrap_err());
        assert!(!text.contains(".unsaved"), "{text}");
        let text = conflict(file.set_outcome("b", Some(entry("2"))).unwrap_err());
        assert!(text.contains("state.json.unsaved"), "{text}");
        assert_eq!(fs::read(place.path()).ok(), theirs);
        let aside = read(&place.directory.path().join("state.json.unsaved")).unwrap();
        assert_eq!(aside.invocations.len(), 2);
    }
}

#[test]
fn a_file_made_by_someone_else_in_the_meantime_is_not_overwritten() {
    let place = Place::new();
    let mut file = place.open();
    let theirs = record::write(&Document::default()).unwrap();
    fs::write(place.path(), &theirs).unwrap();
    conflict(file.set("a", Some(entry("1"))).unwrap_err());
    assert_eq!(fs::read(place.path()).unwrap(), theirs);
}

#[test]
fn a_crash_before_the_rename_leaves_the_old_file_and_the_next_run_goes_on() {
    let place = Place::new();
    place.open().set("a", Some(entry("1"))).unwrap();
    // What a killed run leaves: a torn temporary file.
    fs::write(beside(&place.path(), ".tmp"), "{\"version\":1,\"ser").unwrap();
    assert_eq!(read(&place.path()).unwrap().invocations["a"], entry("1"));
    place.open().set("a", Some(entry("2"))).unwrap();
    assert_eq!(read(&place.path()).unwrap().invocations["a"], entry("2"));
    if cfg!(unix) {
        assert_eq!(place.names(), ["state.json"]);
    }
}

/// Whoever looks while a file is written sees a whole one.
#[test]
fn a_reader_never_sees_a_torn_file() {
    let place = Place::new();
    let mut file = place.open();
    let mut long = entry("1");
    long.state().result = "x".repeat(300_000);
    file.set("a", Some(long.clone())).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = std::collections::BTreeSet::new();
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                seen.insert(read(&place.path()).unwrap().serial);
            }
            seen.len()
        });
        for n in 0..30 {
            long.state().id = n.to_string();
            file.set("a", Some(long.clone())).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        assert!(reader.join().unwrap() > 0);
    });
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_can_read_what_may_be_secret() {
        let place = Place::new();
        let mut file = place.open();
        file.set("a", Some(entry("1"))).unwrap();
        assert_eq!(mode(&place.path()), 0o600);
        // Also when the file was readable for others before, and aside.
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o644)).unwrap();
        file.set("a", Some(entry("2"))).unwrap();
        assert_eq!(mode(&place.path()), 0o600);
        fs::write(place.path(), "{}").unwrap();
        conflict(file.set_outcome("a", None).unwrap_err());
        assert_eq!(mode(&beside(&place.path(), ".unsaved")), 0o600);
    }

    #[test]
    fn a_link_to_a_state_stays_one_and_shares_its_lock() {
        let place = Place::new();
        place.open().set("a", Some(entry("1"))).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.json");
        symlink(place.path(), &link).unwrap();
        let mut file = StateFile::open(&link).unwrap();
        conflict(StateFile::open(&place.path()).unwrap_err());
        file.set("a", Some(entry("2"))).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read(&place.path()).unwrap().invocations["a"], entry("2"));
    }

    #[test]
    fn a_link_to_a_state_that_does_not_exist_yet_stays_one_and_shares_its_lock() {
        let place = Place::new();
        fs::create_dir(place.directory.path().join("links")).unwrap();
        let link = place.directory.path().join("links/link.json");
        symlink("second.json", &link).unwrap();
        let second = place.directory.path().join("links/second.json");
        symlink("../state.json", &second).unwrap();
        let mut file = StateFile::open(&link).unwrap();
        conflict(StateFile::open(&place.path()).unwrap_err());
        file.set("a", Some(entry("1"))).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::symlink_metadata(&second).unwrap().is_symlink());
        assert_eq!(read(&place.path()).unwrap().invocations["a"], entry("1"));
    }

    #[test]
    fn a_link_to_itself_is_refused() {
        let place = Place::new();
        symlink(place.path(), place.path()).unwrap();
        let line = StateFile::open(&place.path()).unwrap_err().to_string();
        assert!(line.contains("state.json: too many links"), "{line}");
    }

    /// They would be waited for, or never end.
    #[test]
    fn pipes_and_devices_are_no_states_and_no_locks() {
        let place = Place::new();
        let made = std::process::Command::new("mkfifo")
            .arg(place.path())
            .status();
        assert!(made.unwrap().success());
        for path in [
            &place.path(),
            Path::new("/dev/zero"),
            place.directory.path(),
        ] {
            let line = read(path).unwrap_err().to_string();
            assert!(line.contains(": not a regular file"), "{line}");
        }
        fs::remove_file(place.path()).unwrap();
        let lock = beside(&place.path(), ".lock");
        let made = std::process::Command::new("mkfifo").arg(&lock).status();
        assert!(made.unwrap().success());
        let text = conflict(StateFile::open(&place.path()).unwrap_err());
        assert!(text.contains(".lock: not a regular file"), "{text}");
        fs::remove_file(&lock).unwrap();
        symlink("/dev/zero", &lock).unwrap();
        let text = conflict(StateFile::open(&place.path()).unwrap_err());
        assert!(text.contains(".lock: not a regular file"), "{text}");
    }

    #[test]
    fn a_run_whose_lock_is_removed_writes_nothing_more() {
        let place = Place::new();
        let mut first = place.open();
        first.set("a", Some(entry("1"))).unwrap();
        fs::remove_file(beside(&place.path(), ".lock")).unwrap();
        let mut second = place.open();
        let text = conflict(first.check_ours().unwrap_err());
        assert!(
            text.contains("state.json.lock was removed during this run"),
            "{text}"
        );
        conflict(first.set("a", Some(entry("2"))).unwrap_err());
        second.set("a", Some(entry("3"))).unwrap();
        assert_eq!(read(&place.path()).unwrap().invocations["a"], entry("3"));
    }

    #[test]
    fn a_link_in_the_way_of_the_temporary_file_is_not_followed() {
        let place = Place::new();
        let victim = place.directory.path().join("victim");
        fs::write(&victim, "theirs").unwrap();
        symlink(&victim, beside(&place.path(), ".tmp")).unwrap();
        place.open().set("a", Some(entry("1"))).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "theirs");
    }

    #[test]
    fn a_state_that_cannot_be_written_is_put_aside_or_said_to_be_lost() {
        let place = Place::new();
        let mut file = place.open();
        // A directory cannot be replaced by a file, nor removed as one.
        fs::create_dir(beside(&place.path(), ".tmp")).unwrap();
        let text = conflict(file.set("a", Some(entry("1"))).unwrap_err());
        assert!(text.contains("state.json.tmp cannot be removed"), "{text}");
        assert!(file.document().invocations.is_empty());
        assert!(!place.path().exists());
        let text = conflict(file.set_outcome("a", Some(entry("1"))).unwrap_err());
        assert!(text.contains("cannot write "), "{text}");
        assert!(text.contains(".unsaved"), "{text}");
        let aside = read(&beside(&place.path(), ".unsaved")).unwrap();
        assert_eq!(aside.invocations["a"], entry("1"));

        fs::create_dir(beside(&place.path(), ".unsaved.tmp")).unwrap();
        let text = conflict(file.set_outcome("a", Some(entry("2"))).unwrap_err());
        assert!(text.contains("is not recorded"), "{text}");
        drop(file);
        // Nobody goes on before that is looked into.
        let text = conflict(StateFile::open(&place.path()).unwrap_err());
        assert!(
            text.contains("holds what an earlier run did and could not save"),
            "{text}"
        );
    }
}

#[test]
fn files_that_are_no_state_are_refused_by_the_place_of_the_fault() {
    let place = Place::new();
    let whole = || -> Value {
        let mut document = Document::default();
        document.invocations.insert("a".to_owned(), entry("1"));
        serde_json::from_slice(&record::write(&document).unwrap()).unwrap()
    };
    let changed = |pointer: &str, value: Value| {
        let mut file = whole();
        *file.pointer_mut(pointer).unwrap() = value;
        file.to_string()
    };
    let twice = |key: &str| whole().to_string().replacen(key, &format!("{key}{key}"), 1);
    for (text, refusal) in [
        (
            "sekrit".to_owned(),
            "not JSON: expected value at line 1 column 1",
        ),
        (
            "{\n\"version\": 1,".to_owned(),
            "not JSON: EOF while parsing a value at line 2 column 13",
        ),
        (
            "[\"sekrit\"]".to_owned(),
            "not a state: expected u64 at line 1 column 9",
        ),
        (
            "{}".to_owned(),
            "not a state: missing field `version` at line 1 column 2",
        ),
        (changed("/version", json!(2)), "written by a newer release"),
        (
            changed("/version", json!("1")),
            "not a state: expected u64 at ",
        ),
        (
            changed("/serial", json!(-1)),
            "not a state: expected u64 at ",
        ),
        (
            changed("/invocations", json!(["sekrit"])),
            "not a state: expected an object of invocations at ",
        ),
        (
            changed("/invocations/a", json!("sekrit")),
            "not a state: expected an object at ",
        ),
        (
            changed("/invocations/a/state/version", json!(2)),
            "written by a newer release",
        ),
        (
            changed("/invocations/a/state/id", json!(1)),
            "not a state: expected a string at ",
        ),
        (
            changed("/invocations/a/state/config/function-name", Value::Null),
            "not a state: expected a string at ",
        ),
        (
            changed(
                "/invocations/a/state/config/lifecycle-scope",
                json!("sekrit"),
            ),
            "not a state: expected `create-only` or `crud` at ",
        ),
        (
            changed("/invocations/a/state/config/replace-order", json!("sekrit")),
            "not a state: expected `delete-first` or `create-first` at ",
        ),
        (
            changed(
                "/invocations/a/state/config/triggers",
                json!({"a": ["sekrit"]}),
            ),
            "not a state: expected a string at ",
        ),
        (
            changed(
                "/invocations/a/state/config",
                json!({"sekrit, expected sekrit": 1}),
            ),
            "not a state: expected one of `function-name`, ",
        ),
        (
            changed("/invocations/a/state/imported", json!("sekrit")),
            "not a state: expected a boolean at ",
        ),
        (
            changed("/invocations/a/depends-on", json!([1])),
            "not a state: expected a string at ",
        ),
        (
            json!({"version": 1, "serial": 1, "invocations": {"\u{1b}[31m": {}}}).to_string(),
            "not a state: a name that an invocation cannot have at ",
        ),
        (
            json!({"version": 4, "terraform_version": "1.14.0", "serial": 1}).to_string(),
            "a state of Terraform; bring invocations over with lifecycle import --from-terraform",
        ),
        // A key twice: nobody knows which of the two is meant.
        (
            twice(r#""version":1,"#),
            "not a state: duplicate field `version` at ",
        ),
        (
            twice(r#""serial":0,"#),
            "not a state: duplicate field `serial` at ",
        ),
        (
            twice(r#""id":"1","#),
            "not a state: duplicate field `id` at ",
        ),
        (
            twice(r#""a":"1","#),
            "not a state: a key is there twice at ",
        ),
        (
            whole()
                .to_string()
                .replacen(r#""a":{"#, r#""a":{"depends-on":["sekrit"]},"a":{"#, 1),
            "not a state: an invocation is there twice at ",
        ),
    ] {
        fs::write(place.path(), &text).unwrap();
        for failure in [
            read(&place.path()).unwrap_err(),
            StateFile::open(&place.path()).unwrap_err(),
        ] {
            let line = failure.to_string();
            assert!(
                line.contains(&format!("state.json: {refusal}")),
                "{text}: {line}"
            );
            assert!(!line.contains("sekrit"), "{line}");
            assert!(matches!(failure, Failure::Error(_)), "{line}");
        }
        assert_eq!(fs::read_to_string(place.path()).unwrap(), text);
    }
}

/// As `mktemp` makes one.
#[test]
fn an_empty_file_is_an_empty_state() {
    let place = Place::new();
    fs::write(place.path(), "").unwrap();
    assert_eq!(read(&place.path()).unwrap(), Document::default());
    place.open().set("a", Some(entry("1"))).unwrap();
    assert_eq!(read(&place.path()).unwrap().invocations["a"], entry("1"));
}

#[test]
fn debug_output_shows_no_contents() {
    let place = Place::new();
    let mut file = place.open();
    let mut secret = entry("1");
    secret.state().result = "sekrit".to_owned();
    secret.state().config.input = "sekrit".to_owned();
    file.set("a", Some(secret)).unwrap();
    let shown = format!("{file:?} {:?}", file.document());
    assert!(!shown.contains("sekrit"), "{shown}");
}
