//! What the documentation says of the command line is what the code says.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use lambda_invocation_command::exit;

/// The head of a table of exit codes.
const HEAD: &str = "| code | meaning |\n| --- | --- |\n";

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain([root.join("README.md")])
        .collect()
}

#[test]
fn every_table_of_exit_codes_is_the_one_in_the_code() {
    let rows = exit::TABLE.iter();
    let rows: String = rows
        .map(|row| format!("| {} | {} |\n", row.code, row.meaning))
        .collect();
    let mut tables = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for table in page.split(HEAD).skip(1) {
            tables += 1;
            assert!(
                table.starts_with(&rows) && !table[rows.len()..].starts_with('|'),
                "{}: the table of exit codes should be\n{HEAD}{rows}",
                path.display()
            );
        }
    }
    assert!(tables > 0, "no page has the table of exit codes");
}
