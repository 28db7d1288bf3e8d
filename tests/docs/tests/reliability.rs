//! `docs/reliability.md` claims no more tests than there are.

#![cfg(test)]

use std::fs;
use std::path::Path;

use lambda_invocation_docs::{Page, root};

const PAGE: &str = "docs/reliability.md";

/// The tests in a file, or in all files of a folder.
fn tests(path: &Path) -> usize {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a folder");
        return entries
            .map(|entry| tests(&entry.expect("an entry").path()))
            .sum();
    }
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    // Those of the smoke run are made by a macro, one for each name.
    let named = text
        .split_once("\nsmoke! {")
        .and_then(|(_, rest)| rest.split('}').next());
    let named = named.map_or(0, |names| names.split_whitespace().count());
    let marked = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
    marked.count() + named
}

#[test]
fn there_are_as_many_tests_as_the_page_says() {
    let page = Page::read(PAGE);
    let (_, after) = page
        .text()
        .split_once("\n## Tried on every change\n")
        .expect("the heading");
    let section = after.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.ends_with("` |"));
    let mut seen = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, claimed, places] = cells.as_slice() else {
            panic!("{row}")
        };
        let claimed: usize = claimed.parse().unwrap_or_else(|e| panic!("{row}: {e}"));
        let places = places.split('`').filter(|place| place.contains('/'));
        let found: usize = places.map(|place| tests(&root().join(place))).sum();
        assert!(found >= claimed, "{found} tests: {row}");
        assert!(claimed > 0, "{row}");
        seen += 1;
    }
    assert!(seen > 10, "{seen} rows");
}
