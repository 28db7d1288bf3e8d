//! The hashes of what is released.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use lambda_invocation_tests::build;

#[test]
fn the_sums_name_every_file_and_hold() {
    let folder = build::dist();
    let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let named: BTreeSet<&str> = sums
        .lines()
        .filter_map(|line| line.split_once("  ").map(|(_, name)| name))
        .collect();
    let entries = fs::read_dir(&folder).unwrap();
    let files: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "SHA256SUMS")
        .collect();
    assert_eq!(named, files.iter().map(String::as_str).collect());
    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
}
