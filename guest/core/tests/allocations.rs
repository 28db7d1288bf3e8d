//! How often the request path, the response path and a plan ask for memory, and for how
//! much, held to `budgets.toml`: a payload is never copied.

#![cfg(test)]

#[path = "../examples/instructions/cases.rs"]
mod cases;

use std::collections::BTreeMap;
use std::fs;

use allocation_counter::{AllocationInfo, measure};
use cases::CASES;
use serde::Deserialize;

#[derive(Deserialize)]
struct Budgets {
    allocations: BTreeMap<String, Budget>,
}

/// Most allocations, and most bytes of all of them together.
#[derive(Deserialize)]
struct Budget {
    count: u64,
    bytes: u64,
}

fn measured() -> BTreeMap<&'static str, AllocationInfo> {
    CASES
        .iter()
        .map(|&(name, prepare)| (name, measure(prepare())))
        .collect()
}

#[test]
fn no_case_allocates_more_than_its_budget() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../budgets.toml");
    let budgets: Budgets = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let measured = measured();
    let names: Vec<_> = budgets.allocations.keys().collect();
    assert_eq!(names, measured.keys().collect::<Vec<_>>());
    let mut over = Vec::new();
    for (name, budget) in &budgets.allocations {
        let AllocationInfo {
            count_total: count,
            bytes_total: bytes,
            ..
        } = measured[name.as_str()];
        println!(
            "{name}: {count} allocations of {}, {bytes} bytes of {}",
            budget.count, budget.bytes
        );
        if count > budget.count || bytes > budget.bytes {
            over.push(name);
        }
    }
    assert!(over.is_empty(), "over budget: {over:?}");
}

#[test]
fn what_is_allocated_does_not_depend_on_the_length_of_a_payload() {
    let measured = measured();
    for (short, long) in [
        ("request of 100 bytes", "request of 5 MB"),
        ("response of 100 bytes", "response of 5 MB"),
    ] {
        let (short, long) = (&measured[short], &measured[long]);
        assert_eq!(short.count_total, long.count_total);
        assert_eq!(short.bytes_total, long.bytes_total);
    }
}
