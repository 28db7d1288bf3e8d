//! The programs of `examples/pulumi`: the document's examples, run by the real SDKs.

use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::pulumi::{LANGUAGES, Program, Stack};
use serde_json::Value;

fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all
}

/// The payloads without spaces: Python writes some.
fn compact(payloads: &[String]) -> Vec<String> {
    let compact = payloads.iter().map(|payload| {
        let value: Value = serde_json::from_str(payload).unwrap();
        value.to_string()
    });
    sorted(compact.collect())
}

const INPUT: &str = r#"{"key1":"value1","key2":"value2"}"#;
const CREATED: &str =
    r#"{"key1":"value1","key2":"value2","tf":{"action":"create","prev_input":null}}"#;
const UPDATED: &str = r#"{"key1":"valueB","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#;
const DELETED: &str = r#"{"key1":"valueB","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"valueB","key2":"value2"}}}"#;

#[test]
fn the_documents_examples_send_what_it_says_in_every_language() {
    for language in LANGUAGES {
        let local = Local::start();
        let mut stack = or_skip!(Stack::new(&local));
        let program = or_skip!(Program::example(language));
        // The function `open` is called in every update; YAML's example has none.
        let opens = language != "yaml";
        let opened = opens.then(|| r#"{"key1":"value1"}"#.to_owned());
        let expect = |payloads: &[&str]| {
            let payloads = payloads.iter().map(ToString::to_string);
            sorted(payloads.chain(opened.clone()).collect())
        };

        let preview = stack.preview(program.with(&[]));
        assert_eq!(
            sorted(preview.done()),
            ["create managed", "create triggered"],
            "{language}"
        );
        assert_eq!(local.payloads().len(), 0, "{language}");

        let up = stack.up(program.with(&[]));
        up.done();
        assert_eq!(
            compact(&local.payloads()),
            expect(&[INPUT, CREATED]),
            "{language}"
        );
        let exports = &up.0["exports"];
        let result: Value = serde_json::from_str(exports["result"].as_str().unwrap()).unwrap();
        assert_eq!(result["tf"]["action"], "create", "{language}");
        if opens {
            let secret = exports["opened"]["value"].as_str().unwrap();
            assert!(secret.contains("key1"), "{language}: {exports}");
        }

        let same = stack.preview(program.with(&[]));
        assert_eq!(
            sorted(same.done()),
            ["same managed", "same triggered"],
            "{language}"
        );
        assert_eq!(local.payloads().len(), 0, "{language}");

        let changed = stack.up(program.with(&[("key1", "valueB"), ("environment", "live")]));
        assert_eq!(
            sorted(changed.done()),
            [
                "create-replacement triggered",
                "delete-replaced triggered",
                "replace triggered",
                "update managed",
            ],
            "{language}"
        );
        assert_eq!(
            compact(&local.payloads()),
            expect(&[INPUT, UPDATED]),
            "{language}"
        );

        assert_eq!(
            sorted(stack.destroy().done()),
            ["delete managed", "delete triggered"],
            "{language}"
        );
        assert_eq!(compact(&local.payloads()), [DELETED], "{language}");
    }
}

#[test]
fn a_program_that_fails_its_check_ends_with_the_providers_words() {
    let local = Local::start();
    let mut stack = or_skip!(Stack::new(&local));
    let program = or_skip!(Program::example("python"));
    let said = stack.preview(program.with(&[("functionName", "a b")]));
    let errors = said.0["errors"].as_array().unwrap();
    assert!(!errors.is_empty(), "{said:?}");
    let text = errors[0].as_str().unwrap();
    assert!(text.contains("functionName"), "{said:?}");
}
