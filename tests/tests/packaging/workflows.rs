//! The files in `.github`: their schemas, and what makes a workflow unsafe.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lambda_invocation_docs::root;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::venv::{CHECK_JSONSCHEMA, Venv, ZIZMOR};

/// Files of `.github`, and the schema that they follow.
const SCHEMAS: &[(&str, &str)] = &[
    ("ISSUE_TEMPLATE/bug.yml", "vendor.github-issue-forms"),
    ("ISSUE_TEMPLATE/config.yml", "vendor.github-issue-config"),
    ("ISSUE_TEMPLATE/idea.yml", "vendor.github-issue-forms"),
    ("dependabot.yml", "vendor.dependabot"),
    ("workflows/advisories.yml", "vendor.github-workflows"),
    ("workflows/ci.yml", "vendor.github-workflows"),
    ("workflows/release.yml", "vendor.github-workflows"),
    ("workflows/workspaces.yml", "vendor.github-workflows"),
];

/// A workflow that gives a token to code of a stranger's choice.
const UNSAFE: &str = "\
on: pull_request_target
permissions: write-all
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: echo '${{ github.event.pull_request.title }}'
";

fn github() -> PathBuf {
    root().join(".github")
}

/// Every YAML file below a folder.
fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => yaml_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "yml"))
        .collect()
}

fn zizmor(venv: &Venv, folder: &Path) -> Output {
    Command::new(venv.program("zizmor"))
        .args(["--offline", "--no-progress", "--no-config"])
        .args(["--persona", "pedantic", "--format", "plain"])
        .arg(folder)
        .output()
        .expect("zizmor starts")
}

#[test]
fn every_file_of_github_follows_its_schema() {
    let checker = or_skip!(Venv::of(CHECK_JSONSCHEMA));
    let mut found = yaml_files(&github());
    found.sort();
    let mut listed: Vec<PathBuf> = SCHEMAS
        .iter()
        .map(|(file, _)| github().join(file))
        .collect();
    listed.sort();
    assert_eq!(found, listed);
    for (file, schema) in SCHEMAS {
        let output = Command::new(checker.program("check-jsonschema"))
            .args(["--builtin-schema", schema])
            .arg(github().join(file))
            .output()
            .expect("check-jsonschema starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{file}: {said}");
    }
}

/// With a control: an unsafe workflow is found.
#[test]
fn no_workflow_is_unsafe() {
    let venv = or_skip!(Venv::of(ZIZMOR));
    let output = zizmor(&venv, &github());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");

    let folder = tempfile::tempdir().unwrap();
    let workflows = folder.path().join(".github/workflows");
    fs::create_dir_all(&workflows).unwrap();
    fs::write(workflows.join("unsafe.yml"), UNSAFE).unwrap();
    let output = zizmor(&venv, folder.path());
    let said = String::from_utf8_lossy(&output.stdout);
    for audit in ["dangerous-triggers", "template-injection", "unpinned-uses"] {
        assert!(said.contains(audit), "{audit}: {said}");
    }
}

/// Tags can be moved; a commit is what was looked at.
#[test]
fn every_action_is_pinned_to_a_commit_and_says_its_version() {
    let mut seen = 0;
    for path in yaml_files(&github().join("workflows")) {
        let text = fs::read_to_string(&path).unwrap();
        let uses = text.lines().filter_map(|line| line.split_once("uses: "));
        for (_, action) in uses {
            seen += 1;
            let (_, reference) = action.split_once('@').expect("a reference");
            let (commit, version) = reference.split_once(" # v").unwrap_or((reference, ""));
            let hex = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            let pinned = commit.len() == 40 && hex && !version.is_empty();
            assert!(pinned, "{}: {action}", path.display());
        }
    }
    assert!(seen > 0);
}
