//! `docs/hosts.md`, from what the hosts declare.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::case::CASES;
use super::{Exception, HOSTS, Instead, exception};

const HEAD: &str = "\
# Hosts

`cargo xtask hosts` installs every host below into `target/`, runs every case on each, and writes this page if all of it
is as it says here; a test holds the page to the code. Hosts marked * are tried on every change (`cargo xtask test`).
The endpoint is the local one, which verifies signatures with code of its own, over `http`.

";

const TAIL: &str = "\
## Not tried

- Hosts of the lines between those above, and other patch versions.
- Spin, SpinKube, and wasmCloud on Kubernetes: their manifests in [examples](../examples/) are checked, not run.
- `https`, which these hosts cannot do with a certificate of one's own. `lambda-host` can, and is tested with it.
";

/// Where the page is.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/hosts.md")
}

/// Writes the page.
///
/// # Panics
///
/// When it cannot be written.
pub fn write() {
    fs::write(path(), page()).expect("a page that can be written");
}

/// The page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut notes: Vec<&'static str> = Vec::new();
    let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    let _ = writeln!(page, "| host | version | {} |", names.join(" | "));
    let _ = writeln!(page, "| --- | --- |{}", " --- |".repeat(names.len()));
    for host in HOSTS {
        let star = if host.on_every_change() { " *" } else { "" };
        let _ = write!(page, "| `{}`{star} | {} |", host.name(), host.version());
        for case in CASES {
            let _ = match exception(*host, case) {
                None => write!(page, " yes |"),
                Some(exception) => write!(page, " {} |", cell(exception, &mut notes)),
            };
        }
        page.push('\n');
    }
    page.push_str("\n\"–\": the host has no means for it. \"no\": it is run, and fails.\n\n");
    for (number, note) in (1..).zip(&notes) {
        let _ = writeln!(page, "{number}. {note}");
    }
    page.push_str("\n## Cases\n\n| case | passes when |\n| --- | --- |\n");
    for case in CASES {
        let _ = writeln!(page, "| {} | {} |", case.name, case.about);
    }
    page.push_str("\n## How each is driven\n\n");
    let mut driven: Vec<&str> = Vec::new();
    for host in HOSTS {
        if !driven.contains(&host.name()) {
            driven.push(host.name());
            let _ = writeln!(page, "- `{}`: {}", host.name(), host.drives());
        }
    }
    page.push('\n');
    page.push_str(TAIL);
    page
}

/// What stands for an exception; equal notes are one.
fn cell(exception: &Exception, notes: &mut Vec<&'static str>) -> String {
    let known = notes.iter().position(|note| *note == exception.why);
    let number = known.unwrap_or_else(|| {
        notes.push(exception.why);
        notes.len() - 1
    });
    let mark = match exception.instead {
        Instead::NotApplicable => "–",
        Instead::Fails => "no",
    };
    format!("{mark} ({})", number + 1)
}
