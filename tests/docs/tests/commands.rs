//! Every command that a page tells its readers to type is run by a test as it stands.

#![cfg(test)]

use std::fs;
use std::path::Path;

use lambda_invocation_docs::{pages, root};

/// Blocks that no test can run: page, heading, and why.
const NOT_RUN: &[(&str, &str, &str)] = &[
    (
        "docs/benchmarks/README.md",
        "How it is measured",
        "the whole benchmark takes ten minutes of an idle machine, and many more to build",
    ),
    (
        "docs/credentials.md",
        "What a profile may say",
        "the AWS CLI would ask for the code of an MFA device",
    ),
    ("docs/endpoints.md", "Proxies", "the proxy is an example"),
    (
        "docs/pulumi.md",
        "Install",
        "the Pulumi CLI is not to be had from a package registry",
    ),
];

/// Where the tests are that run them.
const TESTS: &[&str] = &["tests/tests", "examples/rust/tests"];

/// The sources of the tests, without white space.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all += &without_space(&fs::read_to_string(&path).expect("a source"));
        }
    }
    all
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn every_block_of_commands_is_run_by_a_test() {
    let sources: String = TESTS
        .iter()
        .map(|test| sources(&root().join(test)))
        .collect();
    let mut missing = Vec::new();
    let mut found = 0;
    let mut not_run = Vec::new();
    for page in pages() {
        let name = page.name();
        for (language, function) in [("sh", "commands"), ("console", "transcript")] {
            for heading in page.headings_with(language) {
                found += 1;
                if let Some(block) = NOT_RUN
                    .iter()
                    .find(|(page, title, _)| *page == name && *title == heading)
                {
                    not_run.push(block);
                    continue;
                }
                let call = format!("{function}({name:?}, {heading:?})");
                if !sources.contains(&without_space(&call)) {
                    missing.push(call);
                }
            }
        }
    }
    assert!(missing.is_empty(), "no test has\n{}", missing.join("\n"));
    assert!(found >= 10, "{found} blocks found");
    for block in NOT_RUN {
        assert!(
            not_run.contains(&block),
            "there is no such block: {block:?}"
        );
    }
}
