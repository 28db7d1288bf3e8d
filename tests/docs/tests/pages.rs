//! What every page has to keep.

#![cfg(test)]

use lambda_invocation_docs::{Page, pages};

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading_that_exist() {
    let mut followed = 0;
    let mut broken = Vec::new();
    for page in pages() {
        for link in page.links() {
            followed += 1;
            broken.extend(page.broken(&link));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(followed > 50, "{followed} links found");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let readme = Page::read("README.md");
    for (link, found) in [
        ("docs/hosts.md", None),
        ("https://example.com/missing.md", None),
        ("docs", None),
        ("docs/missing.md", Some("no such file")),
        ("docs/hosts.md#missing", Some("no such heading")),
        ("#missing", Some("no such heading")),
    ] {
        let broken = readme.broken(link);
        assert_eq!(broken.is_some(), found.is_some(), "{link}: {broken:?}");
        let text = broken.unwrap_or_default();
        assert!(text.ends_with(found.unwrap_or_default()), "{text}");
    }
}

#[test]
fn the_readme_has_at_most_220_lines() {
    let lines = Page::read("README.md").text().lines().count();
    assert!(lines <= 220, "{lines} lines");
}
