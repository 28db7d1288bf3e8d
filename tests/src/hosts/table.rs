//! The parts of `docs/hosts.md` that say what the hosts declare.

use std::fmt::Write as _;

use lambda_invocation_docs::Page;

use super::case::CASES;
use super::{Exception, HOSTS, Instead, exception};

/// The page. All but [`parts`] is written by hand.
pub fn page() -> Page {
    Page::read("docs/hosts.md")
}

/// What the page says of hosts and cases, by the names of its parts.
pub fn parts() -> [(&'static str, String); 3] {
    [
        ("matrix", matrix()),
        ("cases", cases()),
        ("driven", driven()),
    ]
}

fn matrix() -> String {
    let mut notes: Vec<&'static str> = Vec::new();
    let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    let mut out = format!("| host | version | {} |\n", names.join(" | "));
    let _ = writeln!(out, "| --- | --- |{}", " --- |".repeat(names.len()));
    for host in HOSTS {
        let star = if host.on_every_change() { " *" } else { "" };
        let _ = write!(out, "| `{}`{star} | {} |", host.name(), host.version());
        for case in CASES {
            let _ = match exception(*host, case) {
                None => write!(out, " yes |"),
                Some(exception) => write!(out, " {} |", cell(exception, &mut notes)),
            };
        }
        out.push('\n');
    }
    out.push_str("\n\"–\": the host has no means for it. \"no\": it is run, and fails.\n\n");
    for (number, note) in (1..).zip(&notes) {
        let _ = writeln!(out, "{number}. {note}");
    }
    out
}

fn cases() -> String {
    let mut out = "| case | passes when |\n| --- | --- |\n".to_owned();
    for case in CASES {
        let _ = writeln!(out, "| {} | {} |", case.name, case.about);
    }
    out
}

fn driven() -> String {
    let mut out = String::new();
    let mut driven: Vec<&str> = Vec::new();
    for host in HOSTS {
        if !driven.contains(&host.name()) {
            driven.push(host.name());
            let _ = writeln!(out, "- `{}`: {}", host.name(), host.drives());
        }
    }
    out
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
