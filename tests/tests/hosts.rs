//! The host matrix: what `docs/hosts.md` says of each host, tried on it.

#![cfg(test)]

use std::env;

use lambda_invocation_docs::Page;
use lambda_invocation_tests::hosts::case::CASES;
use lambda_invocation_tests::hosts::{HOSTS, Host, Verdict, check, table};

/// Hosts to try, by a part of their name and version; unset means all.
const ONLY: &str = "LAMBDA_HOSTS";

/// Tries hosts; says for each what came of it, and returns whether all conform.
fn all_conform(hosts: impl Iterator<Item = &'static dyn Host>) -> bool {
    let mut complete = true;
    let mut complaints = Vec::new();
    for host in hosts {
        let word = match check(host) {
            Verdict::Conforms => "conforms",
            Verdict::Skipped => {
                complete = false;
                "SKIPPED"
            }
            Verdict::Complaints(of_host) => {
                complaints.extend(of_host);
                "does not conform"
            }
        };
        println!("{} {}: {word}", host.name(), host.version());
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    complete
}

#[test]
fn the_hosts_of_every_change_do_what_the_table_says() {
    all_conform(HOSTS.iter().copied().filter(|host| host.on_every_change()));
}

#[test]
#[ignore = "takes minutes, and writes docs/hosts.md: run by cargo xtask hosts"]
fn every_host_does_what_the_table_says() {
    let only = env::var(ONLY).unwrap_or_default();
    let named = |host: &dyn Host| format!("{} {}", host.name(), host.version()).contains(&only);
    let complete = all_conform(HOSTS.iter().copied().filter(|host| named(*host)));
    if complete && only.is_empty() {
        let page = table::page();
        page.write(&page.with(&table::parts()));
        println!("wrote docs/hosts.md");
    } else {
        println!("docs/hosts.md is left as it is: not every host was tried");
    }
}

#[test]
fn the_page_says_what_the_hosts_declare() {
    let page = table::page();
    let expected = page.with(&table::parts());
    assert!(page.text() == expected, "run cargo xtask hosts");
}

#[test]
fn the_readme_counts_hosts_and_cases() {
    let (cases, hosts) = (CASES.len(), HOSTS.len());
    let counted = format!("which of {cases} cases pass on each of {hosts} hosts and versions");
    assert!(
        Page::read("README.md").text().contains(&counted),
        "{counted}"
    );
}

#[test]
fn every_exception_names_a_case() {
    for host in HOSTS {
        for exception in host.exceptions() {
            assert!(
                CASES.iter().any(|case| case.name == exception.case),
                "{} {} excepts {:?}",
                host.name(),
                host.version(),
                exception.case
            );
        }
    }
}
