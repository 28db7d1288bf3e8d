//! `docs/dependencies.md` names every crate that a manifest of this workspace names.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use lambda_invocation_docs::{Page, root};
use serde_json::Value;

const PAGE: &str = "docs/dependencies.md";

/// Crates of others: a name, and the crates of this workspace that name it.
type Users = BTreeMap<String, BTreeSet<String>>;

/// What the manifests of the workspace say.
struct Manifests {
    /// What is linked into components and programs.
    shipped: Users,
    /// What only tests and chores use.
    others: Users,
    licences: BTreeMap<String, String>,
}

impl Manifests {
    fn read() -> Self {
        let metadata = metadata();
        let packages = metadata["packages"].as_array().expect("packages");
        let (mut shipped, mut others) = (Users::new(), Users::new());
        for package in packages
            .iter()
            .filter(|package| package["source"].is_null())
        {
            let folder = folder(package);
            let ships = folder.starts_with("guest/") || folder.starts_with("host-harness/");
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            for dependency in dependencies.iter().filter(|one| one["path"].is_null()) {
                let users = match dependency["kind"].is_null() && ships {
                    true => &mut shipped,
                    false => &mut others,
                };
                let user = folder.rsplit('/').next().unwrap_or_default();
                let users = users.entry(text(&dependency["name"])).or_default();
                users.insert(user.to_owned());
            }
        }
        others.retain(|name, _| !shipped.contains_key(name));
        Self {
            shipped,
            others,
            licences: packages
                .iter()
                .map(|package| (text(&package["name"]), licence(package)))
                .collect(),
        }
    }
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The folder of a package, from the root.
fn folder(package: &Value) -> String {
    let manifest = text(&package["manifest_path"]);
    let root = root().canonicalize().expect("a root");
    let folder = Path::new(&manifest).parent().expect("a folder");
    let folder = folder.strip_prefix(root).expect("a folder below the root");
    folder.display().to_string()
}

fn licence(package: &Value) -> String {
    text(&package["license"]).replace('/', " OR ")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The rows of the table under a heading, their cells by column.
fn table(page: &Page, heading: &str) -> Vec<Vec<String>> {
    let text = page.text();
    let (_, after) = text
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("{PAGE} has no heading {heading:?}"));
    let section = after.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().replace('`', "")).collect()
        })
        .collect()
}

/// What is wrong with a table of crates, of users and of reasons.
fn faults(rows: &[Vec<String>], users: &Users, licences: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, users) in users {
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let (users, licence) = (users.join(", "), &licences[name]);
        let row = rows.iter().find(|row| row.first() == Some(name));
        match row.map(Vec::as_slice) {
            Some([_, named, reason, named_licence])
                if *named == users && !reason.is_empty() && named_licence == licence => {}
            _ => faults.push(format!("| `{name}` | {users} | WHAT FOR | {licence} |")),
        }
    }
    for row in rows {
        let name = row.first().map(String::as_str).unwrap_or_default();
        if !users.contains_key(name) {
            faults.push(format!("no manifest names {name}"));
        }
    }
    faults
}

#[test]
fn every_crate_that_a_manifest_names_has_its_users_its_reason_and_its_licence_on_the_page() {
    let page = Page::read(PAGE);
    let manifests = Manifests::read();
    for (heading, users) in [
        ("In what is shipped", &manifests.shipped),
        ("In tests and chores", &manifests.others),
    ] {
        assert!(!users.is_empty());
        let rows = table(&page, heading);
        let faults = faults(&rows, users, &manifests.licences);
        assert!(
            faults.is_empty(),
            "{PAGE}, {heading:?}, should say:\n{}",
            faults.join("\n")
        );
        assert!(rows.is_sorted(), "{heading:?} is not in order");
    }
}

#[test]
fn a_row_that_is_missing_stale_or_without_a_reason_is_found() {
    let users = Users::from([(
        "some-crate".to_owned(),
        BTreeSet::from(["core".to_owned(), "host".to_owned()]),
    )]);
    let licences = BTreeMap::from([("some-crate".to_owned(), "MIT".to_owned())]);
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    let expected = "| `some-crate` | core, host | WHAT FOR | MIT |";
    for (rows, found) in [
        (
            vec![row(["some-crate", "core, host", "a reason", "MIT"])],
            vec![],
        ),
        (vec![], vec![expected]),
        (
            vec![row(["some-crate", "core", "a reason", "MIT"])],
            vec![expected],
        ),
        (
            vec![row(["some-crate", "core, host", "", "MIT"])],
            vec![expected],
        ),
        (
            vec![
                row(["other", "core", "a reason", "MIT"]),
                row(["some-crate", "core, host", "a reason", "MIT"]),
            ],
            vec!["no manifest names other"],
        ),
    ] {
        assert_eq!(faults(&rows, &users, &licences), found, "{rows:?}");
    }
}
